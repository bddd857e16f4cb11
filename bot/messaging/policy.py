"""The table of kinds: when a text may go, to whom, and before which others. Pure data and rules."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.tables.messaging import Kind, State

AT_ONCE_FOR = timedelta(minutes=30)
"""How long after a person wrote an answer to them need not wait for the sending window."""

Reaches = Literal["always", "by-scope", "never"]


@dataclass(frozen=True)
class KindRule:
    """`waits`: only in the sending window; `sending_days`: only on those; `opted_out`: who may still get it.

    `by-scope` goes to a person who opted out of outreach, not to one who opted out of all texts.
    """

    priority: int
    waits: bool
    sending_days: bool
    opted_out: Reaches


RULES: dict[str, KindRule] = {
    Kind.EMERGENCY: KindRule(1, waits=False, sending_days=False, opted_out="always"),
    Kind.RECEIPT: KindRule(1, waits=False, sending_days=False, opted_out="always"),
    Kind.ANSWER: KindRule(2, waits=True, sending_days=False, opted_out="never"),
    Kind.QUESTION: KindRule(2, waits=True, sending_days=False, opted_out="never"),
    Kind.NOTICE: KindRule(3, waits=True, sending_days=False, opted_out="by-scope"),
    Kind.REMINDER: KindRule(4, waits=True, sending_days=False, opted_out="by-scope"),
    Kind.OUTREACH: KindRule(5, waits=True, sending_days=True, opted_out="never"),
}

URGENT_PRIORITY = 2
"""Texts up to this priority have places in every worker kept for them."""

RANK: dict[str, int] = {
    State.QUEUED: 0,
    State.HELD: 0,
    State.SENDING: 1,
    State.UNCERTAIN: 1,
    State.ACCEPTED: 2,
    State.SENT: 3,
    State.DELIVERED: 4,
    State.UNDELIVERED: 4,
    State.FAILED: 4,
    State.CANCELLED: 4,
}
"""A message's state only moves up."""

STATE_OF_TWILIO: dict[str, State] = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.CANCELLED,
}
"""Our word for each of Twilio's."""


def states_below(state: str) -> list[str]:
    """The states from which a message may move up to `state`."""
    return [lower for lower, rank in RANK.items() if rank < RANK[state]]


def may_reach(kind: str, scope: str | None) -> bool:
    """Whether a text of that kind may go to a person with that opt-out (`None`, `outreach`, `all`)."""
    rule = RULES[kind].opted_out
    return scope is None or rule == "always" or (rule == "by-scope" and scope == "outreach")
