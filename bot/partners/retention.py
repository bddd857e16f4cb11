"""For how long referrals are kept, and who has to be reached although they left.

The period is that of NHS England's Records Management Code.
"""

from datetime import timedelta

from sqlalchemy import Exists, delete
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.partners.erasing import take_back_consent
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.partners import (
    OPEN_STATES,
    REFERRAL_MOVES,
    Consent,
    Proposal,
    Referral,
    ReferralNote,
    ReferralState,
    ReferralText,
)
from bot.tables.patients import Patient

REFERRALS_FOR = timedelta(days=8 * 365 + 2)
"""Eight years, leap days included, after a referral ended."""


def forget_old_referrals(db: Database, _settings: Settings) -> int:
    """Take away referrals, with their notes and the consent each rests on, eight years after they ended.

    Gives how many.
    """
    old = select(Referral.id).where(
        col(Referral.state).in_(REFERRAL_MOVES.ends), col(Referral.updated_at) < utc_now() - REFERRALS_FOR
    )
    notes = select(ReferralNote.id).where(col(ReferralNote.referral_id).in_(old)).limit(CHUNK)
    delete_in_pieces(db, delete(ReferralNote).where(col(ReferralNote.id).in_(notes)))
    of_old = select(ReferralText.referral_id).where(col(ReferralText.referral_id).in_(old)).distinct().limit(CHUNK)
    delete_in_pieces(db, delete(ReferralText).where(col(ReferralText.referral_id).in_(of_old)))
    instead = select(Proposal.id).where(col(Proposal.instead_of_id).in_(old)).limit(CHUNK)
    delete_in_pieces(db, delete(Proposal).where(col(Proposal.id).in_(instead)))
    forgotten = delete_in_pieces(db, delete(Referral).where(col(Referral.id).in_(old.limit(CHUNK))))
    used = select(Referral.id).where(col(Referral.consent_id) == col(Consent.id))
    orphans = select(Consent.id).where(col(Consent.given_at) < utc_now() - REFERRALS_FOR, ~used.exists())
    delete_in_pieces(db, delete(Consent).where(col(Consent.id).in_(orphans.limit(CHUNK))))
    return forgotten


def erase_withdrawn(db: Database, _settings: Settings) -> int:
    """Erase the words of referrals that were withdrawn and still have them; gives how many.

    A withdrawal erases them at once. These are of before, or of a backup from before.
    """
    with db.write() as session:
        withdrawn = select(Referral).where(Referral.state == ReferralState.WITHDRAWN, col(Referral.erased_at).is_(None))
        found = session.exec(withdrawn.limit(CHUNK)).all()
        for referral in found:
            take_back_consent(session, referral)
        return len(found)


def has_an_open_referral() -> Exists:
    """Whether the Patient of a query is with a partner, or in line for one."""
    theirs = select(Referral.id).where(
        col(Referral.patient_id) == col(Patient.id), col(Referral.state).in_(OPEN_STATES)
    )
    return theirs.correlate(Patient).exists()
