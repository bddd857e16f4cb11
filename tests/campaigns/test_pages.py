import pytest
from sqlmodel import select

from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from tests.applications import application, browser_of
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import live


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice)
    for tag in ("pl", "ur", "am", None):
        make_cohort(db, practice, 5, language=tag)
    return practice


def test_a_lead_plans_reads_and_approves(db: Database, practice: Practice, browser: Browser):
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    planned = lead.post("/campaigns", data={"purpose": "fuel-poverty", "partner": "CAB"})
    page = planned.headers["Location"]
    assert "up to <strong>20 texts go out</strong>" in lead.get(page).text
    preview = lead.get(f"{page}/preview").text
    assert "Polish" in preview
    assert "Goes in English" in preview
    assert "Draft, not approved" in preview
    assert "20 of them can be invited" in lead.get(f"{page}/cohort").text
    lead.post(f"{page}/approve", data={"batch": "1"})
    lead.post(f"{page}/approve", data={"batch": "1"})
    with db.read() as session:
        assert len(session.exec(select(Message)).all()) == 20
    assert "Everybody in the cohort has been invited" in lead.get(f"{page}/progress").text


def test_the_page_leaves_out_who_was_invited_before_unless_told_otherwise(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    approve(db, settings, plan(db, settings).campaign)
    make_cohort(db, practice, 1)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    assert 'name="leave_out_invited" value="yes" checked' in lead.get("/campaigns").text
    form = {"purpose": "fuel-poverty", "partner": "CAB"}
    first = lead.post("/campaigns", data=form | {"leave_out_invited": "yes"}).headers["Location"]
    assert "1 of them can be invited" in lead.get(f"{first}/cohort").text
    assert "Invited for this in the last 6 months" in lead.get(f"{first}/cohort").text
    told = lead.get(lead.post("/campaigns", data=form).headers["Location"]).text
    assert "21 people will be invited. 21 of them were invited for this before" in told


def test_progress_is_shown_by_batch_and_by_language(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    say_yes(db, settings, campaign, 6)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    page = lead.get(f"/campaigns/{campaign}").text
    assert "Batch 1: 20 people. Referred 6, silent so far 14." in page
    assert "Polish: 5 people. Referred 5." in page
    assert "<style" not in page
    assert "style=" not in page


def test_hold_resume_and_stop_are_asked_back_first(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    for change, state in (("hold", "held"), ("resume", "running"), ("stop", "stopped")):
        assert f"Yes, {change} it" in lead.get(f"/campaigns/{campaign}/{change}").text
        lead.post(f"/campaigns/{campaign}/{change}")
        with db.read() as session:
            assert session.get_one(Campaign, campaign).state == state


def test_another_practice_finds_no_such_campaign(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    charlie = browser(make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD")))
    for path in ("", "/progress", "/preview", "/cohort", "/hold"):
        assert charlie.get(f"/campaigns/{campaign}{path}").status_code == 404
    for path in ("/approve", "/hold", "/resume", "/stop"):
        assert charlie.post(f"/campaigns/{campaign}{path}").status_code == 404
    assert f"({campaign})" not in charlie.get("/campaigns").text


def test_reception_may_watch_but_not_approve(db: Database, settings: Settings, practice: Practice, browser: Browser):
    campaign = plan(db, settings).campaign
    reception = browser(make_account(db, Role.PRACTICE, practice=practice))
    assert "A lead of the practice approves each batch" in reception.get(f"/campaigns/{campaign}").text
    assert reception.post(f"/campaigns/{campaign}/approve").status_code == 403


def test_the_preview_says_who_has_to_approve_what_and_leads_there(db: Database, practice: Practice, browser: Browser):
    make_account(db, Role.REVIEWER, name="Sam Reader", password_hash="has signed in")
    lead = browser(make_account(db, Role.LEAD, practice=practice, name="Ada Lead", password_hash="has signed in"))
    page = lead.post("/campaigns", data={"purpose": "fuel-poverty", "partner": "CAB"}).headers["Location"]
    preview = lead.get(f"{page}/preview").text
    assert "Ada Lead or Sam Reader can approve it, and two people have to" in preview
    assert 'href="/texts/pl/fuel-poverty-invitation"' in preview
    assert preview.count('href="/texts/ur/fuel-poverty-invitation"') == 1
    assert "Ada Lead or Sam Reader can approve them, and two people have to." in lead.get(page).text
    assert "Amharic has no wording that may be sent." in preview
    assert 'href="/texts/am/fuel-poverty-invitation"' in preview
    assert 'href="/texts/ur/fuel-poverty-invitation"' in lead.get(page).text
    staff = browser(make_account(db, Role.PRACTICE, practice=practice)).get(f"{page}/preview").text
    assert "Ada Lead or Sam Reader can approve it" in staff
    assert "/texts/" not in staff


def test_in_live_a_refused_plan_names_who_can_approve_and_the_page_leads_to_each_text(
    db: Database, settings: Settings, practice: Practice
):
    app = application(
        live(settings, public_url="http://127.0.0.1:8000", twilio_api_url="http://127.0.0.1:9"), db, tokens=False
    )
    make_account(db, Role.LEAD, practice=practice, name="Demo Lead", password_hash="x", demo=True)
    account = make_account(db, Role.LEAD, practice=practice, name="Ada Lead", password_hash="has signed in")
    lead = browser_of(app, account)
    page = lead.get("/campaigns").text
    assert "Ada Lead can approve them." in page
    assert 'href="/texts/en/emergency"' in page
    assert "Demo Lead" not in page
