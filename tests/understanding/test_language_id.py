"""Which language a text is in: letters and words first, a guess of the detector last, else nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.languages import LANGUAGES
from bot.understanding import language_id
from bot.understanding.language_id import Identified, identify
from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import read_reply
from tests.understanding.test_said import SAID_IN, said


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("Nie mogę przyjść w środę", "pl", "Latn"), ("nie moge przyjsc w srode, prosze o inny termin", "pl", "Latn"),
        ("nu pot sa vin, am nevoie de programare", "ro", "Latn"), ("Nu pot veni miercuri la programare", "ro", "Latn"),
        ("مجھے سمجھ نہیں آیا، یہ کیا ہے؟", "ur", "Arab"), ("ਮੈਨੂੰ ਸਮਝ ਨਹੀਂ ਆਈ", "pa-Guru", "Guru"),
        ("আমি বুঝতে পারছি না", "bn", "Beng"), ("ما افهم انجليزي ممكن موعد", "ar", "Arab"),
        ("تێناگەم، ئەمە چییە؟", "ckb", "Arab"), ("زه نه پوهېږم دا څه دي", "ps", "Arab"),
        ("waxaan u baahanahay ballan cusub", "so", "Latn"), ("я не понимаю, когда вы открыты", "ru", "Cyrl"),
        ("я не зможу прийти в середу, моїй дитині погано", "uk", "Cyrl"), ("Çarşamba günü gelemem", "tr", "Latn"),
        ("não posso ir na quarta-feira", "pt", "Latn"), ("Szeretnék időpontot kérni holnapra", "hu", "Latn"),
        ("ez nexweş im û alîkarî dixwazim", "kmr", "Latn"), ("Necesito una cita con el médico", "es", "Latn"),
        ("Dua te caktoj nje takim me mjekun", "sq", "Latn"), ("મને સમજ નથી પડતી", "gu", "Gujr"),
        ("எனக்கு புரியவில்லை", "ta", "Taml"), ("我听不懂", "zh-Hans", "Hani"), ("我聽不懂，請說中文", "zh-Hant", "Hani"),
        ("Δεν καταλαβαίνω", "el", "Grek"), ("Nevím, co to znamená, můžete zavolat", "cs", "Latn"),
        ("I can not come on Wednesday, sorry", "en", "Latn"), ("นัดหมอ", "th", "Thai"),
    ],
)  # fmt: skip
def test_a_language_is_identified(text: str, language: str, script: str) -> None:
    found = identify(text)
    assert (found.language, found.script) == (language, script)
    assert found.confidence >= 0.6


@pytest.mark.parametrize("text", ["", "   ", "1", "9", "😀", "07700 900123", "?", "Sam", "ne", "ok ok 👍"])
def test_nothing_is_claimed_where_nothing_tells(text: str) -> None:
    assert identify(text).language in (None, "en")
    assert identify("1", "ur") == Identified(None, 0.0, None)


@pytest.mark.parametrize(
    "text", ["mujhe bukhar hai kal aunga", "tusi kithe ho ji", "mainu hor time chahida", "ami aste parbo na"]
)
def test_south_asian_languages_in_latin_letters_are_never_taken_for_another(text: str) -> None:
    assert identify(text).language in (None, "ur", "hi", "pa-Guru", "pa-Arab", "bn", "syl")


@pytest.mark.parametrize("recorded", ["ur", "pl", "ar", "so", "ro"])
@pytest.mark.parametrize(
    "text",
    ["I can not come on Wednesday", "please call me back", "Yes please", "who is this", "my sister will see later"],
)
def test_english_under_a_wrong_record_stays_english(text: str, recorded: str) -> None:
    assert identify(text, recorded).language == "en"


def test_the_recorded_language_decides_between_neighbours() -> None:
    assert identify("সময় বদলাতে চাই", "syl").language == "syl"
    assert identify("من نمی‌توانم چهارشنبه بیایم", "prs").language == "prs"
    assert identify("tak", "pl").language == "pl"
    assert identify("我明白", "yue").language in ("yue", "zh-Hans")
    assert identify("سلام", "ps").language == "ps"


def test_one_or_two_words_are_never_put_to_the_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(*_: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(language_id, "_guess", guess)
    for text in ("xyzzy", "quux plugh", "Haa", "Tak tak", "1 quux 2 plugh"):
        identify(text)


def test_without_the_detector_letters_and_words_have_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_id, "_detector", lambda: None)
    assert identify("Nie mogę przyjść w środę").language == "pl"
    assert identify("Kailangan ko ng tulong bukas po").language in (None, "tl")


@given(st.text(max_size=200), st.sampled_from([None, *LANGUAGES]))
def test_any_text_is_answered(text: str, recorded: str | None) -> None:
    found = identify(text, recorded)
    assert found.language is None or found.language in LANGUAGES
    assert 0 <= found.confidence <= 1
    assert (found.language is None) == (found.confidence == 0)


@pytest.mark.parametrize("language", SAID_IN)
def test_identifying_changes_nothing_of_what_a_reply_is_taken_for(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the detector says, no reply means another thing."""
    replies = [reply for replies in said(language).values() for reply in replies][:150]
    before = [read_reply(reply, None, QUESTIONS["invitation"]) for reply in replies]
    monkeypatch.setattr(language_id, "_guess", lambda *_: ("pl", 0.8))
    assert [read_reply(reply, None, QUESTIONS["invitation"]) for reply in replies] == before
