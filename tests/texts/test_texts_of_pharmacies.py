"""A pharmacy with a long name and address texts within its parts on every day of the year, in every language."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path

import pytest

from bot.texts.catalogue import Text, Value, catalogue
from bot.texts.dates_in_words import format_day
from bot.texts.languages import WORDED
from bot.texts.parts import count_parts
from bot.texts.wording import fill, read_wording

LONG_NAME = "Well Pharmacy Station Road"
LONGER_NAME = "Day Lewis Pharmacy Manningham Lane North"
ADDRESS = "Unit 4, 112-114 Manningham Lane, Bradford"
TEXTS = [text for key, text in catalogue().items() if key.startswith("pharmacy-") or key == "tell-pharmacy"]
WITH_HOURS = [text for text in TEXTS if "hours_date" in text.slots]
OTHERS = [text for text in TEXTS if "hours_date" not in text.slots]


@cache
def longest_day(tag: str) -> date:
    """Over seven years every day of the year falls on every weekday, or nearly."""
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(7 * 365))
    return max(days, key=lambda day: len(format_day(day, tag)))


def parts(text: Text, tag: str, locales: Path, values: Mapping[str, Value]) -> int:
    wording = read_wording(text, tag, locales)
    assert wording is not None
    return count_parts(fill(text, tag, wording.body, {name: values[name] for name in text.slots})).parts


@pytest.mark.parametrize("tag", WORDED)
@pytest.mark.parametrize("text", WITH_HOURS, ids=lambda text: text.key)
def test_where_and_when_fit_on_the_longest_day(text: Text, tag: str, shipped_locales: Path) -> None:
    values: dict[str, Value] = {
        "pharmacy": LONG_NAME,
        "address": ADDRESS,
        "hours_date": longest_day(tag),
        "opens": time(10, 30),
        "closes": time(18, 30),
    }
    assert parts(text, tag, shipped_locales, values) <= text.cap


@pytest.mark.parametrize("tag", WORDED)
@pytest.mark.parametrize("text", OTHERS, ids=lambda text: text.key)
def test_the_others_have_room_for_a_longer_name(text: Text, tag: str, shipped_locales: Path) -> None:
    values: dict[str, Value] = {"pharmacy": LONGER_NAME, "pharmacy_phone": "+441632960200"}
    assert parts(text, tag, shipped_locales, values) <= text.cap
