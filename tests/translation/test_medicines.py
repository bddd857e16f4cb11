"""Medicines and amounts in what staff write are found, also misspelt; everyday words are let through."""

import pytest

from bot.translation.medicines import LONG, _lines_of, dose_in, medicine_in


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Take 500mg at night", "500mg"),
        ("Take 500 mg at night", "500 mg"),
        ("2.5 ml of it", "2.5 ml"),
        ("10 units before you eat", "10 units"),
        ("50 micrograms", "50 micrograms"),
        ("50 mcg", "50 mcg"),
        ("50 µg", "50 µg"),
        ("5g of cream", "5g"),
        ("2 x 20 mg", "20 mg"),
        ("two tablets a day", "two tablets"),
        ("Two white tablets", "Two white tablets"),
        ("two of the white tablets", "two of the white tablets"),
        ("half a tablet", "half a tablet"),
        ("½ tablet", "½ tablet"),
        ("one-and-a-half capsules", "a-half capsules"),
        ("a few drops in each eye", "a few drops"),
        ("another puff", "another puff"),
        ("3 puffs", "3 puffs"),
        ("٢ tablets", "2 tablets"),
        ("take 2 at night", "take 2"),
        ("Take one every morning.", "Take one"),
    ],
)
def test_an_amount_is_found_in_figures_and_in_words(words: str, found: str) -> None:
    assert dose_in(words) == found


@pytest.mark.parametrize(
    "words",
    [
        "Bring a list of your tablets.",
        "Come at 10 about your tablets.",
        "Your 10am appointment is about tablets.",
        "You have waited 10 minutes. Your tablets are ready.",
        "Please come on 4 December and bring your tablets.",
        "Take 10 minutes to read it.",
        "Take two forms of ID with you.",
        "Take a taxi.",
        "Your weight is 70 kg.",
        "We will phone you at 3pm.",
    ],
)
def test_other_numbers_beside_tablets_are_no_amount(words: str) -> None:
    assert dose_in(words) is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("your paracetamol", "paracetamol"),
        ("PARACETAMOL", "paracetamol"),
        ("paracetomol", "paracetamol"),
        ("amoxycillin", "amoxicillin"),
        ("lisinporil", "lisinopril"),
        ("metformins", "metformin"),
        ("co-codamol", "co-codamol"),
        ("co codamol", "co-codamol"),
        ("cocodamol", "co-codamol"),
        ("folic acid", "folic acid"),
        ("Ventolin inhaler", "ventolin"),
        ("St John's Wort", "st john's wort"),
        ("insulin", "insulin"),
    ],
)
def test_a_medicine_is_found_also_with_one_letter_wrong(words: str, found: str) -> None:
    assert medicine_in(words) == found


@pytest.mark.parametrize("words", ["Belfast", "a concert", "the ability", "shorter", "blood test", "Dr Saxena"])
def test_an_everyday_word_is_no_medicine(words: str) -> None:
    assert medicine_in(words) is None


def test_every_name_of_the_list_is_found_in_any_case() -> None:
    names = _lines_of("medicines.txt")
    assert len(names) > 900
    assert [name for name in names if name != name.lower()] == []
    assert [name for name in names if medicine_in(f"Your {name.title()}, please.") is None] == []


def test_what_is_let_through_is_one_letter_away_from_a_long_name() -> None:
    assert [word for word in _lines_of("no-medicines.txt") if len(word) < LONG - 1] == []
