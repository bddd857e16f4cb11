"""Which numbers are safe to text: one person's own, not a family's, not a child's unless confirmed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Case, Exists, Update, and_, case, exists, false, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clock import born_by, london_today, utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.lists import ListImport, ListState
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_STAFF, TOLD, Patient, PhoneStatus

ADULT_FOR_TEXTING = 16
"""Under 16 a number is taken to be a parent's until the young person confirmed it.

Source: RCGP guidance on proxy access, which sets 16 as the age at which a parent's access ends.
"""

_AT_A_TIME = 5000  # ids
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
            session.execute(_work_out(practice_id, today, start))


def number_works_again(session: Session, practice_id: int, phone: str, today: date) -> None:
    """A text arrived where the network had said that the number does not work: it is judged like any other again.

    A number of which its holder or staff say that it is the wrong one stays as it is.

    :param today: the date in England.
    """
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
        (on_several.correlate(Patient), PhoneStatus.SHARED.value),
        else_=PhoneStatus.OWN.value,
    )


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
