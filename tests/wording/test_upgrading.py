"""A live service is upgraded while the English of its 999 text changes: what was approved goes on being sent."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Connection, text

from bot.database import Database, unpooled
from bot.migrations.running import migrate
from bot.settings import Settings
from bot.wording.approvals import approve_wordings, unapproved_english, withdraw_approval
from bot.wording.composing import load_wordings
from bot.wording.standing import WordingState, read_standing
from tests.factories import text_in
from tests.messaging.helpers import accept, claim, inbox, reload, texts_to
from tests.postgres import PostgresServer
from tests.test_migrations import NOON, put
from tests.wording.conftest import make_reviewer

OLD_ENGLISH = "Is it an emergency? Call 999. For urgent advice, call 111."
OLD_URDU = "ایمرجنسی ہو تو 999 پر کال کریں۔ فوری مشورے کے لیے 111 پر۔"
PHONE = "+447700900001"


def digest(body: str) -> str:
    return hashlib.sha256(f"{OLD_ENGLISH}\0{body}".encode()).hexdigest()


def fill_at_0013(connection: Connection) -> None:
    """A practice that works, with a person who reads Urdu, and a 999 text that one reviewer has approved."""
    put(connection, "sender", id=1, number="+441632960001", tokens=10.0, tokens_at=NOON)
    put(connection, "organisation", code="STATION", kind="practice")
    practice = {"code": "STATION", "name": "Station Practice", "sender_id": 1, "demo": False, "created_at": NOON}
    put(connection, "practice", id=1, **practice)
    patient = {
        "id": 1, "practice_id": 1, "nhs_number": "9990000018", "surname": "Example", "given_name": "Alex",
        "born": "1960-05-12", "sex": "U", "phone": PHONE, "phone_status": "own", "phone_source": "list",
        "language": "ur", "language_source": "list", "registered": True, "deceased": False, "texting_refused": False,
        "disputed": False, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    put(connection, "patient", **patient)
    account = {"email": "reader@example.org", "name": "Reader", "session_epoch": 0, "active": True, "demo": False}
    put(connection, "user_account", id=1, password_hash="hash", created_at=NOON, **account)
    for id_, (tag, body) in enumerate((("en", OLD_ENGLISH), ("ur", OLD_URDU)), 1):
        words = {"text_key": "emergency", "language": tag, "digest": digest(body), "body": body}
        put(connection, "wording_approval", id=id_, approved_by=1, approved_at=NOON, **words)


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A live database of the version before, brought to the schema of today."""
    url = f"sqlite:///{tmp_path}/live.db"
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.new_database()
    migrate(url, "0013")
    engine = unpooled(url)
    with engine.begin() as connection:
        fill_at_0013(connection)
        if request.param == "postgresql":
            for table in ("user_account", "wording_approval"):
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 10)"))
    engine.dispose()
    migrate(url)
    database = Database(url)
    yield database
    database.dispose()


def test_the_999_text_still_goes_in_the_words_that_were_approved(upgraded: Database, earnest: Settings) -> None:
    with time_machine.travel("2026-11-24 23:30", tick=False):
        text_in(upgraded, earnest, PHONE, "سینے میں درد")
        assert inbox(upgraded) == ["urgent"]
        claims = claim(upgraded, earnest)
        assert {claimed.to for claimed in claims} == {PHONE}
        assert {claimed.body for claimed in claims} == {OLD_URDU, OLD_ENGLISH}
        for claimed in claims:
            accept(upgraded, claimed)
    assert {(sent.language, sent.state) for sent in texts_to(upgraded, PHONE)} == {
        ("ur", "accepted"),
        ("en", "accepted"),
    }


def test_what_was_queued_before_the_upgrade_passes_the_claim_after_it(upgraded: Database, earnest: Settings) -> None:
    text_in(upgraded, earnest, PHONE, "سینے میں درد")
    people = [make_reviewer(upgraded), make_reviewer(upgraded)]
    for person in people:
        approve_wordings(upgraded, ["emergency"], "ur", person)
    assert OLD_URDU in {claimed.body for claimed in claim(upgraded, earnest)}


def test_planning_goes_on_and_the_reviewer_sees_that_the_english_has_changed(
    upgraded: Database, earnest: Settings
) -> None:
    with upgraded.read() as session:
        assert "emergency" not in unapproved_english(session, earnest, ["emergency"])
        standing = read_standing(session, "emergency", "ur")
    assert standing.state == WordingState.CHANGED
    assert standing.in_force
    assert standing.in_force.body == OLD_URDU


def test_the_new_wording_takes_over_once_two_people_stand_by_it(upgraded: Database, earnest: Settings) -> None:
    first, second = make_reviewer(upgraded), make_reviewer(upgraded)
    approve_wordings(upgraded, ["emergency"], "ur", first)
    assert _said(upgraded, earnest) == OLD_URDU
    approve_wordings(upgraded, ["emergency"], "ur", second)
    assert _said(upgraded, earnest) not in (OLD_URDU, None)


def test_taking_it_back_takes_back_what_was_approved_before_too(upgraded: Database, earnest: Settings) -> None:
    text_in(upgraded, earnest, PHONE, "سینے میں درد")
    withdraw_approval(upgraded, "emergency", "ur", make_reviewer(upgraded))
    assert [claimed.body for claimed in claim(upgraded, earnest)] == [OLD_ENGLISH]
    [urdu] = [one for one in texts_to(upgraded, PHONE) if one.language == "ur"]
    assert reload(upgraded, urdu).reason == "wording-not-approved"
    assert _said(upgraded, earnest) is None


def test_a_wording_whose_text_has_other_slots_today_is_not_sent(
    upgraded: Database, earnest: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.wording.in_force.slots_in", lambda body: {"practice"})
    assert _said(upgraded, earnest) is None


def _said(db: Database, settings: Settings) -> str | None:
    with db.read() as session:
        allowed = load_wordings(session, settings, "emergency").allowed("emergency", "ur")
    return allowed.body if allowed else None
