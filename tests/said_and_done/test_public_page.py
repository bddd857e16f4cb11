"""The page that everybody reads: in each language, without a sign-in, a cookie or a script."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from bot.audit import CONSOLE
from bot.database import Database
from bot.said_and_done.page_words import keys_of
from bot.said_and_done.publishing import publish_page, take_back_page, told_back
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.campaigns import Campaign
from bot.tables.wording import WordingApproval
from bot.texts.dates_in_words import format_date
from bot.texts.languages import LANGUAGES, WORDED
from bot.texts.wording import wording_for
from tests.applications import application
from tests.messaging.helpers import live
from tests.said_and_done.campaigns import Ground, answer_no, help_people, lose_texts, make_ground, stand_by

CHANGED = ["done-now-more-places", "done-now-interpreter"]


@pytest.fixture
def code(db: Database, settings: Settings, ground: Ground) -> str:
    """The page of a campaign in which 30 answered, 25 of them were helped, and 3 texts did not arrive."""
    help_people(db, settings, ground.campaign, {"energy-cost-cut": 13, "money-for-heating": 6, "home-improvement": 6})
    answer_no(db, ground.campaign, 5)
    lose_texts(db, ground.campaign, 3)
    return publish_page(db, settings, ground.campaign, CHANGED, CONSOLE).code or ""


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_says_what_came_of_the_campaign(stranger: FlaskClient, code: str) -> None:
    page = words(stranger.get(f"/done/{code}").text)
    assert "You said, we did Help with a cold home" in page
    assert "Station Practice asked people by text what they needed. This is what came of it." in page
    assert "People we asked by text 37 People who answered 30 People who were helped 25" in page
    assert "People our text did not reach not shown" in page
    kinds = "Lower energy bills 13 Money for heating 6 Repairs or improvements to the home 6 Advice on what to do 0"
    assert f"How people were helped {kinds} Who helped: Citizens Advice" in page
    assert "What we changed More people can now get this help. We now book an interpreter together with" in page
    assert "We do not show small numbers" in page
    assert "phone: 01632 960100 Counted on Tuesday 24 November 2026." in page


@pytest.mark.parametrize("tag", WORDED)
def test_it_is_there_in_every_language(
    stranger: FlaskClient, db: Database, ground: Ground, code: str, tag: str
) -> None:
    answer = stranger.get(f"/done/{code}" if tag == "en" else f"/done/{code}/{tag}")
    assert answer.status_code == 200
    direction = "rtl" if LANGUAGES[tag].right_to_left else "ltr"
    assert f'<html lang="{tag}" dir="{direction}">' in answer.text
    page = words(answer.text)
    with db.read() as session:
        told = told_back(session.get_one(Campaign, ground.campaign))
    shown = [key for key in keys_of(told, CHANGED) if key not in ("done-too-few", "done-languages")]
    for wording in (wording_for(key, tag) for key in shown):
        assert wording is not None
        pieces = re.split(r"\{\w+\}|\n", wording.body)
        assert all(piece.strip().replace("'", "&#39;") in page for piece in pieces), wording.text_key
    assert format_date(date(2026, 11, 24), tag) in page
    assert {"37", "30", "25", "13"} <= set(page.split())


def test_every_other_language_is_a_link_in_its_own_words(stranger: FlaskClient, code: str) -> None:
    page = stranger.get(f"/done/{code}/ur").text
    links = re.findall(r'<li><a href="([^"]+)" hreflang="([^"]+)" lang="([^"]+)" dir="(\w+)">([^<]+)</a>', page)
    assert [link[1] for link in links] == [tag for tag in WORDED if tag != "ur"]
    for path, tag, lang, direction, name in links:
        assert (tag, name) == (lang, LANGUAGES[tag].native)
        assert direction == ("rtl" if LANGUAGES[tag].right_to_left else "ltr")
        assert stranger.get(path).status_code == 200


def test_the_languages_do_not_tell_who_was_asked(
    db: Database, settings: Settings, stranger: FlaskClient, code: str
) -> None:
    other = make_ground(db, settings, 12, "HILL", language="so")
    second = publish_page(db, settings, other.campaign, [], CONSOLE).code
    tags = [re.findall(r'hreflang="([^"]+)"', stranger.get(f"/done/{each}").text) for each in (code, second)]
    assert tags[0] == tags[1]


def test_it_needs_no_script_and_leaves_no_cookie(stranger: FlaskClient, code: str) -> None:
    answer = stranger.get(f"/done/{code}")
    assert "<script" not in answer.text
    assert "<form" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_caches_may_keep_it_and_ask_whether_it_is_the_same(stranger: FlaskClient, code: str) -> None:
    answer = stranger.get(f"/done/{code}")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = stranger.get(f"/done/{code}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_off_never_published_and_never_there_look_alike(
    db: Database, stranger: FlaskClient, ground: Ground, code: str
) -> None:
    assert stranger.get(f"/done/{code}/pl").status_code == 200
    take_back_page(db, ground.campaign, CONSOLE)
    answers = [stranger.get(path) for path in (f"/done/{code}", f"/done/{code}/pl", "/done/2222222222", "/done/x/pl")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("tag", ["cs", "xx", "EN", "pl-PL"])
def test_a_language_it_does_not_have_is_not_found(stranger: FlaskClient, code: str, tag: str) -> None:
    assert stranger.get(f"/done/{code}/{tag}").status_code == 404


def test_a_page_of_fewer_than_5_people_says_so_and_shows_no_number(
    db: Database, settings: Settings, stranger: FlaskClient
) -> None:
    few = make_ground(db, settings, 4, "HILL")
    help_people(db, settings, few.campaign, {"advice-given": 3})
    code = publish_page(db, settings, few.campaign, [], CONSOLE).code
    page = words(stranger.get(f"/done/{code}").text)
    assert "We asked too few people to show numbers here, so that nobody can be recognised." in page
    assert "People who answered" not in page
    assert "Advice on what to do" not in page


def test_demo_marks_drafts_as_drafts(stranger: FlaskClient, code: str) -> None:
    for path in (f"/done/{code}", f"/done/{code}/ar"):
        assert "Demo: these words are drafts that nobody has approved yet." in stranger.get(path).text


def test_live_shows_approved_words_alone(
    db: Database, settings: Settings, ground: Ground, code: str, lead: UserAccount
) -> None:
    reader = application(live(settings), db).test_client()
    host = {"Host": "texts.example.org"}
    assert reader.get(f"/done/{code}", headers=host).status_code == 404
    stand_by(db, lead.id or 0, "en")
    stand_by(db, lead.id or 0, "pl")
    stand_by(db, lead.id or 0, "ur", leave_out="done-now-interpreter")
    page = reader.get(f"/done/{code}", headers=host)
    assert page.status_code == 200
    assert "Demo" not in page.text
    assert re.findall(r'hreflang="([^"]+)"', page.text) == ["pl"]
    assert reader.get(f"/done/{code}/ur", headers=host).status_code == 404


def test_words_whose_approval_is_taken_back_are_gone_at_once(
    db: Database, settings: Settings, ground: Ground, code: str, lead: UserAccount
) -> None:
    reader = application(live(settings), db).test_client()
    host = {"Host": "texts.example.org"}
    for tag in ("en", "pl"):
        stand_by(db, lead.id or 0, tag)
    assert reader.get(f"/done/{code}/pl", headers=host).status_code == 200
    with db.write() as session:
        session.exec(
            WordingApproval.__table__.update()  # type: ignore[attr-defined,call-overload]
            .where(WordingApproval.text_key == "done-helped", WordingApproval.language == "pl")
            .values(withdrawn_at=lead.created_at)
        )
    assert reader.get(f"/done/{code}/pl", headers=host).status_code == 404
    assert reader.get(f"/done/{code}", headers=host).status_code == 200


def test_a_name_with_markup_in_it_is_only_a_name(
    db: Database, settings: Settings, stranger: FlaskClient, ground: Ground, code: str
) -> None:
    with db.write() as session:
        ground.practice.name = "<b>Station</b> & Sons"
        session.add(ground.practice)
    assert "&lt;b&gt;Station&lt;/b&gt; &amp; Sons asked people" in stranger.get(f"/done/{code}").text
