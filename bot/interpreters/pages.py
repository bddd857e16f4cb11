"""For the practice: the interpreters it may book, of the agencies that serve it."""

from datetime import time

from flask import Blueprint, Response

from bot.accounts.access import for_roles, own_practice_id
from bot.interpreters.hours import by_day
from bot.interpreters.listing import list_interpreters
from bot.interpreters.words import SEXES, language_in_words, mode_in_words
from bot.tables.accounts import Role
from bot.texts.dates_in_words import format_time
from bot.web import counted, database, render

blueprint = Blueprint("interpreters", __name__)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@blueprint.get("/interpreters")
@for_roles(Role.PRACTICE, Role.LEAD)
def interpreters_page() -> Response:
    """Who they are, what they speak, in which ways and when they work."""
    with database().read() as session:
        lines = list_interpreters(session, practice_id=own_practice_id())
    rows = [
        {
            "line": line,
            "sex": SEXES.get(line.sex),
            "languages": [language_in_words(tag) for tag in line.languages],
            "modes": [_mode(mode, notice) for mode, notice in line.modes.items()],
            "hours": [_day(day, spans) for day, spans in by_day(line.hours)],
        }
        for line in lines
    ]
    return render("interpreters/interpreters.html", rows=rows)


def _mode(mode: str, notice: int) -> str:
    before = f"{counted(notice, 'hour', 'hours')} before" if notice else "at any notice"
    return f"{mode_in_words(mode)}, {before}"


def _day(day: int, spans: list[tuple[time, time]]) -> str:
    said = ", ".join(f"{format_time(opens, 'en')} to {format_time(closes, 'en')}" for opens, closes in spans)
    return f"{DAYS[day]} {said}"
