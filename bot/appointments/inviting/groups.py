"""How many times may still be promised to each group of a campaign's people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.appointments.inviting.free_times import FreeTimes, Sharing, free_times
from bot.appointments.inviting.helping_words import would_help
from bot.campaigns.capacity import expected_by_group
from bot.campaigns.groups import Group, key_of_group
from bot.tables.appointments import BookingCampaign, Offer, OfferState, WaitingRequest, WaitingState
from bot.tables.campaigns import Campaign
from bot.tables.patients import Patient


def count_groups(session: Session, campaign: Campaign, now: datetime) -> Sequence[Group]:
    """The groups of a campaign's people, the last those who need no interpreter, with what is free for each.

    Of the free times of the next four weeks those are taken away that somebody may be about to take: the yeses to
    expect, people who are choosing among times that nobody keeps for them, and people on the clinic's waiting list.
    """
    return promised_to(session, campaign, free_times(session, campaign, now), now)


def promised_to(session: Session, campaign: Campaign, free: FreeTimes, now: datetime) -> list[Group]:
    """`count_groups` of free times that have been read."""
    whom = {group.key: _whom(group) for group in free.groups}
    taken: Counter[str] = Counter()
    for each in _campaigns_at(session, free):
        taken.update(expected_by_group(session, each, now, whom))
        taken.update(_counted(session, whom, _choosing(each.id or 0, now)))
    taken.update(_counted(session, whom, _waiting(free.at.clinic.id or 0)))
    return [
        Group(
            key=group.key,
            words=group.words,
            free=free.times[group.key] - taken[group.key],
            whom=whom[group.key],
            would_help=would_help(free, group),
        )
        for group in free.groups
    ]


def _whom(group: Sharing) -> ColumnElement[bool]:
    """Whether the `Patient` of a query is of a group, where no group before it has them."""
    if not group.interpreted:
        return true()
    return and_(col(Patient.interpreter).is_(True), col(Patient.language).is_not_distinct_from(group.language))


def _campaigns_at(session: Session, free: FreeTimes) -> Sequence[Campaign]:
    """Every campaign that invites to the same clinic: they share its times."""
    its = select(Campaign).join(BookingCampaign, col(BookingCampaign.campaign_id) == col(Campaign.id))
    return session.exec(its.where(BookingCampaign.clinic_id == free.at.clinic.id).order_by(col(Campaign.id))).all()


def _counted(session: Session, whom: Mapping[str, ColumnElement[bool]], people: Select[Any]) -> dict[str, int]:
    """How many of these people, given by their ids, are of which group."""
    group = key_of_group(whom).label("of_group")
    of_them = columns(group).where(col(Patient.id).in_(people)).subquery()
    return dict(session.execute(columns(of_them.c.of_group, func.count()).group_by(of_them.c.of_group)).all())


def _choosing(campaign_id: int, now: datetime) -> Select[Any]:
    """People of a campaign with times before them that nobody keeps; those kept for somebody are not free anyway."""
    return columns(col(Offer.patient_id)).where(
        col(Offer.campaign_id) == campaign_id,
        col(Offer.state) == OfferState.SOFT,
        col(Offer.until) > now,
        col(Offer.moves_visit_id).is_(None),
    )


def _waiting(clinic_id: int) -> Select[Any]:
    """People on the waiting list of a clinic; for those who are asked about a freed time it is kept."""
    return columns(col(WaitingRequest.patient_id)).where(
        col(WaitingRequest.clinic_id) == clinic_id, col(WaitingRequest.state) == WaitingState.WAITING
    )
