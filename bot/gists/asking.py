"""Asking for the English of what people wrote: at once for what a person will read, later for what has none yet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import bindparam, exists, literal
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.gists.written import Read, Written, written_in
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Practice
from bot.tables.translation import GIST, LanguageSwitch, Translation, TranslationModel
from bot.translation.requests import ENGLISH, ask_for_translation, may_be_translated, stands

MOST_AT_ONCE = 20
"""Of a long conversation that nobody could read so far, so many of the newest texts are put into English."""


@dataclass(frozen=True)
class Heard:
    """A text of a conversation, how it was read, and the language recorded for whoever has its phone."""

    message: Message
    reading: Read | None
    recorded: str | None

    @cached_property
    def written(self) -> Written:
        """What can be said of its language; nothing of one of ours, or one whose words were erased."""
        if self.message.direction != Direction.IN or self.message.erased_at:
            return Written()
        return written_in(self.message.body, self.reading, self.recorded)

    @property
    def language(self) -> str | None:
        """The language to translate from; None where nothing may be translated."""
        return None if self.written.romanised else self.written.language


def ask_for_gist(session: Session, settings: Settings, heard: Heard) -> None:
    """Have the English made of a text that was stored in this transaction, if a person is going to read it."""
    if heard.language and _is_wanted(session, settings, heard.message, heard.language):
        _ask(session, heard.message, heard.language)


def ask_for_missing_gists(db: Database, settings: Settings, heard: Sequence[Heard]) -> int:
    """Have the English made of texts that somebody looks at and that have none, the oldest first; gives how many.

    Their language may have become known since, or a model been installed. Where nothing can be stored, none are: the
    words can be read all the same.
    """
    newest = heard[-MOST_AT_ONCE:]
    with db.read() as session:
        if not missing(session, settings, newest):
            return 0
    try:
        with db.write() as session:
            return ask_for_gists(session, settings, newest)
    except OperationalError:
        return 0


def ask_for_gists(session: Session, settings: Settings, heard: Sequence[Heard]) -> int:
    """Have the English made of those texts that have none; gives how many. Two at once ask once."""
    ids = [one.message.id for one in heard if one.language]
    if not ids:
        return 0
    still = select(Message.id).where(col(Message.id).in_(ids), col(Message.erased_at).is_(None))
    with_words = set(session.exec(still.with_for_update()))
    lacking = [one for one in missing(session, settings, heard) if one.message.id in with_words]
    for one in lacking:
        _ask(session, one.message, one.language or "")
    return len(lacking)


def missing(session: Session, settings: Settings, heard: Sequence[Heard]) -> list[Heard]:
    """The texts that could have their English and were not asked about, or failed a while ago."""
    translatable = [(one, language) for one in heard if (language := one.language)]
    asked = newest_gists(session, [one.message.id or 0 for one, _ in translatable])
    now = utc_now()
    lacking = [(one, tag) for one, tag in translatable if not _stands(asked.get(one.message.id or 0), tag, now)]
    may = {tag: may_be_translated(session, settings, tag) for tag in {tag for _, tag in lacking}}
    return [one for one, tag in lacking if may[tag]]


def newest_gists(session: Session, message_ids: Collection[int]) -> Mapping[int, Translation]:
    """The newest translation into English that was asked for of each text; none of those whose words were erased."""
    if not message_ids:
        return {}
    statement = select(Translation).where(
        col(Translation.message_id).in_(message_ids), Translation.purpose == GIST, col(Translation.erased_at).is_(None)
    )
    found: Iterable[Translation] = session.exec(statement.order_by(col(Translation.id)))
    return {translation.message_id or 0: translation for translation in found}


def _stands(asked: Translation | None, language: str, now: datetime) -> bool:
    return asked is not None and asked.source_language == language and stands(asked, now)


def _is_wanted(session: Session, settings: Settings, message: Message, language: str) -> bool:
    """Whether a text has come before a person, and `may_be_translated`: one statement, for it is asked often."""
    session.flush()
    asked = {"of_message": message.id, "from_language": language}
    return bool(session.connection().scalar(_WANTED_IN_LIVE if settings.live else _WANTED, asked))


def _ask(session: Session, message: Message, language: str) -> None:
    practice = session.get(Practice, message.practice_id) if message.practice_id else None
    ask_for_translation(
        session,
        message.body,
        source=language,
        target=ENGLISH,
        purpose=GIST,
        practice_id=message.practice_id,
        message_id=message.id,
        kept=(practice.name,) if practice else (),
    )


_WANTED = select(literal(True)).where(
    exists().where(col(InboxItem.message_id) == bindparam("of_message")),
    exists().where(
        col(TranslationModel.from_language) == bindparam("from_language"),
        col(TranslationModel.to_language) == ENGLISH,
        col(TranslationModel.fault).is_(None),
    ),
)
_WANTED_IN_LIVE = _WANTED.where(
    exists().where(col(LanguageSwitch.language) == bindparam("from_language"), col(LanguageSwitch.on))
)
