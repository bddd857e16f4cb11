"""A wrong gist: one press, taken back by another, seen by colleagues of that practice, counted without words."""

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, generate_latest
from sqlmodel import col, select

from bot.audit import AuditEntry
from bot.database import Database
from bot.gists.figures import GistCount, count_gists
from bot.gists.reporting import report_gist
from bot.operations.metrics import Figures
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.gists import GistReport
from bot.tables.messaging import Message
from bot.tables.translation import TranslationModel
from tests.conversations.conftest import Conversation
from tests.factories import make_account, make_practice
from tests.gists.conftest import Browser
from tests.gists.helpers import BAD, FEVER, HEATER, MODEL, asked, gist_of, newest_item, translate

pytestmark = pytest.mark.usefixtures("urdu")
WRONG = "A colleague says this English is wrong"


@pytest.fixture
def message(talk: Conversation) -> Message:
    """A text in Urdu with its English."""
    message = talk.says(FEVER)
    translate(talk.db, "I have a Monday")
    return message


@pytest.fixture
def nurse(talk: Conversation, message: Message) -> UserAccount:
    return make_account(talk.db, Role.PRACTICE, practice=talk.practice)


@pytest.fixture
def lead(talk: Conversation, message: Message) -> UserAccount:
    return make_account(talk.db, Role.LEAD, practice=talk.practice)


def press(client: FlaskClient, db: Database, word: str = "wrong") -> int:
    address = f"/inbox/{newest_item(db).id}"
    return client.post(f"{address}/gists/{asked(db)[-1].id}/{word}").status_code


def item_page(client: FlaskClient, db: Database) -> str:
    return client.get(f"/inbox/{newest_item(db).id}").text


def reports(db: Database) -> list[GistReport]:
    with db.read() as session:
        return list(session.exec(select(GistReport).order_by(col(GistReport.id))))


def test_one_press_is_seen_by_colleagues_and_by_oneself_otherwise(
    talk: Conversation, nurse: UserAccount, lead: UserAccount, browser: Browser
) -> None:
    hers, his = browser(nurse), browser(lead)
    assert WRONG not in item_page(his, talk.db)
    assert press(hers, talk.db) == 303
    assert WRONG in item_page(his, talk.db)
    assert "a colleague says it is wrong" in his.get("/inbox").text
    assert "This English is wrong</button>" in item_page(his, talk.db)
    own = item_page(hers, talk.db)
    assert WRONG not in own
    assert "You said that this English is wrong." in own
    assert press(hers, talk.db) == 303
    assert len(reports(talk.db)) == 1
    assert press(his, talk.db) == 303
    assert len(reports(talk.db)) == 2


def test_it_may_be_taken_back(talk: Conversation, nurse: UserAccount, lead: UserAccount, browser: Browser) -> None:
    press(browser(nurse), talk.db)
    press(browser(nurse), talk.db, "not-wrong")
    assert reports(talk.db) == []
    assert WRONG not in item_page(browser(lead), talk.db)
    press(browser(nurse), talk.db, "not-wrong")
    with talk.db.read() as session:
        actions = session.exec(
            select(AuditEntry.action).where(AuditEntry.action.startswith("gist-")).order_by(col(AuditEntry.id))
        ).all()
    assert actions == ["gist-reported", "gist-report-taken-back"]


def test_another_practice_neither_reports_nor_sees_it(talk: Conversation, nurse: UserAccount, browser: Browser) -> None:
    other = make_practice(talk.db, "BRIDGE")
    outsider = make_account(talk.db, Role.PRACTICE, practice=other)
    with pytest.raises(Refused, match="no such English"):
        report_gist(talk.db, asked(talk.db)[0].id or 0, other.id or 0, actor_of(outsider))
    with pytest.raises(Refused, match="staff or a lead"):
        report_gist(talk.db, asked(talk.db)[0].id or 0, talk.practice.id or 0, actor_of(outsider))
    assert reports(talk.db) == []


def test_the_words_that_were_erased_cannot_be_called_wrong(talk: Conversation, nurse: UserAccount) -> None:
    with talk.db.write() as session:
        row = session.get_one(type(asked(talk.db)[0]), asked(talk.db)[0].id)
        row.erased_at = row.requested_at
        session.add(row)
    with pytest.raises(Refused, match="erased"):
        report_gist(talk.db, asked(talk.db)[0].id or 0, talk.practice.id or 0, actor_of(nurse))


def test_gists_are_counted_by_language_and_model_without_words(
    talk: Conversation, nurse: UserAccount, lead: UserAccount, browser: Browser
) -> None:
    for account in (nurse, lead):
        press(browser(account), talk.db)
    with talk.db.read() as session:
        assert count_gists(session) == [GistCount("ur", MODEL, made=1, wrong=1)]
    registry = CollectorRegistry()
    registry.register(Figures(talk.db, talk.settings))
    figures = generate_latest(registry).decode()
    assert f'gists_called_wrong{{language="ur",model="{MODEL}"}} 1.0' in figures
    page = browser(make_account(talk.db, Role.ADMIN)).get("/operations").text
    assert "Said to be wrong" in page
    for told in (page, figures):
        assert "Monday" not in told
        assert FEVER not in told


def test_what_stands_under_a_text_is_labelled_and_so_is_the_list(
    talk: Conversation, message: Message, nurse: UserAccount, browser: Browser
) -> None:
    client = browser(nurse)
    for page in (item_page(client, talk.db), client.get("/inbox").text):
        assert "English by computer, may be wrong" in page
        assert "I have a Monday" in page
        assert FEVER in page
    assert "checks found nothing wrong" in item_page(client, talk.db)
    assert 'lang="ur"' in item_page(client, talk.db)
    assert gist_of(talk.db, talk.settings, message, nurse.id or 0).english == "I have a Monday"  # type: ignore[union-attr]


def test_the_list_says_where_the_checks_doubt_it_and_what_the_model_was_made_for(
    talk: Conversation, nurse: UserAccount, browser: Browser
) -> None:
    talk.says(HEATER)
    translate(talk.db, "The heater is", checks=BAD, ok=False)
    with talk.db.write() as session:
        for model in session.exec(select(TranslationModel)):
            model.trial = True
    page = " ".join(browser(nurse).get("/inbox").text.split())
    told = '<span class="etr-quiet">English by computer, and its own checks doubt it'
    assert f"{told}: a model for trying this out, not for patients</span>" in page


def test_an_item_says_which_urgent_words_only_the_english_has(
    talk: Conversation, nurse: UserAccount, browser: Browser
) -> None:
    talk.says("گھر میں ہیٹر خراب ہے")
    translate(talk.db, "I have chest pain")
    page = item_page(browser(nurse), talk.db)
    assert "Urgent words in the English" in page
    assert "Only the computer’s English has them" in page
    assert "Read soon" in page


def test_opening_an_item_asks_for_what_is_missing_and_the_page_waits_for_it(
    talk: Conversation, nurse: UserAccount, browser: Browser
) -> None:
    talk.says("گھر میں ہیٹر خراب ہے")
    client = browser(nurse)
    waiting = item_page(client, talk.db)
    assert "English by computer is being made." in waiting
    assert "data-fresh-url" in waiting
    assert "fresh.js" in waiting
    translate(talk.db, "The heater at home is broken")
    there = item_page(client, talk.db)
    assert "The heater at home is broken" in there
    assert "data-fresh-url" not in there
