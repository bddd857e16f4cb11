"""The interpreters of all agencies, as the matcher wants them: two statements, however many there are."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, time
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, bindparam, null, or_, select, type_coerce, union_all
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.interpreters.languages import subtags_that_may_do
from bot.interpreters.suiting import Candidate
from bot.rows import columns_of, one_of_given
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
    session.flush()
    connection = session.connection()
    firsts = sorted(subtags_that_may_do(language)) if language is not None else []
    given = {"of_practice": practice_id, "of_patient": patient_id, "these": [] if only is None else list(only)}
    statement = _people(connection.dialect.name, only is not None, tuple(firsts))
    rows = connection.execute(statement, given).all()
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


def _who_may_speak(firsts: Collection[str]) -> Select[Any]:
    tag = col(InterpreterLanguage.language)
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


@cache
def _people(dialect: str, some: bool, firsts: tuple[str, ...]) -> Select[Any]:
    """Asked for every time that is sought, so it is built once.

    :param some: only those of the ids given; `firsts`: only who may speak a language that begins so.
    """
    linked = and_(
        col(AgencyPractice.agency_id) == col(Interpreter.agency_id),
        col(AgencyPractice.practice_id) == bindparam("of_practice"),
    )
    blocked = and_(
        col(BlockedInterpreter.interpreter_id) == col(Interpreter.id),
        col(BlockedInterpreter.patient_id) == bindparam("of_patient"),
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
    if some:
        statement = statement.where(one_of_given(col(Interpreter.id), "these", dialect))
    return statement.where(col(Interpreter.id).in_(_who_may_speak(firsts))) if firsts else statement


def _times(session: Session, only: list[int] | None) -> tuple[dict[int, list[Hours]], dict[int, list[Away]]]:
    """Working hours, and times away that are not over, of these interpreters or of all."""
    connection = session.connection()
    given = {"now": utc_now(), "these": only or []}
    rows = connection.execute(_hours_and_away(connection.dialect.name, only is not None), given)
    hours: dict[int, list[Hours]] = defaultdict(list)
    away: dict[int, list[Away]] = defaultdict(list)
    for row in rows:
        if row.weekday is None:
            away[row.whose].append((row.starts, row.ends))
        else:
            hours[row.whose].append((row.weekday, row.opens, row.closes))
    return hours, away


@cache
def _hours_and_away(dialect: str, some: bool) -> CompoundSelect[Any]:
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
    ).where(col(InterpreterAway.ends) > bindparam("now", type_=_MOMENT))
    if some:
        weekly = weekly.where(one_of_given(col(InterpreterHours.interpreter_id), "these", dialect))
        gone = gone.where(one_of_given(col(InterpreterAway.interpreter_id), "these", dialect))
    return union_all(weekly, gone)
