"""Made-up agencies and interpreters, one call each."""

import itertools
from datetime import time
from typing import Any

from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.suiting import Candidate
from bot.organisations.codes import take_code
from bot.tables.interpreters import AgencyPractice, Interpreter, InterpreterHours, InterpreterLanguage
from bot.tables.organisations import Agency, Practice

ALL_WEEK = tuple((day, time(8), time(20)) for day in range(7))
_count = itertools.count()


def make_agency(db: Database, *practices: Practice, code: str = "TONGUES", **changes: Any) -> Agency:
    """An agency that serves those practices."""
    with db.write() as session:
        take_code(session, code, "agency")
        agency = Agency(**({"code": code, "name": "Many Tongues", "created_at": utc_now()} | changes))
        session.add(agency)
        session.flush()
        session.add_all(AgencyPractice(agency_id=agency.id, practice_id=practice.id) for practice in practices)
    return agency


def make_interpreter(
    db: Database,
    agency: Agency,
    *languages: str,
    hours: tuple[tuple[int, time, time], ...] = ALL_WEEK,
    **changes: Any,
) -> Interpreter:
    """An interpreter of that agency who works all week and in every way without notice, unless it is said."""
    index = next(_count)
    values: dict[str, Any] = {
        "code": f"INT-{index:05d}",
        "agency_id": agency.id,
        "name": "Robin Sample",
        "sex": "F",
        "phone": f"+447700900{880 + index % 100:03d}",
        "in_person_notice": 0,
        "telephone_notice": 0,
        "video_notice": 0,
        "created_at": utc_now(),
        "updated_at": utc_now(),
    }
    with db.write() as session:
        interpreter = Interpreter(**(values | changes))
        session.add(interpreter)
        session.flush()
        key = {"interpreter_id": interpreter.id}
        session.add_all(InterpreterLanguage(**key, language=tag) for tag in languages)
        session.add_all(
            InterpreterHours(**key, weekday=day, opens=opens, closes=closes) for day, opens, closes in hours
        )
    return interpreter


def a_candidate(**changes: Any) -> Candidate:
    """Somebody who suits nearly everything."""
    values: dict[str, Any] = {
        "id": 1,
        "code": "A",
        "name": "Robin Sample",
        "sex": "F",
        "languages": frozenset({"ckb"}),
        "notice": {"in-person": 0, "telephone": 0, "video": 0},
        "hours": ALL_WEEK,
        "away": (),
        "linked": True,
    }
    return Candidate(**(values | changes))
