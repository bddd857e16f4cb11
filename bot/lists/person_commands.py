"""`patients opt-out`, `died`, `phone` and `language`: what staff do from an item of the inbox, for the console."""

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from bot.console import Console, as_option, json_option, pass_console, say_lines
from bot.conversations.about_people import (
    Whom,
    Whose,
    opt_out_person,
    record_death,
    say_whose_phone,
    set_persons_language,
    undo_death,
)
from bot.patients.listing import COLUMNS
from bot.refusals import Refused
from bot.tables.patients import OptOutScope


def _about_one_person(function: Callable[..., Any]) -> Callable[..., Any]:
    """NHS number, practice, who acts, and the line of `patients list` as the answer."""
    for option in (
        pass_console,
        json_option,
        as_option,
        click.option("--practice", "practice_code", required=True, metavar="CODE"),
        click.argument("nhs_number", metavar="NHS"),
    ):
        function = option(function)
    return function


def _answer(line: dict[str, Any], as_json: bool) -> None:
    say_lines([line], as_json, COLUMNS)


@click.command("opt-out")
@_about_one_person
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in OptOutScope]),
    required=True,
    help="No invitations, or no texts at all.",
)
def opt_out_command(
    console: Console, nhs_number: str, practice_code: str, scope: str, email: str | None, as_json: bool
) -> None:
    """The person wants no invitations, or no texts at all."""
    whom = Whom(practice_code, nhs_number)
    _answer(opt_out_person(console.database, whom, OptOutScope(scope), console.actor(email)), as_json)


@click.command("died")
@_about_one_person
@click.option("--on", "day", metavar="DATE", help="The day, such as 2026-12-03, where it is known.")
@click.option("--mistake", is_flag=True, help="The person lives: it was recorded here by mistake.")
def died_command(
    console: Console,
    nhs_number: str,
    practice_code: str,
    day: str | None,
    mistake: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """The person has died: nothing is texted any more, whatever later lists leave out."""
    if mistake and day is not None:
        raise click.UsageError("--mistake takes no --on.")
    whom, actor = Whom(practice_code, nhs_number), console.actor(email)
    if mistake:
        _answer(undo_death(console.database, whom, actor), as_json)
    else:
        _answer(record_death(console.database, whom, _read_day(day), actor), as_json)


def _read_day(written: str | None) -> date | None:
    try:
        return None if written is None else date.fromisoformat(written.strip())
    except ValueError:
        raise Refused("bad-date", f"{written} is no date. Write it like 2026-12-03.") from None


@click.command("phone")
@_about_one_person
@click.option("--own", is_flag=True, help="The number is this person's own.")
@click.option("--not-own", is_flag=True, help="It is somebody else's, or several people's.")
@click.option("--wrong", is_flag=True, help="It is a wrong number: it does not lead to this person.")
def phone_command(
    console: Console,
    nhs_number: str,
    practice_code: str,
    own: bool,
    not_own: bool,
    wrong: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Whose the mobile number on the person's record is."""
    said = [whose for whose, given in ((Whose.OWN, own), (Whose.NOT_OWN, not_own), (Whose.WRONG, wrong)) if given]
    if len(said) != 1:
        raise click.UsageError("Say one of --own, --not-own and --wrong.")
    whom = Whom(practice_code, nhs_number)
    _answer(say_whose_phone(console.database, whom, said[0], console.actor(email)), as_json)


@click.command("language")
@_about_one_person
@click.argument("tag", metavar="TAG")
def language_command(
    console: Console, nhs_number: str, practice_code: str, tag: str, email: str | None, as_json: bool
) -> None:
    """The language to text the person in, such as pl or pa-Guru; no list changes it again."""
    whom = Whom(practice_code, nhs_number)
    _answer(set_persons_language(console.database, whom, tag, console.actor(email)), as_json)


ABOUT_ONE_PERSON = (opt_out_command, died_command, phone_command, language_command)
