"""Campaigns in a database that was put back from a backup: nobody is invited before a person has looked."""

from collections.abc import Sequence

from sqlalchemy import literal, select, update
from sqlmodel import Session, col

from bot.campaigns.left_out import TEXTED_SINCE, keep_left_out
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState, LeftOutStage
from bot.tables.patients import Patient


def settle(session: Session) -> int:
    """Put running campaigns on hold: who asked us to stop since the backup, we do not know. Gives how many."""
    held = session.execute(
        update(Campaign).where(col(Campaign.state) == CampaignState.RUNNING).values(state=CampaignState.HELD)
    )
    return int(held.rowcount)  # type: ignore[attr-defined]


def set_aside(session: Session, phones: Sequence[str]) -> int:
    """People who wait for a batch and whose phone got a text we do not know are not invited; gives how many."""
    waiting = (
        select(col(CampaignMember.id), col(CampaignMember.campaign_id), col(CampaignMember.patient_id))
        .join(Patient, col(Patient.id) == col(CampaignMember.patient_id))
        .where(col(Patient.phone).in_(phones), col(CampaignMember.batch_id).is_(None), ~col(CampaignMember.left_out))
    )
    rows = session.execute(waiting).all()
    for campaign_id in {row[1] for row in rows}:
        people = [row[2] for row in rows if row[1] == campaign_id]
        theirs = select(col(Patient.id), literal(TEXTED_SINCE)).where(col(Patient.id).in_(people))
        keep_left_out(session, campaign_id, LeftOutStage.RELEASE, theirs)
    ids = [row[0] for row in rows]
    session.execute(update(CampaignMember).where(col(CampaignMember.id).in_(ids)).values(left_out=True))
    return len(rows)
