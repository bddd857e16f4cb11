"""Whom a pharmacy speaks of: only people whom a practice lists that the pharmacy is linked to.

Nobody learns from the answer who is registered, dead or another pharmacy's: unknown, unlinked, deregistered and
deceased people are all nobody, found by the same single statement.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import Session, col, select

from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.person_codes import read_code
from bot.pharmacy.organising.links import SAID_BY_BOTH
from bot.rows import among
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient, PersonCode
from bot.tables.pharmacy import PharmacyPractice

ON_THE_LIST = (col(Patient.registered), col(Patient.deceased).is_(False), col(Patient.died_on).is_(None))
"""Whether the Patient of a query is somebody of whom a pharmacy may speak, if it is linked to their practice."""


def person_by_code(session: Session, pharmacy: Pharmacy, code: str) -> Patient | None:
    """Whom an opaque code stands for, as somebody wrote it.

    :raises Refused: `bad-code`, it is no code at all, which says nothing about anybody.
    """
    wanted = read_code(code)
    return people_by_codes(session, pharmacy, [wanted]).get(wanted)


def person_by_number(session: Session, pharmacy: Pharmacy, nhs_number: str, born: date | None) -> Patient | None:
    """Who has that NHS number, spaced in any way, and was born on that day.

    :param born: None for the NHS wire alone, whose sender is an authenticated system; people give both.
    """
    wanted = read_nhs_number(nhs_number).number or ""
    return people_by_numbers(session, pharmacy, [(wanted, born)]).get((wanted, born))


def people_by_codes(session: Session, pharmacy: Pharmacy, codes: Collection[str]) -> Mapping[str, Patient]:
    """Whom these codes (as `read_code` gives them) stand for; who is not found is left out."""
    statement = (
        select(PersonCode.code, Patient)
        .join(Patient, col(Patient.id) == col(PersonCode.patient_id))
        .where(among(session, col(PersonCode.code), codes), col(PersonCode.replaced_at).is_(None), theirs_sql(pharmacy))
    )
    return dict(session.exec(statement).all())


def people_by_numbers(
    session: Session, pharmacy: Pharmacy, wanted: Sequence[tuple[str, date | None]]
) -> Mapping[tuple[str, date | None], Patient]:
    """Who has these NHS numbers (ten digits) and birth dates; who is not found is left out.

    Where two linked practices list somebody, the record that came last counts.
    """
    numbers = [number for number, _ in wanted]
    statement = select(Patient).where(among(session, col(Patient.nhs_number), numbers), theirs_sql(pharmacy))
    people = {person.nhs_number: person for person in session.exec(statement.order_by(col(Patient.id)))}
    return {
        (number, born): person
        for number, born in wanted
        if (person := people.get(number)) is not None and born in (None, person.born)
    }


def theirs_sql(pharmacy: Pharmacy) -> ColumnElement[bool]:
    """Whether a pharmacy may speak of the Patient of a query: alive, registered, at a practice it is linked to."""
    linked = exists().where(
        col(PharmacyPractice.pharmacy_id) == pharmacy.id,
        col(PharmacyPractice.practice_id) == col(Patient.practice_id),
        *SAID_BY_BOTH,
    )
    return and_(linked.correlate(Patient), *ON_THE_LIST)
