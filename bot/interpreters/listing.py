"""Interpreters as they are listed, for a practice those of the agencies that serve it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.interpreters.hours import Hours, hours_in_words
from bot.interpreters.reading import notice_of
from bot.tables.interpreters import AgencyPractice, Interpreter, InterpreterHours, InterpreterLanguage
from bot.tables.organisations import Agency


@dataclass(frozen=True)
class InterpreterLine:
    """An interpreter as listed. `modes` are hours of notice by mode; `hours_this_week` is what they are booked for."""

    interpreter: str
    name: str
    agency: str
    sex: str
    languages: tuple[str, ...]
    modes: Mapping[str, int]
    hours: tuple[Hours, ...]
    hours_this_week: float

    def as_json(self) -> dict[str, Any]:
        """What `interpreters list` says."""
        return {
            **vars(self),
            "languages": list(self.languages),
            "modes": list(self.modes),
            "notice": dict(self.modes),
            "hours": hours_in_words(self.hours),
        }


def list_interpreters(
    session: Session, *, practice_id: int | None = None, booked: Mapping[int, float] | None = None
) -> list[InterpreterLine]:
    """Everybody who has not left, by code.

    :param practice_id: only those of agencies that serve this practice.
    :param booked: hours of visits this week, by id; who is not in it has none.
    """
    people = (
        select(Interpreter, Agency.name)
        .join(Agency, col(Agency.id) == col(Interpreter.agency_id))
        .where(col(Interpreter.left_at).is_(None))
        .order_by(col(Interpreter.code))
    )
    if practice_id is not None:
        served = select(AgencyPractice.agency_id).where(AgencyPractice.practice_id == practice_id)
        people = people.where(col(Interpreter.agency_id).in_(served))
    languages, hours = _languages(session), _hours(session)
    return [
        InterpreterLine(
            interpreter=row.code,
            name=row.name,
            agency=agency,
            sex=row.sex,
            languages=tuple(sorted(languages[row.id or 0])),
            modes=notice_of(row),
            hours=tuple(sorted(hours[row.id or 0])),
            hours_this_week=round((booked or {}).get(row.id or 0, 0.0), 2),
        )
        for row, agency in session.exec(people)
    ]


def _languages(session: Session) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for row in session.exec(select(InterpreterLanguage)):
        found[row.interpreter_id].append(row.language)
    return found


def _hours(session: Session) -> defaultdict[int, list[Hours]]:
    found: defaultdict[int, list[Hours]] = defaultdict(list)
    for row in session.exec(select(InterpreterHours)):
        found[row.interpreter_id].append((row.weekday, row.opens, row.closes))
    return found
