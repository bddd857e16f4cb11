"""What the home page says of campaigns: who may decide is asked, and only when there is something to decide."""

import pytest

from bot.audit import CONSOLE
from bot.campaigns.batches import hold_campaign
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import join, make_account, make_partner, make_practice

MAY_IT = "May the next batch go?"


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice, places=10)
    make_cohort(db, practice, 60)
    return practice


def test_a_lead_is_asked_whether_the_next_batch_may_go(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    home = browser(make_account(db, Role.LEAD, practice=practice)).get("/").text
    assert f"1 campaign has people waiting. {MAY_IT}" in home
    assert f'href="/campaigns/{campaign}"' in home


def test_who_may_not_decide_is_not_asked(db: Database, settings: Settings, practice: Practice, browser: Browser):
    plan(db, settings)
    home = browser(make_account(db, Role.PRACTICE, practice=practice)).get("/").text
    assert MAY_IT not in home
    assert "1 campaign has people waiting to be invited. A lead of the practice approves each batch." in home


def test_a_lead_of_another_practice_is_not_asked_for_this_one(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    plan(db, settings)
    lead = join(db, make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD")), Role.PRACTICE, practice)
    assert MAY_IT not in browser(lead).get("/for/STATION/").text
    assert MAY_IT not in browser(lead).get("/for/HAROLD/").text


def test_nobody_is_asked_while_there_is_no_place(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    while MAY_IT in lead.get("/").text:
        approve(db, settings, campaign)
    assert "1 campaign has people waiting to be invited, when places come back." in lead.get("/").text


def test_nobody_is_asked_of_a_campaign_on_hold(db: Database, settings: Settings, practice: Practice, browser: Browser):
    hold_campaign(db, plan(db, settings).campaign, CONSOLE)
    home = browser(make_account(db, Role.LEAD, practice=practice)).get("/").text
    assert MAY_IT not in home
    assert "1 campaign with people waiting is on hold." in home
