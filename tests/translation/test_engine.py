"""What the engine keeps in memory, without Argos: each model is loaded once, and the least used is let go."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.translation import engine
from bot.translation.engine import LONGEST_SENTENCE, ArgosEngine, _pieces
from bot.translation.engines import Model, ModelUnusable, Translated


def model(name: str) -> Model:
    return Model("en", name, "1.0", name, name, name)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of models, in the order in which they were loaded."""
    folders: list[str] = []

    class Loaded:
        def __init__(self, package: Path, _settings: Any) -> None:
            time.sleep(0.01)
            if package.name == "broken":
                raise RuntimeError
            folders.append(package.name)

        def translate(self, sentences: list[str]) -> list[Translated]:
            return [Translated(sentence, 0) for sentence in sentences]

    argos = SimpleNamespace(package=SimpleNamespace(Package=lambda place: place), settings=None)
    monkeypatch.setattr(engine, "_import_argos", lambda _folder: argos)
    monkeypatch.setattr(engine, "_Loaded", Loaded)
    monkeypatch.setattr(engine, "fault_of", lambda *_, **__: None)
    return folders


def test_a_model_is_loaded_once_however_many_ask_at_the_same_time(loaded: list[str]) -> None:
    asked = ArgosEngine(Path("packages"), live=False)
    threads = [threading.Thread(target=asked.translate, args=(model("ur"), ["a"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loaded == ["ur"]


def test_the_model_that_was_not_asked_for_in_the_longest_time_is_let_go(loaded: list[str]) -> None:
    asked = ArgosEngine(Path("packages"), live=False, most_loaded=2)
    for name in ("ur", "pl", "ur", "ar", "ur", "pl"):
        asked.translate(model(name), ["a"])
    assert loaded == ["ur", "pl", "ar", "pl"]


def test_a_model_that_cannot_be_loaded_is_named(loaded: list[str]) -> None:
    with pytest.raises(ModelUnusable) as refused:
        ArgosEngine(Path("packages"), live=False).translate(model("broken"), ["a"])
    assert refused.value.fault == "unreadable"
    assert loaded == []


def test_a_sentence_that_is_too_long_is_cut_before_words_and_loses_nothing() -> None:
    tokens = [f"▁word{at}" if at % 3 == 0 else "s" for at in range(500)]
    pieces = list(_pieces(tokens))
    assert [token for piece in pieces for token in piece] == tokens
    assert max(map(len, pieces)) <= LONGEST_SENTENCE
    assert all(piece[0].startswith("▁") for piece in pieces)
    assert list(_pieces([])) == []
    assert [len(piece) for piece in _pieces(["s"] * 200)] == [LONGEST_SENTENCE, LONGEST_SENTENCE, 40]
