"""The reply words are kept as plain data, and what was kept counts only while it is what the lists say."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.texts.wording import WordingError
from bot.understanding import compiled
from bot.understanding.building import build
from bot.understanding.compiled import NAME, compile_lists, kept_lists, load_lists, read_from
from bot.understanding.lexicon import LOCALES
from bot.understanding.word_lists import Lexicon

YES = '[words]\nyes = ["tak", "no tak"]\n[urgent]\nred = ["boli serce|klatka"]\n'


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    return a_list(tmp_path, "pl", YES)


def a_list(locales: Path, folder: str, words: str) -> Path:
    (locales / folder).mkdir(exist_ok=True)
    (locales / folder / "replies.toml").write_text(words, encoding="utf-8")
    return locales


def test_what_is_kept_is_what_would_be_made(tmp_path: Path) -> None:
    shutil.copytree(LOCALES, tmp_path, ignore=shutil.ignore_patterns("*.mo", "*.po", NAME), dirs_exist_ok=True)
    assert compile_lists(tmp_path) == len(list(LOCALES.glob("*/replies.toml")))
    made, kept = build(LOCALES), kept_lists(tmp_path)
    assert kept == made
    assert load_lists(tmp_path) == Lexicon.of(made)


def test_without_a_file_the_lists_are_made_in_memory(locales: Path) -> None:
    assert kept_lists(locales) is None
    assert load_lists(locales) == Lexicon.of(build(locales))
    assert not (locales / NAME).exists()


def test_make_compiles_after_a_change_of_anything_they_are_made_from() -> None:
    rules = subprocess.run(["make", "-np", "install"], cwd=LOCALES.parent, capture_output=True, text=True, check=True)
    [watched] = [line for line in rules.stdout.splitlines() if line.startswith(f"locales/{NAME}:")]
    read = {str(path.relative_to(LOCALES.parent)) for path in read_from(LOCALES)}
    assert read <= set(watched.split())


def test_what_one_user_has_compiled_another_may_read(locales: Path) -> None:
    before = os.umask(0o077)  # as every command has it
    try:
        compile_lists(locales)
    finally:
        os.umask(before)
    assert (locales / NAME).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("words", [YES.replace("no tak", "jasne"), ""])
def test_a_list_that_has_changed_since_is_read_again(locales: Path, words: str) -> None:
    compile_lists(locales)
    a_list(locales, "pl", words)
    assert kept_lists(locales) is None
    assert load_lists(locales) == Lexicon.of(build(locales))
    compile_lists(locales)
    assert kept_lists(locales) == build(locales)


def test_a_new_list_makes_what_was_kept_stale(locales: Path) -> None:
    compile_lists(locales)
    assert kept_lists(a_list(locales, "ro", YES)) is None


def test_other_code_or_another_python_makes_it_stale(
    locales: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_lists(locales)
    mended = tmp_path_factory.mktemp("code") / "building.py"
    mended.write_text("# mended", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "read_from", lambda _: [mended])
        assert kept_lists(locales) is None
    monkeypatch.setattr(compiled.sys, "version", "3.99")
    assert kept_lists(locales) is None


@pytest.mark.parametrize("keep", [0, 10, 100])
def test_half_a_file_is_none(locales: Path, keep: int) -> None:
    compile_lists(locales)
    file = locales / NAME
    file.write_bytes(file.read_bytes()[:keep])
    assert kept_lists(locales) is None


def test_a_list_that_cannot_be_read_is_named(locales: Path) -> None:
    a_list(locales, "pl", "<<<<<<< HEAD")
    with pytest.raises(WordingError, match=r"pl/replies\.toml"):
        compile_lists(locales)


def test_the_lists_name_their_danger(locales: Path) -> None:
    lists = load_lists(locales)
    assert {phrase.words for phrase in lists.urgent_beginning("boli")} == {("boli", "serce"), ("boli", "klatka")}
    assert list(lists.urgent_beginning("tak")) == []
