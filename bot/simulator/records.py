"""What the network keeps, as plain values. Times are seconds since 1970 in UTC."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Direction = Literal["outbound-api", "outbound-reply", "inbound"]


@dataclass(frozen=True)
class NewMessage:
    """A message about to be kept. `sender` is the account's number, `handset` the other end."""

    direction: Direction
    handset: str
    sender: str
    service_sid: str | None
    body: str
    parts: int
    status: str
    spoken: bool = False
    callback_url: str | None = None


@dataclass(frozen=True)
class Message:
    """A message the network has. `webhook_status` is what the service answered to an inbound one."""

    id: int
    sid: str
    direction: Direction
    handset: str
    sender: str
    service_sid: str | None
    body: str
    parts: int
    status: str
    error_code: int | None
    spoken: bool
    callback_url: str | None
    created_at: float
    updated_at: float
    sent_at: float | None
    webhook_status: int | None

    @property
    def network(self) -> bool:
        """Whether the network itself wrote it, in answer to STOP, START or HELP."""
        return self.direction == "outbound-reply"

    @property
    def inbound(self) -> bool:
        """Whether the handset sent it."""
        return self.direction == "inbound"

    @property
    def sender_key(self) -> str:
        """What an opt-out is recorded against: the whole messaging service, or else the number."""
        return self.service_sid or self.sender

    @property
    def sender_known(self) -> bool:
        """A messaging service picks its number, and counts the parts, only when it sends."""
        return self.service_sid is None or self.sent_at is not None or self.inbound


@dataclass(frozen=True)
class CallbackTry:
    """One try to tell the service of a status. `outcome` is its HTTP status, None without an answer."""

    status: str
    at: float
    outcome: int | None
    problem: str | None


@dataclass(frozen=True)
class DueCallback:
    """A status callback whose time has come."""

    id: int
    message_id: int
    status: str
    error_code: int | None
    due_at: float


@dataclass(frozen=True)
class Answer:
    """A text that a handset is about to send by itself. `sender` is a number or a messaging service sid."""

    handset: str
    sender: str
    body: str
    due_at: float


@dataclass(frozen=True)
class HandsetSummary:
    """One line in the list of phones."""

    number: str
    messages: int
    latest: Message


def new_sid() -> str:
    """A message sid like Twilio's: SM and 32 hexadecimal digits."""
    return "SM" + secrets.token_hex(16)


def iso(moment: float) -> str:
    """UTC in ISO 8601."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
