"""Every answer about a visit is understood by number, in native digits, by word and by romanised word."""

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from bot.texts.languages import WORDED
from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import read_reply

ASKED: Mapping[str, Mapping[int, str | int]] = {
    "slots": {1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
    "visit": {1: "yes", 2: "no", 5: 5},
    "cannot-come": {1: 1, 2: 2, 5: 5},
    "which-visit": {1: 1, 2: 2, 3: 3, 4: 4, 5: 5},
    "no-interpreter": {1: 1, 2: 2, 5: 5},
    "new-time": {1: "yes", 2: "no", 5: 5},
}
"""What each number means under each question (facts of booking, 9.2)."""
DIGITS = {"ur": "۱۲۳۴۵", "fa": "۱۲۳۴۵", "ar": "١٢٣٤٥", "bn": "১২৩৪৫", "pa-Guru": "੧੨੩੪੫"}


class Said(NamedTuple):
    """Numbers from one to five in words; other times, I cannot come, phone me; yes and no."""

    numbers: str
    change: str
    cancel: str
    call_me: str
    yes: str
    no: str


OWN: Mapping[str, Said] = {
    "en": Said("one two three four five", "another time", "I cannot come", "phone me", "yes", "no"),
    "ur": Said("ایک دو تین چار پانچ", "کوئی اور وقت", "نہیں آ سکتی", "مجھے فون کریں", "جی ہاں", "نہیں"),
    "pa-Guru": Said("ਇੱਕ ਦੋ ਤਿੰਨ ਚਾਰ ਪੰਜ", "ਹੋਰ ਸਮਾਂ", "ਨਹੀਂ ਆ ਸਕਦੀ", "ਫ਼ੋਨ ਕਰੋ", "ਹਾਂ ਜੀ", "ਨਹੀਂ"),
    "bn": Said("এক দুই তিন চার পাঁচ", "অন্য সময়", "আসতে পারব না", "ফোন করুন", "হ্যাঁ", "না"),
    "pl": Said("jeden dwa trzy cztery pięć", "inny termin", "nie mogę przyjść", "proszę o telefon", "tak", "nie"),
    "ro": Said("unu doi trei patru cinci", "altă zi", "nu pot veni", "sunați-mă", "da", "nu"),
    "ar": Said("واحد اثنين ثلاثة أربعة خمسة", "وقت ثاني", "لا أستطيع الحضور", "اتصلوا بي", "نعم", "لا"),
    "so": Said("kow laba saddex afar shan", "waqti kale", "ma iman karo", "i soo wac", "haa", "maya"),
    "fa": Said("یک دو سه چهار پنج", "وقت دیگر", "نمی‌توانم بیایم", "زنگ بزنید", "بله", "نه"),
    "ru": Said("один два три четыре пять", "другое время", "не смогу прийти", "позвоните мне", "да", "нет"),
    "uk": Said("один два три чотири п'ять", "інший час", "не зможу прийти", "зателефонуйте мені", "так", "ні"),
    "tr": Said("bir iki üç dört beş", "başka zaman", "gelemiyorum", "beni arayın", "evet", "hayır"),
    "pt": Said("um dois três quatro cinco", "outra hora", "não posso ir", "liguem-me", "sim", "não"),
}
ROMANISED: Mapping[str, Said] = {
    "ur": Said("aik do teen char panch", "koi aur waqt", "nahi aa sakta", "phone karein", "ji haan", "nahi"),
    "pa-Guru": Said("ikk do tinn char panj", "hor time", "nahi aa sakda", "phone karo", "haan ji", "nahi"),
    "bn": Said("ek dui tin char panch", "onno somoy", "aste parbo na", "phone koren", "ji", "na"),
    "ar": Said("wahed tnen talata arbaa khamsa", "wa2t tani", "ma ba2dar eji", "ettesel", "na3am", "la"),
    "fa": Said("yek do seh chahar panj", "vaght dige", "nemitunam biam", "zang bezanid", "bale", "na"),
    "ru": Said("odin dva tri chetyre pyat", "drugoe vremya", "ne smogu priyti", "pozvonite", "da", "net"),
    "uk": Said("odyn dva try chotyry pyat", "inshyi den", "ne zmozhu pryity", "zatelefonuite", "tak", "ni"),
    "pl": Said("jeden dwa trzy cztery piec", "inny termin", "nie moge przyjsc", "prosze o telefon", "tak", "nie"),
    "ro": Said("unu doi trei patru cinci", "alta zi", "nu pot veni", "sunati ma", "da", "nu"),
    "tr": Said("bir iki uc dort bes", "baska zaman", "gelemiyorum", "beni arayin", "evet", "hayir"),
    "pt": Said("um dois tres quatro cinco", "outra hora", "nao posso ir", "liguem me", "sim", "nao"),
    "so": Said("kow labo sadex afar shan", "waqti kale", "ma iman karo", "i soo wac", "haa", "maya"),
    "en": Said("one two three four five", "other time", "cant come", "call me", "yeah", "nope"),
}
"""As people write who have another keyboard: in Latin letters, or without accents."""


def test_no_language_with_wording_is_left_out() -> None:
    assert set(OWN) == set(ROMANISED) == set(WORDED)


def meant(text: str, tag: str, question: str) -> str | int:
    reading = read_reply(text, tag, QUESTIONS[question])
    assert not reading.doubtful, text
    return reading.choice or reading.intent


@pytest.mark.parametrize(("tag", "question"), list(itertools.product(OWN, ASKED)))
def test_by_number_in_any_digits_and_in_words(tag: str, question: str) -> None:
    written = [str(number) for number in range(1, 6)]
    ways = [written, [*DIGITS.get(tag, "12345")], OWN[tag].numbers.split(), ROMANISED[tag].numbers.split()]
    for way in ways:
        read = {number: meant(way[number - 1], tag, question) for number in ASKED[question]}
        assert read == ASKED[question], way
    assert meant("۵" if tag == "ur" else "5 please", tag, question) == 5


@pytest.mark.parametrize(("tag", "said"), [*OWN.items(), *ROMANISED.items()])
def test_by_word(tag: str, said: Said) -> None:
    for question in ("visit", "new-time"):
        assert (meant(said.yes, tag, question), meant(said.no, tag, question)) == ("yes", "no")
    for question in ASKED:
        assert meant(said.call_me, tag, question) == "call_me"
    for question in ("visit", "cannot-come", "slots", "which-visit"):
        assert meant(said.change, tag, question) == "change"
    assert meant(said.cancel, tag, "visit") == "cancel"
    assert meant(said.no, tag, "slots") == "no"


@pytest.mark.parametrize(("tag", "said"), [*OWN.items(), *ROMANISED.items()])
@pytest.mark.parametrize("question", ["cannot-come", "which-visit", "no-interpreter"])
def test_a_yes_or_no_in_words_to_a_list_goes_to_a_person(tag: str, said: Said, question: str) -> None:
    assert read_reply(said.yes, tag, QUESTIONS[question]).to_person
    assert read_reply(said.no, tag, QUESTIONS[question]).to_person


@pytest.mark.parametrize("question", ASKED)
def test_nought_and_nine_mean_what_they_mean_everywhere(question: str) -> None:
    assert [meant(text, "ur", question) for text in ("0", "9")] == ["opt_out", "language"]


@pytest.mark.parametrize(
    ("tag", "word", "may"),
    [
        ("tr", "iptal", True),
        ("pt", "cancelar", True),
        ("it", "annulla", True),
        ("ar", "إلغاء", True),
        ("fa", "لغو", True),
        ("en", "CANCEL", True),
        ("en", "END", True),
        ("en", "STOP", False),
        ("ur", "بند کریں", False),
        ("tr", "dur", False),
        ("en", "yes", False),
    ],
)
def test_which_words_stop_texts_and_may_give_up_an_appointment(tag: str, word: str, may: bool) -> None:
    assert read_reply(word, tag).may_cancel == may
