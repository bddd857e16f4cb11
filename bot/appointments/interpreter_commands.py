"""`interpreters`: what has to do with their visits is added to the group of the room below."""

from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.appointments.feed_commands import interpreters_feed_command
from bot.clock import LONDON, london_today
from bot.console import Console, json_option, pass_console, say_lines
from bot.interpreters.commands import interpreters
from bot.interpreters.listing import list_interpreters
from bot.tables.appointments import TAKES_TIME, Visit

__all__ = ["interpreters"]
interpreters.add_command(interpreters_feed_command)
COLUMNS = ("interpreter", "sex", "languages", "modes", "hours_this_week")


@interpreters.command("list")
@json_option
@pass_console
def list_command(console: Console, as_json: bool) -> None:
    """One interpreter a line, with the hours they are booked for this week."""
    with console.database.read() as session:
        lines = [line.as_json() for line in list_interpreters(session, booked=booked_this_week(session))]
    say_lines(lines, as_json, COLUMNS)


def booked_this_week(session: Session) -> dict[int, float]:
    """Hours of visits of each interpreter in this week of London, Monday to Sunday."""
    monday = london_today() - timedelta(days=london_today().weekday())
    starts, ends = (datetime.combine(day, time(), LONDON) for day in (monday, monday + timedelta(days=7)))
    statement = select(Visit.interpreter_id, Visit.starts, Visit.ends).where(
        col(Visit.interpreter_id).is_not(None),
        col(Visit.starts) >= starts,
        col(Visit.starts) < ends,
        col(Visit.state).in_(TAKES_TIME),
    )
    hours: dict[int, float] = {}
    for whose, begin, end in session.exec(statement):
        hours[whose or 0] = hours.get(whose or 0, 0.0) + (end - begin) / timedelta(hours=1)
    return hours
