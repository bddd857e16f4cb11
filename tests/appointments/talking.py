"""A person with visits, and ways to let them write and to see what they were told."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine
from sqlmodel import col, select

from bot.appointments.joint.booking import book_in
from bot.appointments.joint.finding import Wish
from bot.appointments.subject import VISIT
from bot.audit import SERVICE
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.settings import Settings
from bot.tables.appointments import Clinic, Clinician, Offer, Site, Visit
from bot.tables.attention import InboxItem
from bot.tables.interpreters import Interpreter
from bot.tables.messaging import Direction, Message, OpenQuestion
from bot.tables.organisations import Agency, Practice
from bot.tables.patients import Patient
from tests.appointments.clinics import make_session
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import london, rows, send_all, texts_to

_count = itertools.count()
ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"


def some_code() -> str:
    """A visit code of its own; no check sign is asked for here."""
    number, signs = next(_count), ""
    while len(signs) < 8:
        number, rest = divmod(number, len(ALPHABET))
        signs = ALPHABET[rest] + signs
    return signs


def make_interpreter(db: Database, **changes: Any) -> Interpreter:
    number = next(_count)
    with db.write() as session:
        agency = Agency(code=f"AGENCY{number}", name="Language Line", created_at=utc_now())
        take_code(session, agency.code, "agency")
        session.add(agency)
        session.flush()
        values: dict[str, Any] = {
            "code": f"INT{number}",
            "agency_id": agency.id,
            "name": "Amina Yusuf",
            "sex": "F",
            "created_at": utc_now(),
            "updated_at": utc_now(),
        }
        interpreter = Interpreter(**(values | changes))
        session.add(interpreter)
    return interpreter


@dataclass
class Talk:
    """One person, their phone, and a clinic of their practice."""

    db: Database
    settings: Settings
    clock: time_machine.Traveller
    practice: Practice
    site: Site
    clinic: Clinic
    clinician: Clinician
    patient: Patient

    @property
    def phone(self) -> str:
        assert self.patient.phone
        return self.patient.phone

    def person(self, **changes: Any) -> "Talk":
        """The same clinic with another person."""
        patient = make_patient(self.db, self.practice, **changes)
        others = (self.practice, self.site, self.clinic, self.clinician)
        return Talk(self.db, self.settings, self.clock, *others, patient)

    def opens(self, *hours: str, **changes: Any) -> "Talk":
        """Free times: a day and hours of the wall clock each, such as `2026-12-01 09:00-12:00`."""
        for one in hours:
            day, _, clock = one.partition(" ")
            opens, _, closes = clock.partition("-")
            make_session(self.db, self.clinic, self.clinician, opens, closes, date.fromisoformat(day), **changes)
        return self

    def booked(self, starts: str) -> Visit:
        """A visit as it is really booked, in the clinic's own times, and confirmed."""
        with self.db.write() as session:
            patient = session.get_one(Patient, self.patient.id)
            wish = Wish(patient, session.get_one(Clinic, self.clinic.id))
            visit = book_in(session, self.settings, wish, london(starts).astimezone(UTC), SERVICE)
        self.sent()
        self.clock.shift(60)
        return visit

    def times(self) -> list[str]:
        """What is offered now, by number."""
        with self.db.read() as session:
            offers = session.exec(select(Offer).where(col(Offer.state).in_(("held", "soft"))).order_by(col(Offer.id)))
            return [f"{offer.number} {wall(offer.starts)} {offer.state}" for offer in offers]

    def visits(self) -> list[tuple[str, str]]:
        """This person's visits: when, and how they stand."""
        with self.db.read() as session:
            theirs = select(Visit).where(Visit.patient_id == self.patient.id).order_by(col(Visit.id))
            return [(wall(visit.starts), str(visit.state)) for visit in session.exec(theirs)]

    def visit(self, starts: str, *, minutes: int = 20, **changes: Any) -> Visit:
        """A visit of this person, by the wall clock in London."""
        values: dict[str, Any] = {
            "code": some_code(),
            "practice_id": self.practice.id,
            "patient_id": self.patient.id,
            "clinic_id": self.clinic.id,
            "clinician_id": self.clinician.id,
            "site_id": self.site.id,
            "starts": london(starts),
            "ends": london(starts) + timedelta(minutes=minutes),
            "made_by": "staff",
            "made_at": utc_now(),
            "changed_at": utc_now(),
        }
        with self.db.write() as session:
            visit = Visit(**(values | changes))
            session.add(visit)
        return visit

    def at(self, moment: str) -> "Talk":
        """It is that moment on the wall clock in London."""
        self.clock.move_to(london(moment))
        return self

    def sent(self) -> "Talk":
        """Let everything that is due go out."""
        send_all(self.db, self.settings)
        return self

    def says(self, body: str, **more: Any) -> Message:
        """The person writes, and what we answer goes out."""
        message = text_in(self.db, self.settings, self.phone, body, **more)
        self.clock.shift(5)
        self.sent()
        self.clock.shift(5)
        return message

    def heard(self) -> list[str | None]:
        """The texts that went to the phone, by their keys."""
        return [text.text_key for text in texts_to(self.db, self.phone) if text.attempts]

    def last(self) -> Message:
        return texts_to(self.db, self.phone)[-1]

    def about_visits(self) -> list[tuple[str | None, str, str | None]]:
        """Every text about a visit, sent or not: key, state and reason."""
        with self.db.read() as session:
            texts = select(Message).where(Message.subject_kind == VISIT, Message.direction == Direction.OUT)
            found = session.exec(texts.order_by(col(Message.id))).all()
        return [(text.text_key, text.state, text.reason) for text in found]

    def questions(self) -> list[tuple[str, str]]:
        with self.db.read() as session:
            return [(question.kind, question.state) for question in rows(session, OpenQuestion)]

    def inbox(self) -> list[tuple[str, str | None]]:
        with self.db.read() as session:
            items = session.exec(select(InboxItem).order_by(col(InboxItem.id))).all()
        return [(item.reason, item.urgency) for item in items]

    def all(self, table: Any) -> list[Any]:
        with self.db.read() as session:
            return rows(session, table)

    def now_is(self, visit: Visit) -> Visit:
        """The visit as it stands in the database."""
        with self.db.read() as session:
            return session.get_one(Visit, visit.id)

    def changes(self, visit: Visit, **changes: Any) -> Visit:
        """Change a visit's columns, whatever the rules."""
        with self.db.write() as session:
            row = session.get_one(Visit, visit.id)
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)
        return row


def a_talk(db: Database, settings: Settings, clock: time_machine.Traveller, **person: Any) -> Talk:
    practice = make_practice(db)
    with db.write() as session:
        site = Site(code="MAIN", practice_id=practice.id, name="Station Practice", address="12 Station Road")
        clinician = Clinician(code="NURSE", practice_id=practice.id, name="Nina Nurse", sex="F")
        session.add_all([site, clinician])
        session.flush()
        clinic = Clinic(code="GENERAL", practice_id=practice.id, site_id=site.id, slot_minutes=10, created_at=utc_now())
        session.add(clinic)
    patient = make_patient(db, practice, **({"language": "ur", "phone": "+447700900123"} | person))
    return Talk(db, settings, clock, practice, site, clinic, clinician, patient)


def wall(moment: datetime) -> str:
    """A moment on the wall clock in London, as tests write it."""
    return moment.astimezone(london("2026-01-01 00:00").tzinfo).strftime("%Y-%m-%d %H:%M")
