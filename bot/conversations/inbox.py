"""The inbox: what needs a person, most urgent first, with the conversation it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, select

from bot.attention.items import by_pressure, of_practice
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import UserAccount
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut, Patient
from bot.web import when

LONGEST_CONVERSATION = 100


@dataclass(frozen=True)
class InboxEntry:
    """An item in the list, with what the person wrote and who that may be."""

    item: InboxItem
    message: Message | None
    people: Sequence[Patient]
    done_by: str | None

    @property
    def person_id(self) -> int | None:
        """Whom it is about: who it came from, else the one person whose number it is by now."""
        if self.item.patient_id is None and len(self.people) == 1:
            return self.people[0].id
        return self.item.patient_id


@dataclass(frozen=True)
class Bubble:
    """One message of a conversation and, for one that came in, how it was read."""

    message: Message
    reading: ReplyReading | None

    @property
    def theirs(self) -> bool:
        """Whether the person wrote it."""
        return self.message.direction == Direction.IN


def list_items(
    session: Session, practice_id: int, *, state: str = "open", offset: int = 0, limit: int = 50
) -> list[InboxEntry]:
    """Open items, the most pressing first; done items, the newest first."""
    order = by_pressure() if state == "open" else (col(InboxItem.done_at).desc(),)
    statement = select(InboxItem).where(of_practice(practice_id), InboxItem.state == state).order_by(*order)
    items = session.exec(statement.offset(offset).limit(limit)).all()
    return _entries(session, practice_id, items)


def find_item(session: Session, practice_id: int, item_id: int) -> InboxEntry | None:
    """One item, if this practice may see it."""
    items = session.exec(select(InboxItem).where(InboxItem.id == item_id, of_practice(practice_id))).all()
    return next(iter(_entries(session, practice_id, items)), None)


def in_conversation(practice_id: int, phone: str) -> ColumnElement[bool]:
    """Messages that went to and fro between a practice and a phone.

    A stranger's words have no practice; they belong to the number they were sent to.
    """
    sender = select(Practice.sender_id).where(Practice.id == practice_id).scalar_subquery()
    from_stranger = and_(col(Message.practice_id).is_(None), col(Message.sender_id) == sender)
    return and_(col(Message.phone) == phone, or_(col(Message.practice_id) == practice_id, from_stranger))


def conversation(session: Session, practice_id: int, item: InboxItem) -> list[Bubble]:
    """The conversation an item came from, oldest first, at most the last hundred messages."""
    statement = (
        select(Message, ReplyReading)
        .outerjoin(ReplyReading, col(ReplyReading.message_id) == Message.id)
        .where(in_conversation(practice_id, item.phone))
        .order_by(col(Message.id).desc())
        .limit(LONGEST_CONVERSATION)
    )
    return [Bubble(message, reading) for message, reading in reversed(session.exec(statement).all())]


def opt_out_scope(session: Session, practice_id: int, entry: InboxEntry) -> str | None:
    """Whether the phone of an item, or its person on another, asked us not to text.

    None, `outreach`, `blocked` (the network took their STOP on this phone) or `all`.
    """
    phone, person_id = entry.item.phone, entry.person_id
    theirs = col(OptOut.phone) == phone
    if person_id is not None:
        theirs = or_(theirs, col(OptOut.patient_id) == person_id)
    statement = select(OptOut.scope, OptOut.source, OptOut.phone).where(
        OptOut.practice_id == practice_id, theirs, col(OptOut.lifted_at).is_(None)
    )
    found = session.exec(statement).all()
    if any(scope == "all" for scope, _, _ in found):
        return "all"
    if any(source == "twilio" and said_on == phone for _, source, said_on in found):
        return "blocked"
    return "outreach" if found else None


def finish_item(db: Database, item_id: int, practice_id: int, actor: Actor) -> None:
    """Mark an item as done; of two people at once, the second is told who did it.

    :raises Refused: no such item here, or done already.
    """
    with db.write() as session:
        finish_in(session, item_id, practice_id, actor)


def finish_in(session: Session, item_id: int, practice_id: int, actor: Actor) -> None:
    """Mark an item as done in the transaction in hand.

    :raises Refused: no such item here, or done already.
    """
    done = update(InboxItem).where(
        col(InboxItem.id) == item_id, of_practice(practice_id), col(InboxItem.state) == "open"
    )
    changed = session.exec(done.values(state="done", done_by=actor.user_id, done_at=utc_now()))
    if changed.rowcount != 1:
        raise _done_already(find_item(session, practice_id, item_id))
    record(session, actor, "inbox-done", f"inbox:{item_id}", practice_id=practice_id)


def _done_already(entry: InboxEntry | None) -> Refused:
    if entry is None:
        return Refused("unknown-item", "There is no such item in your inbox.")
    moment: datetime = entry.item.done_at or entry.item.opened_at
    return Refused("done-already", f"{entry.done_by or 'Somebody else'} marked this as done {when(moment)}.")


def _entries(session: Session, practice_id: int, items: Sequence[InboxItem]) -> list[InboxEntry]:
    message_ids = {item.message_id for item in items if item.message_id}
    messages = {row.id: row for row in session.exec(select(Message).where(col(Message.id).in_(message_ids)))}
    people = _people(session, practice_id, {item.phone for item in items})
    doers = {item.done_by for item in items if item.done_by}
    names = {
        row.id: row.name or row.email for row in session.exec(select(UserAccount).where(col(UserAccount.id).in_(doers)))
    }
    return [
        InboxEntry(item, messages.get(item.message_id), people.get(item.phone, []), names.get(item.done_by))
        for item in items
    ]


def _people(session: Session, practice_id: int, phones: set[str]) -> dict[str, list[Patient]]:
    """The patients behind each phone: one, several who share it, or none."""
    statement = select(Patient).where(Patient.practice_id == practice_id, col(Patient.phone).in_(phones))
    found: dict[str, list[Patient]] = {}
    for patient in session.exec(statement.order_by(col(Patient.id))):
        found.setdefault(patient.phone or "", []).append(patient)
    return found
