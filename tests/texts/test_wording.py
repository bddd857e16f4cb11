"""Wordings come from the compiled catalogues; values are filled in once, strictly, and made plain."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.catalogue import Slot, Text, Value
from bot.texts.compiling import compile_wordings
from bot.texts.wording import WordingError, example_values, fill, read_wording, wording_for

WritePo = Callable[[str, Mapping[tuple[str, str], str]], Path]

GREETING = Text(
    "greeting", "Greet.", "line", 1, False, False, {"practice": Slot("practice", "name", "Station")}, "Hi {practice}"
)


def test_english_is_its_own_wording(visit: Text, tmp_path: Path) -> None:
    wording = read_wording(visit, "en", tmp_path)
    assert wording is not None
    assert wording.body == visit.source


def test_a_draft_is_read_and_its_digest_covers_source_and_wording(write_po: WritePo) -> None:
    locales = write_po("pl", {("greeting", GREETING.source): "Dzień dobry {practice}"})
    compile_wordings(locales)
    wording = read_wording(GREETING, "pl", locales)
    assert wording is not None
    assert (wording.text_key, wording.language, wording.body) == ("greeting", "pl", "Dzień dobry {practice}")
    assert wording.digest == sha256(b"Hi {practice}\0" + "Dzień dobry {practice}".encode()).hexdigest()


def test_a_wording_of_an_earlier_source_is_no_wording(write_po: WritePo) -> None:
    locales = write_po("pl", {("greeting", "Hello {practice}"): "Dzień dobry {practice}"})
    compile_wordings(locales)
    assert read_wording(GREETING, "pl", locales) is None


def test_a_wording_of_another_text_with_the_same_source_is_no_wording(write_po: WritePo) -> None:
    locales = write_po("pl", {("farewell", GREETING.source): "Żegnaj {practice}"})
    compile_wordings(locales)
    assert read_wording(GREETING, "pl", locales) is None


def test_a_wording_that_equals_the_english_is_a_wording(write_po: WritePo) -> None:
    locales = write_po("pl", {("greeting", GREETING.source): GREETING.source})
    compile_wordings(locales)
    wording = read_wording(GREETING, "pl", locales)
    assert wording is not None
    assert wording.body == GREETING.source


def test_a_language_that_was_not_compiled_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="Polish is not compiled: run make install"):
        read_wording(GREETING, "pl", tmp_path)


@pytest.mark.parametrize("tag", ["hr", "tlh"])
def test_a_language_without_wording_has_none(tag: str, tmp_path: Path) -> None:
    assert read_wording(GREETING, tag, tmp_path) is None


def test_a_text_of_the_service_has_its_english_by_key() -> None:
    wording = wording_for("emergency", "en")
    assert wording is not None
    assert "999" in wording.body


def test_values_are_written_out_for_the_language(visit: Text) -> None:
    filled = fill(visit, "en", visit.source, example_values(visit))
    assert filled.startswith("Station Practice: come on Thursday 3 December 2026 at 9:30am.\n")
    assert filled.endswith("Phone:\n01632 960101")
    assert "czwartek, 3 grudnia 2026, 9:30" in fill(
        visit, "pl", "{practice} {date}, {time} {phone}", example_values(visit)
    )


def test_a_missing_value_is_named(visit: Text) -> None:
    values = example_values(visit)
    del values["phone"]
    with pytest.raises(ValueError, match="value for phone"):
        fill(visit, "en", visit.source, values)


def test_an_extra_value_is_named(visit: Text) -> None:
    with pytest.raises(ValueError, match="no slot nurse"):
        fill(visit, "en", visit.source, {**example_values(visit), "nurse": "Ann"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "3 December"),
        ("date", datetime(2026, 12, 3, 9)),  # noqa: DTZ001
        ("time", "9am"),
        ("practice", 7),
        ("practice", "  "),
    ],
)
def test_a_value_of_the_wrong_type_is_named(visit: Text, name: str, value: Value) -> None:
    with pytest.raises(ValueError, match=f"slot {name} needs"):
        fill(visit, "en", visit.source, {**example_values(visit), name: value})


def test_a_wording_with_a_slot_of_its_own_is_refused(visit: Text) -> None:
    with pytest.raises(ValueError, match="unknown slot nurse"):
        fill(visit, "pl", "{nurse}", example_values(visit))


def test_a_number_is_written_in_western_digits() -> None:
    text = Text("n", "Count.", "line", 1, False, False, {"places": Slot("places", "number", 3)}, "{places} places")
    assert fill(text, "ur", "{places} جگہیں", {"places": 12}) == "12 جگہیں"


def test_braces_in_a_value_are_never_filled_again(visit: Text) -> None:
    values = {**example_values(visit), "practice": "{phone} {0} {{date}} \\1"}
    assert fill(visit, "en", visit.source, values).startswith("{phone} {0} {{date}} \\1: come")


def test_a_value_cannot_add_lines_or_curly_quotes(visit: Text) -> None:
    values = {**example_values(visit), "practice": "St Mary’s\n0 = stop"}
    assert fill(visit, "en", visit.source, values).startswith("St Mary's 0 = stop: come")


def test_choices_keep_their_lines() -> None:
    text = Text("m", "Menu.", "question", 1, False, False, {"choices": Slot("choices", "choices", "1 a")}, "{choices}")
    assert fill(text, "en", text.source, {"choices": "\n1 Polski \n 2 Română\n"}) == "1 Polski\n2 Română"


@given(name=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1))
def test_any_name_stands_in_the_text_as_it_was_given(name: str) -> None:
    assert fill(GREETING, "en", GREETING.source, {"practice": name}) == f"Hi {name}"


def test_dates_and_times_of_the_examples_are_dates_and_times(visit: Text) -> None:
    values = example_values(visit)
    assert isinstance(values["date"], date)
    assert isinstance(values["time"], time)
