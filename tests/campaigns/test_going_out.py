"""A campaign's page says whether anything has gone, until when texts wait and why, and what an approval will do."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from bot.audit import CONSOLE
from bot.campaigns.batches import hold_campaign
from bot.campaigns.going_out import hours_in_words, when_the_first_goes, why_texts_wait
from bot.campaigns.previewing import BatchPreview, preview_batch
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.messaging import Outcome
from bot.tables.organisations import Partner, Practice, Sender
from bot.tables.patients import Patient
from tests.applications import application, browser_of
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import accept, call_back, claim, end, live, london, send_all, with_changes
from tests.messaging.helpers import approve as approve_wording

HOURS = "Invitations go out from 8am to 8pm, Monday to Saturday, but not on bank holidays."


@pytest.fixture
def day(settings: Settings) -> Settings:
    """Texts go from 8am to 8pm, invitations from Monday to Saturday."""
    return with_changes(settings, send_window="08:00-20:00", send_days="mon-sat")


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice)
    for tag in ("pl", "am", "en", None):
        make_cohort(db, practice, 3, language=tag)
    return practice


@pytest.fixture
def campaign(db: Database, settings: Settings, practice: Practice) -> int:
    return plan(db, settings).campaign


def waits(db: Database, settings: Settings, campaign: int) -> list[str]:
    with db.read() as session:
        return why_texts_wait(session, settings, session.get_one(Campaign, campaign), utc_now())


def first_goes(db: Database, settings: Settings, campaign: int) -> list[str]:
    with db.read() as session:
        return when_the_first_goes(session, settings, session.get_one(Campaign, campaign), utc_now())


def upcoming(db: Database, settings: Settings, campaign: int) -> BatchPreview:
    with db.read() as session:
        found = preview_batch(session, settings, session.get_one(Campaign, campaign), 100)
    assert found is not None
    return found


# Planned, running


def test_a_campaign_of_which_nothing_has_gone_is_planned(
    db: Database, settings: Settings, practice: Practice, campaign: int, browser: Browser
):
    lead = browser(make_account(db, Role.LEAD, practice=practice))

    def shown() -> tuple[Any, Any, bool, bool]:
        with db.read() as session:
            status = campaign_status(session, campaign)
        pages = lead.get(f"/campaigns/{campaign}").text, lead.get("/campaigns").text
        planned = [">Planned<" in pages[0], "State </span>Planned" in pages[1]]
        running = [">Running<" in pages[0], "State </span>Running" in pages[1]]
        return status["state"], status["sent_any"], all(planned), all(running)

    assert shown() == ("running", False, True, False)
    approve(db, settings, campaign)
    assert shown() == ("running", False, True, False)
    claim(db, settings, limit=1)
    assert shown() == ("running", False, True, False)
    send_all(db, settings)
    assert shown() == ("running", True, False, True)


def test_a_text_that_did_not_arrive_has_gone_all_the_same(db: Database, settings: Settings, campaign: int):
    approve(db, settings, campaign)
    end(db, claim(db, settings, limit=1)[0], Outcome.ACCEPTED, sid="SM1", status="undelivered")
    with db.read() as session:
        assert campaign_status(session, campaign)["sent_any"] is True


# Until when it waits, and why


CLOSED = [
    ("2026-11-24 21:40", "Wednesday 25 November 2026 at 8am: it is outside the sending hours."),
    ("2026-11-24 05:10", "today at 8am: it is outside the sending hours."),
    ("2026-11-28 20:00", "Monday 30 November 2026 at 8am: it is outside the sending hours."),  # a Saturday
    ("2026-11-29 12:00", "Monday 30 November 2026 at 8am: today is Sunday."),
    ("2026-12-25 12:00", "Tuesday 29 December 2026 at 8am: today is a bank holiday."),
    ("2027-03-28 12:00", "Tuesday 30 March 2027 at 8am: today is Sunday."),  # the clocks went forward
    ("2026-10-25 00:30", "Monday 26 October 2026 at 8am: today is Sunday."),  # they go back
]


@pytest.mark.parametrize(("now", "until"), CLOSED)
def test_outside_the_sending_hours_it_says_until_when_and_why(
    db: Database, day: Settings, campaign: int, now: str, until: str
):
    with time_machine.travel(london(now), tick=False):
        approve(db, day, campaign)
        say_alive(db, "worker")
        for _ in range(2):  # before and after a claim has put the texts off
            assert waits(db, day, campaign) == [f"12 texts wait until {until} {HOURS}"]
            assert claim(db, day) == []
        assert first_goes(db, day, campaign) == [f"The first text waits until {until} {HOURS}"]


def test_the_page_says_it_after_a_reload_too(db: Database, day: Settings, practice: Practice, campaign: int):
    lead = browser_of(application(day, db, tokens=False), make_account(db, Role.LEAD, practice=practice))
    page = f"/campaigns/{campaign}"
    with time_machine.travel("2026-11-24T21:40:00Z"):
        lead = browser_of(application(day, db, tokens=False), make_account(db, Role.LEAD, practice=practice))
        say_alive(db, "worker")
        assert "The first text waits until Wednesday 25 November 2026 at 8am" in lead.get(page).text
        lead.post(f"{page}/approve", data={"batch": "1"})
        told = "12 texts wait until Wednesday 25 November 2026 at 8am: it is outside the sending hours."
        assert all(told in lead.get(address).text for address in (page, page, f"{page}/progress"))


def test_in_the_sending_hours_nothing_waits(db: Database, day: Settings, campaign: int):
    say_alive(db, "worker")
    approve(db, day, campaign)
    assert waits(db, day, campaign) == []
    assert first_goes(db, day, campaign) == ["The first goes at once."]


def test_the_window_of_today_counts_for_what_waits_already(db: Database, day: Settings, campaign: int):
    approve(db, day, campaign)
    with time_machine.travel(london("2026-11-24 21:40"), tick=False):
        say_alive(db, "worker")
        assert claim(db, day) == []
        wider = with_changes(day, send_window="08:00-22:00")
        assert waits(db, wider, campaign) == []
        later = with_changes(day, send_window="10:00-11:30", send_days="thu,fri")
        assert waits(db, later, campaign) == [
            "12 texts wait until Thursday 26 November 2026 at 10am: today is Tuesday. "
            "Invitations go out from 10am to 11:30am, Thursday and Friday, but not on bank holidays."
        ]


def test_while_no_worker_is_at_work_it_says_so(db: Database, settings: Settings, campaign: int):
    approve(db, settings, campaign)
    [never] = waits(db, settings, campaign)
    assert "has not been started" in never
    say_alive(db, "worker")
    assert waits(db, settings, campaign) == []
    with time_machine.travel(utc_now() + timedelta(minutes=5), tick=False):
        [silent] = waits(db, settings, campaign)
        assert "has not been at work since today at 9am. Tell whoever runs the service." in silent
        assert first_goes(db, settings, campaign)[0].startswith("Not yet: the part of the service")


def test_while_the_network_refuses_our_texts_it_says_so(db: Database, settings: Settings, campaign: int):
    say_alive(db, "worker")
    approve(db, settings, campaign)
    with db.write() as session:
        session.exec(select(Sender)).one().stopped_code = 20003
    [stopped] = waits(db, settings, campaign)
    assert stopped.startswith("12 texts wait: the phone network refuses our texts, so sending is stopped.")


def test_a_campaign_on_hold_says_only_that(db: Database, day: Settings, campaign: int):
    approve(db, day, campaign)
    hold_campaign(db, campaign, CONSOLE)
    with time_machine.travel(london("2026-11-29 12:00"), tick=False):
        assert waits(db, day, campaign) == []


def test_a_text_that_is_tried_again_later_does_not_wait_for_the_window(db: Database, day: Settings, campaign: int):
    say_alive(db, "worker")
    approve(db, day, campaign)
    quick = with_changes(day, sender_parts_per_second=1000)
    with db.write() as session:
        session.exec(select(Sender)).one().tokens = 1000
    [off] = claim(db, quick, limit=1)
    call_back(db, off.ref, accept(db, off), "undelivered", 30003)
    while send_all(db, quick):
        pass
    with time_machine.travel(utc_now() + timedelta(hours=1), tick=False):
        assert waits(db, with_changes(day, send_window="08:00-09:30"), campaign) == []


@pytest.mark.parametrize(
    ("window", "days", "words"),
    [
        ("00:00-24:00", "all", "at any hour, every day"),
        ("08:00-24:00", "all", "from 8am to midnight, every day"),
        ("09:00-12:00", "mon-fri", "from 9am to midday, Monday to Friday, but not on bank holidays"),
        ("09:00-17:30", "tue,thu", "from 9am to 5:30pm, Tuesday and Thursday, but not on bank holidays"),
        ("09:00-17:30", "sat", "from 9am to 5:30pm, Saturday, but not on bank holidays"),
        ("09:00-17:30", "mon,wed,fri", "from 9am to 5:30pm, Monday, Wednesday and Friday, but not on bank holidays"),
    ],
)
def test_the_hours_in_words(settings: Settings, window: str, days: str, words: str):
    assert hours_in_words(with_changes(settings, send_window=window, send_days=days)) == words


# What an approval will do


def test_before_approval_it_shows_languages_drafts_parts_and_cost(
    db: Database, settings: Settings, practice: Practice, campaign: int, browser: Browser
):
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    shown = " ".join(lead.get(f"/campaigns/{campaign}").text.split())
    assert "up to <strong>12 texts go out</strong> as batch 1" in shown
    for language in ("Polish 3", "English 3", "Amharic 3", "Not recorded 3"):
        assert language in shown
    assert "In English, because there is no wording for them that may be sent: Amharic 3." in shown
    assert "Drafts, not approved yet: " in shown
    found = upcoming(db, settings, campaign)
    assert f"12 texts in {found.parts} parts, about £{found.parts * 4 / 100:.2f} (an estimate)." in shown
    reception = browser(make_account(db, Role.PRACTICE, practice=practice))
    assert "Drafts, not approved" not in reception.get(f"/campaigns/{campaign}").text


def test_what_was_shown_is_what_is_queued(db: Database, settings: Settings, practice: Practice, campaign: int):
    with db.write() as session:  # since the plan one has told their language, and one may not be texted any more
        first, second, *_ = session.exec(select(Patient).order_by(Patient.nhs_number)).all()
        first.language, second.deceased = "ur", True
    found = upcoming(db, settings, campaign)
    before = {language.tag: language.people for language in found.languages}
    assert (found.texts, before["ur"]) == (11, 1)
    assert approve(db, settings, campaign) == found.texts
    with db.read() as session:
        [batch] = campaign_status(session, campaign)["batches"]
    assert batch["parts"] == found.parts


def test_in_live_what_nobody_approved_goes_in_english(
    db: Database, settings: Settings, practice: Practice, campaign: int
):
    approve_wording(db, "fuel-poverty-invitation", "language-line")
    found = upcoming(db, live(settings), campaign)
    assert {group.tag for group in found.in_english} == {"pl", "am"}
    assert not found.drafts


def test_without_english_that_is_approved_it_says_that_nothing_can_be_sent(
    db: Database, settings: Settings, practice: Practice, campaign: int
):
    with db.read() as session:
        assert preview_batch(session, live(settings), session.get_one(Campaign, campaign), 100) is None


# Places


def test_more_people_than_places_are_told_kindly(
    db: Database, settings: Settings, practice: Practice, campaign: int, browser: Browser
):
    approve(db, settings, campaign)
    send_all(db, with_changes(settings, sender_parts_per_second=1000))
    say_yes(db, settings, campaign, 6)
    with db.write() as session:
        session.exec(select(Partner)).one().places = 5
    page = browser(make_account(db, Role.LEAD, practice=practice)).get(f"/campaigns/{campaign}").text
    assert "Citizens Advice has taken on 6; they had offered 5, so no places are free." in page
    assert "places are taken" not in page
