"""Which numbers are safe to text: one person's own, not a family's, not a child's unless confirmed."""

from datetime import date

from sqlalchemy import case, func, update
from sqlmodel import Session, col, select

from bot.clock import london_today, utc_now
from bot.database import Database
from bot.people.dates import years_before
from bot.people.tables import Patient, PhoneStatus, Practice

ADULT_FOR_TEXTING = 16
"""Under 16 a number is taken to be a parent's until the young person confirmed it.

Source: RCGP guidance on proxy access, which sets 16 as the age at which a parent's access ends.
"""

_WORKED_OUT = (PhoneStatus.OWN, PhoneStatus.SHARED, PhoneStatus.UNSAFE)


def refresh_phone_safety(session: Session, practice_id: int, today: date) -> None:
    """Work out for the whole practice, in one statement, which numbers are `own`, `shared` or `unsafe`.

    A number on more than one record is shared, whoever's they are: of any age, dead or alive. `confirmed` and
    `failed` are facts about the number and stay.

    :param today: the date in England.
    """
    on_several = (
        select(Patient.phone)
        .where(Patient.practice_id == practice_id, col(Patient.phone).is_not(None))
        .group_by(col(Patient.phone))
        .having(func.count() > 1)
    )
    status = case(
        (col(Patient.born) > years_before(today, ADULT_FOR_TEXTING), PhoneStatus.UNSAFE.value),
        (col(Patient.phone).in_(on_several), PhoneStatus.SHARED.value),
        else_=PhoneStatus.OWN.value,
    )
    statement = update(Patient).where(
        col(Patient.practice_id) == practice_id,
        col(Patient.phone).is_not(None),
        col(Patient.phone_status).in_([str(known) for known in _WORKED_OUT]),
        col(Patient.phone_status) != status,
    )
    session.execute(
        statement.values(phone_status=status, updated_at=utc_now()).execution_options(synchronize_session=False)
    )


def refresh_every_practice(db: Database) -> None:
    """Somebody turns 16 every day: work the safety of numbers out again, a practice a transaction."""
    with db.read() as session:
        practices = session.exec(select(Practice.id)).all()
    for practice_id in practices:
        with db.write() as session:
            refresh_phone_safety(session, practice_id or 0, london_today())
