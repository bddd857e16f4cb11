"""`notices`: what a pharmacy says to people, and what came of it."""

import click

from bot.accounts.rights import require
from bot.clock import utc_now
from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.pharmacy.notices.finding import person_by_code
from bot.pharmacy.notices.giving import give_notice
from bot.pharmacy.notices.listing import COLUMNS, lines_of, notices_of
from bot.pharmacy.notices.states import HELD_DUPLICATE
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.tables.pharmacy import NoticeKind, ProblemReason


@click.group()
def notices() -> None:
    """What pharmacies tell people of their prescriptions, and what they answer."""


_of_pharmacy = click.option("--pharmacy", "pharmacy_code", required=True, metavar="CODE")


@notices.command("send")
@_of_pharmacy
@click.option("--person", "person_code", required=True, metavar="CODE", help="The opaque code of the person.")
@click.option("--kind", required=True, type=click.Choice([str(kind) for kind in NoticeKind]))
@click.option("--reason", type=click.Choice([str(reason) for reason in ProblemReason]), help="Why, of a problem.")
@click.option("--anyway", is_flag=True, help="Although the same was said within a day, or they read English.")
@as_option
@json_option
@pass_console
def send_command(
    console: Console,
    pharmacy_code: str,
    person_code: str,
    kind: str,
    reason: str | None,
    anyway: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Say one thing to one person; the text goes with the others that are due."""
    actor = console.actor(email)
    with console.database.write() as session:
        pharmacy = pharmacy_by_code(session, pharmacy_code)
        allowed = require(session, actor, RUN_PHARMACY, pharmacy)
        person = person_by_code(session, pharmacy, person_code)
        notice = give_notice(
            session,
            console.settings,
            pharmacy,
            person,
            kind,
            reason=reason,
            source="console",
            send_anyway=anyway,
            actor=allowed,
            now=utc_now(),
        )
        [line] = lines_of(session, [notice])
    say(line, as_json, _in_words(line["state"], line["why_none"]))


@notices.command("list")
@_of_pharmacy
@as_option
@json_option
@pass_console
def list_command(console: Console, pharmacy_code: str, email: str | None, as_json: bool) -> None:
    """The notices of a pharmacy, one a line, the newest first."""
    with console.database.read() as session:
        pharmacy = pharmacy_by_code(session, pharmacy_code)
        require(session, console.actor(email), RUN_PHARMACY, pharmacy)
        lines = lines_of(session, notices_of(session, pharmacy))
    say_lines(lines, as_json, COLUMNS)


def _in_words(state: str, why_none: str | None) -> str:
    if why_none == HELD_DUPLICATE:
        return "The same was said to this person within a day, so it waits. Say it with --anyway if it is to go."
    return f"No text goes: {why_none}." if why_none else f"The notice is {state}."
