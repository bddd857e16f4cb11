"""What referrals say on a partner's home page."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.memberships import Acting
from bot.partners.capacity import taken_in_words
from bot.partners.cases import withdrawn_lately
from bot.tables.accounts import Role
from bot.tables.organisations import Partner
from bot.tables.partners import Referral, ReferralState
from bot.web import Card, Place, counted

REFERRALS = Place("Referrals", "/referrals", frozenset([Role.PARTNER]))


def partner_cards(session: Session, acting: Acting) -> list[Card]:
    """New referrals, those that are open, and the places."""
    if Role.PARTNER not in acting.roles or acting.partner_id is None:
        return []
    partner = session.get_one(Partner, acting.partner_id)
    counts = referrals_by_state(session, partner_id=acting.partner_id)
    new, accepted = counts.get(ReferralState.SENT, 0), counts.get(ReferralState.ACCEPTED, 0)
    gone = len(withdrawn_lately(session, acting.partner_id))
    taken_back = Card(
        "Taken back",
        f"{counted(gone, 'person has', 'people have')} taken back their yes lately. Do not contact them.",
        "/referrals#taken-back",
        "amber",
    )
    return [
        *([taken_back] if gone else []),
        Card(
            "New referrals",
            f"{counted(new, 'person said yes and waits', 'people said yes and wait')} to hear from you.",
            "/referrals",
            "amber" if new else None,
        ),
        Card(
            "People you are helping",
            f"{counted(accepted, 'referral is', 'referrals are')} open.",
            "/referrals",
        ),
        Card("Places", taken_in_words(new + accepted, partner.places), "/referrals"),
    ]


def referrals_by_state(
    session: Session, *, practice_id: int | None = None, partner_id: int | None = None
) -> dict[str, int]:
    """How many referrals a practice or a partner has in each state."""
    owner = col(Referral.practice_id) == practice_id if practice_id else col(Referral.partner_id) == partner_id
    statement = select(Referral.state, func.count()).where(owner).group_by(Referral.state)
    return dict(session.exec(statement).all())
