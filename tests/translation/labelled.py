"""The labelled translations of tests/data/translations, and what the checks make of them."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from bot.translation.checking import Pair, check_translation

FOLDER = Path(__file__).resolve().parents[1] / "data" / "translations"


@dataclass(frozen=True)
class Labelled:
    """A translation with its label: `dangerous` must not reach anybody as it is, and `why` says what is wrong.

    `half` is "tune" (the checks were made with it in sight) or "held"; `origin` is "real" or "planted".
    """

    half: str
    dangerous: bool
    why: str
    origin: str
    pair: Pair

    @property
    def direction(self) -> str:
        return f"{self.pair.source_language} to {self.pair.target_language}"

    @cached_property
    def stopped_by(self) -> frozenset[str]:
        return frozenset(result.check for result in check_translation(self.pair) if not result.ok)


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every row of the set."""
    return tuple(row for path in sorted(FOLDER.glob("*.tsv")) for row in _rows(path))


def _rows(path: Path) -> Iterable[Labelled]:
    source, target = path.stem.split("_")
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            values = tuple(filter(None, row["values"].split("¦")))
            pair = Pair(row["source"], row["text"], source, target, row["back"] or None, float(row["score"]), values)
            yield Labelled(row["half"], row["label"] == "dangerous", row["why"], row["origin"], pair)


def share(stopped: int, of: int) -> float:
    """A share in per cent; of nothing it is 0."""
    return 100 * stopped / of if of else 0.0
