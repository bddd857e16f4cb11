"""`visits`: find a time, book it, move it, give it up, and say what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from sqlmodel import Session

from bot.accounts.rights import require
from bot.appointments.joint.booking import VisitWanted, book_joint_visit, find_wish
from bot.appointments.joint.choosing import Found, FreeTime
from bot.appointments.joint.finding import find_times
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.joint.moving import move_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.visits import (
    COLUMNS,
    line_of,
    lines_of,
    practice_of_visit,
    visit_by_code,
    visits_of_practice,
    written,
)
from bot.appointments.waiting.joining import book_or_wait
from bot.appointments.waiting.listing import line_of as waiting_line
from bot.appointments.written_times import read_day, read_time
from bot.clock import LONDON, utc_now
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.organisations.finding import practice_by_code
from bot.patients.person_codes import show_code
from bot.tables.appointments import Visit, VisitState, WaitingRequest

SEX = click.Choice(["F", "M", "X"])
OUTCOMES = [state.value for state in VisitState if state != VisitState.CANCELLED]


@click.group()
def visits() -> None:
    """Visits of people to clinics, with the interpreter they need."""


def _for_whom(function: Callable[..., Any]) -> Callable[..., Any]:
    """Who wants to be seen where, and what they ask for."""
    for option in (
        click.option("--longer", is_flag=True, help="Twice the time, without a reason."),
        click.option("--interpreter-sex", type=SEX, help="Only an interpreter of that sex."),
        click.option("--clinician-sex", type=SEX, help="Only a clinician of that sex."),
        click.option("--clinic", "clinic_code", required=True, metavar="CODE"),
        click.option("--nhs-number", required=True, metavar="NHS"),
        click.option("--practice", "practice_code", required=True, metavar="CODE"),
    ):
        function = option(function)
    return function


@visits.command("find")
@_for_whom
@click.option("--limit", type=click.IntRange(1, 1000), default=3, show_default=True, help="How many times.")
@as_option
@json_option
@pass_console
def find_command(console: Console, /, limit: int, email: str | None, as_json: bool, **asked: Any) -> None:
    """Times that the person could have; nothing is booked or held."""
    with console.database.read() as session:
        practice, wish = find_wish(session, VisitWanted(**asked))
        require(session, console.actor(email), BOOK_VISITS, practice)
        found = find_times(session, wish, utc_now(), limit=limit)
    say(_found_as_json(found), as_json, _found_in_words(found))


def _found_as_json(found: Found) -> dict[str, Any]:
    return {"times": [_time_as_json(time) for time in found.times], "why_none": dict(sorted(found.why_none.items()))}


def _time_as_json(time: FreeTime) -> dict[str, Any]:
    return {
        "starts": written(time.starts),
        "ends": written(time.ends),
        "clinician": time.clinician.code if time.clinician else None,
        "site": time.site.code,
        "mode": time.mode,
        "interpreter": time.interpreter.code if time.interpreter else None,
    }


def _found_in_words(found: Found) -> str:
    if found.times:
        return "\n".join(_time_in_words(time) for time in found.times)
    why = ", ".join(f"{rule} {n}" for rule, n in sorted(found.why_none.items()))
    return f"No time suits. Left out: {why}." if why else "No time suits: nothing is free."


def _time_in_words(time: FreeTime) -> str:
    by = f", {time.clinician.name}" if time.clinician else ""
    interpreter = f", interpreter {time.interpreter.code}" if time.interpreter else ""
    return f"{_clock(time.starts)} to {time.ends.astimezone(LONDON):%H:%M}, {time.site.name}{by}{interpreter}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%A %-d %B %Y %H:%M}"


@visits.command("make")
@_for_whom
@click.option("--starts", metavar="TIME", help="When, such as 2026-12-03T09:20, on the clock in London.")
@click.option("--any", "any_time", is_flag=True, help="The first time that suits.")
@click.option("--wait", is_flag=True, help="If no time suits, let the person wait for one. Without a time: any.")
@click.option("--idempotency-key", metavar="KEY", help="Asked for again with the same key, it is the same visit.")
@as_option
@json_option
@pass_console
def make_command(
    console: Console, /, starts: str | None, any_time: bool, wait: bool, email: str | None, as_json: bool, **asked: Any
) -> None:
    """Book a visit, with its interpreter, and tell the person."""
    if (starts is not None) == any_time and not (wait and starts is None):
        raise click.UsageError("Say when: one of --starts TIME and --any.")
    wanted = VisitWanted(starts=None if starts is None else read_time(starts), **asked)
    book = book_or_wait if wait else book_joint_visit
    made = book(console.database, console.settings, wanted, console.actor(email))
    if isinstance(made, WaitingRequest):
        _answer_waiting(console, made, as_json)
    else:
        _answer(console, made, as_json, "Booked")


def _answer_waiting(console: Console, request: WaitingRequest, as_json: bool) -> None:
    with console.database.read() as session:
        line = waiting_line(session, request)
    words = f"No time suits now. On the waiting list of {line['clinic']} since {line['since']}."
    say({"waiting": line}, as_json, words)


@visits.command("move")
@click.argument("code")
@click.option("--starts", required=True, metavar="TIME", help="When, such as 2026-12-03T09:20.")
@as_option
@json_option
@pass_console
def move_command(console: Console, code: str, starts: str, email: str | None, as_json: bool) -> None:
    """Move a visit to another time of its clinic, and tell the person."""
    moment, actor = read_time(starts), console.actor(email)
    visit = move_visit(console.database, console.settings, code, moment, actor)
    _answer(console, visit, as_json, "Moved")


@visits.command("give-up")
@click.argument("code")
@click.option("--by", type=click.Choice(["person", "practice"]), required=True, help="Who does not need or keep it.")
@click.option("--reason", metavar="TEXT", help="Why; no text says it.")
@as_option
@json_option
@pass_console
def give_up_command(console: Console, code: str, by: Any, reason: str | None, email: str | None, as_json: bool) -> None:
    """Give a visit up: its time is free for others. The practice tells the person."""
    visit = give_up_visit(console.database, console.settings, code, by, reason, console.actor(email))
    _answer(console, visit, as_json, "Given up")


@visits.command("outcome")
@click.argument("code")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@as_option
@json_option
@pass_console
def outcome_command(console: Console, code: str, outcome: str, email: str | None, as_json: bool) -> None:
    """Say what became of a visit; `booked` takes back what was pressed by mistake."""
    visit = record_outcome(console.database, code, VisitState(outcome), console.actor(email))
    _answer(console, visit, as_json, "Recorded")


@visits.command("show")
@click.argument("code")
@as_option
@json_option
@pass_console
def show_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """One visit by its code."""
    with console.database.read() as session:
        visit = visit_by_code(session, code)
        require(session, console.actor(email), BOOK_VISITS, practice_of_visit(session, visit))
    _answer(console, visit, as_json, "Visit")


@visits.command("list")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--date", "day", metavar="DATE", help="One day, such as 2026-12-03; otherwise all.")
@as_option
@json_option
@pass_console
def list_command(console: Console, practice_code: str, day: str | None, email: str | None, as_json: bool) -> None:
    """One visit a line, by start; those given up among them."""
    wanted = None if day is None else read_day(day)
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), BOOK_VISITS, practice)
        lines = lines_of(session, visits_of_practice(session, practice, wanted))
    say_lines(lines, as_json, COLUMNS)


def _answer(console: Console, visit: Visit, as_json: bool, done: str) -> None:
    with console.database.read() as session:
        say(line_of(session, visit), as_json, f"{done}: {_in_words(session, visit)}")


def _in_words(session: Session, visit: Visit) -> str:
    line = line_of(session, visit)
    who = f", interpreter {line['interpreter']}" if line["interpreter"] else ""
    return f"{show_code(visit.code)}, {_clock(visit.starts)}, {visit.state}{who}."
