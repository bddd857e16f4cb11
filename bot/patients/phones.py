"""Phone numbers as lists write them: only a UK mobile can be texted. Pure.

Landlines are no error to Twilio, which reads the text aloud to whoever answers: they are sorted out here.
"""

import re
from functools import cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType

from bot.patients.cells import is_scientific, plain_digits
from bot.tables.patients import PhoneStatus

UK = "GB"
UK_CODE = 44
CROWN_DEPENDENCIES = frozenset({"GG", "IM", "JE"})
"""Their mobiles look British, are not in the UK, and cost as abroad."""

_ALLOWED = re.compile(r"[+\d\s().\-/]+")
_SEPARATORS = re.compile(r"[\s().\-/]")
_LABEL = re.compile(r"^(?:tel|telephone|phone|mob|mobile|sms|[mt])\s*[.:]+\s*(?=[+(\d])", re.I)
_STRAY_ZEROS = re.compile(r"^0+(?=07\d{9}$)")
_TRUNK_ZERO = re.compile(r"^(\+|00)44\s*\(?0\)?")
_TEST = re.compile(r"\+447700\d{6}")
_USUAL = re.compile(r"(?:0|\+44 ?|(44))(7\d{3}) ?(\d{3}) ?(\d{3})", re.ASCII)
_PLAIN_MOBILE = re.compile(r"07\d{9}")
_LOST_ZERO = re.compile(r"[1237]\d{9}")
_LOST_PLUS = re.compile(r"440?(7\d{9})")
_STRAY_ENDS = " \t\n,;/&|"
_BETWEEN_NUMBERS = re.compile(r"[,;/&|\n]|\b(?:or|and)\b", re.I)
_SEVERAL = re.compile(r"(?:\d[\s().\-]*){9,}[/,;&\n]|(?:\d[\s().\-/]*){16,}|\b(?:or|and)\b", re.I)


class PhoneReading(NamedTuple):
    """What a cell says.

    `number` is E.164, only when it can be texted. `fixed` names a repair: `lost-zero`, `lost-plus`. `reason`
    says why there is no number: `not-mobile`, `not-uk`, `unreadable`, `scientific`, `several`, `test-number`.
    """

    number: str | None
    status: PhoneStatus
    fixed: str | None = None
    reason: str | None = None


def read_phone(text: str, *, test_numbers: bool) -> PhoneReading:
    """Read a phone number of the UK.

    :param test_numbers: 07700 000000-999999 count as mobiles; without it none of them does (Ofcom keeps
        07700 900000-900999 for drama, and no real person may be mistaken for a made-up one).
    """
    if (usual := _USUAL.fullmatch(text)) and (found := _usual_mobile(usual, test_numbers)):
        return found
    text = plain_digits(_LABEL.sub("", text.strip(_STRAY_ENDS)))
    if not text:
        return PhoneReading(None, PhoneStatus.NONE)
    if is_scientific(text):
        return _unreadable("scientific")
    if _BETWEEN_NUMBERS.search(text) and (one := _the_one_number(text, test_numbers)):
        return one
    if not _ALLOWED.fullmatch(text) or _SEVERAL.search(text):
        return _unreadable("several" if _SEVERAL.search(text) else "unreadable")
    dialled, fixed = _as_dialled(text)
    if _PLAIN_MOBILE.fullmatch(dialled) and dialled.startswith("07700"):
        return _test_number(f"+44{dialled[1:]}", test_numbers, fixed)
    return _by_numbering_plan(dialled, test_numbers, fixed)


def _usual_mobile(usual: re.Match[str], test_numbers: bool) -> PhoneReading | None:
    """Most cells of a list: a mobile as people write it. What is none, the library says more about."""
    lost_plus, *groups = usual.groups()
    national, fixed = "".join(groups), "lost-plus" if lost_plus else None
    if national.startswith("7700"):
        return _test_number(f"+44{national}", test_numbers, fixed)
    return PhoneReading(f"+44{national}", PhoneStatus.OWN, fixed) if uk_mobiles().fullmatch(national) else None


@cache
def uk_mobiles() -> re.Pattern[str]:
    """The library's own pattern of the UK's mobiles, for ten digits without the zero.

    What the library would call something else, or the mobile of a region that shares the code of the country, is
    none: it asks for the kinds in an order, and for the UK before other regions.
    """
    plan: Any = PhoneMetadata.metadata_for_region(UK)
    kinds = (plan.premium_rate, plan.toll_free, plan.shared_cost, plan.voip, plan.personal_number, plan.pager)
    others = (*kinds, plan.uan, plan.voicemail, plan.fixed_line)
    not_these = "|".join(kind.national_number_pattern for kind in others if kind and kind.national_number_pattern)
    one_of_all = f"(?=(?:{plan.general_desc.national_number_pattern})$)"
    return re.compile(f"(?!(?:{not_these})$){one_of_all}(?:{plan.mobile.national_number_pattern})", re.ASCII)


def _the_one_number(text: str, test_numbers: bool) -> PhoneReading | None:
    """The number of a cell that has a stray mark within it, or has one number twice."""
    pieces = [piece.strip() for piece in _BETWEEN_NUMBERS.split(text) if piece.strip(" .-()+")]
    whole = " ".join(pieces)
    for candidates in ([whole], pieces):
        found = {read_phone(piece, test_numbers=test_numbers) for piece in candidates if piece != text}
        if len(found) == 1 and (one := found.pop()).number:
            return one
    return None


def _as_dialled(text: str) -> tuple[str, str | None]:
    """The number as somebody in the UK would dial it, and the repair that took."""
    digits = _STRAY_ZEROS.sub("", _SEPARATORS.sub("", _TRUNK_ZERO.sub(r"\g<1>44", text)))
    if digits.startswith(("+447", "00447")):
        return "0" + digits[digits.index("447") + 2 :], None
    if digits.startswith("00"):
        return "+" + digits[2:], None
    if match := _LOST_PLUS.fullmatch(digits):
        return "0" + match[1], "lost-plus"
    if _LOST_ZERO.fullmatch(digits):
        return "0" + digits, "lost-zero"
    return digits, None


def _test_number(number: str, test_numbers: bool, fixed: str | None) -> PhoneReading:
    if test_numbers:
        return PhoneReading(number, PhoneStatus.OWN, fixed)
    return _unreadable("test-number")


def _by_numbering_plan(dialled: str, test_numbers: bool, fixed: str | None) -> PhoneReading:
    try:
        parsed = phonenumbers.parse(dialled, UK)
    except NumberParseException:
        return _unreadable("unreadable")
    if parsed.country_code != UK_CODE:
        return _not_uk() if phonenumbers.is_possible_number(parsed) else _unreadable("unreadable")
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _TEST.fullmatch(number):
        return _test_number(number, test_numbers, fixed)
    return _british(parsed, number, fixed)


def _british(parsed: PhoneNumber, number: str, fixed: str | None) -> PhoneReading:
    national = str(parsed.national_number)
    if not national.startswith("7"):
        # Ofcom's drama landlines are not valid to the library, yet landlines to everybody.
        possible = len(national) in (9, 10)
        return _not_mobile() if possible else _unreadable("unreadable")
    kind = phonenumbers.number_type(parsed)
    if kind in (PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER):
        return _not_mobile()
    if kind != PhoneNumberType.MOBILE:
        return _unreadable("unreadable")
    if phonenumbers.region_code_for_number(parsed) in CROWN_DEPENDENCIES:
        return _not_uk()
    return PhoneReading(number, PhoneStatus.OWN, fixed)


def _not_mobile() -> PhoneReading:
    return PhoneReading(None, PhoneStatus.NOT_MOBILE, reason="not-mobile")


def _not_uk() -> PhoneReading:
    return PhoneReading(None, PhoneStatus.NOT_UK, reason="not-uk")


def _unreadable(reason: str) -> PhoneReading:
    return PhoneReading(None, PhoneStatus.UNREADABLE, reason=reason)
