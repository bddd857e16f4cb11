"""Who is in danger may write little: the same calls, in the fewest and plainest words, are found in every language."""

from collections import Counter
from pathlib import Path

import pytest

from bot.texts.languages import LANGUAGES
from bot.understanding.coverage import coverage_of
from bot.understanding.reading import danger_in

CALLS = [
    tuple(part.strip() for part in line.split("|"))
    for line in Path(__file__).with_name("danger").joinpath("plainest.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_every_language_with_a_table_of_danger_has_the_same_calls() -> None:
    calls = Counter(language for language, _, _ in CALLS)
    assert set(calls) == {tag for tag in LANGUAGES if coverage_of(tag).concepts}
    assert set(calls.values()) == {28}


@pytest.mark.parametrize("language", sorted({language for language, _, _ in CALLS}))
def test_a_call_in_the_plainest_words_is_red(language: str) -> None:
    missed = [
        f"{category}: {text}"
        for tag, category, text in CALLS
        if tag == language and not any(found.level == "red" for found in danger_in(text, tag))
    ]
    assert missed == []
