"""Answers to the invitation and to the consent question: a referral is made from a recorded yes, never before."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.conversations.exchange import Talk, note, say
from bot.messaging.questions import close_question
from bot.partners.referring import make_referral
from bot.rows import insert_row
from bot.tables.campaigns import Campaign, MemberAnswer
from bot.tables.messaging import Direction, Message, OpenQuestion, QuestionKind
from bot.tables.organisations import Partner
from bot.tables.partners import Consent, Referral, ReferralState

BARE_ANSWER = 3
"""Characters up to which a reply is only a number or a word, and tells nothing more."""


def accept_invitation(talk: Talk, question: OpenQuestion) -> None:
    """Yes to the invitation: before anything is shared, the person is asked whether it may be."""
    close_question(talk.session, question, talk.now)
    note(talk, MemberAnswer.YES)
    ask_for_consent(talk, question)


def ask_for_consent(talk: Talk, question: OpenQuestion) -> bool:
    """Ask whether what an earlier question was about may be shared; whether it could be asked."""
    campaign, partner = _campaign(talk.session, question)
    asked = say(
        talk,
        f"{campaign.purpose}-consent",
        talk.practice_name | {"partner": partner.name},
        question=QuestionKind.CONSENT,
        campaign_id=campaign.id,
    )
    return asked is not None


def decline_invitation(talk: Talk, question: OpenQuestion) -> None:
    """No is no, not STOP; nobody asks again in this campaign."""
    close_question(talk.session, question, talk.now)
    note(talk, MemberAnswer.NO)
    campaign, _ = _campaign(talk.session, question)
    say(talk, f"{campaign.purpose}-no-thanks", talk.practice_name)


def refuse_consent(talk: Talk, question: OpenQuestion) -> None:
    """Nothing is shared, and the person is told so."""
    close_question(talk.session, question, talk.now)
    note(talk, MemberAnswer.NO)
    campaign, _ = _campaign(talk.session, question)
    say(talk, f"{campaign.purpose}-not-shared", talk.practice_name)


def give_consent(talk: Talk, question: OpenQuestion) -> None:
    """The recorded yes that makes a referral; the person is told honestly whether there is a place."""
    close_question(talk.session, question, talk.now)
    note(talk, MemberAnswer.YES)
    campaign, partner = _campaign(talk.session, question)
    if talk.practice is None:
        return
    consent = _record_consent(talk, question, campaign)
    said = what_they_said(talk.session, talk.message, campaign.id or 0)
    referral = make_referral(talk.session, talk.settings, consent=consent, practice=talk.practice, said=said)
    _tell_about(talk, campaign, partner, referral)


def _campaign(session: Session, question: OpenQuestion) -> tuple[Campaign, Partner]:
    """Of the question that is answered these are in the session already."""
    campaign = session.get_one(Campaign, question.campaign_id)
    return campaign, session.get_one(Partner, campaign.partner_id)


def _record_consent(talk: Talk, question: OpenQuestion, campaign: Campaign) -> Consent:
    asked = talk.session.get_one(Message, question.message_id)
    return insert_row(
        talk.session,
        Consent,
        practice_id=question.practice_id,
        patient_id=question.patient_id,
        partner_id=campaign.partner_id,
        campaign_id=campaign.id,
        text_key=asked.text_key or "",
        language=asked.language or "",
        wording_digest=asked.wording_digest or "",
        question=asked.body,
        question_message_id=question.message_id,
        answer_message_id=talk.message.id or 0,
        given_at=talk.now,
    )


def _tell_about(talk: Talk, campaign: Campaign, partner: Partner, referral: Referral) -> None:
    values = talk.practice_name | {"partner": partner.name}
    if referral.state == ReferralState.WAITING:
        say(talk, f"{campaign.purpose}-waiting", values)
    elif partner.phone:
        say(talk, f"{campaign.purpose}-referred", values | {"partner_phone": partner.phone})
    else:
        say(talk, f"{campaign.purpose}-referred-no-phone", values)


def what_they_said(session: Session, message: Message, campaign_id: int) -> str:
    """All the person wrote since they were invited that is more than a bare answer, in their own words."""
    written = session.exec(
        select(col(Message.body))
        .where(
            Message.direction == Direction.IN,
            Message.phone == message.phone,
            Message.sender_id == message.sender_id,
            col(Message.created_at) >= _invited_at(session, message, campaign_id),
        )
        .order_by(col(Message.id))
    )
    return "\n".join(body for body in written if len(body.strip()) > BARE_ANSWER)


def _invited_at(session: Session, message: Message, campaign_id: int) -> datetime:
    first = session.exec(
        select(col(Message.created_at))
        .where(Message.campaign_id == campaign_id, Message.phone == message.phone)
        .order_by(col(Message.id))
    ).first()
    return first or message.created_at
