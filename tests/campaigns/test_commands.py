import json
from typing import Any

import pytest
from click.testing import CliRunner

from bot.campaigns.commands import campaign, criteria
from bot.console import Console
from bot.database import Database
from bot.partners.commands import partners
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.campaigns.helpers import make_cohort
from tests.factories import make_account, make_practice


@pytest.fixture
def console(db: Database, settings: Settings) -> Console:
    console = Console()
    console.database, console.settings = db, settings
    return console


def run(console: Console, group: Any, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(group, [*words, "--json"], obj=console, catch_exceptions=False)
    return json.loads(done.stdout)


def test_a_campaign_runs_from_the_console(db: Database, console: Console):
    practice = make_practice(db)
    make_cohort(db, practice, 3)
    added = ("add", "CAB", "--name", "Citizens Advice", "--places", "30", "--practice", "STATION")
    assert run(console, partners, *added) == {"code": "CAB"}
    words = ("plan", "--practice", "STATION", "--purpose", "fuel-poverty", "--partner", "CAB")
    planned = run(console, campaign, *words)
    assert (planned["matched"], planned["cohort"]) == (3, 3)
    number = str(planned["campaign"])
    released = run(console, campaign, "approve", number)
    assert (released["batch"], released["size"], released["limited_by"]) == (1, 3, "cohort")
    assert run(console, campaign, "hold", number)["held"] == 3
    assert run(console, campaign, "resume", number)["state"] == "running"
    assert run(console, campaign, "status", number)["waiting"] == 0
    assert run(console, campaign, "stop", number)["state"] == "stopped"
    assert run(console, partners, "places", "CAB", "40") == {
        "partner": "CAB",
        "places": 40,
        "free": 40,
        "promoted": 0,
    }


def test_criteria_are_listed_shown_and_signed(db: Database, console: Console):
    practice = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=practice)
    name = "cold-home-respiratory"
    listed = CliRunner().invoke(criteria, ["list", "--json"], obj=console).stdout.splitlines()
    assert {name, "english-classes", "cervical-screening"} <= {json.loads(line)["name"] for line in listed}
    assert run(console, criteria, "show", name)["conditions"]["copd"]
    signed = run(console, criteria, "sign", name, "--practice", "STATION", "--as", lead.email)
    assert (signed["version"], signed["signed"], signed["practice"]) == (1, ["lead"], "STATION")


def test_nobody_signs_without_a_name(console: Console):
    with pytest.raises(Refused, match="--as"):
        run(console, criteria, "sign", "cold-home-respiratory", "--practice", "STATION")
