"""A campaign that has come so far, set down row by row."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.campaigns import CampaignMember, MemberAnswer
from bot.tables.messaging import Message, State
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral, ReferralState
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.wording import wording_for
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes, unanswered
from tests.factories import make_partner, make_practice


@dataclass(frozen=True)
class Ground:
    """A practice, a partner, and a campaign of help with a cold home."""

    practice: Practice
    partner: Partner
    campaign: int


def make_ground(db: Database, settings: Settings, people: int = 40, code: str = "STATION", **changes: object) -> Ground:
    """A campaign whose cohort was asked by text; nobody has answered yet."""
    practice = make_practice(db, code)
    partner = make_partner(db, practice, code=f"CAB-{code}", places=200)
    make_cohort(db, practice, people, **changes)
    campaign = plan(db, settings, code, partner.code).campaign
    while approve(db, settings, campaign) and _left(db, campaign):
        pass
    deliver_all(db)
    return Ground(practice, partner, campaign)


def _left(db: Database, campaign: int) -> bool:
    with db.read() as session:
        waiting = select(CampaignMember.id).where(
            CampaignMember.campaign_id == campaign, col(CampaignMember.batch_id).is_(None)
        )
        return session.exec(waiting).first() is not None


def help_people(db: Database, settings: Settings, campaign: int, outcomes: Mapping[str, int]) -> list[Referral]:
    """So many people say yes, and their referrals are closed with these outcomes."""
    made = say_yes(db, settings, campaign, sum(outcomes.values()))
    ended = [outcome for outcome, people in outcomes.items() for _ in range(people)]
    with db.write() as session:
        for referral, outcome in zip(made, ended, strict=True):
            close(session, referral.id, outcome)
    return made


def close(session: Session, referral_id: int | None, outcome: str) -> None:
    """The partner is done."""
    referral = session.get_one(Referral, referral_id)
    referral.state, referral.outcome, referral.updated_at = ReferralState.CLOSED, outcome, utc_now()
    session.add(referral)


def answer_no(db: Database, campaign: int, people: int) -> None:
    """So many people answer that they want nothing."""
    with db.write() as session:
        for member in unanswered(session, campaign, people):
            member.answer, member.answered_at = MemberAnswer.NO, utc_now()
            session.add(member)


def lose_texts(db: Database, campaign: int, people: int) -> None:
    """So many texts of those who have not answered did not arrive."""
    with db.write() as session:
        for member in unanswered(session, campaign, people):
            theirs = select(Message).where(Message.patient_id == member.patient_id, Message.batch_id == member.batch_id)
            text = session.exec(theirs).one()
            text.state = State.UNDELIVERED
            session.add(text)


def stand_by(db: Database, account_id: int, tag: str, leave_out: str | None = None) -> None:
    """A person stands by every text of public pages in a language, but for one."""
    keys = [key for key, text in catalogue().items() if text.kind == "page" and key != leave_out]
    with db.write() as session:
        for wording in filter(None, (wording_for(key, tag) for key in keys)):
            session.add(
                WordingApproval(
                    text_key=wording.text_key,
                    language=tag,
                    digest=wording.digest,
                    body=wording.body,
                    approved_by=account_id,
                    approved_at=utc_now(),
                )
            )
