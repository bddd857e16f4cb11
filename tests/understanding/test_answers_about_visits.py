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
DIGITS = {
    **dict.fromkeys(("ur", "fa", "pa-Arab", "ps"), "۱۲۳۴۵"),
    **dict.fromkeys(("ar", "ckb"), "١٢٣٤٥"),
    "bn": "১২৩৪৫",
    "pa-Guru": "੧੨੩੪੫",
    "gu": "૧૨૩૪૫",
}


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
    "hu": Said("egy kettő három négy öt", "más időpont", "nem tudok elmenni", "hívjanak fel", "igen", "nem"),
    "sk": Said("jeden dva tri štyri päť", "iný termín", "nemôžem prísť", "zavolajte mi", "áno", "nie"),
    "bg": Said("едно две три четири пет", "друг час", "не мога да дойда", "обадете ми се", "да", "не"),
    "es": Said("uno dos tres cuatro cinco", "otra hora", "no puedo ir", "llámenme", "sí", "no"),
    "gu": Said("એક બે ત્રણ ચાર પાંચ", "બીજો સમય", "હું નહીં આવી શકું", "મને ફોન કરો", "હા", "ના"),
    "ta": Said("ஒன்று இரண்டு மூன்று நான்கு ஐந்து", "வேறு நேரம்", "வர முடியாது", "அழையுங்கள்", "ஆம்", "வேண்டாம்"),
    "pa-Arab": Said("اک دو تن چار پنج", "ہور ویلا", "نہیں آ سکدی", "مینوں فون کرو", "ہاں جی", "نہیں"),
    "ps": Said("یو دوه درېیم څلور پنځه", "بل وخت", "نشم راتلای", "ما ته زنګ ووهئ", "هو", "نه"),
    "ti": Said("ሓደ ክልተ ሰለስተ ኣርባዕተ ሓሙሽተ", "ካልእ ሰዓት", "ክመጽእ ኣይክእልን", "ደውሉለይ", "እወ", "ኣይፋል"),
    "ckb": Said("یەک دوو سێ چوار پێنج", "کاتێکی تر", "ناتوانم بێم", "تەلەفۆنم بۆ بکەن", "بەڵێ", "نەخێر"),
    "kmr": Said("yek du sê çar pênc", "wextekî din", "nikarim bêm", "telefonî min bikin", "erê", "na"),
    "zh-Hans": Said("一 二 三 四 五", "其他时间", "我不能来", "请给我打电话", "是", "不用"),
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
    "hu": Said("egy ketto harom negy ot", "mas idopont", "nem tudok elmenni", "hivjanak fel", "igen", "nem"),
    "sk": Said("jeden dva tri styri pat", "iny termin", "nemozem prist", "zavolajte mi", "ano", "nie"),
    "bg": Said("edno dve tri chetiri pet", "drug chas", "ne moga da doyda", "obadete mi se", "da", "ne"),
    "es": Said("uno dos tres cuatro cinco", "otra hora", "no puedo ir", "llamenme", "si", "no"),
    "gu": Said("ek be tran char panch", "bijo samay", "nahi aavi shaku", "mane phone karo", "ha", "na"),
    "ta": Said("ondru irandu moondru naangu ainthu", "veru neram", "vara mudiyathu", "call pannunga", "aam", "vendam"),
    "so": Said("kow labo sadex afar shan", "waqti kale", "ma iman karo", "i soo wac", "haa", "maya"),
    "en": Said("one two three four five", "other time", "cant come", "call me", "yeah", "nope"),
    "pa-Arab": Said("ikk do tinn char panj", "hor time", "nahi aa sakda", "phone karo", "haan ji", "nahi"),
    "ps": Said("yaw dwa dre salor pinza", "bal wakht", "nasham ratlay", "zang wahai", "ho", "na"),
    "ti": Said("hade kilte seleste arbaete hamushte", "kali seat", "kimetsie aykielin", "dewluley", "ewe", "aifal"),
    "ckb": Said("yek du se chwar penj", "kateki tr", "natwanm bem", "telefonm bo bka", "bale", "naxer"),
    "kmr": Said("yek du se car penc", "wexteki din", "nikarim bem", "telefoni min bikin", "ere", "na"),
    "zh-Hans": Said("yi er san si wu", "qita shijian", "bu neng lai", "da dianhua", "shi de", "bu yong"),
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
