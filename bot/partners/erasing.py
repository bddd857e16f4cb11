"""Taking away what a person told us for a partner, and what the partner noted of them."""

from sqlalchemy import delete, update
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.tables.partners import Consent, Referral, ReferralNote, ReferralText

REMOVED = (
    "Removed: what the person told the partner, and the partner's notes about them. The partner does not see who they "
    "are any more: no name, no phone number, no language."
)
"""What a withdrawal takes away, for staff."""
KEPT = (
    "Kept for 8 years after its end: that there was a referral, to whom and when, the question they said yes to and "
    "when they took it back, and the audit trail, so that it can be shown what was shared and on whose word. It stays "
    "in the counts of its campaign. Texts they sent to the practice stay in its own inbox for 90 days, like all texts."
)
"""What a withdrawal leaves, and why."""


def take_back_consent(session: Session, referral: Referral) -> None:
    """Erase a referral's words and notes; what it was, when, and the question that was agreed to stay."""
    now = utc_now()
    move_words_away(session, referral)
    session.execute(delete(ReferralNote).where(col(ReferralNote.referral_id) == referral.id))
    session.execute(
        update(Consent)
        .where(col(Consent.id) == referral.consent_id, col(Consent.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
    referral.erased_at = now
    session.add(referral)
    session.flush()


def move_words_away(session: Session, referral: Referral) -> None:
    """A referral keeps nothing of what its person said."""
    session.execute(delete(ReferralText).where(col(ReferralText.referral_id) == referral.id))
    referral.said = ""
    session.add(referral)
    session.flush()
