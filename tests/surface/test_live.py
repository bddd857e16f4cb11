"""Live rules, rehearsed with simulated phones: nothing goes that nobody has approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlmodel import select

from bot.settings import Settings
from bot.tables.accounts import UserAccount
from tests.authenticators import Authenticator, set_up_app
from tests.forks import Forks
from tests.surface.console import Console
from tests.surface.test_importing import a_list, row
from tests.surface.test_settings import LIVE
from tests.world import World, answers, wait_until

PLAN = ("campaign", "plan", "--practice", "GREEN", "--purpose", "fuel-poverty", "--partner", "CAB")
SIGN = ("criteria", "sign", "cold-home-respiratory", "--practice", "GREEN", "--as")

PEOPLE = {
    "lead@green.example": ("lead", "GREEN"),
    "adviser@cab.example": ("partner", "CAB"),
    "reader@green.example": ("reviewer", "GREEN"),
}


@pytest.fixture
def rehearsal(tmp_path: Path, forks: Forks) -> Iterator[Console]:
    always = {"SEND_WINDOW": "00:00-24:00", "SEND_DAYS": "all"}
    world = World(tmp_path, f"sqlite:///{tmp_path}/var/easy-to-reach.db", LIVE | always)
    yield Console(world, forks)
    world.stop()


def set_up(console: Console) -> None:
    console.ask("practices", "add", "GREEN", "--name", "Green Practice", "--phone", "01632 960100")
    partner = ("partners", "add", "CAB", "--name", "Citizens Advice", "--places", "30", "--phone", "01632 960200")
    console.ask(*partner, "--practice", "GREEN")
    for email, (role, code) in PEOPLE.items():
        console.ask("users", "add", email, "--role", role, "--organisation", code)
    people = (row(0, Main_Language="Polish"), row(1, Main_Language="Urdu"), row(2, Main_Language="English"))
    assert console.import_text("GREEN", a_list(*people))["stored"] == 3


def app_of(world: World, email: str) -> Authenticator:
    """Let somebody have signed in with a code, which the app on their phone shows."""
    with world.database.read() as session:
        account = session.exec(select(UserAccount).where(UserAccount.email == email)).one()
    return set_up_app(world.database, Settings(**{name.lower(): value for name, value in LIVE.items()}), account)


def test_in_live_nothing_goes_until_it_is_signed_and_approved_and_then_it_does(rehearsal: Console) -> None:
    world = rehearsal.world
    rehearsal.run("migrate")
    set_up(rehearsal)
    world.start_phones()
    serving = world.start("serve")
    world.wait_for_pages()
    log = world.folder / f"log-{world.processes.index(serving)}-serve.txt"
    wait_until(lambda: "Rehearsal" in log.read_text())

    assert rehearsal.refusal(*PLAN) == "criteria-not-signed"
    assert rehearsal.refusal(*SIGN, "lead@green.example") == "needs-code"
    lead, adviser, reader = (app_of(world, email) for email in PEOPLE)
    assert rehearsal.refusal(*SIGN, "lead@green.example", "--code", adviser.code()) == "needs-code"
    rehearsal.ask(*SIGN, "lead@green.example", "--code", lead.code())
    assert rehearsal.refusal(*PLAN) == "criteria-not-signed"
    rehearsal.ask(*SIGN, "adviser@cab.example", "--code", adviser.code())
    assert rehearsal.refusal(*PLAN) == "not-approved"
    approve = ("texts", "approve", "--all", "--as", "reader@green.example", "--language")
    assert rehearsal.refusal(*approve, "en") == "needs-code"
    first = rehearsal.ask(*approve, "en", "--code", reader.code())
    assert first["needs"]["emergency"] == 1
    rehearsal.ask(*approve, "pl", "--code", reader.code())
    assert rehearsal.refusal(*PLAN) == "not-approved"
    as_lead = ("texts", "approve", "--all", "--as", "lead@green.example", "--language")
    assert "emergency" in rehearsal.ask(*as_lead, "en", "--code", lead.code())["approved"]
    rehearsal.ask(*as_lead, "pl", "--code", lead.code())
    plan = rehearsal.ask(*PLAN)
    assert (plan["cohort"], plan["wording"], plan["draft_languages"]) == (3, {"own": 2, "english": 1}, [])
    assert world.ledger() == []

    campaign = str(plan["campaign"])
    assert rehearsal.refusal("campaign", "approve", campaign) == "needs-code"
    release = ("campaign", "approve", campaign, "--as", "lead@green.example")
    assert rehearsal.refusal(*release) == "needs-code"
    assert rehearsal.ask(*release, "--code", lead.code())["size"] == 3
    wait_until(lambda: len(world.ledger()) == 3)
    sent = {entry["to"]: entry["body"] for entry in world.ledger()}
    assert "zimno" in sent["+447700900000"]
    assert sent["+447700900001"].startswith("Green Practice: a cold home")

    world.text_in("+447700900000", "1")
    wait_until(lambda: len(world.ledger()) == 4)
    world.text_in("+447700900000", "1")
    wait_until(lambda: rehearsal.ask("campaign", "status", campaign)["referrals"]["sent"] == 1, every=0.3)
    world.text_in("+447700900001", "بند کریں")
    wait_until(lambda: rehearsal.ask("campaign", "status", campaign)["replies"]["opted_out"] == 1, every=0.3)
    people = {person["phone"]: person for person in rehearsal.lines("patients", "list", "--practice", "GREEN")}
    assert people["+447700900001"]["opted_out"] == "outreach"


def test_what_was_made_in_demo_opens_nothing_in_live(rehearsal: Console) -> None:
    world = rehearsal.world
    rehearsal.run("migrate")
    account = rehearsal.ask("demo", "load", "--patients", "5", MODE="demo")["accounts"][0]
    assert rehearsal.refusal("demo", "load") == "demo-only"
    assert rehearsal.refusal("patients", "list", "--practice", "NOWHERE") == "unknown-practice"
    assert rehearsal.refusal(*SIGN[:4], "STATION", "--as", account["email"]) == "unknown-account"
    world.start("serve")
    world.wait_for_pages()
    assert not answers(world.phones_url)
    browser = requests.Session()
    page = browser.get(f"{world.url}/sign-in", timeout=10).text
    assert account["email"] not in page
    assert account["password"] not in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "email": account["email"], "password": account["password"]}
    refused = browser.post(f"{world.url}/sign-in", data=form, timeout=10)
    assert refused.status_code >= 400 or "/sign-in" in refused.url
    assert "not right" in refused.text
