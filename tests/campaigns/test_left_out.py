"""Who was not reached is known by name, for as long as somebody may still reach them in another way."""

import csv
import html
import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlmodel import col, delete, select

from bot.audit import CONSOLE
from bot.campaigns.batches import hold_campaign, stop_campaign
from bot.campaigns.commands import campaign as campaign_command
from bot.campaigns.left_out import forget_left_out
from bot.campaigns.planning import plan_campaign
from bot.clock import utc_now
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import CampaignLeftOut
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PatientCode, PhoneStatus
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_account, make_partner, make_patient, make_practice
from tests.messaging.helpers import change, claim, opt_out, with_changes

CHILD = date(2020, 5, 1)
SHARED = "+447700900988"


@pytest.fixture
def practice(db: Database) -> Practice:
    """A practice with one person for each reason, and three who can be invited."""
    practice = make_practice(db)
    make_partner(db, practice)
    make_patient(db, practice, codes=(), surname="Well")
    make_patient(db, practice, born=CHILD, surname="Child")
    make_patient(db, practice, deceased=True, surname="Dead")
    make_patient(db, practice, registered=False, surname="Gone")
    make_patient(db, practice, phone=None, phone_status=PhoneStatus.NONE, surname="Nomobile", language="ur")
    make_patient(db, practice, phone=SHARED, phone_status=PhoneStatus.SHARED, surname="Shared", language="pl")
    make_patient(db, practice, phone_status=PhoneStatus.UNSAFE, surname="Unsafe")
    make_patient(db, practice, texting_refused=True, surname="Refused")
    opted = make_patient(db, practice, surname="Opted", given_name="Ola")
    opt_out(db, practice, opted.phone)
    make_cohort(db, practice, 3, surname="Invited")
    return practice


AT_THE_PLAN = {
    "Child": "under-age",
    "Dead": "deceased",
    "Gone": "not-registered",
    "Nomobile": "no-mobile",
    "Shared": "shared-phone",
    "Unsafe": "unsafe-phone",
    "Refused": "texting-refused",
    "Opted": "opted-out",
}


def kept(db: Database) -> dict[tuple[str, int], tuple[str, str]]:
    """Reason and stage of everybody who is kept, by surname and number on the list."""
    with db.read() as session:
        statement = select(Patient, CampaignLeftOut).where(CampaignLeftOut.patient_id == Patient.id)
        return {(person.surname, person.id or 0): (row.reason, row.stage) for person, row in session.exec(statement)}


def left_out(db: Database, settings: Settings, campaign: int) -> list[dict[str, str | None]]:
    """What the command answers."""
    console = Console()
    console.database, console.settings = db, settings
    words = ["left-out", str(campaign), "--json"]
    done = CliRunner().invoke(campaign_command, words, obj=console, catch_exceptions=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def invited(db: Database) -> list[Patient]:
    with db.read() as session:
        return list(session.exec(select(Patient).where(Patient.surname == "Invited").order_by("id")))


def test_a_plan_keeps_everybody_it_leaves_out_but_those_without_the_condition(
    db: Database, settings: Settings, practice: Practice
) -> None:
    planned = plan(db, settings)
    assert {surname: found for (surname, _), found in kept(db).items()} == {
        surname: (reason, "plan") for surname, reason in AT_THE_PLAN.items()
    }
    assert {reason: n for reason, n in planned.excluded.items() if n} == {
        "no-condition": 1,
        **dict.fromkeys(AT_THE_PLAN.values(), 1),
    }


def test_release_and_claim_add_theirs_with_the_stage(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = plan(db, settings).campaign
    first, second, third = invited(db)
    change(db, first, texting_refused=True)
    assert approve(db, settings, campaign) == 2
    opt_out(db, practice, second.phone)
    assert [claimed.to for claimed in claim(db, settings)] == [third.phone]
    stages = {number: found for (surname, number), found in kept(db).items() if surname == "Invited"}
    assert stages == {first.id: ("texting-refused", "release"), second.id: ("opted-out", "claim")}
    assert len(kept(db)) == len(AT_THE_PLAN) + 2


def test_who_no_longer_has_the_condition_is_left_out_and_kept_of_nobody(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = plan(db, settings).campaign
    first, *_ = invited(db)
    with db.write() as session:
        session.execute(delete(PatientCode).where(col(PatientCode.patient_id) == first.id))
    assert approve(db, settings, campaign) == 2
    assert len(kept(db)) == len(AT_THE_PLAN)


def test_the_command_answers_a_line_a_person(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    change(db, invited(db)[0], deceased=True)
    claim(db, settings)
    lines = left_out(db, settings, campaign)
    assert {tuple(line) for line in lines} == {("nhs_number", "name", "reason", "stage", "language")}
    by_name = {str(line["name"]): line for line in lines}
    assert {name.split()[-1]: line["reason"] for name, line in by_name.items()} == AT_THE_PLAN | {"Invited": "deceased"}
    assert (by_name["Alex Nomobile"]["language"], by_name["Alex Nomobile"]["stage"]) == ("ur", "plan")
    assert (by_name["Alex Invited"]["language"], by_name["Alex Invited"]["stage"]) == (None, "claim")
    assert by_name["Ola Opted"]["reason"] == "opted-out"
    assert [name.split()[-1] for name in by_name] == sorted(name.split()[-1] for name in by_name)


def test_an_unknown_campaign_is_refused(db: Database, settings: Settings) -> None:
    with pytest.raises(Refused) as refused:
        left_out(db, settings, 4711)
    assert refused.value.code == "unknown-campaign"


def test_a_campaign_that_leaves_nobody_out_answers_nothing(db: Database, settings: Settings) -> None:
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 2)
    assert left_out(db, settings, plan(db, settings).campaign) == []


def test_each_campaign_knows_its_own(db: Database, settings: Settings, practice: Practice) -> None:
    first = plan(db, settings).campaign
    make_patient(db, practice, texting_refused=True, surname="Later")
    second = plan(db, settings).campaign
    names = [{line["name"] for line in left_out(db, settings, campaign)} for campaign in (first, second)]
    assert names[1] - names[0] == {"Alex Later"}


def reader(db: Database, practice: Practice, browser: Browser) -> FlaskClient:
    return browser(make_account(db, Role.PRACTICE, practice=practice))


def saved(client: FlaskClient, campaign: int) -> list[dict[str, str]]:
    """The spreadsheet, as a spreadsheet program reads it."""
    answer = client.get(f"/campaigns/{campaign}/left-out.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


NOT_THERE = ("Dead", "Gone", "Well", "Invited")


def test_the_page_and_its_spreadsheet_list_whom_to_reach_in_another_way(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    campaign = plan(db, settings).campaign
    client = reader(db, practice, browser)
    page = html.unescape(client.get(f"/campaigns/{campaign}/cohort").text)
    rows = {row["Name"].split()[-1]: row for row in saved(client, campaign)}
    for surname in AT_THE_PLAN:
        shown = surname not in NOT_THERE
        assert (f"Alex {surname}" in page or f"Ola {surname}" in page) is shown
        assert (surname in rows) is shown
    for surname in NOT_THERE:
        assert surname not in rows
        assert f"Alex {surname}" not in page
    assert rows["Shared"]["Why not texted"] == "Mobile is on more than one record"
    assert (rows["Nomobile"]["Language"], rows["Nomobile"]["Phone"]) == ("Urdu", "")
    assert SHARED in rows["Shared"]["Phone"]


def test_who_asked_not_to_be_texted_is_marked(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    campaign = plan(db, settings).campaign
    client = reader(db, practice, browser)
    marked = {row["Name"].split()[-1]: row["Note"] for row in saved(client, campaign)}
    note = "Asked not to be texted"
    assert {surname for surname, said in marked.items() if said == note} == {"Refused", "Opted"}
    assert {said for surname, said in marked.items() if surname not in ("Refused", "Opted")} == {""}
    assert client.get(f"/campaigns/{campaign}/cohort").text.count(note) == 2


@pytest.mark.parametrize("since", [{"deceased": True}, {"died_on": date(2026, 11, 20)}, {"registered": False}])
def test_who_has_died_or_left_since_is_not_shown_any_more(
    db: Database, settings: Settings, practice: Practice, browser: Browser, since: dict[str, object]
) -> None:
    campaign = plan(db, settings).campaign
    with db.read() as session:
        shared = session.exec(select(Patient).where(Patient.surname == "Shared")).one()
    change(db, shared, **since)
    client = reader(db, practice, browser)
    assert "Alex Shared" not in client.get(f"/campaigns/{campaign}/cohort").text
    assert "Alex Shared" not in [row["Name"] for row in saved(client, campaign)]


def test_who_was_invited_a_moment_ago_need_not_be_reached_in_another_way(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    approve(db, settings, plan(db, settings).campaign)
    again = plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, CONSOLE, leave_out_invited=True)
    assert again.excluded["already-invited"] == 3
    assert "already-invited" in {line["reason"] for line in left_out(db, settings, again.campaign)}
    assert "Invited" not in {row["Name"].split()[-1] for row in saved(reader(db, practice, browser), again.campaign)}


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", " =1"])
def test_a_name_that_a_spreadsheet_would_run_is_kept_as_text(
    db: Database, settings: Settings, practice: Practice, browser: Browser, formula: str
) -> None:
    make_patient(db, practice, texting_refused=True, given_name=formula, surname="Formula")
    rows = saved(reader(db, practice, browser), plan(db, settings).campaign)
    [name] = [row["Name"] for row in rows if row["Name"].endswith("Formula")]
    assert name == f"'{formula.strip()} Formula"


def test_a_name_is_never_read_as_markup(db: Database, settings: Settings, practice: Practice, browser: Browser) -> None:
    make_patient(db, practice, texting_refused=True, surname="<script>alert(1)</script>")
    campaign = plan(db, settings).campaign
    assert "<script>alert" not in reader(db, practice, browser).get(f"/campaigns/{campaign}/cohort").text


def test_another_practice_finds_neither_page_nor_spreadsheet(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    campaign = plan(db, settings).campaign
    charlie = browser(make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD")))
    for path in ("cohort", "left-out.csv"):
        assert charlie.get(f"/campaigns/{campaign}/{path}").status_code == 404


def test_a_partner_sees_neither(db: Database, settings: Settings, practice: Practice, browser: Browser) -> None:
    campaign = plan(db, settings).campaign
    adviser = browser(make_account(db, Role.PARTNER, partner=make_partner(db, practice, code="AGE")))
    for path in ("cohort", "left-out.csv"):
        assert adviser.get(f"/campaigns/{campaign}/{path}").status_code == 403


def test_more_than_fifty_are_shown_page_by_page_and_saved_as_one(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    for number in range(60):
        make_patient(db, practice, texting_refused=True, surname=f"Many{number:02d}")
    campaign = plan(db, settings).campaign
    client = reader(db, practice, browser)
    first, second = (client.get(f"/campaigns/{campaign}/cohort?page={page}").text for page in (1, 2))
    shown = [{f"Many{number:02d}" for number in range(60) if f"Many{number:02d}" in page} for page in (first, second)]
    assert shown[0].isdisjoint(shown[1])
    assert len(shown[0] | shown[1]) == 60
    assert len({row["Name"] for row in saved(client, campaign) if "Many" in row["Name"]}) == 60


@pytest.mark.parametrize("path", ["", "/progress", "/cohort"])
def test_the_pages_of_the_campaign_say_who_was_not_texted_since_the_plan_by_reason(
    db: Database, settings: Settings, practice: Practice, browser: Browser, path: str
) -> None:
    campaign = plan(db, settings).campaign
    client = reader(db, practice, browser)
    assert "since the plan" not in client.get(f"/campaigns/{campaign}{path}").text
    first, second, third = invited(db)
    change(db, first, texting_refused=True)
    approve(db, settings, campaign)
    opt_out(db, practice, second.phone)
    with db.write() as session:
        text = session.exec(select(Message).where(Message.patient_id == third.id)).one()
        text.use_by = utc_now() - timedelta(hours=1)
    claim(db, settings)
    page = client.get(f"/campaigns/{campaign}{path}").text
    said = page.partition("since the plan")[2].partition("</p>")[0]
    for words in ("refused texts 1", "asked for no texts 1", "their text could not go in time 1"):
        assert words in said


def test_texts_of_a_campaign_that_was_stopped_are_counted_as_such(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    stop_campaign(db, campaign, CONSOLE)
    page = reader(db, practice, browser).get(f"/campaigns/{campaign}").text
    assert "Not texted since the plan: the campaign was stopped before their text went 3." in page


KEPT_FOR = timedelta(days=180)
A_MOMENT = timedelta(seconds=10)


def forgotten_at(db: Database, settings: Settings, moment: datetime) -> bool:
    """Whether the names are gone after the job has run at that moment."""
    with time_machine.travel(moment):
        forget_left_out(db, settings)
    return kept(db) == {}


def goes_exactly_after(db: Database, settings: Settings, end: datetime) -> bool:
    early = forgotten_at(db, settings, end + KEPT_FOR - A_MOMENT)
    late = forgotten_at(db, settings, end + KEPT_FOR + A_MOMENT)
    return (early, late) == (False, True)


def stop_it(db: Database, settings: Settings, campaign: int) -> None:
    stop_campaign(db, campaign, CONSOLE)


def release_everybody(db: Database, settings: Settings, campaign: int) -> None:
    assert approve(db, settings, campaign) == 3


def release_and_hold(db: Database, settings: Settings, campaign: int) -> None:
    release_everybody(db, settings, campaign)
    hold_campaign(db, campaign, CONSOLE)


@pytest.mark.parametrize("end", [stop_it, release_everybody, release_and_hold])
def test_names_are_erased_180_days_after_the_campaign_ended_and_not_before(
    db: Database, settings: Settings, practice: Practice, end: Callable[[Database, Settings, int], None]
) -> None:
    campaign = plan(db, settings).campaign
    ended = utc_now() + timedelta(days=20)
    with time_machine.travel(ended):
        end(db, with_changes(settings, send_days="all"), campaign)
    assert goes_exactly_after(db, settings, ended)


def test_names_are_kept_while_somebody_still_waits(db: Database, settings: Settings, practice: Practice) -> None:
    plan(db, settings)
    assert not forgotten_at(db, settings, utc_now() + timedelta(days=1000))


def test_of_a_campaign_that_had_nobody_to_invite_names_are_kept_from_its_plan(
    db: Database, settings: Settings, practice: Practice
) -> None:
    for patient in invited(db):
        change(db, patient, texting_refused=True)
    planned = utc_now()
    assert plan(db, settings).cohort == 0
    assert goes_exactly_after(db, settings, planned)


def test_forgetting_one_campaign_leaves_the_names_of_another(
    db: Database, settings: Settings, practice: Practice
) -> None:
    first, second = plan(db, settings).campaign, plan(db, settings).campaign
    stop_campaign(db, first, CONSOLE)
    with time_machine.travel(utc_now() + KEPT_FOR + A_MOMENT):
        assert forget_left_out(db, settings) == len(AT_THE_PLAN)
        assert forget_left_out(db, settings) == 0
    assert left_out(db, settings, first) == []
    assert len(left_out(db, settings, second)) == len(AT_THE_PLAN)
