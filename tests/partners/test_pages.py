import pytest
from sqlmodel import col, select

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.partners.conftest import Browser


@pytest.fixture
def referrals(db: Database, settings: Settings) -> list[Referral]:
    practice = make_practice(db)
    make_partner(db, practice, places=8)
    make_cohort(db, practice, 6, language="ur", given_name="Noor")
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    return say_yes(db, settings, campaign, 3)


def test_the_partner_sees_what_it_needs_and_moves_referrals_on(
    db: Database, referrals: list[Referral], browser: Browser
):
    with db.read() as session:
        partner = session.exec(select(Partner)).one()
    adviser = browser(make_account(db, Role.PARTNER, partner=partner))
    page = adviser.get("/referrals").text
    for words in ("Noor", 'href="tel:+447700900', "07700 900", "Urdu", "Interpreter: not recorded", "heating band hai"):
        assert words in page
    first, second, third = (referral.code for referral in referrals)
    assert "May we share your details?" in adviser.get(f"/referrals/{first}").text
    adviser.post(f"/referrals/{first}/accept")
    adviser.post(f"/referrals/{second}/close", data={"outcome": "advice-given"})
    adviser.post(f"/referrals/{third}/full", data={"no_places_left": "yes"})
    adviser.post("/referrals/places", data={"places": "many"})
    with db.read() as session:
        states = [referral.state for referral in session.exec(select(Referral).order_by(col(Referral.id)))]
        assert session.get_one(Partner, partner.id).places == 1
    assert states == ["accepted", "closed", "full"]
    adviser.post("/referrals/places", data={"places": "12"})
    assert "1 of 12 places are taken" in adviser.get("/referrals").text


def test_another_partner_sees_and_moves_nothing(db: Database, referrals: list[Referral], browser: Browser):
    outsider = browser(make_account(db, Role.PARTNER, partner=make_partner(db, code="AGE")))
    assert "Nobody at the moment" in outsider.get("/referrals").text
    for deed in ("accept", "close", "full"):
        assert outsider.post(f"/referrals/{referrals[0].code}/{deed}").status_code == 404
    assert outsider.post("/referrals/criteria/STATION/cold-home-respiratory/sign").status_code == 404


def test_a_practice_does_not_open_the_partners_page(db: Database, referrals: list[Referral], browser: Browser):
    with db.read() as session:
        practice = session.get_one(Practice, referrals[0].practice_id)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    assert lead.get("/referrals").status_code == 403


def test_a_partner_signs_the_criteria_of_a_practice_it_works_with(
    db: Database, referrals: list[Referral], browser: Browser
):
    with db.read() as session:
        partner = session.exec(select(Partner)).one()
    adviser = browser(make_account(db, Role.PARTNER, partner=partner))
    adviser.post("/referrals/criteria/STATION/cold-home-respiratory/sign")
    assert "Signed by you" in adviser.get("/referrals").text
