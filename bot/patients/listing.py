"""Everybody on a practice's list, as programs and people read them."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from bot.patients.optouts import opted_out_scope_sql
from bot.rows import CHUNK
from bot.tables.patients import Patient, PatientCode

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


def list_people(session: Session, practice_id: int) -> Iterator[dict[str, Any]]:
    """Each patient of the practice in the order they were added, a thousand read at a time."""
    after = 0
    while people := _people(session, practice_id, after):
        after = people[-1][0].id or 0
        codes = _codes(session, [patient.id or 0 for patient, _ in people])
        for patient, scope in people:
            yield _described(patient, codes.get(patient.id or 0, []), scope)


def describe_person(session: Session, patient_id: int) -> dict[str, Any]:
    """One person's line of that list."""
    patient, scope = session.exec(select(Patient, opted_out_scope_sql()).where(Patient.id == patient_id)).one()
    return _described(patient, _codes(session, [patient_id]).get(patient_id, []), scope)


def _people(session: Session, practice_id: int, after: int) -> list[tuple[Patient, str | None]]:
    statement = select(Patient, opted_out_scope_sql()).where(
        Patient.practice_id == practice_id, col(Patient.id) > after
    )
    rows = session.exec(statement.order_by(col(Patient.id)).limit(CHUNK)).all()
    session.expunge_all()
    return [(patient, scope) for patient, scope in rows]


def _codes(session: Session, ids: list[int]) -> dict[int, list[str]]:
    statement = select(PatientCode).where(col(PatientCode.patient_id).in_(ids)).order_by(col(PatientCode.code))
    codes: dict[int, list[str]] = {}
    for row in session.exec(statement):
        codes.setdefault(row.patient_id, []).append(row.code)
    return codes


def _described(patient: Patient, codes: list[str], scope: str | None) -> dict[str, Any]:
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
        "opted_out": scope,
        "registered": patient.registered,
        "deceased": patient.deceased,
        "texting_refused": patient.texting_refused,
        "imd_decile": patient.imd_decile,
        "ethnic_category": patient.ethnic_category,
    }
