"""A text from a number of our own is kept and never answered: two robots of ours must not talk to each other."""

import pytest
from sqlmodel import func, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import DEMO_SENDER, Settings
from bot.tables.attention import InboxItem
from bot.tables.messaging import Direction, Message
from bot.tables.organisations import Sender
from bot.tables.patients import OptOut
from tests.factories import make_patient, make_practice, text_in

OTHER = "+441632960002"
BODIES = ["hello", "STOP", "stop texting me please", "chest pain", "1", "help", "START", "9"]


@pytest.mark.parametrize("ours", [DEMO_SENDER, OTHER])
@pytest.mark.parametrize("body", BODIES)
def test_a_text_from_one_of_our_numbers_is_kept_and_nothing_follows(
    db: Database, settings: Settings, ours: str, body: str
) -> None:
    practice = make_practice(db)
    make_patient(db, practice, phone=ours)
    with db.write() as session:
        session.add(Sender(number=OTHER, tokens=10, tokens_at=utc_now()))
    kept = text_in(db, settings, ours, body)
    again = text_in(db, settings, ours, body, sid=kept.sid)
    assert (kept.body, again.id) == (body, kept.id)
    with db.read() as session:
        for row, where in ((Message, Message.direction == Direction.OUT), (OptOut, True), (InboxItem, True)):
            assert session.exec(select(func.count()).select_from(row).where(where)).one() == 0, row


def test_a_text_from_anybody_else_is_answered(db: Database, settings: Settings) -> None:
    make_practice(db)
    text_in(db, settings, "+447700900111", "chest pain")
    with db.read() as session:
        assert session.exec(select(func.count()).where(Message.direction == Direction.OUT)).one() > 0
