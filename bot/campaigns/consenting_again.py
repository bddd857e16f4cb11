"""Answers to a consent question of its own: staff referred somebody, or the partner before had no place for them."""

from sqlmodel import Session

from bot.attention.items import ask_a_person
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import close_question
from bot.partners.agreeing import refer_agreed
from bot.partners.asked import CONSENT, about_proposal
from bot.partners.in_order import next_partner
from bot.partners.proposing import end_proposal, offer_text, offer_values, open_proposal, why_not_asked
from bot.partners.purposes import find_purpose, partner_values
from bot.partners.telling import PARTNER_FULL, about_referral
from bot.rows import insert_row
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.organisations import Partner
from bot.tables.partners import Consent, Proposal, ProposalState, Referral, ReferralState

BARE_ANSWER = 3
"""Characters up to which a reply is only a number or a word, and tells nothing more."""


def offer_another_to(exchange: Exchange, referral: Referral) -> bool:
    """Ask a person who waits in line about the next partner that has a place; whether that could be done."""
    other, patient = next_partner(exchange.session, referral), exchange.patient
    if other is None or patient is None or why_not_asked(exchange.session, patient) is not None:
        return False
    proposal = open_proposal(
        exchange.session, patient=patient, partner=other, purpose=referral.purpose, instead_of=referral
    )
    asked = _ask(exchange, proposal, other, referral)
    if not asked:
        end_proposal(exchange.session, proposal, ProposalState.DROPPED)
    return asked


def _ask(exchange: Exchange, proposal: Proposal, partner: Partner, instead_of: Referral | None) -> bool:
    asked = say(
        exchange,
        offer_text(instead_of),
        offer_values(exchange.session, partner, instead_of),
        question=CONSENT,
        subject=about_proposal(proposal),
        detail=str(partner.id),
    )
    return asked is not None


def ask_again_about(exchange: Exchange, question: OpenQuestion) -> bool:
    """Ask what a proposal had asked once more, in the language that is recorded now; whether it could be asked."""
    proposal = _asked(exchange.session, question)
    if proposal is None:
        return False
    partner = exchange.session.get_one(Partner, proposal.partner_id)
    return _ask(exchange, proposal, partner, _instead_of(exchange.session, proposal))


def agree_to_proposal(exchange: Exchange, question: OpenQuestion) -> None:
    """Yes: only now does that partner get their details. One that ended meanwhile goes to a person."""
    close_question(exchange.session, question, exchange.now)
    proposal = _asked(exchange.session, question)
    if proposal is None:
        ask_a_person(exchange.session, exchange.message, "no-open-question")
        acknowledge(exchange)
        return
    session, partner = exchange.session, exchange.session.get_one(Partner, proposal.partner_id)
    consent = record_consent(exchange, question, partner, proposal.campaign_id)
    also = [exchange.message] if len(exchange.message.body.strip()) > BARE_ANSWER else []
    made = refer_agreed(session, exchange.settings, proposal, consent, also)
    before = _instead_of(session, proposal)
    if made is not None:
        tell_about(exchange, made)
    elif before is not None and before.state == ReferralState.WAITING:
        tell_about(exchange, before)
    else:
        ask_a_person(session, exchange.message, PARTNER_FULL)
        acknowledge(exchange)


def refuse_proposal(exchange: Exchange, question: OpenQuestion) -> None:
    """No: that partner hears nothing. Who waits in line for another goes on waiting; else staff look for other help."""
    close_question(exchange.session, question, exchange.now)
    proposal = _asked(exchange.session, question)
    if proposal is None:
        acknowledge(exchange)
        return
    before, texts = _instead_of(exchange.session, proposal), find_purpose(proposal.purpose).texts
    end_proposal(exchange.session, proposal, ProposalState.REFUSED)
    if before is None:
        say(exchange, texts.about_a_partner("not_shared"))
    elif before.state == ReferralState.WAITING:
        tell_about(exchange, before)
    else:
        ask_a_person(exchange.session, exchange.message, PARTNER_FULL)
        say(exchange, texts.no_thanks)


def _asked(session: Session, question: OpenQuestion) -> Proposal | None:
    """The proposal of a question, locked, while it waits for an answer."""
    proposal = session.get(Proposal, question.subject_id, with_for_update=True, populate_existing=True)
    return proposal if proposal is not None and proposal.state == ProposalState.ASKED else None


def _instead_of(session: Session, proposal: Proposal) -> Referral | None:
    return session.get(Referral, proposal.instead_of_id) if proposal.instead_of_id else None


def record_consent(exchange: Exchange, question: OpenQuestion, partner: Partner, campaign_id: int | None) -> Consent:
    """Keep a yes by text, with the question as it was asked."""
    asked = exchange.session.get_one(Message, question.message_id)
    return insert_row(
        exchange.session,
        Consent,
        practice_id=question.practice_id,
        patient_id=question.patient_id,
        partner_id=partner.id,
        campaign_id=campaign_id,
        text_key=asked.text_key or "",
        language=asked.language or "",
        wording_digest=asked.wording_digest or "",
        question=asked.body,
        question_message_id=question.message_id,
        answer_message_id=exchange.message.id or 0,
        given_at=exchange.now,
    )


def tell_about(exchange: Exchange, referral: Referral) -> None:
    """Tell the person honestly how their referral stands: with the partner, or in its line."""
    partner = exchange.session.get_one(Partner, referral.partner_id)
    role = (
        "waiting" if referral.state == ReferralState.WAITING else "referred" if partner.phone else "referred_no_phone"
    )
    text = find_purpose(referral.purpose).texts.about_a_partner(role)
    say(exchange, text, partner_values(partner, text), subject=about_referral(referral))
