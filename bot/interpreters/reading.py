"""The interpreters of all agencies, as the matcher wants them: two statements, however many there are."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, and_, null, or_, select, type_coerce, union_all
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.interpreters.languages import subtags_that_may_do
from bot.interpreters.suiting import Candidate
from bot.rows import among, columns_of
from bot.tables.interpreters import (
    AgencyPractice,
    BlockedInterpreter,
    Interpreter,
    InterpreterAway,
    InterpreterHours,
    InterpreterLanguage,
    Mode,
)

Hours = tuple[int, time, time]
Away = tuple[datetime, datetime]
_MOMENT = InterpreterAway.__table__.c.starts.type  # type: ignore[attr-defined]


def candidates(
    session: Session,
    practice_id: int,
    *,
    patient_id: int | None = None,
    only: Collection[int] | None = None,
    language: str | None = None,
) -> list[Candidate]:
    """Every interpreter who has not left, by code, of whatever agency: `linked` says whether it serves the practice.

    What visits alone can tell (`busy`, `known`) is left empty.

    :param patient_id: for whom; `blocked` are those whom this person does not want.
    :param only: the ids of those who are wanted.
    :param language: leave out who for certain does not interpret for somebody who needs it.
    """
    statement = _people(session, practice_id, patient_id, only)
    if language is not None:
        statement = statement.where(col(Interpreter.id).in_(_who_may_speak(language)))
    rows = session.execute(statement).all()
    languages: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.language is not None:
            languages[row.id].add(row.language)
    some = only is not None or language is not None
    hours, away = _times(session, sorted({row.id for row in rows}) if some else None)
    once = {row.id: row for row in rows}
    return [
        Candidate(
            id=row.id,
            code=row.code,
            name=row.name,
            sex=row.sex,
            languages=frozenset(languages[row.id]),
            notice=notice_of(row),
            hours=tuple(hours[row.id]),
            away=tuple(away[row.id]),
            linked=row.linked is not None,
            blocked=row.blocked is not None,
        )
        for row in once.values()
    ]


def _who_may_speak(language: str) -> Select[Any]:
    tag, firsts = col(InterpreterLanguage.language), sorted(subtags_that_may_do(language))
    these = or_(tag.in_(firsts), *(tag.like(f"{first}-%") for first in firsts))
    found: Select[Any] = select(col(InterpreterLanguage.interpreter_id)).where(these)
    return found


def notice_of(interpreter: Any) -> dict[str, int]:
    """Hours of notice by mode; a mode in which they do not work is not there."""
    written = {
        Mode.IN_PERSON.value: interpreter.in_person_notice,
        Mode.TELEPHONE.value: interpreter.telephone_notice,
        Mode.VIDEO.value: interpreter.video_notice,
    }
    return {mode: notice for mode, notice in written.items() if notice is not None}


def _people(
    session: Session, practice_id: int, patient_id: int | None, only: Collection[int] | None
) -> Select[tuple[Any, ...]]:
    linked = and_(
        col(AgencyPractice.agency_id) == col(Interpreter.agency_id), col(AgencyPractice.practice_id) == practice_id
    )
    blocked = and_(
        col(BlockedInterpreter.interpreter_id) == col(Interpreter.id), col(BlockedInterpreter.patient_id) == patient_id
    )
    statement = (
        select(
            *columns_of(Interpreter),
            col(InterpreterLanguage.language),
            col(AgencyPractice.practice_id).label("linked"),
            col(BlockedInterpreter.patient_id).label("blocked"),
        )
        .outerjoin(InterpreterLanguage, col(InterpreterLanguage.interpreter_id) == col(Interpreter.id))
        .outerjoin(AgencyPractice, linked)
        .outerjoin(BlockedInterpreter, blocked)
        .where(col(Interpreter.left_at).is_(None))
        .order_by(col(Interpreter.code))
    )
    return statement if only is None else statement.where(among(session, col(Interpreter.id), only))


def _times(session: Session, only: list[int] | None) -> tuple[dict[int, list[Hours]], dict[int, list[Away]]]:
    """Working hours, and times away that are not over, of these interpreters or of all."""
    weekly = select(
        col(InterpreterHours.interpreter_id).label("whose"),
        col(InterpreterHours.weekday),
        col(InterpreterHours.opens),
        col(InterpreterHours.closes),
        type_coerce(null(), _MOMENT).label("starts"),
        type_coerce(null(), _MOMENT).label("ends"),
    )
    gone = select(
        col(InterpreterAway.interpreter_id),
        null(),
        null(),
        null(),
        col(InterpreterAway.starts),
        col(InterpreterAway.ends),
    ).where(col(InterpreterAway.ends) > utc_now())
    if only is not None:
        weekly = weekly.where(among(session, col(InterpreterHours.interpreter_id), only))
        gone = gone.where(among(session, col(InterpreterAway.interpreter_id), only))
    hours: dict[int, list[Hours]] = defaultdict(list)
    away: dict[int, list[Away]] = defaultdict(list)
    for row in session.execute(union_all(weekly, gone)):
        if row.weekday is None:
            away[row.whose].append((row.starts, row.ends))
        else:
            hours[row.whose].append((row.weekday, row.opens, row.closes))
    return hours, away
