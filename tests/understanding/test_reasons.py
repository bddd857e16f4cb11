"""A reply and its reason: a plain stop, no, wrong number or call is read though other parts of the reply tell why."""

import pytest

from bot.understanding.reading import Reading, read_reply
from tests.understanding.by_name import read_by_name

STOPS_WITH_A_REASON = [
    ("en", "Hi, I've moved to Leeds so please take my number off your list"),
    ("en", "That is the fourth one this week. Please stop sending me these messages"),
    ("en", "I do not wish to be contacted in this way. I am old and I cannot see the screen. Stop sending me texts"),
    ("ro", "M-am mutat la alt oraș, nu îmi mai trimiteți mesaje"),
    ("ru", "Больше не присылайте пожалуйста эти смски, мне 80 лет"),
    ("pt", "Não quero receber estas mensagens. Façam o favor de parar"),
    ("hi", "मुझे ये टेक्स्ट नहीं चाहिए क्योंकि मेरा बेटा सब संभालता है। कृपया रोक दीजिए।"),
]
NO_STOPS = [
    "stop texting me, call me instead",
    "Do not write to my husband, he opens my phone",
    "Don't send it, I'll collect it myself",
    "Stop messages at night please. I work",
    "My English is bad, stop English messages, send Polish",
    "Stop sending me to a male doctor. I asked for a woman",
    "can you stop sending texts to my daughter, she is 12, send them to me",
    "I got no message yet, my cough does not stop",
]


def is_acted_on(reading: Reading, *intents: str) -> bool:
    return reading.intent in intents and not reading.doubtful


@pytest.mark.parametrize(("language", "text"), STOPS_WITH_A_REASON)
def test_a_plain_stop_is_one_whatever_reason_stands_beside_it(language: str, text: str) -> None:
    assert is_acted_on(read_reply(text, language), "opt_out")


@pytest.mark.parametrize("text", NO_STOPS)
def test_a_stop_of_something_else_or_with_a_wish_beside_it_is_not_acted_on(text: str) -> None:
    assert not is_acted_on(read_reply(text, "en"), "opt_out")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "nie wysyłajcie, sama odbiorę"),
        ("cs", "neposílejte poštou, stačí sms"),
        ("lv", "vēl neesmu saņēmusi nekādu ziņu"),
        ("hi", "mujhe message mat bhejo meri beti ko bhejo"),
        ("pt", "o meu marido não quer as mensagens"),
    ],
)
def test_what_is_not_to_be_sent_may_be_something_else(language: str, text: str) -> None:
    assert not is_acted_on(read_reply(text, language), "opt_out")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Paré los mensajes por error. Pueden volver a enviarme mensajes?"),
        ("ur", "میں نے پہلے بند کروائے تھے، اب دوبارہ میسج شروع کر دیں"),
        ("gu", "મેસેજ પાછા ચાલુ કરી દો, ભૂલથી બંધ કર્યા હતા"),
    ],
)
def test_who_stopped_our_texts_once_may_start_them_again(language: str, text: str) -> None:
    assert read_reply(text, language).intent == "opt_in"


def test_who_stops_one_thing_and_starts_another_is_asked() -> None:
    assert read_reply("stop the messages to my old number and start to this one", "en").to_person


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I am no good at texting, call me"),
        ("pa-Guru", "ਮੈਨੂੰ ਫੋਨ ਕਰ ਲਿਓ ਜੀ, ਪੜ੍ਹਨਾ ਨੀ ਆਉਂਦਾ"),
        ("ckb", "من نووسین باش نازانم، تەلەفۆنێکم بۆ بکەن"),
    ],
)
def test_who_cannot_write_may_ask_for_a_call(language: str, text: str) -> None:
    assert read_reply(text, language).intent == "call_me"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hu", "Rossz számra küldték, én nem ismerek semmilyen Erzsébetet"),
        ("vi", "nhầm số rồi, tôi không phải bà Lan"),
        ("en", "this isn't Ahmed's number"),
    ],
)
def test_a_wrong_number_may_say_who_they_are_not(language: str, text: str) -> None:
    assert read_reply(text, language).intent == "wrong_number"


def test_a_no_to_an_invitation_may_say_why() -> None:
    assert read_by_name("nem kösz, félek a tűtől", "hu", "invitation").intent == "no"
    assert read_by_name("No thanks, I had it at my chemist", "en", "invitation").intent == "no"


def test_a_no_that_pleads_waits_for_a_person() -> None:
    assert read_by_name("no, the heating is broken and I am cold", "en", "invitation").to_person


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "don't cancel it please, I will come"), ("el", "μην το ακυρώσετε σας παρακαλώ, θα έρθω οπωσδήποτε")],
)
def test_a_not_of_another_clause_gives_up_no_visit(language: str, text: str) -> None:
    assert not is_acted_on(read_by_name(text, language, "visit"), "cancel")


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-Hans", "那个appointment我不要了，取消掉"), ("hu", "Nem kell már az időpont, adják oda másnak")],
)
def test_who_gives_their_place_to_another_cancels(language: str, text: str) -> None:
    assert read_by_name(text, language, "visit").intent == "cancel"


def test_who_asks_to_be_put_down_agrees_to_what_is_offered() -> None:
    assert read_by_name("okej moze byc, zapiszcie mnie", "pl", "invitation").intent == "yes"
    assert read_by_name("става, запишете ме", "bg", "invitation").intent == "yes"
