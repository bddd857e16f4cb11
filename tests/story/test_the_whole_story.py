"""The whole story, over HTTP and the phone network, with the processes it really runs in.

A practice's list goes in, a hundred people get a text in their own language, they answer in it, Citizens Advice gets
referrals it can take, and the phone network's ledger is the database, message for message.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.factories import ASTHMA, COPD, nhs_number
from tests.operations.scrubbing import assert_nothing_personal_was_written
from tests.visitor import Visitor
from tests.world import World, a_world, assert_ledger_is_the_database, wait_until

HEADER = (
    "NHS Number,Surname,Given Name,Date of Birth,Sex,Mobile Telephone,Main Language,Interpreter Required,"
    "Problem Codes,Registration Status,Date of Death,SMS Consent"
).split(",")
LANGUAGES = ["Polish", "Romanian", "Urdu", "Bengali", "Arabic", "Russian", "Turkish", "Somali", "English", ""]
INVITED = 160
YES_IN_EIGHT_LANGUAGES = ["tak", "da", "ہاں", "হ্যাঁ", "نعم", "Да!", "evet", "haa"]
NEITHER = "Perhaps later, my sister will see"


def phone(index: int) -> str:
    return f"+44770090{index:04d}"


def practice_list() -> bytes:
    """160 people to invite in ten languages, and a family on one phone, a child, and somebody who refused."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADER)
    for i in range(INVITED):
        rows.writerow(person(i, phone(i), LANGUAGES[i % len(LANGUAGES)], ASTHMA if i % 3 else COPD))
    for i in (200, 201):
        rows.writerow(person(i, phone(200), "Urdu", COPD))
    rows.writerow(person(202, phone(202), "Polish", ASTHMA, born="12/05/2012"))
    rows.writerow(person(203, phone(203), "Polish", ASTHMA, consent="Declined"))
    rows.writerow(["999 123 4567", "Typo", "Jo", "01/01/1970", "F", "", "", "", "", "", "", ""])
    return out.getvalue().encode()


def person(index: int, mobile: str, language: str, code: str, born: str = "03/04/1950", consent: str = "") -> list[str]:
    name = [nhs_number(index), "Example", "Sam", born, "F", mobile.replace("+44", "0"), language]
    return [*name, "", code, "Registered", "", consent]


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    embedded = request.param == "sqlite"
    with a_world(tmp_path, new_database(request.param), LOG_LEVEL="debug") as world:
        for words in [("serve",)] if embedded else [("web",), ("clock",), ("worker",), ("worker",)]:
            world.start(*words)
        world.wait_for_pages()
        yield world


def test_the_whole_story(world: World) -> None:
    lead, partner = people_of(world)
    import_the_list(world, lead)
    campaign = plan(world, lead)
    release_a_hundred(world, lead, campaign)
    answer_in_eight_languages(world, campaign)
    stop_is_honoured(world)
    the_partner_fills(world, lead, partner, campaign)
    assert_ledger_is_the_database(world)
    assert not [message for message in world.messages("--direction", "out") if message["attempts"] > 1]
    assert_nothing_personal_was_written(world)
    assert world.command("audit", "verify")["ok"] is True


def people_of(world: World) -> tuple[Visitor, Visitor]:
    """The practice, its partner, and an account for each, made with the commands and their one-time links."""
    world.command("practices", "add", "HILL", "--name", "Hill Surgery", "--phone", "01632 960300")
    world.command("partners", "add", "WARM", "--name", "Warm Homes", "--places", "45", "--practice", "HILL")
    visitors = []
    for role, organisation in (("lead", "HILL"), ("partner", "WARM")):
        email = f"{role}@example.org"
        link = world.command("users", "add", email, "--role", role, "--organisation", organisation)["link"]
        visitor = Visitor(world.url)
        path = link.removeprefix(world.url)
        visitor.page(path)
        visitor.press(path, password="a long quiet winter", again="a long quiet winter")
        visitors.append(visitor.sign_in(email, "a long quiet winter"))
    return visitors[0], visitors[1]


def import_the_list(world: World, lead: Visitor) -> None:
    """Preview first: nothing is stored until it is confirmed; the same file again changes nothing."""
    lead.page("/lists")
    preview = lead.press("/lists", files={"list": ("patients.csv", practice_list(), "text/csv")})
    assert "999 123 4567" in preview.text
    assert world.command("patients", "list", "--practice", "HILL") == []
    lead.press(preview.url.removeprefix(world.url) + "/confirm")
    listed = world.command("patients", "list", "--practice", "HILL")
    assert len(listed) == INVITED + 4
    file = world.folder / "again.csv"
    file.write_bytes(practice_list())
    again = world.command("patients", "import", str(file), "--practice", "HILL")
    assert (again["rows"], again["rejected"], again["stored"]) == (INVITED + 5, 1, 0)


def plan(world: World, lead: Visitor) -> int:
    lead.page("/campaigns")
    planned = lead.press("/campaigns", purpose="fuel-poverty", partner="WARM")
    campaign = int(planned.url.rstrip("/").rsplit("/", 1)[1])
    status = world.command("campaign", "status", str(campaign))
    assert (status["cohort"], status["waiting"]) == (INVITED, INVITED)
    assert "who is left out" in lead.page(f"/campaigns/{campaign}/cohort").lower()
    assert world.ledger() == []
    return campaign


def release_a_hundred(world: World, lead: Visitor, campaign: int) -> None:
    """45 places are enough for a batch of 100; each text is in the person's own language."""
    lead.page(f"/campaigns/{campaign}")
    lead.press(f"/campaigns/{campaign}/approve", batch="1")
    wait_until(lambda: len(world.ledger()) == 100 and world.settled())
    texts = world.messages("--campaign", str(campaign))
    assert {message["language"] for message in texts} == {"pl", "ro", "ur", "bn", "ar", "ru", "tr", "so", "en"}
    status = world.command("campaign", "status", str(campaign))
    assert status["batches"][0]["size"] == 100
    wait_until(lambda: states_of(world, campaign) == {"delivered"}, every=0.5)


def states_of(world: World, campaign: int) -> set[str]:
    """What has become of the campaign's texts."""
    return {message["state"] for message in world.messages("--campaign", str(campaign))}


def answer_in_eight_languages(world: World, campaign: int) -> None:
    """A yes in the person's own words, then a yes to sharing: eight referrals."""
    for i, word in enumerate(YES_IN_EIGHT_LANGUAGES):
        world.text_in(phone(i), word)
    status = world.command("campaign", "status", str(campaign))
    assert (status["replies"]["yes"], status["referrals"]["sent"]) == (8, 0)
    wait_until(lambda: len(world.ledger()) == 108)
    for i in range(8):
        world.text_in(phone(i), "1")
    assert world.command("campaign", "status", str(campaign))["referrals"]["sent"] == 8
    world.text_in(phone(8), "2")
    world.text_in(phone(9), NEITHER)
    status = world.command("campaign", "status", str(campaign))
    assert (status["replies"]["no"], status["replies"]["other"], status["silent"]) == (1, 1, 90)


def stop_is_honoured(world: World) -> None:
    """In Polish we confirm it; a bare STOP Twilio answers itself; neither is texted again."""
    world.text_in(phone(10), "STOP prosze nie pisac wiecej")
    world.text_in(phone(11), "STOP")
    wait_until(world.settled)
    opted_out = {
        person["phone"] for person in world.command("patients", "list", "--practice", "HILL") if person["opted_out"]
    }
    assert opted_out == {phone(10), phone(11)}
    last = {entry["to"]: entry["body"] for entry in world.ledger()}
    assert "START" in last[phone(10)]
    assert len([entry for entry in world.ledger() if entry["to"] == phone(11)]) == 1


def the_partner_fills(world: World, lead: Visitor, partner: Visitor, campaign: int) -> None:
    """The partner takes ten in all: two more get a place, the next waits in line and is told so; the rest is held."""
    partner.page("/referrals")
    partner.press("/referrals/places", places="10")
    for i in range(20, 23):
        world.text_in(phone(i), "1")
    wait_until(world.settled)
    for i in range(20, 23):
        world.text_in(phone(i), "1")
    status = world.command("campaign", "status", str(campaign))
    assert (status["referrals"]["sent"], status["referrals"]["waiting"]) == (10, 1)
    assert (status["waiting"], status["partner"]["free"]) == (INVITED - 100, 0)
    refused = world.command("campaign", "approve", str(campaign), expect=1)
    assert refused["refused"] == "no-places"
    assert "Sam Example" in partner.page("/referrals")
    lead.page(f"/campaigns/{campaign}")
    partner.press("/referrals/places", places="11")
    status = world.command("campaign", "status", str(campaign))
    assert (status["referrals"]["sent"], status["referrals"]["waiting"]) == (11, 0)
    wait_until(world.settled)
