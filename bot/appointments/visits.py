"""Visits by code, by person and by day, and a visit as programs read it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.clock import LONDON
from bot.patients.person_codes import read_code
from bot.refusals import Refused
from bot.rows import among
from bot.tables.appointments import Clinic, Clinician, Site, Visit, VisitState
from bot.tables.interpreters import Interpreter
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

COLUMNS = (
    "visit",
    "starts",
    "ends",
    "clinic",
    "clinician",
    "mode",
    "interpreter",
    "interpreter_mode",
    "interpreter_state",
    "state",
    "sequence",
    "kind",
)


def visit_by_code(session: Session, written: str) -> Visit:
    """The visit with that code, as somebody wrote it.

    :raises Refused: `bad-code`, no code looks like that; `unknown-visit`.
    """
    code = read_code(written)
    found = session.exec(select(Visit).where(Visit.code == code)).first()
    if found is None:
        raise Refused("unknown-visit", f"There is no visit {code}. Check the code.")
    return found


def lock_visit(session: Session, visit_id: int | None) -> Visit:
    """The visit as it is now, locked until the transaction ends: of two who change it one comes second."""
    return session.get_one(Visit, visit_id, with_for_update={"key_share": True}, populate_existing=True)


def visits_and_places(session: Session, which: ColumnElement[bool]) -> Sequence[tuple[Visit, Site | None, Practice]]:
    """Visits with the site, if one is known, and the practice they are at, the first of them first."""
    statement = (
        select(Visit, Site, Practice)
        .outerjoin(Site, col(Site.id) == col(Visit.site_id))
        .join(Practice, col(Practice.id) == col(Visit.practice_id))
        .where(which)
        .order_by(col(Visit.starts), col(Visit.id))
    )
    return session.exec(statement).all()


def practice_of_visit(session: Session, visit: Visit) -> Practice:
    """The practice whose visit it is."""
    return session.get_one(Practice, visit.practice_id)


def coming_visits(session: Session, patient_id: int, now: datetime) -> Sequence[Visit]:
    """Visits of a person that are booked and have not begun, the first of them first."""
    statement = select(Visit).where(
        Visit.patient_id == patient_id, Visit.state == VisitState.BOOKED, col(Visit.starts) > now
    )
    return session.exec(statement.order_by(col(Visit.starts), col(Visit.id))).all()


def visits_of_practice(session: Session, practice: Practice, day: date | None = None) -> Sequence[Visit]:
    """All visits of a practice by start, those given up among them; of one day in London where it is named."""
    statement = select(Visit).where(Visit.practice_id == practice.id)
    if day is not None:
        begins, ends = (_midnight(each) for each in (day, day + timedelta(days=1)))
        statement = statement.where(col(Visit.starts) >= begins, col(Visit.starts) < ends)
    return session.exec(statement.order_by(col(Visit.starts), col(Visit.id))).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def lines_of(session: Session, visits: Iterable[Visit]) -> list[dict[str, Any]]:
    """Visits as programs read them, in the order given, with three statements however many there are."""
    wanted = list(visits)
    clinics = _codes(session, Clinic, {visit.clinic_id for visit in wanted})
    clinicians = _codes(session, Clinician, {visit.clinician_id for visit in wanted})
    interpreters = _codes(session, Interpreter, {visit.interpreter_id for visit in wanted})
    return [
        {
            "visit": visit.code,
            "starts": written(visit.starts),
            "ends": written(visit.ends),
            "clinic": clinics.get(visit.clinic_id),
            "clinician": clinicians.get(visit.clinician_id),
            "mode": visit.mode,
            "interpreter": interpreters.get(visit.interpreter_id),
            "interpreter_mode": visit.interpreter_mode,
            "interpreter_state": visit.interpreter_state,
            "state": visit.state,
            "sequence": visit.sequence,
            "kind": visit.kind,
        }
        for visit in wanted
    ]


def line_of(session: Session, visit: Visit) -> dict[str, Any]:
    """One visit as programs read it."""
    return lines_of(session, [visit])[0]


def written(moment: datetime) -> str:
    """A moment in UTC as programs read it."""
    return moment.astimezone(UTC).isoformat()


def _codes(
    session: Session, table: type[Clinic] | type[Clinician] | type[Interpreter], ids: set[int | None]
) -> dict[int | None, str]:
    wanted = ids - {None}
    if not wanted:
        return {}
    these = among(session, col(table.id), sorted(filter(None, wanted)))
    rows = session.execute(sqlalchemy_select(col(table.id), col(table.code)).where(these))
    return {row[0]: row[1] for row in rows}


def whose(session: Session, visit: Visit) -> Patient | None:
    """The person of a visit; None where only a phone is known."""
    return None if visit.patient_id is None else session.get_one(Patient, visit.patient_id)
