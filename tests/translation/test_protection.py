"""What a model never reads, how it comes back, and which token is used with which model."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.languages import LANGUAGES
from bot.translation.protection import (
    TOKEN_FORMS,
    Protected,
    TokenForm,
    carriers,
    probe,
    protect,
    restore,
    split_protected,
)

BRACKETS = TOKEN_FORMS[0]

forms = st.sampled_from(TOKEN_FORMS)


@pytest.mark.parametrize(
    ("words", "sent", "values"),
    [
        ("Please call 01632 960101 to cancel.", "Please call [1] to cancel.", ("01632 960101",)),
        ("Ring +44 7700 900123 or 07700900123", "Ring [1] or [2]", ("+44 7700 900123", "07700900123")),
        ("See https://www.nhs.uk/flu?a=1.", "See [1].", ("https://www.nhs.uk/flu?a=1",)),
        ("Write to desk@surgery.nhs.uk.", "Write to [1].", ("desk@surgery.nhs.uk",)),
        ("Your number is 999 123 4567.", "Your number is [1].", ("999 123 4567",)),
        ("Come on Monday 3 March 2026 at 2.30pm.", "Come on [1] at [2].", ("Monday 3 March 2026", "2.30pm")),
        ("Come on the 4th of May or on 05/06/2026.", "Come on [1] or on [2].", ("the 4th of May", "05/06/2026")),
        ("Come Tuesday at 10:30, not at 9 a.m.", "Come [1] at [2], not at [3]", ("Tuesday", "10:30", "9 a.m.")),
        ("Take 500 mg x2 a day for 7 days.", "Take [1] [2] a day for [3] days.", ("500 mg", "x2", "7")),
        ("It was 120/80 and 5%.", "It was [1] and [2].", ("120/80", "5%")),
        ("Reply STOP to the NHS or your GP.", "Reply [1] to the [2] or your [3].", ("STOP", "NHS", "GP")),
        ("PLEASE CALL THE NHS TODAY", "PLEASE CALL THE [1] TODAY", ("NHS",)),
        ("Ask Dr Khan at Park Road Clinic.", "Ask [1] at [2].", ("Dr Khan", "Park Road Clinic")),
        ("We are in Leeds, SR1 2AB.", "We are in [1], [2].", ("Leeds", "SR1 2AB")),
        ("Our staff speak Urdu. I'm here.", "Our staff speak Urdu. I'm here.", ()),
        ("May I come? You may eat.", "May I come? You may eat.", ()),
        ("Dear Patient, please call.", "Dear Patient, please call.", ()),
        ('Say "my inhaler is blue" to us.', "Say [1] to us.", ('"my inhaler is blue"',)),
        ("Look at [1] and at 5.", "Look at [1] and at [2].", ("[1]", "5")),
        ("Well done 👍", "Well done [1]", ("👍",)),
        ("میں ۱۰:۳۰ پر آؤں گا", "میں [1] پر آؤں گا", ("۱۰:۳۰",)),
    ],
)
def test_values_are_taken_out(words: str, sent: str, values: tuple[str, ...]) -> None:
    protected = protect(words, BRACKETS)
    assert (protected.words, protected.values) == (sent, values)
    assert restore(protected, protected.words) == words


def test_the_practices_own_names_are_kept() -> None:
    assert protect("ask the tea room for Anna", BRACKETS, ("tea room", "Anna")).words == "ask the [1] for [2]"


def test_without_a_form_the_values_stay_and_are_told_to_the_checks() -> None:
    protected = protect("Call 01632 960101.", None)
    assert protected == Protected("Call 01632 960101.", ("01632 960101",), None)
    assert restore(protected, "Zadzwoń 01632.") == "Zadzwoń 01632."


@pytest.mark.parametrize(
    ("translated", "restored"),
    [
        ("[2] بجے [1] کو", "9am بجے 5 کو"),
        ("[ 2 ] بجے [۱] کو", "9am بجے 5 کو"),
        ("[1] کو", None),
        ("[1] کو [2] بجے [2]", None),
        ("[1] کو [3] بجے", None),
        ("[1] کو [2] بجے [3]", None),
    ],
)
def test_a_token_lost_doubled_or_new_is_noticed(translated: str, restored: str | None) -> None:
    assert restore(protect("On 5 at 9am", BRACKETS), translated) == restored


@pytest.mark.parametrize(
    ("value", "target", "read"),
    [
        ("2.30pm", "ur", "14:30"),
        ("9am", "pl", "9:00"),
        ("12am", "pl", "0:00"),
        ("Monday 3 March", "ur", "پیر، 3 مارچ"),
        ("Mon 3rd Mar 2026", "pl", "poniedziałek, 3 marca 2026"),
        ("Friday", "ro", "vineri"),
        ("01632 960101", "ur", "01632960101"),
        ("01632960101", "pl", "01632 960101"),
        ("05/06/2026", "ur", "05/06/2026"),
        ("500 mg", "ur", "500 mg"),
        ("Friday", "hnd", "Friday"),
    ],
)
def test_a_value_comes_back_as_that_language_reads_it(value: str, target: str, read: str) -> None:
    protected = protect(value, BRACKETS)
    assert restore(protected, "[1]", target) == read
    assert protected.expected(target) == (read,)


def test_native_digits_come_back_western_in_english() -> None:
    assert restore(protect("۱۰:۳۰", BRACKETS), "at [1]", "en") == "at 10:30"


def test_each_sentence_counts_its_own_tokens() -> None:
    whole = protect("Dr Ann calls at 9am. Please call 01632 960101.", BRACKETS)
    assert [(part.words, part.values) for part in split_protected(whole)] == [
        ("[1] calls at [2].", ("Dr Ann", "9am")),
        ("Please call [1].", ("01632 960101",)),
    ]


@given(st.text(alphabet=st.sampled_from('ab Zu1290[]()#X.:-/@"“”👍۳م\n'), max_size=50), forms)
def test_a_model_that_changes_nothing_changes_nothing(words: str, form: TokenForm) -> None:
    protected = protect(words, form)
    restored = restore(protected, protected.words)
    assert restored is not None
    assert restored.replace(" ", "") == words.replace(" ", "")


def test_the_form_that_survives_is_found_by_trial() -> None:
    def loses_brackets(lines: list[str]) -> list[str]:
        return [re.sub(r"[\[\]()]", "", line) for line in lines]

    assert (found := probe(loses_brackets)) is not None
    assert found.name == "X1X"


def test_where_no_form_survives_none_is_used() -> None:
    assert probe(lambda lines: ["" for _ in lines]) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_sentences_to_try_tokens_in(language: str) -> None:
    assert len(carriers(language)) >= 5


def test_without_a_form_a_value_is_expected_as_it_was() -> None:
    assert protect("Come on 7 July.", None).expected("ur") == ("7 July",)
