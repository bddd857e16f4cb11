"""After a restore: learn from Twilio what listed since the backup, so no wish is lost and nobody is invited twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.capability import in_use
from bot.conversations.missed import receive_again, unknown_sids
from bot.database import Database
from bot.messaging.twilio.gateway import Gateway
from bot.rows import chunks
from bot.settings import Settings


@dataclass(frozen=True)
class CaughtUp:
    """Texts that came in and are known again, and people set aside because something went to them."""

    received: int
    set_aside: int


def catch_up(db: Database, settings: Settings, gateway: Gateway, since: datetime) -> CaughtUp:
    """Receive again what people wrote since then, and set aside whom we texted without a record of it.

    What follows from a text (an opt-out, a question) follows again; doing it twice changes nothing. Texts that it
    queues may have gone out already: the caller settles them.

    :raises LookUpFailed: Twilio did not answer; nothing was changed.
    """
    listed = gateway.since(since)
    unknown = set(unknown_sids(db, listed))
    received = receive_again(db, settings, listed, unknown)
    phones = {text.phone for text in listed if not text.inbound and text.sid in unknown}
    return CaughtUp(received, _set_aside(db, phones))


def _set_aside(db: Database, phones: Iterable[str]) -> int:
    """What capabilities planned for phones that got a text we do not know."""
    total = 0
    for piece in chunks(sorted(phones)):
        with db.write() as session:
            total += sum(care.set_aside(session, piece) for care in in_use().bring("after_restore"))
    return total
