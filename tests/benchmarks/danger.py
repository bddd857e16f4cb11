"""How much danger is found, by rules alone and with the second opinion beside them, and what that costs.

The sentences are those of `tests/understanding/danger`; of the scored half nothing but figures is shown.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.opinions.head import LEAST_PRESSING_FIRST, PAGED, RED, Head, kept_head, raised_to
from bot.opinions.pieces import pieces_of
from bot.opinions.vectors import Vectors, model_digest, model_file
from tests.benchmarks.databases import Databases
from tests.benchmarks.reporting import Section
from tests.benchmarks.sizes import Sizes
from tests.understanding.scoring import HALVES, Line, level_of, lines

KINDS = {"red": "danger", "amber": "ambers", "fine": "look-alikes", "ordinary": "ordinary replies"}
CALLED = {"red": (RED,), "red or paged": (RED, PAGED)}
HEADINGS = ("sentences", *(f"{KINDS[kind]} {called}" for kind in KINDS for called in CALLED))
_TEXT = (
    "A share of the sentences of each kind, by rules alone and after the arrow with the second opinion, which raises "
    "and never lowers. Nobody looked at the scored half while words and rules were written, and nothing was learned "
    "from either half; the thresholds of the second opinion were chosen on the seen one. "
)


class Read(NamedTuple):
    """A sentence, what the rules call it, and what it is called with a second opinion."""

    line: Line
    rules: str | None
    both: str | None


def run(made: Databases, sizes: Sizes) -> Section:
    """Both halves, then the scored one by category and by language."""
    took: list[float] = []
    read = {half: list(_read(lines(half), took)) for half in HALVES}
    rows = [_row(f"the {half} half", read[half]) for half in HALVES]
    scored = read["scored"]
    rows += [_row(name, [one for one in scored if one.line.category == name]) for name in _names(scored, "category")]
    rows += [_row(f"`{name}`", [one for one in scored if one.line.tag == name]) for name in _names(scored, "tag")]
    cost = f"A text costs {1000 * sum(took) / len(took):.0f} ms of one core." if took else "The model is missing here."
    return Section("danger", "Danger, by rules and by a second opinion", _TEXT + cost, HEADINGS, rows)


def _read(every: Iterable[Line], took: list[float]) -> Iterator[Read]:
    file, head = model_file(), kept_head()
    able = file is not None and model_digest(file) == head.model
    vectors = Vectors(file) if able and file else None
    for line in every:
        found = level_of(line)
        rules = found if found in LEAST_PRESSING_FIRST else None
        yield Read(line, rules, rules if vectors is None else _both(line, rules, vectors, head, took))


def _both(line: Line, rules: str | None, vectors: Vectors, head: Head, took: list[float]) -> str | None:
    began = time.process_time()
    opinion = head.weigh([vectors.of(piece) for piece in pieces_of(line.text)])
    took.append(time.process_time() - began)
    return raised_to(rules, head.level(opinion)) or rules


def _names(read: Sequence[Read], what: str) -> list[str]:
    return sorted({getattr(one.line, what) for one in read} - {""})


def _row(title: str, read: Sequence[Read]) -> list[str]:
    return [
        title,
        *(_share([one for one in read if one.line.level == kind], called) for kind in KINDS for called in CALLED),
    ]


def _share(read: Sequence[Read], called: str) -> str:
    if not read:
        return ""
    rules = sum(one.rules in CALLED[called] for one in read)
    both = sum(one.both in CALLED[called] for one in read)
    return f"{rules} → {both} of {len(read)}"
