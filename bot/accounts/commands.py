"""`users`: invite the people who work with the service."""

import click

from bot.accounts.accounts import invite_account, tidy_email
from bot.accounts.closing import account_id_of, close_account, reopen_account
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


@users.command("close")
@click.argument("address", metavar="EMAIL")
@as_option
@json_option
@pass_console
def close(console: Console, address: str, email: str | None, as_json: bool) -> None:
    """Close the account of EMAIL, who is signed out everywhere; `users reopen` undoes it."""
    account = close_account(console.database, _number_of(console, address), console.actor(email))
    say({"email": account.email, "open": False}, as_json, f"The account {account.email} is closed.")


@users.command("reopen")
@click.argument("address", metavar="EMAIL")
@as_option
@json_option
@pass_console
def reopen(console: Console, address: str, email: str | None, as_json: bool) -> None:
    """Open the closed account of EMAIL again, who signs in with the same password and codes."""
    account = reopen_account(console.database, _number_of(console, address), console.actor(email))
    say({"email": account.email, "open": True}, as_json, f"The account {account.email} is open again.")


def _number_of(console: Console, address: str) -> int:
    with console.database.read() as session:
        return account_id_of(session, address)


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
