"""Claiming: take due messages for one worker, everything re-checked, committed before anything is posted."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    insert,
    literal,
    literal_column,
    or_,
    update,
)
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.capability import Capabilities, in_use
from bot.clock import in_window, next_opening, utc_now
from bot.database import Database
from bot.messaging.cancelling import tell_of_cancelled
from bot.messaging.guards import HOLD, guard_sql
from bot.messaging.hours import hours_open, next_opening_in
from bot.messaging.policy import RULES, URGENT_PRIORITY
from bot.messaging.questions import drop_questions, open_questions_of
from bot.messaging.subjects import CancelledText, is_booked_sql
from bot.organisations.senders import refill
from bot.patients.eligibility import Recipient, reason_sql
from bot.rows import one_of_given
from bot.settings import Settings
from bot.tables.free_texts import FreeTextRelease
from bot.tables.messaging import Attempt, Message, State
from bot.tables.organisations import Sender
from bot.tables.patients import Patient
from bot.texts.wording import body_digest
from bot.wording.composing import LINES
from bot.wording.in_force import is_approved, is_line_approved

LEAST_PRIORITY = max(rule.priority for rule in RULES.values())


@dataclass(frozen=True)
class Claim:
    """One POST to make: the attempt's unguessable reference, and until when it is ours."""

    message_id: int
    attempt_id: int
    number: int
    ref: str
    to: str
    body: str
    sender_number: str | None
    sender_service: str | None
    use_by: datetime | None
    lease_until: datetime
    urgent: bool = False


@dataclass(frozen=True)
class Decision:
    """What becomes of one due message: it goes, or the state it gets instead and why."""

    state: str | None = None
    reason: str | None = None


GO = Decision()


def anything_due(db: Database, settings: Settings, now: datetime) -> bool:
    """Whether a claim is worth its write transaction: a text is due, or waits for a window that is open by now."""
    of_a_sender = (col(Message.sender_id) == col(Sender.id), col(Sender.stopped_code).is_(None))
    due = exists().where(col(Message.state) == State.QUEUED, col(Message.not_before) <= now, *of_a_sender)
    in_vain = exists().where(_waits_in_vain(settings, now), *of_a_sender)
    with db.read() as session:
        return bool(session.scalar(select(literal(True)).where(or_(due, in_vain))))


def _waits_in_vain(settings: Settings, now: datetime) -> ColumnElement[bool]:
    """A text that was put off to an opening which is not the next one any more: sending is open now.

    That is so after a change of SEND_WINDOW, SEND_DAYS or YOUTH_HOURS; else the index finds nothing, or such as wait
    for hours of their own.
    """
    kinds = [
        kind for kind, rule in RULES.items() if rule.waits and in_window(now, settings, outreach=rule.sending_days)
    ]
    return and_(
        col(Message.state) == literal_column(f"'{State.QUEUED}'"),
        col(Message.waits_for_window),
        col(Message.kind).in_(kinds),
        col(Message.not_before) > now,
        or_(col(Message.hours).is_(None), col(Message.hours).in_(sorted(hours_open(now, settings)))),
    )


def claim_due_messages(db: Database, settings: Settings, limit: int, *, urgent_only: bool = False) -> list[Claim]:
    """Claim up to `limit` messages across all senders, the most urgent first; commits before it returns."""
    now = utc_now()
    claims: list[Claim] = []
    with db.write() as session:
        _let_go_on(session, settings, now)
        for sender in _senders_with_work(session, db, now, urgent_only):
            claims += _claim_for(session, db, settings, sender, now, limit - len(claims), urgent_only)
            if len(claims) >= limit:
                break
    return claims


def _senders_with_work(session: Session, db: Database, now: datetime, urgent_only: bool) -> list[Sender]:
    work = exists().where(
        col(Message.sender_id) == col(Sender.id),
        col(Message.state) == State.QUEUED,
        col(Message.not_before) <= now,
        col(Message.priority) <= (URGENT_PRIORITY if urgent_only else LEAST_PRIORITY),
    )
    statement = select(Sender).where(work, col(Sender.stopped_code).is_(None)).order_by(col(Sender.tokens_at))
    if not db.is_sqlite:
        # Not the strongest lock: texts of this sender may be queued meanwhile.
        statement = statement.with_for_update(skip_locked=True, key_share=True)
    return list(session.exec(statement))


def _claim_for(
    session: Session,
    db: Database,
    settings: Settings,
    sender: Sender,
    now: datetime,
    limit: int,
    urgent_only: bool,
) -> list[Claim]:
    _wait_for_the_window(session, settings, sender, now)
    tokens = refill(sender, settings.sender_parts_per_second, now)
    chosen: list[DueMessage] = []
    not_going: list[tuple[DueMessage, Decision]] = []
    wanted = {
        "of_sender": sender.id,
        "by": now,
        "down_to": URGENT_PRIORITY if urgent_only else LEAST_PRIORITY,
        "most": max(limit, 0),
    }
    for due in _due_in_their_hours(session, db, settings, wanted):
        decision = check(due, settings.live, now)
        if decision is not GO:
            not_going.append((due, decision))
        elif tokens > 0 or due.priority == 1:
            tokens -= due.parts
            chosen.append(due)
    _set_aside(session, not_going, now)
    sender.tokens = tokens
    session.add(sender)
    return _take(session, settings, sender, chosen, now)


class DueMessage(NamedTuple):
    """A message that is due, with what the re-check needs to know: a row of `_due`, its columns in this order.

    `not_eligible` is the first reason why the person may not be texted, `guarded` what a capability says of it.
    `released` is the digest of the words that somebody let go, where these are no wording of the catalogue.
    `hours` names hours of its own, unless it may go at once.
    """

    id: int
    kind: str
    parts: int
    priority: int
    phone: str
    body: str
    attempts: int
    use_by: datetime | None
    approved: bool
    not_eligible: str | None
    guarded: str | None
    released: str | None
    hours: str | None


def _due_in_their_hours(
    session: Session, db: Database, settings: Settings, wanted: Mapping[str, Any]
) -> list[DueMessage]:
    """The due messages of a sender; those due outside hours of their own are put off first, if there are any."""

    def read() -> list[DueMessage]:
        found = session.connection().execute(_due(db.is_sqlite, in_use()), wanted)
        return [DueMessage(*tuple(row)) for row in found]

    rows, now = read(), wanted["by"]
    shut = {row.hours for row in rows if row.hours} - hours_open(now, settings)
    for hours in sorted(shut):
        _wait_for_their_hours(session, settings, wanted["of_sender"], hours, now)
    return read() if shut else rows


def _wait_for_their_hours(session: Session, settings: Settings, sender_id: int, hours: str, now: datetime) -> None:
    """Move every due text of a sender that goes in these hours alone to their next opening, in one statement."""
    session.execute(
        update(Message)
        .where(
            col(Message.sender_id) == sender_id,
            col(Message.state) == State.QUEUED,
            col(Message.hours) == hours,
            col(Message.not_before) <= now,
            _may_not_go_at_once(now),
        )
        .values(not_before=next_opening_in(hours, now, settings), waits_for_window=True)
    )


def _may_not_go_at_once(now: Any) -> ColumnElement[bool]:
    return or_(col(Message.at_once_until).is_(None), col(Message.at_once_until) < now)


@cache
def _due(is_sqlite: bool, _capabilities: Capabilities) -> Select[Any]:
    """One query, built once: due messages of a sender with all that the re-check needs to know."""
    statement = (
        sqlalchemy_select(
            *(getattr(Message, name) for name in DueMessage._fields[:8]),
            and_(
                or_(_approved(), _released() == col(Message.wording_digest)),
                is_line_approved(col(Message.line_digest), LINES),
            ),
            _not_eligible(),
            guard_sql(),
            _released(),
            case((_may_not_go_at_once(bindparam("by")), col(Message.hours))),
        )
        .outerjoin(Patient, col(Patient.id) == col(Message.patient_id))
        .where(
            col(Message.sender_id) == bindparam("of_sender"),
            col(Message.state) == literal_column(f"'{State.QUEUED}'"),
            col(Message.not_before) <= bindparam("by"),
            col(Message.priority) <= bindparam("down_to"),
        )
        .order_by(col(Message.priority), col(Message.not_before), col(Message.id))
        .limit(bindparam("most"))
    )
    if is_sqlite:
        return statement
    return statement.with_for_update(skip_locked=True, key_share=True, of=Message)


def _approved() -> ColumnElement[bool]:
    return is_approved(col(Message.text_key), col(Message.language), col(Message.wording_digest))


def _released() -> ColumnElement[str | None]:
    """The digest of what a person let go in their own words."""
    released = select(FreeTextRelease.digest).where(col(FreeTextRelease.message_id) == col(Message.id))
    return released.where(col(Message.text_key).is_(None)).scalar_subquery()


def _not_eligible() -> ColumnElement[str | None]:
    to = Recipient(col(Message.practice_id), col(Message.phone), col(Message.patient_id), is_booked_sql())
    return reason_sql(to, col(Message.kind))


def _let_go_on(session: Session, settings: Settings, now: datetime) -> None:
    """What waits for an opening of the window as it was goes on by the window as it is."""
    waits = _waits_in_vain(settings, now)
    if session.scalar(select(literal(True)).where(exists().where(waits))):
        session.execute(update(Message).where(waits).values(not_before=now, waits_for_window=False))


def _wait_for_the_window(session: Session, settings: Settings, sender: Sender, now: datetime) -> None:
    """Move everything that has to wait to the next opening, in one statement a kind of waiting."""
    for sending_days in (False, True):
        if in_window(now, settings, outreach=sending_days):
            continue
        kinds = [kind for kind, rule in RULES.items() if rule.waits and rule.sending_days == sending_days]
        session.execute(
            update(Message)
            .where(
                col(Message.sender_id) == sender.id,
                col(Message.state) == State.QUEUED,
                col(Message.kind).in_(kinds),
                col(Message.not_before) <= now,
                _may_not_go_at_once(now),
            )
            .values(not_before=next_opening(now, settings, outreach=sending_days), waits_for_window=True)
        )


def check(due: DueMessage, live: bool, now: datetime) -> Decision:
    """Everything that may have changed since the text was queued, most final first."""
    reason = _reason_not_to_send(due, live, now)
    if reason:
        return Decision(State.CANCELLED, reason)
    return Decision(State.HELD) if due.guarded == HOLD else GO


def _reason_not_to_send(due: DueMessage, live: bool, now: datetime) -> str | None:
    if due.use_by is not None and now > due.use_by:
        return "too-late"
    if (live and not due.approved) or _is_changed(due):
        return "wording-not-approved"
    return due.not_eligible or (None if due.guarded == HOLD else due.guarded)


def _is_changed(due: DueMessage) -> bool:
    """Whether other words would go than those somebody let go."""
    return due.released is not None and due.released != body_digest(due.body)


def _set_aside(session: Session, not_going: Sequence[tuple[DueMessage, Decision]], now: datetime) -> None:
    for due, decision in not_going:
        changes = {"state": decision.state, "reason": decision.reason, "updated_at": now}
        session.execute(update(Message).where(col(Message.id) == due.id).values(**changes))
    cancelled = [
        CancelledText(session.get_one(Message, due.id), decision.reason)
        for due, decision in not_going
        if decision.reason is not None
    ]
    for text in cancelled:
        drop_questions(session, text.message.id or 0)
    tell_of_cancelled(session, cancelled)


def _take(session: Session, settings: Settings, sender: Sender, rows: list[DueMessage], now: datetime) -> list[Claim]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    lease = now + timedelta(seconds=settings.lease_seconds)
    connection = session.connection()
    connection.execute(_taking(connection.dialect.name), {"ids": ids, "at": now})
    refs = {row.id: secrets.token_urlsafe(24) for row in rows}
    attempts = [
        {
            "message_id": row.id,
            "number": row.attempts + 1,
            "ref": refs[row.id],
            "outcome": "open",
            "started_at": now,
            "lease_until": lease,
            "look_ups": 0,
        }
        for row in rows
    ]
    attempt_ids = {row.message_id: row.id for row in connection.execute(_ATTEMPTING, attempts)}
    open_questions_of(session, ids, now)
    return [_claim(row, sender, refs[row.id], attempt_ids[row.id], lease) for row in rows]


@cache
def _taking(dialect: str) -> Update:
    return (
        update(Message)
        .where(one_of_given(col(Message.id), "ids", dialect), col(Message.state) == State.QUEUED)
        .values(
            state=State.SENDING,
            attempts=col(Message.attempts) + 1,
            waits_for_window=False,
            updated_at=bindparam("at"),
        )
    )


_ATTEMPTING = insert(Attempt).returning(col(Attempt.message_id), col(Attempt.id))


def _claim(row: DueMessage, sender: Sender, ref: str, attempt_id: int, lease: datetime) -> Claim:
    return Claim(
        message_id=row.id,
        attempt_id=attempt_id,
        number=row.attempts + 1,
        ref=ref,
        to=row.phone,
        body=row.body,
        sender_number=sender.number,
        sender_service=sender.service_sid,
        use_by=row.use_by,
        lease_until=lease,
        urgent=row.priority <= URGENT_PRIORITY,
    )
