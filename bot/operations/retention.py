"""What we do not keep, and for how long we keep the rest; docs/operating.md has the whole table.

NHS England's Records Management Code is what the periods for referrals follow; the others are ours, and shorter.
"""

from datetime import datetime, timedelta

from sqlalchemy import Delete, Update, delete, update
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import PasswordLink, SignInAttempt
from bot.tables.messaging import Message, State, StatusEvent
from bot.tables.partners import Consent, Referral, ReferralState

WORDS_FOR = timedelta(days=90)
EVENTS_FOR = timedelta(days=90)
SIGN_INS_FOR = timedelta(days=30)
LINKS_FOR = timedelta(days=30)
REFERRALS_FOR = timedelta(days=8 * 365 + 2)
"""Eight years, leap days included, after a referral ended."""
AT_A_TIME = 1000
"""Rows of one transaction: few enough that nobody waits for it."""

_STILL_NEEDED = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)
_ENDED = (ReferralState.CLOSED, ReferralState.FULL, ReferralState.WITHDRAWN)


def erase_old_words(db: Database, _settings: Settings) -> int:
    """Erase the words of texts after 90 days: who, when and what became of them stays. Gives how many.

    Words that are still on their way stay until they have arrived. What somebody consented to is kept with the
    consent.
    """
    now = utc_now()
    erased, after = 0, 0
    while ids := _old_messages(db, now - WORDS_FOR, after):
        with db.write() as session:
            session.execute(_without_words(ids, now))
        erased, after = erased + len(ids), ids[-1]
    return erased


def _old_messages(db: Database, before: datetime, after: int) -> list[int]:
    statement = (
        select(col(Message.id))
        .where(col(Message.id) > after, col(Message.created_at) < before, col(Message.erased_at).is_(None))
        .where(col(Message.state).not_in(_STILL_NEEDED))
        .order_by(col(Message.id))
        .limit(AT_A_TIME)
    )
    with db.read() as session:
        return [found for found in session.exec(statement) if found]


def _without_words(ids: list[int], now: datetime) -> Update:
    return update(Message).where(col(Message.id).in_(ids)).values(body="", erased_at=now)


def forget_status_events(db: Database, _settings: Settings) -> int:
    """Take away callbacks after 90 days; the message keeps what they said. Gives how many."""
    old = select(StatusEvent.id).where(col(StatusEvent.received_at) < utc_now() - EVENTS_FOR).limit(AT_A_TIME)
    return _in_pieces(db, delete(StatusEvent).where(col(StatusEvent.id).in_(old)))


def forget_sign_ins(db: Database, _settings: Settings) -> int:
    """Take away tries to sign in, and links that no longer work, after 30 days. Gives how many."""
    now = utc_now()
    tries = select(SignInAttempt.id).where(col(SignInAttempt.at) < now - SIGN_INS_FOR).limit(AT_A_TIME)
    links = select(PasswordLink.id).where(col(PasswordLink.expires_at) < now - LINKS_FOR).limit(AT_A_TIME)
    return _in_pieces(db, delete(SignInAttempt).where(col(SignInAttempt.id).in_(tries))) + _in_pieces(
        db, delete(PasswordLink).where(col(PasswordLink.id).in_(links))
    )


def forget_old_referrals(db: Database, _settings: Settings) -> int:
    """Take away referrals, with the consent each rests on, eight years after they ended. Gives how many."""
    old = (
        select(Referral.id)
        .where(col(Referral.state).in_(_ENDED), col(Referral.updated_at) < utc_now() - REFERRALS_FOR)
        .limit(AT_A_TIME)
    )
    forgotten = _in_pieces(db, delete(Referral).where(col(Referral.id).in_(old)))
    used = select(Referral.id).where(col(Referral.consent_id) == col(Consent.id))
    orphans = select(Consent.id).where(col(Consent.given_at) < utc_now() - REFERRALS_FOR, ~used.exists())
    _in_pieces(db, delete(Consent).where(col(Consent.id).in_(orphans.limit(AT_A_TIME))))
    return forgotten


def _in_pieces(db: Database, statement: Delete) -> int:
    """Run a statement that takes away at most so many rows until it finds none."""
    total = 0
    while True:
        with db.write() as session:
            result = session.execute(statement.execution_options(synchronize_session=False))
        total += (gone := int(result.rowcount))  # type: ignore[attr-defined]
        if gone < AT_A_TIME:
            return total
