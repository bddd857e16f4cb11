"""Proposals that nobody answered: nothing of them is kept but that somebody was asked, and staff hear of it."""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.partners.asked import PROPOSAL
from bot.partners.proposing import end_proposal
from bot.partners.telling import NOT_ANSWERED, hand_to_staff
from bot.rows import CHUNK, delete_in_pieces
from bot.settings import Settings
from bot.tables.messaging import OpenQuestion, QuestionState
from bot.tables.partners import Proposal, ProposalState, Referral, ReferralState
from bot.tables.patients import Patient

ANSWERED_WITHIN = timedelta(days=7)
PROPOSALS_FOR = timedelta(days=180)
"""How long it is known that somebody was asked about a partner."""


def lapse_proposals(db: Database, _settings: Settings) -> int:
    """End proposals that can be answered no longer and are a week old; gives how many.

    Staff are told, but not where the person keeps a place in another partner's line.
    """
    with db.write() as session:
        lapsed = session.exec(select(Proposal).where(*_over())).all()
        for proposal in lapsed:
            end_proposal(session, proposal, ProposalState.LAPSED)
            patient = session.get_one(Patient, proposal.patient_id)
            if not (patient.deceased or _waits_elsewhere(session, proposal)):
                hand_to_staff(session, patient, NOT_ANSWERED)
        return len(lapsed)


def _over() -> tuple[ColumnElement[bool], ...]:
    answerable = select(OpenQuestion.id).where(
        OpenQuestion.subject_kind == PROPOSAL,
        OpenQuestion.subject_id == Proposal.id,
        col(OpenQuestion.state).in_((QuestionState.PENDING, QuestionState.OPEN)),
    )
    old = col(Proposal.made_at) < utc_now() - ANSWERED_WITHIN
    return (col(Proposal.state) == ProposalState.ASKED, old, ~answerable.exists())


def _waits_elsewhere(session: Session, proposal: Proposal) -> bool:
    old = session.get(Referral, proposal.instead_of_id) if proposal.instead_of_id else None
    return old is not None and old.state == ReferralState.WAITING


def forget_old_proposals(db: Database, _settings: Settings) -> int:
    """Take away who was asked about a partner 180 days after it ended; gives how many."""
    old = select(Proposal.id).where(
        col(Proposal.state) != ProposalState.ASKED, col(Proposal.ended_at) < utc_now() - PROPOSALS_FOR
    )
    return delete_in_pieces(db, delete(Proposal).where(col(Proposal.id).in_(old.limit(CHUNK))))
