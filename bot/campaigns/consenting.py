"""Answers to the invitation and to the consent question: a referral is made from a recorded yes, never before."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.attention.items import ask_a_person
from bot.campaigns.consenting_again import (
    BARE_ANSWER,
    agree_to_proposal,
    ask_again_about,
    offer_another_to,
    record_consent,
    refuse_proposal,
    tell_about,
)
from bot.campaigns.inviting import CALL, invitation_of, what_it_offers
from bot.campaigns.member_answers import note_answer
from bot.campaigns.subject import INVITATION, about
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import Question, close_question
from bot.partners.asked import CAMPAIGN, CONSENT, PROPOSAL
from bot.partners.in_order import first_to_ask
from bot.partners.purposes import Purpose, find_purpose, partner_values
from bot.partners.referring import make_referral
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState, MemberAnswer
from bot.tables.messaging import Direction, Kind, Message, OpenQuestion, QuestionState
from bot.tables.organisations import Partner
from bot.tables.partners import ReferralState
from bot.understanding.questions import PHONE_ME, QuestionKind


def accept_invitation(exchange: Exchange, question: OpenQuestion) -> None:
    """Yes to the invitation: what follows is the purpose's; before anything is shared, the person is asked."""
    close_question(exchange.session, question, exchange.now)
    _count(exchange, question, MemberAnswer.YES)
    _purpose(exchange.session, question).after_yes(exchange, question)


def ask_for_consent(exchange: Exchange, question: OpenQuestion) -> bool:
    """Ask whether what an earlier question was about may be shared; whether it could be asked.

    The partner that is named is the one named before, else the campaign's first that has a place.
    """
    campaign = exchange.session.get_one(Campaign, question.subject_id)
    partner = _named(exchange.session, question) or first_to_ask(exchange.session, campaign)
    if partner is None:
        return False
    text = find_purpose(campaign.purpose).texts.about_a_partner("consent")
    asked = say(
        exchange,
        text,
        partner_values(partner, text),
        question=CONSENT,
        subject=about(campaign.id),
        detail=str(partner.id),
    )
    return asked is not None


def _named(session: Session, question: OpenQuestion) -> Partner | None:
    """The partner that a consent question names."""
    return session.get(Partner, int(question.detail)) if question.kind == CONSENT and question.detail else None


def decline_invitation(exchange: Exchange, question: OpenQuestion) -> None:
    """No is no, not STOP; nobody asks again in this campaign. Some purposes offer to talk."""
    close_question(exchange.session, question, exchange.now)
    _count(exchange, question, MemberAnswer.NO)
    purpose = _purpose(exchange.session, question)
    subject = about(question.subject_id) if purpose.no_asks else None
    say(exchange, purpose.texts.no_thanks, question=purpose.no_asks, subject=subject)


def ask_for_a_call(exchange: Exchange, question: OpenQuestion) -> None:
    """They want to be phoned: staff see it, and it is neither a yes nor a no."""
    close_question(exchange.session, question, exchange.now)
    _count(exchange, question, MemberAnswer.OTHER)
    ask_a_person(exchange.session, exchange.message, "call-me")
    acknowledge(exchange)


def _offered(question: OpenQuestion) -> Collection[int]:
    """The numbers that an invitation offers beside yes and no."""
    return (PHONE_ME,) if question.detail == CALL else ()


def refuse_consent(exchange: Exchange, question: OpenQuestion) -> None:
    """Nothing is shared, and the person is told so."""
    if question.subject_kind == PROPOSAL:
        refuse_proposal(exchange, question)
        return
    close_question(exchange.session, question, exchange.now)
    _count(exchange, question, MemberAnswer.NO)
    text = _purpose(exchange.session, question).texts.about_a_partner("not_shared")
    say(exchange, text)


def give_consent(exchange: Exchange, question: OpenQuestion) -> None:
    """The recorded yes that makes a referral; the person is told honestly whether there is a place.

    Where there is none, another partner of the campaign is offered, with a new question: the line is theirs meanwhile.
    """
    if question.subject_kind == PROPOSAL:
        agree_to_proposal(exchange, question)
        return
    close_question(exchange.session, question, exchange.now)
    _count(exchange, question, MemberAnswer.YES)
    campaign, partner = _campaign(exchange.session, question)
    if exchange.practice is None:
        return
    referral = make_referral(
        exchange.session,
        exchange.settings,
        consent=record_consent(exchange, question, partner, campaign.id),
        practice=exchange.practice,
        purpose=find_purpose(campaign.purpose),
        in_their_words=what_they_wrote(exchange.session, exchange.message, campaign.id or 0),
    )
    if not (referral.state == ReferralState.WAITING and offer_another_to(exchange, referral)):
        tell_about(exchange, referral)


def _count(exchange: Exchange, question: OpenQuestion, answer: MemberAnswer) -> None:
    note_answer(exchange.session, question.subject_id or 0, question.patient_id, answer, exchange.now)


def _campaign(session: Session, question: OpenQuestion) -> tuple[Campaign, Partner]:
    """What a consent question is about, and the partner it names."""
    campaign = session.get_one(Campaign, question.subject_id)
    return campaign, _named(session, question) or session.get_one(Partner, campaign.partner_id)


def _purpose(session: Session, question: OpenQuestion) -> Purpose:
    return find_purpose(session.get_one(Campaign, question.subject_id).purpose)


def what_they_wrote(session: Session, message: Message, campaign_id: int) -> Sequence[Message]:
    """All the person wrote since they were invited that is more than a bare answer."""
    written = session.exec(
        select(Message)
        .where(
            Message.direction == Direction.IN,
            Message.phone == message.phone,
            Message.sender_id == message.sender_id,
            col(Message.created_at) >= _invited_at(session, message, campaign_id),
        )
        .order_by(col(Message.id))
    )
    return [text for text in written if len(text.body.strip()) > BARE_ANSWER]


def _invited_at(session: Session, message: Message, campaign_id: int) -> datetime:
    first = session.exec(
        select(col(Message.created_at))
        .where(
            Message.subject_kind == CAMPAIGN,
            Message.subject_id == campaign_id,
            Message.phone == message.phone,
        )
        .order_by(col(Message.id))
    ).first()
    return first or message.created_at


def ask_again_in(exchange: Exchange, tag: str) -> bool:
    """Ask again, in the language a person has just named, what a campaign had asked them; whether it did."""
    if exchange.patient is None:
        return False
    last = _last_question(exchange.session, exchange.patient.id or 0)
    waiting = last is not None and last.state == QuestionState.SUPERSEDED
    if last and waiting and last.kind == CONSENT and last.expires_at and exchange.now < last.expires_at:
        return ask_again_about(exchange, last) if last.subject_kind == PROPOSAL else ask_for_consent(exchange, last)
    campaign = _unanswered_invitation(exchange.session, exchange.patient.id or 0)
    return campaign is not None and _invite_again(exchange, campaign, tag)


def _last_question(session: Session, patient_id: int) -> OpenQuestion | None:
    statement = select(OpenQuestion).where(
        OpenQuestion.patient_id == patient_id, col(OpenQuestion.kind).in_((INVITATION, CONSENT))
    )
    return session.exec(statement.order_by(col(OpenQuestion.id).desc()).limit(1)).first()


def _unanswered_invitation(session: Session, patient_id: int) -> Campaign | None:
    statement = (
        select(Campaign)
        .join(CampaignMember, col(CampaignMember.campaign_id) == col(Campaign.id))
        .where(
            CampaignMember.patient_id == patient_id,
            col(CampaignMember.batch_id).is_not(None),
            col(CampaignMember.answer).is_(None) | (col(CampaignMember.answer) == MemberAnswer.OTHER),
            Campaign.state == CampaignState.RUNNING,
        )
        .order_by(col(Campaign.id).desc())
    )
    return session.exec(statement.limit(1)).first()


def _invite_again(exchange: Exchange, campaign: Campaign, tag: str) -> bool:
    invitation = invitation_of(exchange.session, campaign)
    asked = say(
        exchange,
        invitation.text_key,
        invitation.values,
        language=tag,
        kind=Kind.QUESTION,
        question=INVITATION,
        subject=about(campaign.id),
        detail=what_it_offers(invitation),
    )
    return asked is not None


ASKS_TO_COME = Question(
    means=QuestionKind(INVITATION, ok_accepts=True),
    lasts=timedelta(days=14),
    answers={"yes": accept_invitation, "no": decline_invitation, "choice": ask_for_a_call},
    offers=_offered,
)
ASKS_FOR_CONSENT = Question(
    means=QuestionKind(CONSENT),
    lasts=timedelta(days=7),
    answers={"yes": give_consent, "no": refuse_consent},
)
