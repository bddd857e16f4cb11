"""`pharmacies`: add them, link them to practices, and give their systems keys."""

import click

from bot.accounts.rights import require
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.pharmacy.hooks.commanding import Change, change_webhook
from bot.pharmacy.organising.keys import make_key, revoke_keys
from bot.pharmacy.organising.links import confirm_link, end_link
from bot.pharmacy.organising.listing import list_pharmacies
from bot.pharmacy.organising.pharmacies import Told, add_pharmacy


@click.group()
def pharmacies() -> None:
    """Pharmacies, the practices they are linked to, and the keys of their systems."""


@pharmacies.command("add")
@click.argument("code")
@click.option("--name", help="As people know it.")
@click.option("--ods", metavar="CODE", help="The code the NHS gives it.")
@click.option("--address", help="Where people collect.")
@click.option("--phone", help="The number people may ring.")
@click.option("--hours", metavar="HOURS", help='Such as "mon-fri 09:00-18:00; sat 09:00-13:00".')
@click.option("--offers", metavar="WORDS", help="What it does beside: delivery.")
@as_option
@json_option
@pass_console
def add_command(
    console: Console,
    code: str,
    name: str | None,
    ods: str | None,
    address: str | None,
    phone: str | None,
    hours: str | None,
    offers: str | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Add a pharmacy, which needs all but hours and offers; again changes what is given."""
    told = Told(name=name, ods=ods, address=address, phone=phone, hours=hours, offers=offers)
    pharmacy = add_pharmacy(console.database, code, told, console.actor(email))
    say({"code": pharmacy.code}, as_json, f"{pharmacy.name} is there as {pharmacy.code}, ODS code {pharmacy.ods}.")


@pharmacies.command("list")
@as_option
@json_option
@pass_console
def list_command(console: Console, email: str | None, as_json: bool) -> None:
    """One pharmacy a line, with its hours and the practices whose people it may text."""
    with console.database.read() as session:
        require(session, console.actor(email), MANAGE_ORGANISATIONS, None)
        lines = [line.as_json() for line in list_pharmacies(session)]
    say_lines(lines, as_json, ("code", "name", "ods", "phone", "hours", "offers", "practices"))


@pharmacies.command("link")
@click.argument("code")
@click.option("--practice", "practice_code", required=True, metavar="CODE", help="The practice whose people it texts.")
@as_option
@json_option
@pass_console
def link_command(console: Console, code: str, practice_code: str, email: str | None, as_json: bool) -> None:
    """Say yes to a link for the side of EMAIL: a lead of the practice and an account of the pharmacy both must.

    Without --as the yes counts for both.
    """
    link = confirm_link(console.database, code, practice_code, console.actor(email))
    say(link.as_json(), as_json, link.in_words())


@pharmacies.command("unlink")
@click.argument("code")
@click.option("--practice", "practice_code", required=True, metavar="CODE", help="The practice it texted people of.")
@as_option
@json_option
@pass_console
def unlink_command(console: Console, code: str, practice_code: str, email: str | None, as_json: bool) -> None:
    """End the work of a pharmacy with a practice; nothing that waits goes."""
    end_link(console.database, code, practice_code, console.actor(email))
    answer = {"pharmacy": code, "practice": practice_code, "linked": False}
    say(answer, as_json, f"{code} texts nobody of {practice_code} any more.")


@pharmacies.command("revoke")
@click.argument("code")
@as_option
@json_option
@pass_console
def revoke_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """Let no key of a pharmacy open anything any more, as when one was lost."""
    revoked = revoke_keys(console.database, code, console.actor(email))
    say({"revoked": revoked}, as_json, f"{revoked} of its keys open nothing any more.")


@pharmacies.command("key")
@click.argument("code")
@click.option("--ods", metavar="CODES", help="What it speaks for, parted by commas; else as before, or its own code.")
@as_option
@json_option
@pass_console
def key_command(console: Console, code: str, ods: str | None, email: str | None, as_json: bool) -> None:
    """Make a key for the pharmacy's system and show it once; two are alive, a third ends the oldest."""
    key = make_key(console.database, code, console.actor(email), ods=ods)
    say({"key": key}, as_json, f"Keep this key now, it is not shown again:\n{key}")


@pharmacies.command("webhook")
@click.argument("code")
@click.option("--url", metavar="URL", help="Where the pharmacy's system is told of its notices.")
@click.option("--rotate", is_flag=True, help="Make a new secret; the one before it counts for 24 hours.")
@click.option("--end", is_flag=True, help="Tell it nothing any more.")
@as_option
@json_option
@pass_console
def webhook_command(
    console: Console, code: str, url: str | None, rotate: bool, end: bool, email: str | None, as_json: bool
) -> None:
    """Say where the pharmacy's system listens; a new secret is shown once."""
    change = Change(url=url, rotate=rotate, end=end)
    address, secret = change_webhook(console.database, console.settings, code, change, console.actor(email))
    say({"url": address, "secret": secret}, as_json, _in_words(address, secret))


def _in_words(address: str | None, secret: str | None) -> str:
    told = f"Its system is told at {address}." if address else "Its system is told nothing."
    return f"{told} Keep this secret now, it is not shown again:\n{secret}" if secret else told
