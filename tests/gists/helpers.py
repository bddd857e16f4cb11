"""A translator that answers what a test tells it, and short ways to look at what came of it."""

from typing import Any

from sqlmodel import col, select

from bot.database import Database
from bot.gists.asking import Heard
from bot.gists.showing import Gist, Reader, gists_of
from bot.patients.phone_safety import language_of_all
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message
from bot.tables.patients import Patient
from bot.tables.translation import Translation
from bot.translation.claiming import claim_translations, record_result
from bot.translation.pipeline import Result

FEVER = "مجھے بخار ہے"
HEATER = "گھر میں ہیٹر خراب ہے"
GOOD = ({"check": "numbers", "ok": True, "why": ""},)
BAD = (*GOOD, {"check": "negation", "ok": False, "why": "A “not” of the original is missing here."})
MODEL = "ur-en 0.1 43a4e02a"


def translate(db: Database, english: str | None = "I have a fever", **changes: Any) -> int:
    """Let the translator make this of everything that waits; gives how much that was."""
    values: dict[str, Any] = {"text": english, "checks": GOOD, "ok": True, "model": MODEL}
    claims = claim_translations(db, 100, 60)
    return sum(record_result(db, claim, Result(**(values | changes))) for claim in claims)


def asked(db: Database) -> list[Translation]:
    with db.read() as session:
        return list(session.exec(select(Translation).order_by(col(Translation.id))))


def items(db: Database) -> list[tuple[str, str | None, str]]:
    """Reason, urgency and state of all that came to staff."""
    with db.read() as session:
        found = session.exec(select(InboxItem).order_by(col(InboxItem.id)))
        return [(item.reason, item.urgency, item.state) for item in found]


def newest_item(db: Database) -> InboxItem:
    with db.read() as session:
        return session.exec(select(InboxItem).order_by(col(InboxItem.id).desc())).first()  # type: ignore[return-value]


def heard(db: Database, message: Message) -> Heard:
    """A text as it stands now, with what is recorded for whoever has its phone."""
    with db.read() as session:
        people = session.exec(select(Patient).where(Patient.phone == message.phone)).all()
        now = session.get_one(Message, message.id)
        return Heard(now, session.get(ReplyReading, message.id), language_of_all(people))


def gist_of(db: Database, settings: Settings, message: Message, user_id: int = 0) -> Gist | None:
    """What stands under a text, for somebody of its practice."""
    one = heard(db, message)
    with db.read() as session:
        reader = Reader(message.practice_id or 0, user_id)
        return gists_of(session, settings, [one], reader).get(message.id or 0)
