"""How fast replies are read, each of them new to the process, against bringing the same ones into plain words."""

import random
import time
from collections.abc import Callable, Sequence

from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import clauses
from tests.benchmarks.databases import Databases
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.understanding import replies_scoring, scoring
from tests.understanding.by_name import read_by_name

_SEED = 1
Text = tuple[str, str, str | None]
"""A text, the recorded language, and the name of the open question."""


def run(_made: Databases, sizes: Sizes) -> Section:
    """Texts of danger and ordinary replies in all languages; the aim of each is 2,000 a second of one processor."""
    kinds = {"texts of danger": _urgent(), "ordinary replies": _ordinary()}
    figures = [_figure(what, _some(texts, sizes.webhooks), sizes.rounds) for what, texts in kinds.items()]
    explained = (
        "Different texts in all languages with lists, each read for the first time, in seconds of one processor once "
        "the lists are loaded; against folding the same texts into plain words, with which reading begins. Aimed at: "
        f"2,000 of either a second. The lists are loaded in {_loading_ms(sizes.rounds):.0f} ms."
    )
    return section_of("reading", "Replies read", explained, figures)


def _urgent() -> list[Text]:
    return [(line.text, line.tag, None) for line in scoring.lines("seen") if line.level == "red"]


def _ordinary() -> list[Text]:
    return [(line.text, line.tag, line.question) for line in replies_scoring.lines("seen")]


def _some(texts: Sequence[Text], most: int) -> list[Text]:
    different = sorted(set(texts), key=repr)
    return random.Random(_SEED).sample(different, min(most, len(different)))


def _figure(what: str, texts: Sequence[Text], rounds: int) -> Figure:
    ours, theirs = side_by_side(rounds, lambda _: apart(_read, texts), lambda _: apart(_fold, texts))
    return Figure(what, f"{len(texts):,} texts", "", "folding into plain words", ours, theirs)


def _read(texts: Sequence[Text]) -> Timed:
    return _timed(texts, lambda text: read_by_name(*text))


def _fold(texts: Sequence[Text]) -> Timed:
    return _timed(texts, lambda text: clauses(text[0]))


def _timed(texts: Sequence[Text], job: Callable[[Text], object]) -> Timed:
    lexicon()
    began = time.process_time()
    for text in texts:
        job(text)
    return len(texts), time.process_time() - began


def _loading_ms(rounds: int) -> float:
    return min(1000 * sample.seconds for sample in (apart(_load) for _ in range(rounds)))


def _load() -> Timed:
    began = time.process_time()
    lexicon()
    return 1, time.process_time() - began
