"""How many dangerous translations the checks stop, and how many good ones with them."""

from collections.abc import Sequence, Set

from bot.translation.checking import CHECKS, Pair
from bot.translation.keywords import concepts, lost
from tests.benchmarks.databases import Databases
from tests.benchmarks.reporting import Section
from tests.benchmarks.sizes import Sizes
from tests.translation.labelled import Labelled, labelled, share

HEADINGS = ("what", "rows", "dangerous stopped", "good stopped", "precision", "of the stopped only by it")
HALVES = {"tune": "the half the checks were made with", "held": "the half held back"}


def run(made: Databases, sizes: Sizes) -> Section:
    """Recall, the price of it, and precision: of all checks together, by half, direction and origin, and of each."""
    rows = [(row, row.stopped_by) for row in labelled()]
    lines = [_line("all checks, all rows", rows)]
    lines += [_line(f"all checks, {text}", _of(rows, half=half)) for half, text in HALVES.items()]
    lines += [_line(f"all checks, {way}, held back", _of(rows, half="held", direction=way)) for way in _ways()]
    lines += [_line(f"all checks, {kind} ones, held back", _of(rows, half="held", origin=kind)) for kind in ORIGINS]
    lines += [
        _line(f"all checks, {way}, held back, with few words", _of(_few_words(rows), direction=way)) for way in _ways()
    ]
    lines += [_line(f"`{name}`", rows, name) for name in CHECKS if name != "parts"]
    text = (
        "Outputs of the two small packages of the tests on sentences such as staff and patients write, as they came or "
        "with one error planted, each labelled good or dangerous by hand. The packages were trained for tests and fail "
        "far more often than a real one, on both sides of the scale: the figures compare the checks with each other "
        "and say nothing of another model or language. With few words: had `keyword` for Urdu no more than it has for "
        "the other languages with wording. Aim: dangerous stopped 95% or more, good stopped 20% or less."
    )
    return Section("checks", "Checks of translations", text, HEADINGS, lines)


ORIGINS = ("real", "planted")
Stopped = tuple[Labelled, frozenset[str]]


def _ways() -> list[str]:
    return sorted({row.direction for row in labelled()})


def _of(rows: Sequence[Stopped], **wanted: str) -> list[Stopped]:
    return [found for found in rows if all(getattr(found[0], name) == value for name, value in wanted.items())]


def _few_words(rows: Sequence[Stopped]) -> list[Stopped]:
    """The half held back, had `keyword` for Urdu only the words it has for every worded language."""
    common = concepts("pl").keys()
    return [(row, by - {"keyword"} | _few(row.pair, common)) for row, by in _of(rows, half="held")]


def _few(pair: Pair, common: Set[str]) -> frozenset[str]:
    there = (pair.source_language, pair.target_language)
    gone = {*lost(pair.source, pair.text, *there), *lost(pair.text, pair.source, *reversed(there))}
    return frozenset({"keyword"}) if gone & common else frozenset()


def _line(what: str, rows: Sequence[Stopped], check: str | None = None) -> list[str]:
    stopped = [(row, by) for row, by in rows if (check in by if check else by)]
    caught, false = (sum(row.dangerous is kind for row, _ in stopped) for kind in (True, False))
    dangerous = sum(row.dangerous for row, _ in rows)
    return [
        what,
        str(len(rows)),
        f"{caught} of {dangerous} ({share(caught, dangerous):.1f}%)",
        f"{false} of {len(rows) - dangerous} ({share(false, len(rows) - dangerous):.1f}%)",
        f"{share(caught, len(stopped)):.1f}%",
        "" if check is None else str(sum(len(by) == 1 for _, by in stopped)),
    ]
