"""A small catalogue of its own, and the shipped wordings compiled outside the tree."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polib
import pytest

from bot.texts.catalogue import Text, load_catalogue
from bot.texts.compiling import compile_wordings
from bot.texts.languages import LANGUAGES
from bot.texts.wording import LOCALES_DIR

VISIT = '''
purpose = "Tell of a visit."
kind = "notice"
cap = 2
text = """
{practice}: come on {date} at {time}.
1 = yes
2 = no
Phone:
{phone}
"""

[slots.practice]
type = "name"
example = "Station Practice"
[slots.date]
type = "date"
example = 2026-12-03
[slots.time]
type = "time"
example = 09:30:00
[slots.phone]
type = "phone"
example = "01632 960101"
'''


@pytest.fixture
def write_text(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write one file of a catalogue and return the folder."""

    def write(key: str, content: str) -> Path:
        folder = tmp_path / "texts"
        folder.mkdir(exist_ok=True)
        (folder / f"{key}.toml").write_text(content, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def visit(write_text: Callable[[str, str], Path]) -> Text:
    return load_catalogue(write_text("visit", VISIT))["visit"]


@pytest.fixture
def write_po(tmp_path: Path) -> Callable[[str, Mapping[tuple[str, str], str]], Path]:
    """Write the PO file of a language, every entry a draft, and return the folder of all languages."""

    def write(tag: str, entries: Mapping[tuple[str, str], str]) -> Path:
        po = polib.POFile()
        po.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
        for (key, source), wording in entries.items():
            po.append(polib.POEntry(msgctxt=key, msgid=source, msgstr=wording, flags=["fuzzy"]))
        folder = tmp_path / "locales" / LANGUAGES[tag].folder / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        po.save(str(folder / "texts.po"))
        return tmp_path / "locales"

    return write


@pytest.fixture(scope="session")
def shipped_locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the shipped PO files, compiled."""
    copy = tmp_path_factory.mktemp("shipped") / "locales"
    shutil.copytree(LOCALES_DIR, copy, ignore=shutil.ignore_patterns("*.mo"))
    compile_wordings(copy)
    return copy
