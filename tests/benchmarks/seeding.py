"""Many people and texts quickly, each table with one INSERT .. SELECT, the same on both databases.

Their NHS numbers begin with 999 but not all fit their check digit: fewer than a million do.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    Integer,
    Select,
    String,
    case,
    cast,
    insert,
    literal,
    null,
    select,
    text,
)
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.database import Database
from bot.tables.campaigns import Batch, Campaign, CampaignMember
from bot.tables.messaging import (
    Attempt,
    Direction,
    Kind,
    Message,
    OpenQuestion,
    Outcome,
    QuestionState,
    State,
)
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import Patient, PatientCode, PhoneStatus
from tests.factories import ASTHMA, COPD, make_partner, make_practice

LANGUAGES = ("en", "pl", "ro", "ur", "pa-Guru", "bn", "ar", "so", "ru", "uk", "fa", "tr", "pt")
HYPERTENSION = "38341003"
BODY = "Station Practice: 1 yes, 2 no, 0 no more texts, 9 another language."
FIRST_NHS_NUMBER, FIRST_PHONE = 9_990_000_000, 447_700_000_000
INVITATION = "fuel-poverty-invitation"


@dataclass(frozen=True)
class Seeded:
    """A practice with its partner; the campaign is there when texts were seeded."""

    practice: Practice
    partner: Partner
    campaign: Campaign | None = None
    batch: Batch | None = None


def phone_of(index: int) -> str:
    """The phone of the index-th person, from 0."""
    return f"+{FIRST_PHONE + index}"


def ref_of(index: int) -> str:
    """The reference of the attempt for the index-th person's text, from 0."""
    return f"seeded-{index}"


def seed_people(db: Database, people: int, *, all_invited: bool = False) -> Seeded:
    """A practice of so many people: one in six has the condition, or everybody when all are to be invited."""
    practice = make_practice(db)
    partner = make_partner(db, practice, places=1_000_000)
    with db.write() as session:
        _insert(session, Patient, _patients(practice.id or 0, people, all_invited))
        for every, code in [(1, COPD)] if all_invited else [(8, ASTHMA), (25, COPD), (4, HYPERTENSION)]:
            chosen = select(col(Patient.id), literal(code)).where(col(Patient.id) % every == 0)
            session.execute(insert(PatientCode).from_select(["patient_id", "code"], chosen))
    analyse(db)
    return Seeded(practice, partner)


def _numbers(size: int) -> CTE:
    numbers = select(literal(0).label("i")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < size - 1))


def _insert(session: Session, table: Any, values: tuple[dict[str, Any], Any]) -> None:
    columns, source = values
    chosen: Select[Any] = select(*columns.values())
    session.execute(insert(table).from_select(list(columns), source(chosen)))


def _patients(practice_id: int, people: int, all_invited: bool) -> tuple[dict[str, Any], Any]:
    numbers, now = _numbers(people), utc_now()
    i = numbers.c.i
    tags = dict(enumerate(LANGUAGES))
    odd = {7: PhoneStatus.SHARED.value, 13: PhoneStatus.UNSAFE.value}
    born = case({place: literal(date(1930 + 4 * place, 5, 12)) for place in range(24)}, value=i % 24)
    columns = _patient_defaults(practice_id, now) | {
        "nhs_number": _text(FIRST_NHS_NUMBER, i),
        "born": literal(date(1960, 5, 12)) if all_invited else born,
        "phone": literal("+") + _text(FIRST_PHONE, i),
        "phone_status": literal("own") if all_invited else case(odd, value=i % 20, else_=PhoneStatus.OWN.value),
        "language": case(tags, value=i % 13) if all_invited else case(tags, value=i % 20, else_=null()),
    }
    return columns, lambda chosen: chosen.select_from(numbers).order_by(i)


def _patient_defaults(practice_id: int, now: datetime) -> dict[str, Any]:
    no = literal(False, Boolean)
    return {
        "practice_id": literal(practice_id),
        "surname": literal("Example"),
        "given_name": literal("Alex"),
        "sex": literal("F"),
        "phone_source": literal("list"),
        "language_source": literal("list"),
        "registered": literal(True, Boolean),
        "deceased": no,
        "texting_refused": no,
        "created_at": _moment(now),
        "updated_at": _moment(now),
    }


def _text(first: int, index: Any) -> Any:
    return cast(literal(first, BigInteger) + index, String)


def _moment(at: datetime) -> Any:
    return literal(at, Message.__table__.c.created_at.type)  # type: ignore[attr-defined]


def seed_texts(db: Database, seeded: Seeded, people: int, *, state: State) -> Seeded:
    """An invitation to each of the first `people`: queued, or gone out with an attempt and an open question."""
    campaign, batch = _campaign(db, seeded)
    told = Seeded(seeded.practice, seeded.partner, campaign, batch)
    with db.write() as session:
        _insert(session, Message, _messages(told, people, state))
        _insert(session, OpenQuestion, _questions(told, batch, state))
        _insert(session, CampaignMember, _members(campaign, batch, people))
        if state != State.QUEUED:
            _insert(session, Attempt, _attempts(batch))
    analyse(db)
    return told


def queue_alike(session: Session, seeded: Seeded, people: int) -> None:
    """One statement that puts a text for each of the first `people` into the outbox."""
    _insert(session, Message, _messages(seeded, people, State.QUEUED))


def _campaign(db: Database, seeded: Seeded) -> tuple[Campaign, Batch]:
    with db.write() as session:
        campaign = Campaign(
            practice_id=seeded.practice.id or 0,
            partner_id=seeded.partner.id or 0,
            purpose="fuel-poverty",
            criteria="cold-home-respiratory",
            criteria_version=1,
            matched=1,
            created_at=utc_now(),
        )
        session.add(campaign)
        session.flush()
        batch = Batch(campaign_id=campaign.id or 0, number=1, size=1, limited_by="cohort", approved_at=utc_now())
        session.add(batch)
    return campaign, batch


def _messages(seeded: Seeded, people: int, state: State) -> tuple[dict[str, Any], Any]:
    now, gone = utc_now(), state != State.QUEUED
    columns = {
        "direction": literal(Direction.OUT.value),
        "kind": literal(Kind.OUTREACH.value),
        "state": literal(state.value),
        "priority": literal(5),
        "practice_id": literal(seeded.practice.id),
        "sender_id": literal(seeded.practice.sender_id),
        "patient_id": col(Patient.id),
        "subject_kind": cast(literal("campaign" if seeded.campaign else None), String),
        "subject_id": cast(literal(seeded.campaign.id if seeded.campaign else None), Integer),
        "batch_id": cast(literal(seeded.batch.id if seeded.batch else None), Integer),
        "phone": col(Patient.phone),
        "body": literal(BODY),
        "text_key": literal(INVITATION),
        "language": literal("en"),
        "parts": literal(1),
        "automatic": literal(True, Boolean),
        "sid": _sid() if gone else null(),
        "attempts": literal(int(gone)),
        "not_before": _moment(now),
        "created_at": _moment(now),
        "updated_at": _moment(now),
    }
    return columns, lambda chosen: chosen.where(col(Patient.phone) < phone_of(people)).order_by(col(Patient.id))


def _sid() -> Any:
    return literal("SM") + col(Patient.phone)


def _attempts(batch: Batch) -> tuple[dict[str, Any], Any]:
    now = utc_now()
    columns = {
        "message_id": col(Message.id),
        "number": literal(1),
        "ref": literal("seeded-") + cast(col(Message.patient_id) - _first_patient(), String),
        "sid": col(Message.sid),
        "outcome": literal(Outcome.ACCEPTED.value),
        "started_at": _moment(now),
        "lease_until": _moment(now),
        "ended_at": _moment(now),
        "look_ups": literal(0),
    }
    return columns, lambda chosen: chosen.where(col(Message.batch_id) == batch.id)


def _first_patient() -> Any:
    return select(col(Patient.id)).order_by(col(Patient.id)).limit(1).scalar_subquery()


def _questions(seeded: Seeded, batch: Batch, state: State) -> tuple[dict[str, Any], Any]:
    now, gone = utc_now(), state != State.QUEUED
    columns = {
        "sender_id": literal(seeded.practice.sender_id),
        "practice_id": literal(seeded.practice.id),
        "phone": col(Message.phone),
        "patient_id": col(Message.patient_id),
        "subject_kind": col(Message.subject_kind),
        "subject_id": col(Message.subject_id),
        "kind": literal("invitation"),
        "state": literal((QuestionState.OPEN if gone else QuestionState.PENDING).value),
        "message_id": col(Message.id),
        "opened_at": _moment(now) if gone else null(),
        "expires_at": _moment(now + timedelta(days=14)) if gone else null(),
    }
    return columns, lambda chosen: chosen.where(col(Message.batch_id) == batch.id)


def _members(campaign: Campaign, batch: Batch, people: int) -> tuple[dict[str, Any], Any]:
    columns = {
        "campaign_id": literal(campaign.id),
        "patient_id": col(Patient.id),
        "recorded_language": col(Patient.language),
        "language": literal("en"),
        "batch_id": literal(batch.id),
        "left_out": literal(False, Boolean),
    }
    return columns, lambda chosen: chosen.where(col(Patient.phone) < phone_of(people))


def analyse(db: Database) -> None:
    """What the database does by itself once a day: look at its tables, so that it plans well."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
