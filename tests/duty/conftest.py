"""A practice, somebody on its list, phones on duty, and a clock that is moved."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.conversations import exchange
from bot.database import Database
from bot.duty.rota import put_on_duty
from bot.duty.telling import tell_duty
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.understanding.reading import Reading, read_reply
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import london, send_all, texts_to

FIRST, NEXT = "+447700900991", "+447700900992"
EVENING = "2026-11-24 19:52"
CHEST_PAIN = "I have chest pain and cannot breathe"


@dataclass
class Duty:
    """What happens at one practice."""

    db: Database
    settings: Settings
    practice: Practice
    patient: Patient
    clock: time_machine.Traveller

    def on_duty(self, *phones: str, ago: timedelta = timedelta(hours=1)) -> "Duty":
        """These phones are on duty together since then."""
        begins = utc_now() - ago
        for phone in phones:
            put_on_duty(self.db, self.settings, self.practice.code, phone, begins, CONSOLE)
        return self

    def says(self, body: str = CHEST_PAIN, phone: str | None = None) -> Message:
        return text_in(self.db, self.settings, phone or self.patient.phone, body)

    def later(self, **span: float) -> int:
        """Some time goes by, and the clock of the service comes by; gives how many texts it queues."""
        self.clock.shift(timedelta(**span))
        return tell_duty(self.db, self.settings)

    def sent(self) -> "Duty":
        send_all(self.db, self.settings)
        return self

    def told(self, phone: str = FIRST) -> list[str]:
        """What a phone was told."""
        return [text.body for text in texts_to(self.db, phone) if text.kind == "alert"]

    def items(self) -> list[InboxItem]:
        with self.db.read() as session:
            return list(session.exec(select(InboxItem).order_by(col(InboxItem.id))))

    def deeds(self, action: str) -> list[AuditEntry]:
        with self.db.read() as session:
            return list(
                session.exec(select(AuditEntry).where(AuditEntry.action == action).order_by(col(AuditEntry.id)))
            )


@pytest.fixture
def duty(db: Database, settings: Settings) -> Iterator[Duty]:
    with time_machine.travel(london(EVENING), tick=False) as clock:
        practice = make_practice(db)
        yield Duty(db, settings, practice, make_patient(db, practice, language="so"), clock)


@pytest.fixture
def read_as(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let every reply be read with these changes: what a matcher says that finds more."""

    def change(**changes: Any) -> None:
        def read(*given: Any, **named: Any) -> Reading:
            return replace(read_reply(*given, **named), **changes)

        monkeypatch.setattr(exchange, "read_reply", read)

    return change
