"""A campaign and its cohort as spreadsheets that no spreadsheet runs, and on paper."""

import csv
import io

import pytest

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import ASTHMA, make_account, make_partner, make_patient, make_practice

FORMULAS = ("=cmd()", "+1", "-1", "@SUM(A1)", "\uff1d1", "\t=1")


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice, places=3)
    for tag in ("pl", None):
        make_cohort(db, practice, 5, language=tag)
    make_patient(db, practice, codes=(ASTHMA,), phone=None, phone_status="none")
    return practice


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_progress_is_saved_by_batch_language_and_reason(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    released = approve(db, settings, campaign)
    deliver_all(db)
    say_yes(db, settings, campaign, 2)
    for role in (Role.LEAD, Role.PRACTICE):
        answer = browser(make_account(db, role, practice=practice)).get(f"/campaigns/{campaign}.csv")
        assert answer.mimetype == "text/csv"
        rows = {(row["By"], row["Group"]): row for row in table(answer.text)}
    assert rows["All", "Everybody in the cohort"]["People"] == "10"
    batch = rows["Batch", "Batch 1"]
    assert (batch["People"], batch["Delivered"], batch["Said yes"]) == (str(released), str(released), "2")
    assert rows["Language", "Polish"]["People"] == rows["Language", "Not recorded"]["People"] == "5"
    assert rows["Left out of the plan", "No usable mobile number"]["People"] == "1"


def test_the_cohort_is_saved_person_by_person(db: Database, settings: Settings, practice: Practice, browser: Browser):
    campaign = plan(db, settings).campaign
    released = approve(db, settings, campaign)
    deliver_all(db)
    say_yes(db, settings, campaign, 1)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    rows = table(lead.get(f"/campaigns/{campaign}/cohort.csv").text)
    assert len(rows) == 10
    assert [row["Text"] for row in rows].count("delivered") == released
    assert [row["Text"] for row in rows].count("not invited yet") == 10 - released > 0
    assert rows[0] | {"NHS Number": "", "Phone": ""} == {
        "NHS Number": "",
        "Name": "Alex Example",
        "Date of Birth": "1960-05-12",
        "Phone": "",
        "Language": "Polish",
        "Batch": "1",
        "Text": "delivered",
        "Answer": "yes",
    }


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_is_a_formula(db: Database, settings: Settings, practice: Practice, browser: Browser, name: str):
    make_patient(db, practice, codes=(ASTHMA,), given_name=name, surname=name, language=name)
    campaign = plan(db, settings).campaign
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    for path in (f"/campaigns/{campaign}.csv", f"/campaigns/{campaign}/cohort.csv"):
        cells = [cell for row in table(lead.get(path).text) for cell in row.values()]
        assert any(name.strip() in cell for cell in cells)
        assert not [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@", "\uff1d")]


def test_another_practice_and_strangers_get_nothing(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    charlie = browser(make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD")))
    admin = browser(make_account(db, Role.ADMIN))
    for path in (f"/campaigns/{campaign}.csv", f"/campaigns/{campaign}/cohort.csv"):
        assert charlie.get(path).status_code == 404
        assert admin.get(path).status_code == 403


def test_the_pages_offer_to_save_and_say_how_to_print(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    page = lead.get(f"/campaigns/{campaign}").text
    assert f'href="/campaigns/{campaign}.csv"' in page
    assert f'href="/campaigns/{campaign}/cohort.csv"' in page
    assert "To print this page" in page
    assert "To print this page" in lead.get(f"/campaigns/{campaign}/cohort").text
