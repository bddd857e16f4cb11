"""Who a campaign did not reach, person by person: kept so that they can be reached in another way."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.attention.items import ask_a_person
from bot.campaigns.cohort import AGAIN
from bot.campaigns.finding import unknown_campaign
from bot.campaigns.subject import TAKEN_BACK
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.cancelling import NOT_THEIRS
from bot.messaging.subjects import CancelledText, SubjectKind
from bot.partners.asked import CAMPAIGN
from bot.patients.criteria import find_criteria
from bot.patients.eligibility import Reason
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.campaigns import Batch, Campaign, CampaignLeftOut, CampaignMember, CampaignState, LeftOutStage
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Partner
from bot.tables.patients import Patient

KEPT_FOR = timedelta(days=180)
"""How long after its campaign ended it is known who was left out."""
OWN_WISH = frozenset([Reason.TEXTING_REFUSED, Reason.OPTED_OUT])
"""Reasons that are the person's own: they asked not to be texted."""
GONE = frozenset([Reason.DECEASED, Reason.NOT_REGISTERED])
"""Reasons for which nobody can be reached in another way."""
TEXTED_SINCE = "texted-since-backup"
"""Why a person is not invited: a text we have no record of went to that phone."""
_COLUMNS = ("campaign_id", "patient_id", "reason", "stage", "at")


def keep_left_out(session: Session, campaign_id: int, stage: LeftOutStage, people: Select[Any, Any]) -> None:
    """Keep whom a SELECT of patient and reason gives; who is kept already stays as they are."""
    found = people.subquery()
    patient, reason = found.c
    now = literal(utc_now(), UTCDateTime())
    rows = select(literal(campaign_id), patient, reason, literal(str(stage)), now).where(reason.is_not(None))
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(insert(CampaignLeftOut).from_select(_COLUMNS, rows).on_conflict_do_nothing())


def after_cancelled(session: Session, cancelled: Sequence[CancelledText]) -> None:
    """Invitations that a claim kept back: who was not reached is kept, and staff hear of a fault of ours."""
    for campaign_id in {text.message.subject_id for text in cancelled}:
        theirs = {text.message.patient_id: text.reason for text in cancelled if text.message.subject_id == campaign_id}
        _keep_claimed(session, campaign_id or 0, theirs)
    told: set[tuple[int | None, str]] = set()
    for text in cancelled:
        batch = (text.message.batch_id, text.reason)
        if text.reason in NOT_THEIRS and batch not in told and not _is_told(session, *batch):
            ask_a_person(session, text.message, text.reason)
        told.add(batch)


def _keep_claimed(session: Session, campaign_id: int, reasons: Mapping[int | None, str]) -> None:
    personal = {patient: reason for patient, reason in reasons.items() if reason in set(Reason)}
    for reason in set(personal.values()):
        people = [patient for patient, why in personal.items() if why == reason]
        chosen = select(col(Patient.id), literal(reason)).where(col(Patient.id).in_(people))
        keep_left_out(session, campaign_id, LeftOutStage.CLAIM, chosen)


def _is_told(session: Session, batch_id: int | None, reason: str) -> bool:
    """Whether staff have been told of this batch in an earlier claim."""
    before = select(func.count()).where(
        col(InboxItem.message_id) == col(Message.id),
        col(Message.batch_id) == batch_id,
        col(InboxItem.reason) == reason,
    )
    return bool(session.execute(before).scalar_one())


def left_out_of(session: Session, campaign_id: int) -> Iterator[dict[str, Any]]:
    """What `campaign left-out` answers, a line a person.

    :raises Refused: there is no such campaign.
    """
    if session.get(Campaign, campaign_id) is None:
        raise unknown_campaign(campaign_id)
    for patient, kept in session.execute(_kept(campaign_id).execution_options(yield_per=1000)):
        yield {
            "nhs_number": patient.nhs_number,
            "name": f"{patient.given_name} {patient.surname}".strip(),
            "reason": kept.reason,
            "stage": kept.stage,
            "language": patient.language,
        }


def _kept(campaign_id: int) -> Select[Patient, CampaignLeftOut]:
    return (
        select(Patient, CampaignLeftOut)
        .join(CampaignLeftOut, col(CampaignLeftOut.patient_id) == col(Patient.id))
        .where(col(CampaignLeftOut.campaign_id) == campaign_id)
        .order_by(col(Patient.surname), col(Patient.given_name), col(Patient.id))
    )


def to_reach_otherwise(campaign: Campaign) -> Select[Patient, CampaignLeftOut]:
    """Whom the practice may reach in another way: who meets the criteria, lives and is still registered.

    Who was invited for the same purpose before has been reached.
    """
    not_these = {*GONE, *find_criteria(campaign.criteria).unmatched, AGAIN}
    lives = and_(~col(Patient.deceased), col(Patient.died_on).is_(None))
    return _kept(campaign.id or 0).where(
        col(CampaignLeftOut.reason).not_in(sorted(not_these)), lives, col(Patient.registered)
    )


def count_kept_back(session: Session, campaign_id: int) -> dict[str, int]:
    """People not texted since the plan, by reason: left out when their turn came, or their text kept back later."""
    released = (
        select(col(CampaignLeftOut.reason), func.count())
        .where(col(CampaignLeftOut.campaign_id) == campaign_id, col(CampaignLeftOut.stage) == LeftOutStage.RELEASE)
        .group_by(col(CampaignLeftOut.reason))
    )
    cancelled = (
        select(col(Message.reason), func.count())
        .where(
            col(Message.subject_kind) == CAMPAIGN,
            col(Message.subject_id) == campaign_id,
            col(Message.state) == State.CANCELLED,
            col(Message.kind) == Kind.OUTREACH,
            col(Message.reason).is_not(None),
            col(Message.reason) != TAKEN_BACK,
        )
        .group_by(col(Message.reason))
    )
    counted = Counter[str]()
    for statement in (released, cancelled):
        counted.update({row[0]: row[1] for row in session.execute(statement)})
    return dict(counted)


def forget_left_out(db: Database, _settings: Settings) -> int:
    """Erase who was left out of campaigns that ended 180 days ago; gives how many.

    A campaign has ended when it was stopped, or when nobody waits any more and its last batch is that old.
    """
    since = utc_now() - KEPT_FOR
    waits = exists().where(
        col(CampaignMember.campaign_id) == col(Campaign.id),
        col(CampaignMember.batch_id).is_(None),
        ~col(CampaignMember.left_out),
    )
    last_batch = select(func.max(col(Batch.approved_at))).where(col(Batch.campaign_id) == col(Campaign.id))
    ran_out = and_(~waits, func.coalesce(last_batch.scalar_subquery(), col(Campaign.created_at)) < since)
    stopped = and_(col(Campaign.state) == CampaignState.STOPPED, col(Campaign.stopped_at) < since)
    ended = select(col(Campaign.id)).where(or_(stopped, ran_out))
    with db.write() as session:
        erased = session.execute(
            delete(CampaignLeftOut)
            .where(col(CampaignLeftOut.campaign_id).in_(ended))
            .execution_options(synchronize_session=False)
        )
    return int(erased.rowcount)  # type: ignore[attr-defined]


def _its_own(subject_id: Mapped[Any]) -> ColumnElement[int | None]:
    return case((subject_id.is_not(None), subject_id))


SUBJECT = SubjectKind(
    CAMPAIGN,
    campaign_of=_its_own,
    after_cancelled=after_cancelled,
    reads_along=(
        (Campaign, lambda subject_id: col(Campaign.id) == subject_id),
        (Partner, lambda _subject_id: col(Partner.id) == col(Campaign.partner_id)),
    ),
)
