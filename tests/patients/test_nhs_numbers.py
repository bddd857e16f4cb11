import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.patients.nhs_numbers import read_nhs_number
from tests.factories import nhs_number


@pytest.mark.parametrize(
    "written",
    [
        "9990000077",
        "999 000 0077",
        "999-000-0077",
        "\uff19990000077",
        "999\u2212000\u22120077",
        "9990000077;",
        "999,000,0077",
        "٩٩٩٠٠٠٠٠٧٧",
    ],
)
def test_an_nhs_number_is_read_however_it_is_spaced(written: str) -> None:
    assert read_nhs_number(written).number == "9990000077"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "nhs-number-missing"),
        (" - ", "nhs-number-missing"),
        ("0000000000", "nhs-number-zeros"),
        ("000 000 0000", "nhs-number-zeros"),
        *((digit * 10, "nhs-number-placeholder") for digit in "123456789"),
        *(("0123456789", "nhs-number-placeholder"), ("987 654 3210", "nhs-number-placeholder")),
        ("9990000077;9990000212", "nhs-number-length"),
        ("999 123 4567", "nhs-number-check-digit"),
        ("9990000078", "nhs-number-check-digit"),
        ("999000007", "nhs-number-length"),
        ("99900000777", "nhs-number-length"),
        ("ABC", "nhs-number-length"),
        ("9.99E+09", "nhs-number-scientific"),
    ],
)
def test_what_is_no_nhs_number_says_why(written: str, code: str) -> None:
    reading = read_nhs_number(written)
    assert reading.number is None
    assert reading.code == code
    assert reading.message.endswith(".")


@given(st.integers(0, 500))
def test_every_valid_number_is_read_and_its_neighbour_is_not(index: int) -> None:
    number = nhs_number(index)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert read_nhs_number(number).number == number
    assert read_nhs_number(wrong).code == "nhs-number-check-digit"


@given(st.text())
def test_any_text_gives_ten_digits_or_a_reason(text: str) -> None:
    reading = read_nhs_number(text)
    assert (reading.number is None) == (reading.code is not None)
