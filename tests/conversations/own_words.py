"""Texts in own words: a person who wrote, models, and a translator whose outcome the test chooses."""

from typing import Any

from sqlmodel import col, select

from bot.clock import utc_now
from bot.conversations.free_texts import Typed, ask_for_free_text, find_free_text
from bot.conversations.letting_go import send_free_text, send_own_words
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.free_texts import FreeTextRelease
from bot.tables.messaging import Direction, Message
from bot.tables.patients import Patient
from bot.tables.translation import LanguageSwitch, Translation
from bot.texts.wording import body_digest
from bot.translation.claiming import claim_translations, record_result
from bot.translation.pipeline import Result
from tests.accounts.conftest import World
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import make_patient
from tests.translation.helpers import make_model

WORDS = "Please bring your letter with you. We will see you at the desk."
URDU = "براہ کرم اپنا خط ساتھ لائیں۔ ہم آپ سے ڈیسک پر ملیں گے۔"
NAMES = ("slots", "numbers", "negation", "round-trip")
GOOD = Result(
    text=URDU,
    back="Please bring your letter along. We will meet you at the desk.",
    checks=tuple({"check": name, "ok": True, "why": ""} for name in NAMES),
    ok=True,
    model="en-ur 0.1 a4d0fe4e",
    score=-0.1,
)
WHY = "The “not” of “Do not come.” is missing from the translation."
STOPPED = Result(
    text=URDU,
    back="Come.",
    checks=({"check": "numbers", "ok": True, "why": ""}, {"check": "negation", "ok": False, "why": WHY}),
    ok=False,
    model="en-ur 0.1 a4d0fe4e",
    score=-0.1,
)


def reader(db: Database, world: World, language: str | None = "ur", body: str = "?", **changes: Any) -> int:
    """A person who reads a language has written; gives the item. Urdu has a model each way."""
    if language == "ur":
        make_model(db)
        make_model(db, "ur", "en")
    values: dict[str, Any] = {"phone": PHONE, "given_name": "Halina", "surname": "Example", "language": language}
    values |= changes
    person = make_patient(db, world.practice, **values)
    return write_in(db, world.practice, body, phone=values["phone"], patient_id=person.id)


def newest(db: Database) -> int:
    with db.read() as session:
        return max(message.id or 0 for message in session.exec(select(Message)))


def ask_for(db: Database, settings: Settings, world: World, item: int, words: str = WORDS, **typed: Any) -> int:
    """A colleague has words translated; gives the number of the translation."""
    given = Typed(words, **({"seen": newest(db)} | typed))
    actor = actor_of(world.accounts[Role.PRACTICE])
    return ask_for_free_text(db, settings, item, world.practice.id or 0, given, actor)


def translated(db: Database, number: int, result: Result = GOOD) -> int:
    """The translator has come to it, and this came of it."""
    [claim] = [claim for claim in claim_translations(db, 10, 60) if claim.id == number]
    assert record_result(db, claim, result)
    return number


def let_go(db: Database, settings: Settings, world: World, item: int, number: int, **how: Any) -> Message:
    """A colleague has read the back-translation, and sends it."""
    values: dict[str, Any] = {"read": True, "shown": shown(db, settings, world, item, number), "finish": False}
    actor = actor_of(world.accounts[how.pop("by", Role.PRACTICE)])
    return send_free_text(db, settings, item, world.practice.id or 0, number, actor, **(values | how))


def shown(db: Database, settings: Settings, world: World, item: int, number: int) -> str:
    """The digest of what the page shows."""
    with db.read() as session:
        found = find_free_text(session, settings, world.practice, item, number)
    return found.ready.words.digest if found and found.ready else ""


def send_english(db: Database, settings: Settings, world: World, item: int, words: str = WORDS, **how: Any) -> Message:
    """A colleague writes to a reader of English."""
    typed = Typed(words, newest(db))
    actor = actor_of(world.accounts[Role.PRACTICE])
    digest = body_digest(f"{world.practice.name}: {words}")
    values: dict[str, Any] = {"read": True, "shown": digest, "finish": False}
    return send_own_words(db, settings, item, world.practice.id or 0, typed, actor, **(values | how))


def a_free_text(db: Database, settings: Settings, world: World) -> tuple[int, Message]:
    """An item with a text that was written, translated, read back and let go."""
    item = reader(db, world)
    return item, let_go(db, settings, world, item, translated(db, ask_for(db, settings, world, item)))


def release_of(db: Database, message: Message) -> FreeTextRelease:
    with db.read() as session:
        return session.get_one(FreeTextRelease, message.id)


def releases(db: Database) -> list[FreeTextRelease]:
    with db.read() as session:
        return list(session.exec(select(FreeTextRelease).order_by(col(FreeTextRelease.message_id))))


def outgoing(db: Database) -> list[Message]:
    with db.read() as session:
        ours = select(Message).where(Message.direction == Direction.OUT)
        return list(session.exec(ours.order_by(col(Message.id))))


def switch_on(db: Database, *languages: str) -> None:
    """A person has scored these languages and switched them on."""
    with db.write() as session:
        session.add_all(LanguageSwitch(language=tag, on=True, changed_at=utc_now()) for tag in languages)


def change_translation(db: Database, number: int, **changes: Any) -> None:
    with db.write() as session:
        row = session.get_one(Translation, number)
        for name, value in changes.items():
            setattr(row, name, value)
        session.add(row)


def person_of(db: Database) -> Patient:
    with db.read() as session:
        return session.exec(select(Patient).where(Patient.phone == PHONE)).first() or Patient()
