"""One inbound message with all that is known around it, and the ways to answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.campaigns.member_answers import note_answer
from bot.messaging.outbox import PHONE_OF_LAST_RESORT, Values, queue_text
from bot.messaging.policy import AT_ONCE_FOR
from bot.messaging.questions import Asked, menu, open_question
from bot.patients.phone_safety import language_of_all
from bot.settings import Settings
from bot.tables.campaigns import CampaignMember, MemberAnswer
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Message, OpenQuestion, QuestionKind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.understanding.reading import Reading, read_reply
from bot.wording.composing import NotApprovedError

MOST_AUTOMATIC, WITHIN = 5, timedelta(minutes=10)
"""So many automatic texts to one number, then a person looks: two robots must not talk to each other."""
ACKNOWLEDGE_EVERY = timedelta(hours=12)


@dataclass(frozen=True)
class Talk:
    """What one text says, who sent it, and what we had asked. `now` is when it came, UTC."""

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
    def language(self) -> str | None:
        """The language to answer in: what is recorded, else the one they wrote in, where that is sure."""
        return language_of_all(self.people) or self.reading.language

    @property
    def practice_name(self) -> dict[str, str]:
        """The value most texts need."""
        return {"practice": self.practice.name if self.practice else "NHS"}

    @property
    def practice_values(self) -> dict[str, str]:
        """The practice's name and the phone number it gives to patients."""
        phone = self.practice.phone if self.practice else None
        return self.practice_name | {"practice_phone": phone or PHONE_OF_LAST_RESORT}


def begin(
    session: Session, settings: Settings, message: Message, practice: Practice | None, people: Sequence[Patient]
) -> Talk:
    """Gather what is known around a stored inbound message, and read it."""
    patient = people[0] if len(people) == 1 else None
    asked = open_question(session, message.sender_id, message.phone, message.created_at)
    question = asked.question if asked else None
    return Talk(
        session=session,
        settings=settings,
        message=message,
        practice=practice,
        patient=patient,
        people=people,
        asked=asked,
        reading=read_reply(
            message.body,
            language=language_of_all(people),
            question=_question_name(question),
            choices=menu() if question and question.kind == QuestionKind.LANGUAGE else None,
        ),
        now=message.created_at,
    )


def _question_name(question: OpenQuestion | None) -> str | None:
    if question is None:
        return None
    return QuestionKind.CONSENT if question.kind == QuestionKind.LANGUAGE_CONFIRM else question.kind


def could_be_read(talk: Talk) -> bool:
    """Whether the open question's text went out long enough ago for this to be an answer to it.

    A second "1" right after the first was meant for the question before: it must not become a consent.
    """
    opened = talk.question.opened_at if talk.question else None
    return opened is None or talk.now - opened >= timedelta(seconds=talk.settings.question_read_after)


def repeats_itself(talk: Talk) -> bool:
    """Whether the text before this one from the same phone said the same."""
    before = (
        select(col(ReplyReading.intent))
        .join(Message, col(Message.id) == col(ReplyReading.message_id))
        .where(
            Message.phone == talk.message.phone,
            Message.sender_id == talk.message.sender_id,
            col(Message.id) < talk.message.id,
        )
    )
    last = talk.session.exec(before.order_by(col(Message.id).desc()).limit(1)).first()
    return last == talk.reading.intent


def say(
    talk: Talk,
    text_key: str,
    values: Values,
    *,
    language: str | None = None,
    kind: str | None = None,
    limited: bool = True,
    question: QuestionKind | None = None,
    campaign_id: int | None = None,
    detail: str | None = None,
) -> Message | None:
    """Answer the person, once for this text and message; None when a person has to instead."""
    if talk.practice is None or not _can_be_answered(talk.message.phone):
        return None
    if limited and _too_many(talk):
        ask_a_person(talk.session, talk.message, "too-many-automatic")
        return None
    try:
        return queue_text(
            talk.session,
            talk.settings,
            text_key=text_key,
            language=language or talk.language,
            values=values,
            phone=talk.message.phone,
            practice=talk.practice,
            kind=kind,
            patient_id=talk.patient.id if talk.patient else None,
            campaign_id=campaign_id,
            dedupe_key=f"answer:{talk.message.id}:{text_key}:{language or ''}",
            at_once_until=talk.now + AT_ONCE_FOR,
            answers_id=talk.message.id,
            question=question,
            detail=detail,
        )
    except NotApprovedError:
        ask_a_person(talk.session, talk.message, "wording-not-approved")
        return None


def _can_be_answered(phone: str) -> bool:
    """Short codes and names are robots' senders: they get no automatic answer."""
    return phone.startswith("+") and phone[1:].isdigit() and len(phone) >= 9


def _too_many(talk: Talk) -> bool:
    recent = {"of_phone": talk.message.phone, "since": talk.now - WITHIN}
    return (talk.session.connection().scalar(_AUTOMATIC_SINCE, recent) or 0) >= MOST_AUTOMATIC


_AUTOMATIC_SINCE = select(func.count()).where(
    col(Message.phone) == bindparam("of_phone"),
    col(Message.direction) == Direction.OUT,
    col(Message.automatic),
    col(Message.answers_id).is_not(None),
    col(Message.created_at) > bindparam("since"),
)


def acknowledge(talk: Talk) -> None:
    """Tell the person, once in a while, that somebody will read what they wrote."""
    lately = select(func.count()).where(
        col(Message.phone) == talk.message.phone,
        col(Message.text_key) == "person-will-read",
        col(Message.created_at) > talk.now - ACKNOWLEDGE_EVERY,
    )
    if not talk.session.scalar(lately):
        say(talk, "person-will-read", talk.practice_name)


def note(talk: Talk, answer: MemberAnswer) -> None:
    """Count the answer for the campaign it belongs to: the open question's, else the last one they were in."""
    campaign_id = talk.question.campaign_id if talk.question else _last_campaign(talk)
    if campaign_id and talk.patient:
        note_answer(talk.session, campaign_id, talk.patient.id or 0, answer, talk.now)


def _last_campaign(talk: Talk) -> int | None:
    if talk.patient is None:
        return None
    asked = (
        select(col(CampaignMember.campaign_id))
        .where(CampaignMember.patient_id == talk.patient.id, col(CampaignMember.batch_id).is_not(None))
        .order_by(col(CampaignMember.campaign_id).desc())
    )
    return talk.session.exec(asked.limit(1)).first()
