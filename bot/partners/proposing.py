"""Asking a person by text whether a partner may help them: before their yes nothing is shared and nothing is made."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.messaging.from_practice import practice_values
from bot.messaging.outbox import cancel_unsent_messages, queue_text
from bot.messaging.subjects import SubjectKind
from bot.partners.asked import CONSENT, PROPOSAL, about_proposal
from bot.partners.purposes import partner_values
from bot.patients.eligibility import Reason, why_not
from bot.refusals import Refused
from bot.rows import among
from bot.settings import Settings
from bot.tables.messaging import Kind, OpenQuestion, QuestionState
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Proposal, ProposalState, Referral
from bot.tables.patients import Patient
from bot.wording.composing import Composed, NotApprovedError, load_wordings

FIRST_OFFER, SECOND_OFFER = "referral-consent", "referral-second-offer"
"""The consent question after a talk with staff, and the one that names a second partner as the first has no place."""
_NOT_ASKED = "referral-withdrawn"


def _campaign_of(proposal_id: Mapped[Any]) -> ColumnElement[int | None]:
    return sqlalchemy_select(col(Proposal.campaign_id)).where(col(Proposal.id) == proposal_id).scalar_subquery()


SUBJECT = SubjectKind(PROPOSAL, campaign_of=_campaign_of)


def open_proposal(
    session: Session,
    *,
    patient: Patient,
    partner: Partner,
    purpose: str,
    said: str = "",
    instead_of: Referral | None = None,
    made_by: int | None = None,
) -> Proposal:
    """Note that a person is asked about a partner; of one they were being asked about before, no more."""
    drop_proposals(session, patient.id or 0)
    proposal = Proposal(
        practice_id=patient.practice_id,
        partner_id=partner.id or 0,
        patient_id=patient.id or 0,
        campaign_id=instead_of.campaign_id if instead_of else None,
        instead_of_id=instead_of.id if instead_of else None,
        purpose=purpose,
        said=said,
        made_by=made_by,
        made_at=utc_now(),
    )
    session.add(proposal)
    session.flush()
    return proposal


def end_proposal(session: Session, proposal: Proposal, state: ProposalState) -> None:
    """It is not asked any more; what staff had written down for it goes."""
    proposal.state, proposal.ended_at, proposal.said = state, utc_now(), ""
    session.add(proposal)
    session.flush()


def drop_proposals(session: Session, patient_id: int) -> None:
    """A person is not asked any more what they were being asked: its text does not go, its question closes."""
    asked = select(Proposal).where(Proposal.patient_id == patient_id, Proposal.state == ProposalState.ASKED)
    for proposal in session.exec(asked):
        cancel_unsent_messages(session, about_proposal(proposal), (Kind.QUESTION,), _NOT_ASKED)
        close = update(OpenQuestion).where(
            col(OpenQuestion.subject_kind) == PROPOSAL,
            col(OpenQuestion.subject_id) == proposal.id,
            col(OpenQuestion.state).in_((QuestionState.PENDING, QuestionState.OPEN)),
        )
        session.execute(close.values(state=QuestionState.EXPIRED))
        end_proposal(session, proposal, ProposalState.DROPPED)


def drop_with_death(session: Session, patient_ids: Sequence[int]) -> None:
    """Who has died is not asked any more, and what staff had written down for a partner goes."""
    theirs = among(session, col(Proposal.patient_id), patient_ids)
    asked = select(Proposal.patient_id).where(theirs, Proposal.state == ProposalState.ASKED)
    for patient_id in session.exec(asked).all():
        drop_proposals(session, patient_id)


def offer_text(instead_of: Referral | None) -> str:
    """The key of the question: another one where a partner before had no place."""
    return SECOND_OFFER if instead_of else FIRST_OFFER


def offer_values(session: Session, partner: Partner, instead_of: Referral | None) -> Mapping[str, str]:
    """The values of the question that do not speak of the practice."""
    if instead_of is None:
        return partner_values(partner, FIRST_OFFER)
    first = session.get_one(Partner, instead_of.partner_id)
    return {**partner_values(partner, SECOND_OFFER), "full_partner": first.name}


def compose_offer(
    session: Session, settings: Settings, patient: Patient, partner: Partner, instead_of: Referral | None = None
) -> Composed | None:
    """The question as the person would read it; None where no text may go to them."""
    if why_not_asked(session, patient) is not None or patient.phone is None:
        return None
    key = offer_text(instead_of)
    values = practice_values(session.get_one(Practice, patient.practice_id), key)
    values = {**values, **offer_values(session, partner, instead_of)}
    try:
        return load_wordings(session, settings, key, [patient.language]).compose(key, patient.language, values)
    except NotApprovedError:
        return None


def why_not_asked(session: Session, patient: Patient) -> Reason | None:
    """Why no question may go to a person by text.

    It names a partner, so the phone must be theirs as for a notice, beside what holds for every question.
    """
    phone = patient.phone
    if phone is None:
        return Reason.NO_MOBILE
    whom = (patient.practice_id, phone, patient.id)
    return next(filter(None, (why_not(session, kind, *whom) for kind in (Kind.QUESTION, Kind.NOTICE))), None)


def ask_by_text(session: Session, settings: Settings, proposal: Proposal, patient: Patient) -> None:
    """Queue the question of a proposal.

    :raises Refused: `cannot-text`, no text may go to them; `not-approved`, the wording may not be sent.
    """
    if why_not_asked(session, patient) is not None or patient.phone is None:
        raise Refused(
            "cannot-text",
            "No text may go to this person. Phone them, and if they say yes, record that they said so.",
        )
    instead_of = session.get(Referral, proposal.instead_of_id) if proposal.instead_of_id else None
    partner = session.get_one(Partner, proposal.partner_id)
    try:
        queue_text(
            session,
            settings,
            text_key=offer_text(instead_of),
            language=patient.language,
            values=offer_values(session, partner, instead_of),
            phone=patient.phone,
            practice=session.get_one(Practice, proposal.practice_id),
            patient_id=patient.id,
            subject=about_proposal(proposal),
            question=CONSENT,
            detail=str(partner.id),
            automatic=proposal.made_by is None,
            dedupe_key=f"proposal:{proposal.id}",
        )
    except NotApprovedError as error:
        raise Refused("not-approved", "The wording that asks them is not approved yet. Ask a lead.") from error
