"""Everybody on a practice's list, as programs and people read them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import Session, col

from bot.patients.optouts import opted_out_scope_sql
from bot.rows import CHUNK
from bot.tables.patients import CervicalScreening, Patient, PatientCode

COLUMNS = (
    "nhs_number",
    "name",
    "born",
    "phone",
    "phone_status",
    "language",
    "interpreter",
    "codes",
    "opted_out",
)


class _Person(NamedTuple):
    """A patient, the scope of their opt-out, and what their list says of their cervical screening."""

    patient: Patient
    opted_out: str | None
    cervical_screening: str | None


def list_people(session: Session, practice_id: int) -> Iterator[dict[str, Any]]:
    """Each patient of the practice in the order they were added, a thousand read at a time."""
    after = 0
    while people := _people(session, practice_id, after):
        after = people[-1].patient.id or 0
        codes = _codes(session, [person.patient.id or 0 for person in people])
        for person in people:
            yield _described(person, codes.get(person.patient.id or 0, []))


def describe_person(session: Session, patient_id: int) -> dict[str, Any]:
    """One person's line of that list."""
    person = _Person(*session.execute(_selected().where(col(Patient.id) == patient_id)).one())
    return _described(person, _codes(session, [patient_id]).get(patient_id, []))


def _selected() -> Select[Patient, str | None, str | None]:
    columns = select(Patient, opted_out_scope_sql(), col(CervicalScreening.status))
    return columns.outerjoin(CervicalScreening, col(CervicalScreening.patient_id) == col(Patient.id))


def _people(session: Session, practice_id: int, after: int) -> list[_Person]:
    statement = _selected().where(col(Patient.practice_id) == practice_id, col(Patient.id) > after)
    rows = session.execute(statement.order_by(col(Patient.id)).limit(CHUNK)).all()
    session.expunge_all()
    return [_Person(*row) for row in rows]


def _codes(session: Session, ids: list[int]) -> dict[int, list[str]]:
    statement = select(PatientCode).where(col(PatientCode.patient_id).in_(ids)).order_by(col(PatientCode.code))
    codes: dict[int, list[str]] = {}
    for row in session.scalars(statement):
        codes.setdefault(row.patient_id, []).append(row.code)
    return codes


def _described(person: _Person, codes: list[str]) -> dict[str, Any]:
    patient = person.patient
    return {
        "nhs_number": patient.nhs_number,
        "name": f"{patient.given_name} {patient.surname}".strip(),
        "born": patient.born.isoformat(),
        "sex": patient.sex,
        "phone": patient.phone,
        "phone_status": patient.phone_status,
        "language": patient.language,
        "interpreter": patient.interpreter,
        "codes": codes,
        "opted_out": person.opted_out,
        "registered": patient.registered,
        "deceased": patient.deceased,
        "texting_refused": patient.texting_refused,
        "imd_decile": patient.imd_decile,
        "ethnic_category": patient.ethnic_category,
        "cervical_screening": person.cervical_screening,
    }
