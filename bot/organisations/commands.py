"""`practices`: the GP practices the service works for."""

import click

from bot.accounts.rights import require
from bot.accounts.second_factor import confirm_by_code
from bot.console import Console, as_option, code_option, json_option, pass_console, say, say_lines
from bot.organisations.free_text import switch_free_text
from bot.organisations.practices import add_practice, change_practice, list_practices
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.refusals import Refused
from bot.tables.accounts import actor_of


@click.group()
def practices() -> None:
    """GP practices."""


@practices.command("add")
@click.argument("code")
@click.option("--name", required=True, help="As patients know it.")
@click.option("--phone", help="The number people may ring.")
@click.option("--sender", metavar="+44…|MG…", help="What its texts go out from; otherwise the first sender.")
@as_option
@json_option
@pass_console
def add_command(
    console: Console, code: str, name: str, phone: str | None, sender: str | None, email: str | None, as_json: bool
) -> None:
    """Add a practice, or change its name, phone and sender."""
    actor = console.actor(email)
    practice = add_practice(console.database, console.settings, code, name, phone, actor=actor, sender=sender)
    say({"code": practice.code}, as_json, f"{practice.name} is there as {practice.code}.")


@practices.command("list")
@as_option
@json_option
@pass_console
def list_command(console: Console, email: str | None, as_json: bool) -> None:
    """One practice a line."""
    with console.database.read() as session:
        require(session, console.actor(email), MANAGE_ORGANISATIONS, None)
        lines = [line.as_json() for line in list_practices(session)]
    say_lines(lines, as_json, ("code", "name", "phone", "sender"))


@practices.command("change")
@click.argument("practice_code", metavar="CODE")
@click.option("--name", help="As patients know it.")
@click.option("--phone", help="The number people may ring.")
@click.option("--free-text", type=click.Choice(["on", "off"]), help="Texts in own words; its lead says so.")
@as_option
@code_option
@json_option
@pass_console
def change_command(
    console: Console,
    practice_code: str,
    name: str | None,
    phone: str | None,
    free_text: str | None,
    email: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Change the name of a practice, its phone, or both; or, alone, whether its staff may write in own words."""
    if free_text is not None:
        if (name, phone) != (None, None):
            raise click.UsageError("Say --free-text alone: a lead does it, and an administrator the rest.")
        on = _switch(console, practice_code, email, code, on=free_text == "on")
        said = f"Texts in own words are {free_text} for {practice_code}."
        say({"code": practice_code, "free_text": on}, as_json, said)
        return
    need_a_change(name, phone)
    practice = change_practice(console.database, practice_code, console.actor(email), name=name, phone=phone)
    answer = {"code": practice.code, "name": practice.name, "phone": practice.phone}
    say(answer, as_json, f"{practice.code} is {practice.name}, phone {practice.phone or 'none'}.")


def _switch(console: Console, practice_code: str, email: str | None, code: str | None, *, on: bool) -> bool:
    """A lead stands for it, in live with a code of their own."""
    if email is None:
        raise Refused("needs-person", "Texts in own words are switched by a lead of the practice: add --as EMAIL.")
    account = console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    return switch_free_text(console.database, practice_code, actor_of(account), on=on).free_text


def need_a_change(name: str | None, phone: str | None) -> None:
    """Stop a command that says nothing to change. :raises UsageError: it does."""
    if name is None and phone is None:
        raise click.UsageError("Say what to change: --name, --phone or both.")
