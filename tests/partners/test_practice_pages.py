"""The practice sees whom it referred, and takes a referral back when the person asks for it."""

import csv
import io

import pytest
from sqlmodel import select

from bot.audit import CONSOLE
from bot.database import Database
from bot.partners.referring import close_referral
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.tables.partners import Referral
from bot.tables.patients import Patient
from bot.web import phone_for_people
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.partners.conftest import Browser


@pytest.fixture
def referral(db: Database, settings: Settings) -> Referral:
    practice = make_practice(db)
    make_partner(db, practice, places=8)
    make_cohort(db, practice, 3, given_name="Noor")
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    [referral] = say_yes(db, settings, campaign, 1)
    return referral


def test_staff_see_who_was_referred_and_withdraw_it_when_the_person_asks(
    db: Database, referral: Referral, browser: Browser
):
    with db.read() as session:
        practice = session.exec(select(Practice)).one()
    nurse = browser(make_account(db, Role.PRACTICE, practice=practice))
    path = f"/campaigns/{referral.campaign_id}/referrals"
    assert path in nurse.get(f"/campaigns/{referral.campaign_id}").text
    page = nurse.get(path).text
    assert "Noor" in page
    assert "Withdraw the referral" in page
    answer = nurse.post(f"/campaigns/referrals/{referral.code}/withdraw")
    assert (answer.status_code, answer.location) == (303, f"/people-referred/{referral.code}")
    told = nurse.get(answer.location).text
    assert "The partner no longer sees this person" in told
    assert "Removed: what the person told the partner" in told
    assert "Kept for 8 years after its end" in told
    page = nurse.get(path).text
    assert "withdrawn" in page
    assert "Withdraw the referral" not in page


def test_staff_see_how_it_ended_and_whom_the_partner_did_not_reach(
    db: Database, settings: Settings, referral: Referral, browser: Browser
):
    with db.read() as session:
        practice = session.exec(select(Practice)).one()
        person = session.get_one(Patient, referral.patient_id)
    nurse = browser(make_account(db, Role.PRACTICE, practice=practice))
    path = f"/campaigns/{referral.campaign_id}/referrals"
    assert "New" in nurse.get(path).text
    close_referral(db, settings, referral.partner_id, referral.code, "could-not-reach", CONSOLE)
    page = nurse.get(path).text
    assert "Closed: could not reach the person" in page
    assert f'href="tel:{person.phone}"' in page
    assert phone_for_people(person.phone or "") in page
    assert "Noor" in nurse.get(f"{path}?state=closed").text
    assert "Nobody is in that state" in nurse.get(f"{path}?state=accepted").text


def test_staff_save_whom_they_referred_as_a_spreadsheet_that_runs_nothing(
    db: Database, referral: Referral, browser: Browser
):
    with db.write() as session:
        practice = session.exec(select(Practice)).one()
        person = session.get_one(Patient, referral.patient_id)
        person.given_name = "+cmd|calc"
        session.add(person)
    nurse = browser(make_account(db, Role.PRACTICE, practice=practice))
    path = f"/campaigns/{referral.campaign_id}/referrals"
    assert f"{path}.csv?" in nurse.get(path).text
    [row] = csv.DictReader(io.StringIO(nurse.get(f"{path}.csv").text.removeprefix("\ufeff")))
    assert row["Name"].startswith("'+cmd")
    assert (row["Referral"], row["State"], row["Since"]) == (referral.code, "New", "2026-11-24 09:00")
    assert nurse.get(f"{path}.csv?state=closed").text.count("\n") == 1


def test_another_practice_does_not_see_it(db: Database, referral: Referral, browser: Browser):
    other = browser(make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    assert other.get(f"/campaigns/{referral.campaign_id}/referrals").status_code == 404
    assert other.get(f"/campaigns/{referral.campaign_id}/referrals.csv").status_code == 404
    assert other.post(f"/campaigns/referrals/{referral.code}/withdraw").status_code == 404
