"""First contact with people whose language nobody has recorded, over the phone network and the running service.

A Romanian speaker who writes without accents, an Urdu speaker who writes in Latin letters, and an Albanian speaker for
whom we have no texts: the first two are asked back and invited in their language, the third is called by a person, and
the practice takes home what to record.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.factories import COPD
from tests.operations.scrubbing import assert_nothing_personal_was_written
from tests.story.test_the_whole_story import HEADER, person, phone
from tests.world import World, a_world, assert_ledger_is_the_database, wait_until

ROMANIAN, URDU, ALBANIAN = 0, 1, 2


@pytest.fixture
def world(new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database("sqlite"), LOG_LEVEL="debug") as world:
        world.start("serve")
        world.wait_for_pages()
        yield world


def test_first_contact(world: World) -> None:
    invite_three_people_of_no_language(world)
    a_romanian_speaker_writes_without_accents(world)
    an_urdu_speaker_writes_in_latin_letters(world)
    an_albanian_speaker_is_called(world)
    the_practice_takes_home_what_to_record(world)
    assert_ledger_is_the_database(world)
    assert_nothing_personal_was_written(world)


def invite_three_people_of_no_language(world: World) -> None:
    world.command("practices", "add", "HILL", "--name", "Hill Surgery", "--phone", "01632 960300")
    world.command("partners", "add", "WARM", "--name", "Warm Homes", "--places", "45", "--practice", "HILL")
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *(person(i, phone(i), "", COPD) for i in (ROMANIAN, URDU, ALBANIAN))])
    file = world.folder / "patients.csv"
    file.write_text(out.getvalue(), encoding="utf-8")
    world.command("patients", "import", str(file), "--practice", "HILL")
    plan = ("campaign", "plan", "--practice", "HILL", "--purpose", "fuel-poverty", "--partner", "WARM")
    campaign = world.command(*plan)["campaign"]
    world.command("campaign", "approve", str(campaign))
    wait_until(lambda: len(world.ledger()) == 3 and world.settled())
    assert all("9 = اردو বাংলা Polski العربية Română" in entry["body"] for entry in world.ledger())


def said_to(world: World, index: int) -> list[dict[str, str]]:
    """All we wrote to one of them."""
    return [message for message in world.messages("--direction", "out") if message["to"] == phone(index)]


def says(world: World, index: int, body: str) -> dict[str, str]:
    """One of them writes; gives our newest text once all is sent."""
    before = len(said_to(world, index))
    world.text_in(phone(index), body)
    wait_until(lambda: len(said_to(world, index)) > before and world.settled())
    return said_to(world, index)[-1]


def languages(world: World) -> list[str | None]:
    listed = world.command("patients", "list", "--practice", "HILL")
    return [next(person["language"] for person in listed if person["phone"] == phone(i)) for i in range(3)]


def a_romanian_speaker_writes_without_accents(world: World) -> None:
    asked = says(world, ROMANIAN, "nu inteleg ce scrie aici va rog")
    assert asked["language"] == "ro"
    assert asked["body"].splitlines()[-1] == "Shall we write to you in Romanian? 1 = yes, 2 = no"
    assert languages(world) == [None, None, None]
    invited = says(world, ROMANIAN, "da")
    assert (invited["language"], "Warm Homes" in invited["body"]) == ("ro", True)
    assert languages(world) == ["ro", None, None]


def an_urdu_speaker_writes_in_latin_letters(world: World) -> None:
    asked = says(world, URDU, "mujhe english nahi aati oordoo mein likhein")
    assert asked["language"] == "ur"
    assert "Shall we write to you in Urdu?" in asked["body"]
    assert says(world, URDU, "ji haan")["language"] == "ur"
    assert languages(world) == ["ro", "ur", None]


def an_albanian_speaker_is_called(world: World) -> None:
    told = says(world, ALBANIAN, "flas shqip")
    assert told["language"] == "en"
    assert languages(world) == ["ro", "ur", None]
    waiting = world.command("inbox", "list", "--practice", "HILL")
    assert ("another-language", "sq") in [(item["reason"], item["language"]) for item in waiting]


def the_practice_takes_home_what_to_record(world: World) -> None:
    told = world.command("inbox", "languages", "--practice", "HILL")
    assert [(row["phone"], row["code"], row["term"]) for row in told] == [
        (phone(ROMANIAN), "698678003", "Main spoken language Romanian (finding)"),
        (phone(URDU), "315588006", "Main spoken language Urdu (finding)"),
    ]
    world.command("inbox", "done", str(told[0]["item"]))
    left = world.command("inbox", "languages", "--practice", "HILL")
    assert left["phone"] == phone(URDU)
