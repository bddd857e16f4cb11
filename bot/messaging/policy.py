"""The table of kinds: when a text may go, and before which others; and the states a message moves through. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot.states import Moves
from bot.tables.messaging import Kind, State

AT_ONCE_FOR = timedelta(minutes=30)
"""How long after a person wrote an answer to them need not wait for the sending window."""


@dataclass(frozen=True)
class KindRule:
    """`waits`: only in the sending window; `sending_days`: only on those. Who gets it: `patients.eligibility`."""

    priority: int
    waits: bool
    sending_days: bool


RULES: dict[str, KindRule] = {
    Kind.EMERGENCY: KindRule(1, waits=False, sending_days=False),
    Kind.RECEIPT: KindRule(1, waits=False, sending_days=False),
    Kind.ANSWER: KindRule(2, waits=True, sending_days=False),
    Kind.QUESTION: KindRule(2, waits=True, sending_days=False),
    Kind.ALERT: KindRule(2, waits=False, sending_days=False),
    Kind.NOTICE: KindRule(3, waits=True, sending_days=False),
    Kind.REMINDER: KindRule(4, waits=True, sending_days=False),
    Kind.OUTREACH: KindRule(5, waits=True, sending_days=True),
}

URGENT_PRIORITY = 2
"""Texts up to this priority have places in every worker kept for them."""

_AT_TWILIO = (State.ACCEPTED, State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.CANCELLED)
MESSAGE_MOVES = Moves(
    {
        State.QUEUED: (State.HELD, State.SENDING, State.UNCERTAIN, *_AT_TWILIO),
        State.HELD: (State.QUEUED, State.UNCERTAIN, *_AT_TWILIO),
        State.SENDING: (State.QUEUED, State.UNCERTAIN, *_AT_TWILIO),
        State.UNCERTAIN: (State.QUEUED, *_AT_TWILIO),
        State.ACCEPTED: _AT_TWILIO[1:],
        State.SENT: _AT_TWILIO[2:],
        State.DELIVERED: (),
        State.UNDELIVERED: (),
        State.FAILED: (),
        State.CANCELLED: (),
        State.RECEIVED: (),
    }
)
"""A message goes back to `queued` only while Twilio does not have it. From then on its state only moves up."""
