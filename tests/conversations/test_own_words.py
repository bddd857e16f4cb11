"""What staff may write in their own words: every rule with what it lets through and what it tells."""

import pytest

from bot.conversations.own_words import MOST_PARTS, RULES, read_own_words
from bot.refusals import Refused

POLISH = "Proszę zadzwonić do przychodni w poniedziałek rano, czekamy na Panią"
STOPPED = [
    ("", "ur", "no-words", "Write what you want to tell them."),
    (" \n\t ", "ur", "no-words", "Write what"),
    ("a " * 1001, "ur", "too-long", "2,001 characters"),
    ("We will see you at the desk. " * 40, "ur", "too-long", "SMS parts"),
    ("👍👍🙂", "ur", "no-letters", "no words in it"),
    ("01632 960101", "ur", "no-letters", "no words in it"),
    ("See https://nhs.uk/flu", "ur", "link", "web or email address"),
    ("See www.nhs.uk", "ur", "link", "web or email address"),
    ("See nhs.uk/flu", "en", "link", "web or email address"),
    ("Write to desk@station.example", "ur", "link", "web or email address"),
    ("See forms.gle/flu", "en", "link", "“forms.gle” looks like"),
    ("See station.health or STATION.WALES", "ur", "link", "“station.health”"),
    ("See １９２.0.2.7", "en", "link", "“192.0.2.7”"),
    ("See ｎｈｓ．ｕｋ", "en", "link", "“nhs.uk”"),
    ("See nhs\u3002uk", "en", "link", "“nhs.uk”"),
    ("Take two tablets.", "ur", "dose", "“two tablets” looks like an amount of a medicine"),
    ("Take 500 mg now.", "en", "dose", "Phone the person"),
    ("Stop the warfarin.", "ur", "medicine", "“warfarin” is a medicine"),
    ("Stop the Warfrin.", "ur", "medicine", "“warfarin” is a medicine"),
    ("Please come, براہ کرم", "ur", "not-english", "two alphabets"),
    ("براہ کرم فون کریں", "ur", "not-english", "It is in Urdu already"),
    ("Пожалуйста, позвоните нам", "ur", "not-english", "does not look like English"),
    ("براہ کرم فون کریں", "en", "not-english", "does not look like English"),
    (POLISH, "pl", "not-english", "It is in Polish already"),
    (POLISH, "ur", "not-english", "does not look like English"),
]


@pytest.mark.parametrize(("written", "reads", "code", "told"), STOPPED)
def test_what_may_not_go_is_stopped_with_a_sentence(written: str, reads: str, code: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        read_own_words(written, reads)
    assert refused.value.code == code
    assert told in refused.value.message


def test_every_rule_has_a_case() -> None:
    assert {code for _, _, code, _ in STOPPED} == {rule.code for rule in RULES}
    assert MOST_PARTS == 6


@pytest.mark.parametrize("reads", ["en", "ur", "pl", "so"])
@pytest.mark.parametrize(
    "words",
    [
        "Please bring your letter with you.",
        "Your appointment is on Monday 7 December at 9:30am.",
        "Yes",
        "Ask for Łukasz at the desk.",
        "Please phone us on 01632 960101 :)",
        "Dr. Khan can see you at 10.",
        "Thank you 👍",
        "Come at 9.30am or 10.15 p.m., e.g. on Monday 7.12.2026.",
        "Please come in.Dr.Khan can see you.",
        "Do not eat before your blood test.",
    ],
)
def test_plain_english_goes_on(words: str, reads: str) -> None:
    assert read_own_words(words, reads) == words


def test_idle_space_and_curly_marks_are_made_plain() -> None:
    assert read_own_words("  It’s   ready.\r\n\r\nCome — now. ", "ur") == "It's ready.\n\nCome - now."
