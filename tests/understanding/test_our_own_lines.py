"""A line of a text sent back to us means what it says: "0 = no more texts" ends texts, in every language."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from bot.texts.catalogue import catalogue
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.texts.wording import example_values, fill, wording_for
from bot.understanding.lexicon import LOCALES
from bot.understanding.questions import QUESTIONS, QuestionKind
from bot.understanding.reading import Reading, read_reply

MEANS = {"0": "opt_out", "1": "yes", "2": "no", "9": "language"}
ASKED_BY = {
    "visit-booked": "visit",
    "visit-booked-interpreter": "visit",
    "visit-booked-woman-interpreter": "visit",
    "visit-booked-man-interpreter": "visit",
    "visit-by-phone": "visit",
    "visit-reminder": "visit",
    "visit-moved": "visit",
    "visit-not-attended": "new-time",
    "visit-times": "slots",
    "visit-times-first-come": "slots",
    "visit-times-gone": "slots",
    "visit-cannot-come": "cannot-come",
    "visit-which": "which-visit",
    "screening-times": "slots",
    "screening-times-event": "slots",
    "clinic-no-thanks": "talk",
    "waiting-joined": "talk",
    "waiting-offer": "waiting-offer",
    "waiting-offer-interpreter": "waiting-offer",
    "young-person-booked": "visit",
    "interpreter-lost": "no-interpreter",
    "interpreter-by-phone": "no-interpreter",
    "referral-consent": "consent",
    "referral-second-offer": "consent",
    "referral-withdraw": "withdraw",
    "pharmacy-ready": "pharmacy",
    "pharmacy-ready-or-delivered": "pharmacy",
    "pharmacy-part-ready": "pharmacy",
    "pharmacy-part-ready-or-delivered": "pharmacy",
    "pharmacy-reminder": "pharmacy",
    "pharmacy-reminder-or-delivered": "pharmacy",
    "pharmacy-on-its-way": "pharmacy",
    "pharmacy-part-on-its-way": "pharmacy",
    "pharmacy-out-of-stock": "pharmacy",
    "pharmacy-needs-doctor": "pharmacy",
    "pharmacy-cannot-read": "pharmacy",
    "pharmacy-please-phone": "pharmacy",
    "tell-pharmacy": "tell-pharmacy",
}
"""The question a text asks; a text that is not here is read as the invitation is."""


class Option(NamedTuple):
    tag: str
    question: str
    number: str
    words: str

    @property
    def kind(self) -> QuestionKind:
        return QUESTIONS[self.question]

    @property
    def means(self) -> tuple[str, int | None]:
        """The intent, and the choice if it is one."""
        if self.number in MEANS and (self.kind.yes_no or self.number in "09"):
            return MEANS[self.number], None
        return "choice", int(self.number)


def options(*, filled: bool = False) -> list[Option]:
    """Every option of the texts, once each; `filled`, as they are sent, the times of visits among them."""
    return list(dict.fromkeys(option for tag in ALL_LANGUAGES for option in options_in(tag, filled=filled)))


def options_in(tag: str, *, filled: bool) -> Iterator[Option]:
    for key, text in catalogue().items():
        wording = wording_for(key, tag)
        if wording is None:
            continue
        body = fill(text, tag, wording.body, example_values(text)) if filled else wording.body
        question = ASKED_BY.get(key, "invitation")
        for number, words in re.findall(r"^([0-9]) = ([^{\n]+)$", body, re.MULTILINE):
            yield Option(tag, question, number, words)


def read(text: str, option: Option) -> Reading:
    return read_reply(text, language=option.tag, question=option.kind)


def named(option: Option) -> str:
    return "-".join(option)


@pytest.mark.parametrize("option", options(), ids=named)
def test_a_line_that_is_sent_back_means_its_number(option: Option) -> None:
    number, words = option.number, option.words
    for line in (f"{number} = {words}", f"{number}={words}", f" {number} = {words}.\n"):
        reading = read(line, option)
        assert (reading.intent, reading.choice) == option.means, line
        assert (reading.urgent, reading.doubtful) == (None, False), line


TIMES = [
    option for option in options(filled=True) if option.kind.name in ("slots", "which-visit") and option.number in "123"
]


@pytest.mark.parametrize("option", TIMES, ids=named)
def test_a_line_with_a_time_that_is_sent_back_chooses_it(option: Option) -> None:
    for line in (f"{option.number} = {option.words}", f" {option.number}={option.words}."):
        reading = read(line, option)
        assert (reading.intent, reading.choice, reading.doubtful) == (*option.means, False), line


def test_several_lines_sent_back_choose_nothing() -> None:
    reading = read_reply("1 = Thursday 3 December 2026, 9:30am\n2 = 2pm", "en", QUESTIONS["slots"])
    assert (reading.choice, reading.doubtful) == (None, True)


def has_word_lists(tag: str) -> bool:
    return (LOCALES / LANGUAGES[tag].folder / "replies.toml").exists()


NEEDS_ITS_NUMBER = {"I will answer", "I cannot"}
"""Without a number they say too little ("STOP, I cannot come" ends no texts), so a person reads them."""
NAMED = [
    option
    for option in options()
    if (option.number == "0" or (option.kind.yes_no and option.number in "12"))
    and has_word_lists(option.tag)
    and option.words not in NEEDS_ITS_NUMBER
]


@pytest.mark.parametrize("option", NAMED, ids=named)
def test_so_do_its_words_alone_where_the_language_has_word_lists(option: Option) -> None:
    """ "I cannot come" gives an appointment up whatever is asked, which no to `visit` does too."""
    means = {MEANS[option.number], "cancel"} if option.means[0] == "no" else {MEANS[option.number]}
    for line in (option.words, f"{option.number} {option.words}"):
        assert read(line, option).intent in means, line
