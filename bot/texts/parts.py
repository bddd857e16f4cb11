"""How many SMS parts a text takes, and plain characters in place of costly look-alikes.

Pure arithmetic. Source: 3GPP TS 23.038 (the GSM 7-bit alphabet and its extension table) and 3GPP TS 23.040
(the six-octet header of a concatenated message, which leaves 153 septets or 67 UCS-2 units a part).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ALPHABET = _BASIC | _EXTENDED

_ONE_PART: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
_OF_SEVERAL: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}

PENCE_PER_PART = 4.0
"""An estimate of what one part to a UK mobile costs; the account's own price counts.

Twilio lists its prices at https://www.twilio.com/en-gb/sms/pricing/gb (about 5 US cents a part).
"""


@dataclass(frozen=True)
class PartCount:
    """What a body costs: its encoding, units (septets of GSM-7 or 16-bit units of UCS-2) and parts."""

    encoding: Encoding
    units: int
    parts: int


def encoding_of(body: str) -> Encoding:
    """Return "GSM-7" when every character is in that alphabet: a single other one turns all to "UCS-2"."""
    return "GSM-7" if _ALPHABET.issuperset(body) else "UCS-2"


def _width(char: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if char in _EXTENDED else 1
    return 2 if ord(char) > 0xFFFF else 1


def _units(body: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return len(body) + sum(map(body.count, _EXTENDED))
    return len(body.encode("utf-16-le", "surrogatepass")) // 2


def split_parts(body: str) -> tuple[str, ...]:
    """Return the body cut into the parts a phone network would carry; an empty body has none.

    A pair (an escaped character of GSM-7, a surrogate pair of UCS-2) is never cut in two: when only one unit
    is left in a part, the pair begins the next one.
    """
    encoding = encoding_of(body)
    units, most = _units(body, encoding), _OF_SEVERAL[encoding]
    if units <= _ONE_PART[encoding]:
        return (body,) if body else ()
    if units == len(body):  # no pair to keep together
        return tuple(body[start : start + most] for start in range(0, units, most))
    starts, used = [0], 0
    for position, char in enumerate(body):
        width = _width(char, encoding)
        if used + width > most:
            starts.append(position)
            used = 0
        used += width
    ends = [*starts[1:], len(body)]
    return tuple(body[start:end] for start, end in zip(starts, ends, strict=True))


def count_parts(body: str) -> PartCount:
    """Count the units and parts of a body exactly as it stands; an empty body is 0 units and 0 parts."""
    encoding = encoding_of(body)
    return PartCount(encoding, _units(body, encoding), len(split_parts(body)))


def _look_alikes() -> dict[int, str]:
    plain_for = {
        "'": "\u2018\u2019\u201a\u201b\u2032\u02bc",
        '"': "\u201c\u201d\u201e\u201f\u2033",
        "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
        " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
        "\n": "\u2028\u2029\u0085",
        "...": "\u2026",
        # Invisible ones; direction marks too, as long as nobody has seen that handsets hide them.
        "": "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    }
    return {ord(char): plain for plain, chars in plain_for.items() for char in chars}


_LOOK_ALIKES = _look_alikes()
_ACCENTED = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]+")
IDLE_JOINERS = re.compile(r"(?<![\u0590-\U0010ffff])[\u200c\u200d]+")
"""Persian spelling, Indic conjuncts and emoji need their joiners; nothing before Hebrew in Unicode does."""


def plain(body: str) -> str:
    """Return the body with plain quotes, dashes, spaces, dots and line ends, and no invisible characters.

    Accents and letters are never lost: a letter and its accent are at most joined into the one character
    that means both, which may bring a text back into GSM-7.
    """
    body = body.replace("\r\n", "\n").replace("\r", "\n").translate(_LOOK_ALIKES)
    body = IDLE_JOINERS.sub("", body)
    return _ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[0]), body)
