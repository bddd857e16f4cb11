"""`duty`: who is told by text of what cannot wait."""

from typing import Any

import click

from bot.accounts.rights import require
from bot.appointments.written_times import read_from
from bot.clock import LONDON, utc_now
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.duty.rota import SET_DUTY, DutyLine, end_duty, put_on_duty, rota_of
from bot.organisations.finding import practice_by_code

_COLUMNS = ("from", "phone", "now", "place", "texts")
_practice = click.option("--practice", "practice_code", required=True, metavar="CODE")
_phone = click.option("--phone", required=True, metavar="NUMBER", help="A mobile of the UK.")


@click.group()
def duty() -> None:
    """Who is told by text of what cannot wait."""


@duty.command("set")
@_practice
@_phone
@click.option("--from", "begins", required=True, metavar="TIME", help="Such as 2026-12-03T18:30, or a day.")
@as_option
@json_option
@pass_console
def set_command(
    console: Console, practice_code: str, phone: str, begins: str, email: str | None, as_json: bool
) -> None:
    """Put a phone on duty from a time on, until the next time of the rota; a second one at that time is told next."""
    to = (console.database, console.settings, practice_code)
    entry = put_on_duty(*to, phone, read_from(begins), console.actor(email))
    answer = {"practice": practice_code, "phone": entry.phone, "from": entry.begins.isoformat()}
    at = entry.begins.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    say(answer, as_json, f"{entry.phone} is on duty for {practice_code} from {at}.")


@duty.command("list")
@_practice
@as_option
@json_option
@pass_console
def list_command(console: Console, practice_code: str, email: str | None, as_json: bool) -> None:
    """One entry of the rota a line, the latest first."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), SET_DUTY, practice)
        lines = [_as_json(line) for line in rota_of(session, practice.id or 0, utc_now())]
    say_lines(lines, as_json, _COLUMNS)


def _as_json(line: DutyLine) -> dict[str, Any]:
    entry = line.entry
    return {
        "phone": entry.phone,
        "from": entry.begins.isoformat(),
        "now": line.now,
        "place": line.place,
        "texts": line.reachable,
    }


@duty.command("end")
@_practice
@_phone
@click.option("--from", "begins", metavar="TIME", help="Only the entry from that time; otherwise all of that phone.")
@as_option
@json_option
@pass_console
def end_command(
    console: Console, practice_code: str, phone: str, begins: str | None, email: str | None, as_json: bool
) -> None:
    """Take a phone out of the rota. Who was on duty before it is so again."""
    moment = read_from(begins) if begins else None
    ended = end_duty(console.database, console.settings, practice_code, phone, moment, console.actor(email))
    said = f"{phone} is out of the rota of {practice_code}."
    say({"practice": practice_code, "ended": ended}, as_json, said)
