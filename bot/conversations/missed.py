"""What Twilio knows and we were not told: a webhook that fails is not sent for ever, and a STOP must not be lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.clock import utc_now
from bot.conversations.inbound import InboundText, receive_text
from bot.database import Database
from bot.messaging.callbacks import StatusReport, record_status
from bot.messaging.heartbeats import JOB, last_runs
from bot.messaging.policy import MESSAGE_MOVES
from bot.messaging.twilio.gateway import Gateway, ListedText
from bot.messaging.twilio.statuses import STATE_OF_TWILIO
from bot.rows import chunks
from bot.settings import Settings
from bot.tables.messaging import Attempt, Message, State
from bot.tables.organisations import Sender

ON_ITS_WAY = timedelta(minutes=2)
"""A text as young as this may still come by itself."""
SILENT_FOR = timedelta(hours=1)
"""How long Twilio may say nothing more of a text before it is asked."""
RECEIVE_MISSED = "receive-missed-texts"
LOOK_BACK = timedelta(hours=1)
"""How far one look at Twilio's list reaches into the time of the one before."""
LONGEST_ABSENCE = timedelta(days=7)
ASKED_AFTER_FOR = timedelta(days=2)
"""Twilio ends every text within hours; of what is older nothing more will be known."""


def receive_missed(db: Database, settings: Settings) -> None:
    """What people wrote since shortly before this job last ended well, a week ago at most.

    The first time it only notes that it was there: what came before the service did is not the service's.
    """
    with db.read() as session:
        last = last_runs(session).get(JOB + RECEIVE_MISSED)
    if last is not None:
        since = max(last - LOOK_BACK, utc_now() - LONGEST_ABSENCE)
        receive_missed_texts(db, settings, Gateway(settings), since)


def ask_after_silent(db: Database, settings: Settings) -> None:
    """Texts of which no callback has told the end."""
    ask_after_silent_texts(db, Gateway(settings))


def receive_missed_texts(db: Database, settings: Settings, gateway: Gateway, since: datetime) -> int:
    """Receive what people wrote to our senders since then and no webhook told; gives how many texts.

    :raises LookUpFailed: Twilio did not answer; nothing was changed.
    """
    until = utc_now() - ON_ITS_WAY
    ours = _Senders.of(db)
    listed = [text for number in ours.to_ask_for() for text in gateway.since(since, to=number)]
    came_in = [text for text in listed if text.inbound and ours.got(text) and text.created_at < until]
    return receive_again(db, settings, came_in, set(unknown_sids(db, came_in)))


@dataclass(frozen=True)
class _Senders:
    """Our numbers and services; an account may have others that are not ours."""

    numbers: frozenset[str | None]
    services: frozenset[str | None]

    @classmethod
    def of(cls, db: Database) -> "_Senders":
        with db.read() as session:
            senders = session.exec(select(Sender)).all()
        return cls(
            frozenset(sender.number for sender in senders), frozenset(sender.service_sid for sender in senders) - {None}
        )

    def to_ask_for(self) -> Sequence[str | None]:
        """Each number; everything, where a service alone is known."""
        return [None] if None in self.numbers else sorted(filter(None, self.numbers))

    def got(self, text: ListedText) -> bool:
        return text.to in self.numbers or text.service_sid in self.services


def receive_again(db: Database, settings: Settings, texts: Iterable[ListedText], unknown: set[str]) -> int:
    """Receive those that are unknown, in the order given; gives how many."""
    received = [text for text in texts if text.inbound and text.sid in unknown]
    for text in received:
        fields = (text.sid, text.phone, text.to, text.service_sid, text.body)
        receive_text(db, settings, InboundText(*fields, opt_out_type=None, written_at=text.created_at))
    return len(received)


def unknown_sids(db: Database, listed: Sequence[ListedText]) -> Iterator[str]:
    """Those of texts that we have no record of."""
    for piece in chunks(text.sid for text in listed):
        with db.read() as session:
            known = set(session.exec(select(Attempt.sid).where(col(Attempt.sid).in_(piece))))
            known |= set(session.exec(select(Message.sid).where(col(Message.sid).in_(piece))))
        yield from (sid for sid in piece if sid not in known)


def ask_after_silent_texts(db: Database, gateway: Gateway) -> int:
    """Learn how texts went on of which Twilio took hold and told nothing more for an hour; gives how many did.

    :raises LookUpFailed: Twilio did not answer; nothing was changed.
    """
    silent = _silent(db)
    if not silent:
        return 0
    listed = gateway.since(min(text.sent_at for text in silent.values()) - ON_ITS_WAY)
    moved = [text for text in listed if text.sid in silent and _is_further(text.status, silent[text.sid].state)]
    for text in moved:
        record_status(db, silent[text.sid].ref, StatusReport(text.sid, text.status, text.error_code, None))
    return len(moved)


@dataclass(frozen=True)
class _Silent:
    """A text that is on its way, as far as we know."""

    ref: str
    state: str
    sent_at: datetime


def _silent(db: Database) -> dict[str, _Silent]:
    now = utc_now()
    statement = (
        select(Attempt.sid, Attempt.ref, Message.state, Attempt.started_at)
        .join(Message, (col(Message.id) == col(Attempt.message_id)) & (col(Message.sid) == col(Attempt.sid)))
        .where(
            col(Message.state).in_((State.ACCEPTED, State.SENT)),
            col(Message.updated_at) < now - SILENT_FOR,
            col(Attempt.started_at) > now - ASKED_AFTER_FOR,
        )
    )
    with db.read() as session:
        return {str(sid): _Silent(ref, state, started_at) for sid, ref, state, started_at in session.exec(statement)}


def _is_further(status: str, state: str) -> bool:
    known = STATE_OF_TWILIO.get(status)
    return known is not None and MESSAGE_MOVES.may(state, known)
