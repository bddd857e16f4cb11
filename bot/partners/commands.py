"""Commands about partners and their places."""

import click

from bot.console import Console, as_option, json_option, pass_console, say
from bot.partners.places import add_partner, set_places
from bot.tables.accounts import Role


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
    actor = console.actor(email, Role.ADMIN)
    partner = add_partner(console.database, code, practice_code, actor, name=name, places=places, phone=phone)
    say({"code": partner.code}, as_json, f"{partner.name} ({partner.code}) works with {practice_code}.")


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
