"""What colleagues do with an item together: a note, handing it on, taking back "done", and many done at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.accounts.rights import holders, require, who_can
from bot.attention.items import of_practice
from bot.attention.rights import WORK_INBOX, hold_item
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.inbox import done_already, find_item
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import Membership, UserAccount
from bot.tables.attention import InboxItem, InboxNote
from bot.tables.organisations import Practice

LONGEST_NOTE = 1000
"""Characters."""
MOST_AT_ONCE = 200
"""Items that are marked as done at one press."""
AS_IT_IS = -1
"""Handing on without having looked at whose it is."""


def note_item(db: Database, item_id: int, words: str, actor: Actor, practice_id: int | None = None) -> str:
    """Keep a note about an item, open or done, for colleagues; gives the item's state. Nobody else reads it.

    :param practice_id: the practice they act for; None takes the first they may act for.
    :raises Refused: no such item here, not allowed, an empty or overlong note.
    """
    words = _readable(words)
    with db.write() as session:
        held = hold_item(session, item_id, actor, practice_id)
        session.add(InboxNote(item_id=item_id, user_id=actor.user_id, words=words, at=utc_now()))
        record(session, held.actor, "inbox-noted", f"inbox:{item_id}", practice_id=held.practice.id)
        return held.item.state


def _readable(words: str) -> str:
    readable = words.replace("\r\n", "\n").replace("\0", "").strip()
    if not readable:
        raise Refused("empty-note", "Write the note first.")
    if len(readable) > LONGEST_NOTE:
        raise Refused("long-note", f"A note has at most {LONGEST_NOTE} characters. Make it shorter.")
    return readable


def hand_item(
    db: Database,
    item_id: int,
    to: int | None,
    actor: Actor,
    practice_id: int | None = None,
    *,
    was: int | None = AS_IT_IS,
) -> str:
    """Hand an open item to a colleague, or with None back to everybody; gives its state.

    :param to: the account of somebody who works that practice's inbox.
    :param practice_id: the practice they act for; None takes the first they may act for.
    :param was: whose it was when they looked; when it is somebody else's by now, nothing is changed.
    :raises Refused: no such item here, not allowed, done already, handed on already, no such colleague.
    """
    with db.write() as session:
        held = hold_item(session, item_id, actor, practice_id)
        item, practice = held.item, held.practice
        if item.state != "open":
            raise done_already(find_item(session, practice.id or 0, item_id))
        if was not in (AS_IT_IS, item.handed_to) and to != item.handed_to:
            raise _handed_already(session, practice, item_id)
        if to is not None and to not in {account.id for account in colleagues(session, practice)}:
            message = f"That person cannot see this inbox. Hand it to {who_can(WORK_INBOX, practice)}."
            raise Refused("not-a-colleague", message)
        if to != item.handed_to:
            _hand(session, item, to, held.actor, practice)
        return item.state


def _hand(session: Session, item: InboxItem, to: int | None, actor: Actor, practice: Practice) -> None:
    item.handed_to, item.handed_by, item.handed_at = to, actor.user_id, utc_now()
    session.add(item)
    record(session, actor, "inbox-handed", f"inbox:{item.id}", practice_id=practice.id, to=to)


def _handed_already(session: Session, practice: Practice, item_id: int) -> Refused:
    entry = find_item(session, practice.id or 0, item_id)
    by = (entry and entry.handed_by) or "Somebody else"
    to = f"handed this to {entry.handed_to}" if entry and entry.handed_to else "put this back for everybody"
    return Refused("handed-already", f"{by} {to} while you were looking. Nothing was changed.")


def colleagues(session: Session, practice: Practice) -> Sequence[UserAccount]:
    """Everybody who works the inbox of a practice, by name."""
    statement = (
        select(UserAccount)
        .join(Membership, col(Membership.user_id) == col(UserAccount.id))
        .where(col(UserAccount.active), Membership.organisation == practice.code)
        .where(col(Membership.role).in_(holders(WORK_INBOX)))
    )
    found = {account.id: account for account in session.exec(statement)}
    return sorted(found.values(), key=lambda account: (account.name or account.email).casefold())


def reopen_item(db: Database, item_id: int, actor: Actor, practice_id: int | None = None) -> str:
    """Take back that an item is done; gives its state. Of two people at once, the second is told.

    :param practice_id: the practice they act for; None takes the first they may act for.
    :raises Refused: no such item here, not allowed, or it is open already.
    """
    with db.write() as session:
        held = hold_item(session, item_id, actor, practice_id)
        item = held.item
        if item.state == "open":
            raise Refused("open-already", "This is open already.")
        if _is_raised_again(session, item):
            raise Refused("open-already", "The same message is open in the inbox already, for the same reason.")
        item.state, item.done_by, item.done_at = "open", None, None
        session.add(item)
        record(session, held.actor, "inbox-reopened", f"inbox:{item_id}", practice_id=held.practice.id)
        return item.state


def _is_raised_again(session: Session, item: InboxItem) -> bool:
    again = select(InboxItem.id).where(
        col(InboxItem.message_id) == item.message_id, InboxItem.reason == item.reason, InboxItem.state == "open"
    )
    return item.message_id is not None and session.exec(again).first() is not None


@dataclass(frozen=True)
class DoneTogether:
    """What became of the items that somebody ticked: marked as done, done by others before, urgent and left open."""

    done: int
    done_before: int
    left_urgent: int


def finish_together(db: Database, item_ids: Collection[int], practice_id: int, actor: Actor) -> DoneTogether:
    """Mark several items of a practice as done, but no urgent one: each of those is opened and seen to by itself.

    Items of others are passed over.

    :raises Refused: nothing was chosen, too much at once, or not allowed.
    """
    if not item_ids:
        raise Refused("nothing-chosen", "Tick the messages that are done, then press the button.")
    if len(item_ids) > MOST_AT_ONCE:
        raise Refused("too-many", f"At most {MOST_AT_ONCE} messages are marked as done at once. Tick fewer.")
    with db.write() as session:
        actor = require(session, actor, WORK_INBOX, session.get_one(Practice, practice_id))
        mine = select(InboxItem).where(col(InboxItem.id).in_(set(item_ids)), of_practice(practice_id))
        items = session.exec(mine.order_by(col(InboxItem.id)).with_for_update()).all()
        still_open = [item for item in items if item.state == "open"]
        calm = [item for item in still_open if item.urgency is None]
        for item in calm:
            item.state, item.done_by, item.done_at = "done", actor.user_id, utc_now()
            record(session, actor, "inbox-done", f"inbox:{item.id}", practice_id=practice_id)
        session.add_all(calm)
    return DoneTogether(len(calm), len(items) - len(still_open), len(still_open) - len(calm))
