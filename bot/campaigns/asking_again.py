"""Asking somebody once more whether a partner may have their details: only their own yes makes a referral."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.campaigns.subject import about
from bot.conversations.actions import Action, Offered
from bot.conversations.answering import why_no_text_may_go
from bot.conversations.inbox import InboxEntry
from bot.messaging.outbox import queue_text
from bot.partners.asked import CONSENT
from bot.partners.in_order import first_to_ask
from bot.partners.purposes import find_purpose, partner_values, purpose_values
from bot.patients.eligibility import why_not
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState
from bot.tables.messaging import Kind
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import OPEN_STATES, Referral
from bot.wording.composing import NotApprovedError, load_wordings

BEREAVED = "bereaved"
"""The reason of an item under which nobody is asked anything."""


@dataclass(frozen=True)
class Unanswered:
    """What may be asked again: the campaign, its partner, and the text in English."""

    campaign: Campaign
    partner: Partner
    text_key: str
    english: str


def what_to_ask_again(session: Session, settings: Settings, practice: Practice, entry: InboxEntry) -> Unanswered | None:
    """What the one person of an item's phone was invited to and is not referred for yet, if a text may ask it."""
    person = entry.item.patient_id
    alone = len(entry.people) == 1 and entry.people[0].id == person
    if (
        not alone
        or entry.item.reason == BEREAVED
        or why_not(session, Kind.QUESTION, practice.id or 0, entry.item.phone, person)
    ):
        return None
    if why_no_text_may_go(session, practice.id or 0, entry):
        return None
    campaign = _invited_last(session, person)
    partner = first_to_ask(session, campaign) if campaign else None
    if campaign is None or partner is None or _is_referred(session, person, campaign, partner):
        return None
    key = find_purpose(campaign.purpose).texts.consent
    if key is None:
        return None
    try:
        text = load_wordings(session, settings, key, ["en"]).compose(key, "en", purpose_values(practice, partner, key))
    except NotApprovedError:
        return None
    return Unanswered(campaign, partner, key, text.body)


def _invited_last(session: Session, patient_id: int | None) -> Campaign | None:
    invited = (
        select(Campaign)
        .join(CampaignMember, col(CampaignMember.campaign_id) == col(Campaign.id))
        .where(
            CampaignMember.patient_id == patient_id,
            col(CampaignMember.batch_id).is_not(None),
            Campaign.state != CampaignState.STOPPED,
        )
        .order_by(col(Campaign.id).desc())
    )
    return session.exec(invited.limit(1)).first()


def _is_referred(session: Session, patient_id: int | None, campaign: Campaign, partner: Partner) -> bool:
    to_whom = (col(Referral.partner_id) == partner.id) | (col(Referral.campaign_id) == campaign.id)
    referred = select(Referral.id).where(
        Referral.patient_id == patient_id, to_whom, col(Referral.state).in_(OPEN_STATES)
    )
    return session.exec(referred).first() is not None


def _offers(session: Session, settings: Settings, practice: Practice, entry: InboxEntry) -> Offered | None:
    unanswered = what_to_ask_again(session, settings, practice, entry)
    if unanswered is None:
        return None
    explanation = (
        f"{unanswered.partner.name} gets their details only after their own yes. If they want the help, also when "
        "they said so on the phone, ask them again by text. They get this in their language:"
    )
    return Offered("Do they want the help?", explanation, unanswered.english, "Ask by text and mark as done")


def ask_again(session: Session, settings: Settings, practice: Practice, entry: InboxEntry) -> None:
    """Queue the question for the item's person.

    :raises Refused: there is nothing to ask.
    """
    unanswered = what_to_ask_again(session, settings, practice, entry)
    if unanswered is None:
        raise Refused("nothing-to-ask", "There is nothing to ask this person again. Look at the conversation.")
    queue_text(
        session,
        settings,
        text_key=unanswered.text_key,
        language=entry.people[0].language,
        values=partner_values(unanswered.partner, unanswered.text_key),
        phone=entry.item.phone,
        practice=practice,
        subject=about(unanswered.campaign.id),
        question=CONSENT,
        detail=str(unanswered.partner.id),
        patient_id=entry.item.patient_id,
        answers_id=entry.item.message_id,
        automatic=False,
    )


ASK_AGAIN = Action(
    name="ask-again",
    offers=_offers,
    does=ask_again,
    done="The question is on its way. Their yes makes the referral. The item is done.",
)
