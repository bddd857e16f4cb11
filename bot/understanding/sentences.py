"""Whole sentences of danger and of none, as people write them: tables are judged by them, opinions learned from them.

In `locales/<folder>/sentences.txt` a line is `red CATEGORY | text`, `amber | text`, `fine | text` (it only sounds like
danger) or `ordinary | text`. They were written for it: nobody sent them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SENTENCES = "sentences.txt"


class Sentence(NamedTuple):
    """What it is: its level, the kind of danger of a red one (or nothing), its words."""

    level: str
    category: str
    text: str


def sentences_in(path: Path) -> Iterator[Sentence]:
    """The sentences of one file, in its order; none where there is no such file."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            kind, bar, text = line.partition("|")
            if bar and not line.startswith("#"):
                level, _, category = kind.strip().partition(" ")
                yield Sentence(level, category, text.strip())
