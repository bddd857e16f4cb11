"""A text from a person: stored once, and what follows from it is in the same transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.conversations.dialogue import follow_reply
from bot.database import Database
from bot.messaging.twilio.fields import storable
from bot.organisations.senders import ensure_first_sender
from bot.patients.kept_opt_outs import recall_opt_outs
from bot.rows import columns_of, insert_row, objects_of
from bot.settings import Settings
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import Patient
from bot.texts.parts import count_parts
from bot.understanding.lexicon import lexicon
from bot.wording.words.in_force import keep_up, newest_edition

_log = logging.getLogger("inbound")
LONGEST_BODY = 1600
"""Characters Twilio hands over at most."""


@dataclass(frozen=True)
class InboundText:
    """What Twilio's webhook says; `opt_out_type` is set when Twilio dealt with a keyword itself.

    `written_at` is set for a text that did not come by itself: when Twilio got it, UTC.
    """

    sid: str
    phone: str
    to: str
    service_sid: str | None
    body: str
    opt_out_type: str | None
    written_at: datetime | None = None

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> "InboundText":
        """Read Twilio's fields; unknown ones are left alone."""
        return cls(
            sid=storable(fields.get("MessageSid") or fields.get("SmsSid") or "")[:64],
            phone=storable(fields.get("From", "")).strip()[:32],
            to=storable(fields.get("To", "")).strip(),
            service_sid=storable(fields.get("MessagingServiceSid", "")) or None,
            body=storable(fields.get("Body", ""))[:LONGEST_BODY],
            opt_out_type=(fields.get("OptOutType") or "").upper() or None,
        )


def receive_text(db: Database, settings: Settings, text: InboundText) -> Message:
    """Store a text and do what it asks for. The same text again (Twilio repeats) gives the stored one."""
    lexicon()  # loaded before anybody has to wait for what this text does
    return db.write_with_retry(lambda session: receive(session, settings, text))


def receive(session: Session, settings: Settings, text: InboundText) -> Message:
    """Store a text and do what it asks for, in the caller's transaction."""
    origin = _origin_of(session, settings, text)
    if origin.known_id is not None:
        return session.get_one(Message, origin.known_id)
    keep_up(session, origin.words)
    if origin.practice and not origin.people:
        recall_opt_outs(session, settings, origin.practice.id or 0, [text.phone])
    message = _store(session, text, origin)
    if origin.is_ours:
        # Two numbers of ours would answer each other for ever.
        _log.warning("text-from-ourselves message_id=%s sender=%s", message.id, origin.sender_id)
        return message
    overtaken = text.written_at is not None and _has_written_since(session, message)
    follow_reply(session, settings, message, origin.practice, origin.people, text.opt_out_type, overtaken=overtaken)
    return message


def _has_written_since(session: Session, message: Message) -> bool:
    later = select(Message.id).where(
        Message.phone == message.phone,
        Message.sender_id == message.sender_id,
        Message.direction == Direction.IN,
        col(Message.created_at) > message.created_at,
    )
    return session.exec(later.limit(1)).first() is not None


def _store(session: Session, text: InboundText, origin: "Origin") -> Message:
    now, people = utc_now(), origin.people
    written_at = min(text.written_at or now, now)
    return insert_row(
        session,
        Message,
        direction=Direction.IN,
        kind=Kind.INBOUND,
        state=State.RECEIVED,
        practice_id=origin.practice.id if origin.practice else None,
        sender_id=origin.sender_id,
        patient_id=people[0].id if len(people) == 1 else None,
        phone=text.phone,
        body=text.body,
        parts=count_parts(text.body).parts,
        sid=text.sid,
        automatic=False,
        not_before=written_at,
        created_at=written_at,
        updated_at=now,
    )


@dataclass(frozen=True)
class Origin:
    """Whose text it may be: the sender it went to, its practice, and everybody there with that number.

    `known_id` is the message that the text is already; `is_ours` says that a text of ours went out from that number;
    `words` names the set of added words with which it is read.
    The practice is the one whose text was last sent to that
    phone by that sender. Nobody having texted it, the sender's first practice that has the phone on its list; else
    the sender's first.
    """

    sender_id: int
    known_id: int | None
    is_ours: bool
    words: str | None
    practice: Practice | None
    people: tuple[Patient, ...]


def _origin_of(session: Session, settings: Settings, text: InboundText) -> Origin:
    rows = _look_up(session, text)
    if not rows:  # a number we do not know as ours
        sender = ensure_first_sender(session, settings)
        rows = _look_up(session, replace(text, to=sender.number or "", service_sid=sender.service_sid))
    pairs = [objects_of(session, row[4:], Practice, Patient) for row in rows]
    people = tuple(patient for _, patient in pairs if patient)
    return Origin(rows[0][0], rows[0][1], bool(rows[0][2]), rows[0][3], pairs[0][0], people)


def _look_up(session: Session, text: InboundText) -> Sequence[Sequence[Any]]:
    """Whoever the text may be from, a row each; none when it went to no sender of ours."""
    values = {"of_number": text.to, "of_service": text.service_sid or "-", "of_phone": text.phone, "of_sid": text.sid}
    return session.connection().execute(_ORIGIN, values).all()


_LAST_SENT = (
    select(col(Message.practice_id))
    .where(
        col(Message.phone) == bindparam("of_phone"),
        col(Message.sender_id) == col(Sender.id),
        col(Message.direction) == Direction.OUT,
        col(Message.practice_id).is_not(None),
        col(Message.attempts) > 0,
    )
    .order_by(col(Message.id).desc())
    .limit(1)
)
_OF_SENDER = (
    select(col(Practice.id)).where(col(Practice.sender_id) == col(Sender.id)).order_by(col(Practice.id)).limit(1)
)
_LISTS_THE_PHONE = _OF_SENDER.join(Patient, col(Patient.practice_id) == col(Practice.id)).where(
    col(Patient.phone) == bindparam("of_phone")
)
_SENDER = (
    select(
        col(Sender.id).label("id"),
        func.coalesce(*(one.scalar_subquery() for one in (_LAST_SENT, _LISTS_THE_PHONE, _OF_SENDER))).label(
            "practice_id"
        ),
    )
    .where((col(Sender.number) == bindparam("of_number")) | (col(Sender.service_sid) == bindparam("of_service")))
    .order_by(col(Sender.id))
    .limit(1)
    .subquery()
)
_OURS = aliased(Sender)
_KNOWN = select(col(Message.id)).where(col(Message.sid) == bindparam("of_sid")).scalar_subquery()
_IS_OURS = exists().where(col(_OURS.number) == bindparam("of_phone"))
_ORIGIN = (
    sqlalchemy_select(_SENDER.c.id, _KNOWN, _IS_OURS, newest_edition(), *columns_of(Practice, Patient))
    .select_from(_SENDER)
    .outerjoin(Practice, col(Practice.id) == _SENDER.c.practice_id)
    .outerjoin(Patient, and_(col(Patient.practice_id) == col(Practice.id), col(Patient.phone) == bindparam("of_phone")))
    .order_by(col(Patient.id))
)
"""All that is asked before a text is stored, in one statement."""
