"""A file of the catalogue is read whole, or refused with its name and its fault."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from bot.texts.catalogue import CatalogueError, Text, load_catalogue
from tests.texts.conftest import VISIT

WriteText = Callable[[str, str], Path]


def test_a_text_has_its_source_without_outer_newlines_and_its_slots_in_their_types(visit: Text) -> None:
    assert (visit.key, visit.kind, visit.cap, visit.lifeline) == ("visit", "notice", 2, False)
    assert visit.source.startswith("{practice}: come")
    assert visit.source.endswith("{phone}")
    assert visit.slots["date"].example == date(2026, 12, 3)
    assert visit.slots["time"].example == time(9, 30)


def test_examples_may_be_written_as_words(write_text: WriteText) -> None:
    written = VISIT.replace("2026-12-03", '"2026-12-03"').replace("09:30:00", '"09:30"')
    slots = load_catalogue(write_text("visit", written))["visit"].slots
    assert (slots["date"].example, slots["time"].example) == (date(2026, 12, 3), time(9, 30))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("cap = 2", "cap = ", "not readable as TOML"),
        ("cap = 2", "", "cap is missing"),
        ("cap = 2", 'cap = "2"', "cap must be a whole number"),
        ("cap = 2", "cap = 0", "cap must be 1 part or more"),
        ("cap = 2", "cap = 2\ncolour = 1", "unknown field colour"),
        ('kind = "notice"', 'kind = "poem"', "unknown kind poem"),
        ("{practice}: come", "Come", "do not have the same slots: practice"),
        ("{practice}: come", "{practice} {nurse}: come", "do not have the same slots: nurse"),
        ("{practice}: come", "{practice}: {come", "brace that belongs to no slot"),
        ("{practice}: come", "{practice}’s: come", "curly quotes"),
        ('type = "phone"', 'type = "fax"', "slot phone has unknown type fax"),
        ('example = "01632 960101"', "", "slot phone needs type, example"),
        ('example = "01632 960101"', "example = 1632", "slot phone needs words"),
        ("example = 2026-12-03", "example = 2026-12-03T09:00:00", "slot date needs a date"),
        ("example = 2026-12-03", 'example = "Thursday"', "slot date has an unreadable example"),
    ],
)
def test_a_faulty_file_is_refused_by_name(write_text: WriteText, old: str, new: str, fault: str) -> None:
    assert old in VISIT
    with pytest.raises(CatalogueError, match=rf"visit\.toml: .*{fault}"):
        load_catalogue(write_text("visit", VISIT.replace(old, new)))


def test_a_text_that_says_nothing_is_refused(write_text: WriteText) -> None:
    with pytest.raises(CatalogueError, match="text is empty"):
        load_catalogue(write_text("none", 'purpose = "p"\nkind = "line"\ncap = 1\ntext = "  "'))


def test_a_key_that_is_no_plain_name_is_refused(write_text: WriteText) -> None:
    with pytest.raises(CatalogueError, match="small letters"):
        load_catalogue(write_text("Visit Now", VISIT))
