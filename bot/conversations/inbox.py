"""The inbox: what needs a person, most urgent first, with the conversation it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, union_all, update
from sqlmodel import Session, col, select

from bot.attention.items import by_pressure, of_practice
from bot.attention.rights import hold_item, unknown_item
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import chunks
from bot.tables.accounts import UserAccount
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut, Patient
from bot.understanding.reading import NAMING
from bot.web import when

LONGEST_CONVERSATION = 100
LANGUAGE_TOLD, ANOTHER_LANGUAGE = "language-told", "another-language"
"""Reasons that tell which language somebody speaks."""
NO_LANGUAGE = "unknown"
"""Asks for the items whose language nobody knows."""


@dataclass(frozen=True)
class InboxEntry:
    """An item in the list, with what the person wrote and who that may be.

    `language` is the one recorded for the people of the phone, else the one they wrote in; None when nobody knows.
    `named` is the language that the message names, recorded or not.
    `done_by`, `seen_by`, `handed_to` and `handed_by` are names of colleagues.
    """

    item: InboxItem
    message: Message | None
    people: Sequence[Patient]
    done_by: str | None
    seen_by: str | None = None
    handed_to: str | None = None
    handed_by: str | None = None
    language: str | None = None
    named: str | None = None

    @property
    def to_record(self) -> str | None:
        """The language the practice should record: what the person told us, or named without texts in it."""
        if self.item.reason == LANGUAGE_TOLD:
            return self.language
        return self.named if self.item.reason == ANOTHER_LANGUAGE else None

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


@dataclass(frozen=True)
class Wanted:
    """Which items of an inbox somebody wants to see.

    :param state: `open`, `done` or `all`.
    :param reason: the code of one reason; None for every one.
    :param language: a tag, `NO_LANGUAGE`, or None for every one.
    :param whose: `mine` (handed to `user_id`), `handed` (to anybody), `nobody` (to nobody), or None for everybody's.
    """

    state: str = "open"
    reason: str | None = None
    language: str | None = None
    whose: str | None = None
    user_id: int | None = None

    def in_sql(self, practice_id: int) -> ColumnElement[bool]:
        """Whether an item is one of them."""
        asked: list[ColumnElement[bool]] = [of_practice(practice_id)]
        if self.state != "all":
            asked.append(col(InboxItem.state) == self.state)
        if self.reason:
            asked.append(col(InboxItem.reason) == self.reason)
        if self.language:
            tag = None if self.language == NO_LANGUAGE else self.language
            asked.append(_language_of(practice_id).is_not_distinct_from(tag))
        if self.whose in _WHOSE:
            asked.append(_WHOSE[self.whose](self.user_id))
        return and_(*asked)


_WHOSE: Mapping[str | None, Any] = {
    "mine": lambda user_id: col(InboxItem.handed_to) == user_id,
    "handed": lambda _user_id: col(InboxItem.handed_to).is_not(None),
    "nobody": lambda _user_id: col(InboxItem.handed_to).is_(None),
}
WHAT_IS_OPEN = Wanted()


def list_items(
    session: Session, practice_id: int, wanted: Wanted = WHAT_IS_OPEN, *, offset: int = 0, limit: int | None = 50
) -> list[InboxEntry]:
    """Open items, the most pressing first; done items, the newest first; of all, the open ones first."""
    if wanted.state == "done":
        order: tuple[Any, ...] = (col(InboxItem.done_at).desc(), col(InboxItem.id).desc())
    else:
        order = (case((col(InboxItem.state) == "open", 0), else_=1), *by_pressure())
    statement = _items(practice_id, wanted.in_sql(practice_id)).order_by(*order)
    rows = session.exec(statement.offset(offset).limit(limit)).all()
    return [entry for piece in chunks(rows) for entry in _entries(session, practice_id, piece)]


def what_there_is(session: Session, practice_id: int, state: str) -> tuple[dict[str, int], dict[str | None, int]]:
    """How many items of a state there are of each reason, and in each language."""
    of_it = Wanted(state).in_sql(practice_id)
    each: Any = select(col(InboxItem.reason).label("reason"), _language_of(practice_id).label("language")).where(of_it)
    rows = each.subquery()
    reasons = session.exec(select(rows.c.reason, func.count()).group_by(rows.c.reason).order_by(func.count().desc()))
    languages = session.exec(select(rows.c.language, func.count()).group_by(rows.c.language))
    return dict(reasons.all()), dict(languages.all())


def find_item(session: Session, practice_id: int, item_id: int) -> InboxEntry | None:
    """One item, if this practice may see it."""
    statement = _items(practice_id, and_(col(InboxItem.id) == item_id, of_practice(practice_id)))
    return next(iter(_entries(session, practice_id, session.exec(statement).all())), None)


def items_of_conversation(session: Session, practice_id: int, item: InboxItem) -> list[InboxEntry]:
    """All that ever came to staff from an item's person or phone, the oldest first; at most the last hundred."""
    theirs = col(InboxItem.phone) == item.phone
    if item.patient_id is not None:
        theirs = or_(theirs, col(InboxItem.patient_id) == item.patient_id)
    statement = _items(practice_id, and_(theirs, of_practice(practice_id)))
    newest = session.exec(statement.order_by(col(InboxItem.id).desc()).limit(LONGEST_CONVERSATION)).all()
    return _entries(session, practice_id, newest[::-1])


def _items(practice_id: int, which: ColumnElement[bool]) -> Any:
    return select(InboxItem, _language_of(practice_id)).where(which)


def _language_of(practice_id: int) -> ColumnElement[str | None]:
    """The one language recorded for the people of an item's phone, else the one its text was read in."""
    recorded = select(
        case((func.count(distinct(col(Patient.language))) == 1, func.min(col(Patient.language))), else_=None)
    ).where(Patient.practice_id == practice_id, col(Patient.phone) == col(InboxItem.phone))
    read = select(col(ReplyReading.language)).where(col(ReplyReading.message_id) == col(InboxItem.message_id))
    return func.coalesce(recorded.correlate(InboxItem).scalar_subquery(), read.correlate(InboxItem).scalar_subquery())


def in_conversation(practice_id: int, phone: str) -> ColumnElement[bool]:
    """Messages that went to and fro between a practice and a phone.

    A stranger's words have no practice; they belong to the number they were sent to.
    """
    sender = select(Practice.sender_id).where(Practice.id == practice_id).scalar_subquery()
    from_stranger = and_(col(Message.practice_id).is_(None), col(Message.sender_id) == sender)
    return and_(col(Message.phone) == phone, or_(col(Message.practice_id) == practice_id, from_stranger))


def conversation(session: Session, practice_id: int, item: InboxItem) -> list[Bubble]:
    """The conversation an item came from, oldest first, at most the last hundred messages.

    It is all that went to and fro with its phone, and with its person on another.
    """
    with_phone = select(col(Message.id)).where(in_conversation(practice_id, item.phone))
    with_person = select(col(Message.id)).where(
        col(Message.patient_id) == item.patient_id, col(Message.practice_id) == practice_id
    )
    its = with_phone if item.patient_id is None else union_all(with_phone, with_person)
    statement = (
        select(Message, ReplyReading)
        .outerjoin(ReplyReading, col(ReplyReading.message_id) == Message.id)
        .where(col(Message.id).in_(its))
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


def finish_item(db: Database, item_id: int, practice_id: int | None, actor: Actor) -> str:
    """Mark an item as done; of two people at once, the second is told who did it. Gives its state.

    :param practice_id: the practice they act for; None takes the first they may act for.
    :raises Refused: no such item here, not allowed, or done already.
    """
    with db.write() as session:
        held = hold_item(session, item_id, actor, practice_id)
        finish_in(session, item_id, held.practice.id or 0, held.actor)
    return "done"


def finish_in(session: Session, item_id: int, practice_id: int, actor: Actor) -> None:
    """Mark an item as done in the transaction in hand.

    :raises Refused: no such item here, or done already.
    """
    done = update(InboxItem).where(
        col(InboxItem.id) == item_id, of_practice(practice_id), col(InboxItem.state) == "open"
    )
    changed = session.exec(done.values(state="done", done_by=actor.user_id, done_at=utc_now()))
    if changed.rowcount != 1:
        raise done_already(find_item(session, practice_id, item_id))
    record(session, actor, "inbox-done", f"inbox:{item_id}", practice_id=practice_id)


def done_already(entry: InboxEntry | None) -> Refused:
    """The refusal for an item that is not open any more: who did it, and when."""
    if entry is None:
        return unknown_item()
    moment: datetime = entry.item.done_at or entry.item.opened_at
    return Refused("done-already", f"{entry.done_by or 'Somebody else'} marked this as done {when(moment)}.")


def _entries(session: Session, practice_id: int, rows: Sequence[tuple[InboxItem, str | None]]) -> list[InboxEntry]:
    items = [item for item, _ in rows]
    message_ids = {item.message_id for item in items if item.message_id}
    messages = {row.id: row for row in session.exec(select(Message).where(col(Message.id).in_(message_ids)))}
    people = _people(session, practice_id, {item.phone for item in items})
    named = _named(session, message_ids)
    names = names_of(
        session, {who for item in items for who in (item.done_by, item.seen_by, item.handed_to, item.handed_by)}
    )
    return [
        InboxEntry(
            item,
            messages.get(item.message_id),
            people.get(item.phone, []),
            done_by=names.get(item.done_by),
            seen_by=names.get(item.seen_by),
            handed_to=names.get(item.handed_to),
            handed_by=names.get(item.handed_by),
            language=language,
            named=named.get(item.message_id),
        )
        for item, language in rows
    ]


def _named(session: Session, message_ids: set[int]) -> dict[int | None, str | None]:
    """The languages that messages name."""
    readings = select(ReplyReading.message_id, ReplyReading.language).where(
        col(ReplyReading.message_id).in_(message_ids), col(ReplyReading.rule).in_(NAMING)
    )
    return dict(session.exec(readings).all())


def names_of(session: Session, user_ids: set[int | None]) -> dict[int | None, str]:
    """What colleagues are called, by the id of their account."""
    accounts = session.exec(select(UserAccount).where(col(UserAccount.id).in_(user_ids - {None})))
    return {account.id: account.name or account.email for account in accounts}


def _people(session: Session, practice_id: int, phones: set[str]) -> dict[str, list[Patient]]:
    """The patients behind each phone: one, several who share it, or none."""
    statement = select(Patient).where(Patient.practice_id == practice_id, col(Patient.phone).in_(phones))
    found: dict[str, list[Patient]] = {}
    for patient in session.exec(statement.order_by(col(Patient.id))):
        found.setdefault(patient.phone or "", []).append(patient)
    return found
