"""How well replies are understood: by language, over replies written for it.

`python -m tests.understanding.replies_scoring [--half seen|scored] [--missed] [TAG …]`. In replies/<tag>.<half>.txt
beside this a line is `INTENT | text` or `INTENT QUESTION | text`: what `replies read` should make of it, and the
question that is open (a yes or no with none written answers the invitation). Nobody who writes the lists of a language
writes, or looks at, its `scored` half.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bot.understanding.reading import Reading
from tests.understanding.by_name import read_by_name
from tests.understanding.scoring import HALVES, written

FOLDER = Path(__file__).with_name("replies")
ACTED_ON = ("yes", "opt_out", "book", "cancel")
COLUMNS = ("right", "silent wrong", "opt-outs missed", "missed in silence", "clear, to a person")


class Line(NamedTuple):
    """A reply, what it means, and the question it answers if any."""

    tag: str
    intent: str
    question: str | None
    text: str


def lines(half: str, tags: Iterable[str] = ()) -> Iterator[Line]:
    """The replies of one half, of these languages or of all."""
    for tag, intent, question, text in written(FOLDER, half, tags):
        yield Line(tag, intent, question or ("invitation" if intent in ("yes", "no") else None), text)


def is_silently_wrong(line: Line, reading: Reading) -> bool:
    """Whether something is done, and nobody asked, that the reply does not say."""
    return reading.intent != line.intent and reading.intent in ACTED_ON and not reading.doubtful


def score(half: str, tags: Iterable[str], *, missed: bool) -> None:
    """Print the figures by language, and with `missed` each reply that was taken for something else."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    began = time.process_time()
    for line in lines(half, tags):
        reading = read_by_name(line.text, line.tag, line.question).or_likely()
        for tag in (line.tag, "all"):
            counted[tag].update(_counts(line, reading))
        if missed and reading.intent != line.intent:
            alarm = " SILENT" if is_silently_wrong(line, reading) else ""
            asked = f"{line.intent} {line.question or ''}"
            print(f"{line.tag}\t{asked}\tis {reading.intent} {reading.rule}{alarm}\t{line.text}")
    spent = time.process_time() - began
    print(f"{'':8}" + "".join(f"{name:>20}" for name in COLUMNS))
    for tag, found in counted.items():
        print(f"{tag:8}" + "".join(f"{_share(found, name):>20}" for name in COLUMNS))
    print(f"{counted['all']['right of'] / max(spent, 0.001):.0f} replies a CPU-second")


def _counts(line: Line, reading: Reading) -> Counter[str]:
    right, clear, stop = reading.intent == line.intent, line.intent != "none", line.intent == "opt_out"
    outcomes = {
        "right": (True, right),
        "silent wrong": (True, is_silently_wrong(line, reading)),
        "opt-outs missed": (stop, stop and not right),
        "missed in silence": (stop, stop and not right and not reading.to_person),
        "clear, to a person": (clear, clear and reading.to_person),
    }
    counts: Counter[str] = Counter()
    for name, (counts_here, so) in outcomes.items():
        counts[name] += so
        counts[f"{name} of"] += counts_here
    return counts


def _share(found: Counter[str], name: str) -> str:
    return f"{found[name]}/{found[f'{name} of']}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=HALVES, default="seen")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("tags", nargs="*")
    asked = parser.parse_args()
    score(asked.half, asked.tags, missed=asked.missed)
