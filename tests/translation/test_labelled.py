"""The checks on real outputs of the two packages of the tests; the figures in full are `make bench BENCH=checks`."""

from collections import Counter

import pytest

from bot.texts.catalogue import SLOT, catalogue
from bot.texts.languages import WORDED
from bot.texts.wording import wording_for
from bot.translation.keywords import lost
from bot.translation.negation import NEGATORS, denies
from bot.translation.splitting import split_sentences
from tests.translation.labelled import Labelled, labelled, share

FEWEST = 300


def stopped(rows: list[Labelled]) -> float:
    """The share of rows that some check stops, in per cent."""
    return share(sum(bool(row.stopped_by) for row in rows), len(rows))


def test_the_set_is_large_has_both_directions_and_halves_and_says_why() -> None:
    rows = labelled()
    assert sum(row.origin == "real" for row in rows) >= FEWEST
    kinds = Counter((row.direction, row.half, row.dangerous) for row in rows)
    assert len(kinds) == 8
    assert min(kinds.values()) >= 30
    assert all(bool(row.why) == row.dangerous for row in rows)


def test_nothing_stands_in_both_halves() -> None:
    halves: dict[str, set[str]] = {}
    for row in labelled():
        halves.setdefault(row.pair.source, set()).add(row.half)
    assert [source for source, found in halves.items() if len(found) > 1] == []


@pytest.mark.parametrize("half", ["tune", "held"])
def test_dangerous_ones_are_stopped_and_most_good_ones_are_not(half: str) -> None:
    rows = [row for row in labelled() if row.half == half]
    assert stopped([row for row in rows if row.dangerous]) >= 95
    assert stopped([row for row in rows if not row.dangerous]) <= 20


def test_every_planted_error_is_found() -> None:
    missed = [(row.why, row.pair.text) for row in labelled() if row.origin == "planted" and not row.stopped_by]
    assert missed == []


def drafts(language: str) -> list[tuple[str, str, str]]:
    """Key, English and draft of every text that has one, slots left out."""
    wordings = ((text, wording_for(key, language)) for key, text in catalogue().items())
    return [(text.key, SLOT.sub("", text.source), SLOT.sub("", found.body)) for text, found in wordings if found]


UNSETTLED = {"so", "sk", "gu", "ta", "ps", "ti", "ckb", "kmr"}
"""What denies there is also something else, or is part of the verb."""


@pytest.mark.parametrize("language", sorted(set(WORDED) - UNSETTLED - {"en"}))
def test_negators_agree_with_what_people_wrote(language: str) -> None:
    assert language in NEGATORS
    cut = [(split_sentences(english), split_sentences(draft)) for _, english, draft in drafts(language)]
    pairs = {pair for ours, theirs in cut if len(ours) == len(theirs) for pair in zip(ours, theirs, strict=True)}
    told = {pair: {denies(pair[0], "en"), denies(pair[1], language)} for pair in pairs}
    wrong = [pair for pair, said in told.items() if said == {True, False}]
    assert len(wrong) <= len(pairs) / 20, wrong  # people turn a sentence round now and then


MEANT = {"only", "before", "after", "Monday", "today", "tomorrow", "stop"}


@pytest.mark.parametrize("language", sorted(set(WORDED) - {"en"}))
def test_words_that_matter_are_found_in_what_people_wrote(language: str) -> None:
    missing = [
        (key, gone)
        for key, english, draft in drafts(language)
        if (gone := MEANT.intersection(lost(english, draft, "en", language)))
    ]
    assert missing == []
