"""A pharmacy linked to a practice, and what it says to people, in short words for tests."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlmodel import Session, col, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.following import follow_texts
from bot.pharmacy.notices.gathering import say_gathered
from bot.pharmacy.notices.giving import give_notice
from bot.pharmacy.notices.states import notice_as_json
from bot.settings import Settings
from bot.tables.messaging import Direction, Message, State
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind
from tests.factories import make_patient, make_practice, phone_of_its_own, text_in
from tests.messaging.helpers import send_all
from tests.pharmacy.organising.making import make_pharmacy

READY = NoticeKind.READY


class Town:
    """A practice, a pharmacy, and one person who reads Polish."""

    def __init__(self, db: Database, settings: Settings, clock: time_machine.Traveller, **pharmacy: Any) -> None:
        self.db, self.settings, self.clock = db, settings, clock
        self.practice: Practice = make_practice(db)
        self.pharmacy: Pharmacy = make_pharmacy(db, self.practice, **pharmacy)
        self.people = 0
        self.person = self.somebody()

    def somebody(self, **changes: Any) -> Patient:
        """One more person of the practice."""
        self.people += 1
        values: dict[str, Any] = {"phone": phone_of_its_own(self.people), "language": "pl"}
        return make_patient(self.db, self.practice, **(values | changes))

    def says(self, kind: str = READY, person: Patient | None = None, **more: Any) -> Notice:
        """The pharmacy says something to a person, by its own system unless told."""
        values: dict[str, Any] = {"source": "api", "actor": CONSOLE, "now": utc_now()}
        with self.db.write() as session:
            pharmacy = session.get_one(Pharmacy, self.pharmacy.id)
            whom = session.get_one(Patient, (person or self.person).id)
            return give_notice(session, self.settings, pharmacy, whom, kind, **(values | more))

    def wire(self, kind: str = READY, person: Patient | None = None) -> Notice:
        """The NHS wire says how everything of a person stands."""
        return self.says(kind, person, source="wire")

    def later(self, **time: float) -> "Town":
        """So much later, all that is due has gone, and notices know what became of their texts."""
        self.clock.shift(timedelta(**time))
        say_gathered(self.db, self.settings)
        send_all(self.db, self.settings)
        follow_texts(self.db, self.settings)
        self.clock.shift(1)
        return self

    def writes(self, body: str, person: Patient | None = None) -> None:
        """A person answers."""
        text_in(self.db, self.settings, (person or self.person).phone, body)

    def said(self, person: Patient | None = None) -> list[str | None]:
        """The texts to a person by name, cancelled ones left out."""
        return [text.text_key for text in self.texts(person) if text.state != State.CANCELLED]

    def stands(self, notice: Notice) -> dict[str, Any]:
        """A notice as programs read it."""
        with self.db.read() as session:
            return notice_as_json(session, session.get_one(Notice, notice.id))

    def fresh(self, notice: Notice) -> Notice:
        """A notice as it is kept now."""
        with self.db.read() as session:
            return session.get_one(Notice, notice.id)

    def texts(self, person: Patient | None = None) -> list[Message]:
        """All that was queued to a person."""
        with self.db.read() as session:
            return texts_to(session, person or self.person)

    def notices(self) -> list[Notice]:
        """All notices, the oldest first."""
        with self.db.read() as session:
            return list(session.exec(select(Notice).order_by(col(Notice.id))))


def texts_to(session: Session, person: Patient) -> list[Message]:
    """All that was queued to a person, the oldest first."""
    theirs = select(Message).where(Message.patient_id == person.id, Message.direction == Direction.OUT)
    return list(session.exec(theirs.order_by(col(Message.id))))
