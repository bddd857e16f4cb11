"""Saying that a machine's English is wrong, and taking it back: counted by language and model, seen by colleagues."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.gists import GistReport
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.translation import GIST, Translation, TranslationState

REPORT_GISTS = declare_right("report-gists", Role.PRACTICE, Role.LEAD, Role.PARTNER)


@dataclass(frozen=True)
class Reported:
    """Who says that a gist is wrong: oneself, a colleague, or both."""

    by_me: bool = False
    by_others: bool = False


def report_gist(db: Database, translation_id: int, practice_id: int, actor: Actor, *, wrong: bool = True) -> None:
    """Somebody of a practice says that the English of a text is wrong, or takes that back; twice changes nothing.

    :raises Refused: `unknown-gist`, the practice has no such text, or its words were erased; `not-allowed`.
    """
    with db.write() as session:
        practice = session.get_one(Practice, practice_id)
        actor = require(session, actor, REPORT_GISTS, practice)
        translation = lock_gist(session, translation_id)
        if not _sees(practice, session.get_one(Message, translation.message_id)):
            raise _unknown()
        note_report(session, translation, practice_id, actor, wrong=wrong)


def _sees(practice: Practice, message: Message) -> bool:
    """Its own texts, and those of strangers to its number."""
    if message.practice_id is None:
        return message.sender_id == practice.sender_id
    return message.practice_id == practice.id


def lock_gist(session: Session, translation_id: int) -> Translation:
    """A gist that can be read, locked until the transaction ends. :raises Refused: `unknown-gist`."""
    found = session.get(Translation, translation_id, with_for_update=True)
    made = found is not None and found.purpose == GIST and found.state == TranslationState.DONE
    if found is None or not made or found.erased_at or found.message_id is None:
        raise _unknown()
    return found


def note_report(session: Session, translation: Translation, practice_id: int, actor: Actor, *, wrong: bool) -> None:
    """Keep, or take away, what one person says of a gist that is locked."""
    own = select(GistReport).where(GistReport.translation_id == translation.id, GistReport.reported_by == actor.user_id)
    known = session.exec(own).first()
    if wrong == (known is not None) or actor.user_id is None:
        return
    if known:
        session.delete(known)
    else:
        session.add(_report(translation, practice_id, actor.user_id))
    action = "gist-reported" if wrong else "gist-report-taken-back"
    record(session, actor, action, f"text:{translation.message_id}", practice_id=practice_id, model=translation.model)


def _report(translation: Translation, practice_id: int, user_id: int) -> GistReport:
    return GistReport(
        translation_id=translation.id or 0,
        practice_id=practice_id,
        language=translation.source_language,
        model=translation.model,
        reported_by=user_id,
        at=utc_now(),
    )


def reports_of(
    session: Session, translation_ids: Collection[int], practice_id: int, user_id: int
) -> Mapping[int, Reported]:
    """What was said to one practice about these gists, as one of its readers sees it."""
    if not translation_ids:
        return {}
    statement = select(GistReport.translation_id, GistReport.reported_by).where(
        col(GistReport.translation_id).in_(translation_ids), GistReport.practice_id == practice_id
    )
    who: dict[int, set[int]] = {}
    for translation_id, reported_by in session.exec(statement):
        who.setdefault(translation_id, set()).add(reported_by)
    return {about: Reported(user_id in people, bool(people - {user_id})) for about, people in who.items()}


def _unknown() -> Refused:
    return Refused("unknown-gist", "There is no such English any more: the words may have been erased.")
