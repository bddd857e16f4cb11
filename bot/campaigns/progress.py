"""How a campaign stands, by batch and by language, in a few queries over whole sets."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlmodel import Session, col

from bot.campaigns.capacity import NOT_REACHED, invitation_of_member, places_of_each
from bot.campaigns.finding import unknown_campaign
from bot.campaigns.next_batch import NextBatch, next_batch
from bot.clock import utc_now
from bot.messaging.outcomes import LEFT_US
from bot.partners.asked import CAMPAIGN
from bot.partners.capacity import Capacity
from bot.partners.in_order import partners_in_order
from bot.partners.purposes import find_purpose
from bot.tables.campaigns import Batch, Campaign, CampaignMember, CampaignState, MemberAnswer
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.organisations import Partner
from bot.tables.partners import Referral, ReferralState

WENT_OUT = (State.ACCEPTED, State.SENT, State.DELIVERED)
"""States of a text that is on its way to the phone or has arrived."""

_NOT_GONE = (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)


@dataclass(frozen=True)
class Progress:
    """How far a group of the cohort (a batch, or the people of a language) has come, in people.

    `sent` counts every text that went out, `delivered` those a phone has confirmed; `silent` are people who
    got a text and have not answered; `left_out` are those no longer safe to text when their turn came. Of people
    who have not answered, `pending` wait for their text to go and `unreached` did not get it.
    """

    people: int = 0
    queued: int = 0
    sent: int = 0
    delivered: int = 0
    replied: int = 0
    yes: int = 0
    referred: int = 0
    silent: int = 0
    failed: int = 0
    waiting: int = 0
    left_out: int = 0
    pending: int = 0
    unreached: int = 0


_COUNTED = tuple(one.name for one in fields(Progress))[1:]


@dataclass(frozen=True)
class GroupProgress:
    """Progress of one batch (key: its number) or language (key: tag, None when none is recorded)."""

    key: Any
    progress: Progress


def campaign_status(session: Session, campaign_id: int) -> dict[str, Any]:
    """What `campaign status` answers. :raises Refused: there is no such campaign."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise unknown_campaign(campaign_id)
    purpose, now = find_purpose(campaign.purpose), utc_now()
    whole = whole_progress(session, campaign_id)
    upcoming = next_batch(session, campaign, now, waiting=whole.waiting)
    partners = partners_and_places(session, campaign, upcoming, now)
    figures = purpose.figures(session, campaign, now) if purpose.figures else {}
    return {
        "campaign": campaign_id,
        "state": campaign.state,
        "sent_any": campaign_id in campaigns_that_sent(session, [campaign_id]),
        "cohort": whole.people,
        "waiting": whole.waiting,
        "left_out": whole.left_out,
        "partner": partners[0] if partners else None,
        "partners": [{key: one[key] for key in ("code", "places", "free") if key in one} for one in partners],
        "batches": _batches(session, campaign_id),
        "replies": _replies(session, campaign_id),
        "referrals": referral_states(session, campaign_id),
        "silent": whole.silent,
        **figures,
    }


def campaigns_that_sent(session: Session, campaign_ids: Sequence[int]) -> set[int]:
    """Of these campaigns, those of which a text has gone out: the others are only planned."""
    went = exists().where(
        col(Message.subject_kind) == CAMPAIGN,
        col(Message.subject_id) == col(Campaign.id),
        col(Message.kind) == Kind.OUTREACH,
        or_(col(Message.state).in_(LEFT_US), col(Message.sent_at).is_not(None)),
    )
    return set(session.scalars(select(col(Campaign.id)).where(col(Campaign.id).in_(campaign_ids), went)))


def state_in_words(campaign: Campaign, sent_any: bool) -> str:
    """How a campaign stands, in a word or two; one that may run but has sent nothing is planned."""
    if campaign.state == CampaignState.RUNNING:
        return "Running" if sent_any else "Planned"
    return "On hold" if campaign.state == CampaignState.HELD else "Stopped"


def partners_and_places(
    session: Session, campaign: Campaign, upcoming: NextBatch, now: datetime
) -> list[dict[str, Any]]:
    """A campaign's partners in order, with their places in numbers; `free` is what may still be promised.

    One that is only named has none here.
    """
    if upcoming.capacity is None:
        return [{"code": partner.code} for partner in partners_in_order(session, campaign)]
    return [
        _places(partner, capacity)
        for partner, capacity in places_of_each(session, campaign, now, whole=upcoming.capacity)
    ]


def _places(partner: Partner, capacity: Capacity) -> dict[str, Any]:
    return {
        "code": partner.code,
        "places": capacity.places,
        "free": capacity.whole_free,
        "holding": capacity.holding,
        "expected": round(capacity.expected, 1),
    }


def _batches(session: Session, campaign_id: int) -> list[dict[str, Any]]:
    """Each batch with its people by the state of the invitation that counts; `parts` are those of every text.

    Those `taken_back`, if there are any, are among the cancelled, and wait again.
    """
    counts = case((col(Message.retried_by_id).is_(None), 1), else_=0)
    statement = (
        select(
            col(Batch.number),
            col(Batch.size),
            col(Batch.taken_back),
            col(Message.state),
            func.sum(counts),
            func.sum(col(Message.parts)),
        )
        .join(Message, and_(col(Message.batch_id) == col(Batch.id), col(Message.direction) == Direction.OUT))
        .where(col(Batch.campaign_id) == campaign_id)
        .group_by(col(Batch.number), col(Batch.size), col(Batch.taken_back), col(Message.state))
        .order_by(col(Batch.number))
    )
    batches: dict[int, dict[str, Any]] = {}
    for number, size, taken_back, state, messages, parts in session.execute(statement):
        batch = batches.setdefault(number, {"batch": number, "size": size, "messages": {}, "parts": 0})
        batch |= {"taken_back": taken_back} if taken_back else {}
        batch["messages"] |= {state: messages} if messages else {}
        batch["parts"] += parts
    return list(batches.values())


def _replies(session: Session, campaign_id: int) -> dict[str, int]:
    statement = (
        select(col(CampaignMember.answer), func.count())
        .where(col(CampaignMember.campaign_id) == campaign_id, col(CampaignMember.answer).is_not(None))
        .group_by(col(CampaignMember.answer))
    )
    return {answer.value: 0 for answer in MemberAnswer} | _as_counts(session, statement)


def referral_states(session: Session, campaign_id: int) -> dict[str, int]:
    """How many referrals of a campaign stand where; every state is named."""
    statement = (
        select(col(Referral.state), func.count())
        .where(col(Referral.campaign_id) == campaign_id)
        .group_by(col(Referral.state))
    )
    return {state.value: 0 for state in ReferralState} | _as_counts(session, statement)


def _as_counts(session: Session, statement: Select[Any, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(statement)}


@dataclass(frozen=True)
class CampaignProgress:
    """Progress of the whole cohort, of each released batch (the first one first), and by language.

    The language is what was recorded when the cohort was frozen; the largest group is first.
    """

    whole: Progress
    by_batch: Sequence[GroupProgress]
    by_language: Sequence[GroupProgress]


def campaign_progress(session: Session, campaign_id: int) -> CampaignProgress:
    """How a campaign stands: everybody is looked at once, and counted by batch and language together."""
    cells = _by_batch_and_language(session, campaign_id)
    by_batch = _added(cells, lambda batch, _: batch)
    by_language = _added(cells, lambda _, language: language)
    return CampaignProgress(
        whole=_whole(by_language.values()),
        by_batch=[GroupProgress(batch, by_batch[batch]) for batch in sorted(filter(None, by_batch))],
        by_language=sorted(
            (GroupProgress(language, progress) for language, progress in by_language.items()),
            key=lambda group: (-group.progress.people, group.key or ""),
        ),
    )


Cell = Sequence[Any]
"""The people and counts of `Progress` in their order, then the number of a batch and a language."""


def _added(cells: Sequence[Cell], key: Callable[[int | None, str | None], Any]) -> dict[Any, Progress]:
    groups: dict[Any, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(key(cell[-2], cell[-1]), []).append(cell)
    return {group: Progress(*map(sum, zip(*(cell[:-2] for cell in its), strict=True))) for group, its in groups.items()}


def _whole(groups: Collection[Progress]) -> Progress:
    return Progress(*(sum(getattr(group, name) for group in groups) for name in ("people", *_COUNTED)))


def _by_batch_and_language(session: Session, campaign_id: int) -> Sequence[Cell]:
    keys = (col(Batch.number), col(CampaignMember.recorded_language))
    statement = (
        _counting(campaign_id).add_columns(*keys).outerjoin(Batch, col(Batch.id) == col(CampaignMember.batch_id))
    )
    # Plain numbers: the session would look at each row for objects.
    return session.connection().execute(statement.group_by(*keys)).all()


def _counting(campaign_id: int) -> Any:
    """All that `Progress` counts of a campaign's members, in its order."""
    counts = _counted(campaign_id)
    return (
        select(func.count(), *(func.sum(case((counts[name], 1), else_=0)) for name in _COUNTED))
        .select_from(CampaignMember)
        .outerjoin(Message, invitation_of_member())
        .where(col(CampaignMember.campaign_id) == campaign_id)
    )


def _counted(campaign_id: int) -> dict[str, ColumnElement[bool]]:
    """What each number of `Progress` counts, over a member and the invitation to that member."""
    answered = col(CampaignMember.answer).is_not(None)
    state = col(Message.state)
    referred = select(col(Referral.patient_id)).where(col(Referral.campaign_id) == campaign_id)
    return {
        "queued": state.in_(_NOT_GONE),
        "sent": state.in_(WENT_OUT),
        "delivered": state == State.DELIVERED,
        "replied": answered,
        "yes": col(CampaignMember.answer) == MemberAnswer.YES,
        "referred": col(CampaignMember.patient_id).in_(referred),
        "silent": and_(state.in_(WENT_OUT), ~answered),
        "failed": state.in_(NOT_REACHED),
        "waiting": and_(col(CampaignMember.batch_id).is_(None), ~col(CampaignMember.left_out)),
        "left_out": col(CampaignMember.left_out).is_(True),
        "pending": and_(state.in_(_NOT_GONE), ~answered),
        "unreached": and_(state.in_(NOT_REACHED), ~answered),
    }


def whole_progress(session: Session, campaign_id: int) -> Progress:
    """Progress of the whole cohort."""
    return Progress(*(number or 0 for number in session.connection().execute(_counting(campaign_id)).one()))
