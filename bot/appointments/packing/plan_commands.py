"""`interpreters plan`: who waits is put into interpreters' hours and, when asked, booked."""

from typing import Any

import click
from sqlmodel import Session

from bot.appointments.packing.applying import apply_plan
from bot.appointments.packing.looking import unplaced
from bot.appointments.packing.planning import plan_waiting
from bot.appointments.written_times import read_day
from bot.console import Console, as_option, json_option, pass_console, say
from bot.organisations.finding import practice_by_code
from bot.tables.appointments import VisitPlan
from bot.tables.organisations import Practice


@click.command("plan")
@click.option("--from", "first", required=True, metavar="DATE", help="The first day, such as 2026-12-03.")
@click.option("--to", "last", required=True, metavar="DATE", help="The last day.")
@click.option("--practice", "practice_code", metavar="CODE", help="Who waits in this practice; otherwise in all.")
@click.option("--apply", "applied", is_flag=True, help="Book what is planned, and tell the people.")
@as_option
@json_option
@pass_console
def interpreters_plan_command(
    console: Console, first: str, last: str, practice_code: str | None, applied: bool, email: str | None, as_json: bool
) -> None:
    """Plan visits of people who wait and need an interpreter; nothing is booked without --apply."""
    actor, days = console.actor(email), (read_day(first), read_day(last))
    with console.database.read() as session:
        practice = None if practice_code is None else practice_by_code(session, practice_code)
    plan = plan_waiting(console.database, console.settings, *days, actor, practice)
    with console.database.read() as session:
        said = _as_json(session, plan)
    if applied:
        said |= _apply(console, plan, actor, practice)
    say(said, as_json, _in_words(said))


def _apply(console: Console, plan: VisitPlan, actor: Any, practice: Practice | None) -> dict[str, int]:
    done = apply_plan(console.database, console.settings, plan.id or 0, actor, practice)
    return {"applied": done.applied, "refused": done.refused}


def _as_json(session: Session, plan: VisitPlan) -> dict[str, Any]:
    return {
        "requests": plan.requests,
        "placed": plan.placed,
        "first_come": plan.first_come,
        "unplaced": unplaced(session, plan),
        "travel_minutes": plan.travel_minutes,
    }


def _in_words(said: dict[str, Any]) -> str:
    words = (
        f"{said['placed']} of {said['requests']} have a time; first come, first served: {said['first_come']}. "
        f"Interpreters are {said['travel_minutes']} minutes on their way."
    )
    if "applied" in said:
        words += f" Booked: {said['applied']}. Could not be booked any more: {said['refused']}."
    return "\n".join([words, *(f"Request {each['request']}: {each['why']}" for each in said["unplaced"])])
