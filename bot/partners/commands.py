"""Commands about partners and their places."""

from pathlib import Path

import click

from bot.accounts.rights import require
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.organisations.commands import need_a_change
from bot.organisations.partners import PartnerLine, add_partner, change_partner, list_partners, unlink_partner
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.partners.cases import OPEN, SHOWN, Choice
from bot.partners.exporting import COLUMNS, export_referrals
from bot.partners.places import set_places
from bot.spreadsheets import csv_text


@click.group()
def partners() -> None:
    """Add partners, link them to practices, and set their places."""


@partners.command("add")
@click.argument("code")
@click.option("--name", help="Needed for a new partner.")
@click.option("--places", type=int, metavar="N", help="How many people it can take; needed for a new partner.")
@click.option("--practice", "practice_code", required=True, metavar="CODE", help="A practice it works with.")
@click.option("--phone", help="The number people may ring.")
@as_option
@json_option
@pass_console
def add_command(
    console: Console,
    code: str,
    name: str | None,
    places: int | None,
    practice_code: str,
    phone: str | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Add a partner, or link one that is there to another practice."""
    actor = console.actor(email)
    partner = add_partner(console.database, code, practice_code, actor, name=name, places=places, phone=phone)
    say({"code": partner.code}, as_json, f"{partner.name} ({partner.code}) works with {practice_code}.")


@partners.command("list")
@as_option
@json_option
@pass_console
def list_command(console: Console, email: str | None, as_json: bool) -> None:
    """One partner a line, with its places and the practices it works with."""
    with console.database.read() as session:
        require(session, console.actor(email), MANAGE_ORGANISATIONS, None)
        lines = [line.as_json() for line in list_partners(session)]
    say_lines(lines, as_json, ("code", "name", "phone", "places", "practices"))


@partners.command("change")
@click.argument("code")
@click.option("--name", help="As people know it.")
@click.option("--phone", help="The number people may ring.")
@as_option
@json_option
@pass_console
def change_command(
    console: Console, code: str, name: str | None, phone: str | None, email: str | None, as_json: bool
) -> None:
    """Change the name of a partner, its phone, or both."""
    need_a_change(name, phone)
    change_partner(console.database, code, console.actor(email), name=name, phone=phone)
    changed = _line(console, code)
    say(changed.as_json(), as_json, f"{code} is {changed.name}, phone {changed.phone or 'none'}.")


@partners.command("unlink")
@click.argument("code")
@click.option("--practice", "practice_code", required=True, metavar="CODE", help="The practice it works with no more.")
@as_option
@json_option
@pass_console
def unlink_command(console: Console, code: str, practice_code: str, email: str | None, as_json: bool) -> None:
    """End the work of a partner with a practice, once no campaign and no open referral ties them."""
    unlink_partner(console.database, code, practice_code, console.actor(email))
    left = _line(console, code)
    say(left.as_json(), as_json, f"{left.name} ({code}) does not work with {practice_code} any more.")


def _line(console: Console, code: str) -> PartnerLine:
    with console.database.read() as session:
        return list_partners(session, code)[0]


@partners.command("referrals")
@click.argument("code")
@click.option("--state", type=click.Choice([*SHOWN]), default=OPEN, show_default=True, help="Which of them.")
@click.option("--csv", "file", type=click.Path(dir_okay=False, writable=True), help="Save them in this file.")
@as_option
@json_option
@pass_console
def referrals_command(
    console: Console, code: str, state: str, file: str | None, email: str | None, as_json: bool
) -> None:
    """A partner's own referrals, one a line; of who has ended, no more than how it ended."""
    rows = export_referrals(console.database, code, Choice(state), console.actor(email))
    if file is None:
        say_lines([dict(zip(_KEYS, row, strict=True)) for row in rows], as_json, _KEYS)
        return
    Path(file).write_text(csv_text(COLUMNS, rows), encoding="utf-8", newline="")
    say({"partner": code, "rows": len(rows)}, as_json, f"{len(rows)} referrals of {code} are in {file}.")


_KEYS = tuple(column.lower().replace(" ", "_") for column in COLUMNS)


@partners.command("places", context_settings={"ignore_unknown_options": True})  # -3 is a number, not an option
@click.argument("code")
@click.argument("places", type=int, metavar="N")
@as_option
@json_option
@pass_console
def places_command(console: Console, code: str, places: int, email: str | None, as_json: bool) -> None:
    """Set how many people a partner can take; those who wait in line come first."""
    result = set_places(console.database, console.settings, code, places, console.actor(email))
    sentence = f"{code} has {places} places, {result.free} free; {result.promoted} people who waited got one."
    say(result.as_json(), as_json, sentence)
