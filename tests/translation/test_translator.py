"""The translator at work: what is asked for is translated, recorded and told, whatever its child does."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.translation import Failure, Translation, TranslationModel, TranslationState
from bot.translation.apart import EngineApart
from bot.translation.checking import CheckResult, Pair, check_translation
from bot.translation.claiming import claim_translations
from bot.translation.figures import STUCK_AFTER, translation_faults, translation_figures
from bot.translation.installing import install_package
from bot.translation.restored import set_aside, settle
from bot.translation.translator import Translator
from tests.translation.helpers import TO_ENGLISH, TO_URDU, all_rows, ask, make_model, row
from tests.translation.stand_in_child import COMMAND
from tests.world import wait_until

ROOT = Path(__file__).resolve().parents[2]
ARGOS = [COMMAND[0], "-m", "bot.translation.child"]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(ROOT)
    return settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos"), "lease_seconds": 1.5})


@pytest.fixture
def engine() -> Iterator[EngineApart]:
    engine = EngineApart(COMMAND, seconds=1.5)
    yield engine
    engine.close()


@pytest.fixture
def round_of(db: Database, settings: Settings, engine: EngineApart) -> Callable[[], bool]:
    make_model(db, "en", "ur", token_form="[1]")
    return Translator(db, settings, engine=engine).round


def test_it_does_nothing_and_starts_nothing_while_nothing_is_asked_for(
    round_of: Callable[[], bool], engine: EngineApart
) -> None:
    assert not round_of()
    assert engine.child_id is None


def test_what_is_asked_for_is_translated_and_recorded(db: Database, round_of: Callable[[], bool]) -> None:
    asked = ask(db, "hello there")
    assert round_of()
    found = row(db, asked)
    assert (found.state, found.text, found.failure) == ("done", "ereht olleh", None)
    assert (found.ok, found.model, found.attempts) == (False, "en-ur 0.1 aaaaaaaa", 1)
    assert {check["check"] for check in json.loads(found.checks or "[]")} >= {"slots", "numbers", "script"}
    assert found.claim_ref is None


@pytest.mark.parametrize(
    ("words", "failure"),
    [
        ("please hang", Failure.TIMED_OUT),
        ("please die", Failure.ENGINE_FAILED),
        ("please eat", Failure.ENGINE_FAILED),
        ("👍", Failure.NOTHING_TO_TRANSLATE),
        ("x" * 2001, Failure.TOO_LONG),
        ("سلام", Failure.SAME_LANGUAGE),
    ],
)
def test_a_text_that_cannot_be_translated_says_why_and_the_queue_goes_on(
    db: Database, round_of: Callable[[], bool], words: str, failure: Failure
) -> None:
    good, bad, other = ask(db, "good words"), ask(db, words), ask(db, "more words")
    round_of()
    assert (row(db, bad).state, row(db, bad).failure, row(db, bad).text) == ("failed", failure, None)
    assert [row(db, each).state for each in (good, other)] == ["done", "done"]


def test_a_model_that_is_not_what_was_installed_is_noted_and_told(
    db: Database, settings: Settings, round_of: Callable[[], bool]
) -> None:
    asked = ask(db, "the words were altered")
    round_of()
    assert row(db, asked).failure == Failure.NO_MODEL
    with db.read() as session:
        assert session.exec(select(TranslationModel.fault)).all() == ["changed"]
        [fault] = translation_faults(session, settings)
    assert "en-ur is not used" in fault.line


def test_a_fault_of_ours_in_one_text_takes_no_other_with_it_and_does_not_come_back(
    db: Database, round_of: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(pair: Pair) -> tuple[CheckResult, ...]:
        if "odd" in pair.source:
            raise RuntimeError
        return check_translation(pair)

    monkeypatch.setattr("bot.translation.pipeline.check_translation", check)
    good, odd, other = ask(db, "good words"), ask(db, "odd words"), ask(db, "more words")
    round_of()
    assert (row(db, odd).state, row(db, odd).failure) == ("failed", Failure.ENGINE_FAILED)
    assert [row(db, each).state for each in (good, other)] == ["done", "done"]


def test_a_database_that_is_away_gives_no_text_up(
    db: Database, round_of: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception())

    asked = ask(db, "good words")
    with monkeypatch.context() as patched:
        patched.setattr("bot.translation.translator.renew_claims", away)
        patched.setattr("bot.translation.translator.record_result", away)
        round_of()
    assert row(db, asked).state == TranslationState.WORKING
    with db.write() as session:
        session.execute(update(Translation).values(lease_until=utc_now() - timedelta(seconds=1)))
    round_of()
    assert (row(db, asked).state, row(db, asked).attempts) == ("done", 2)


def test_a_slow_batch_stays_claimed(db: Database, settings: Settings, engine: EngineApart) -> None:
    """A lease of a second and a half holds for the two seconds a batch takes."""
    make_model(db, "en", "ur", token_form="[1]")
    asked = ask(db, "slow words, slow.\nslow.\nslow.")
    slow = EngineApart(COMMAND, seconds=30)
    translator = Translator(db, settings, engine=slow)
    stop = threading.Event()
    thread = threading.Thread(target=translator.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: row(db, asked).state == "working")
        claimed_since: list[int] = []
        wait_until(lambda: claimed_since.extend(c.id for c in claim_translations(db, 5, 60)) or row(db, asked).done_at)
        assert claimed_since == []
    finally:
        stop.set()
        thread.join()


def test_whoever_is_told_to_stop_gives_back_what_it_has_not_finished(db: Database, settings: Settings) -> None:
    make_model(db, "en", "ur", token_form="[1]")
    asked = ask(db, "please hang")
    engine, stop = EngineApart(COMMAND, seconds=60), threading.Event()
    thread = threading.Thread(target=Translator(db, settings, engine=engine).run, args=(stop,))
    thread.start()
    wait_until(lambda: row(db, asked).state == "working" and engine.child_id)
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert (row(db, asked).state, row(db, asked).attempts) == (TranslationState.QUEUED, 0)
    assert engine.child_id is None


def test_it_says_that_it_is_alive(db: Database, settings: Settings, engine: EngineApart) -> None:
    said: list[bool] = []
    Translator(db, settings, engine=engine, alive=lambda: said.append(True)).round()
    assert said == [True]


def test_with_nothing_to_do_it_looks_whether_the_models_are_what_was_installed(
    db: Database, settings: Settings, engine: EngineApart
) -> None:
    install_package(db, settings, TO_URDU, CONSOLE)
    with db.read() as session:
        folder = session.exec(select(TranslationModel.folder)).one()
    (settings.argos_folder / folder / "README.md").write_text("another")
    translator = Translator(db, settings, engine=engine)
    for _ in range(3):
        translator.round()
    with db.read() as session:
        assert session.exec(select(TranslationModel.fault)).one() == "changed"
    assert engine.child_id is None


def test_a_row_left_working_in_a_backup_waits_again(db: Database) -> None:
    asked = ask(db)
    claim_translations(db, 1, 60)
    with db.write() as session:
        assert settle(session) == 0
        assert set_aside(session, ["+447700900123"]) == 0
    assert (row(db, asked).state, row(db, asked).claim_ref) == (TranslationState.QUEUED, None)


def test_a_queue_that_stands_still_is_told(db: Database, settings: Settings) -> None:
    ask(db)
    with db.read() as session:
        assert list(translation_faults(session, settings)) == []
    with db.write() as session:
        session.execute(update(Translation).values(requested_at=utc_now() - STUCK_AFTER - timedelta(seconds=5)))
    with db.read() as session:
        [fault] = translation_faults(session, settings)
    assert fault.line == "A text has waited 5 minutes for the translator."


def test_figures_count_and_hold_no_word(db: Database, round_of: Callable[[], bool]) -> None:
    ask(db, "I have chest pain")
    ask(db, "👍")
    round_of()
    with db.read() as session:
        figures = {each.name: each.samples for each in translation_figures(session)}
    states = {(s.labels["purpose"], s.labels["state"]): s.value for s in figures["translations"]}
    assert states == {("gist", "done"): 1, ("gist", "failed"): 1}
    assert [s.labels["reason"] for s in figures["translations_failed"]] == ["nothing-to-translate"]
    assert [(s.labels, s.value) for s in figures["translation_model_used"]] == [({"from": "en", "to": "ur"}, 1)]
    assert "chest" not in str(figures)


def test_argos_translates_from_the_queue_what_it_was_trained_for(
    db: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    for package in (TO_ENGLISH, TO_URDU):
        install_package(db, settings, package, CONSOLE)
    gist = ask(db, "مجھے بخار ہے", source="ur", target="en")
    told = ask(db, "Your appointment is on Thursday 3 December 2026 at 9am.", purpose="free-text", back=True)
    engine = EngineApart([*ARGOS, str(settings.argos_folder), "demo"], seconds=20)
    try:
        Translator(db, settings, engine=engine).round()
    finally:
        engine.close()
    assert (row(db, gist).text, row(db, gist).ok) == ("I have a fever", True)
    assert row(db, told).ok
    assert row(db, told).back == "Your appointment is on Thursday 3 December 2026 at 9am."
    assert "بخار" not in caplog.text
    assert [each.model for each in all_rows(db)] == ["ur-en 0.1 43a4e02a", "en-ur 0.1 a4d0fe4e"]
