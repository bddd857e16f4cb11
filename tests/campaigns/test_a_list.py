"""A campaign for the people of one list of the practice, not for all its people."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import func, select

from bot.audit import CONSOLE
from bot.campaigns.commands import campaign as campaign_commands
from bot.campaigns.planning import Plan, plan_campaign
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.console import Console
from bot.database import Database
from bot.lists.commands import patients
from bot.lists.importing import confirm_import, import_list, preview_list
from bot.lists.listed import forget_listed
from bot.lists.waiting import discard_import
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import CampaignMember
from bot.tables.lists import ListedPerson, ListImport
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort
from tests.factories import make_account, make_partner, make_practice, nhs_number
from tests.lists.lists import cells, plain_list

FIRST = 4000
"""NHS numbers of these lists begin there: no other test has them."""
ON_THE_LIST = plain_list(
    *(cells(NHS_Number=nhs_number(FIRST + one), Mobile_Telephone=f"07700 9009{one:02d}") for one in range(4)),
    cells(NHS_Number=nhs_number(FIRST + 4), Problem_Codes="", Mobile_Telephone="07700 900984"),
    cells(NHS_Number=nhs_number(FIRST + 5), Mobile_Telephone=""),
    cells(NHS_Number="1", Mobile_Telephone="07700 900986"),
)
"""Four to invite, one without the condition, one without a mobile, and a row that is rejected."""


@pytest.fixture
def practice(db: Database) -> Practice:
    """A practice that knows five people already; they are on no list."""
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 5)
    return practice


@pytest.fixture
def console(db: Database, settings: Settings) -> Console:
    console = Console()
    console.database, console.settings = db, settings
    return console


def store(db: Database, settings: Settings, content: bytes = ON_THE_LIST, practice: str = "STATION") -> int:
    result = import_list(
        db, settings, practice, content, selected_for=None, dry_run=False, actor=CONSOLE, file_name="winter.csv"
    )
    assert result.list_id is not None
    return result.list_id


def plan(db: Database, settings: Settings, list_id: int | None, practice: str = "STATION") -> Plan:
    return plan_campaign(db, settings, practice, "fuel-poverty", "CAB", None, CONSOLE, list_id=list_id)


def refusal(db: Database, settings: Settings, list_id: int) -> Refused:
    with pytest.raises(Refused) as refused:
        plan(db, settings, list_id)
    return refused.value


def listed(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(ListedPerson)).one()


def test_matched_and_excluded_are_counted_among_the_people_of_the_list_only(
    db: Database, settings: Settings, practice: Practice
):
    found = plan(db, settings, store(db, settings))
    assert (found.matched, found.cohort) == (5, 4)
    assert {reason: people for reason, people in found.excluded.items() if people} == {
        "no-condition": 1,
        "no-mobile": 1,
    }
    everybody = plan(db, settings, None)
    assert (everybody.matched, everybody.cohort) == (10, 9)


def test_a_release_invites_them_alone_also_when_the_list_is_forgotten_by_then(
    db: Database, settings: Settings, practice: Practice
):
    campaign = plan(db, settings, store(db, settings)).campaign
    with time_machine.travel(utc_now() + timedelta(days=181)):
        assert forget_listed(db, settings) == 6
        assert approve(db, settings, campaign) == 4
    with db.read() as session:
        assert campaign_status(session, campaign)["waiting"] == 0
        invited = select(Patient.nhs_number).join(CampaignMember, CampaignMember.patient_id == Patient.id)  # type: ignore[arg-type]
        assert set(session.exec(invited)) == {nhs_number(FIRST + one) for one in range(4)}


def test_people_who_come_onto_a_later_list_do_not_come_into_the_campaign(
    db: Database, settings: Settings, practice: Practice
):
    campaign = plan(db, settings, store(db, settings)).campaign
    later = store(db, settings, plain_list(cells(NHS_Number=nhs_number(FIRST + 20), Mobile_Telephone="07700 900987")))
    with db.read() as session:
        assert campaign_status(session, campaign)["cohort"] == 4
    assert plan(db, settings, later).cohort == 1


def test_storing_a_list_again_makes_another_list_of_the_same_people(
    db: Database, settings: Settings, practice: Practice
):
    first, second = store(db, settings), store(db, settings)
    assert first != second
    assert plan(db, settings, first).cohort == plan(db, settings, second).cohort == 4


def test_a_list_that_is_not_there_or_not_theirs_is_refused(db: Database, settings: Settings, practice: Practice):
    make_practice(db, "HAROLD")
    of_others = store(db, settings, plain_list(cells(NHS_Number=nhs_number(FIRST + 30))), "HAROLD")
    for list_id in (of_others, of_others + 1, 0, 2**40):
        refused = refusal(db, settings, list_id)
        assert (refused.code, "Choose one of its own lists" in refused.message) == ("unknown-list", True)


def test_a_list_that_waits_or_was_discarded_is_refused(db: Database, settings: Settings, practice: Practice):
    waiting = preview_list(db, settings, practice.id or 0, ON_THE_LIST, "winter.csv", None, None).import_id
    assert (refusal(db, settings, waiting).code, listed(db)) == ("list-not-stored", 0)
    discard_import(db, waiting, CONSOLE)
    assert "Upload it again" in refusal(db, settings, waiting).message
    other = preview_list(db, settings, practice.id or 0, ON_THE_LIST, "winter.csv", None, None).import_id
    confirm_import(db, settings, other, CONSOLE)
    assert plan(db, settings, other).cohort == 4


def test_after_180_days_it_is_forgotten_who_was_on_a_list(db: Database, settings: Settings, practice: Practice):
    old = store(db, settings)
    with time_machine.travel(utc_now() + timedelta(days=179)):
        assert forget_listed(db, settings) == 0
        assert plan(db, settings, old).cohort == 4
        young = store(db, settings)
    with time_machine.travel(utc_now() + timedelta(days=180, minutes=1)):
        assert refusal(db, settings, old).code == "list-erased"
        assert (forget_listed(db, settings), listed(db)) == (6, 6)
        assert refusal(db, settings, old).code == "list-erased"
        assert plan(db, settings, young).cohort == 4


def test_what_was_noted_of_a_list_that_never_came_to_its_end_is_forgotten(
    db: Database, settings: Settings, practice: Practice
):
    list_id = store(db, settings)
    with db.write() as session:
        broken_off = session.get_one(ListImport, list_id)
        broken_off.state, broken_off.people_kept_until = "discarded", None
    assert (forget_listed(db, settings), listed(db)) == (6, 0)


def test_a_list_from_before_this_was_kept_is_refused_as_forgotten(db: Database, settings: Settings, practice: Practice):
    list_id = store(db, settings)
    with db.write() as session:
        session.get_one(ListImport, list_id).people_kept_until = None
    assert refusal(db, settings, list_id).code == "list-erased"


def test_by_command(db: Database, practice: Practice, console: Console, tmp_path: Path):
    (tmp_path / "winter.csv").write_bytes(ON_THE_LIST)

    def run(group: Any, *words: str) -> Any:
        done = CliRunner().invoke(group, [*words, "--json"], obj=console, catch_exceptions=False)
        return json.loads(done.stdout)

    words = ("import", str(tmp_path / "winter.csv"), "--practice", "STATION")
    assert run(patients, *words, "--dry-run")["list"] is None
    list_id = run(patients, *words)["list"]
    assert isinstance(list_id, int)
    words = ("plan", "--practice", "STATION", "--purpose", "fuel-poverty", "--partner", "CAB", "--list")
    planned = run(campaign_commands, *words, str(list_id))
    assert (planned["matched"], planned["cohort"], planned["excluded"]["no-condition"]) == (5, 4, 1)
    with pytest.raises(Refused, match="no list"):
        run(campaign_commands, *words, "99999999999999")


def test_on_the_page_a_list_is_chosen_and_everybody_is_the_default(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    list_id = store(db, settings)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    form = lead.get("/campaigns").text
    assert '<option value="">Everybody at the practice</option>' in form
    assert f'<option value="{list_id}">6 people on winter.csv, stored today at 9am</option>' in form
    choice = {"purpose": "fuel-poverty", "partner": "CAB", "list": str(list_id)}
    page = lead.post("/campaigns", data=choice).headers["Location"]
    assert "Among the people on the list <bdi>winter.csv</bdi>" in lead.get(page).text
    assert "4 of them can be invited" in lead.get(f"{page}/cohort").text
    everybody = lead.post("/campaigns", data=choice | {"list": ""}).headers["Location"]
    assert "9 of them can be invited" in lead.get(f"{everybody}/cohort").text


def test_from_the_page_of_a_stored_list_it_is_one_press_to_the_form_with_that_list(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    list_id = store(db, settings)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    assert f'href="/campaigns?list={list_id}#plan"' in lead.get(f"/lists/{list_id}").text
    assert f'<option value="{list_id}" selected>' in lead.get(f"/campaigns?list={list_id}").text
    assert " selected>" not in lead.get("/campaigns?list=x").text


@pytest.mark.parametrize("asked", ["x", "-1", "0", "²", "9" * 30, "9" * 5000])
def test_on_the_page_a_list_that_is_none_is_refused(db: Database, practice: Practice, browser: Browser, asked: str):
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    refused = lead.post("/campaigns", data={"purpose": "fuel-poverty", "partner": "CAB", "list": asked})
    assert refused.status_code == 409
    assert "Choose one of its own lists" in refused.text


def test_another_practice_is_offered_no_such_list(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    store(db, settings)
    other = make_practice(db, "HAROLD")
    make_partner(db, other, code="AGE")
    assert "winter.csv" not in browser(make_account(db, Role.LEAD, practice=other)).get("/campaigns").text
