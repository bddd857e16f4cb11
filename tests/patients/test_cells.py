import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.patients.cells import clean, is_blank, plain_digits

PARTING = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u200b\u2028\u2029\u00a0\u2003\u3000\x01\x7f"
UNSEEN = "\u200e\u200f\u202a\u2060\ufeff\u00ad"


@pytest.mark.parametrize("sign", PARTING)
def test_what_parts_words_is_a_space(sign: str) -> None:
    assert clean(f"195967001{sign}13645005") == "195967001 13645005"
    assert clean(f"{sign}Van {sign}{sign}Dyk{sign}") == "Van Dyk"


@pytest.mark.parametrize("sign", UNSEEN)
def test_what_is_not_seen_is_left_out_but_never_joins_two_numbers(sign: str) -> None:
    assert clean(f"{sign}Van{sign} Dyk") == "Van Dyk"
    assert clean(f"195967001{sign}13645005") == "195967001 13645005"


@pytest.mark.parametrize("name", ["علی\u200cرضا", "නිෂ්\u200dශංක", "क्\u200dष", "ক্\u200cষ"])
def test_joiners_stay_where_the_script_needs_them(name: str) -> None:
    assert clean(name) == name


def test_joiners_are_left_out_where_no_script_needs_them() -> None:
    assert (clean("Zo\u200dë"), clean("\u200cAnn")) == ("Zoë", "Ann")


@pytest.mark.parametrize("name", ["'t Hooft", "'s Gravesande", "'Abd al-Rahman", "'Ōmāka"])
def test_an_apostrophe_before_a_letter_belongs_to_the_word(name: str) -> None:
    assert clean(name) == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [("'07700900123", "07700900123"), ("'=1+1", "=1+1"), ("'+44", "+44"), ("''t Hooft", "'t Hooft"), ('="07"', "07")],
)
def test_what_keeps_a_spreadsheet_from_reading_a_number_is_taken_off(written: str, meant: str) -> None:
    assert clean(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("9994000012_x000D_", "9994000012"), ("NHS Number_x000D_\n", "NHS Number"), ("A_x0009_B", "A B")),
        *(("_x0041_nn", "Ann"), ("a_x005F_x000D_b", "a_x000D_b"), ("_xD83D__xDE00_", "😀"), ("_xyz_", "_xyz_")),
    ],
)
def test_what_a_workbook_escapes_is_undone(written: str, meant: str) -> None:
    assert clean(written) == meant


@pytest.mark.parametrize("letter", ["\ue000", "\x92", "\ud800"])
def test_a_letter_of_no_script_is_one_that_was_lost(letter: str) -> None:
    assert clean(f"O{letter}Brien") == "O\ufffdBrien"
    assert clean(f"{letter} Ann") == "Ann"


@pytest.mark.parametrize("cell", ["", " ", "\x1a", "\x04", "\x00", "\ufeff", "\u200b", "_x000D_", "\ufffd"])
def test_a_cell_with_nothing_to_see_is_blank(cell: str) -> None:
    assert is_blank(cell)
    assert not is_blank(f"{cell}-")


@pytest.mark.parametrize("dash", "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u207b\ufe63\u2043")
def test_every_dash_is_a_dash(dash: str) -> None:
    assert plain_digits(f"1{dash}2") == "1-2"


def test_digits_of_every_script_are_digits() -> None:
    assert plain_digits("٠٧۷๗７") == "07777"


@given(st.text())
def test_a_clean_cell_stays_as_it_is(cell: str) -> None:
    once = clean(cell)
    assert once.encode() is not None
    assert clean(f"x{once}x") == f"x{once}x" or "_x" in once
