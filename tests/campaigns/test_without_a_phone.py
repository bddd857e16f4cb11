"""A practice that people cannot ring to check an invitation invites nobody, and reads who can put that right."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlmodel import select

from bot.audit import CONSOLE
from bot.campaigns.batches import release_batch
from bot.campaigns.commands import campaign as campaign_commands
from bot.campaigns.english_classes import ENGLISH_CLASSES
from bot.campaigns.fuel_poverty import FUEL_POVERTY
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.texts.languages import OFFERED
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_account, make_partner, make_practice, text_in
from tests.messaging.helpers import inbox, rows, send_all, texts_to, with_changes

WHAT_TO_DO = "Ask an administrator to enter it under Organisations."


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 3, language="pl")
    return practice


def set_phone(db: Database, practice: Practice, phone: str | None) -> None:
    with db.write() as session:
        session.get_one(Practice, practice.id).phone = phone


def count(db: Database, table: Any) -> int:
    with db.read() as session:
        return len(rows(session, table))


@pytest.mark.parametrize("purpose", [FUEL_POVERTY.name, ENGLISH_CLASSES.name])
def test_it_cannot_plan(db: Database, settings: Settings, practice: Practice, purpose: str) -> None:
    set_phone(db, practice, None)
    console = Console()
    console.database, console.settings = db, settings
    words = ["plan", "--practice", "STATION", "--purpose", purpose, "--partner", "CAB", "--json"]
    refused = CliRunner().invoke(campaign_commands, words, obj=console)
    assert isinstance(refused.exception, Refused)
    assert refused.exception.code == "no-practice-phone"
    assert "practices change STATION --phone" in str(refused.exception)
    assert count(db, Campaign) == 0
    set_phone(db, practice, "+441632960300")
    planned = CliRunner().invoke(campaign_commands, words, obj=console, catch_exceptions=False)
    assert json.loads(planned.stdout)["cohort"] == 3


def test_it_cannot_release_and_nobody_is_left_out(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = plan(db, settings).campaign
    set_phone(db, practice, None)
    with pytest.raises(Refused) as refused:
        release_batch(db, settings, campaign, CONSOLE)
    assert (refused.value.code, count(db, Message)) == ("no-practice-phone", 0)
    with db.read() as session:
        assert {member.batch_id for member in rows(session, CampaignMember)} == {None}
    set_phone(db, practice, "+441632960300")
    assert approve(db, settings, campaign) == 3
    with db.read() as session:
        assert all("01632 960300" in body.splitlines() for body in session.exec(select(Message.body)))


def test_its_pages_say_what_is_missing_and_who_enters_it(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    campaign = plan(db, settings).campaign
    set_phone(db, practice, None)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    for page in (f"/campaigns/{campaign}", f"/campaigns/{campaign}/progress", f"/campaigns/{campaign}/preview"):
        shown = lead.get(page)
        assert shown.status_code == 200
        assert WHAT_TO_DO in shown.text
        assert "--phone" not in shown.text
    for page, form in (
        ("/campaigns", {"purpose": "fuel-poverty", "partner": "CAB"}),
        (f"/campaigns/{campaign}/approve", {"batch": "1"}),
    ):
        refused = lead.post(page, data=form)
        assert refused.status_code == 409
        assert WHAT_TO_DO in refused.text


def test_who_chooses_a_language_is_not_invited_again_and_staff_are_told(
    db: Database, settings: Settings, practice: Practice
) -> None:
    [person] = make_cohort(db, practice, 1, language=None)
    approve(db, settings, plan(db, settings).campaign)
    quick = with_changes(settings, sender_parts_per_second=1000)
    send_all(db, quick)
    set_phone(db, practice, None)
    polish = OFFERED.index("pl") + 1
    for said in ("9", str(polish)):
        text_in(db, quick, person.phone, said)
        send_all(db, quick)
    heard = [(text.text_key, text.language) for text in texts_to(db, person.phone or "")]
    assert heard[1:] == [("language-menu-page", "en"), ("language-set", "pl")]
    assert inbox(db) == ["language-told", "no-practice-phone"]
