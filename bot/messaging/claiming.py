"""Claiming: take due messages for one worker, everything re-checked, committed before anything is posted."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Update,
    bindparam,
    exists,
    insert,
    literal,
    literal_column,
    or_,
    update,
)
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person, ask_who_reads_it
from bot.clock import in_window, next_opening, utc_now
from bot.database import Database
from bot.messaging.policy import RULES, URGENT_PRIORITY, may_reach
from bot.messaging.questions import drop_questions, open_questions_of
from bot.organisations.senders import refill
from bot.patients.optouts import scope_in_force_sql
from bot.patients.phone_safety import on_another_record_sql
from bot.rows import one_of_given
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignState
from bot.tables.messaging import Attempt, Kind, Message, State
from bot.tables.organisations import Sender
from bot.tables.patients import Patient, PhoneStatus
from bot.tables.wording import WordingApproval

LEAST_PRIORITY = max(rule.priority for rule in RULES.values())
SAFE = (PhoneStatus.OWN, PhoneStatus.CONFIRMED)
SAID_TO_STAFF = ("too-late", "wording-not-approved")
"""Reasons for which staff are told of every text that was dropped."""
WAITED_FOR = (Kind.NOTICE, Kind.REMINDER)
"""Kinds of which staff are told whatever the reason: somebody counts on the text."""


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
class Verdict:
    """What a re-check says of one due message: go, or the state it gets instead and why."""

    state: str | None = None
    reason: str | None = None


GO = Verdict()


def anything_due(db: Database, now: datetime) -> bool:
    """Whether a claim is worth its write transaction."""
    due = exists().where(
        col(Message.state) == State.QUEUED,
        col(Message.not_before) <= now,
        col(Message.sender_id) == col(Sender.id),
        col(Sender.stopped_code).is_(None),
    )
    with db.read() as session:
        return bool(session.scalar(select(literal(True)).where(due)))


def claim_due_messages(db: Database, settings: Settings, limit: int, *, urgent_only: bool = False) -> list[Claim]:
    """Claim up to `limit` messages across all senders, the most urgent first; commits before it returns."""
    now = utc_now()
    claims: list[Claim] = []
    with db.write() as session:
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
    chosen: list[Row[tuple[object, ...]]] = []
    wanted = {
        "of_sender": sender.id,
        "by": now,
        "down_to": URGENT_PRIORITY if urgent_only else LEAST_PRIORITY,
        "most": max(limit, 0),
    }
    for row in session.connection().execute(_due(db.is_sqlite), wanted):
        verdict = check(row, settings.live, now)
        if verdict is not GO:
            _set_aside(session, row, verdict, now)
        elif tokens > 0 or row.priority == 1:
            tokens -= row.parts
            chosen.append(row)
    sender.tokens = tokens
    session.add(sender)
    return _take(session, settings, sender, chosen, now)


@cache
def _due(is_sqlite: bool) -> Select[tuple[object, ...]]:
    """One query, built once: due messages of a sender with all that the re-check needs to know."""
    statement = (
        sqlalchemy_select(*_OF_MESSAGE, *_of_patient(*_TO_WHOM), *_of_wishes_and_wording())
        .outerjoin(Patient, col(Patient.id) == col(Message.patient_id))
        .outerjoin(Campaign, col(Campaign.id) == col(Message.campaign_id))
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


_OF_MESSAGE = (
    col(Message.id),
    col(Message.kind),
    col(Message.parts),
    col(Message.priority),
    col(Message.phone),
    col(Message.body),
    col(Message.attempts),
    col(Message.use_by),
    col(Message.patient_id),
)


_TO_WHOM = (col(Message.practice_id), col(Message.phone), col(Message.patient_id))


def _of_patient(practice_id: Any, phone: Any, patient_id: Any) -> tuple[ColumnElement[Any], ...]:
    """What is asked of the person before a text goes to that phone."""
    to_whom = (practice_id, phone, patient_id)
    shared = on_another_record_sql(*to_whom, col(Patient.phone_status), col(Patient.phone_source))
    return (
        col(Patient.phone).label("patient_phone"),
        col(Patient.phone_status).label("phone_status"),
        col(Patient.deceased).label("deceased"),
        col(Patient.registered).label("registered"),
        col(Patient.texting_refused).label("texting_refused"),
        shared.correlate(Message, Patient).label("shared"),
        col(Patient.disputed).label("disputed"),
    )


def _of_wishes_and_wording() -> tuple[ColumnElement[Any], ...]:
    opted_out = scope_in_force_sql(*_TO_WHOM)
    approved = exists().where(
        col(WordingApproval.text_key) == col(Message.text_key),
        col(WordingApproval.language) == col(Message.language),
        col(WordingApproval.digest) == col(Message.wording_digest),
        col(WordingApproval.withdrawn_at).is_(None),
    )
    return (
        col(Campaign.state).label("campaign_state"),
        opted_out.correlate(Message).label("scope"),
        approved.label("approved"),
    )


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
                or_(col(Message.at_once_until).is_(None), col(Message.at_once_until) < now),
            )
            .values(not_before=next_opening(now, settings, outreach=sending_days))
        )


def check(row: Row[tuple[object, ...]], live: bool, now: datetime) -> Verdict:
    """Everything that may have changed since the text was queued, most final first."""
    reason = _reason_not_to_send(row, live, now)
    if reason:
        return Verdict(State.CANCELLED, reason)
    if row.kind == Kind.OUTREACH and row.campaign_state == CampaignState.HELD:
        return Verdict(State.HELD)
    return GO


def _reason_not_to_send(row: Row[tuple[object, ...]], live: bool, now: datetime) -> str | None:
    if row.use_by is not None and now > row.use_by:
        return "too-late"
    if live and not row.approved:
        return "wording-not-approved"
    if row.kind in (Kind.EMERGENCY, Kind.RECEIPT):
        return None
    if not may_reach(row.kind, row.scope):
        return "opted-out"
    if row.kind == Kind.OUTREACH and row.campaign_state == CampaignState.STOPPED:
        return "campaign-stopped"
    return _reason_in_the_person(row)


def why_not_to_this_person(session: Session, kind: Kind, patient_id: int, phone: str) -> str | None:
    """Why a claim would keep back a text of that kind about somebody to that phone; None when it would go."""
    number = literal(phone)
    asked = sqlalchemy_select(
        literal(str(kind)).label("kind"),
        number.label("phone"),
        col(Patient.id).label("patient_id"),
        *_of_patient(col(Patient.practice_id), number, col(Patient.id)),
    )
    row = session.execute(asked.where(col(Patient.id) == patient_id)).first()
    return _reason_in_the_person(row) if row else None


def _reason_in_the_person(row: Row[tuple[object, ...]]) -> str | None:
    if row.patient_id is None:
        return None
    if row.deceased:
        return "deceased"
    if row.kind in (Kind.ANSWER, Kind.QUESTION):
        return None
    if row.texting_refused:
        return "texting-refused"
    if row.phone_status not in SAFE or row.patient_phone != row.phone or row.shared or row.disputed:
        return "unsafe-phone"
    return "not-registered" if row.kind == Kind.OUTREACH and not row.registered else None


def _set_aside(session: Session, row: Row[tuple[object, ...]], verdict: Verdict, now: datetime) -> None:
    changes = {"state": verdict.state, "reason": verdict.reason, "updated_at": now}
    session.execute(update(Message).where(col(Message.id) == row.id).values(**changes))
    if verdict.state == State.CANCELLED:
        drop_questions(session, row.id)
    if verdict.reason and (verdict.reason in SAID_TO_STAFF or row.kind in WAITED_FOR):
        ask_a_person(session, session.get_one(Message, row.id), verdict.reason)
    if verdict.reason == "opted-out" and row.kind in (Kind.ANSWER, Kind.QUESTION):
        ask_who_reads_it(session, session.get_one(Message, row.id), verdict.reason)
    if row.kind == Kind.EMERGENCY:
        ask_a_person(session, session.get_one(Message, row.id), "emergency-text-failed", "red")


def _take(
    session: Session, settings: Settings, sender: Sender, rows: list[Row[tuple[object, ...]]], now: datetime
) -> list[Claim]:
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
        .values(state=State.SENDING, attempts=col(Message.attempts) + 1, updated_at=bindparam("at"))
    )


_ATTEMPTING = insert(Attempt).returning(col(Attempt.message_id), col(Attempt.id))


def _claim(row: Row[tuple[object, ...]], sender: Sender, ref: str, attempt_id: int, lease: datetime) -> Claim:
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
