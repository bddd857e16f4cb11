"""Compiling takes drafts too, every language, and says which file it could not read."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.texts.compiling import compile_wordings
from bot.texts.wording import WordingError, compiled_path

WritePo = Callable[[str, Mapping[tuple[str, str], str]], Path]


def test_every_language_is_compiled_and_counted(write_po: WritePo) -> None:
    write_po("pl", {("a", "Yes"): "Tak"})
    locales = write_po("pa-Guru", {("a", "Yes"): "ਹਾਂ"})
    assert compile_wordings(locales) == 2
    assert compiled_path("pl", locales).is_file()
    assert compiled_path("pa-Guru", locales).is_file()


def test_no_unfinished_file_is_left(write_po: WritePo) -> None:
    locales = write_po("pl", {("a", "Yes"): "Tak"})
    compile_wordings(locales)
    assert {path.name for path in locales.rglob("*") if path.is_file()} == {"texts.po", "texts.mo"}


def test_a_folder_without_languages_compiles_nothing(tmp_path: Path) -> None:
    assert compile_wordings(tmp_path) == 0


def test_a_file_that_cannot_be_read_is_named(write_po: WritePo) -> None:
    locales = write_po("pl", {("a", "Yes"): "Tak"})
    compiled_path("pl", locales).with_suffix(".po").write_text('msgid "Yes"\n<<<<<<< HEAD', encoding="utf-8")
    with pytest.raises(WordingError, match=r"pl/texts\.po"):
        compile_wordings(locales)
