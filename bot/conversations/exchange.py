"""One inbound message with all that is known around it, and the ways to answer it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.capability import in_use
from bot.clock import london_today
from bot.messaging.outbox import NO_MORE, Values, queue_text
from bot.messaging.policy import AT_ONCE_FOR
from bot.messaging.questions import Asked, Question, known_questions, open_question
from bot.patients.phone_safety import language_of_all, may_be_a_parents
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Message, OpenQuestion, Subject
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.languages import RATHER_TALKED
from bot.understanding.language_id import identify
from bot.understanding.questions import PHONE_ME
from bot.understanding.reading import Reading, read_reply
from bot.wording.composing import NotApprovedError

MOST_AUTOMATIC, WITHIN = 5, timedelta(minutes=10)
"""So many automatic texts to one number, then a person looks: two robots must not exchange to each other."""
MOST_LEAVES = 3
"""Pages of the language menu that do not count: who leafs through it once is still to be asked something."""
ACKNOWLEDGE_EVERY = timedelta(hours=12)


ReplyKind = Literal["opted_out", "urgent", "other"]
"""What a reply was that answered no question of ours: a stop, danger, anything else."""


@dataclass(frozen=True)
class Exchange:
    """What one text says, who sent it, and what we had asked. `now` is when it came, UTC.

    `patient` is the one person with that phone. It is nobody where the number stands on a young person's record and
    may be a parent's: nothing is said of them to it, and nothing is done for it in their name.
    """

    session: Session
    settings: Settings
    message: Message
    practice: Practice | None
    patient: Patient | None
    people: Sequence[Patient]
    asked: Asked | None
    reading: Reading
    now: datetime

    @property
    def question(self) -> OpenQuestion | None:
        """The question that is open on this phone."""
        return self.asked.question if self.asked else None

    @property
    def shared(self) -> bool:
        """Whether the number is on several records."""
        return len(self.people) > 1

    @property
    def may_be_a_parent(self) -> bool:
        """Whether somebody else may write from a number on a young person's record."""
        return self.patient is None and len(self.people) == 1

    @property
    def language(self) -> str | None:
        """The language to answer in: what is recorded, else the one they wrote in, where that is sure."""
        return language_of_all(self.people) or self.reading.language

    @cached_property
    def written_in(self) -> str | None:
        """The language they seem to write or asked for: for staff, and to ask about."""
        if self.reading.named or self.reading.language not in (None, "en"):
            return self.reading.language
        return identify(self.message.body, language_of_all(self.people)).language or self.reading.language


def begin(
    session: Session, settings: Settings, message: Message, practice: Practice | None, people: Sequence[Patient]
) -> Exchange:
    """Gather what is known around a stored inbound message, and read it."""
    alone = people[0] if len(people) == 1 else None
    patient = None if alone is None or may_be_a_parents(alone, london_today()) else alone
    asked = open_question(session, message.sender_id, message.phone, message.created_at)
    kind = known_questions()[asked.question.kind] if asked else None
    asked_in = kind.asked_in(asked.question) if asked and kind and kind.asked_in else None
    return Exchange(
        session=session,
        settings=settings,
        message=message,
        practice=practice,
        patient=patient,
        people=people,
        asked=asked,
        reading=read_reply(
            message.body,
            language=asked_in or language_of_all(people),
            question=kind.means if kind else None,
            choices=_offered(asked.question, kind, people) if asked and kind else None,
        ),
        now=message.created_at,
    )


def _offered(question: OpenQuestion, kind: Question, people: Sequence[Patient]) -> Collection[int] | None:
    """The numbers a question offered; under an invitation 5 too, to who was offered a call in their own language."""
    offered = kind.offers(question) if kind.offers else None
    if offered is None or not kind.means.yes_no or language_of_all(people) not in RATHER_TALKED:
        return offered
    return {*offered, PHONE_ME}


def could_be_read(exchange: Exchange) -> bool:
    """Whether the open question's text went out long enough ago for this to be an answer to it.

    A second "1" right after the first was meant for the question before: it must not become a consent.
    """
    opened = exchange.question.opened_at if exchange.question else None
    return opened is None or exchange.now - opened >= timedelta(seconds=exchange.settings.question_read_after)


def repeats_itself(exchange: Exchange) -> bool:
    """Whether the text before this one from the same phone said the same."""
    before = (
        select(col(ReplyReading.intent))
        .join(Message, col(Message.id) == col(ReplyReading.message_id))
        .where(
            Message.phone == exchange.message.phone,
            Message.sender_id == exchange.message.sender_id,
            col(Message.id) < exchange.message.id,
        )
    )
    last = exchange.session.exec(before.order_by(col(Message.id).desc()).limit(1)).first()
    return last == exchange.reading.intent


def say(
    exchange: Exchange,
    text_key: str,
    values: Values = NO_MORE,
    *,
    language: str | None = None,
    kind: str | None = None,
    limited: bool = True,
    question: str | None = None,
    subject: Subject | None = None,
    detail: str | None = None,
    sequence: int | None = None,
    use_by: datetime | None = None,
) -> Message | None:
    """Answer the person, once for this text and message; None when a person has to instead.

    :param values: those of the slots that do not speak of the practice.
    :param sequence: the state of the subject that the text speaks of, where it goes only while that lasts.
    :param use_by: after that it is of no use, and dropped.
    """
    if exchange.practice is None or not _can_be_answered(exchange.message.phone):
        return None
    if limited and _too_many(exchange):
        ask_a_person(exchange.session, exchange.message, "too-many-automatic")
        return None
    try:
        return queue_text(
            exchange.session,
            exchange.settings,
            text_key=text_key,
            language=language or exchange.language,
            values=values,
            phone=exchange.message.phone,
            practice=exchange.practice,
            kind=kind,
            patient_id=exchange.patient.id if exchange.patient else None,
            subject=subject,
            dedupe_key=f"answer:{exchange.message.id}:{text_key}:{language or ''}",
            at_once_until=exchange.now + AT_ONCE_FOR,
            answers_id=exchange.message.id,
            question=question,
            detail=detail,
            subject_sequence=sequence,
            use_by=use_by,
        )
    except NotApprovedError:
        ask_a_person(exchange.session, exchange.message, "wording-not-approved")
    except Refused as refused:
        ask_a_person(exchange.session, exchange.message, refused.code)
    return None


def _can_be_answered(phone: str) -> bool:
    """Short codes and names are robots' senders: they get no automatic answer."""
    return phone.startswith("+") and phone[1:].isdigit() and len(phone) >= 9


def _too_many(exchange: Exchange) -> bool:
    recent = {"of_phone": exchange.message.phone, "since": exchange.now - WITHIN}
    texts, leaves = exchange.session.connection().execute(_AUTOMATIC_SINCE, recent).one()
    return bool(texts - min(leaves, MOST_LEAVES) >= MOST_AUTOMATIC)


_AUTOMATIC_SINCE = select(func.count(), func.count().filter(col(Message.text_key) == "language-menu-page")).where(
    col(Message.phone) == bindparam("of_phone"),
    col(Message.direction) == Direction.OUT,
    col(Message.automatic),
    col(Message.answers_id).is_not(None),
    col(Message.created_at) > bindparam("since"),
)


def acknowledge(exchange: Exchange) -> None:
    """Tell the person, once in a while, that somebody will read what they wrote."""
    lately = select(func.count()).where(
        col(Message.phone) == exchange.message.phone,
        col(Message.text_key) == "person-will-read",
        col(Message.created_at) > exchange.now - ACKNOWLEDGE_EVERY,
    )
    if not exchange.session.scalar(lately):
        say(exchange, "person-will-read")


def let_know(exchange: Exchange, kind: ReplyKind) -> None:
    """Tell the capabilities of a reply that answers no question of theirs."""
    for after_reply in in_use().bring("after_reply"):
        after_reply(exchange, kind)
