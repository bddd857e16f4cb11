"""The page of a campaign as its practice sees it before everybody does."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.database import Database
from bot.said_and_done.publishing import publish_page
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from tests.applications import application, browser_of
from tests.factories import make_account, make_practice
from tests.messaging.helpers import live
from tests.said_and_done.campaigns import Ground, answer_no, help_people, make_ground, stand_by
from tests.said_and_done.test_public_page import words

AT_HOME = "http://127.0.0.1:8000"
"""An address of live without https, at which test browsers keep their cookies."""


def path(ground: Ground, more: str = "") -> str:
    return f"/campaigns/{ground.campaign}/page{more}"


def test_the_campaign_leads_to_it(leads_browser: FlaskClient, ground: Ground) -> None:
    page = leads_browser.get(f"/campaigns/{ground.campaign}").text
    assert f'<a href="{path(ground)}">You said, we did: tell people what came of it</a>' in page


def test_the_lead_chooses_looks_publishes_and_takes_back(
    leads_browser: FlaskClient, stranger: FlaskClient, ground: Ground
) -> None:
    page = leads_browser.get(path(ground))
    assert "Off" in words(page.text)
    assert "No sentence is taken" in page.text
    taken = leads_browser.get(path(ground, "?chosen=&changed=done-now-interpreter")).text
    assert "Taken: We now book an interpreter together with the appointment." in taken
    look = leads_browser.get(path(ground, "/ur?chosen=&changed=done-now-interpreter")).text
    assert "A preview: this is how the page looks when it is published now." in look
    assert '<html lang="ur" dir="rtl">' in look
    form = {"chosen": "", "changed": "done-now-interpreter"}
    done = leads_browser.post(path(ground), data=form, follow_redirects=True)
    assert "The page is published. Everybody who has its address can read it." in done.text
    [address] = {word for word in done.text.split('"') if "/done/" in word and word.startswith("http")}
    public = address.removeprefix("http://127.0.0.1:8000")
    assert "We now book an interpreter" in stranger.get(public).text
    off = leads_browser.post(path(ground, "/take-back"), follow_redirects=True)
    assert "The page is off." in off.text
    assert stranger.get(public).status_code == 404


def test_a_preview_is_for_the_practice_alone(app: Flask, db: Database, ground: Ground, stranger: FlaskClient) -> None:
    other = make_account(db, Role.LEAD, practice=make_practice(db, "HILL"))
    for more in ("", "/pl"):
        assert browser_of(app, other).get(path(ground, more)).status_code == 404
        assert stranger.get(path(ground, more)).status_code == 303


def test_staff_see_it_and_a_lead_decides(app: Flask, db: Database, ground: Ground) -> None:
    nurse = browser_of(app, make_account(db, Role.PRACTICE, practice=ground.practice))
    page = nurse.get(path(ground)).text
    assert "A lead of the practice publishes the page and takes it back." in page
    assert "Publish the page" not in page
    assert nurse.post(path(ground)).status_code == 403
    assert nurse.post(path(ground, "/take-back")).status_code == 403


def test_numbers_that_are_too_small_are_told_to_be_hidden(
    db: Database, settings: Settings, leads_browser: FlaskClient, ground: Ground
) -> None:
    help_people(db, settings, ground.campaign, {"energy-cost-cut": 9, "advice-given": 3})
    page = words(leads_browser.get(path(ground)).text)
    assert "Asked by text: 40 Answered: 12 Helped: not shown" in page
    assert "Numbers under 5 are not shown, nor those from which one of them could be worked out" in page


def test_a_campaign_of_fewer_than_5_says_so_plainly(db: Database, settings: Settings, app: Flask) -> None:
    few = make_ground(db, settings, 4, "HILL")
    lead = browser_of(app, make_account(db, Role.LEAD, practice=few.practice))
    assert "Fewer than 5 people were asked, so the page shows no numbers at all." in lead.get(path(few)).text


def test_it_is_said_when_numbers_stay(
    db: Database, settings: Settings, leads_browser: FlaskClient, ground: Ground
) -> None:
    answer_no(db, ground.campaign, 11)
    publish_page(db, settings, ground.campaign, [], CONSOLE)
    answer_no(db, ground.campaign, 2)
    page = words(leads_browser.get(path(ground)).text)
    assert "The numbers stay as they were counted today at 9am" in page
    assert "Answered: 11" in page


def test_once_published_its_own_sentences_are_ticked(
    db: Database, settings: Settings, leads_browser: FlaskClient, ground: Ground
) -> None:
    publish_page(db, settings, ground.campaign, ["done-now-we-phone"], CONSOLE)
    ticked = 'value="done-now-we-phone" checked'
    assert ticked in leads_browser.get(path(ground)).text
    assert ticked not in leads_browser.get(path(ground, "?chosen=")).text


@pytest.mark.parametrize("more", ["?chosen=&changed=emergency", "?chosen=&changed=%3Cb%3E", "?changed=x"])
def test_a_sentence_that_is_none_is_not_taken(leads_browser: FlaskClient, ground: Ground, more: str) -> None:
    page = leads_browser.get(path(ground, more))
    assert page.status_code == 200
    assert "No sentence is taken" in page.text


def test_a_sentence_that_is_none_is_not_published(leads_browser: FlaskClient, ground: Ground) -> None:
    answer = leads_browser.post(path(ground), data={"chosen": "", "changed": "emergency"})
    assert answer.status_code == 409
    assert "emergency is no sentence for this page." in answer.text


def test_it_says_which_languages_are_left_out_and_why(
    db: Database, settings: Settings, app: Flask, ground: Ground, lead: UserAccount
) -> None:
    earnest = application(live(settings, public_url=AT_HOME), db, tokens=False)
    stand_by(db, lead.id or 0, "en")
    stand_by(db, lead.id or 0, "pl", leave_out="done-helped")
    page = words(browser_of(earnest, lead).get(path(ground)).text)
    assert "Polish People of the campaign 0 On the page No. 1 text is not approved: read the first" in page
    assert "English : see the page" in page
    assert "A lead can approve them." in page


def test_a_language_without_page_texts_is_named_when_people_read_it(
    db: Database, settings: Settings, app: Flask
) -> None:
    hill = make_ground(db, settings, 6, "HILL", language="am")
    lead = browser_of(app, make_account(db, Role.LEAD, practice=hill.practice))
    page = words(lead.get(path(hill)).text)
    assert "Amharic People of the campaign 6 On the page No. There are no words for pages in this language" in page


def test_in_live_it_cannot_be_published_before_its_english_is_approved(
    db: Database, settings: Settings, ground: Ground, lead: UserAccount
) -> None:
    browser = browser_of(application(live(settings, public_url=AT_HOME), db, tokens=False), lead)
    page = browser.get(path(ground)).text
    assert "The page cannot be published yet, as its English is not approved." in page
    assert "Publish the page" not in page
    refused = browser.post(path(ground))
    assert refused.status_code == 409
    assert "The English of this page has to be approved first" in refused.text
