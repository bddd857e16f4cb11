"""The interpreters of all agencies, as the matcher wants them: one statement, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, time
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    String,
    Time,
    and_,
    bindparam,
    cast,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.interpreters.languages import subtags_that_may_do
from bot.interpreters.suiting import Candidate
from bot.rows import one_of_given
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
    given = {"of_practice": practice_id, "of_patient": patient_id, "these": list(only or ()), "now": utc_now()}
    statement = _lines(connection.dialect.name, only is not None, tuple(firsts))
    once: dict[int, Any] = {}
    languages: dict[int, set[str]] = defaultdict(set)
    hours: dict[int, list[Hours]] = defaultdict(list)
    away: dict[int, list[Away]] = defaultdict(list)
    for row in connection.execute(statement, given).all():
        if row.weekday is not None:
            hours[row.id].append((row.weekday, row.opens, row.closes))
        elif row.starts is not None:
            away[row.id].append((row.starts, row.ends))
        else:
            once[row.id] = row
            languages[row.id].add(row.language)
    return [
        Candidate(
            id=row.id,
            code=row.code,
            name=row.name,
            sex=row.sex,
            languages=frozenset(languages[row.id] - {None}),
            notice=notice_of(row),
            hours=tuple(hours[row.id]),
            away=tuple(away[row.id]),
            linked=row.linked is not None,
            blocked=row.blocked is not None,
        )
        for row in sorted(once.values(), key=attrgetter("code"))
    ]


def _who_may_speak(firsts: Collection[str]) -> Select[Any]:
    tag = col(InterpreterLanguage.language)
    these = or_(*(tag == first for first in firsts), *(tag.like(f"{first}-%") for first in firsts))
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
def _lines(dialect: str, some: bool, firsts: tuple[str, ...]) -> CompoundSelect[Any]:
    """A line for each language of an interpreter, each of their hours and each time away. Built once.

    :param some: only those of the ids given; `firsts`: only who may speak a language that begins so.
    """
    who = _people(dialect, some, firsts).cte("who")
    working, away = col(InterpreterHours.interpreter_id), col(InterpreterAway.interpreter_id)
    weekly = {name: getattr(InterpreterHours, name) for name in ("weekday", "opens", "closes")}
    gone = {name: getattr(InterpreterAway, name) for name in ("starts", "ends")}
    return union_all(
        _line(dict(who.c.items())),
        _line({"id": working, **weekly}).where(working.in_(select(who.c.id))),
        _line({"id": away, **gone}).where(
            away.in_(select(who.c.id)), col(InterpreterAway.ends) > bindparam("now", type_=_MOMENT)
        ),
    )


_OF_A_PERSON = ("id", "code", "name", "sex", "in_person_notice", "telephone_notice", "video_notice")
_TYPES: Mapping[str, TypeEngine[Any]] = {
    "id": Integer(),
    "code": String(),
    "name": String(),
    "sex": String(),
    "in_person_notice": Integer(),
    "telephone_notice": Integer(),
    "video_notice": Integer(),
    "language": String(),
    "linked": Integer(),
    "blocked": Integer(),
    "weekday": Integer(),
    "opens": Time(),
    "closes": Time(),
    "starts": _MOMENT,
    "ends": _MOMENT,
}


def _line(known: Mapping[str, Any]) -> Select[Any]:
    return select(*(known[name] if name in known else cast(null(), kind).label(name) for name, kind in _TYPES.items()))


def _people(dialect: str, some: bool, firsts: tuple[str, ...]) -> Select[Any]:
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
            *(getattr(Interpreter, name) for name in _OF_A_PERSON),
            col(InterpreterLanguage.language),
            col(AgencyPractice.practice_id).label("linked"),
            col(BlockedInterpreter.patient_id).label("blocked"),
        )
        .outerjoin(InterpreterLanguage, col(InterpreterLanguage.interpreter_id) == col(Interpreter.id))
        .outerjoin(AgencyPractice, linked)
        .outerjoin(BlockedInterpreter, blocked)
        .where(col(Interpreter.left_at).is_(None))
    )
    if some:
        statement = statement.where(one_of_given(col(Interpreter.id), "these", dialect))
    return statement.where(col(Interpreter.id).in_(_who_may_speak(firsts))) if firsts else statement
