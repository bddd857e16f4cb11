"""What is said outright is read whatever stands beside it, known or not; what only sounds so is for a person."""

import pytest

from tests.understanding.by_name import read_by_name
from tests.understanding.test_reasons import is_acted_on

STOPS = [
    ("en", "Stop texting me. Blah foo bar zork"),
    ("en", "take my number off ur system its doing my head in they come thru when im on nights"),
    ("cs", "nechte me byt s tema smskama, prudi me to v praci"),
    ("fa", "سلام شماره منو از لیستتون پاک کنید من از لیدز رفتم دیگه مریض شما نیستم با تشکر رضایی"),
    ("hi", "yaar please ye sms band kar do din me 3 bar aata hai"),
    ("vi", "đừng nhắn tin cho tôi nữa, suốt ngày kêu tít tít mệt lắm"),
]
NO_STOPS = [
    ("en", "stop sending me bills"),
    ("en", "stop texting me, call me instead"),
    ("en", "dont send me messages in english, send in urdu"),
    ("en", "do not send me texts in English, I do not read it"),
    ("en", "Stop texting me until Monday"),
    ("en", "yes please delete my data"),
    ("en", "take my number off, my new one is 07700900123"),
    ("tr", "Gece mesaj göndermeyin bebek uyanıyor"),
    ("tr", "mektup yollamayın postacı hep karıştırıyor, telefona gelsin"),
    ("pt", "o meu marido não quer as mensagens"),
    ("sq", "mos ma coni me poste letren se po vij vet e marr"),
    ("bg", "писна ми от чакане"),
]
STARTS = [
    ("ro", "am zis sa nu mai trimiteti dar m-am razgandit, vreau iar sa primesc mesajele"),
    ("tl", "pinatigil ko po dati ang text pero gusto ko na ulit makatanggap, nakakalimutan ko kasi"),
]
NO_STARTS = [
    ("en", "dont want to hear from you again thank you"),
    ("en", "I told you not to write and now you write again"),
    ("cs", "Dobrý den, odhlašte mě prosím z vašich zpráv, stěhuji se zpátky do Brna"),
]
REFUSALS = [
    ("ar", "لا شكرا الحمدلله البيت دافي وابني دافع الغاز"),
    ("cs", "ne nechci na to vysetreni, byla jsem na nem loni v Brne"),
    ("pt", "Agradeço mas não preciso da ajuda com o aquecimento"),
]
NO_ANSWERS = [
    ("en", "No. It is cold here"),
    ("pl", "tak, zapytam męża"),
    ("pl", "tak tak, na pewno, oszuści"),
    ("pl", "nie mogę znaleźć adresu"),
    ("ru", "да, муж должен согласиться"),
    ("en", "no, blah foo bar zork"),
]


@pytest.mark.parametrize(("language", "text"), STOPS)
def test_a_stop_said_outright_needs_no_known_reason(language: str, text: str) -> None:
    assert is_acted_on(read_by_name(text, language, None), "opt_out")


@pytest.mark.parametrize(("language", "text"), NO_STOPS)
def test_what_is_to_stop_must_be_our_texts_and_at_all_times(language: str, text: str) -> None:
    assert not is_acted_on(read_by_name(text, language, None), "opt_out")


@pytest.mark.parametrize(("language", "text"), STARTS)
def test_who_stopped_the_texts_once_gets_them_again(language: str, text: str) -> None:
    assert is_acted_on(read_by_name(text, language, None), "opt_in")


@pytest.mark.parametrize(("language", "text"), NO_STARTS)
def test_again_beside_a_not_starts_nothing(language: str, text: str) -> None:
    assert not is_acted_on(read_by_name(text, language, None), "opt_in")


@pytest.mark.parametrize(("language", "text"), REFUSALS)
def test_an_invitation_is_declined_with_a_reason_nobody_knows(language: str, text: str) -> None:
    assert is_acted_on(read_by_name(text, language, "invitation"), "no")


@pytest.mark.parametrize(("language", "text"), NO_ANSWERS)
def test_a_yes_or_no_that_leads_elsewhere_is_for_a_person(language: str, text: str) -> None:
    assert not is_acted_on(read_by_name(text, language, "invitation"), "yes", "no")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "لا يا بنتي، عملت فحص الثدي في مستشفى برادفورد قبل سنة والحمد لله"),
        ("ps", "نه مننه، کونسل موږ ته نوی هیټر راکړی"),
        ("en", "No, they booked me for that test in May and I had it"),
    ],
)
def test_a_no_that_opens_an_answer_books_nothing(language: str, text: str) -> None:
    assert read_by_name(text, language, "invitation").intent != "book"


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("am", "እባክዎ ከሰዓት በኋላ ደውሉልኝ መጻፍ አልችልም", "call_me"),
        ("bg", "сбъркали сте номера тук няма Красимира и не съм ви пациент", "wrong_number"),
        ("ne", "appointment cancel ta bhako chaina ni", "none"),
        ("it", "sono morta di vergogna, ho sbagliato giorno", "none"),
        ("cs", "kocourovi je špatně, jedeme k veterináři", "none"),
    ],
)
def test_a_wish_said_outright_is_one_and_a_person_sees_it(language: str, text: str, intent: str) -> None:
    reading = read_by_name(text, language, "visit")
    assert (reading.intent, reading.to_person) == (intent, True)
