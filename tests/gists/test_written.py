"""In which language a text is written, as far as a machine may translate from it."""

import pytest

from bot.gists.written import Written, written_in
from bot.understanding.reading import read_reply

NOTHING = Written()


@pytest.mark.parametrize(
    ("words", "recorded", "expected"),
    [
        ("مجھے بخار ہے", "ur", Written("ur")),
        ("مجھے بخار ہے", None, Written("ur")),
        ("1 گھر میں ہیٹر خراب ہے", "ur", Written("ur")),
        ("nie rozumiem, proszę zadzwonić", "pl", Written("pl")),
        ("nie rozumiem, proszę zadzwonić", "ur", Written("pl")),
        ("Waan jiranahay", "so", Written("so")),
        ("mujhe bukhar hai", "ur", Written("ur", romanised=True)),
        ("mere ghar mein heating nahi hai", None, Written(None, romanised=True)),
        ("my boiler broke yesterday and its freezing", "ur", NOTHING),
        ("thank you doctor", "pl", NOTHING),
        ("1", "ur", NOTHING),
        ("۱", "ur", NOTHING),
        ("07700 900123", "ur", NOTHING),
        ("👍🙏", "ur", NOTHING),
        ("ok", "pl", NOTHING),
        ("...", None, NOTHING),
        ("", "ur", NOTHING),
        ("Xyzzq plugh", None, NOTHING),
        ("胸痛", "zh-Hans", Written("zh-Hans")),
        ("Hello please میری دوا ختم ہو گئی ہے call me", "ur", Written(mixed=True)),
        ("thank you José, my café is cold", "ur", NOTHING),
    ],
)
def test_what_a_machine_may_translate_from(words: str, recorded: str | None, expected: Written) -> None:
    assert written_in(words, read_reply(words, language=recorded), recorded) == expected


def test_a_language_that_a_text_names_is_not_the_one_it_is_written_in() -> None:
    words = "اردو"
    assert written_in(words, read_reply(words), "ar") == Written("ar")
    wish = "I want Polish please"
    reading = read_reply(wish, language="so")
    assert reading.rule == "language-named"
    assert written_in(wish, reading, "so").language != "pl"
