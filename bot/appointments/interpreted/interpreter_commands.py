"""`interpreters`: what has to do with their visits is added to the group of the room below."""

from datetime import datetime, time, timedelta

import click
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.calendars.feed_commands import interpreters_feed_command
from bot.appointments.interpreted.interpreter_bills import list_given_up
from bot.appointments.interpreted.interpreters_away import interpreter_leaves, set_interpreter_away
from bot.appointments.packing.plan_commands import interpreters_plan_command
from bot.appointments.written_times import read_from, read_until
from bot.clock import LONDON, london_today
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.interpreters.agencies import agency_by_code
from bot.interpreters.commands import interpreters
from bot.interpreters.listing import list_interpreters
from bot.interpreters.rights import MANAGE_INTERPRETERS
from bot.tables.appointments import TAKES_TIME, Visit

__all__ = ["interpreters"]
interpreters.add_command(interpreters_feed_command)
interpreters.add_command(interpreters_plan_command)
COLUMNS = ("interpreter", "sex", "languages", "modes", "hours_this_week")


@interpreters.command("list")
@json_option
@pass_console
def list_command(console: Console, as_json: bool) -> None:
    """One interpreter a line, with the hours they are booked for this week."""
    with console.database.read() as session:
        lines = [line.as_json() for line in list_interpreters(session, booked=booked_this_week(session))]
    say_lines(lines, as_json, COLUMNS)


@interpreters.command("away")
@click.argument("code")
@click.option("--from", "begins", required=True, metavar="TIME", help="A time or a day in London.")
@click.option("--to", "ends", required=True, metavar="TIME", help="A time, or a day: until its end.")
@as_option
@json_option
@pass_console
def away_command(console: Console, code: str, begins: str, ends: str, email: str | None, as_json: bool) -> None:
    """Say when an interpreter is away; their visits in that time stay, and others are asked to interpret."""
    between = read_from(begins), read_until(ends)
    affected = set_interpreter_away(console.database, console.settings, code, *between, console.actor(email))
    codes = [visit.code for visit in affected]
    others = f" Others are asked to interpret at: {', '.join(codes)}." if codes else " No visit of theirs is in it."
    say({"affected": codes}, as_json, f"{code} is away.{others}")


@interpreters.command("leave")
@click.argument("code")
@as_option
@json_option
@pass_console
def leave_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """An interpreter works no more; others are asked to interpret at their visits. A list brings them back."""
    affected = interpreter_leaves(console.database, console.settings, code, console.actor(email))
    codes = [visit.code for visit in affected]
    others = f" Others are asked to interpret at: {', '.join(codes)}." if codes else " No visit of theirs was to come."
    say({"affected": codes}, as_json, f"{code} has left.{others}")


@interpreters.command("cancellations")
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@as_option
@json_option
@pass_console
def cancellations_command(console: Console, agency_code: str, email: str | None, as_json: bool) -> None:
    """Visits that interpreters of an agency had and lost, by whom, and how long before: for its bill."""
    with console.database.read() as session:
        require(session, console.actor(email), MANAGE_INTERPRETERS, None)
        lines = [line.as_json() for line in list_given_up(session, agency_by_code(session, agency_code))]
    say_lines(lines, as_json, ("visit", "interpreter", "hours_before", "late", "by"))


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
