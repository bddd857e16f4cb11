"""Slips of the thumb in words of danger: which words they may be, and which near ones are words of their own."""

import pytest

from bot.understanding.reading import danger_in


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The rain has made a raging river of our street, I cannot come"),
        ("en", "He tapped on the window, it was only the postman"),
        ("sk", "Syn nebude doma, príde až večer"),
        ("lv", "Es varu nākt mēneša sākumā"),
        ("pl", "W tym przypadku wolę inny termin, jest wiele niewiadomych"),
        ("tr", "Haftanın sonuna doğru gelebilirim"),
    ],
)
def test_an_everyday_word_one_letter_from_danger_is_none(language: str, text: str) -> None:
    assert not [found for found in danger_in(text, language) if found.level == "red"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my husband is unconsious on the floor"),
        ("en", "she is haveing a seizzure and cannot breath"),
        ("es", "mi marido está inconscinete en el suelo"),
        ("pl", "mąż jest nieprzytonmy"),
        ("tr", "kocam bilinsciz yerde yatıyor"),
    ],
)
def test_a_misspelt_word_of_danger_is_still_found(language: str, text: str) -> None:
    assert danger_in(text, language)[0].level == "red"


def test_an_everyday_word_is_no_slip_of_a_phrase_of_one_word_either() -> None:
    assert danger_in("I am cooking now, ring me after six", "en") == []
    assert danger_in("he is chokking on a bone", "en")[0].level == "paged"


def test_the_name_of_a_language_and_a_word_of_replies_are_no_slip() -> None:
    assert not danger_in("ممكن بالكردي لامي", "ar")  # "in Kurdish", and "with the chair" is a letter away


def test_a_unit_marked_as_whole_takes_no_longer_word() -> None:
    assert danger_in("chcę już nie żyć", "pl")
    assert not danger_in("nie życzę sobie tego, mam już dość", "pl")
