"""How well danger is told from what is none: by language and by category, over sentences written for it.

`python -m tests.understanding.scoring [--half seen|scored|written] [--missed] [TAG …]`. The sentences stand in
danger/<tag>.<half>.txt beside this, those of `written` in `locales/<folder>/sentences.txt`; bot/understanding/sentences
says what a line means. Nobody who writes the concept table of a language writes, or looks at, its `scored` half.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bot.texts.languages import LANGUAGES
from bot.texts.wording import LOCALES_DIR
from bot.understanding.reading import danger_in
from bot.understanding.sentences import SENTENCES, sentences_in

FOLDER = Path(__file__).with_name("danger")
HALVES = ("seen", "scored")
WRITTEN = "written"
_TITLES = tuple(f"{kind} {how}" for kind in ("amber", "alike", "ordinary") for how in ("red", "or paged"))


class Line(NamedTuple):
    """A sentence, and what it is."""

    tag: str
    level: str
    category: str
    text: str


def written(folder: Path, half: str, tags: Iterable[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """What stands in one half, of these languages or of all: language, first and second word of the kind, text."""
    wanted = set(tags)
    for path in sorted(folder.glob(f"*.{half}.txt")):
        tag = path.name.removesuffix(f".{half}.txt")
        if not wanted or tag in wanted:
            for sentence in sentences_in(path):
                yield tag, *sentence


def lines(half: str, tags: Iterable[str] = ()) -> Iterator[Line]:
    """The sentences of one half, of these languages or of all."""
    if half == WRITTEN:
        return (
            Line(tag, *sentence)
            for tag, language in LANGUAGES.items()
            if not tags or tag in set(tags)
            for sentence in sentences_in(LOCALES_DIR / language.folder / SENTENCES)
        )
    return (Line(*each) for each in written(FOLDER, half, tags))


def score(half: str, tags: Iterable[str], *, missed: bool) -> None:
    """Print what was found, and with `missed` each sentence that was taken for something else."""
    by_tag: dict[str, Counter[str]] = defaultdict(Counter)
    by_category: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines(half, tags):
        found = level_of(line)
        by_tag[line.tag][f"{line.level} {found}"] += 1
        by_tag["all"][f"{line.level} {found}"] += 1
        if line.level == "red":
            by_category[line.category][found] += 1
        right = {"red": ("red",), "amber": ("amber", "paged")}.get(line.level, ("none",))
        if missed and found not in right:
            print(f"{line.tag}\t{line.level} {line.category}\tis {found}\t{line.text}")
    print(f"{'':8}" + "".join(f"{title:>16}" for title in ("red", "or paged", *_TITLES)))
    for tag, found_of in by_tag.items():
        shares = [_share(found_of, "red", "red"), _share(found_of, "red", "red", "paged")]
        for level in ("amber", "fine", "ordinary"):
            shares += [_share(found_of, level, "red"), _share(found_of, level, "red", "paged")]
        print(f"{tag:8}" + "".join(f"{share:>16}" for share in shares))
    for category, found_of in sorted(by_category.items()):
        print(f"{category:16}{found_of['red']:>4} of {found_of.total()}")


def level_of(line: Line) -> str:
    """What the sentence is found to be: red, paged, amber or none."""
    found = danger_in(line.text, line.tag)
    return found[0].level if found else "none"


def _share(found: Counter[str], level: str, *called: str) -> str:
    every = sum(count for name, count in found.items() if name.startswith(f"{level} "))
    return f"{sum(found[f'{level} {name}'] for name in called)}/{every}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=(*HALVES, WRITTEN), default="seen")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("tags", nargs="*")
    asked = parser.parse_args()
    score(asked.half, asked.tags, missed=asked.missed)
