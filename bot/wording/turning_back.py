"""A wording turned back into English by machine, for its readers: a help to find what to look at, and no judgement."""

from dataclasses import dataclass

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.translation import WORDING, Failure, Translation, TranslationState
from bot.texts.wording import example_values, with_examples
from bot.translation.judging import IN_WORDS
from bot.translation.requests import ENGLISH, ask_for_translation, is_for_tests, may_be_translated, stands
from bot.wording.standing import Standing, read_standing


@dataclass(frozen=True)
class TurnedBack:
    """The English of a wording, or in `note` why there is none.

    `waits`: it is being made. `for_tests`: the model was trained for tests, not for patients.
    """

    english: str = ""
    note: str = ""
    waits: bool = False
    for_tests: bool = False


def ask_to_turn_back(db: Database, settings: Settings, key: str, tag: str) -> None:
    """Have the wording of a text that is to be read turned back into English, unless that was done or cannot be.

    Where nothing can be stored nothing is asked for: the wording can be read all the same.
    """
    with db.read() as session:
        if tag == ENGLISH or not may_be_translated(session, settings, tag):
            return
        standing = read_standing(session, key, tag)
        words = _words(standing)
        if not words or stands(_newest(session, tag, words), utc_now()):
            return
    try:
        with db.write() as session:
            kept = [value for value in example_values(standing.text).values() if isinstance(value, str)]
            ask_for_translation(
                session, words, source=tag, target=ENGLISH, purpose=WORDING, practice_id=None, kept=kept
            )
    except OperationalError:
        return


def turned_back(session: Session, standing: Standing) -> TurnedBack | None:
    """The English of the wording that is to be read; None where nobody has asked for it."""
    words = _words(standing)
    made = _newest(session, standing.language, words) if words else None
    if made is None:
        return None
    if made.state == TranslationState.DONE:
        return TurnedBack(made.text or "", for_tests=is_for_tests(session, standing.language, ENGLISH))
    if made.failure:
        return TurnedBack(note=IN_WORDS[Failure(made.failure)])
    return TurnedBack(waits=True)


def _words(standing: Standing) -> str:
    if standing.candidate is None:
        return ""
    return with_examples(standing.text, standing.language, standing.candidate.wording.body)


def _newest(session: Session, tag: str, words: str) -> Translation | None:
    statement = select(Translation).where(
        Translation.purpose == WORDING,
        Translation.source_language == tag,
        Translation.source == words,
        col(Translation.erased_at).is_(None),
    )
    return session.exec(statement.order_by(col(Translation.id).desc()).limit(1)).first()
