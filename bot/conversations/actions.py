"""What staff may do about an item of the inbox besides answering it: capabilities bring it, the item offers it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from bot.accounts.rights import require
from bot.attention.rights import WORK_INBOX
from bot.audit import Actor, record
from bot.capability import in_use
from bot.conversations.inbox import InboxEntry, find_item, finish_in
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Practice


@dataclass(frozen=True)
class Offered:
    """How an action stands on the page of an item: what it does, and the text it sends, in English.

    `path`: it is done on a page of its own, at that address here; then there is no button, and `english` may be empty.
    """

    heading: str
    explanation: str
    english: str
    button: str
    path: str | None = None


@dataclass(frozen=True)
class Action:
    """Something that can be done about an item; `name` stands in its address.

    `offers` gives None where it cannot be done. `does` acts in the transaction in hand: it raises `Refused` where
    there is nothing to do any more. Afterwards the item is done, and `done` says so.
    """

    name: str
    offers: Callable[[Session, Settings, Practice, InboxEntry], Offered | None]
    does: Callable[[Session, Settings, Practice, InboxEntry], None]
    done: str


def actions() -> dict[str, Action]:
    """Every action by its name."""
    return {action.name: action for action in in_use().bring("actions")}


def act_on(db: Database, settings: Settings, item_id: int, practice_id: int, action: Action, actor: Actor) -> None:
    """Do what an action does about an item, and mark the item as done.

    :raises Refused: there is nothing to do any more, no such item here, it is done already, or `not-allowed`.
    """
    with db.write() as session:
        # A row lock where the database has one: two colleagues act one after the other.
        practice = session.get_one(Practice, practice_id, with_for_update=True)
        actor = require(session, actor, WORK_INBOX, practice)
        entry = find_item(session, practice_id, item_id)
        if entry is None:
            raise Refused("unknown-item", "There is no such item in your inbox.")
        action.does(session, settings, practice, entry)
        finish_in(session, item_id, practice_id, actor)
        record(session, actor, "inbox-acted", f"inbox:{item_id}", practice_id=practice_id, did=action.name)
