"""`people code`: what stands for a person where an interpreter may not know who it is."""

import click

from bot.appointments.portal.giving_codes import GivenCode, give_code, text_code
from bot.console import Console, as_option, json_option, pass_console, say
from bot.conversations.about_people import Whom


@click.group()
def people() -> None:
    """People who need an interpreter, and their codes."""


@people.command("code")
@click.argument("nhs_number", metavar="NHS")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--text", "how", flag_value="text", help="Send it to the person, in their language.")
@click.option("--print", "how", flag_value="print", help="Print the words to hand out with it.")
@click.option("--replace", "how", flag_value="replace", help="Make a new one; the old one stands for nobody.")
@as_option
@json_option
@pass_console
def code_command(
    console: Console, nhs_number: str, practice_code: str, how: str | None, email: str | None, as_json: bool
) -> None:
    """The code a person tells an interpreter."""
    whom, actor = Whom(practice_code, nhs_number), console.actor(email)
    if how == "text":
        given = text_code(console.database, console.settings, whom, actor)
    else:
        given = give_code(console.database, console.settings, whom, actor, replace=how == "replace")
    say({"code": given.code}, as_json, _in_words(given, how))


def _in_words(given: GivenCode, how: str | None) -> str:
    if how == "print":
        return given.words
    if how == "text":
        return f"The code is {given.code}. It goes to the person's phone as soon as texts may go."
    return f"The new code is {given.code}." if how == "replace" else f"The code is {given.code}."
