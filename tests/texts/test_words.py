"""Words no text may hold: those a network takes for STOP, and those that people read as something else."""

from pathlib import Path

import pytest

from bot.texts.catalogue import CatalogueError, catalogue
from bot.texts.check import ALL_LANGUAGES, check_body
from bot.texts.wording import LOCALES_DIR
from bot.texts.words import (
    NETWORK_STOP,
    WORDS_FILE,
    read_words_to_avoid,
    stop_words_in,
    words_to_avoid,
    words_to_avoid_in,
)

URGENT = "If it is urgent, call 111. In an emergency, call 999."
PLAIN = "We will text you about help and services."

BAD = [
    ("en", "You will get our invitations again.", PLAIN, "invitations"),
    ("en", "We invite you.", PLAIN, "invite"),
    ("ur", "ہمارے دعوت کے پیغام", PLAIN, "دعوت"),
    ("ur", "ہم دعوتیں نہیں بھیجیں گے", PLAIN, "دعوتیں"),
    ("ur", "دَعوت کا پیغام", PLAIN, "دعوت"),
    ("ur", "ضروری مشورہ: 111", URGENT, "ضروری"),
    ("pa-Arab", "دعوت دے سنیہے", PLAIN, "دعوت"),
    ("pa-Arab", "ضروری صلاح: 111", URGENT, "ضروری"),
    ("ar", "رسائل الدعوة", PLAIN, "الدعوة"),
    ("ar", "رسائل دعوة", PLAIN, "دعوة"),
    ("ar", "وبالدعوات", PLAIN, "وبالدعوات"),
    ("ar", "لدعوتكم", PLAIN, "لدعوتكم"),
    ("ar", "للدعوة", PLAIN, "للدعوة"),
    ("ar", "الدَّعْوَة", PLAIN, "الدعوة"),
    ("so", "farriimahayaga casuumadda", PLAIN, "casuumadda"),
    ("so", "Casuumad ah", PLAIN, "casuumad"),
    ("bn", "আমাদের আমন্ত্রণের মেসেজ", PLAIN, "আমন্ত্রণের"),
    ("bn", "দাওয়াত", PLAIN, "দাওয়াত"),
    ("bn", "দাও\u09dfাতের মেসেজ", PLAIN, "দাওয়াতের"),
    ("bn", "প্রয়োজনীয় পরামর্শ: 111", URGENT, "প্রয়োজনীয়"),
    ("pa-Guru", "ਸਾਡੇ ਸੱਦੇ ਦੇ ਸੁਨੇਹੇ", PLAIN, "ਸੱਦੇ"),
    ("pa-Guru", "ਸੱਦਾ-ਪੱਤਰ", PLAIN, "ਸੱਦਾ"),
    ("pa-Guru", "ਜ਼ਰੂਰੀ ਸਲਾਹ: 111", URGENT, "ਜ਼ਰੂਰੀ"),
    ("uk", "У разі небезпеки дзвоніть 999", URGENT, "небезпеки"),
]
GOOD = [
    ("ur", "یہ ضروری نہیں ہے", PLAIN),  # necessary, where the English says so
    ("ur", "دعوتنامےوالا", PLAIN),  # another word that begins alike
    ("ur", "فوری مشورہ: 111", URGENT),
    ("ar", "دعونا نساعدكم", PLAIN),  # let us
    ("ar", "الدعوى", PLAIN),  # a lawsuit
    ("ar", "ادعوا", PLAIN),
    ("bn", "আপনার প্রয়োজনীয় কাগজ", PLAIN),
    ("bn", "জরুরি অবস্থায় 999", URGENT),
    ("pa-Guru", "ਸੱਦਾਂਗੇ", PLAIN),  # we will call: not the noun
    ("pa-Guru", "ਇਹ ਜ਼ਰੂਰੀ ਨਹੀਂ", PLAIN),
    ("so", "caawimaad iyo adeegyo", PLAIN),
    ("fa", "دعوت", PLAIN),  # no feast in Persian
    ("uk", "безпека вдома", URGENT),
    ("pl", "zaproszenie", PLAIN),
]


def avoided(language: str, body: str, source: str) -> list[str]:
    return [word for word, _ in words_to_avoid_in(body, language, source)]


@pytest.mark.parametrize(("language", "body", "source", "word"), BAD)
def test_a_word_that_misleads_is_found(language: str, body: str, source: str, word: str) -> None:
    assert avoided(language, body, source) == [word]


@pytest.mark.parametrize(("language", "body", "source"), GOOD)
def test_what_only_looks_like_one_is_left_alone(language: str, body: str, source: str) -> None:
    assert avoided(language, body, source) == []


def test_every_word_of_the_file_is_found_and_says_why_and_what_instead() -> None:
    for tag, lines in words_to_avoid().items():
        for line in lines:
            assert line.because.endswith(".")
            assert line.instead.endswith(".")
            for word in line.words:
                assert line in [found for _, found in words_to_avoid_in(word.rstrip("*"), tag, line.english or "")]


def test_the_check_says_the_word_the_reason_and_what_to_say() -> None:
    text = catalogue()["opt-out-receipt-all"]
    body = "{practice}: لن نرسل لكم رسائل دعوة بعد الآن. START"
    [problem] = check_body(text, "ar", body)
    assert problem.code == "word-to-avoid"
    assert problem.message.startswith('Do not say "دعوة". People read a feast')
    assert "Say: " in problem.message


@pytest.mark.parametrize("word", sorted(NETWORK_STOP))
@pytest.mark.parametrize("around", ["{} = no", "({})", "to {}, phone us", "{}", "'{}'", "-{}-", "{}\n"])
def test_a_word_the_network_takes_for_stop_is_found_in_any_case(word: str, around: str) -> None:
    for written in (word, word.lower(), word.title()):
        assert stop_words_in(around.format(written)) == [written]


@pytest.mark.parametrize(
    "body",
    [
        "the end.",
        "Send: end",
        "ｓｔｏｐ",
        "Отправьте STOP",
        "أرسلوا STOP للإيقاف",
        "STOP'u gönderin",
        "stop-",
        "回复STOP。",
    ],
)
def test_it_is_found_in_every_language(body: str) -> None:
    assert len(stop_words_in(body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "send",
        "ending",
        "stopped",
        "bus stops",
        "weekend",
        "cancelled",
        "cancelar",
        "quitte",
        "revoked",
        "START",
        "stöp",
        "endé",
        "konec",
    ],
)
def test_a_word_that_holds_it_is_another_word(body: str) -> None:
    assert stop_words_in(body) == []


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
def test_the_check_refuses_it_in_every_language_and_not_in_a_slot(tag: str) -> None:
    text = catalogue()["opt-out-receipt-all"]
    codes = [fault.code for fault in check_body(text, tag, "{practice}: {end} STOP")]
    assert codes.count("stop-word") == 1
    assert "stop-word" not in [fault.code for fault in check_body(text, tag, "{practice}: {stop} START")]


def test_no_english_text_holds_one() -> None:
    assert [key for key, text in catalogue().items() if stop_words_in(text.source)] == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[[xx]]\nwords = ['a']\nbecause = 'b.'\ninstead = 'c.'", "there is no language xx"),
        ("[[pl]]\nwords = ['a']\nbecause = 'b.'", "each [[pl]] needs words, because and instead"),
        ("[[pl]]\nwords = ['*']\nbecause = 'b.'\ninstead = 'c.'", "each [[pl]] needs words"),
        ("[[pl]]\nwords = []\nbecause = 'b.'\ninstead = 'c.'", "each [[pl]] needs words"),
        ("[[pl]]\nword = 'a'\nwords = ['a']\nbecause = 'b.'\ninstead = 'c.'", "each [[pl]] needs words"),
        ("[pl]\nwords = ['a']", "each [[pl]] needs words"),
        ("pl = 5", "each [[pl]] needs words"),
        ("[[pl]", "not readable as TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_fault(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / WORDS_FILE
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        read_words_to_avoid(path)
    assert str(error.value).startswith(f"{WORDS_FILE}: ")
    assert fault in str(error.value)


def test_a_line_more_is_all_it_takes(tmp_path: Path) -> None:
    path = tmp_path / WORDS_FILE
    more = "\n[[pl]]\nwords = ['zaproszeni*']\nbecause = 'A wedding.'\ninstead = 'Say: SMS.'\n"
    path.write_text((LOCALES_DIR / WORDS_FILE).read_text(encoding="utf-8") + more, encoding="utf-8")
    [line] = read_words_to_avoid(path)["pl"]
    assert line.pattern.search(" nasze zaproszenia ")
