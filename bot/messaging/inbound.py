"""A text from a person: stored once, and what follows from it is in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.fields import storable
from bot.messaging.senders import ensure_first_sender
from bot.messaging.tables import Direction, Kind, Message, Sender, State
from bot.people.kept_wishes import recall_wishes
from bot.people.tables import Patient, Practice
from bot.replies.dialogue import follow_reply
from bot.settings import Settings
from bot.texts.parts import count_parts

LONGEST_BODY = 1600
"""Characters Twilio hands over at most."""


@dataclass(frozen=True)
class InboundText:
    """What Twilio's webhook says; `opt_out_type` is set when Twilio dealt with a keyword itself."""

    sid: str
    phone: str
    to: str
    service_sid: str | None
    body: str
    opt_out_type: str | None

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
    try:
        return _receive(db, settings, text)
    except (IntegrityError, OperationalError):  # the same text on another connection, or a deadlock: now it goes
        return _receive(db, settings, text)


def _receive(db: Database, settings: Settings, text: InboundText) -> Message:
    with db.write() as session:
        known = session.exec(select(Message).where(Message.sid == text.sid)).first()
        if known:
            return known
        # Held until the end: a session loads rows again that nobody refers to any more.
        message, _practice, _people = _store(session, settings, text)
        follow_reply(session, settings, message, text.opt_out_type)
    return message


def _store(session: Session, settings: Settings, text: InboundText) -> tuple[Message, Practice | None, list[Patient]]:
    now = utc_now()
    sender = _sender(session, settings, text)
    practice = practice_of(session, sender, text.phone)
    people = people_on(session, practice, text.phone)
    if practice and not people:
        recall_wishes(session, settings, practice.id or 0, [text.phone])
    message = Message(
        direction=Direction.IN,
        kind=Kind.INBOUND,
        state=State.RECEIVED,
        practice_id=practice.id if practice else None,
        sender_id=sender.id or 0,
        patient_id=people[0].id if len(people) == 1 else None,
        phone=text.phone,
        body=text.body,
        parts=count_parts(text.body).parts,
        sid=text.sid,
        automatic=False,
        not_before=now,
        created_at=now,
        updated_at=now,
    )
    session.add(message)
    session.flush()
    return message, practice, people


def _sender(session: Session, settings: Settings, text: InboundText) -> Sender:
    known = select(Sender).where(
        (col(Sender.number) == text.to) | (col(Sender.service_sid) == (text.service_sid or "-"))
    )
    return session.exec(known.order_by(col(Sender.id))).first() or ensure_first_sender(session, settings)


def practice_of(session: Session, sender: Sender, phone: str) -> Practice | None:
    """The practice whose text was last sent to that phone by that sender.

    Nobody having texted it, the sender's first practice that has the phone on its list; else the sender's first.
    """
    last = session.exec(
        select(col(Message.practice_id))
        .where(
            Message.phone == phone,
            Message.sender_id == sender.id,
            Message.direction == Direction.OUT,
            col(Message.practice_id).is_not(None),
            col(Message.attempts) > 0,
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    if last:
        return session.get(Practice, last)
    own = select(Practice).where(Practice.sender_id == sender.id).order_by(col(Practice.id)).limit(1)
    listed = own.join(Patient, col(Patient.practice_id) == col(Practice.id)).where(Patient.phone == phone)
    return session.exec(listed).first() or session.exec(own).first()


def people_on(session: Session, practice: Practice | None, phone: str) -> list[Patient]:
    """Everybody of a practice whose record has that number."""
    if practice is None:
        return []
    statement = select(Patient).where(Patient.practice_id == practice.id, Patient.phone == phone)
    return list(session.exec(statement.order_by(col(Patient.id))))
