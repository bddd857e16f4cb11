"""What numbers and words mean under a question, whichever capability asks it."""

import pytest

from bot.understanding.questions import QUESTIONS, QuestionKind
from bot.understanding.reading import read_reply

VISIT = QuestionKind("visit", choices=frozenset({5}))
CANNOT_COME = QuestionKind("cannot-come", yes_no=False, choices=frozenset({1, 2, 5}))
EVERY = (*QUESTIONS.values(), VISIT, CANNOT_COME)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_stop_and_other_language_are_the_same_under_every_question(kind: QuestionKind) -> None:
    assert [read_reply(text, "ur", kind).intent for text in ("0", "9", "۰", "zero")] == [
        "opt_out",
        "language",
        "opt_out",
        "opt_out",
    ]
    assert read_reply("9", "ur", kind, choices=range(20)).choice is None


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (QUESTIONS["invitation"], ["yes", "no", None, None, 5]),
        (QUESTIONS["consent"], ["yes", "no", None, None, None]),
        (QUESTIONS["language-confirm"], ["yes", "no", None, None, None]),
        (QUESTIONS["language"], [1, 2, 3, 4, 5]),
        (QUESTIONS["slots"], [1, 2, 3, 4, 5]),
        (QUESTIONS["pharmacy"], [1, 2, None, None, 5]),
        (QUESTIONS["tell-pharmacy"], ["yes", "no", None, None, None]),
        (VISIT, ["yes", "no", None, None, 5]),
        (CANNOT_COME, [1, 2, None, None, 5]),
        (None, [None] * 5),
    ],
)
def test_the_question_says_what_a_number_means(kind: QuestionKind | None, read: list[str | int | None]) -> None:
    readings = [read_reply(str(number), "en", kind) for number in range(1, 6)]
    assert [reading.choice or (reading.intent if reading.intent != "none" else None) for reading in readings] == read
    assert [reading.to_person for reading in readings] == [meaning is None for meaning in read]


def test_number_words_mean_what_the_numbers_mean() -> None:
    assert read_reply("one", "en", VISIT).intent == "yes"
    assert read_reply("two", "en", CANNOT_COME).choice == 2
    assert read_reply("do", "ur", CANNOT_COME).choice == read_reply("2", "ur", CANNOT_COME).choice
    assert read_reply("one", "en").intent == "none"


def test_a_yes_in_words_to_a_list_is_for_a_person_and_a_no_to_times_is_none_of_them() -> None:
    assert read_reply("yes", "en", CANNOT_COME).to_person
    assert read_reply("no", "en", QUESTIONS["pharmacy"]).to_person
    assert (read_reply("no", "en", QUESTIONS["slots"]).intent, read_reply("no", "en", VISIT).intent) == ("no", "no")
    assert not read_reply("no", "en", QUESTIONS["slots"]).to_person


def test_a_bare_ok_accepts_an_invitation_and_nothing_more() -> None:
    assert [kind.name for kind in EVERY if read_reply("ok", "en", kind).intent == "yes"] == ["invitation"]


def test_what_one_question_offered_narrows_its_kind() -> None:
    assert read_reply("3", "en", QUESTIONS["slots"], choices=[1, 2]).to_person
    assert read_reply("14", None, QUESTIONS["language"], choices=range(1, 15)).choice == 14
