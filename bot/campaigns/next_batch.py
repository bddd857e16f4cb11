"""Who is invited next and how many: as many as the partner has places for, or as each group has times for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Case, ColumnElement, Select, and_, false, func, or_, select, true
from sqlmodel import Session, col

from bot.campaigns.capacity import learned_by
from bot.campaigns.groups import Group, Share, key_of_group
from bot.campaigns.pacing import BATCH_LIMIT, InLine, Learned, LimitedBy, next_batch_size, next_shares
from bot.clock import london_today
from bot.partners.capacity import Capacity
from bot.partners.purposes import Purpose, find_purpose
from bot.patients.criteria import find_criteria
from bot.tables.campaigns import Batch, Campaign, CampaignMember
from bot.tables.patients import Patient


@dataclass(frozen=True)
class NextBatch:
    """What would happen on approval: up to `size` texts as batch `number`.

    A campaign that invites to a partner's places has a `capacity`; one that invites to times has `shares` of groups.
    """

    number: int
    size: int
    limited_by: LimitedBy
    waiting: int
    capacity: Capacity | None
    learned: Learned
    shares: Sequence[Share] = ()


@dataclass(frozen=True)
class NextPerson:
    """Somebody in line, with the phone and language recorded now; `group` is the key of theirs, if there are groups."""

    member_id: int
    patient_id: int
    phone: str
    language: str | None
    group: str | None = None


def next_batch(session: Session, campaign: Campaign, now: datetime, *, waiting: int | None = None) -> NextBatch:
    """What approving the campaign's next batch would do at `now` (UTC).

    :param waiting: how many people are in line, where that is known: they need not be counted again.
    """
    campaign_id, purpose = campaign.id or 0, find_purpose(campaign.purpose)
    learned = learned_by(session, campaign_id, now, purpose.prior)
    latest = session.execute(select(func.max(col(Batch.number))).where(col(Batch.campaign_id) == campaign_id))
    number = (latest.scalar() or 0) + 1
    if purpose.count_groups is not None:
        return _for_groups(session, campaign_id, number, purpose.count_groups(session, campaign, now), learned)
    if waiting is None:
        waiting = count_in_line(session, campaign_id)
    capacity = _count_places(session, purpose, campaign, now)
    size, limited_by = next_batch_size(waiting, capacity.free, learned)
    return NextBatch(number, size, limited_by, waiting, capacity, learned)


def _count_places(session: Session, purpose: Purpose, campaign: Campaign, now: datetime) -> Capacity:
    if purpose.count_places is None:
        raise RuntimeError(f"The purpose {purpose.name} counts neither places nor groups")
    capacity: Capacity = purpose.count_places(session, campaign, now)
    return capacity


def _for_groups(
    session: Session, campaign_id: int, number: int, groups: Sequence[Group], learned: Learned
) -> NextBatch:
    waiting = _count_by_group(session, campaign_id, groups)
    of_none = InLine(waiting.get(None, 0), 0)
    in_line = [InLine(waiting.get(group.key, 0), group.free) for group in groups]
    most, limited_by = next_shares([*in_line, of_none], learned)
    shares = [Share(*each) for each in zip(groups, (line.waiting for line in in_line), most[:-1], strict=True)]
    return NextBatch(number, min(BATCH_LIMIT, sum(most)), limited_by, sum(waiting.values()), None, learned, shares)


def _count_by_group(session: Session, campaign_id: int, groups: Sequence[Group]) -> Mapping[str | None, int]:
    """How many people wait of each group, in one statement; under None those of no group."""
    each = (
        select(key_of_group(_whom(groups)).label("key"))
        .select_from(CampaignMember)
        .join(Patient, col(Patient.id) == col(CampaignMember.patient_id))
        .where(*waits(campaign_id))
        .subquery()
    )
    counted = select(each.c.key, func.count()).group_by(each.c.key)
    return {row[0]: row[1] for row in session.execute(counted)}


def _whom(groups: Sequence[Group]) -> dict[str, ColumnElement[bool]]:
    return {group.key: group.whom for group in groups}


def waits(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    """Whether the CampaignMember of a query is in line."""
    return (
        col(CampaignMember.campaign_id) == campaign_id,
        col(CampaignMember.batch_id).is_(None),
        ~col(CampaignMember.left_out),
    )


def count_in_line(session: Session, campaign_id: int, most: int | None = None) -> int:
    """How many people wait, counted no further than to `most`."""
    some = select(col(CampaignMember.id)).where(*waits(campaign_id)).limit(most)
    people: int = session.execute(select(func.count()).select_from(some.subquery())).scalar_one()
    return people


def why_unsafe(campaign: Campaign) -> Case[str | None]:
    """The first reason not to invite the Patient of a query today; null for none."""
    return find_criteria(campaign.criteria).reason_sql(london_today())


def next_people(session: Session, campaign: Campaign, size: int, shares: Sequence[Share] = ()) -> list[NextPerson]:
    """The next people in line who are still safe to text; with shares, of each group no more than it may have."""
    statement = _its_turn(campaign, shares) if shares else _safe_in_line(campaign).order_by(col(CampaignMember.id))
    return [NextPerson(*row) for row in session.execute(statement.limit(size))]


def _safe_in_line(campaign: Campaign, shares: Sequence[Share] = ()) -> Any:
    """Everybody in line who is safe to text; the columns are those of `NextPerson`."""
    return (
        select(
            col(CampaignMember.id).label("member_id"),
            col(Patient.id).label("patient_id"),
            col(Patient.phone).label("phone"),
            col(Patient.language).label("language"),
            _key(shares).label("key"),
        )
        .join(Patient, col(Patient.id) == col(CampaignMember.patient_id))
        .where(*waits(campaign.id or 0), why_unsafe(campaign).is_(None))
    )


def _its_turn(campaign: Campaign, shares: Sequence[Share]) -> Select[Any]:
    """One statement: people are numbered within their group, and each group goes as far as its share."""
    place = func.row_number().over(partition_by=_key(shares), order_by=col(CampaignMember.id))
    each = _safe_in_line(campaign, shares).add_columns(place.label("place")).subquery()
    goes = or_(*(and_(each.c.key == share.group.key, each.c.place <= share.most) for share in shares))
    return select(*each.c[:-1]).where(goes).order_by(each.c.member_id)


def _key(shares: Sequence[Share]) -> ColumnElement[str | None]:
    return key_of_group(_whom([share.group for share in shares]))


def reached(upcoming: NextBatch, picked: Sequence[NextPerson]) -> ColumnElement[bool]:
    """Whether a member's turn had come when these were picked, over the CampaignMember and Patient of a query."""
    full = len(picked) == upcoming.size
    last = picked[-1] if full and picked else None
    if not upcoming.shares:
        return _as_far_as(last)
    key = _key(upcoming.shares)
    return or_(
        false(),
        *(
            and_(key == share.group.key, _as_far_as(_last_of(share, picked) or last))
            for share in upcoming.shares
            if share.most
        ),
    )


def _last_of(share: Share, picked: Sequence[NextPerson]) -> NextPerson | None:
    """The last of a group's people, if it has had its whole share."""
    theirs = [person for person in picked if person.group == share.group.key]
    return theirs[-1] if len(theirs) == share.most else None


def _as_far_as(last: NextPerson | None) -> ColumnElement[bool]:
    return true() if last is None else col(CampaignMember.id) <= last.member_id
