"""Taking a batch back in the minute after its release: what has not gone never goes, and its people wait again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.campaigns.finding import locked_campaign
from bot.campaigns.rights import RELEASE
from bot.campaigns.subject import TAKEN_BACK
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outbox import cancel_unsent_of_batch
from bot.refusals import Refused
from bot.tables.campaigns import Batch, Campaign, CampaignMember, CampaignState
from bot.tables.messaging import Message, State
from bot.tables.organisations import Practice

TAKE_BACK_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True)
class TakenBack:
    """A batch that was taken back, in people: `gone` had their text, or it was on its way; `taken_back` wait again.

    `kept_back` had been left out before, because they may not be texted any more.
    """

    campaign: int
    batch: int
    gone: int
    taken_back: int
    kept_back: int

    @property
    def words(self) -> str:
        """What happened, in a sentence."""
        kept = f" {self.kept_back} had been kept back before." if self.kept_back else ""
        were = "was" if self.taken_back == 1 else "were"
        return f"{self.gone} had gone; {self.taken_back} {were} taken back.{kept}"

    def as_json(self) -> dict[str, Any]:
        """What `campaign take-back` answers."""
        return dict(vars(self))


def take_back_batch(db: Database, campaign_id: int, actor: Actor, number: int | None = None) -> TakenBack:
    """Cancel what has not gone of a batch released less than a minute ago; its people wait for a later one.

    :param number: the batch, by default the newest.
    :raises Refused: no such campaign or batch, too-late-to-take-back, already-taken-back, campaign-stopped,
        not-allowed.
    """
    with db.write() as session:
        campaign = locked_campaign(session, campaign_id)
        actor = require(session, actor, RELEASE, session.get_one(Practice, campaign.practice_id))
        batch = _batch(session, campaign_id, number)
        now = utc_now()
        _require_time(session, campaign, batch, now)
        people = cancel_unsent_of_batch(session, batch.id or 0, TAKEN_BACK)
        _wait_again(session, batch, people)
        batch.taken_back, batch.taken_back_at = len(people), now
        session.add(batch)
        session.flush()
        taken = _told(session, batch)
        detail = {"batch": batch.number, "gone": taken.gone, "taken_back": taken.taken_back}
        subject = f"campaign:{campaign_id}"
        record(session, actor, "batch-taken-back", subject, practice_id=campaign.practice_id, **detail)
        return taken


def batches_to_take_back(session: Session, campaign: Campaign, now: datetime) -> Sequence[Batch]:
    """The batches of a campaign that may still be taken back, the newest first."""
    if campaign.state == CampaignState.STOPPED:
        return []
    statement = select(Batch).where(
        col(Batch.campaign_id) == campaign.id,
        col(Batch.approved_at) > now - TAKE_BACK_WITHIN,
        col(Batch.taken_back_at).is_(None),
    )
    return session.scalars(statement.order_by(col(Batch.number).desc())).all()


def batches_taken_back(session: Session, campaign_id: int) -> list[TakenBack]:
    """The batches of a campaign of which people were taken back, the newest first."""
    statement = select(Batch).where(col(Batch.campaign_id) == campaign_id, col(Batch.taken_back) > 0)
    batches = session.scalars(statement.order_by(col(Batch.number).desc())).all()
    return [_told(session, batch) for batch in batches]


def _batch(session: Session, campaign_id: int, number: int | None) -> Batch:
    statement = select(Batch).where(col(Batch.campaign_id) == campaign_id).order_by(col(Batch.number).desc()).limit(1)
    found = session.scalars(statement if number is None else statement.where(col(Batch.number) == number)).first()
    if found is None:
        which = "a batch" if number is None else f"a batch {number}"
        raise Refused("unknown-batch", f"This campaign has not released {which}.")
    return found


def _require_time(session: Session, campaign: Campaign, batch: Batch, now: datetime) -> None:
    if batch.taken_back_at is not None:
        told = _told(session, batch).words
        raise Refused("already-taken-back", f"Batch {batch.number} has been taken back already: {told}")
    if campaign.state == CampaignState.STOPPED:
        raise Refused("campaign-stopped", "This campaign was stopped for good. What had not gone never goes.")
    if now - batch.approved_at > TAKE_BACK_WITHIN:
        raise Refused(
            "too-late-to-take-back",
            f"Batch {batch.number} was released more than a minute ago, so it cannot be taken back any more. "
            "To keep back what has not gone yet, hold the campaign, or stop it.",
        )


def _wait_again(session: Session, batch: Batch, people: Sequence[int]) -> None:
    """The people are in line again as if nobody had called them up: a later batch may invite them."""
    theirs = update(CampaignMember).where(
        col(CampaignMember.batch_id) == batch.id, col(CampaignMember.patient_id).in_(people)
    )
    session.execute(theirs.values(batch_id=None, answer=None, answered_at=None))


def _told(session: Session, batch: Batch) -> TakenBack:
    kept = select(func.count()).where(
        col(Message.batch_id) == batch.id,
        col(Message.state) == State.CANCELLED,
        col(Message.reason).is_distinct_from(TAKEN_BACK),
        col(Message.retried_by_id).is_(None),
    )
    kept_back: int = session.execute(kept).scalar_one()
    gone = batch.size - batch.taken_back - kept_back
    return TakenBack(batch.campaign_id, batch.number, gone, batch.taken_back, kept_back)
