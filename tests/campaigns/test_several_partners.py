"""A campaign with several partners is planned in their order and paced by the places of all of them together."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot.audit import CONSOLE
from bot.campaigns.batches import release_batch
from bot.campaigns.capacity import together
from bot.campaigns.commands import campaign as commands
from bot.campaigns.planning import plan_campaign
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.console import Console
from bot.database import Database
from bot.organisations.partners import unlink_partner
from bot.partners.capacity import Capacity, partner_capacity
from bot.partners.places import set_places
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, Practice
from tests.applications import application, browser_of, form_token
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan
from tests.factories import make_account, make_partner, make_practice


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice, places=20)
    make_partner(db, practice, code="WARM", name="Warm Homes Hastings", places=10)
    make_cohort(db, practice, 150)
    return practice


def planned(db: Database, settings: Settings, *partners: str) -> int:
    first, *others = partners
    return plan_campaign(db, settings, "STATION", "fuel-poverty", first, None, CONSOLE, others=others).campaign


def expected_of(db: Database, code: str) -> Capacity:
    with db.read() as session:
        partner = session.exec(select(Partner).where(Partner.code == code)).one()
        return partner_capacity(session, partner, utc_now())


def status(db: Database, number: int) -> dict[str, Any]:
    with db.read() as session:
        return campaign_status(session, number)


def test_the_places_of_all_partners_count_together(db: Database, settings: Settings, practice: Practice) -> None:
    """20 and 10 free give what 30 free give: 73."""
    number = planned(db, settings, "CAB", "WARM")
    assert approve(db, settings, number) == 73
    for code in ("CAB", "WARM"):
        set_places(db, settings, code, 5, CONSOLE)
    with pytest.raises(Refused, match="Citizens Advice and Warm Homes Hastings have no place"):
        release_batch(db, settings, number, CONSOLE)


def test_the_first_stays_under_its_own_key_and_all_are_listed(
    db: Database, settings: Settings, practice: Practice
) -> None:
    shown = status(db, planned(db, settings, "CAB", "WARM"))
    assert shown["partner"] == {"code": "CAB", "places": 20, "free": 20, "holding": 0, "expected": 0.0}
    assert shown["partners"] == [
        {"code": "CAB", "places": 20, "free": 20},
        {"code": "WARM", "places": 10, "free": 10},
    ]
    alone = status(db, planned(db, settings, "WARM"))
    assert [one["code"] for one in alone["partners"]] == ["WARM"]


def test_each_yes_that_is_expected_counts_once_in_their_order(
    db: Database, settings: Settings, practice: Practice
) -> None:
    number = planned(db, settings, "CAB", "WARM")
    approve(db, settings, number)
    deliver_all(db)
    first, second = expected_of(db, "CAB").expected, expected_of(db, "WARM").expected
    assert first == pytest.approx(20)
    assert first + second == pytest.approx(73 * 34 / 105)


def test_a_campaign_of_the_second_alone_gets_what_the_first_campaign_leaves_it(
    db: Database, settings: Settings, practice: Practice
) -> None:
    both = planned(db, settings, "CAB", "WARM")
    approve(db, settings, both)
    deliver_all(db)
    alone = planned(db, settings, "WARM")
    assert 0 < approve(db, settings, alone) < 22
    set_places(db, settings, "WARM", 0, CONSOLE)
    with pytest.raises(Refused, match="no place to promise"):
        release_batch(db, settings, alone, CONSOLE)


def test_a_partner_is_named_once_and_has_to_work_with_the_practice(
    db: Database, settings: Settings, practice: Practice
) -> None:
    with pytest.raises(Refused, match="each partner once"):
        planned(db, settings, "CAB", "CAB")
    make_partner(db, make_practice(db, "BRIDGE"), code="FAR")
    with pytest.raises(Refused, match="does not work with STATION"):
        planned(db, settings, "CAB", "FAR")
    with pytest.raises(Refused, match="no use for"):
        plan_campaign(db, settings, "STATION", "cervical-screening", None, None, CONSOLE, others=["CAB"])


def test_the_second_stays_linked_while_the_campaign_is_not_stopped(
    db: Database, settings: Settings, practice: Practice
) -> None:
    planned(db, settings, "CAB", "WARM")
    with pytest.raises(Refused, match="not stopped"):
        unlink_partner(db, "WARM", "STATION", CONSOLE)


def test_the_console_takes_partner_several_times(db: Database, settings: Settings, practice: Practice) -> None:
    console = Console()
    console.database, console.settings = db, settings
    words = ["plan", "--practice", "STATION", "--purpose", "fuel-poverty", "--partner", "WARM", "--partner", "CAB"]
    done = CliRunner().invoke(commands, [*words, "--json"], obj=console, catch_exceptions=False)
    number = json.loads(done.stdout)["campaign"]
    assert [one["code"] for one in status(db, number)["partners"]] == ["WARM", "CAB"]
    told = CliRunner().invoke(commands, ["status", str(number)], obj=console, catch_exceptions=False).stdout
    assert "WARM has 10 of 10 places free. CAB has 20 of 20 places free." in told


def test_the_page_plans_with_a_second_partner_and_shows_both(
    db: Database, settings: Settings, practice: Practice
) -> None:
    lead = browser_of(application(settings, db), make_account(db, Role.LEAD, practice=practice))
    assert "Who helps when they are full" in lead.get("/campaigns").text
    form = {"csrf_token": form_token(lead), "purpose": "fuel-poverty", "partner": ["CAB", "WARM"]}
    page = lead.get(lead.post("/campaigns", data=form).location).text
    assert "with Citizens Advice, then Warm Homes Hastings" in page
    assert "Warm Homes Hastings: 0 of 10 places are taken" in page
    assert "Citizens Advice, then Warm Homes Hastings" in lead.get("/campaigns").text
    alone = lead.post("/campaigns", data=form | {"partner": ["CAB", ""]})
    assert "then Warm" not in lead.get(alone.location).text


def test_one_partner_alone_works_as_before(db: Database, settings: Settings, practice: Practice) -> None:
    shown = status(db, plan(db, settings).campaign)
    assert [one["code"] for one in shown["partners"]] == ["CAB"]
    assert {key: shown["partner"][key] for key in ("code", "places", "free")} == shown["partners"][0]


capacities = st.tuples(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))


@given(st.lists(capacities, min_size=2, max_size=4))
def test_together_they_never_have_more_than_each_has_at_best(numbers: list[tuple[int, int, int]]) -> None:
    """A partner that took on too many takes no place from the others, and every promise counts."""
    several = [Capacity(*each) for each in numbers]
    whole = together(several)
    assert whole.free <= sum(max(0, each.places - each.holding) for each in several) + 1e-9
    assert whole.expected == pytest.approx(sum(each.expected for each in several))
    assert whole.holding <= whole.places
