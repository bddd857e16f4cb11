"""Commands about agencies, and those about interpreters that need no visit."""

from typing import BinaryIO

import click

from bot.accounts.rights import require
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.interpreters.agencies import add_agency, list_agencies
from bot.interpreters.importing import import_interpreters
from bot.lists.judging.rows_counted import NOTHING_STORED, RowsCounted, result_in_words
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.organisations.rights import MANAGE_ORGANISATIONS


@click.group()
def agencies() -> None:
    """Agencies that send interpreters, and the practices they serve."""


@agencies.command("add")
@click.argument("code")
@click.option("--name", help="Needed for a new agency.")
@click.option("--practice", "practice_code", required=True, metavar="CODE", help="A practice it serves.")
@click.option("--phone", help="The number people may ring.")
@as_option
@json_option
@pass_console
def add_command(
    console: Console,
    code: str,
    name: str | None,
    practice_code: str,
    phone: str | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Add an agency, or link one that is there to another practice."""
    agency = add_agency(console.database, code, practice_code, console.actor(email), name=name, phone=phone)
    say({"code": agency.code}, as_json, f"{agency.name} ({agency.code}) serves {practice_code}.")


@agencies.command("list")
@as_option
@json_option
@pass_console
def list_command(console: Console, email: str | None, as_json: bool) -> None:
    """One agency a line, with the practices it serves."""
    with console.database.read() as session:
        require(session, console.actor(email), MANAGE_ORGANISATIONS, None)
        lines = [line.as_json() for line in list_agencies(session)]
    say_lines(lines, as_json, ("code", "name", "phone", "practices"))


@click.group()
def interpreters() -> None:
    """Interpreters of agencies: who they are, when they work, and what they are booked for."""


@interpreters.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--dry-run", is_flag=True, help="Look at the list and store nothing.")
@as_option
@json_option
@pass_console
def import_command(
    console: Console, file: BinaryIO, agency_code: str, dry_run: bool, email: str | None, as_json: bool
) -> None:
    """Import an agency's interpreters (CSV, .xlsx); importing them again changes nothing."""
    content = file.read(LARGEST_LIST + 1)
    actor = console.actor(email)
    result = import_interpreters(console.database, console.settings, agency_code, content, actor, dry_run=dry_run)
    say(result.as_json(), as_json, _sentences(result, dry_run))


def _sentences(result: RowsCounted, dry_run: bool) -> str:
    return result_in_words(result, NOTHING_STORED if dry_run else f"{result.stored:,} new or changed.")
