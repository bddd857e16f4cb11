import re
from typing import Any
from unittest.mock import patch

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberType

from bot.patients import phones
from bot.patients.phones import PhoneReading, read_phone, uk_mobiles
from bot.tables.patients import PhoneStatus


def read(text: str, **changes: Any) -> PhoneReading:
    return read_phone(text, **({"test_numbers": True} | changes))


@pytest.mark.parametrize(
    "written",
    [
        *("07700900123", "07700 900123", "07700 900 123", "07700-900-123", "07700.900.123", "(07700) 900123"),
        *("+447700900123", "+44 7700 900123", "00447700900123", "0044 (0)7700 900123", "(0)7700 900123"),
        *("tel:+447700900123", "Mob: 07700 900123", "T. 07700900123"),
        *("+44(0)7700900123", "+44 (0) 7700 900 123", "+4407700900123", " 07700900123 ", "07700\u2013900\u2013123"),
        *("007700900123", "0007700 900123", "07700\u2212900\u2212123", "٠٧٧٠٠٩٠٠١٢٣"),
        *("07700 900123;", ",07700 900123", "07700,900123", "07700 900123 /", "07700 900123, +447700900123"),
    ],
)
def test_every_usual_spelling_of_a_mobile_is_simply_read(written: str) -> None:
    assert read(written) == PhoneReading("+447700900123", PhoneStatus.OWN)


@pytest.mark.parametrize(
    ("written", "fixed"),
    [("7700900123", "lost-zero"), ("7700900123.0", "lost-zero"), ("447700900123", "lost-plus")],
)
def test_what_a_spreadsheet_lost_is_put_back_and_said(written: str, fixed: str) -> None:
    assert read(written) == PhoneReading("+447700900123", PhoneStatus.OWN, fixed)


@pytest.mark.parametrize("written", ["01632 960001", "020 7946 0123", "+44 1632 960001", "1632960001", "0800 123 4567"])
def test_a_landline_is_never_used_as_a_mobile(written: str) -> None:
    assert read(written) == PhoneReading(None, PhoneStatus.NOT_MOBILE, reason="not-mobile")


@pytest.mark.parametrize("written", ["070 1234 5678", "07640 123456"])
def test_personal_numbers_and_pagers_are_no_mobiles(written: str) -> None:
    assert read(written).status == PhoneStatus.NOT_MOBILE


@pytest.mark.parametrize("written", ["+92 300 1234567", "0048 512 345 678", "+1 202 555 0123"])
def test_a_foreign_number_is_set_aside(written: str) -> None:
    assert read(written) == PhoneReading(None, PhoneStatus.NOT_UK, reason="not-uk")


@pytest.mark.parametrize("written", ["07624 123456", "+447797712345", "07781 123456"])
def test_mobiles_of_the_crown_dependencies_are_not_uk(written: str) -> None:
    assert read(written).status == PhoneStatus.NOT_UK


def test_a_real_mobile_is_read_by_the_numbering_plan() -> None:
    assert read("07400 123456", test_numbers=False).status == PhoneStatus.OWN


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("4.477E+11", "scientific"),
        ("4,477E+11", "scientific"),
        ("07700900123 / 07700900456", "several"),
        ("07700 900123, 07700 900456", "several"),
        ("07700 900123 or 07700 900456", "several"),
        ("07700 900123; 01632 960001", "several"),
        ("07700 900123, 12", "several"),
        ("ex directory", "unreadable"),
        ("not for work use", "unreadable"),
        ("ask daughter", "unreadable"),
        ("07700 90012", "unreadable"),
        ("12", "unreadable"),
    ],
)
def test_what_cannot_be_read_says_why(written: str, reason: str) -> None:
    assert read(written) == PhoneReading(None, PhoneStatus.UNREADABLE, reason=reason)


def test_a_blank_cell_is_no_number() -> None:
    assert read("  ") == PhoneReading(None, PhoneStatus.NONE)


@pytest.mark.parametrize("written", ["07700 000000", "07700 900123", "07700 999999", "+447700123456"])
def test_test_numbers_count_only_while_no_real_phone_can_be_reached(written: str) -> None:
    assert read(written).status == PhoneStatus.OWN
    assert read(written, test_numbers=False) == PhoneReading(None, PhoneStatus.UNREADABLE, reason="test-number")


@given(st.text(), st.booleans())
def test_any_text_gives_a_number_or_a_reason(text: str, test_numbers: bool) -> None:
    reading = read(text, test_numbers=test_numbers)
    assert (reading.number is not None) == (reading.status == PhoneStatus.OWN)
    assert reading.number is not None or reading.reason or reading.status == PhoneStatus.NONE


@given(st.text("0123456789+ ()-.", max_size=20))
def test_what_looks_like_a_number_is_texted_only_as_a_uk_mobile(text: str) -> None:
    number = read(text).number
    assert number is None or (number.startswith("+447") and len(number) == 13)


@given(
    st.sampled_from(["0{}", "+44{}", "+44 {}", "0044{}", "44{}", "{}", "0 {}", "44 {}"]),
    st.sampled_from(["{}{}{}", "{} {}{}", "{} {} {}", "{}-{}-{}", "{}  {}{}"]),
    st.from_regex(r"7[0-9]{3}", fullmatch=True),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.booleans(),
)
@settings(max_examples=1000)
def test_the_short_way_of_a_usual_mobile_says_what_the_library_says(
    before: str, spacing: str, first: str, second: str, third: str, test_numbers: bool
) -> None:
    check_both_ways(before.format(spacing.format(first, second, third)), test_numbers)


@given(
    st.from_regex(r"(0|\+44 ?|0044|44)7[0-9]{3} ?[0-9]{6}", fullmatch=True),
    st.integers(0, 15),
    st.sampled_from([*"0179 +-.()x/\u0667\u200b", ""]),
    st.booleans(),
)
@settings(max_examples=1000)
def test_one_sign_more_less_or_other_gives_what_the_library_says(
    cell: str, place: int, sign: str, instead: bool
) -> None:
    check_both_ways(cell[:place] + sign + cell[place + instead :], test_numbers=True)


def check_both_ways(cell: str, test_numbers: bool) -> None:
    with patch.object(phones, "_USUAL", re.compile(r"(?!)")):
        slow = read_phone(cell, test_numbers=test_numbers)
    assert read_phone(cell, test_numbers=test_numbers) == slow


def test_the_pattern_of_mobiles_is_the_librarys_for_every_range() -> None:
    """By the first six digits: no kind of number in the UK is told apart by those after them."""
    for start in range(700_000, 800_000, 7):
        national = f"{start}1234"
        number = PhoneNumber(country_code=44, national_number=int(national))
        kind, region = phonenumbers.number_type(number), phonenumbers.region_code_for_number(number)
        is_ours = (kind, region) == (PhoneNumberType.MOBILE, "GB")
        assert (uk_mobiles().fullmatch(national) is not None) == is_ours, national
