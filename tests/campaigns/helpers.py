"""Short ways to a practice with a cohort, and to people who answer."""

import itertools
from datetime import datetime

import nhs_number
from sqlmodel import Session, col, select

from bot.audit import CONSOLE
from bot.campaigns.batches import release_batch
from bot.campaigns.member_answers import note_answer
from bot.campaigns.planning import Plan, plan_campaign
from bot.clock import utc_now
from bot.database import Database
from bot.partners.purposes import find_purpose
from bot.partners.referring import make_referral
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember, MemberAnswer
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.organisations import Practice
from bot.tables.partners import Consent, Referral
from bot.tables.patients import Patient, PatientCode
from tests.factories import ASTHMA, make_patient, test_phone

_numbers = (str(number) for number in itertools.count(9_995_000_000) if nhs_number.is_valid(str(number)))
_phones = itertools.count()
"""Numbers of their own: a phone on two records is nobody's."""


def make_cohort(db: Database, practice: Practice, people: int, **changes: object) -> list[Patient]:
    """People with asthma, each with a mobile of their own."""
    first = make_patient(db, practice, codes=(ASTHMA,), **changes)
    alike = first.model_dump(exclude={"id", "nhs_number", "phone"})
    with db.write() as session:
        others = [
            Patient(**alike, nhs_number=next(_numbers), phone=test_phone(next(_phones) % 560))
            for _ in range(people - 1)
        ]
        session.add_all(others)
        session.flush()
        session.add_all(PatientCode(patient_id=patient.id, code=ASTHMA) for patient in others)
    return [first, *others]


def plan(db: Database, settings: Settings, practice: str = "STATION", partner: str = "CAB") -> Plan:
    """A fuel poverty campaign, planned at the console."""
    return plan_campaign(db, settings, practice, "fuel-poverty", partner, None, CONSOLE)


def approve(db: Database, settings: Settings, campaign_id: int) -> int:
    """Release the next batch at the console; gives its size."""
    return release_batch(db, settings, campaign_id, CONSOLE).size


def deliver_all(db: Database, at: datetime | None = None) -> None:
    """Let every queued text arrive."""
    with db.write() as session:
        for message in session.exec(
            select(Message).where(Message.state == State.QUEUED).order_by(col(Message.id))
        ).all():
            message.state, message.sent_at = State.DELIVERED, at or utc_now()
            session.add(message)


def unanswered(session: Session, campaign_id: int, people: int) -> list[CampaignMember]:
    """The first people of a campaign who were texted and have not answered."""
    statement = (
        select(CampaignMember)
        .where(
            CampaignMember.campaign_id == campaign_id,
            col(CampaignMember.batch_id).is_not(None),
            col(CampaignMember.answer).is_(None),
        )
        .order_by(col(CampaignMember.id))
        .limit(people)
    )
    return list(session.exec(statement))


def say_yes(db: Database, settings: Settings, campaign_id: int, people: int) -> list[Referral]:
    """Let people say yes to the invitation and to the consent question, in one breath."""
    with db.write() as session:
        members = unanswered(session, campaign_id, people)
        assert len(members) == people
        return [consent_of(session, settings, member) for member in members]


def consent_of(session: Session, settings: Settings, member: CampaignMember) -> Referral:
    """Record one person's consent, and the referral that follows."""
    patient = session.get_one(Patient, member.patient_id)
    practice = session.get_one(Practice, patient.practice_id)
    invitation = session.exec(
        select(Message).where(Message.patient_id == patient.id, Message.batch_id == member.batch_id)
    ).first()
    assert invitation is not None
    answer = Message(**_reply(invitation))
    session.add(answer)
    session.flush()
    consent = Consent(
        practice_id=patient.practice_id,
        patient_id=patient.id or 0,
        partner_id=_partner_of(session, member),
        campaign_id=member.campaign_id,
        text_key="fuel-poverty-consent",
        language="en",
        wording_digest="0" * 64,
        question="May we share your details?",
        question_message_id=invitation.id or 0,
        answer_message_id=answer.id or 0,
        given_at=utc_now(),
    )
    session.add(consent)
    session.flush()
    note_answer(session, member.campaign_id, patient.id or 0, MemberAnswer.YES, utc_now())
    purpose = find_purpose(session.get_one(Campaign, member.campaign_id).purpose)
    words = [_wrote(session, invitation, "heating band hai")]
    return make_referral(session, settings, consent=consent, practice=practice, purpose=purpose, in_their_words=words)


def _wrote(session: Session, invitation: Message, words: str) -> Message:
    """What they told us besides the bare answer."""
    message = Message(**(_reply(invitation) | {"body": words}))
    session.add(message)
    session.flush()
    return message


def _partner_of(session: Session, member: CampaignMember) -> int:
    return session.get_one(Campaign, member.campaign_id).partner_id


def _reply(invitation: Message) -> dict[str, object]:
    now = utc_now()
    return {
        "direction": Direction.IN,
        "kind": Kind.INBOUND,
        "state": State.RECEIVED,
        "practice_id": invitation.practice_id,
        "sender_id": invitation.sender_id,
        "patient_id": invitation.patient_id,
        "phone": invitation.phone,
        "body": "1",
        "parts": 1,
        "not_before": now,
        "created_at": now,
        "updated_at": now,
    }
