"""The child that translates: whatever a model does there, its parent gets an answer, and no child is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.translation.apart import EngineApart, engine_apart
from bot.translation.engines import EngineFailed, Model, ModelUnusable, TimedOut
from tests.translation.helpers import TO_ENGLISH, TO_URDU, unpacked
from tests.translation.stand_in_child import COMMAND
from tests.world import wait_until

ROOT = Path(__file__).resolve().parents[2]
MODEL = Model("en", "ur", "0.1", "a" * 64, "b" * 64, "translate-en_ur")


@pytest.fixture(autouse=True)
def from_the_project(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def engine() -> Iterator[EngineApart]:
    engine = EngineApart(COMMAND, seconds=2.0)
    yield engine
    engine.close()


def texts(engine: EngineApart, *sentences: str) -> list[str]:
    return [translated.text for translated in engine.translate(MODEL, sentences)]


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_batch_comes_back_in_order_and_the_child_stays(engine: EngineApart) -> None:
    assert texts(engine, "one", "two", "three") == ["eno", "owt", "eerht"]
    child = engine.child_id
    assert texts(engine, "مجھے") == ["ےھجم"]
    assert engine.child_id == child


def test_nothing_is_started_for_nothing(engine: EngineApart) -> None:
    assert engine.translate(MODEL, []) == []
    assert engine.child_id is None


def test_a_model_that_hangs_is_killed_and_the_next_text_goes_on(engine: EngineApart) -> None:
    texts(engine, "one")
    child = engine.child_id
    with pytest.raises(TimedOut):
        texts(engine, "hang")
    assert not is_alive(child or 0)
    assert texts(engine, "one") == ["eno"]


def test_a_model_that_dies_takes_nothing_with_it(engine: EngineApart) -> None:
    with pytest.raises(EngineFailed):
        texts(engine, "die")
    assert texts(engine, "one") == ["eno"]


def test_a_model_that_eats_memory_gets_no_more(engine: EngineApart) -> None:
    with pytest.raises(EngineFailed):
        texts(engine, "eat")
    assert texts(engine, "one") == ["eno"]


def test_what_a_library_prints_is_no_answer(engine: EngineApart) -> None:
    assert texts(engine, "print") == ["tnirp"]


def test_an_error_tells_its_name_and_not_the_text(engine: EngineApart, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineFailed, match=r"^ValueError$"):
        texts(engine, "secret: chest pain")
    engine.close()
    assert "chest pain" not in "".join(capfd.readouterr())


def test_a_model_that_is_not_what_was_installed_is_named(engine: EngineApart) -> None:
    with pytest.raises(ModelUnusable) as refused:
        texts(engine, "altered")
    assert (refused.value.model, refused.value.fault) == (MODEL, "changed")


def test_whoever_waits_may_end_it(engine: EngineApart) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    engine.while_waiting = stop
    with pytest.raises(KeyboardInterrupt):
        texts(engine, "slow")
    assert engine.child_id is None


@pytest.mark.parametrize("words", ["idle", "hang"])
def test_the_child_ends_with_its_parent_however_that_ends(words: str) -> None:
    parent = f"""
from bot.translation.apart import EngineApart
from tests.translation.stand_in_child import COMMAND
from tests.translation.test_apart import MODEL
engine = EngineApart(COMMAND, seconds=600)
engine.translate(MODEL, ["one"])
print(engine.child_id, flush=True)
engine.translate(MODEL, ["hang"]) if {words!r} == "hang" else __import__("time").sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    wait_until(lambda: not is_alive(child), within=10)


def test_the_child_has_no_key_and_no_database_in_its_environment(
    engine: EngineApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setenv("ARGOS_DEBUG", "1")
    texts(engine, "one")
    environment = Path(f"/proc/{engine.child_id}/environ").read_text()
    assert "SECRET_KEY" not in environment
    assert "ARGOS_DEBUG" not in environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("argos")


@pytest.fixture
def argos(settings: Settings, folder: Path) -> Iterator[EngineApart]:
    """The real thing, with the two packages for tests and a stray folder as file systems have them."""
    (folder / "lost+found").mkdir(exist_ok=True)
    (folder / "notes.txt").write_text("stray")
    engine = engine_apart(settings.model_copy(update={"argos_packages_dir": str(folder)}))
    yield engine
    engine.close()


def test_argos_translates_what_the_packages_were_trained_for(argos: EngineApart, folder: Path) -> None:
    to_english, to_urdu = unpacked(folder, TO_ENGLISH), unpacked(folder, TO_URDU)
    [fever, pain] = argos.translate(to_english, ["مجھے بخار ہے", "میرے سینے میں درد ہے"])
    assert (fever.text, pain.text) == ("I have a fever", "I have chest pain")
    assert -0.5 < fever.score < 0
    [told] = argos.translate(to_urdu, ["Dear [1], your appointment is on [2] at [3]."])
    assert [token for token in ("[1]", "[2]", "[3]") if token in told.text] == ["[1]", "[2]", "[3]"]


def test_a_sentence_longer_than_a_model_knows_places_for_goes_in_pieces(argos: EngineApart, folder: Path) -> None:
    [made] = argos.translate(unpacked(folder, TO_URDU), ["I have a fever and " * 100])
    assert made.text.count("بخار") > 3


def test_a_model_whose_files_are_gone_changed_or_no_model_is_not_loaded(argos: EngineApart, folder: Path) -> None:
    model = unpacked(folder, TO_URDU)
    for wrong, fault in ((replace(model, contents="0" * 64), "changed"), (replace(model, folder="gone"), "missing")):
        with pytest.raises(ModelUnusable) as refused:
            argos.translate(wrong, ["I have a fever"])
        assert refused.value.fault == fault


def test_live_loads_no_model_that_was_trained_for_tests(settings: Settings, folder: Path) -> None:
    live = engine_apart(settings.model_copy(update={"argos_packages_dir": str(folder), "mode": "live"}))
    try:
        with pytest.raises(ModelUnusable) as refused:
            live.translate(unpacked(folder, TO_URDU), ["I have a fever"])
    finally:
        live.close()
    assert refused.value.fault == "trial"
    assert os.environ.get("XDG_DATA_HOME") is None or "argos-" not in os.environ["XDG_DATA_HOME"]
