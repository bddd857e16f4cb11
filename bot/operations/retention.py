"""What we do not keep, and for how long we keep the rest; docs/operating.md has the whole table."""

from datetime import datetime, timedelta

from sqlalchemy import Update, delete, update
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.accounts import AccountSession, PasswordLink, SignInAttempt
from bot.tables.messaging import Message, State, StatusEvent
from bot.translation.erasing import erase_translations

WORDS_FOR = timedelta(days=90)
EVENTS_FOR = timedelta(days=90)
SIGN_INS_FOR = timedelta(days=30)
LINKS_FOR = timedelta(days=30)

_STILL_NEEDED = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)


def erase_old_words(db: Database, _settings: Settings) -> int:
    """Erase the words of texts after 90 days: who, when and what became of them stays. Gives how many.

    What a machine made of them goes with them. Words that are still on their way stay until they have arrived. What
    somebody consented to is kept with the consent.
    """
    now = utc_now()
    erased, after = 0, 0
    while ids := _old_messages(db, now - WORDS_FOR, after):
        with db.write() as session:
            session.execute(_without_words(ids, now))
            erase_translations(session, ids)
        erased, after = erased + len(ids), ids[-1]
    return erased


def _old_messages(db: Database, before: datetime, after: int) -> list[int]:
    statement = (
        select(col(Message.id))
        .where(col(Message.id) > after, col(Message.created_at) < before, col(Message.erased_at).is_(None))
        .where(col(Message.state).not_in(_STILL_NEEDED))
        .order_by(col(Message.id))
        .limit(CHUNK)
    )
    with db.read() as session:
        return [found for found in session.exec(statement) if found]


def _without_words(ids: list[int], now: datetime) -> Update:
    return update(Message).where(col(Message.id).in_(ids)).values(body="", erased_at=now)


def forget_status_events(db: Database, _settings: Settings) -> int:
    """Take away callbacks after 90 days; the message keeps what they said. Gives how many."""
    old = select(StatusEvent.id).where(col(StatusEvent.received_at) < utc_now() - EVENTS_FOR).limit(CHUNK)
    return delete_in_pieces(db, delete(StatusEvent).where(col(StatusEvent.id).in_(old)))


def forget_sign_ins(db: Database, _settings: Settings) -> int:
    """Take away tries to sign in and spent links after 30 days, and sessions that have ended. Gives how many."""
    now = utc_now()
    sessions = select(AccountSession.id).where(col(AccountSession.ends_at) < now).limit(CHUNK)
    tries = select(SignInAttempt.id).where(col(SignInAttempt.at) < now - SIGN_INS_FOR).limit(CHUNK)
    links = select(PasswordLink.id).where(col(PasswordLink.expires_at) < now - LINKS_FOR).limit(CHUNK)
    old = (
        delete(SignInAttempt).where(col(SignInAttempt.id).in_(tries)),
        delete(PasswordLink).where(col(PasswordLink.id).in_(links)),
        delete(AccountSession).where(col(AccountSession.id).in_(sessions)),
    )
    return sum(delete_in_pieces(db, statement) for statement in old)
