"""`posters`: codes on a wall by which young people start a visit from their own phone."""

import click

from bot.accounts.rights import require
from bot.appointments.written_times import read_time
from bot.appointments.youth.posters import HANG_POSTERS, add_poster, end_poster, line_of_poster, posters_of
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.organisations.finding import practice_by_code

_COLUMNS = ("code", "clinic", "times", "booked", "made", "ended")


@click.group()
def posters() -> None:
    """Posters of clinics for young people."""


@posters.command("add")
@click.option("--clinic", "clinic_code", required=True, metavar="CODE", help="A clinic of purpose youth.")
@click.option("--slots", "times", required=True, metavar="A,B,C", help="Free times of it, such as 2026-11-28T10:30.")
@as_option
@json_option
@pass_console
def add_command(console: Console, clinic_code: str, times: str, email: str | None, as_json: bool) -> None:
    """Make a poster with a code of its own and these times, numbered in this order."""
    starts = [read_time(each) for each in times.split(",") if each.strip()]
    poster = add_poster(console.database, clinic_code, starts, console.actor(email))
    say({"code": poster.code}, as_json, f"{poster.code} is there. Print it from the page /posters/{poster.code}.")


@posters.command("list")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@as_option
@json_option
@pass_console
def list_command(console: Console, practice_code: str, email: str | None, as_json: bool) -> None:
    """One poster a line, the newest first; those that ended among them."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), HANG_POSTERS, practice)
        lines = [line_of_poster(each) for each in posters_of(session, practice.id or 0)]
    say_lines(lines, as_json, _COLUMNS)


@posters.command("end")
@click.argument("code")
@as_option
@json_option
@pass_console
def end_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """A poster was taken down: its code starts nothing any more, and what was booked by it stays."""
    poster = end_poster(console.database, code, console.actor(email))
    say({"code": poster.code}, as_json, f"{poster.code} has ended.")
