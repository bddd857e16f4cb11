"""The translator's queue: claimed by one, recorded once, and let go with the text it belongs to."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, select

from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.operations.retention import erase_old_words
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.translation import Failure, LanguageSwitch, Translation, TranslationState
from bot.translation.claiming import (
    _due,
    anything_due,
    claim_translations,
    give_back,
    oldest_waiting,
    record_result,
    renew_claims,
)
from bot.translation.erasing import erase_old_translations
from bot.translation.pipeline import Result
from bot.translation.requests import can_translate, is_on
from tests.factories import make_patient, make_practice, text_in
from tests.translation.helpers import ask, make_model, row

DONE = Result(text="مجھے بخار ہے", back="I have a fever", checks=({"check": "copy", "ok": True, "why": ""},), ok=True)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The translations that capabilities were told of."""
    heard: list[int | None] = []

    def hear(_session: Session, translation: Translation) -> None:
        heard.append(translation.id)

    brought = in_use().bring

    def bring(socket: str) -> tuple[Any, ...]:
        return (hear,) if socket == "after_translation" else brought(socket)

    monkeypatch.setattr(in_use(), "bring", bring)
    return heard


def let_the_lease_run_out(db: Database) -> None:
    with db.write() as session:
        session.execute(update(Translation).values(lease_until=utc_now() - timedelta(seconds=1)))


def test_what_is_asked_for_is_claimed_once_and_the_free_text_first(db: Database) -> None:
    gist, free_text = ask(db), ask(db, purpose="free-text", back=True, kept=("Station Practice",))
    first, second = claim_translations(db, 10, 60)
    assert [first.id, second.id] == [free_text, gist]
    assert (first.wanted.kept, first.wanted.back) == (("Station Practice",), True)
    assert claim_translations(db, 10, 60) == []
    assert not anything_due(db)


def test_translators_that_claim_at_the_same_time_have_no_row_in_common(db: Database) -> None:
    for _ in range(40):
        ask(db)
    together = threading.Barrier(4)

    def claim() -> list[int]:
        together.wait()
        return [claimed.id for _ in range(3) for claimed in claim_translations(db, 5, 60)]

    with ThreadPoolExecutor(4) as pool:
        claimed = [each for future in [pool.submit(claim) for _ in range(4)] for each in future.result()]
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= 20


def test_an_outcome_is_recorded_with_what_follows_from_it(db: Database, told: list[int]) -> None:
    asked = ask(db)
    [claim] = claim_translations(db, 1, 60)
    assert record_result(db, claim, DONE)
    found = row(db, asked)
    assert (found.state, found.text, found.back, found.ok) == ("done", DONE.text, DONE.back, True)
    assert json.loads(found.checks or "") == list(DONE.checks)
    assert told == [asked]


def test_an_outcome_that_cannot_be_followed_up_is_not_recorded(
    db: Database, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(db)
    [claim] = claim_translations(db, 1, 60)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(in_use(), "bring", lambda _socket: (fail,))
    with pytest.raises(RuntimeError):
        record_result(db, claim, DONE)
    assert row(db, asked).state == TranslationState.WORKING


def test_what_a_killed_translator_held_goes_to_the_next_and_is_recorded_once(db: Database, told: list[int]) -> None:
    asked = ask(db)
    [of_the_killed] = claim_translations(db, 1, 60)
    let_the_lease_run_out(db)
    [of_the_next] = claim_translations(db, 1, 60)
    assert of_the_next.id == of_the_killed.id
    assert not record_result(db, of_the_killed, Result(text="late"))
    assert record_result(db, of_the_next, DONE)
    assert not record_result(db, of_the_next, Result(text="twice"))
    assert row(db, asked).text == DONE.text
    assert told == [asked]


def test_a_claim_that_is_renewed_stays(db: Database) -> None:
    ask(db)
    claims = claim_translations(db, 1, 60)
    let_the_lease_run_out(db)
    renew_claims(db, claims, 60)
    assert claim_translations(db, 1, 60) == []


def test_what_is_given_back_is_nobodys_and_counts_as_not_tried(db: Database) -> None:
    asked = ask(db)
    give_back(db, claim_translations(db, 1, 60))
    assert (row(db, asked).state, row(db, asked).attempts) == ("queued", 0)
    give_back(db, [])


def test_since_when_the_oldest_waits(db: Database) -> None:
    with db.read() as session:
        assert oldest_waiting(session) is None
    asked = ask(db)
    with db.read() as session:
        assert oldest_waiting(session) == row(db, asked).requested_at


def test_english_is_the_way_between_two_languages_that_have_no_model_together(db: Database) -> None:
    make_model(db, "ur", "en")
    make_model(db, "en", "pl")
    with db.read() as session:
        assert can_translate(session, "ur", "en")
        assert can_translate(session, "ur", "pl")
        assert not can_translate(session, "pl", "ur")
        assert not can_translate(session, "so", "en")


def test_a_model_that_is_not_what_was_installed_is_not_counted_on(db: Database) -> None:
    make_model(db, "ur", "en", fault="changed")
    with db.read() as session:
        assert not can_translate(session, "ur", "en")


def test_a_language_is_on_in_demo_with_a_model_and_in_live_once_a_person_said_so(
    db: Database, settings: Settings
) -> None:
    live = settings.model_copy(update={"mode": "live"})
    make_model(db, "ur", "en")
    with db.write() as session:
        assert is_on(session, settings, "ur")
        assert not is_on(session, settings, "pl")
        assert not is_on(session, live, "ur")
        session.add(LanguageSwitch(language="ur", on=True, changed_at=utc_now()))
        session.flush()
        assert is_on(session, live, "ur")
        assert is_on(session, live, "en")


def test_what_a_machine_made_of_a_text_is_erased_with_it(db: Database, settings: Settings) -> None:
    message = text_in(db, settings, make_patient(db, make_practice(db)).phone, "I cough all night")
    asked, waiting = ask(db, message_id=message.id), ask(db, message_id=message.id, purpose="free-text")
    claim = next(found for found in claim_translations(db, 2, 60) if found.id == asked)
    check = {"check": "numbers", "ok": False, "why": "07700 900123 is missing"}
    record_result(db, claim, Result(text="x", back="y", checks=(check,), ok=False, model="en-ur 0.1 a4d0fe4e"))
    with db.write() as session:
        session.execute(update(Message).values(created_at=utc_now() - timedelta(days=91)))
    erase_old_words(db, settings)
    found = row(db, asked)
    assert (found.source, found.text, found.back, found.ok, found.model) == (
        "",
        None,
        None,
        False,
        "en-ur 0.1 a4d0fe4e",
    )
    assert json.loads(found.checks or "") == [check | {"why": ""}]
    assert found.erased_at is not None
    assert (row(db, waiting).state, row(db, waiting).source) == (TranslationState.FAILED, "")


def test_what_is_erased_while_a_translator_has_it_is_not_written_again(db: Database, settings: Settings) -> None:
    message = text_in(db, settings, make_patient(db, make_practice(db)).phone, "I cough all night")
    asked = ask(db, message_id=message.id)
    [claim] = claim_translations(db, 1, 60)
    with db.write() as session:
        session.execute(update(Message).values(created_at=utc_now() - timedelta(days=91)))
    erase_old_words(db, settings)
    assert not record_result(db, claim, DONE)
    assert row(db, asked).text is None


def test_words_that_belong_to_no_text_go_after_90_days(db: Database, settings: Settings) -> None:
    old, young = ask(db), ask(db)
    with db.write() as session:
        session.get_one(Translation, old).requested_at = utc_now() - timedelta(days=91)
    assert erase_old_translations(db, settings) == 1
    assert (row(db, old).source, row(db, old).failure) == ("", Failure.NOTHING_TO_TRANSLATE)
    assert row(db, young).source == "I have a fever"


def test_what_is_due_is_found_by_its_index(db: Database) -> None:
    """However many translations are done."""
    if not db.is_sqlite:
        pytest.skip("PostgreSQL plans by what is in the table")
    with db.read() as session:
        query = select(Translation.id).where(_due(utc_now()))
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled(session, query)}")).all()
    assert "ix_translation_due" in str(plan)


def compiled(session: Session, query: Any) -> str:
    """A statement with its values written into it, but for those the index does not ask about."""
    words = str(query.compile(session.connection(), compile_kwargs={"literal_binds": False}))
    return words.replace("?", "'2026-11-24'")
