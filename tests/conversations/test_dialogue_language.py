"""A person whose language nobody has recorded: English and one line, the menu, and nothing stored without a yes."""

import pytest

from bot.conversations.language_choice import choices_of, menu
from bot.messaging.outbox import queue_text
from bot.tables.messaging import OpenQuestion, QuestionState, State
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, OFFERED, WORDED
from bot.texts.parts import count_parts
from tests.conversations.conftest import Conversation
from tests.messaging.helpers import inbox

PAGES = [OFFERED[first : first + 8] for first in range(0, len(OFFERED), 8)]
ARABIC = "ما افهم انجليزي ممكن موعد"


@pytest.fixture
def unknown(talk: Conversation) -> Conversation:
    """A person with no language on record, invited."""
    return talk.person(language=None).invited()


def test_with_no_language_on_record_english_goes_with_one_line_in_five_languages(unknown: Conversation) -> None:
    assert unknown.heard() == [("fuel-poverty-invitation", "en")]
    body = unknown.last().body
    assert body.splitlines()[-1].startswith("9 = ")
    assert all(name in body.splitlines()[-1] for name in ("اردو", "বাংলা", "Polski", "العربية", "Română"))
    assert unknown.last().parts == count_parts(body).parts


def test_nine_brings_the_menu_as_a_question_of_its_own(unknown: Conversation) -> None:
    unknown.says("9")
    assert unknown.heard()[-1] == ("language-menu-page", "en")
    assert unknown.states() == [
        ("invitation", QuestionState.SUPERSEDED),
        ("language", QuestionState.OPEN),
    ]
    assert unknown.language() == (None, "list")


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_whose_language_has_the_lifelines_alone_reads_the_menu_in_it(talk: Conversation, tag: str) -> None:
    person = talk.person(language=tag).invited()
    for _ in PAGES:
        person.says("9")
    assert person.heard() == [
        ("fuel-poverty-invitation", "en"),
        *[("language-menu-page", tag)] * (len(PAGES) - 1),
        ("language-menu", tag),
    ]
    assert tag not in OFFERED


@pytest.mark.parametrize("digit", ["9", "۹", "٩", "৯", "९", "9.", " 9 "])
def test_nine_in_any_digits_brings_the_menu_and_stores_nothing(unknown: Conversation, digit: str) -> None:
    unknown.says(digit)
    assert unknown.heard()[-1][0] == "language-menu-page"
    assert unknown.language() == (None, "list")


@pytest.mark.parametrize(
    ("page", "number", "tag"),
    [(at, number, tag) for at, page in enumerate(PAGES, 1) for number, tag in enumerate(page, 1)],
)
def test_every_number_of_the_menu_chooses_its_language_and_the_person_is_invited_in_it(
    unknown: Conversation, page: int, number: int, tag: str
) -> None:
    for _ in range(page):
        unknown.says("9")
    unknown.says(str(number))
    assert unknown.language() == (tag, "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", tag)
    assert unknown.states()[-1] == ("invitation", QuestionState.OPEN)
    unknown.says("1")
    assert unknown.heard()[-1] == ("fuel-poverty-consent", tag)


def test_nine_keeps_its_meaning_in_the_menu() -> None:
    assert 9 not in menu()
    assert list(menu().values()) == list(WORDED)


def test_every_language_with_wording_is_offered_once() -> None:
    assert sorted(OFFERED) == sorted(WORDED)
    assert OFFERED[0] == "en"


def test_the_menu_shows_every_language_by_its_own_name_eight_on_a_page(unknown: Conversation) -> None:
    for page in PAGES:
        unknown.says("9")
        lines = unknown.last().body.splitlines()
        assert [line for line in lines if line[0].isdigit() and " = " not in line] == [
            f"{number} {LANGUAGES[tag].native}" for number, tag in enumerate(page, 1)
        ]
        assert unknown.last().parts <= 4


def test_a_menu_of_25_languages_goes_on_until_the_last_is_offered(
    unknown: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_25 = (*OFFERED, *[tag for tag in LIFELINES_ONLY if tag not in OFFERED])[:25]
    monkeypatch.setattr("bot.conversations.language_choice.OFFERED", all_25)
    natives = []
    for _ in range(4):
        unknown.says("9")
        lines = unknown.last().body.splitlines()
        natives += [line.partition(" ")[2] for line in lines if line[0].isdigit() and " = " not in line]
    assert natives == [LANGUAGES[tag].native for tag in all_25]
    assert [key for key, _ in unknown.heard()[1:]] == [*["language-menu-page"] * 3, "language-menu"]


def test_a_number_means_the_page_that_came_last(unknown: Conversation) -> None:
    for body in ("9", "9", "1"):
        unknown.says(body)
    assert unknown.language() == (PAGES[1][0], "patient")


def test_the_numbers_of_a_menu_of_before_there_were_pages_keep_their_meaning() -> None:
    asked = OpenQuestion(phone="+447700900001", kind="language", subject=None, detail=None)
    assert choices_of(asked)[10] == WORDED[8]


def test_nine_on_the_last_page_of_the_menu_asks_a_person_to_call(unknown: Conversation) -> None:
    for _ in PAGES:
        unknown.says("9")
    unknown.says("9")
    assert inbox(unknown.db) == ["another-language"]
    assert unknown.heard()[-1][0] == "person-will-read"


@pytest.mark.parametrize("body", ["15", "99", "77", "10"])
def test_a_number_that_is_not_in_the_menu_goes_to_a_person(unknown: Conversation, body: str) -> None:
    unknown.says("9")
    unknown.says(body)
    assert unknown.language() == (None, "list")
    assert inbox(unknown.db) == ["not-understood"]


def test_a_one_in_the_menu_is_a_language_and_not_a_yes_to_the_invitation(unknown: Conversation) -> None:
    unknown.says("9")
    unknown.says("1")
    assert unknown.answer() is None


def test_who_writes_arabic_is_asked_in_arabic_before_it_is_stored(unknown: Conversation) -> None:
    unknown.says(ARABIC)
    assert unknown.heard()[-1] == ("language-confirm", "ar")
    assert unknown.language() == (None, "list")
    assert len(inbox(unknown.db)) == 1
    unknown.says("1")
    assert unknown.language() == ("ar", "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", "ar")


def test_a_no_to_the_language_question_brings_the_menu(unknown: Conversation) -> None:
    unknown.says(ARABIC)
    unknown.says("2")
    assert unknown.language() == (None, "list")
    assert unknown.heard()[-1][0] == "language-menu-page"


def test_another_language_to_the_language_question_brings_the_menu(unknown: Conversation) -> None:
    unknown.says(ARABIC)
    unknown.says("9")
    assert unknown.heard()[-1][0] == "language-menu-page"


@pytest.mark.parametrize(
    "body", ["سلام، متوجه نمی‌شوم، چی گفتید؟", "مجھے سمجھ نہیں آیا، یہ کیا ہے؟", "تێناگەم، ئەمە چییە؟"]
)
def test_persian_urdu_and_kurdish_are_not_taken_for_arabic(unknown: Conversation, body: str) -> None:
    unknown.says(body)
    assert unknown.heard()[-1] != ("language-confirm", "ar")


def test_to_say_in_polish_that_one_speaks_no_english_is_not_yet_a_choice_of_polish(unknown: Conversation) -> None:
    unknown.says("nie mówię po angielsku")
    assert unknown.language() == (None, "list")
    assert unknown.heard()[-1] == ("language-confirm", "pl")
    unknown.says("1")
    assert unknown.language() == ("pl", "patient")


def test_a_language_by_its_own_name_is_asked_back_before_it_is_stored(unknown: Conversation) -> None:
    unknown.says("Polski")
    assert (unknown.language(), unknown.heard()[-1]) == ((None, "list"), ("language-confirm", "pl"))
    unknown.says("1")
    assert unknown.language() == ("pl", "patient")
    assert unknown.heard()[-1] == ("fuel-poverty-invitation", "pl")


def test_a_line_of_the_menu_sent_back_is_a_choice_of_it(unknown: Conversation) -> None:
    unknown.says("9")
    unknown.says("Polski")
    assert unknown.language() == ("pl", "patient")


def test_a_person_with_a_language_on_record_is_not_asked_about_it(talk: Conversation) -> None:
    talk.invited().says("the blue door beside the school gate")
    assert [key for key, _ in talk.heard()[1:]] == ["person-will-read"]


def test_a_language_on_record_can_be_changed_by_the_person(talk: Conversation) -> None:
    talk.invited().says("English")
    assert talk.heard()[-1] == ("language-confirm", "en")
    talk.says("yes")
    assert talk.language() == ("en", "patient")
    assert talk.heard()[-1] == ("fuel-poverty-invitation", "en")


def test_who_had_said_yes_is_asked_for_consent_again_in_the_new_language(unknown: Conversation) -> None:
    unknown.says("1")
    assert unknown.heard()[-1] == ("fuel-poverty-consent", "en")
    unknown.says("9")
    unknown.says("Polski")
    assert unknown.heard()[-1] == ("fuel-poverty-consent", "pl")
    unknown.says("1")
    assert [consent.language for consent in unknown.consents] == ["pl"]


def test_who_was_not_asked_anything_hears_that_the_language_is_kept(talk: Conversation) -> None:
    person = talk.person(language=None)
    person.says("Polski")
    person.says("tak")
    assert person.heard() == [("language-confirm", "pl"), ("language-set", "pl")]


def test_who_said_no_is_not_invited_again_by_choosing_a_language(unknown: Conversation) -> None:
    unknown.says("2")
    unknown.says("Polski")
    unknown.says("1")
    assert unknown.heard()[-1] == ("language-set", "pl")


def test_what_is_written_in_a_language_that_has_no_wording_is_answered_in_english(talk: Conversation) -> None:
    person = talk.person(language="am")
    person.says("blah blah blah")
    assert person.heard() == [("person-will-read", "en")]


def test_a_stop_with_no_language_on_record_is_confirmed_in_the_language_it_was_said_in(
    unknown: Conversation,
) -> None:
    unknown.says("STOP prosze nie pisac wiecej")
    assert unknown.heard()[-1] == ("opt-out-receipt", "pl")


def test_a_second_invitation_with_the_same_deed_is_the_first_one(talk: Conversation) -> None:
    def ask() -> int | None:
        with talk.db.write() as session:
            message = queue_text(
                session,
                talk.settings,
                text_key="language-menu",
                language="ur",
                values={"choices": "1 English"},
                phone=talk.phone,
                practice=talk.practice,
                patient_id=talk.patient.id,
                dedupe_key="the same deed",
                question="language",
            )
            return message.id

    assert ask() == ask()
    assert talk.states() == [("language", QuestionState.PENDING)]
    assert talk.last().state == State.QUEUED


@pytest.mark.parametrize(("spoken", "read"), [("phr", "ur"), ("syl", "bn")])
def test_who_speaks_a_language_that_few_write_is_phoned_only_once_they_ask(
    talk: Conversation, spoken: str, read: str
) -> None:
    person = talk.person(language=spoken).invited()
    assert person.heard() == [("fuel-poverty-invitation", read)]
    assert LANGUAGES[spoken].native in person.last().body.splitlines()[-1]
    assert inbox(person.db) == []
    person.says("5")
    assert inbox(person.db) == ["call-me"]
    assert person.language() == (spoken, "list")
