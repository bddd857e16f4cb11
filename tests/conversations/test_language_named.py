"""First contact with nobody's language on record: it is named in any spelling, asked back, and told to the practice."""

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.conversations.inbox import LANGUAGE_TOLD, list_items
from bot.conversations.language_choice import menu
from bot.conversations.languages_told import COLUMNS, count_told, languages_told
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import OpenQuestion
from bot.texts.languages import LANGUAGES, OFFERED
from bot.understanding import language_id
from tests.conversations.conftest import Conversation
from tests.factories import make_patient, text_in
from tests.messaging.helpers import approve, inbox, live


@pytest.fixture
def unknown(talk: Conversation) -> Conversation:
    """A person with no language on record, invited."""
    return talk.person(language=None).invited()


def told(talk: Conversation, state: str = "open") -> list[dict[str, Any]]:
    with talk.db.read() as session:
        return [one.as_json() for one in languages_told(session, talk.practice.id or 0, state)]


@pytest.mark.parametrize(
    ("says", "tag"),
    [
        ("urdu", "ur"), ("oordoo", "ur"), ("please urdu", "ur"), ("polsih", "pl"), ("mówię po polsku", "pl"),
        ("nu vorbesc engleza, doar romana", "ro"), ("bengoli", "bn"), ("3arabi", "ar"), ("af soomaali", "so"),
        ("farsee", "fa"), ("по-русски", "ru"), ("turkce", "tr"), ("em portugues", "pt"), ("ukranian", "uk"),
        ("ਪੰਜਾਬੀ", "pa-Guru"), ("I only speak english", "en"),
    ],
)  # fmt: skip
def test_a_language_by_any_name_is_asked_back_in_it_and_in_english_and_a_yes_stores_it(
    unknown: Conversation, says: str, tag: str
) -> None:
    unknown.says(says)
    assert (unknown.language(), unknown.heard()[-1]) == ((None, "list"), ("language-confirm", tag))
    assert f"Shall we write to you in {LANGUAGES[tag].english}?" in unknown.last().body
    unknown.says("1")
    assert unknown.language() == (tag, "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", tag)


@pytest.mark.parametrize("yes", ["1", "1.", "۱", "tak", "Tak, proszę", "yes", "polski"])
def test_a_yes_in_words_or_the_same_name_again_confirms_it(unknown: Conversation, yes: str) -> None:
    unknown.says("polish")
    unknown.says(yes)
    assert unknown.language() == ("pl", "patient")


@pytest.mark.parametrize("no", ["2", "nie", "nie, dziękuję", "9"])
def test_a_no_brings_the_menu_and_stores_nothing(unknown: Conversation, no: str) -> None:
    unknown.says("polish")
    unknown.says(no)
    assert (unknown.language(), unknown.heard()[-1][0]) == ((None, "list"), "language-menu-page")


def test_another_name_in_answer_to_the_question_is_asked_back_in_its_turn(unknown: Conversation) -> None:
    unknown.says("polish")
    unknown.says("ukrainian")
    assert (unknown.language(), unknown.heard()[-1]) == ((None, "list"), ("language-confirm", "uk"))
    unknown.says("так")
    assert unknown.language() == ("uk", "patient")


@pytest.mark.parametrize("says", ["yes polish", "tak, po rosyjsku", "yes but in russian"])
def test_a_yes_that_names_another_language_confirms_nothing(unknown: Conversation, says: str) -> None:
    unknown.says("ukrainian")
    unknown.says(says)
    assert unknown.language() == (None, "list")


@pytest.mark.parametrize(
    ("says", "tags"),
    [("punjabi", ["pa-Guru", "pa-Arab"]), ("Kurdish", ["ckb", "kmr"]), ("Chinese please", ["zh-Hans", "zh-Hant"])],
)
def test_a_name_for_several_languages_is_asked_by_number_and_never_guessed(
    unknown: Conversation, says: str, tags: list[str]
) -> None:
    unknown.says(says)
    assert (unknown.language(), unknown.heard()[-1][0]) == ((None, "list"), "language-menu")
    lines = unknown.last().body.splitlines()
    numbers = {tag: f"{number} {LANGUAGES[tag].native}" for number, tag in menu(lines_of(unknown)).items()}
    assert sorted(numbers) == sorted(tags)
    assert all(line in lines for line in numbers.values())


def lines_of(talk: Conversation) -> list[str]:
    """The languages the newest menu offers."""
    return (talk.all(OpenQuestion)[-1].detail or "").split()


def test_the_number_of_a_narrow_menu_is_stored_and_the_person_invited_in_it(unknown: Conversation) -> None:
    unknown.says("panjabi")
    unknown.says(str(1 + lines_of(unknown).index("pa-Guru")))
    assert unknown.language() == ("pa-Guru", "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", "pa-Guru")


def test_a_number_that_the_narrow_menu_does_not_have_goes_to_a_person(unknown: Conversation) -> None:
    unknown.says("panjabi")
    unknown.says("3")
    assert (unknown.language(), inbox(unknown.db)) == ((None, "list"), ["not-understood"])


def test_a_language_without_texts_chosen_by_number_is_stored_and_a_person_calls(unknown: Conversation) -> None:
    unknown.says("afghan")
    unknown.says(str(1 + lines_of(unknown).index("prs")))
    assert unknown.language() == ("prs", "patient")
    assert sorted(inbox(unknown.db)) == ["another-language", LANGUAGE_TOLD]


@pytest.mark.parametrize(
    ("says", "tag"),
    [("amharic", "am"), ("mluvím česky", "cs"), ("dari", "prs"), ("flas shqip", "sq")],
)
def test_where_we_have_no_texts_english_and_their_own_offer_go_and_a_person_calls(
    unknown: Conversation, says: str, tag: str
) -> None:
    unknown.says(says)
    assert (unknown.language(), inbox(unknown.db)) == ((None, "list"), ["another-language"])
    assert unknown.heard()[-1] == ("person-will-read", "en")
    assert "9" in unknown.last().body.splitlines()[-1]
    assert unknown.last().body.splitlines()[-1] != "For help in English, reply 9."
    with unknown.db.read() as session:
        item = list_items(session, unknown.practice.id or 0)[0]
    assert (item.named, item.to_record) == (tag, tag)


def test_a_language_nobody_has_any_words_in_goes_to_a_person_too(unknown: Conversation) -> None:
    unknown.says("yoruba")
    assert inbox(unknown.db) == ["another-language"]
    assert unknown.heard()[-1] == ("person-will-read", "en")


def test_who_speaks_a_language_written_in_another_is_asked_about_both(unknown: Conversation) -> None:
    unknown.says("sylheti")
    assert unknown.heard()[-1] == ("language-confirm", "bn")
    assert "in Bengali (Sylheti)?" in unknown.last().body
    unknown.says("1")
    assert unknown.language() == ("syl", "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", "bn")
    assert told(unknown)[0]["code"] == "315586005"


def test_a_language_that_is_on_record_is_not_asked_back(talk: Conversation) -> None:
    talk.invited().says("urdu")
    assert talk.language() == ("ur", "patient")
    assert talk.heard()[-1] == ("fuel-poverty-invitation", "ur")
    assert told(talk) == []


def test_in_live_a_question_without_approved_wording_is_asked_in_english_and_names_the_language(
    unknown: Conversation,
) -> None:
    """Never "in English?", to be stored as Polish."""
    for key in ("language-confirm", "language-confirm-named"):
        approve(unknown.db, key)
    text_in(unknown.db, live(unknown.settings), unknown.phone, "Polish")
    assert unknown.heard()[-1] == ("language-confirm-named", "en")
    assert unknown.last().body == "Shall we write to you in Polish? 1 = yes, 2 = no"


def test_the_practice_is_told_who_told_us_what_with_the_code_and_ticks_it_off(unknown: Conversation) -> None:
    unknown.says("polish")
    assert told(unknown) == []
    unknown.says("1")
    row = told(unknown)[0]
    assert (row["nhs_number"], row["language"], row["state"]) == (unknown.patient.nhs_number, "pl", "open")
    assert (row["code"], row["term"]) == ("315579002", "Main spoken language Polish (finding)")
    with unknown.db.read() as session:
        assert count_told(session, unknown.practice.id or 0) == 1
    assert inbox(unknown.db) == [LANGUAGE_TOLD]


def test_who_thinks_again_is_told_once_with_the_language_that_is_recorded(unknown: Conversation) -> None:
    for says in ("9", "2", "9", "3"):
        unknown.says(says)
    assert [row["language"] for row in told(unknown)] == [OFFERED[2]]


def test_a_guess_is_shown_to_staff_and_asked_about_but_answers_nothing(
    unknown: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = language_id.Identified("ro", 0.77, "Latn")
    monkeypatch.setattr("bot.conversations.exchange.identify", lambda *_: guess)
    unknown.says("zzz qqq www")
    assert unknown.heard()[-1] == ("language-confirm", "ro")
    assert (unknown.language(), unknown.answer()) == ((None, "list"), "other")
    with unknown.db.read() as session:
        read = session.exec(select(ReplyReading).order_by(col(ReplyReading.message_id).desc())).first()
    assert read is not None
    assert (read.intent, read.language) == ("none", "ro")


def test_several_people_on_one_phone_are_not_asked(unknown: Conversation) -> None:
    make_patient(unknown.db, unknown.practice, phone=unknown.phone, language=None)
    unknown.says("polish")
    assert "language-confirm" not in [key for key, _ in unknown.heard()]
    assert unknown.language() == (None, "list")


NAMES = ["polish", "urdu", "oordoo", "romanian", "ukrainian", "punjabi", "kurdish", "sylheti", "magyar", "English"]
OTHER = ["1", "2", "3", "9", "yes", "tak", "no", "nie", "yes polish", "ok", "nie mówię po angielsku", "hello there"]


@given(st.lists(st.sampled_from(NAMES + OTHER), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_language_that_is_stored_is_only_ever_one_that_was_asked_about(talk: Conversation, says: list[str]) -> None:
    person = talk.person(language=None).invited()
    for body in says:
        before = person.language()
        asked = open_question(person)
        person.says(body)
        if person.language() != before:
            stored = person.language()[0]
            assert asked is not None
            offered = (asked.detail or "").split()
            assert (stored in offered, person.language()[1]) == (True, "patient")


def open_question(talk: Conversation) -> OpenQuestion | None:
    with talk.db.read() as session:
        of_phone = select(OpenQuestion).where(OpenQuestion.phone == talk.phone, OpenQuestion.state == "open")
        return session.exec(of_phone).first()


def test_the_spreadsheet_has_a_line_a_person(unknown: Conversation) -> None:
    unknown.says("urdu")
    unknown.says("1")
    with unknown.db.read() as session:
        rows = [one.as_row() for one in languages_told(session, unknown.practice.id or 0, "all")]
    target = io.StringIO()
    csv.writer(target).writerows([COLUMNS, *rows])
    read = list(csv.DictReader(io.StringIO(target.getvalue())))
    assert [(row["Language"], row["SNOMED CT"], row["State"]) for row in read] == [("Urdu", "315588006", "open")]
