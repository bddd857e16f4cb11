"""`practices`: the GP practices the service works for."""

import click

from bot.console import Console, as_option, json_option, pass_console, say
from bot.organisations.practices import add_practice
from bot.tables.accounts import Role


@click.group()
def practices() -> None:
    """GP practices."""


@practices.command("add")
@click.argument("code")
@click.option("--name", required=True, help="As patients know it.")
@click.option("--phone", help="The number people may ring.")
@as_option
@json_option
@pass_console
def add_command(console: Console, code: str, name: str, phone: str | None, email: str | None, as_json: bool) -> None:
    """Add a practice, or change its name and phone."""
    actor = console.actor(email, Role.ADMIN)
    practice = add_practice(console.database, console.settings, code, name, phone, actor=actor)
    say({"code": practice.code}, as_json, f"{practice.name} is there as {practice.code}.")
