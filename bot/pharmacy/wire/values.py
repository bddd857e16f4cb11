"""Single values of a Task: numbers with their check characters, moments, and what a database can hold."""

import re
from datetime import UTC, datetime, timedelta

from bot.patients.nhs_numbers import has_check_digit
from bot.pharmacy.wire.json_values import is_storable

_CHECK_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
_BASE_36 = {sign: value for value, sign in enumerate(_CHECK_SIGNS[:-1])}
_BASE_36 |= {sign.lower(): value for sign, value in _BASE_36.items()}
_LONGEST_PRESCRIPTION = 40
_NHS_NUMBER = re.compile(r"\d{10}", re.ASCII)
_ODS = re.compile(r"[A-Z0-9]+", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?)?)?",
    re.ASCII,
)


def is_nhs_number(written: object) -> bool:
    """Whether it is ten digits of which the last is the check digit of the others (modulo 11)."""
    return isinstance(written, str) and _NHS_NUMBER.fullmatch(written) is not None and has_check_digit(written)


def is_prescription_number(written: object) -> bool:
    """Whether the last character is the check character of the others, without their dashes (modulo 37, 2)."""
    if not isinstance(written, str) or not 0 < len(written) <= _LONGEST_PRESCRIPTION:
        return False
    total = 0
    for sign in written[:-1].replace("-", ""):
        if sign not in _BASE_36:
            return False
        total = (total + _BASE_36[sign]) * 2 % 37
    return written[-1] in _CHECK_SIGNS and (total + _CHECK_SIGNS.index(written[-1])) % 37 == 1


def read_ods(written: object) -> str | None:
    """An organisation's code in capitals and without spaces around it; None when it cannot be one."""
    code = written.upper().strip() if isinstance(written, str) else ""
    return code if _ODS.fullmatch(code) else None


def read_moment(written: object) -> datetime | None:
    """A FHIR dateTime or instant in UTC; one without a zone is UTC. None when it is none."""
    found = _MOMENT.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, hours, minutes = found.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        day_of_it = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        wall = day_of_it.replace(hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0))
        return (wall + offset if sign == "-" else wall - offset).replace(microsecond=microsecond)
    except (ValueError, OverflowError):
        return None


def is_name(written: object, longest: int) -> bool:
    """Whether it is text that can be kept as it is: not longer than that, and of characters a database takes."""
    return isinstance(written, str) and len(written) <= longest and is_storable(written)
