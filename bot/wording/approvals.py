"""Approving wording: who read it in this language and stands by it; live sends nothing else."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.wording import Wording
from bot.wording.composing import ENGLISH, load_wordings
from bot.wording.rights import readers_needed, require_known, require_may_approve, subject_of
from bot.wording.standing import Candidate, Standing, read_standing, read_standings


@dataclass
class Approved:
    """What an approval did: the texts that may be sent now and could not before, and how many readers others need.

    `own` are texts that the person wrote themselves, which somebody else approves.
    """

    keys: list[str] = field(default_factory=list)
    needs: dict[str, int] = field(default_factory=dict)
    own: list[str] = field(default_factory=list)


def approve_wordings(
    db: Database, keys: list[str] | None, tag: str, account: UserAccount, *, digest: str | None = None
) -> Approved:
    """Approve a language's wording of some texts (None: of all that have one), as it waits to be read.

    :param digest: of the one wording that was read; another that waits meanwhile is not approved unread.
    :raises Refused: no such text or language, wording with a fault, one's own, or an account that may not approve.
    """
    # Twice: the same person may approve the same at this moment, in another window.
    return db.write_with_retry(lambda session: _approve(session, keys, tag, account, digest))


def _approve(session: Session, keys: list[str] | None, tag: str, account: UserAccount, digest: str | None) -> Approved:
    actor, practice_id = require_may_approve(session, account)
    require_known(keys or (), tag)
    waiting = _to_read(read_standings(session, [tag], keys), tag, named=keys is not None)
    _refuse_changed(waiting, digest)
    _refuse_faulty([standing for standing, _ in waiting], tag)
    if keys is not None and len(keys) == 1:
        _refuse_own(waiting, account)
    done = Approved()
    for standing, candidate in waiting:
        _approve_one(session, standing, candidate.wording, Reader(account, actor, practice_id), done)
    return done


@dataclass(frozen=True)
class Reader:
    """Who approves, under which role, and the practice that role is had in, if it is one."""

    account: UserAccount
    actor: Actor
    practice_id: int | None


def _to_read(standings: list[Standing], tag: str, *, named: bool) -> list[tuple[Standing, Candidate]]:
    """What waits; what is approved already stays out.

    :raises Refused: a text that was named has no wording.
    """
    missing = [standing.text.key for standing in standings if standing.candidate is None]
    if missing and named:
        raise Refused("no-wording", f"{', '.join(missing)} has no wording in {tag} yet.")
    return [(one, one.candidate) for one in standings if one.candidate is not None and one.needed]


def _refuse_changed(waiting: list[tuple[Standing, Candidate]], digest: str | None) -> None:
    if digest is not None and any(candidate.wording.digest != digest for _, candidate in waiting):
        raise changed_meanwhile()


def changed_meanwhile() -> Refused:
    """The refusal for a wording that is not the one that was read."""
    return Refused(
        "wording-changed", "Another wording has come since you opened this page. Read it as it stands now, then decide."
    )


def _refuse_faulty(standings: list[Standing], tag: str) -> None:
    problems = [problem for standing in standings for problem in standing.faults]
    if problems:
        first = problems[0]
        raise Refused("wording-has-problems", f"{first.text} in {tag}: {first.message} Mend it before it is approved.")


def _refuse_own(waiting: list[tuple[Standing, Candidate]], account: UserAccount) -> None:
    if any(standing.wrote(account.id) for standing, _ in waiting):
        raise Refused("own-draft", "You wrote this wording yourself. Somebody else who reads the language approves it.")


def _approve_one(session: Session, standing: Standing, wording: Wording, reader: Reader, done: Approved) -> None:
    key = standing.text.key
    if standing.wrote(reader.account.id):
        done.own.append(key)
    elif standing.has_read(reader.account.id):
        done.needs[key] = standing.needed
    else:
        session.add(_approval(standing, wording, reader.account))
        if left := standing.needed - 1:
            done.needs[key] = left
        else:
            done.keys.append(key)
        subject, digest = subject_of(key, standing.language), wording.digest
        record(session, reader.actor, "approve-wording", subject, practice_id=reader.practice_id, digest=digest)


def _approval(standing: Standing, wording: Wording, account: UserAccount) -> WordingApproval:
    return WordingApproval(
        text_key=wording.text_key,
        language=wording.language,
        digest=wording.digest,
        body=wording.body,
        source=standing.text.source,
        needed=readers_needed(wording.text_key),
        approved_by=account.id or 0,
        approved_at=utc_now(),
    )


def withdraw_approval(db: Database, key: str, tag: str, account: UserAccount) -> int:
    """Take back every approval of a text in a language; queued messages with it are not sent. Gives how many.

    :raises Refused: no such text or language, or an account that may not approve.
    """
    with db.write() as session:
        actor, practice_id = require_may_approve(session, account)
        require_known([key], tag)
        valid = [one for one in read_standing(session, key, tag).approvals if one.withdrawn_at is None]
        take_back(session, valid, account)
        if valid:
            digests = sorted({approval.digest for approval in valid})
            subject = subject_of(key, tag)
            record(session, actor, "withdraw-approval", subject, practice_id=practice_id, digests=digests)
    return len(valid)


def take_back(session: Session, approvals: Collection[WordingApproval], account: UserAccount) -> None:
    """End approvals; nothing that is queued with them goes out."""
    for approval in approvals:
        approval.withdrawn_at, approval.withdrawn_by = utc_now(), account.id
        session.add(approval)


def unapproved_english(session: Session, settings: Settings, keys: Collection[str]) -> list[str]:
    """Of these texts and the lifelines, those whose English nobody has approved; without it nothing can be planned.

    In demo drafts may be sent, so nothing is missing.
    """
    if not settings.live:
        return []
    wordings = load_wordings(session, settings)
    needed = [text.key for text in catalogue().values() if text.lifeline or text.key in keys]
    return [key for key in needed if wordings.approved(key, ENGLISH) is None]
