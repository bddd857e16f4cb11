"""Which numbers are safe to text: one person's own, not a family's, not a child's unless confirmed.

A number that was a child's does not become theirs by a birthday: it may be a parent's as it was the day before.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import (
    Case,
    ColumnElement,
    Exists,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    extract,
    false,
    func,
    or_,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clock import LONDON, born_by, london_today, utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.lists import ListImport, ListState
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_STAFF, TOLD, Patient, PhoneStatus

ADULT_FOR_TEXTING = 16
"""Under 16 a number is taken to be a parent's until the young person confirmed it.

Source: RCGP guidance on proxy access, which sets 16 as the age at which a parent's access ends.
"""

ADULT = 18
"""Until then a number that was listed before the 16th birthday, and never confirmed, is taken to be a parent's."""
OF_THEIR_OWN = 11
"""From that age on what a young person asks for is their own, and nothing is said of it to a parent's number.

Source: RCGP guidance on proxy access, which has it reviewed and limited at 11.
"""

_AT_A_TIME = 5000  # ids
_THEIRS_ALONE = (PhoneStatus.OWN, PhoneStatus.CONFIRMED)
_A_YEAR = 10_000
"""Between two days, written as one number of year, month and day."""
_WORKED_OUT = (PhoneStatus.OWN, PhoneStatus.SHARED, PhoneStatus.UNSAFE)


def on_another_record_sql(practice_id: Any, phone: Any, patient_id: Any, status: Any, source: Any) -> Exists:
    """Whether the number of the outer query's person stands on another record of the practice as well.

    Whoever told us personally, or told staff, that the number is theirs has it to themselves, unless somebody else
    said the same of it: a list that repeats the number takes nothing away from that, and gives it to nobody.
    """
    other = aliased(Patient)
    theirs = and_(status == PhoneStatus.CONFIRMED, source.in_(TOLD))
    others_too = and_(col(other.phone_status) == PhoneStatus.CONFIRMED, col(other.phone_source).in_(TOLD))
    return exists().where(
        col(other.practice_id) == practice_id,
        col(other.phone) == phone,
        col(other.id) != patient_id,
        or_(func.coalesce(theirs, false()).is_(false()), others_too),
    )


def refresh_phone_safety(db: Database, practice_id: int, today: date) -> None:
    """Work out for the whole practice which numbers are `own`, `shared` or `unsafe`, some thousands a transaction.

    A number on more than one record is shared, whoever's they are: of any age, dead or alive. `confirmed` and
    `failed` are facts about the number and stay, and so does what staff said of it.

    :param today: the date in England.
    """
    with db.read() as session:
        last = session.exec(select(func.max(Patient.id)).where(Patient.practice_id == practice_id)).one() or 0
        first = session.exec(select(func.min(Patient.id)).where(Patient.practice_id == practice_id)).one() or 0
    for start in range(first, last + 1, _AT_A_TIME):
        with db.write() as session:
            here = col(Patient.id).between(start, start + _AT_A_TIME - 1)
            _date_numbers(session, today, col(Patient.practice_id) == practice_id, here)
            session.execute(_work_out(practice_id, today, start))


def number_works_again(session: Session, practice_id: int, phone: str, today: date) -> None:
    """A text arrived where the network had said that the number does not work: it is judged like any other again.

    A number of which its holder or staff say that it is the wrong one stays as it is.

    :param today: the date in England.
    """
    _date_numbers(session, today, col(Patient.practice_id) == practice_id, col(Patient.phone) == phone)
    session.execute(
        update(Patient)
        .where(
            col(Patient.practice_id) == practice_id,
            col(Patient.phone) == phone,
            col(Patient.phone_status) == PhoneStatus.FAILED,
            col(Patient.phone_source).not_in(TOLD),
        )
        .values(phone_status=_judged(today), updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )


def _judged(today: date) -> Case[str]:
    """What is to be thought of the number of the statement's person: their own, a family's, or a child's."""
    other = aliased(Patient)
    on_several = exists().where(
        col(other.practice_id) == col(Patient.practice_id),
        col(other.phone) == col(Patient.phone),
        col(other.id) != col(Patient.id),
    )
    return case(
        (col(Patient.born) > born_by(ADULT_FOR_TEXTING, today), PhoneStatus.UNSAFE.value),
        (and_(col(Patient.born) > born_by(ADULT, today), _listed_as_a_childs()), PhoneStatus.UNSAFE.value),
        (on_several.correlate(Patient), PhoneStatus.SHARED.value),
        else_=PhoneStatus.OWN.value,
    )


def _listed_as_a_childs() -> ColumnElement[bool]:
    """Whether the statement's person was under 16 when their number was first heard of; null where nobody knows."""
    since, born = (_as_number(column) for column in (col(Patient.phone_since), col(Patient.born)))
    return since - born < ADULT_FOR_TEXTING * _A_YEAR


def _as_number(day: Any) -> ColumnElement[int]:
    """A day as 20261128, so that years between two days are counted alike on every database."""
    year, month, of_month = (cast(extract(field, day), Integer) for field in ("year", "month", "day"))
    return year * _A_YEAR + month * 100 + of_month


def _date_numbers(session: Session, today: date, *whom: ColumnElement[bool]) -> None:
    """Where nobody kept since when a young person has a number, it is from the record's first day in London on."""
    undated = select(Patient.id, Patient.created_at).where(
        *whom,
        col(Patient.phone).is_not(None),
        col(Patient.phone_since).is_(None),
        col(Patient.born) > born_by(ADULT, today),
    )
    days = [
        {"of_patient": patient_id, "since": created_at.astimezone(LONDON).date()}
        for patient_id, created_at in session.exec(undated)
    ]
    if days:
        of_each = update(Patient).where(col(Patient.id) == bindparam("of_patient"))
        session.connection().execute(of_each.values(phone_since=bindparam("since")), days)


def may_be_a_parents(patient: Patient, today: date) -> bool:
    """Whether whoever has the number of a young person's record may be somebody else, such as a parent.

    :param today: the date in England.
    """
    young = born_by(ADULT, today) < patient.born <= born_by(OF_THEIR_OWN, today)
    return young and patient.phone_status not in _THEIRS_ALONE


def _work_out(practice_id: int, today: date, start: int) -> Update:
    status = _judged(today)
    statement = update(Patient).where(
        col(Patient.practice_id) == practice_id,
        col(Patient.id).between(start, start + _AT_A_TIME - 1),
        col(Patient.phone).is_not(None),
        col(Patient.phone_status).in_([str(known) for known in _WORKED_OUT]),
        col(Patient.phone_source) != FROM_STAFF,
        col(Patient.phone_status) != status,
    )
    return statement.values(phone_status=status, updated_at=utc_now()).execution_options(synchronize_session=False)


def refresh_every_practice(db: Database, _settings: Settings) -> None:
    """Somebody turns 16 every day: work the safety of numbers out again.

    A practice of which a list is half stored is left for later: who shares a number is not known yet.
    """
    half_stored = select(ListImport.practice_id).where(ListImport.state == ListState.STORING)
    with db.read() as session:
        practices = session.exec(select(Practice.id).where(col(Practice.id).not_in(half_stored))).all()
    for practice_id in practices:
        refresh_phone_safety(db, practice_id or 0, london_today())


def language_of_all(people: Iterable[Patient]) -> str | None:
    """The one language recorded for the people of a phone; None when none is, or several are."""
    recorded = {person.language for person in people if person.language}
    return recorded.pop() if len(recorded) == 1 else None
