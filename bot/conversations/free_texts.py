"""A text to one person in a colleague's own words: who reads it, having it translated, and how it will read.

Nothing here sends it: `bot.conversations.letting_go` does, by hand.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.attention.rights import WORK_INBOX, unknown_item
from bot.audit import Actor
from bot.clock import utc_now
from bot.conversations.answering import (
    language_of,
    refuse_unread,
    why_no_text_may_go,
)
from bot.conversations.inbox import InboxEntry, find_item, in_conversation
from bot.conversations.own_words import read_own_words, too_many_parts
from bot.database import Database
from bot.messaging.from_practice import practice_values
from bot.messaging.outbox import OwnWords, own_words
from bot.organisations.free_text import may_use_own_words
from bot.refusals import Refused
from bot.rows import insert_row
from bot.settings import Settings
from bot.tables.conversations import ReplyReading
from bot.tables.free_texts import FreeTextRequest
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Practice
from bot.tables.translation import FREE_TEXT, Failure, Translation, TranslationState
from bot.texts.languages import LANGUAGES
from bot.texts.parts import plain
from bot.translation.judging import IN_WORDS, reason_not_to
from bot.translation.requests import ENGLISH, ask_for_translation, can_translate, is_for_tests, is_on
from bot.wording.composing import BY_COMPUTER, Composed, NotApprovedError, load_wordings

SIGN = BY_COMPUTER
"""The text of the catalogue that stands under what a machine translated."""

_INSTEAD = "Choose one of the texts that are ready, or phone."


@dataclass(frozen=True)
class Typed:
    """What somebody wrote; `seen` is the newest message they had read, `at_once` does not wait for the window."""

    words: str
    seen: int = 0
    at_once: bool = False


@dataclass(frozen=True)
class Reader:
    """The person at the other end. `reads` is the language they get, `latin` that they wrote theirs in our letters.

    `for_tests`: what translates for them here was trained for tests, not for patients.
    """

    reads: str
    latin: bool
    for_tests: bool

    @property
    def by_machine(self) -> bool:
        """Whether what they get is translated."""
        return self.reads != ENGLISH

    @property
    def language(self) -> str:
        """The language in English."""
        return LANGUAGES[self.reads].english

    @property
    def right_to_left(self) -> bool:
        """Whether it runs from right to left."""
        return LANGUAGES[self.reads].right_to_left


@dataclass(frozen=True)
class Held:
    """An item, its practice and who acts, in the transaction in hand."""

    practice: Practice
    entry: InboxEntry
    actor: Actor

    @property
    def practice_id(self) -> int:
        """The practice's number."""
        return self.practice.id or 0


@dataclass(frozen=True)
class Ready:
    """What would be sent, and what stands for it."""

    words: OwnWords
    source: str
    checks: Sequence[str] = ()
    model: str | None = None


def find_reader(session: Session, settings: Settings, practice: Practice, entry: InboxEntry) -> Reader:
    """For whom words in one's own would be, if any may go to the person of an item.

    :raises Refused: none may, with what can be done instead.
    """
    if refused := why_no_text_may_go(session, practice.id or 0, entry):
        raise refused
    if entry.person_id is None:
        told = f"We do not know whose number this is, so only texts that are ready may go to it. {_INSTEAD}"
        raise Refused("unknown-person", told)
    if not may_use_own_words(settings, practice):
        told = f"Your practice has not switched on texts in own words; a lead can. {_INSTEAD}"
        raise Refused("free-text-off", told)
    reads = _language_read(session, settings, practice, entry)
    return Reader(reads, _wrote_in_our_letters(session, practice, entry), is_for_tests(session, ENGLISH, reads))


def _language_read(session: Session, settings: Settings, practice: Practice, entry: InboxEntry) -> str:
    spoken = language_of(entry, _wrote_in(session, practice, entry))
    if spoken is None or spoken not in LANGUAGES:
        told = f"Nobody has recorded which language this person reads, so nothing can be translated. {_INSTEAD}"
        raise Refused("no-language", told)
    reads = LANGUAGES[spoken].reads or spoken
    if reads == ENGLISH:
        return reads
    name = LANGUAGES[reads].english
    if not (can_translate(session, ENGLISH, reads) and can_translate(session, reads, ENGLISH)):
        raise Refused("no-model", f"There is no computer translation into {name} here. {_INSTEAD}")
    if not is_on(session, settings, reads):
        raise Refused("language-off", f"Computer translation into {name} is not switched on here. {_INSTEAD}")
    return reads


def _wrote_in(session: Session, practice: Practice, entry: InboxEntry) -> str | None:
    """The language they wrote in last, as far as it was read."""
    found = _readings(session, practice, entry)
    return next((reading.language for reading in found if reading.language), None)


def _wrote_in_our_letters(session: Session, practice: Practice, entry: InboxEntry) -> bool:
    """Whether their last words were a language of other letters in ours, such as Urdu in Latin ones."""
    return next((reading.romanised for reading in _readings(session, practice, entry)), False)


def _readings(session: Session, practice: Practice, entry: InboxEntry) -> Sequence[ReplyReading]:
    statement = (
        select(ReplyReading)
        .join(Message, col(Message.id) == col(ReplyReading.message_id))
        .where(in_conversation(practice.id or 0, entry.item.phone), col(Message.direction) == Direction.IN)
    )
    return session.exec(statement.order_by(col(Message.id).desc()).limit(20)).all()


def preview_own_words(
    session: Session, settings: Settings, practice: Practice, entry: InboxEntry, typed: Typed
) -> OwnWords:
    """How words to a reader of English will read; nothing is stored.

    :raises Refused: they may not be sent.
    """
    reader = find_reader(session, settings, practice, entry)
    if reader.by_machine:
        raise Refused("needs-translation", f"They read {reader.language} now, so it has to be translated. Look at it.")
    return fitting(_under_the_name(practice, read_own_words(typed.words, ENGLISH), ENGLISH), ENGLISH)


def ask_for_free_text(
    db: Database, settings: Settings, item_id: int, practice_id: int, typed: Typed, actor: Actor
) -> int:
    """Have words translated for the person of an item; nothing is sent. Gives the number of the translation.

    :raises Refused: they may not be sent to this person, or the conversation has moved on since it was read.
    """
    with db.write() as session:
        held = hold_item_of(session, item_id, practice_id, actor)
        refuse_unread(session, held.entry, practice_id, typed.seen)
        reader = find_reader(session, settings, held.practice, held.entry)
        if not reader.by_machine:
            raise Refused("needs-no-translation", "They read English now, so nothing is translated. Look at it again.")
        words = read_own_words(typed.words, reader.reads)
        _sign(session, settings, held.practice, reader.reads)
        _refuse_unfit(words, reader)
        return _ask(session, held, typed, words, reader)


def _refuse_unfit(words: str, reader: Reader) -> None:
    """What a translator would not take either is told before anybody waits for it."""
    if failure := reason_not_to(words, ENGLISH, reader.reads):
        raise Refused(failure, IN_WORDS[failure])


def _ask(session: Session, held: Held, typed: Typed, words: str, reader: Reader) -> int:
    translation = ask_for_translation(
        session,
        words,
        source=ENGLISH,
        target=reader.reads,
        purpose=FREE_TEXT,
        practice_id=held.practice_id,
        requested_by=held.actor.user_id,
        back=True,
        kept=_names(held),
    )
    asked = {"item_id": held.entry.item.id, "seen": typed.seen, "at_once": typed.at_once}
    insert_row(session, FreeTextRequest, translation_id=translation.id, **asked)
    return translation.id or 0


def _names(held: Held) -> list[str]:
    """What must come through as it is written: the practice, and the names of the person."""
    people = [name for person in held.entry.people for name in (person.given_name, person.surname)]
    return [name for name in (held.practice.name, *people) if name]


@dataclass(frozen=True)
class FreeText:
    """Words that were given to the translator for an item, and how they stand.

    `ready` is None until they are translated. `stopped` says why they do not go as they are, None while they may.
    """

    translation: Translation
    request: FreeTextRequest
    ready: Ready | None
    checks: Sequence[dict[str, object]]
    stopped: Refused | None

    @property
    def waiting(self) -> bool:
        """Whether the translator has not come to it yet."""
        return self.translation.state in (TranslationState.QUEUED, TranslationState.WORKING)

    @property
    def seconds(self) -> float:
        """How long it has waited, in seconds."""
        return (utc_now() - self.translation.requested_at).total_seconds()

    @property
    def sent(self) -> bool:
        """Whether it was sent."""
        return self.translation.message_id is not None


def find_free_text(
    session: Session, settings: Settings, practice: Practice, item_id: int, translation_id: int
) -> FreeText | None:
    """Words given to the translator for an item of a practice; None where there are none by that number."""
    translation = session.get(Translation, translation_id)
    request = session.get(FreeTextRequest, translation_id)
    if translation is None or request is None:
        return None
    if (request.item_id, translation.practice_id) != (item_id, practice.id):
        return None
    checks = json.loads(translation.checks or "[]")
    ready, stopped = _made_of(session, settings, practice, translation, checks)
    return FreeText(translation, request, ready, checks, stopped)


def _made_of(
    session: Session, settings: Settings, practice: Practice, translation: Translation, checks: list[dict[str, object]]
) -> tuple[Ready | None, Refused | None]:
    if translation.state not in (TranslationState.DONE, TranslationState.FAILED):
        return None, None
    if translation.erased_at is not None:
        return None, Refused("words-erased", "These words were erased after 90 days. Write again.")
    if translation.text is None or translation.failure is not None:
        failure = Failure(translation.failure or Failure.ENGINE_FAILED)
        return None, Refused(failure, IN_WORDS[failure])
    try:
        words = _signed(session, settings, practice, translation.text, translation.target_language)
    except Refused as refused:
        return None, refused
    names = [str(check["check"]) for check in checks if check["ok"]]
    ready = Ready(words, translation.source, names, translation.model)
    return ready, _what_stops(translation, checks, words.body)


def _what_stops(translation: Translation, checks: list[dict[str, object]], body: str) -> Refused | None:
    failed = [str(check["why"]) for check in checks if not check["ok"]]
    if failed:
        return Refused("checks-failed", failed[0])
    if not checks or not translation.ok or not translation.back:
        return Refused("checks-failed", "The translation could not be checked.")
    told = too_many_parts(body)
    return Refused("too-long", told) if told else None


def _signed(session: Session, settings: Settings, practice: Practice, text: str, language: str) -> OwnWords:
    sign = _sign(session, settings, practice, language)
    return own_words(f"{_under_the_name(practice, text, language)}\n{sign.body}", language, sign.digest)


def _sign(session: Session, settings: Settings, practice: Practice, language: str) -> Composed:
    """That a machine translated it, and how to get help.

    :raises Refused: it cannot be said.
    """
    if practice.phone is None:
        told = "Your practice has no phone number here yet, and what a computer translates must say where to phone."
        raise Refused("no-practice-phone", f"{told} {_INSTEAD}")
    try:
        return load_wordings(session, settings, SIGN).compose(SIGN, language, practice_values(practice, SIGN))
    except NotApprovedError:
        told = "Nobody has approved the line that says that a computer translated it."
        raise Refused("not-approved", f"{told} {_INSTEAD}") from None


def _under_the_name(practice: Practice, words: str, language: str) -> str:
    """Whom a text is from stands first; a phone takes the direction of a line from how it begins."""
    gap = "\n" if LANGUAGES[language].right_to_left else " "
    return plain(f"{practice.name}:{gap}{words}")


def fitting(body: str, language: str) -> OwnWords:
    """A text as it will be sent. :raises Refused: it takes too many parts."""
    if told := too_many_parts(body):
        raise Refused("too-long", told)
    return own_words(body, language)


def hold_item_of(session: Session, item_id: int, practice_id: int, actor: Actor) -> Held:
    """An item for somebody who writes about it, its practice locked until the transaction ends.

    :raises Refused: no such item here, not allowed, or nobody who is signed in.
    """
    # A row lock where the database has one: two colleagues write one after the other.
    practice = session.get_one(Practice, practice_id, with_for_update=True)
    actor = require(session, actor, WORK_INBOX, practice)
    if actor.user_id is None:
        raise Refused("needs-person", "A text in own words is sent by a person who is signed in.")
    entry = find_item(session, practice_id, item_id)
    if entry is None:
        raise unknown_item()
    return Held(practice, entry, actor)


def written_in_english(session: Session, message_ids: Collection[int]) -> dict[int, str]:
    """What colleagues wrote in English, by the text it was translated for; erased words are not there."""
    statement = select(Translation.message_id, Translation.source).where(
        col(Translation.message_id).in_(message_ids),
        Translation.purpose == FREE_TEXT,
        col(Translation.erased_at).is_(None),
    )
    return {message_id: source for message_id, source in session.exec(statement) if message_id}
