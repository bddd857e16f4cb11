"""What has no wording approval goes with a release of exactly these words, or not at all; and one road leads there."""

import ast
from itertools import product

import pytest
from sqlalchemy import delete

from bot.database import Database
from bot.messaging.outbox import Release, own_words, queue_free_text
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.free_texts import FreeTextRelease
from bot.tables.messaging import Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.wording import body_digest
from tests.factories import make_account
from tests.messaging.helpers import approve, change, claim, inbox, live, queue_kind, reload
from tests.test_structure import of_the_service

BODY, OTHER = "Station Practice: please bring your letter.", "Station Practice: please do not come."


def queue_own(db: Database, practice: Practice, patient: Patient, body: str = BODY) -> Message:
    """Somebody let these words go."""
    account = make_account(db, Role.PRACTICE, practice=practice)
    with db.write() as session:
        return queue_free_text(
            session,
            own_words(body, "en"),
            Release(account.id or 0, ("numbers",), True, None),
            phone=patient.phone or "",
            practice=practice,
            patient_id=patient.id,
            automatic=False,
        )


@pytest.mark.parametrize("earnest", [False, True])
def test_words_that_were_let_go_are_claimed(
    db: Database, settings: Settings, practice: Practice, alice: Patient, earnest: bool
) -> None:
    message = queue_own(db, practice, alice)
    assert [claimed.message_id for claimed in claim(db, live(settings) if earnest else settings)] == [message.id]


def test_other_words_are_cancelled_and_staff_are_told(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue_own(db, practice, alice)
    change(db, message, body=OTHER)
    assert claim(db, settings) == []
    kept = reload(db, message)
    assert (kept.state, kept.reason) == (State.CANCELLED, "wording-not-approved")
    assert inbox(db) == ["wording-not-approved"]


@pytest.mark.parametrize(
    ("released", "changed", "hashed_again", "keyed"),
    list(product([True, False], repeat=4)),
)
def test_in_live_only_the_released_words_go_whatever_was_changed(
    db: Database,
    settings: Settings,
    practice: Practice,
    alice: Patient,
    released: bool,
    changed: bool,
    hashed_again: bool,
    keyed: bool,
) -> None:
    message = queue_own(db, practice, alice)
    if not released:
        with db.write() as session:
            session.execute(delete(FreeTextRelease))
    if changed:
        change(db, message, body=OTHER)
    if hashed_again:
        change(db, message, wording_digest=body_digest(OTHER))
    if keyed:
        change(db, message, text_key="staff-thank-you")
    goes = released and not (changed or hashed_again or keyed)
    assert bool(claim(db, live(settings))) is goes


def test_a_release_lets_no_wording_of_the_catalogue_go(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue_kind(db, settings, practice, alice, "notice")
    account = make_account(db, Role.PRACTICE, practice=practice)
    release = {"digest": message.wording_digest, "checks": "[]", "back_seen": True, "at": message.created_at}
    with db.write() as session:
        session.add(FreeTextRelease(message_id=message.id, released_by=account.id, **release))
    assert claim(db, live(settings)) == []


def test_an_approval_lets_no_words_of_ones_own_go(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    approve(db, "emergency")
    known = queue_kind(db, settings, practice, alice, "notice")
    message = queue_own(db, practice, alice)
    with db.write() as session:
        session.execute(delete(FreeTextRelease))
    change(db, message, wording_digest=known.wording_digest, language=known.language)
    assert [claimed.message_id for claimed in claim(db, live(settings))] == [known.id]


WRITES = {"insert_row", "insert_unless_known", "insert_many", "insert", "plain_insert", "Message"}


def writers_of_messages() -> set[str]:
    """Functions of the service in which a row of the outbox is made."""
    found = set()
    for module, tree in of_the_service().items():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                name = getattr(call.func, "id", getattr(call.func, "attr", ""))
                makes = name in WRITES and (name == "Message" or any(_is_message(one) for one in call.args))
                if makes:
                    found.add(f"{module}:{function.name}")
    return found


def _is_message(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Name) and argument.id == "Message"


def test_rows_of_the_outbox_are_made_in_few_places_and_one_of_them_takes_words_of_no_catalogue() -> None:
    assert writers_of_messages() == {
        "bot.messaging.outbox:queue_text",
        "bot.messaging.outbox:queue_to_many",
        "bot.messaging.outbox:queue_free_text",
        "bot.messaging.outcomes:_try_once_more",
        "bot.conversations.inbound:_store",
    }


def test_the_one_place_makes_the_release_in_the_same_breath() -> None:
    [function] = [
        node
        for node in ast.walk(of_the_service()["bot.messaging.outbox"])
        if isinstance(node, ast.FunctionDef) and node.name == "queue_free_text"
    ]
    made = [call.args[1].id for call in ast.walk(function) if isinstance(call, ast.Call) and _makes_a_row(call)]
    assert made == ["Message", "FreeTextRelease"]


def _makes_a_row(call: ast.Call) -> bool:
    return getattr(call.func, "id", "") == "insert_row"
