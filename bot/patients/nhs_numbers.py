"""NHS numbers as lists write them. Pure.

Rule: ten digits, the last one a modulus 11 check digit (NHS Data Model and Dictionary, "NHS NUMBER").
"""

from operator import mul
from typing import NamedTuple

from bot.patients.cells import is_scientific, plain_digits, shown

_SEPARATORS = str.maketrans("", "", " -.,;\t\n\u00a0")
_PLACEHOLDERS = frozenset([*(digit * 10 for digit in "123456789"), "0123456789", "9876543210"])
"""Their check digits are right, and nobody has them."""


_WEIGHTS = range(10, 1, -1)
_ZERO = ord("0") * sum(_WEIGHTS)


class NhsNumberReading(NamedTuple):
    """`number` is ten digits, or None; then `code` and `message` say what is wrong."""

    number: str | None
    code: str | None = None
    message: str = ""


def read_nhs_number(cell: str) -> NhsNumberReading:
    """Read an NHS number, in whatever way it is spaced."""
    usual = len(cell) == 10 and cell.isascii() and cell.isdigit()
    text = cell if usual else plain_digits(cell).translate(_SEPARATORS)
    if not text:
        return _refuse("nhs-number-missing", "There is no NHS number, so we cannot know who this is.")
    if not usual and is_scientific(plain_digits(cell)):
        return _refuse(
            "nhs-number-scientific",
            f"A spreadsheet has rounded this number to {shown(cell)}. Format the column as text and export again.",
        )
    if not (text.isascii() and text.isdigit()) or len(text) != 10:
        return _refuse("nhs-number-length", f"{shown(cell)} is not an NHS number, which has 10 digits.")
    if text == "0000000000":
        return _refuse("nhs-number-zeros", "The NHS number is all zeros, so we cannot know who this is.")
    if text in _PLACEHOLDERS:
        return _refuse("nhs-number-placeholder", f"{shown(cell)} is nobody's number, so we cannot know who this is.")
    if not has_check_digit(text):
        return _refuse("nhs-number-check-digit", f"{shown(cell)} is not a valid NHS number: a digit must be wrong.")
    return NhsNumberReading(text)


def has_check_digit(text: str) -> bool:
    """Whether the last of ten ASCII digits is the check digit of the others."""
    return _check_digit(text) == int(text[9])


def _check_digit(text: str) -> int:
    """What the tenth digit has to be; 10, which no digit is, where there is no such number."""
    total: int = sum(map(mul, text.encode(), _WEIGHTS)) - _ZERO
    return -total % 11


def _refuse(code: str, message: str) -> NhsNumberReading:
    return NhsNumberReading(None, code, message)
