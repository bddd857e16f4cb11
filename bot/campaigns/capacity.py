"""What a campaign has promised of a partner's places, and what its texts have shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, extract, func, literal, or_, select, tuple_
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.campaigns.groups import key_of_group
from bot.campaigns.pacing import PRIOR, SETTLED_AFTER, Learned
from bot.partners.asked import count_asked, people_asked_for_consent, room_at
from bot.partners.capacity import Capacity, partner_capacity
from bot.partners.in_order import partners_in_order
from bot.partners.purposes import find_purpose, purposes
from bot.tables.campaigns import Campaign, CampaignMember, CampaignPartner, MemberAnswer
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Partner
from bot.tables.partners import Consent
from bot.tables.patients import Patient

NOT_REACHED = (State.UNDELIVERED, State.FAILED, State.CANCELLED)
"""States of an invitation that nobody will answer."""


def invitation_of_member() -> ColumnElement[bool]:
    """The join of a campaign's member to the one invitation of that person that counts, the latest.

    SQLite would look in the index of retried texts for those that are not, and walk nearly all texts for each member:
    so that column is asked in a way no index has.
    """
    return and_(
        col(Message.batch_id) == col(CampaignMember.batch_id),
        col(Message.patient_id) == col(CampaignMember.patient_id),
        col(Message.kind) == Kind.OUTREACH,
        func.coalesce(col(Message.retried_by_id), 0) == 0,
    )


def was_invited() -> ColumnElement[bool]:
    """Whether a member is in a batch: as a range, for which an index finds them without looking at all who wait."""
    return col(CampaignMember.batch_id) > 0


def learned_by(session: Session, campaign_id: int, now: datetime, prior: tuple[int, int] = PRIOR) -> Learned:
    """What the texts of a campaign have shown up to `now` (UTC), where its yes-rate begins with `prior`."""
    statement = (
        select(*_shown(now, col(Consent.campaign_id) == campaign_id))
        .select_from(CampaignMember)
        .join(Message, invitation_of_member())
        .where(col(CampaignMember.campaign_id) == campaign_id, was_invited())
    )
    settled, yes = session.execute(statement).one()
    return Learned(settled or 0, yes or 0, prior)


def _shown(now: datetime, consents: ColumnElement[bool]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many texts have settled, and how many of those brought a yes; `consents` are the ones that may tell."""
    answered = col(CampaignMember.answer).is_not(None)
    old_enough = and_(col(Message.state).not_in(NOT_REACHED), col(Message.sent_at) <= now - SETTLED_AFTER)
    return (
        func.sum(case((or_(answered, old_enough), 1), else_=0)),
        func.sum(case((_said_yes(consents), 1), else_=0)),
    )


def _said_yes(consents: ColumnElement[bool]) -> ColumnElement[bool]:
    """A yes stays a yes for the yes-rate when the person opts out or is unwell afterwards."""
    given = select(col(Consent.campaign_id), col(Consent.patient_id)).where(consents)
    consented = tuple_(col(CampaignMember.campaign_id), col(CampaignMember.patient_id)).in_(given)
    return or_(
        col(CampaignMember.answer) == MemberAnswer.YES,
        and_(col(CampaignMember.answer).is_not(None), consented),
    )


def expected_by_group(
    session: Session, campaign: Campaign, now: datetime, groups_whom: Mapping[str, ColumnElement[bool]]
) -> dict[str, float]:
    """Yeses to expect from a campaign's texts younger than 72 hours, by group; one not sent yet counts as new.

    :param groups_whom: by a group's key whether the `Patient` of a query is of it; of two that fit, the first counts.
    """
    each = (
        select(key_of_group(groups_whom).label("key"), _age_weight(session, now).label("weight"))
        .select_from(CampaignMember)
        .join(Message, invitation_of_member())
        .join(Patient, col(Patient.id) == col(CampaignMember.patient_id))
        .where(col(CampaignMember.campaign_id) == campaign.id, was_invited(), _is_awaited(now))
        .subquery()
    )
    weights = select(each.c.key, func.sum(each.c.weight)).where(each.c.key.is_not(None)).group_by(each.c.key)
    rate = learned_by(session, campaign.id or 0, now, find_purpose(campaign.purpose).prior).yes_rate
    expected = {key: rate * float(weight) for key, weight in session.execute(weights)}
    return dict.fromkeys(groups_whom, 0.0) | expected


def places_of_the_partner(session: Session, campaign: Campaign, now: datetime) -> Capacity:
    """How many people a campaign may promise a place at `now` (UTC): those of all its partners together."""
    return together([capacity for _, capacity in places_of_each(session, campaign, now)])


def places_of_each(
    session: Session, campaign: Campaign, now: datetime, *, whole: Capacity | None = None
) -> list[tuple[Partner, Capacity]]:
    """The partners of a campaign in order, each with what it can take at `now` (UTC).

    :param whole: what all take together, where that is known: one partner alone need not be counted again.
    """
    partners = partners_in_order(session, campaign)
    if whole is not None and len(partners) == 1:
        return [(partners[0], whole)]
    return [(partner, partner_capacity(session, partner, now)) for partner in partners]


def together(capacities: Sequence[Capacity]) -> Capacity:
    """What several partners can take. One that took on more than it has places for takes none from the others."""
    if len(capacities) == 1:
        return capacities[0]
    return Capacity(
        places=sum(each.places for each in capacities),
        holding=sum(min(each.holding, each.places) for each in capacities),
        expected=sum(each.expected for each in capacities),
    )


def all_places_in_words(of_each: Sequence[tuple[Partner, Capacity]]) -> str:
    """`places_in_words` of all partners of a campaign, in order, each under its name where there are several."""
    if len(of_each) == 1:
        return places_in_words(of_each[0][0].name, of_each[0][1])
    return " ".join(f"{partner.name}: {places_in_words(partner.name, capacity)}" for partner, capacity in of_each)


def places_in_words(partner: str, capacity: Capacity) -> str:
    """How many of a partner's places are taken, and how many more will be, in sentences."""
    holding, places = capacity.holding, capacity.places
    if holding > places:
        taken = f"{partner} has taken on {holding}; they had offered {places}, so no places are free"
    else:
        taken = f"{holding} of {places} {'place is' if places == 1 else 'places are'} taken"
    more = round(capacity.expected)
    if not more:
        return f"{taken}."
    yeses = "1 more yes is" if more == 1 else f"{more} more yeses are"
    return f"{taken}. About {yeses} expected from texts not answered yet."


def promised_places(session: Session, partner: Partner, now: datetime) -> float:
    """Places that campaigns have promised: yeses to come, and people in the middle of consenting.

    Each of the latter counts as one whole place, for most of them will say yes.
    """
    expected = _expected_by_campaign(session, partner, now)
    shares = _shares_of(session, partner, expected)
    return count_asked(session, partner) + sum(shares.values())


def draws_on(partner_id: int | None) -> ColumnElement[bool]:
    """Whether the Campaign of a query may take places of a partner, as its first or a further one."""
    further = select(col(CampaignPartner.campaign_id)).where(col(CampaignPartner.partner_id) == partner_id)
    return or_(col(Campaign.partner_id) == partner_id, col(Campaign.id).in_(further))


def _expected_by_campaign(session: Session, partner: Partner, now: datetime) -> dict[int, float]:
    """Yeses to expect from texts younger than 72 hours of campaigns that draw on a partner, by campaign.

    One not sent yet counts as new. A campaign that names the partner and invites to something else takes none of its
    places.
    """
    priors = {name: purpose.prior for name, purpose in purposes().items() if purpose.has_partner}
    awaited = and_(_is_awaited(now), col(CampaignMember.patient_id).not_in(people_asked_for_consent(partner)))
    theirs = session.scalars(select(col(Campaign.id)).where(draws_on(partner.id))).all()
    statement = (
        select(
            col(CampaignMember.campaign_id),
            col(Campaign.purpose),
            *_shown(now, col(Consent.campaign_id).in_(theirs)),
            func.sum(case((awaited, _age_weight(session, now)), else_=0.0)),
        )
        .select_from(CampaignMember)
        .join(Message, invitation_of_member())
        .join(Campaign, col(Campaign.id) == col(CampaignMember.campaign_id))
        .where(col(Campaign.id).in_(theirs), col(Campaign.purpose).in_(sorted(priors)), was_invited())
        .group_by(col(CampaignMember.campaign_id), col(Campaign.purpose))
    )
    found = session.execute(statement)
    return {
        number: Learned(settled, yes, priors[name]).yes_rate * float(weight)
        for number, name, settled, yes, weight in found
    }


def _shares_of(session: Session, partner: Partner, expected: Mapping[int, float]) -> dict[int, float]:
    """How many of the yeses of each campaign come to a partner: all, where it is the only one."""
    several = select(col(CampaignPartner.campaign_id)).where(col(CampaignPartner.campaign_id).in_(list(expected)))
    shared = set(session.scalars(several.distinct())) if expected else set()
    return {
        number: _share(session, session.get_one(Campaign, number), partner, yeses) if number in shared else yeses
        for number, yeses in expected.items()
    }


def _share(session: Session, campaign: Campaign, partner: Partner, yeses: float) -> float:
    """The yeses of a campaign that come to one of its partners: each before it takes what it has room for.

    What no partner has room for is the last one's, so that every yes is counted once.
    """
    partners = partners_in_order(session, campaign)
    for each in partners[:-1]:
        taken = min(yeses, max(0.0, room_at(session, each)))
        if each.id == partner.id:
            return taken
        yeses -= taken
    return yeses


def _is_awaited(now: datetime) -> ColumnElement[bool]:
    """Whether a member's invitation may still bring an answer that counts."""
    return and_(
        col(CampaignMember.answer).is_(None),
        col(Message.state).not_in(NOT_REACHED),
        or_(col(Message.sent_at).is_(None), col(Message.sent_at) > now - SETTLED_AFTER),
    )


def _age_weight(session: Session, now: datetime) -> ColumnElement[float]:
    """`pacing.age_weight` of an unanswered text, in SQL."""
    sent_at, moment = col(Message.sent_at), literal(now, UTCDateTime())
    if session.get_bind().dialect.name == "sqlite":
        days: ColumnElement[Any] = func.julianday(moment) - func.julianday(sent_at)
    else:
        days = extract("epoch", moment - sent_at) / 86400.0
    straight = 1.0 - days / (SETTLED_AFTER / timedelta(days=1))
    return case((or_(sent_at.is_(None), sent_at >= now), 1.0), else_=straight)
