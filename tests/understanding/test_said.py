"""What people would text in each language, in its script and romanised, and what may never be made of it."""

from functools import cache
from pathlib import Path

import pytest

from bot.understanding.reading import Reading
from tests.understanding.by_name import read_by_name

SAID = Path(__file__).parent / "said"
SAID_IN = sorted(path.stem for path in SAID.glob("*.txt"))
DANGER = ("chest pain", "cannot breathe", "suicide", "other danger", "more danger")
ANSWERS = {"yes": "yes", "no": "no", "stop": "opt_out"}
WISHES = {
    "call me": "call_me",
    "book": "book",
    "change": "change",
    "cannot come": "cancel",
    "wrong number": "wrong_number",
    "other language": "language",
}
ACTED_ON = {"yes", "no", "opt_out", "opt_in", "wrong_number", "cancel"}


@cache
def said(language: str) -> dict[str, list[str]]:
    """The replies of one language by what they mean: a line "meaning:", then lines of replies parted by bars."""
    found: dict[str, list[str]] = {}
    meaning = ""
    for line in (SAID / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[meaning] += [reply for part in line.split("|") if (reply := part.strip())]
        elif line.endswith(":"):
            meaning = line[:-1]
            found[meaning] = []
    return found


def others(language: str) -> tuple[str | None, ...]:
    """No recorded language, and wrong ones: records are often empty or out of date."""
    return (None, "pl" if language == "en" else "en", "pl" if language == "ur" else "ur")


def read_everywhere(reply: str, language: str) -> list[Reading]:
    recorded = (language, *others(language))
    return [read_by_name(reply, tag, question) for tag in recorded for question in ("invitation", "consent", None)]


@pytest.mark.parametrize("language", SAID_IN)
@pytest.mark.parametrize("meaning", DANGER)
def test_danger_is_seen_whatever_is_recorded_and_answers_nothing(meaning: str, language: str) -> None:
    replies = said(language)[meaning]
    missed = [
        reply
        for reply in replies
        if any((read.urgent, read.intent) != ("red", "none") for read in read_everywhere(reply, language))
    ]
    assert (len(replies) >= 8, missed) == (True, [])


@pytest.mark.parametrize("language", SAID_IN)
def test_danger_that_is_denied_or_past_is_amber(language: str) -> None:
    replies = said(language)["denied, past or less pressing"]
    assert [
        reply for reply in replies if any(read.urgent != "amber" for read in read_everywhere(reply, language))
    ] == []


@pytest.mark.parametrize("language", SAID_IN)
@pytest.mark.parametrize("meaning", ANSWERS)
def test_an_answer_is_understood_in_the_persons_language(meaning: str, language: str) -> None:
    replies = said(language)[meaning]
    readings = {reply: read_by_name(reply, language, "consent") for reply in replies}
    unsure = [reply for reply, read in readings.items() if (read.intent, read.to_person) != (ANSWERS[meaning], False)]
    assert (len(replies) >= 10, unsure) == (True, [])


@pytest.mark.parametrize("language", SAID_IN)
@pytest.mark.parametrize("meaning", ["yes", "no", "stop", "yes with more", "no with more"])
def test_an_answer_is_never_taken_for_another_even_in_a_wrong_language(meaning: str, language: str) -> None:
    right = {ANSWERS[meaning.split()[0]], "none"}
    wrong = [
        (reply, read.intent)
        for reply in said(language)[meaning]
        for read in read_everywhere(reply, language)
        if read.intent not in right or read.urgent or (read.intent == "none" and not read.to_person)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", [language for language in SAID_IN if "coming" in said(language)])
def test_who_will_come_says_yes_and_is_never_taken_for_another(language: str) -> None:
    replies = said(language)["coming"]
    readings = {reply: read_by_name(reply, language, "invitation") for reply in replies}
    assert [reply for reply, read in readings.items() if (read.intent, read.to_person) != ("yes", False)] == []
    assert {read.intent for reply in replies for read in read_everywhere(reply, language)} <= {"yes", "none"}


@pytest.mark.parametrize("language", SAID_IN)
@pytest.mark.parametrize("meaning", WISHES)
def test_a_wish_is_understood_and_never_taken_for_another(meaning: str, language: str) -> None:
    for reply in said(language)[meaning]:
        assert (reply, read_by_name(reply, language).intent) == (reply, WISHES[meaning])
        no = {"no"} if meaning == "cannot come" else set()  # to an invitation
        assert {read.intent for read in read_everywhere(reply, language)} <= {WISHES[meaning], "none", *no}


@pytest.mark.parametrize("language", SAID_IN)
def test_who_is_this_asks_for_help_and_is_no_wrong_number(language: str) -> None:
    for reply in said(language)["who is this"]:
        own = [read_by_name(reply, language, question) for question in ("invitation", "consent", "language", None)]
        assert (reply, {(read.intent, read.to_person) for read in own}) == (reply, {("help", False)})
        assert all(
            read.intent == "help" or (read.intent, read.to_person) == ("none", True)
            for read in read_everywhere(reply, language)
        )


@pytest.mark.parametrize("language", SAID_IN)
def test_everyday_sentences_alarm_nobody_and_are_acted_on_by_nobody_but_a_person(language: str) -> None:
    replies = said(language)["harmless"]
    wrong = [
        (reply, read.intent, read.urgent)
        for reply in replies
        for read in read_everywhere(reply, language)
        if read.urgent or read.intent in ACTED_ON
    ]
    assert (len(replies) >= 20, wrong) == (True, [])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("wrong number", "wrong_number"),
        ("I think you have the wrong number", "wrong_number"),
        ("Sorry, not me, wrong number", "wrong_number"),
        ("I am not Mrs Khan", "wrong_number"),
        ("I'm not Ahmed", "wrong_number"),
        ("I am not well", "none"),
        ("I AM NOT WELL", "none"),
        ("not me but my wife wants help", "none"),
        ("Wrong number?", "none"),
        ("I don't know this person", "none"),
        ("I rang the wrong number for the surgery so please give me the right one", "none"),
    ],
)
def test_a_number_is_let_go_only_when_they_plainly_say_it_is_not_theirs(text: str, intent: str) -> None:
    for question in ("invitation", None):
        reading = read_by_name(text, "en", question)
        assert (reading.intent, reading.to_person) == (intent, True)


@pytest.mark.parametrize(
    ("text", "recorded", "language"),
    [
        ("I had a heart attack last year", None, None),
        ("I had a heart attack last year", "ur", None),
        ("I had a heart attack last year", "en", "en"),
        ("درد قفسه سینه", "fa", "fa"),
        ("درد قفسه سینه", "prs", "prs"),
        ("neefta ayaa i dhegan", None, "so"),
    ],
)
def test_words_of_danger_tell_the_language_only_where_they_are_its_own(
    text: str, recorded: str | None, language: str | None
) -> None:
    reading = read_by_name(text, recorded)
    assert (reading.language, reading.romanised) == (language, False)


@pytest.mark.parametrize("text", ["chest pain end", "chest pain stop it", "i want to die stop the pain"])
def test_beside_danger_a_stop_counts_only_in_a_clause_of_its_own(text: str) -> None:
    assert (read_by_name(text, "en").intent, read_by_name(text, "en").urgent) == ("none", "red")
    assert read_by_name("STOP. I have chest pain", "en").intent == "opt_out"


@pytest.mark.parametrize(
    ("written", "choice"), [("12", 12), ("۱۴", 14), ("99", 99), ("8", 8), ("09", None), ("100", None), ("00", None)]
)
def test_the_language_menu_takes_any_number_but_nine(written: str, choice: int | None) -> None:
    assert read_by_name(written, None, "language").choice == choice
    assert read_by_name(written, None, "language", choices=[1, 2]).choice is None


def test_a_fault_after_stop_is_no_wish_for_silence() -> None:
    reading = read_by_name("stop ogrzewanie nie działa", "pl", "invitation")
    assert (reading.intent, reading.to_person) == ("none", True)
    assert read_by_name("stop nie chce tego", "pl", "invitation").intent == "opt_out"
