"""A line of a text sent back to us means what it says: "0 = no more texts" ends texts, in every language."""

import re
from collections.abc import Iterator

import pytest

from bot.texts.catalogue import catalogue
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.texts.wording import wording_for
from bot.understanding.lexicon import LOCALES
from bot.understanding.questions import QuestionKind
from bot.understanding.reading import Reading, read_reply

MEANS = {"0": "opt_out", "1": "yes", "2": "no", "9": "language"}
INVITED = QuestionKind("invitation", ok_accepts=True)


def options() -> Iterator[tuple[str, str, str]]:
    """Language, number and words of every option of the texts, once each."""
    for tag in ALL_LANGUAGES:
        bodies = [wording.body for key in catalogue() if (wording := wording_for(key, tag))]
        found = (option for body in bodies for option in re.findall(r"^([0-9]) = ([^{\n]+)$", body, re.MULTILINE))
        yield from ((tag, number, words) for number, words in dict.fromkeys(found) if number in MEANS)


def read(text: str, tag: str) -> Reading:
    return read_reply(text, language=tag, question=INVITED)


@pytest.mark.parametrize(("tag", "number", "words"), list(options()))
def test_a_line_that_is_sent_back_means_its_number(tag: str, number: str, words: str) -> None:
    for line in (f"{number} = {words}", f"{number}={words}", f" {number} = {words}.\n"):
        reading = read(line, tag)
        assert (reading.intent, reading.urgent, reading.doubtful) == (MEANS[number], None, False), line


def has_word_lists(tag: str) -> bool:
    return (LOCALES / LANGUAGES[tag].folder / "replies.toml").exists()


NAMED = [(tag, number, words) for tag, number, words in options() if number in "012" and has_word_lists(tag)]


@pytest.mark.parametrize(("tag", "number", "words"), NAMED)
def test_so_do_its_words_alone_where_the_language_has_word_lists(tag: str, number: str, words: str) -> None:
    assert read(words, tag).intent == MEANS[number]
    assert read(f"{number} {words}", tag).intent == MEANS[number]
