"""Which text says a notice, what it is filled with, and what the numbers under it mean."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.pharmacy.organising.hours import Opening
from bot.pharmacy.organising.pharmacies import DELIVERY, offers_of
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import Notice, NoticeKind, ProblemReason
from bot.texts.catalogue import Value, catalogue

WILL_COLLECT, SOMEBODY_ELSE, DELIVER, WILL_PHONE, PHONE_ME = (
    "will-collect",
    "somebody-else",
    "deliver",
    "will-phone",
    "phone-me",
)
"""What a person answers, as programs read it."""
THANKS, WILL_BE_PHONED, MAY_TELL = (
    "pharmacy-thanks",
    "pharmacy-will-phone",
    "tell-pharmacy",
)
_READY, _PART_READY, _REMINDER = "pharmacy-ready", "pharmacy-part-ready", "pharmacy-reminder"
_OR_DELIVERED = "-or-delivered"
"""Ends the name of the same text where the pharmacy delivers."""
_OF_KIND = MappingProxyType(
    {
        NoticeKind.PART_ON_ITS_WAY: "pharmacy-part-on-its-way",
        NoticeKind.ON_ITS_WAY: "pharmacy-on-its-way",
    }
)
_OF_REASON = MappingProxyType(
    {
        ProblemReason.OUT_OF_STOCK: "pharmacy-out-of-stock",
        ProblemReason.NEEDS_DOCTOR: "pharmacy-needs-doctor",
        ProblemReason.CANNOT_READ: "pharmacy-cannot-read",
        ProblemReason.PLEASE_PHONE: "pharmacy-please-phone",
    }
)
_COLLECT = {1: WILL_COLLECT, 2: SOMEBODY_ELSE, 5: PHONE_ME}
_IF_PROBLEM, _IF_ON_ITS_WAY = {1: WILL_PHONE, 5: PHONE_ME}, {5: PHONE_ME}
ANSWERS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        **dict.fromkeys((_READY, _PART_READY, _REMINDER), _COLLECT),
        **{f"{key}{_OR_DELIVERED}": {**_COLLECT, 2: DELIVER} for key in (_READY, _PART_READY, _REMINDER)},
        "pharmacy-part-on-its-way": _IF_ON_ITS_WAY,
        "pharmacy-on-its-way": _IF_ON_ITS_WAY,
        "pharmacy-out-of-stock": _IF_PROBLEM,
        "pharmacy-needs-doctor": _IF_PROBLEM,
        "pharmacy-cannot-read": _IF_PROBLEM,
        "pharmacy-please-phone": _IF_PROBLEM,
    }
)
"""The numbers under each text that asks, and what they say."""


def text_of(pharmacy: Pharmacy, notice: Notice) -> str:
    """The text that says a notice; of `collected` there is none, and nobody asks."""
    return text_for(pharmacy, notice.kind, notice.reason)


def text_for(pharmacy: Pharmacy, kind: str, reason: str | None) -> str:
    """The text that would say it."""
    if kind == NoticeKind.PROBLEM:
        return _OF_REASON[ProblemReason(str(reason))]
    if kind in (NoticeKind.READY, NoticeKind.PART_READY):
        return _as_offered(pharmacy, _READY if kind == NoticeKind.READY else _PART_READY)
    return _OF_KIND[NoticeKind(kind)]


def reminder_of(pharmacy: Pharmacy) -> str:
    """The text that reminds of what waits at a pharmacy."""
    return _as_offered(pharmacy, _REMINDER)


def _as_offered(pharmacy: Pharmacy, key: str) -> str:
    return f"{key}{_OR_DELIVERED}" if DELIVERY in offers_of(pharmacy) else key


def values_of(pharmacy: Pharmacy, text_key: str, opening: Opening | None) -> dict[str, Value]:
    """What a text is filled with; nothing of the hours where nobody has entered them."""
    slots = catalogue()[text_key].slots
    known: dict[str, Value] = {
        "pharmacy": pharmacy.name,
        "pharmacy_phone": pharmacy.phone,
        "address": pharmacy.address,
    }
    if opening is not None:
        known |= {"hours_date": opening.day, "opens": opening.opens, "closes": opening.closes}
    return {name: known[name] for name in slots if name in known}
