"""What is written down of a language for the understanding of replies."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from bot.texts.languages import LANGUAGES
from bot.understanding.building import DANGER, LISTED
from bot.understanding.lexicon import LOCALES


class Coverage(NamedTuple):
    """How many words and phrases of replies a language has, and for how many concepts of danger it has words."""

    phrases: int
    concepts: int


def coverage_of(tag: str) -> Coverage:
    """What there is of a language, as its files are now; nothing of one without files."""
    folder = LOCALES / LANGUAGES[tag].folder
    listed, danger = _read(folder / LISTED), _read(folder / DANGER)
    phrases = sum(len(entries) for section in listed.values() for entries in section.values())
    return Coverage(phrases, sum(1 for entries in danger.get("concepts", {}).values() if entries))


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
