"""Releasing a batch, and holding, resuming or stopping a campaign. The lead decides each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import Session, col

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.campaigns.capacity import all_places_in_words, places_of_each
from bot.campaigns.finding import locked_campaign, unknown_campaign
from bot.campaigns.groups import NOTHING_FREE, nothing_free_in_words
from bot.campaigns.inviting import invitation_of, what_it_offers
from bot.campaigns.left_out import keep_left_out
from bot.campaigns.next_batch import (
    NextBatch,
    NextPerson,
    count_in_line,
    next_batch,
    next_people,
    reached,
    waits,
    why_unsafe,
)
from bot.campaigns.pacing import BATCH_LIMIT, LimitedBy
from bot.campaigns.rights import RELEASE
from bot.campaigns.subject import INVITATION, STOPPED, about
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outbox import (
    Addressee,
    cancel_unsent_messages,
    hold_messages,
    queue_to_many,
    release_held_messages,
)
from bot.organisations.finding import lock_partners, lock_practice
from bot.partners.in_order import partners_in_order
from bot.partners.purposes import find_purpose
from bot.patients.criteria import find_criteria
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import Batch, Campaign, CampaignMember, CampaignState, LeftOutStage
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.wording.asking import text_in_words, who_approves
from bot.wording.composing import NotApprovedError, load_wordings


@dataclass(frozen=True)
class Release:
    """A batch that was released; `batch` is its number within the campaign, from 1."""

    campaign: int
    batch: int
    size: int
    limited_by: LimitedBy
    parts: int

    def as_json(self) -> dict[str, Any]:
        """What `campaign approve` answers."""
        return dict(vars(self))


@dataclass(frozen=True)
class Change:
    """A campaign after hold, resume or stop; `held` texts wait, `cancelled` will never go."""

    campaign: int
    state: str
    held: int
    cancelled: int = 0

    def as_json(self) -> dict[str, Any]:
        """What `campaign hold`, `resume` and `stop` answer."""
        return dict(vars(self))


def release_batch(
    db: Database, settings: Settings, campaign_id: int, actor: Actor, *, expected_batch: int | None = None
) -> Release:
    """Queue the texts of the next batch, as many as the partner's places or the free times allow.

    People no longer safe to text are left out and counted. `expected_batch` is the number the lead was shown:
    when somebody else released it a moment ago, nothing more goes out.
    :raises Refused: no-places, no-times, nobody-waiting, campaign-held, campaign-stopped, already-released,
        no-practice-phone, not-approved, not-allowed
    """
    with db.write() as session:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None:
            raise unknown_campaign(campaign_id)
        _lock_what_is_promised(session, campaign)
        campaign = locked_campaign(session, campaign_id)
        actor = require(session, actor, RELEASE, session.get_one(Practice, campaign.practice_id))
        in_line = count_in_line(session, campaign_id, most=BATCH_LIMIT + 1)
        upcoming = next_batch(session, campaign, utc_now(), waiting=in_line)
        _require_offer(session, campaign, upcoming, expected_batch)
        released = _release(session, settings, campaign, upcoming, actor)
    if released is None:
        raise _no_times(upcoming) if any(share.held_back for share in upcoming.shares) else _nobody_waiting()
    return released


def _lock_what_is_promised(session: Session, campaign: Campaign) -> None:
    """Others who would promise the same places, or times of the practice's clinics, wait until this is done."""
    if find_purpose(campaign.purpose).count_groups is not None:
        lock_practice(session, campaign.practice_id)
    else:
        lock_partners(session, [partner.id or 0 for partner in partners_in_order(session, campaign)])


def _require_offer(session: Session, campaign: Campaign, upcoming: NextBatch, expected_batch: int | None) -> None:
    if campaign.state == CampaignState.STOPPED:
        raise _stopped()
    if campaign.state == CampaignState.HELD:
        raise Refused("campaign-held", "This campaign is on hold. Resume it before you release a batch.")
    if expected_batch is not None and expected_batch != upcoming.number:
        raise Refused(
            "already-released",
            f"Batch {expected_batch} has just been released. Look at it before you release another.",
        )
    if upcoming.waiting == 0:
        raise _nobody_waiting()
    if upcoming.size == 0:
        raise _no_places(session, campaign) if upcoming.capacity else _no_times(upcoming)


def _no_places(session: Session, campaign: Campaign) -> Refused:
    of_each = places_of_each(session, campaign, utc_now())
    if not of_each:
        return Refused("no-places", "There is no place to promise now. Wait for answers.")
    names = " and ".join(partner.name for partner, _ in of_each)
    has, ask = ("has", "the partner") if len(of_each) == 1 else ("have", "one of them")
    return Refused(
        "no-places",
        f"{names} {has} no place to promise now. {all_places_in_words(of_each)} "
        f"Wait for answers, or ask {ask} for more places.",
    )


def _no_times(upcoming: NextBatch) -> Refused:
    return Refused("no-times", " ".join(nothing_free_in_words(upcoming.shares) or NOTHING_FREE))


def _release(
    session: Session, settings: Settings, campaign: Campaign, upcoming: NextBatch, actor: Actor
) -> Release | None:
    """Release the batch; None when nobody who may be invited now is still safe to text (they are left out then)."""
    campaign_id = campaign.id or 0
    picked = next_people(session, campaign, upcoming.size, upcoming.shares)
    _leave_out(session, campaign, reached(upcoming, picked))
    if not picked:
        return None
    whole = len(picked) == upcoming.size or upcoming.limited_by == "slots"
    limited_by: LimitedBy = upcoming.limited_by if whole else "cohort"
    batch = Batch(
        campaign_id=campaign_id,
        number=upcoming.number,
        size=len(picked),
        limited_by=limited_by,
        approved_by=actor.user_id,
        approved_at=utc_now(),
    )
    session.add(batch)
    session.flush()
    parts = _invite(session, settings, campaign, batch, picked)
    detail = {"batch": batch.number, "size": batch.size, "limited_by": limited_by}
    subject = f"campaign:{campaign_id}"
    record(session, actor, "batch-released", subject, practice_id=campaign.practice_id, **detail)
    return Release(campaign_id, batch.number, batch.size, limited_by, parts)


def _leave_out(session: Session, campaign: Campaign, its_turn: ColumnElement[bool]) -> None:
    """Leave out those in line whose turn has come and who are not safe to text any more, and keep the reason."""
    campaign_id = campaign.id or 0
    asked = (
        select(col(Patient.id), why_unsafe(campaign).label("reason"))
        .join(CampaignMember, col(CampaignMember.patient_id) == col(Patient.id))
        .where(*waits(campaign_id), its_turn)
        .subquery()
    )
    first = find_criteria(campaign.criteria).first
    kept = select(asked.c.id, asked.c.reason).where(asked.c.reason != first)
    keep_left_out(session, campaign_id, LeftOutStage.RELEASE, kept)
    ids = select(asked.c.id).where(asked.c.reason.is_not(None))
    statement = update(CampaignMember).where(*waits(campaign_id), col(CampaignMember.patient_id).in_(ids))
    session.execute(statement.values(left_out=True).execution_options(synchronize_session=False))


def _invite(
    session: Session, settings: Settings, campaign: Campaign, batch: Batch, picked: Sequence[NextPerson]
) -> int:
    """Put the people into the batch and queue their texts in the language recorded now; gives the parts."""
    invitation = invitation_of(session, campaign)
    key = invitation.text_key
    wordings = load_wordings(session, settings, key)
    rows = [
        {"id": one.member_id, "batch_id": batch.id, "language": wordings.language_for(key, one.language)}
        for one in picked
    ]
    session.execute(update(CampaignMember), rows)
    practice = session.get_one(Practice, campaign.practice_id)
    try:
        return queue_to_many(
            session,
            settings,
            text_key=key,
            values=invitation.values,
            practice=practice,
            subject=about(campaign.id),
            batch_id=batch.id or 0,
            question=INVITATION,
            addressees=[Addressee(one.patient_id, one.phone, one.language) for one in picked],
            detail=what_it_offers(invitation),
            hours=find_purpose(campaign.purpose).hours,
        )
    except NotApprovedError as error:
        raise Refused(
            "not-approved",
            f"The English of “{text_in_words(key)}” is not approved any more. "
            f"{who_approves(session, settings, practice)} has to approve it before you release.",
        ) from error


def hold_campaign(db: Database, campaign_id: int, actor: Actor) -> Change:
    """Keep back all texts that have not gone out. :raises Refused: campaign-stopped, not-allowed."""
    return _change(db, campaign_id, actor, CampaignState.HELD)


def resume_campaign(db: Database, campaign_id: int, actor: Actor) -> Change:
    """Let held texts go and batches be released again. :raises Refused: campaign-stopped, not-allowed."""
    return _change(db, campaign_id, actor, CampaignState.RUNNING)


def stop_campaign(db: Database, campaign_id: int, actor: Actor) -> Change:
    """End the campaign: texts that have not gone out are cancelled. :raises Refused: not-allowed."""
    return _change(db, campaign_id, actor, CampaignState.STOPPED)


def _change(db: Database, campaign_id: int, actor: Actor, state: CampaignState) -> Change:
    with db.write() as session:
        campaign = locked_campaign(session, campaign_id)
        actor = require(session, actor, RELEASE, session.get_one(Practice, campaign.practice_id))
        if campaign.state == CampaignState.STOPPED and state != CampaignState.STOPPED:
            raise _stopped()
        campaign.state = state
        campaign.stopped_at = campaign.stopped_at or (utc_now() if state == CampaignState.STOPPED else None)
        session.add(campaign)
        change = _move_texts(session, campaign_id, state)
        action = f"campaign-{state}"
        detail = {"held": change.held, "cancelled": change.cancelled}
        subject = f"campaign:{campaign_id}"
        record(session, actor, action, subject, practice_id=campaign.practice_id, **detail)
        return change


def _move_texts(session: Session, campaign_id: int, state: CampaignState) -> Change:
    subject = about(campaign_id)
    if state == CampaignState.STOPPED:
        cancelled = cancel_unsent_messages(session, subject, [Kind.OUTREACH], STOPPED)
        return Change(campaign_id, state, held=0, cancelled=cancelled)
    if state == CampaignState.RUNNING:
        release_held_messages(session, subject, Kind.OUTREACH)
        return Change(campaign_id, state, held=0)
    hold_messages(session, subject, Kind.OUTREACH)
    return Change(campaign_id, state, held=_count_held(session, campaign_id))


def _count_held(session: Session, campaign_id: int) -> int:
    subject = about(campaign_id)
    held = select(func.count()).where(
        col(Message.subject_kind) == subject.kind,
        col(Message.subject_id) == subject.id,
        col(Message.kind) == Kind.OUTREACH,
        col(Message.state) == State.HELD,
    )
    people: int = session.execute(held).scalar_one()
    return people


def _nobody_waiting() -> Refused:
    return Refused("nobody-waiting", "Everybody who can be invited has been. There is no batch left to release.")


def _stopped() -> Refused:
    return Refused("campaign-stopped", "This campaign was stopped for good. Plan a new one.")
