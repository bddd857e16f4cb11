"""A phone number in a text: dialled as written, and in the right order whichever way the text runs."""

import pytest

from bot.texts.catalogue import catalogue
from bot.texts.wording import fill, spell_phone, wording_for


@pytest.mark.parametrize("written", ["+441632960300", "01632960300", "01632 960300", "+44 1632 960300"])
def test_a_number_is_written_as_people_dial_it(written: str) -> None:
    assert spell_phone(written, right_to_left=False) == "01632 960300"


@pytest.mark.parametrize("tag", ["ur", "ar", "fa"])
def test_in_right_to_left_text_a_number_is_one_run_of_digits(tag: str) -> None:
    wording = wording_for("staff-please-call", tag)
    assert wording is not None
    values = {"practice": "Hill Surgery", "practice_phone": "+441632960300"}
    body = fill(catalogue()["staff-please-call"], tag, wording.body, values)
    assert "\n01632960300" in body


def test_a_short_number_stays_as_it_is() -> None:
    assert spell_phone("111", right_to_left=False) == "111"
