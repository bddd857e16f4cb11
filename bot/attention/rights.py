"""The right to work an inbox, and an item as somebody has it before them who may."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.organisations import Practice

WORK_INBOX = declare_right("work-the-inbox", Role.PRACTICE, Role.LEAD)


@dataclass(frozen=True)
class Held:
    """An item, the practice for which somebody acts on it, and the actor under the role used."""

    item: InboxItem
    practice: Practice
    actor: Actor


def hold_item(session: Session, item_id: int, actor: Actor, practice_id: int | None = None) -> Held:
    """An item for somebody who wants to change it, locked until the transaction ends: two act one after the other.

    :param practice_id: the practice they act for; None takes the first they may act for.
    :raises Refused: `unknown-item`, there is none or no such practice sees it; `not-allowed`.
    """
    item = session.get(InboxItem, item_id, with_for_update=True)
    practices = _who_sees(session, item) if item else []
    fitting = [practice for practice in practices if practice_id in (None, practice.id)]
    if item is None or not fitting:
        raise unknown_item()
    refused: Refused | None = None
    for practice in fitting:
        try:
            return Held(item, practice, require(session, actor, WORK_INBOX, practice))
        except Refused as not_here:
            refused = refused or not_here
    raise refused or unknown_item()


def _who_sees(session: Session, item: InboxItem) -> Sequence[Practice]:
    """Its own practice; for the words of a stranger, all who share the number they were sent to."""
    sender = select(Message.sender_id).where(Message.id == item.message_id).scalar_subquery()
    its_own: ColumnElement[bool] = col(Practice.id) == item.practice_id
    theirs = its_own if item.practice_id else col(Practice.sender_id) == sender
    return session.exec(select(Practice).where(theirs).order_by(col(Practice.id))).all()


def unknown_item() -> Refused:
    """The refusal for an item that is not there, or not theirs."""
    return Refused("unknown-item", "There is no such item in your inbox.")
