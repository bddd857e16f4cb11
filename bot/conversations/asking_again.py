"""Asking somebody once more whether a partner may have their details: only their own yes makes a referral."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.conversations.answering import why_no_text_may_go
from bot.conversations.inbox import Line, find_item, finish_in, opt_out_scope
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.messaging.policy import may_reach
from bot.partners.referring import OPEN_STATES
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState
from bot.tables.messaging import Kind, QuestionKind
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral
from bot.wording.composing import NotApprovedError, load_wordings


@dataclass(frozen=True)
class Unanswered:
    """What may be asked again: the campaign, its partner, and the text in English."""

    campaign: Campaign
    partner: Partner
    english: str

    @property
    def text_key(self) -> str:
        """The text that asks for consent."""
        return f"{self.campaign.purpose}-consent"


def what_to_ask_again(session: Session, settings: Settings, practice: Practice, line: Line) -> Unanswered | None:
    """What the one person of an item's phone was invited to and is not referred for yet, if a text may ask it."""
    alone = len(line.people) == 1 and line.people[0].id == line.item.patient_id
    scope = opt_out_scope(session, practice.id or 0, line.item.phone)
    if not alone or not may_reach(Kind.QUESTION, scope) or why_no_text_may_go(session, practice.id or 0, line):
        return None
    campaign, partner = _invited_last(session, line.item.patient_id) or (None, None)
    if campaign is None or partner is None or _is_referred(session, line.item.patient_id, partner):
        return None
    values = {"practice": practice.name, "partner": partner.name}
    try:
        text = load_wordings(session, settings).compose(f"{campaign.purpose}-consent", "en", values)
    except NotApprovedError:
        return None
    return Unanswered(campaign, partner, text.body)


def _invited_last(session: Session, patient_id: int | None) -> tuple[Campaign, Partner] | None:
    invited = (
        select(Campaign, Partner)
        .join(CampaignMember, col(CampaignMember.campaign_id) == col(Campaign.id))
        .join(Partner, col(Partner.id) == col(Campaign.partner_id))
        .where(
            CampaignMember.patient_id == patient_id,
            col(CampaignMember.batch_id).is_not(None),
            Campaign.state != CampaignState.STOPPED,
        )
        .order_by(col(Campaign.id).desc())
    )
    return session.exec(invited.limit(1)).first()


def _is_referred(session: Session, patient_id: int | None, partner: Partner) -> bool:
    referred = select(Referral.id).where(
        Referral.patient_id == patient_id, Referral.partner_id == partner.id, col(Referral.state).in_(OPEN_STATES)
    )
    return session.exec(referred).first() is not None


def ask_again(db: Database, settings: Settings, item_id: int, practice_id: int, actor: Actor) -> None:
    """Queue the question for the item's person and mark the item as done.

    :raises Refused: there is nothing to ask, or the item is done already.
    """
    with db.write() as session:
        practice = session.get_one(Practice, practice_id, with_for_update=True)
        line = find_item(session, practice_id, item_id)
        unanswered = what_to_ask_again(session, settings, practice, line) if line else None
        if line is None or unanswered is None:
            raise Refused("nothing-to-ask", "There is nothing to ask this person again. Look at the conversation.")
        queue_text(
            session,
            settings,
            text_key=unanswered.text_key,
            language=line.people[0].language,
            values={"practice": practice.name, "partner": unanswered.partner.name},
            phone=line.item.phone,
            practice=practice,
            question=QuestionKind.CONSENT,
            patient_id=line.item.patient_id,
            campaign_id=unanswered.campaign.id,
            answers_id=line.item.message_id,
            automatic=False,
        )
        finish_in(session, item_id, practice_id, actor)
        record(session, actor, "inbox-asked-again", f"inbox:{item_id}", practice_id=practice_id)
