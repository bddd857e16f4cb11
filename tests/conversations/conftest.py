"""A person who was invited, and ways to let them answer and to see what we said."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from bot.database import Database
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Consent, Referral
from bot.tables.patients import OptOut, Patient
from tests.factories import make_partner, make_patient, make_practice, text_in
from tests.messaging.helpers import invite, london, make_campaign, rows, send_all, texts_to, with_changes

MORNING = "2026-11-24 10:05"


@dataclass
class Conversation:
    """One person, their phone, and a campaign of their practice."""

    db: Database
    settings: Settings
    practice: Practice
    partner: Partner
    campaign: Campaign
    clock: time_machine.Traveller
    patient: Patient

    @property
    def phone(self) -> str:
        assert self.patient.phone
        return self.patient.phone

    def person(self, **changes: Any) -> "Conversation":
        """The same campaign with another person."""
        patient = make_patient(self.db, self.practice, **changes)
        return Conversation(self.db, self.settings, self.practice, self.partner, self.campaign, self.clock, patient)

    def invited(self) -> "Conversation":
        invite(self.db, self.settings, self.practice, self.patient, self.campaign)
        return self.sent()

    def sent(self) -> "Conversation":
        """Let everything that is due go out."""
        self.clock.shift(5)
        send_all(self.db, self.settings)
        self.clock.shift(5)
        return self

    def says(self, body: str, **more: Any) -> Message:
        """The person writes, and what we answer goes out."""
        message = text_in(self.db, self.settings, self.phone, body, **more)
        self.sent()
        return message

    def heard(self) -> list[tuple[str | None, str | None]]:
        """Text and language of all that went to the phone."""
        return [(text.text_key, text.language) for text in texts_to(self.db, self.phone)]

    def last(self) -> Message:
        return texts_to(self.db, self.phone)[-1]

    def states(self) -> list[tuple[str, str]]:
        with self.db.read() as session:
            return [(question.kind, question.state) for question in rows(session, OpenQuestion)]

    def all(self, table: Any) -> list[Any]:
        with self.db.read() as session:
            return rows(session, table)

    def answer(self) -> str | None:
        """What the person's answer counts as in the campaign."""
        with self.db.read() as session:
            found = select(CampaignMember.answer).where(col(CampaignMember.patient_id) == self.patient.id)
            return session.exec(found).one()

    def language(self) -> tuple[str | None, str]:
        with self.db.read() as session:
            patient = session.get_one(Patient, self.patient.id)
        return patient.language, patient.language_source

    @property
    def referrals(self) -> list[Referral]:
        return self.all(Referral)

    @property
    def consents(self) -> list[Consent]:
        return self.all(Consent)

    @property
    def opt_outs(self) -> list[OptOut]:
        return self.all(OptOut)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london(MORNING), tick=False) as traveller:
        yield traveller


@pytest.fixture
def talk(db: Database, settings: Settings, clock: time_machine.Traveller) -> Conversation:
    """A person who reads Urdu; nothing was sent yet."""
    practice = make_practice(db)
    partner = make_partner(db, practice, places=1)
    campaign = make_campaign(db, practice, partner)
    patient = make_patient(db, practice, language="ur", phone="+447700900123")
    fast = with_changes(settings, sender_parts_per_second=1000, send_window="08:00-20:00")
    return Conversation(db, fast, practice, partner, campaign, clock, patient)
