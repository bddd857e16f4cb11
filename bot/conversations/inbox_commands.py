"""`inbox`: what needs a person, and what is done about it."""

from collections.abc import Iterator
from typing import Any

import click
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.attention.rights import WORK_INBOX
from bot.console import Console, RowNumber, as_option, json_option, pass_console, say, say_lines
from bot.conversations.handling import hand_item, note_item, reopen_item
from bot.conversations.inbox import Wanted, finish_item, list_items
from bot.conversations.languages_told import HEADING, languages_told
from bot.organisations.finding import practice_by_code
from bot.tables.accounts import UserAccount
from bot.tables.organisations import Practice

_COLUMNS = ("item", "state", "urgent", "reason", "language", "opened", "handed_to", "nhs_number")
_IN_WORDS = {"open": "is open", "done": "is done"}
_item = click.argument("item_id", metavar="ID", type=RowNumber("item"))


@click.group()
def inbox() -> None:
    """The inbox: what needs a person, and what is done about it."""


@inbox.command("list")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--state", type=click.Choice(["open", "done", "all"]), default="open", show_default=True)
@as_option
@json_option
@pass_console
def list_command(console: Console, practice_code: str, state: str, email: str | None, as_json: bool) -> None:
    """One item a line, the most pressing first; what people wrote is not shown."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), WORK_INBOX, practice)
        rows = list(_rows(session, practice, state))
    say_lines(rows, as_json, _COLUMNS)


def _rows(session: Session, practice: Practice, state: str) -> Iterator[dict[str, Any]]:
    entries = list_items(session, practice.id or 0, Wanted(state), limit=None)
    emails = _emails(session, {entry.item.handed_to for entry in entries})
    for entry in entries:
        item = entry.item
        numbers = {person.id: person.nhs_number for person in entry.people}
        yield {
            "item": item.id,
            "state": item.state,
            "reason": item.reason,
            "urgent": item.urgency,
            "paged": item.paged,
            "concepts": item.concepts,
            "language": entry.language,
            "opened": item.opened_at.isoformat(),
            "handed_to": emails.get(item.handed_to),
            "nhs_number": numbers.get(entry.person_id),
        }


@inbox.command("languages")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--state", type=click.Choice(["open", "done", "all"]), default="open", show_default=True)
@as_option
@json_option
@pass_console
def languages_command(console: Console, practice_code: str, state: str, email: str | None, as_json: bool) -> None:
    """Languages people told us, with the code for their record, one a line; the oldest first."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        require(session, console.actor(email), WORK_INBOX, practice)
        rows = [told.as_json() for told in languages_told(session, practice.id or 0, state)]
    say_lines(rows, as_json, list(HEADING))


def _emails(session: Session, ids: set[int | None]) -> dict[int | None, str]:
    accounts = session.exec(select(UserAccount).where(col(UserAccount.id).in_(ids - {None})))
    return {account.id: account.email for account in accounts}


@inbox.command("note")
@_item
@click.option("--text", "words", required=True, metavar="WORDS", help="What colleagues should know.")
@as_option
@json_option
@pass_console
def note_command(console: Console, item_id: int, words: str, email: str | None, as_json: bool) -> None:
    """Keep a note about an item, for colleagues."""
    _say(item_id, note_item(console.database, item_id, words, console.actor(email)), as_json)


@inbox.command("hand")
@_item
@click.option("--to", "colleague", metavar="EMAIL", help="The colleague who takes it on.")
@click.option("--back", is_flag=True, help="It is for everybody again.")
@as_option
@json_option
@pass_console
def hand_command(
    console: Console, item_id: int, colleague: str | None, back: bool, email: str | None, as_json: bool
) -> None:
    """Hand an item to a colleague, or back to everybody."""
    if (colleague is None) != back:
        raise click.UsageError("Say who takes it on (--to EMAIL), or --back.")
    to = console.account(colleague).id if colleague else None
    _say(item_id, hand_item(console.database, item_id, to, console.actor(email)), as_json)


@inbox.command("done")
@_item
@as_option
@json_option
@pass_console
def done_command(console: Console, item_id: int, email: str | None, as_json: bool) -> None:
    """Mark an item as done."""
    _say(item_id, finish_item(console.database, item_id, None, console.actor(email)), as_json)


@inbox.command("reopen")
@_item
@as_option
@json_option
@pass_console
def reopen_command(console: Console, item_id: int, email: str | None, as_json: bool) -> None:
    """Take back that an item is done."""
    _say(item_id, reopen_item(console.database, item_id, console.actor(email)), as_json)


def _say(item_id: int, state: str, as_json: bool) -> None:
    say({"item": item_id, "state": state}, as_json, f"Item {item_id} {_IN_WORDS[state]}.")
