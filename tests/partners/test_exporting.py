"""A partner takes out its own referrals as a table: nobody else's, and nothing in it runs."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.audit import CONSOLE, AuditEntry
from bot.console import Console
from bot.partners.cases import ENDED, OPEN, Choice
from bot.partners.commands import partners
from bot.partners.exporting import export_referrals
from bot.partners.referring import withdraw_referral
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.patients import Patient
from tests.applications import application, browser_of
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account, make_partner
from tests.partners.several import agree_to_all


@pytest.fixture
def referred(talk: Conversation) -> Conversation:
    with talk.db.write() as session:
        session.get_one(Patient, talk.patient.id).given_name = "=cmd|calc"
    agree_to_all(talk)
    return talk


def console_of(talk: Conversation) -> Console:
    console = Console()
    console.database, console.settings = talk.db, talk.settings
    return console


def test_the_file_has_its_own_people_and_runs_nothing(referred: Conversation, tmp_path: Path) -> None:
    file = tmp_path / "referrals.csv"
    words = ["referrals", "CAB", "--csv", str(file), "--json"]
    done = CliRunner().invoke(partners, words, obj=console_of(referred), catch_exceptions=False)
    assert json.loads(done.stdout) == {"partner": "CAB", "rows": 1}
    [row] = csv.DictReader(io.StringIO(file.read_text("utf-8").removeprefix("\ufeff")))
    assert row["Name"].startswith("'=cmd")
    assert (row["Referral"], row["Phone"]) == (referred.referrals[0].code, "07700 900 123")


def test_the_page_saves_the_same(referred: Conversation) -> None:
    account = make_account(referred.db, Role.PARTNER, partner=referred.partner)
    page = browser_of(application(referred.settings, referred.db), account).get("/referrals.csv").text
    [row] = csv.DictReader(io.StringIO(page.removeprefix("\ufeff")))
    [own] = export_referrals(referred.db, "CAB", Choice(OPEN), actor_of(account))
    assert row["Referral"] == own[0]


def test_another_partner_has_nothing_of_it_and_takes_out_nothing(referred: Conversation) -> None:
    other = make_partner(referred.db, referred.practice, code="WARM", name="Warm Homes")
    stranger = make_account(referred.db, Role.PARTNER, partner=other)
    with pytest.raises(Refused, match="Only an adviser of Citizens Advice"):
        export_referrals(referred.db, "CAB", Choice(OPEN), actor_of(stranger))
    assert export_referrals(referred.db, "WARM", Choice(OPEN), actor_of(stranger)) == []


def test_of_who_has_ended_there_is_no_more_than_how(referred: Conversation) -> None:
    withdraw_referral(referred.db, referred.settings, referred.referrals[0].code, CONSOLE)
    [row] = export_referrals(referred.db, "CAB", Choice(ENDED), CONSOLE)
    assert row[1:5] == ["", "", "", ""]
    assert row[7] == "Withdrawn by the person"


def test_it_is_recorded_that_they_were_taken_out_with_a_number_alone(referred: Conversation) -> None:
    export_referrals(referred.db, "CAB", Choice(OPEN), CONSOLE)
    [entry] = [entry for entry in referred.all(AuditEntry) if entry.action == "referrals-exported"]
    assert entry.detail == {"rows": 1}
