"""What a person of the cohort answered, as far as it counts for the campaign."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Update, bindparam, or_, update
from sqlmodel import Session, col, select

from bot.conversations.exchange import Exchange, ReplyKind
from bot.partners.asked import CAMPAIGN
from bot.tables.campaigns import CampaignMember, MemberAnswer
from bot.tables.patients import FROM_STAFF, OptOut

_WEIGHT: Mapping[MemberAnswer, int] = {
    MemberAnswer.OTHER: 0,
    MemberAnswer.NO: 1,
    MemberAnswer.YES: 1,
    MemberAnswer.URGENT: 2,
    MemberAnswer.OPTED_OUT: 3,
}


def note_answer(session: Session, campaign_id: int, patient_id: int, answer: MemberAnswer, at: datetime) -> None:
    """Note an answer received at `at` (UTC), unless a weightier one is there already.

    An opt-out outweighs an urgent answer, that outweighs yes and no, and these anything else. Of yes and no
    the latest counts.
    """
    values = {"of_campaign": campaign_id, "of_patient": patient_id, "at": at}
    session.connection().execute(_noting(answer), values)


@cache
def _noting(answer: MemberAnswer) -> Update:
    replaceable = (col(CampaignMember.answer) == known for known in _WEIGHT if _WEIGHT[known] <= _WEIGHT[answer])
    return (
        update(CampaignMember)
        .where(
            col(CampaignMember.campaign_id) == bindparam("of_campaign"),
            col(CampaignMember.patient_id) == bindparam("of_patient"),
            or_(col(CampaignMember.answer).is_(None), *replaceable),
        )
        .values(answer=answer, answered_at=bindparam("at"))
    )


_ANSWER_OF: Mapping[ReplyKind, MemberAnswer] = {
    "opted_out": MemberAnswer.OPTED_OUT,
    "urgent": MemberAnswer.URGENT,
    "other": MemberAnswer.OTHER,
}


def count_reply(exchange: Exchange, kind: ReplyKind) -> None:
    """A reply that answered no question counts for the campaign it was about, else the last one they were in."""
    if exchange.patient is None:
        return
    patient_id, question = exchange.patient.id or 0, exchange.question
    asked_about = question.subject_id if question and question.subject_kind == CAMPAIGN else None
    campaign_id = asked_about or (None if question else _last_campaign(exchange.session, patient_id))
    if campaign_id:
        note_answer(exchange.session, campaign_id, patient_id, _ANSWER_OF[kind], exchange.now)


def count_opt_out(session: Session, opt_out: OptOut) -> None:
    """What staff are told counts like a text; a text itself is counted as a reply."""
    if opt_out.source != FROM_STAFF or opt_out.patient_id is None:
        return
    if campaign_id := _last_campaign(session, opt_out.patient_id):
        note_answer(session, campaign_id, opt_out.patient_id, MemberAnswer.OPTED_OUT, opt_out.recorded_at)


def _last_campaign(session: Session, patient_id: int) -> int | None:
    in_it = (
        select(col(CampaignMember.campaign_id))
        .where(CampaignMember.patient_id == patient_id, col(CampaignMember.batch_id).is_not(None))
        .order_by(col(CampaignMember.campaign_id).desc())
    )
    return session.exec(in_it.limit(1)).first()
