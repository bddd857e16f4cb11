"""The pages of a reviewer: what waits first, one text after another, and nothing that was typed is lost."""

import hashlib
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.wording import Origin, WordingDraft, WordingRejection
from bot.texts.catalogue import catalogue
from bot.texts.wording import wording_for
from bot.wording.approvals import approve_wordings
from bot.wording.drafting import write_draft
from bot.wording.standing import hash_of, read_standing
from tests.applications import application, browser_of
from tests.factories import make_account, make_patient, make_practice
from tests.messaging.helpers import approval
from tests.wording.conftest import make_reviewer
from tests.wording.test_approvals import deeds, in_force
from tests.wording.test_po_files import BETTER, HEADER, entry

Browser = Callable[[UserAccount], FlaskClient]
OFFER = "/texts/ur/call-offer"


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return lambda account: browser_of(app, account)


def digest(key: str, tag: str) -> str:
    shipped = wording_for(key, tag)
    assert shipped
    return shipped.digest


def words_of(page: str) -> str:
    """A page as it reads: without tags, and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_the_home_page_names_languages_by_how_many_people_wait(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    practice = make_practice(db)
    for language in ("pl", "ur", "ur", "syl", "syl", "syl"):
        make_patient(db, practice, language=language)
    home = browser(reviewer).get("/").text
    assert re.findall(r'card__link" href="/texts/([^"]+)"', home)[:3] == ["bn", "ur", "pl"]
    assert "3 people read Bengali here" in words_of(home)
    lead = browser(make_account(db, Role.LEAD, practice=practice)).get("/").text
    assert "languages have texts that wait to be read" in words_of(lead)


def test_languages_and_texts_are_there_to_be_saved_as_spreadsheets(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    reading = browser(reviewer)
    languages = reading.get("/texts/languages.csv").text.splitlines()
    assert languages[0].removeprefix("\ufeff") == "Language,Tag,People,To be read,Approved,Without wording"
    texts = reading.get("/texts/ur/texts.csv").text
    assert texts.startswith("\ufeffText,What for,State,People waiting,English,Urdu")
    assert "Draft, not read yet" in texts


def test_a_formula_in_a_draft_is_text_in_the_spreadsheet(db: Database, browser: Browser, reviewer: UserAccount) -> None:
    put_draft(db, "call-offer", "ur", "=HYPERLINK(9)", reviewer)
    assert "'=HYPERLINK(9)" in browser(reviewer).get("/texts/ur/texts.csv").text


def put_draft(db: Database, key: str, tag: str, body: str, account: UserAccount) -> None:
    """A draft that no form would take, as an older version may have kept it."""
    with db.write() as session:
        session.add(
            WordingDraft(
                text_key=key,
                language=tag,
                body=body,
                source_hash=hash_of(catalogue()[key].source),
                origin=Origin.EDIT,
                made_by=account.id,
                made_at=utc_now(),
            )
        )


def test_markup_in_a_draft_or_a_reason_is_shown_and_not_run(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount
) -> None:
    put_draft(db, "call-offer", "ur", "<script>alert(9)</script>", second)
    reading = browser(reviewer)
    page = reading.get(OFFER).text
    assert "&lt;script&gt;alert(9)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    with db.read() as session:
        candidate = read_standing(session, "call-offer", "ur").candidate
    assert candidate
    form = {"digest": candidate.wording.digest, "why": "<b>markup</b>"}
    reading.post(f"{OFFER}/reject", data=form)
    assert "&lt;b&gt;markup&lt;/b&gt;" in reading.get(OFFER).text


def test_one_text_after_another_until_the_language_is_read(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    reading = browser(reviewer)
    page = re.search(r'href="(/texts/ur/[a-z-]+)">Read the first that waits', reading.get("/texts/ur").text)
    assert page
    path, seen = page[1], []
    while path != "/texts/ur":
        seen.append(path.rsplit("/", 1)[1])
        shown = reading.get(path).text
        found = re.search(r'name="digest" value="([0-9a-f]{64})"', shown)
        assert found
        path = reading.post(f"{path}/approve", data={"digest": found[1]}).headers["Location"]
    assert len(seen) == len(set(seen)) > 10
    assert "You have read everything that waits for you in Urdu" in reading.get(path).text
    done = {key for key, tag in in_force(db) if tag == "ur"}
    assert done == {key for key in seen if not catalogue()[key].clinical}


def test_a_text_about_care_says_who_has_read_it_and_that_another_is_needed(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount
) -> None:
    path = "/texts/ur/emergency"
    first = browser(reviewer)
    assert "two people approve it" in first.get(path).text
    first.post(f"{path}/approve", data={"digest": digest("emergency", "ur")})
    shown = words_of(first.get(path).text)
    assert "One more person is needed" in shown
    assert "It goes out once another person has approved it too" in shown
    assert "you are the second" in browser(second).get(path).text
    browser(second).post(f"{path}/approve", data={"digest": digest("emergency", "ur")})
    assert ("emergency", "ur") in in_force(db)


def test_a_better_wording_waits_for_somebody_else(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount
) -> None:
    writing = browser(reviewer)
    writing.post(f"{OFFER}/edit", data={"body": BETTER})
    shown = writing.get(OFFER).text
    assert "You wrote this wording yourself" in shown
    assert "Yes, I stand by it" not in shown
    assert "Yes, I stand by it" in browser(second).get(OFFER).text
    assert deeds(db) == [("draft-wording", "wording:call-offer:ur")]


def test_faults_stand_beside_the_form_and_nothing_that_was_typed_is_lost(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    answer = browser(reviewer).post(f"{OFFER}/edit", data={"body": "مدد 8 <b>"})
    assert answer.status_code == 400
    assert "Error: " in answer.text.split("</title>")[0]
    assert "مدد 8 &lt;b&gt;</textarea>" in answer.text
    faults = answer.text.split('id="edit-error"')[1].split("</div>")[0]
    assert faults.count("<li") >= 2
    with db.read() as session:
        assert session.exec(select(WordingDraft)).all() == []


def test_a_wording_is_turned_down_with_a_reason_that_names_nobody(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    reading = browser(reviewer)
    for why, said in (("", "Say in a few words"), ("ring 07700 900123", "Leave out phone numbers")):
        answer = reading.post(f"{OFFER}/reject", data={"digest": digest("call-offer", "ur"), "why": why})
        assert (answer.status_code, said in answer.text) == (400, True)
    reading.post(f"{OFFER}/reject", data={"digest": digest("call-offer", "ur"), "why": "Too formal"})
    with db.read() as session:
        [kept] = session.exec(select(WordingRejection))
    assert (kept.why, kept.draft_id, kept.rejected_by) == ("Too formal", None, reviewer.id)
    shown = words_of(reading.get(OFFER).text)
    assert "Turned down, a new one is needed" in shown
    assert "Why: Too formal" in shown
    shipped = wording_for("call-offer", "ur")
    assert shipped
    page = reading.get(OFFER).text
    assert f">{shipped.body}</textarea>" in page
    assert "The last wording was turned down." in page
    assert "<kbd>E</kbd> to write it better" in page
    assert "<kbd>A</kbd>" not in page


def test_what_came_meanwhile_is_not_approved_unread(
    db: Database, browser: Browser, reviewer: UserAccount, second: UserAccount
) -> None:
    reading = browser(reviewer)
    reading.get(OFFER)
    write_draft(db, "call-offer", "ur", BETTER, actor_of(second))
    form = {"digest": digest("call-offer", "ur")}
    reading.post(f"{OFFER}/approve", data=form, headers={"Referer": f"http://localhost{OFFER}"})
    assert "Another wording has come since" in reading.get(OFFER).text
    assert in_force(db) == set()


def test_a_changed_english_says_what_has_changed_and_what_goes_on(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    old = "For help in English, answer 9."
    found = hashlib.sha256(f"{old}\0{BETTER}".encode()).hexdigest()
    with db.write() as session:
        english = hashlib.sha256(f"{old}\0{old}".encode()).hexdigest()
        session.add(approval("call-offer", "en", english, old, reviewer.id or 0))
        session.add(approval("call-offer", "ur", found, BETTER, reviewer.id or 0))
    shown = browser(reviewer).get(OFFER).text
    assert "The English has changed since it was approved" in shown
    assert "<del>" in shown
    assert "Put in: </span>reply" in shown
    assert BETTER in shown
    assert "English changed since it was approved" in browser(reviewer).get("/texts/ur").text


def test_an_approval_is_taken_back_on_the_page(db: Database, browser: Browser, reviewer: UserAccount) -> None:
    approve_wordings(db, ["call-offer"], "ur", reviewer)
    reading = browser(reviewer)
    reading.post(f"{OFFER}/withdraw")
    assert in_force(db) == set()
    assert "Approval taken back" in reading.get(OFFER).text


def test_a_po_file_goes_out_and_comes_in_on_the_page_of_its_language(
    db: Database, browser: Browser, reviewer: UserAccount
) -> None:
    reading = browser(reviewer)
    assert b'msgctxt "call-offer"' in reading.get("/texts/ur/texts.po").data
    words = HEADER + entry("call-offer", BETTER) + entry("emergency", "999")
    answer = reading.post("/texts/ur/import", data={"file": (io.BytesIO(words.encode()), "ur.po")})
    assert "2 wordings were in it: 1 kept as a draft, 0 known already, 1 left out." in words_of(answer.text)
    assert "Line 10, msgstr:" in words_of(answer.text)
    wrong = reading.post("/texts/pl/import", data={"file": (io.BytesIO(words.encode()), "ur.po")})
    assert (wrong.status_code, "The file is in Urdu" in wrong.text) == (400, True)
    assert "Choose the PO file" in reading.post("/texts/ur/import", data={}).text


def test_an_administrator_reads_and_brings_files_in_but_approves_nothing(db: Database, browser: Browser) -> None:
    admin = browser(make_reviewer(db, Role.ADMIN))
    shown = admin.get(OFFER).text
    assert "Yes, I stand by it" not in shown
    assert "Write it better" in shown
    assert admin.post(f"{OFFER}/approve", data={"digest": digest("call-offer", "ur")}).status_code == 403


def test_english_is_read_and_turned_down_but_not_written_here(browser: Browser, reviewer: UserAccount) -> None:
    reading = browser(reviewer)
    shown = reading.get("/texts/en/emergency").text
    assert "Yes, I stand by it" in shown
    assert "Write it better" not in shown
    answer = reading.post("/texts/en/emergency/edit", data={"body": "Call 999."})
    assert (answer.status_code, "changes with the service itself" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "path",
    ["/texts/xx", "/texts/ur/nonsense", "/texts/xx/emergency", "/texts/xx/texts.po"],
)
def test_what_is_not_there_is_not_found(browser: Browser, reviewer: UserAccount, path: str) -> None:
    assert browser(reviewer).get(path).status_code == 404


def test_every_state_of_every_text_shows_in_every_language(browser: Browser, reviewer: UserAccount) -> None:
    reading = browser(reviewer)
    for tag in ("en", "ur", "pl", "hu"):
        assert reading.get(f"/texts/{tag}").status_code == 200
        for key in catalogue():
            assert reading.get(f"/texts/{tag}/{key}").status_code == 200
