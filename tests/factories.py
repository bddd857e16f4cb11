"""Made-up people and organisations, one call each; every value can be changed by name."""

import itertools
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from bot.clock import utc_now
from bot.conversations.inbound import InboundText, receive_text
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.organisations.codes import take_code
from bot.settings import DEMO_SENDER, Settings
from bot.tables.accounts import Membership, Role, UserAccount
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Agency, Partner, PartnerPractice, Pharmacy, Practice, Sender
from bot.tables.patients import Patient, PatientCode, PhoneStatus

Organisation = Practice | Partner | Agency | Pharmacy
ASTHMA, COPD = "195967001", "13645005"
_count = itertools.count()


def _check_digit(body: int) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(str(body), range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11


_valid = (body for body in itertools.count(999_000_000) if _check_digit(body) != 10)
_numbers: list[str] = []


def nhs_number(index: int) -> str:
    """The index-th valid number that begins with 999, which is never issued to anybody."""
    while len(_numbers) <= index:
        body = next(_valid)
        _numbers.append(f"{body}{_check_digit(body)}")
    return _numbers[index]


def test_phone(index: int) -> str:
    """One of the thousand numbers Ofcom keeps for drama."""
    return f"+447700900{index % 1000:03d}"


def phone_of_its_own(index: int) -> str:
    """One of those numbers that no test names and no cohort has, so that nobody shares it by accident."""
    return test_phone(560 + index % 320)


def first_sender(session: Session) -> Sender:
    sender = session.exec(select(Sender).where(Sender.number == DEMO_SENDER)).first()
    if sender is None:
        sender = Sender(number=DEMO_SENDER, tokens=10, tokens_at=utc_now())
        session.add(sender)
        session.flush()
    return sender


def make_practice(db: Database, code: str = "STATION", **changes: Any) -> Practice:
    with db.write() as session:
        values: dict[str, Any] = {
            "code": code,
            "name": f"{code.title()} Practice",
            "phone": "+441632960100",
            "sender_id": first_sender(session).id,
            "created_at": utc_now(),
        }
        practice = Practice(**(values | changes))
        take_code(session, practice.code, "practice")
        session.add(practice)
    return practice


def make_partner(db: Database, *practices: Practice, code: str = "CAB", places: int = 30, **changes: Any) -> Partner:
    with db.write() as session:
        values: dict[str, Any] = {
            "code": code,
            "name": "Citizens Advice",
            "phone": "+441632960200",
            "places": places,
            "created_at": utc_now(),
        }
        partner = Partner(**(values | changes))
        take_code(session, partner.code, "partner")
        session.add(partner)
        session.flush()
        session.add_all(PartnerPractice(partner_id=partner.id, practice_id=practice.id) for practice in practices)
    return partner


def make_patient(db: Database, practice: Practice, codes: tuple[str, ...] = (COPD,), **changes: Any) -> Patient:
    index = next(_count)
    values: dict[str, Any] = {
        "practice_id": practice.id,
        "nhs_number": nhs_number(index),
        "surname": "Example",
        "given_name": "Alex",
        "born": date(1960, 5, 12),
        "phone": phone_of_its_own(index),
        "phone_status": PhoneStatus.OWN,
        "created_at": utc_now(),
        "updated_at": utc_now(),
    }
    with db.write() as session:
        patient = Patient(**(values | changes))
        session.add(patient)
        session.flush()
        session.add_all(PatientCode(patient_id=patient.id, code=code) for code in codes)
    return patient


def make_account(
    db: Database,
    role: Role,
    *,
    practice: Practice | None = None,
    partner: Partner | None = None,
    agency: Agency | None = None,
    pharmacy: Pharmacy | None = None,
    **changes: Any,
) -> UserAccount:
    """An account with that role in the practice, partner, agency or pharmacy; without one, in the service itself."""
    values: dict[str, Any] = {
        "email": f"{role}-{next(_count)}@example.org",
        "name": f"A {role}",
        "created_at": utc_now(),
    }
    with db.write() as session:
        account = UserAccount(**(values | changes))
        session.add(account)
        session.flush()
        place = practice or partner or agency or pharmacy
        session.add(Membership(user_id=account.id, role=role, organisation=code_of(place)))
    return account


def join(db: Database, account: UserAccount, role: Role, organisation: Organisation | None) -> UserAccount:
    """Give an account another role, in that organisation."""
    with db.write() as session:
        session.add(Membership(user_id=account.id, role=role, organisation=code_of(organisation)))
    return account


def code_of(organisation: Organisation | None) -> str | None:
    """The code of an organisation; None for the service itself."""
    return organisation.code if organisation else None


def text_in(
    db: Database, settings: Settings, phone: str | None, body: str, sid: str | None = None, **changes: Any
) -> Message:
    """A text from a phone to the first sender, as Twilio hands it over; gives it as it was stored."""
    values: dict[str, Any] = {
        "sid": sid or f"SMin{next(_count):028x}",
        "phone": phone,
        "to": DEMO_SENDER,
        "service_sid": None,
        "body": body,
        "opt_out_type": None,
    }
    return receive_text(db, settings, InboundText(**(values | changes)))


def queue_staff_text(
    db: Database, settings: Settings, practice: Practice, patient: Patient, *, at_once: bool = False
) -> Message:
    """A text that a colleague sends from the inbox; `at_once` is their "now"."""
    with db.write() as session:
        return queue_text(
            session,
            settings,
            text_key="staff-thank-you",
            language=patient.language,
            values={"practice": practice.name},
            phone=patient.phone or "",
            practice=practice,
            kind=Kind.NOTICE,
            patient_id=patient.id,
            at_once_until=utc_now() + timedelta(minutes=30) if at_once else None,
            automatic=False,
        )
