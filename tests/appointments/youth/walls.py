"""A Saturday clinic for young people with a poster on a wall, and phones that text its code."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import time_machine
from sqlmodel import col, select

from bot.appointments.youth.posters import add_poster, end_poster
from bot.audit import CONSOLE
from bot.clock import london_today
from bot.database import Database
from bot.patients.phone_safety import refresh_phone_safety
from bot.settings import Settings
from bot.tables.appointments import Clinic, PosterStart, Visit
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.appointments.world import make_clinic, make_clinician, make_session, make_site
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import london, rows, send_all, texts_to, with_changes

SATURDAY = date(2026, 11, 28)
TIMES = ("2026-11-28 10:00", "2026-11-28 10:30", "2026-11-28 11:00")
HERS, MOTHERS = "+447700900141", "+447700900142"
BORN = date(2012, 5, 12)
"""14 years old on the day on which tests run."""


@dataclass
class Wall:
    """A practice, its clinic, and the code of the poster."""

    db: Database
    settings: Settings
    clock: time_machine.Traveller
    practice: Practice
    clinic: Clinic
    code: str

    def young(self, **changes: Any) -> Patient:
        """Somebody of the practice, by default a girl of 14 with her mother's number on her record."""
        values: dict[str, Any] = {"born": BORN, "phone": MOTHERS, "given_name": "Aisha", "surname": "Example"}
        made = make_patient(self.db, self.practice, codes=(), **(values | changes))
        self.judged()
        return self.person(made)

    def judged(self) -> None:
        """The nightly look at whose numbers are safe."""
        refresh_phone_safety(self.db, self.practice.id or 0, london_today())

    def person(self, patient: Patient) -> Patient:
        with self.db.read() as session:
            return session.get_one(Patient, patient.id)

    def says(self, body: str, phone: str = HERS, **more: Any) -> Message:
        """A phone writes, and what is answered goes out."""
        message = text_in(self.db, self.settings, phone, body, **more)
        self.clock.shift(5)
        self.sent()
        self.clock.shift(5)
        return message

    def sent(self) -> "Wall":
        send_all(self.db, self.settings)
        return self

    def at(self, moment: str) -> "Wall":
        """It is that moment on the wall clock in London."""
        self.clock.move_to(london(moment))
        return self

    def told(self, phone: str = HERS) -> list[str | None]:
        """What went to a phone, by the keys of the texts."""
        return [text.text_key for text in texts_to(self.db, phone) if text.attempts]

    def last(self, phone: str = HERS) -> str:
        return texts_to(self.db, phone)[-1].body

    def booked(self, number: int = 2, phone: str = HERS, birthday: str = "1205") -> Visit:
        """The whole talk."""
        for body in (f"{self.code} {number}", "1", birthday):
            self.says(body, phone)
        return self.visits()[-1]

    def visits(self) -> list[Visit]:
        with self.db.read() as session:
            return list(session.exec(select(Visit).order_by(col(Visit.id))))

    def starts(self) -> list[PosterStart]:
        with self.db.read() as session:
            return rows(session, PosterStart)

    def inbox(self) -> list[InboxItem]:
        with self.db.read() as session:
            return list(session.exec(select(InboxItem).order_by(col(InboxItem.id))))

    def reasons(self) -> list[str]:
        return [item.reason for item in self.inbox()]

    def ended(self) -> "Wall":
        end_poster(self.db, self.code, CONSOLE)
        return self


def a_wall(db: Database, settings: Settings, clock: time_machine.Traveller) -> Wall:
    """On a Tuesday morning; Saturday's times are free."""
    practice = make_practice(db)
    site = make_site(db, practice, name="Young People's Centre")
    clinic = make_clinic(db, practice, "YOUTH-SAT", site=site, purpose="youth")
    nurse = make_clinician(db, practice)
    make_session(db, clinic, nurse, "sat", "10:00", "12:00")
    code = add_poster(db, clinic.code, [london(moment) for moment in TIMES], CONSOLE).code
    changed = with_changes(settings, sender_parts_per_second=1000, send_window="08:00-20:00")
    return Wall(db, changed, clock, practice, clinic, code)
