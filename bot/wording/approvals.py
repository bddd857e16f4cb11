"""Approving wording: who read it in this language and stands by it; live sends nothing else."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require_anywhere
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Practice
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.check import check_language
from bot.texts.languages import LANGUAGES
from bot.texts.wording import Wording, wording_for
from bot.wording.composing import approvals_in_force

APPROVE = declare_right("approve-wording", Role.REVIEWER, Role.LEAD)


def approve_wordings(db: Database, keys: list[str] | None, tag: str, account: UserAccount) -> list[str]:
    """Approve a language's wording of some texts (None: of all that have one); gives the keys newly approved.

    :raises Refused: no such text or language, wording with a problem, or an account that may not approve.
    """
    with db.read() as session:
        _require_may_approve(session, account)
    wordings = _wordings(keys, tag)
    with db.write() as session:
        actor, practice_id = _require_may_approve(session, account)
        known = approvals_in_force(session)
        new = [w for w in wordings if (w.text_key, w.language, w.digest) not in known]
        session.add_all(_approval(wording, account) for wording in new)
        for wording in new:
            subject = f"wording:{wording.text_key}:{wording.language}"
            record(session, actor, "approve-wording", subject, practice_id=practice_id)
    return [wording.text_key for wording in new]


def _require_may_approve(session: Session, account: UserAccount) -> tuple[Actor, int | None]:
    """Who acts under the role used, and the practice that role is had in, if it is one."""
    actor, code = require_anywhere(session, actor_of(account), APPROVE)
    return actor, session.exec(select(Practice.id).where(Practice.code == code)).first()


def _wordings(keys: list[str] | None, tag: str) -> list[Wording]:
    _require_known(keys or (), tag)
    found = {key: wording_for(key, tag) for key in (catalogue() if keys is None else keys)}
    missing = [key for key, wording in found.items() if wording is None]
    if missing and keys is not None:
        raise Refused("no-wording", f"{', '.join(missing)} has no wording in {tag} yet.")
    _refuse_faulty([key for key in found if key not in missing], tag)
    return [wording for wording in found.values() if wording]


def _require_known(keys: Sequence[str], tag: str) -> None:
    if tag not in LANGUAGES:
        raise Refused("unknown-language", f"There is no language {tag}.", by_command="texts list")
    unknown = [key for key in keys if key not in catalogue()]
    if unknown:
        raise Refused("unknown-text", f"There is no text {', '.join(unknown)}.", by_command="texts list")


def _refuse_faulty(keys: list[str], tag: str) -> None:
    problems = check_language([catalogue()[key] for key in keys], tag)
    if problems:
        first = problems[0]
        raise Refused("wording-has-problems", f"{first.text} in {tag}: {first.message} Mend it before it is approved.")


def _approval(wording: Wording, account: UserAccount) -> WordingApproval:
    return WordingApproval(
        text_key=wording.text_key,
        language=wording.language,
        digest=wording.digest,
        body=wording.body,
        approved_by=account.id or 0,
        approved_at=utc_now(),
    )


def withdraw_approval(db: Database, key: str, tag: str, account: UserAccount) -> int:
    """Take back the approval of a text in a language; queued messages with it are not sent. Gives how many.

    :raises Refused: no such text or language, or an account that may not approve.
    """
    with db.write() as session:
        actor, practice_id = _require_may_approve(session, account)
        _require_known([key], tag)
        in_force = session.exec(
            select(WordingApproval).where(
                WordingApproval.text_key == key,
                WordingApproval.language == tag,
                col(WordingApproval.withdrawn_at).is_(None),
            )
        ).all()
        for approval in in_force:
            approval.withdrawn_at = utc_now()
            session.add(approval)
        if in_force:
            subject = f"wording:{key}:{tag}"
            record(session, actor, "withdraw-approval", subject, practice_id=practice_id)
    return len(in_force)


def unapproved_english(session: Session, settings: Settings, keys: Collection[str]) -> list[str]:
    """Of these texts and the lifelines, those whose English nobody has approved; without it nothing can be planned.

    In demo drafts may be sent, so nothing is missing.
    """
    if not settings.live:
        return []
    approved = approvals_in_force(session)
    needed = [text.key for text in catalogue().values() if text.lifeline or text.key in keys]
    wordings = (wording_for(key, "en") for key in needed)
    return [w.text_key for w in wordings if w and (w.text_key, "en", w.digest) not in approved]
