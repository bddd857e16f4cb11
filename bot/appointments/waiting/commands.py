"""`waiting`: who waits for a time in a clinic, put on the list and taken off it."""

from typing import Any

import click

from bot.accounts.rights import require
from bot.appointments.joint.visit_commands import SEX
from bot.appointments.rights import BOOK_VISITS
from bot.appointments.waiting.joining import WaitingWanted, join_waiting_list, leave_waiting_list
from bot.appointments.waiting.listing import COLUMNS, line_of, lines_of, list_waiting
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.organisations.finding import practice_by_code


@click.group()
def waiting() -> None:
    """People who wait for a time in a clinic; freed times are offered to them by text."""


_of_practice = click.option("--practice", "practice_code", required=True, metavar="CODE")
_of_person = click.option("--nhs-number", required=True, metavar="NHS")


@waiting.command("list")
@_of_practice
@as_option
@json_option
@pass_console
def list_command(console: Console, practice_code: str, email: str | None, as_json: bool) -> None:
    """Who waits, one a line, who has waited longest first."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), BOOK_VISITS, practice)
        lines = lines_of(list_waiting(session, practice.id or 0))
    say_lines(lines, as_json, COLUMNS)


@waiting.command("join")
@_of_practice
@_of_person
@click.option("--clinic", "clinic_code", required=True, metavar="CODE")
@click.option("--clinician-sex", type=SEX, help="Only a clinician of that sex.")
@click.option("--interpreter-sex", type=SEX, help="Only an interpreter of that sex.")
@click.option("--longer", is_flag=True, help="Twice the time, without a reason.")
@as_option
@json_option
@pass_console
def join_command(console: Console, /, email: str | None, as_json: bool, **asked: Any) -> None:
    """Let a person wait for a time in a clinic; who waits there already keeps their place."""
    request = join_waiting_list(console.database, WaitingWanted(**asked), console.actor(email))
    with console.database.read() as session:
        line = line_of(session, request)
    say(line, as_json, f"On the waiting list of {line['clinic']} since {line['since']}.")


@waiting.command("leave")
@_of_practice
@_of_person
@click.option("--clinic", "clinic_code", metavar="CODE", help="Of that clinic alone; otherwise of all.")
@as_option
@json_option
@pass_console
def leave_command(
    console: Console, practice_code: str, nhs_number: str, clinic_code: str | None, email: str | None, as_json: bool
) -> None:
    """Take a person off the waiting list, one line for each clinic they waited for."""
    actor = console.actor(email)
    left = leave_waiting_list(console.database, practice_code, nhs_number, clinic_code, actor)
    with console.database.read() as session:
        lines = [line_of(session, request) for request in left]
    say_lines(lines, as_json, COLUMNS)
