"""`users`: invite the people who work with the service."""

import click

from bot.accounts.accounts import invite_account, tidy_email
from bot.accounts.second_factor import reset_second_factor
from bot.console import Console, as_option, json_option, pass_console, say
from bot.tables.accounts import Role


@click.group()
def users() -> None:
    """The people who work with the service."""


@users.command("add")
@click.argument("address", metavar="EMAIL")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True, help="What they may do.")
@click.option("--organisation", "code", metavar="CODE", help="The code of their practice or partner.")
@as_option
@json_option
@pass_console
def add(console: Console, address: str, role: str, code: str | None, email: str | None, as_json: bool) -> None:
    """Invite EMAIL and print a one-time link to set a password; who has an account gets this role too."""
    actor = console.actor(email)
    link = invite_account(console.database, console.settings, address, Role(role), code, actor)
    answer = {"email": tidy_email(address), "role": role, "link": link}
    say(answer, as_json, _what_next(tidy_email(address), role, code, link))


def _what_next(address: str, role: str, code: str | None, link: str | None) -> str:
    if link is None:
        there = f" for {code}" if code and role != Role.ADMIN else ""
        return f"{address} has the role {role}{there}, and signs in as before: no link is needed."
    return f"Give {address} this link. It works once, for 48 hours:\n{link}"


@users.command("reset-codes")
@click.argument("address", metavar="EMAIL")
@as_option
@json_option
@pass_console
def reset_codes(console: Console, address: str, email: str | None, as_json: bool) -> None:
    """EMAIL has lost the phone with the codes: set up a new one at the next sign-in."""
    actor = console.actor(email)
    account = reset_second_factor(console.database, console.settings, console.account(address).id or 0, actor)
    say({"email": account.email}, as_json, f"{account.email} sets up new codes at the next sign-in.")
