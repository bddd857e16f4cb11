"""What a person hears when the partner they were referred to has no place: another is offered, or staff look on."""

from sqlmodel import Session

from bot.attention.reasons import known_reason
from bot.clock import utc_now
from bot.messaging.outbox import queue_text
from bot.partners.asked import REFERRAL
from bot.partners.in_order import next_partner
from bot.partners.proposing import ask_by_text, compose_offer, open_proposal
from bot.partners.purposes import find_purpose, partner_values, purpose_values
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.messaging import Subject
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral
from bot.tables.patients import Patient
from bot.wording.composing import Composed, NotApprovedError, load_wordings

PARTNER_FULL = "partner-full"
NOT_ANSWERED = "referral-not-answered"


def about_referral(referral: Referral) -> Subject:
    """A referral as what a text is about."""
    return Subject(REFERRAL, referral.id or 0)


def text_when_full(session: Session, settings: Settings, referral: Referral) -> Composed | None:
    """What the person is told when the partner says that it is full; None when no text goes to them."""
    patient = session.get_one(Patient, referral.patient_id)
    if patient.phone is None:
        return None
    other = next_partner(session, referral)
    offer = compose_offer(session, settings, patient, other, referral) if other else None
    return offer or _sorry(session, settings, referral, patient)


def _sorry(session: Session, settings: Settings, referral: Referral, patient: Patient) -> Composed | None:
    key = find_purpose(referral.purpose).texts.about_a_partner("partner_full")
    practice = session.get_one(Practice, referral.practice_id)
    values = purpose_values(practice, session.get_one(Partner, referral.partner_id), key)
    try:
        return load_wordings(session, settings, key).compose(key, patient.language, values)
    except NotApprovedError:
        return None


def offer_another(session: Session, settings: Settings, referral: Referral) -> bool:
    """Ask the person about the next partner of the campaign that has a place; whether that could be done."""
    patient, other = session.get_one(Patient, referral.patient_id), next_partner(session, referral)
    if other is None or compose_offer(session, settings, patient, other, referral) is None:
        return False
    proposal = open_proposal(session, patient=patient, partner=other, purpose=referral.purpose, instead_of=referral)
    ask_by_text(session, settings, proposal, patient)
    return True


def tell_of_full_partner(session: Session, settings: Settings, referral: Referral) -> None:
    """The person hears that there is no place, and staff look for other help."""
    patient = session.get_one(Patient, referral.patient_id)
    practice = session.get_one(Practice, referral.practice_id)
    tell(session, settings, referral, patient, practice, "partner_full")
    hand_to_staff(session, patient, PARTNER_FULL)


def hand_to_staff(session: Session, patient: Patient, reason: str) -> None:
    """Put a person before the staff of their practice, without a message of theirs."""
    known_reason(reason)
    session.add(
        InboxItem(
            practice_id=patient.practice_id,
            patient_id=patient.id,
            phone=patient.phone or "",
            reason=reason,
            opened_at=utc_now(),
        )
    )


def tell(
    session: Session, settings: Settings, referral: Referral, patient: Patient, practice: Practice, role: str
) -> None:
    """Text the person about their referral, once; somebody whose number is gone is not texted."""
    if patient.phone is None:
        return
    text_key = find_purpose(referral.purpose).texts.about_a_partner(role)
    queue_text(
        session,
        settings,
        text_key=text_key,
        language=patient.language,
        values=partner_values(session.get_one(Partner, referral.partner_id), text_key),
        phone=patient.phone,
        practice=practice,
        patient_id=patient.id,
        subject=about_referral(referral),
        dedupe_key=f"{text_key}:{referral.id}",
    )
