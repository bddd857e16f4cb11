"""The partners of a campaign in their order: the next is offered where those before it have no place."""

from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session, col, select

from bot.partners.asked import room_at
from bot.tables.campaigns import Campaign, CampaignPartner
from bot.tables.organisations import Partner
from bot.tables.partners import OPEN_STATES, Proposal, Referral


def further_partners(session: Session, campaign_id: int | None) -> Sequence[Partner]:
    """The partners of a campaign after its first, in order."""
    statement = (
        select(Partner)
        .join(CampaignPartner, col(CampaignPartner.partner_id) == col(Partner.id))
        .where(CampaignPartner.campaign_id == campaign_id)
        .order_by(col(CampaignPartner.place))
    )
    return session.exec(statement).all()


def names_of_further(session: Session, campaign_ids: Collection[int]) -> Mapping[int, Sequence[str]]:
    """The names of the partners after the first, by campaign."""
    statement = (
        select(CampaignPartner.campaign_id, Partner.name)
        .join(Partner, col(Partner.id) == col(CampaignPartner.partner_id))
        .where(col(CampaignPartner.campaign_id).in_(campaign_ids))
        .order_by(col(CampaignPartner.place))
    )
    names: dict[int, list[str]] = {}
    for campaign_id, name in session.exec(statement):
        names.setdefault(campaign_id, []).append(name)
    return names


def partners_in_order(session: Session, campaign: Campaign) -> list[Partner]:
    """All partners of a campaign, the first one first; none where it has none."""
    if campaign.partner_id is None:
        return []
    return [session.get_one(Partner, campaign.partner_id), *further_partners(session, campaign.id)]


def first_with_room(session: Session, partners: Sequence[Partner]) -> Partner | None:
    """The first of these that has a place for one more person."""
    return next((partner for partner in partners if room_at(session, partner) > 0), None)


def first_to_ask(session: Session, campaign: Campaign) -> Partner | None:
    """The first partner of a campaign that has a place; where none has, the first, for its line."""
    partners = partners_in_order(session, campaign)
    if len(partners) < 2:
        return partners[0] if partners else None
    return first_with_room(session, partners) or partners[0]


def next_partner(session: Session, referral: Referral) -> Partner | None:
    """Whom to offer in place of a referral's partner: one of its campaign that has a place and was not tried yet."""
    if referral.campaign_id is None:
        return None
    campaign = session.get_one(Campaign, referral.campaign_id)
    further = further_partners(session, campaign.id)
    if not further:
        return None
    tried = _tried(session, referral)
    first = session.get_one(Partner, campaign.partner_id)
    return first_with_room(session, [partner for partner in (first, *further) if partner.id not in tried])


def _tried(session: Session, referral: Referral) -> set[int]:
    """The partners to which this person was referred, or of whom they were asked, in this campaign or are with now."""
    referred = select(col(Referral.partner_id)).where(
        Referral.patient_id == referral.patient_id,
        (col(Referral.campaign_id) == referral.campaign_id) | col(Referral.state).in_(OPEN_STATES),
    )
    asked = select(col(Proposal.partner_id)).where(
        Proposal.patient_id == referral.patient_id, Proposal.campaign_id == referral.campaign_id
    )
    return {referral.partner_id, *session.exec(referred), *session.exec(asked)}
