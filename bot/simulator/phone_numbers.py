"""Phone numbers as the network sees them."""

import re

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

POOL_NUMBER = "+441632960000"
"""Stands for a messaging service that has no number of its own: Ofcom keeps 01632 960000-960999 for drama."""

_PUNCTUATION = re.compile(r"[\s().\-\u00a0\u2011\u200e\u202a\u202c]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_UK = re.compile(r"\+44[1-9][0-9]{8,9}")
_UK_LANDLINE = re.compile(r"\+44[123]")
_UK_MOBILE = re.compile(r"\+447[0-9]{9}")


def read_number(text: str) -> str | None:
    """The number in E.164, or None when it is none. A leading 0 is read as a number of the United Kingdom."""
    digits = _PUNCTUATION.sub("", text)
    if digits.startswith("0") and not digits.startswith("00"):
        digits = "+44" + digits[1:]
    shape = _UK if digits.startswith("+44") else _E164
    return digits if shape.fullmatch(digits) else None


def is_landline(number: str) -> bool:
    """Whether a text to this number is read aloud: UK operators do so for landlines."""
    return _UK_LANDLINE.match(number) is not None


def can_be_texted(number: str) -> bool:
    """False for numbers of the United Kingdom that are neither mobiles nor landlines, such as 0800."""
    return not number.startswith("+44") or is_landline(number) or _UK_MOBILE.fullmatch(number) is not None


def as_read(number: str) -> str:
    """A number the way people of the United Kingdom write it: 07700 900123."""
    style = PhoneNumberFormat.NATIONAL if number.startswith("+44") else PhoneNumberFormat.INTERNATIONAL
    try:
        return format_number(parse(number), style)
    except NumberParseException:
        return number
