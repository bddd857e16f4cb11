"""What came of a POST, or of a text on its way: states move up, errors meet their remedy."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Update, and_, bindparam, case, exists, func, or_, update
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.messaging.adopting import adopt_plain
from bot.messaging.claiming import Claim
from bot.messaging.policy import MESSAGE_MOVES
from bot.messaging.questions import ask_with, drop_questions
from bot.messaging.twilio.errors import ERRORS, Remedy, explain
from bot.messaging.twilio.gateway import SendResult
from bot.messaging.twilio.statuses import STATE_OF_TWILIO
from bot.patients.optouts import record_opt_out
from bot.patients.phone_safety import number_works_again
from bot.tables.messaging import Attempt, Kind, Message, Outcome, State
from bot.tables.organisations import Sender
from bot.tables.patients import FROM_STAFF, OptOutScope, Patient, PhoneStatus

RETRY_FOR = timedelta(hours=24)
"""How long, from its first attempt, a text that Twilio would not take is tried again."""
LATER = timedelta(hours=4)
"""When a phone that was out of reach is tried once more."""
LONGEST_BACKOFF = 300
OPT_IN_RECEIPT = "opt-in-receipt"
"""The text to somebody who wants texts again; refused, Twilio waits for its own word START and nobody tells them."""
LEFT_US = frozenset((State.ACCEPTED, State.SENT, State.DELIVERED, State.UNDELIVERED))
"""States of a text that Twilio has taken."""
LOCKED = {"key_share": True}
"""Lock a row against changes, while rows that refer to it may still be added (PostgreSQL)."""


def record_outcomes(db: Database, outcomes: Sequence[tuple[Claim, SendResult]]) -> None:
    """Commit what came of several POSTs together."""
    if not outcomes:
        return
    with db.write() as session:
        now = utc_now()
        for claim, result in adopt_plain(session, outcomes, now):
            _record(session, claim, result, now)


def _record(session: Session, claim: Claim, result: SendResult, now: datetime) -> None:
    closed = session.execute(
        update(Attempt)
        .where(col(Attempt.id) == claim.attempt_id, col(Attempt.outcome).in_((Outcome.OPEN, Outcome.UNKNOWN)))
        .values(outcome=result.outcome, error_code=result.error_code, ended_at=now)
    )
    if result.outcome == Outcome.ACCEPTED and result.sid:
        # Also after a callback has joined the attempt, or after it was given up as not found.
        join(session, claim.attempt_id, result.sid, result.status or "queued", result.error_code, now)
    elif not closed.rowcount:  # type: ignore[attr-defined]
        return
    elif result.outcome == Outcome.UNKNOWN:
        mark_uncertain(session, [claim.message_id], now)
        _look_up_from(session, claim.attempt_id, now)
    elif result.outcome == Outcome.NOT_SENT:
        queue_again(session, claim.message_id, now)
    else:
        _refused(session, claim.message_id, result.error_code, now)


def join(
    session: Session, attempt_id: int, sid: str | None, status: str, error_code: int | None, now: datetime
) -> None:
    """Twilio has this attempt's text under `sid`: adopt it, and move the message to where Twilio says it is.

    `sid` is None when a look-up found the text and the server did not say its sid.
    """
    attempt = session.get_one(Attempt, attempt_id, with_for_update=LOCKED, populate_existing=True)
    message = session.get_one(Message, attempt.message_id)
    if attempt.sid is None:
        attempt.sid = None if sid is None or _is_anothers(session, sid) else sid
        attempt.outcome, attempt.ended_at = Outcome.ACCEPTED, now
        session.add(attempt)
        session.flush()
    if _sids_of(session, attempt.message_id) != {sid} - {None}:
        ask_a_person(session, message, "sent-twice")
    state = STATE_OF_TWILIO.get(status)
    if state is None:
        state, error_code = State.ACCEPTED, None
    moved = advance(session, attempt.message_id, state, now, message.sid or attempt.sid, status, error_code)
    if moved and state == State.DELIVERED:
        has_arrived(session, attempt.message_id)
    if moved and state in (State.FAILED, State.UNDELIVERED):
        session.refresh(message)
        meet_failure(session, message, error_code, now)


def _is_anothers(session: Session, sid: str) -> bool:
    """Whether an attempt with the same words to the same phone was taken for this text by mistake."""
    return session.exec(select(col(Attempt.id)).where(Attempt.sid == sid)).first() is not None


def _sids_of(session: Session, message_id: int) -> set[str | None]:
    """Under which sids Twilio has a message: more than one, and it went more than once."""
    return set(session.exec(select(Attempt.sid).where(Attempt.message_id == message_id, col(Attempt.sid).is_not(None))))


def advance(
    session: Session,
    message_id: int,
    state: State,
    now: datetime,
    sid: str | None = None,
    twilio_status: str | None = None,
    error_code: int | None = None,
) -> bool:
    """Move a message up to a state, in one statement; False when it already stands as high."""
    reported: dict[str, object] = {"twilio_status": twilio_status}
    reported |= {"sid": sid} if sid else {}
    reported |= {"error_code": error_code} if error_code else {}
    connection = session.connection()
    moved = connection.execute(moving_up(state, tuple(reported)), reported | {"of_message": message_id, "at": now})
    if state in LEFT_US and not moved.rowcount:
        stamp = update(Message).where(col(Message.id) == message_id, col(Message.sent_at).is_(None))
        connection.execute(stamp.values(sent_at=now))
    return bool(moved.rowcount)


@cache
def moving_up(state: State, reported: tuple[str, ...]) -> Update:
    """Move `of_message` up to a state at the moment `at`, and keep these columns of what Twilio reported."""
    at = bindparam("at", type_=Message.__table__.c.updated_at.type)  # type: ignore[attr-defined]
    changes: dict[str, object] = {"state": state, "updated_at": at}
    changes |= {name: bindparam(name) for name in reported}
    if state in LEFT_US:
        changes["sent_at"] = func.coalesce(col(Message.sent_at), at)
    below = or_(*(col(Message.state) == lower for lower in MESSAGE_MOVES.before(state)))
    return update(Message).where(col(Message.id) == bindparam("of_message"), below).values(**changes)


def mark_uncertain(session: Session, message_ids: Sequence[int], now: datetime) -> None:
    """Nobody knows whether Twilio has these texts: they are looked up, never just sent again."""
    session.execute(
        update(Message)
        .where(col(Message.id).in_(message_ids), col(Message.state) == State.SENDING)
        .values(state=State.UNCERTAIN, updated_at=now)
    )


def _look_up_from(session: Session, attempt_id: int, moment: datetime) -> None:
    session.execute(update(Attempt).where(col(Attempt.id) == attempt_id).values(look_up_at=moment))


def queue_again(session: Session, message_id: int, now: datetime, *, at_once: bool = False) -> None:
    """Twilio does not have the text: it goes again as a new attempt, after a pause that grows."""
    message = _in_flight(session, message_id)
    if message is None:
        return
    if now - _first_tried(session, message_id) > RETRY_FOR:
        _end(session, message, State.FAILED, None, "gave-up", now)
        return
    pause = 0.0 if at_once else backoff(message.attempts)
    message.state, message.not_before, message.updated_at = State.QUEUED, now + timedelta(seconds=pause), now
    session.add(message)
    session.flush()


def _in_flight(session: Session, message_id: int) -> Message | None:
    """The message, locked, unless it has moved on: an earlier attempt turned out to have arrived."""
    message = session.get_one(Message, message_id, with_for_update=LOCKED, populate_existing=True)
    return message if message.state in (State.SENDING, State.UNCERTAIN) else None


def _first_tried(session: Session, message_id: int) -> datetime:
    return session.exec(select(func.min(Attempt.started_at)).where(Attempt.message_id == message_id)).one()


def backoff(attempts: int) -> float:
    """Seconds to wait before attempt number `attempts` + 1: doubling, with jitter, five minutes at most."""
    longest = min(LONGEST_BACKOFF, 0.5 * 2 ** min(attempts, 12))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads retries, hides nothing


def _refused(session: Session, message_id: int, code: int | None, now: datetime) -> None:
    remedy = explain(code).remedy
    message = _in_flight(session, message_id)
    if message is None:
        return
    if remedy in (Remedy.RETRY_SOON, Remedy.RETRY_LATER):
        queue_again(session, message_id, now)
    elif remedy == Remedy.STOP_SENDER:
        queue_again(session, message_id, now)
        message.error_code = code
        stop_sender(session, message, code, now)
    else:
        _end(session, message, State.FAILED, code, None, now)


def _end(session: Session, message: Message, state: State, code: int | None, reason: str | None, now: datetime) -> None:
    message.state, message.error_code, message.updated_at = state, code, now
    message.reason = reason or (str(explain(code).remedy) if code else None)
    session.add(message)
    session.flush()
    meet_failure(session, message, code, now)


def meet_failure(session: Session, message: Message, code: int | None, now: datetime) -> None:
    """Do what an error asks for once a text has failed for good: learn from it, try later, or tell staff."""
    remedy = explain(code).remedy
    if remedy == Remedy.OPTED_OUT and message.practice_id:
        record_opt_out(
            session,
            practice_id=message.practice_id,
            phone=message.phone,
            scope=OptOutScope.ALL,
            source="twilio-21610",
            message_id=message.id,
        )
        if message.text_key == OPT_IN_RECEIPT:
            ask_a_person(session, message, "still-blocked")
    elif remedy == Remedy.NUMBER_FAILED:
        _mark_number_failed(session, message, now)
        ask_a_person(session, message, "number-failed")
    elif remedy == Remedy.STOP_SENDER:
        stop_sender(session, message, code, now)
    elif remedy == Remedy.RETRY_LATER and _try_once_more(session, message, now):
        return
    else:
        ask_a_person(session, message, "not-delivered")
    drop_questions(session, message.id or 0)
    if message.kind == Kind.EMERGENCY:
        ask_a_person(session, message, "emergency-text-failed", "red")


def has_arrived(session: Session, message_id: int) -> None:
    """The phone confirmed a text: its number works, whatever the network said of an earlier one."""
    message = session.connection().execute(_OF_FAILED_NUMBER, {"of_message": message_id}).first()
    if message:
        number_works_again(session, message.practice_id, message.phone, london_today())


_LATER = aliased(Message)
_OF_FAILED_NUMBER = (
    sqlalchemy_select(col(Message.practice_id), col(Message.phone))
    .join(Patient, and_(col(Patient.practice_id) == col(Message.practice_id), col(Patient.phone) == col(Message.phone)))
    .where(
        col(Message.id) == bindparam("of_message"),
        col(Patient.phone_status) == PhoneStatus.FAILED,
        ~exists().where(
            col(_LATER.practice_id) == col(Message.practice_id),
            col(_LATER.phone) == col(Message.phone),
            col(_LATER.id) > col(Message.id),
            col(_LATER.error_code).in_(
                [code for code, error in ERRORS.items() if error.remedy == Remedy.NUMBER_FAILED]
            ),
        ),
    )
)
"""Where a text went, if the number counts as failed and no later text failed there."""


_SOURCE_ONCE_FAILED = case(
    (and_(col(Patient.phone_status) == PhoneStatus.CONFIRMED, col(Patient.phone_source) == FROM_STAFF), "list"),
    else_=col(Patient.phone_source),
)
"""A number that staff confirmed counts again, like any other, once a text arrives; one they call wrong does not."""


def _mark_number_failed(session: Session, message: Message, now: datetime) -> None:
    session.execute(
        update(Patient)
        .where(col(Patient.practice_id) == message.practice_id, col(Patient.phone) == message.phone)
        .values(phone_status=PhoneStatus.FAILED, phone_source=_SOURCE_ONCE_FAILED, updated_at=now)
    )


TAKEN_OVER = (
    "direction", "kind", "priority", "practice_id", "sender_id", "patient_id", "subject_kind", "subject_id", "batch_id",
    "phone", "body", "text_key", "language", "wording_digest", "line_digest", "parts", "automatic", "use_by",
    "answers_id", "hours",
)  # fmt: skip
"""What a second try takes over from the first: the text, to whom, and what it is about."""


def _try_once_more(session: Session, message: Message, now: datetime) -> bool:
    """A second invitation, hours later, for a phone that was off; False when this was the second."""
    if message.kind != Kind.OUTREACH or message.retried_by_id is not None or _is_a_second_try(session, message):
        return False
    again = Message(
        **{name: getattr(message, name) for name in TAKEN_OVER},
        state=State.QUEUED,
        not_before=now + LATER,
        created_at=now,
        updated_at=now,
    )
    session.add(again)
    session.flush()
    message.retried_by_id = again.id
    session.add(message)
    session.flush()
    ask_with(session, message.id or 0, again.id or 0)
    return True


def _is_a_second_try(session: Session, message: Message) -> bool:
    return session.exec(select(Message.id).where(Message.retried_by_id == message.id)).first() is not None


def stop_sender(session: Session, message: Message, code: int | None, now: datetime) -> None:
    """A fault of the account or the number: nothing more goes out from this sender until a person says so."""
    session.execute(update(Sender).where(col(Sender.id) == message.sender_id).values(stopped_code=code, stopped_at=now))
    ask_a_person(session, message, "sender-stopped", "amber")
