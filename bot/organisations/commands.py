"""`practices`: the GP practices the service works for."""

from typing import Any

import click

from bot.accounts.rights import require
from bot.accounts.second_factor import confirm_by_code
from bot.console import Console, as_option, code_option, json_option, pass_console, say, say_lines
from bot.organisations.free_text import switch_free_text
from bot.organisations.if_harmed import switch_if_harmed
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
@click.option(
    "--999-if-harmed",
    "if_harmed",
    type=click.Choice(["on", "off"]),
    help="The 999 text to phones that tell of harm by somebody; its lead says so.",
)
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
    if_harmed: str | None,
    email: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Change the name of a practice, its phone, or both; or, alone, one of the two things its lead says."""
    if free_text is not None or if_harmed is not None:
        if (name, phone) != (None, None) or None not in (free_text, if_harmed):
            raise click.UsageError(
                "Say --free-text or --999-if-harmed alone: a lead does it, and an administrator the rest."
            )
        answer, said = _switch(console, practice_code, email, code, free_text, if_harmed)
        say(answer, as_json, said)
        return
    need_a_change(name, phone)
    practice = change_practice(console.database, practice_code, console.actor(email), name=name, phone=phone)
    answer = {"code": practice.code, "name": practice.name, "phone": practice.phone}
    say(answer, as_json, f"{practice.code} is {practice.name}, phone {practice.phone or 'none'}.")


def _switch(
    console: Console,
    practice_code: str,
    email: str | None,
    code: str | None,
    free_text: str | None,
    if_harmed: str | None,
) -> tuple[dict[str, Any], str]:
    """A lead stands for it, in live with a code of their own; gives what is said of it."""
    if email is None:
        what = "Texts in own words are" if free_text else "The 999 text to people who are harmed is"
        raise Refused("needs-person", f"{what} switched by a lead of the practice: add --as EMAIL.")
    account = console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    actor = actor_of(account)
    if free_text is not None:
        practice = switch_free_text(console.database, practice_code, actor, on=free_text == "on")
        said = f"Texts in own words are {free_text} for {practice_code}."
        return {"code": practice_code, "free_text": practice.free_text}, said
    practice = switch_if_harmed(console.database, practice_code, actor, on=if_harmed == "on")
    said = f"The 999 text to phones that tell of harm by somebody is {if_harmed} for {practice_code}."
    return {"code": practice_code, "999_if_harmed": practice.text_999_if_harmed}, said


def need_a_change(name: str | None, phone: str | None) -> None:
    """Stop a command that says nothing to change. :raises UsageError: it does."""
    if name is None and phone is None:
        raise click.UsageError("Say what to change: --name, --phone or both.")
