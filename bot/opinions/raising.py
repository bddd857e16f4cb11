"""What follows from a second opinion: a reply may become more pressing than the rules found it, and never less.

A red one makes what a red of the rules makes. A paged one comes to staff and to who is on duty, and sends the person
nothing: what was answered in the request stays.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.attention.duty_clock import SECOND_OPINION, SECOND_OPINION_HARM
from bot.attention.items import ask_a_person
from bot.audit import SERVICE, record
from bot.clock import utc_now
from bot.conversations.exchange import Exchange, begin
from bot.conversations.safety import raise_alarm
from bot.database import Database
from bot.duty.telling import tell_at_once
from bot.opinions.claiming import Claimed
from bot.opinions.head import RED, Head, Opinion, raised_to
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.opinions import OpinionState, SecondOpinion
from bot.tables.organisations import Practice
from bot.tables.patients import Patient


def record_opinion(db: Database, settings: Settings, claim: Claimed, opinion: Opinion, head: Head) -> bool:
    """Record what a reader thinks of a reply, and do what follows from it, in one transaction.

    :return: False when the claim is no longer ours: another reader has the reply.
    """
    return db.write_with_retry(lambda session: _record(session, settings, claim, opinion, head))


def _record(session: Session, settings: Settings, claim: Claimed, opinion: Opinion, head: Head) -> bool:
    ours = update(SecondOpinion).where(
        col(SecondOpinion.message_id) == claim.message_id,
        col(SecondOpinion.claim_ref) == claim.claim_ref,
        col(SecondOpinion.state) == OpinionState.WORKING,
    )
    read = {"state": OpinionState.READ, "claim_ref": None, "lease_until": None, "read_at": utc_now()}
    weighed = {"danger": opinion.danger, "by_another": opinion.by_another, "head": head.name}
    if not session.execute(ours.values(**read, **weighed)).rowcount:  # type: ignore[attr-defined]
        return False
    if level := head.level(opinion):
        _follow(session, settings, claim.message_id, level, by_another=head.is_by_another(opinion))
    return True


def _follow(session: Session, settings: Settings, message_id: int, level: str, *, by_another: bool) -> None:
    exchange = _exchange(session, settings, session.get_one(Message, message_id))
    found = "paged" if exchange.reading.paged else exchange.reading.urgent
    raised = raised_to(found, level)
    if raised is None:
        return
    session.get_one(SecondOpinion, message_id).raised = raised
    by_another = by_another or exchange.reading.by_another
    _raise(exchange, raised, by_another=by_another)
    about = f"text:{message_id}"
    record(session, SERVICE, "opinion-raised", about, practice_id=exchange.message.practice_id, level=raised)


def _raise(exchange: Exchange, level: str, *, by_another: bool) -> None:
    because = SECOND_OPINION_HARM if by_another else SECOND_OPINION
    if level == RED:
        reading = replace(exchange.reading, urgent="red", paged=False, by_another=by_another)
        raise_alarm(replace(exchange, reading=reading), because)
    else:
        ask_a_person(exchange.session, exchange.message, because, "amber", paged=True)
        tell_at_once(exchange, "urgent")


def _exchange(session: Session, settings: Settings, message: Message) -> Exchange:
    """The reply as it was when it came, but for what has been asked since."""
    practice = session.get(Practice, message.practice_id) if message.practice_id else None
    return begin(session, settings, message, practice, _people(session, message))


def _people(session: Session, message: Message) -> Sequence[Patient]:
    """Everybody of the practice whose record has that number."""
    theirs = select(Patient).where(Patient.practice_id == message.practice_id, col(Patient.phone) == message.phone)
    return session.exec(theirs.order_by(col(Patient.id))).all()
