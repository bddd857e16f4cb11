"""The list of the inbox: rows under their reason, narrowed down by the address, pages, and the number in the menu."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event

from bot.attention.reasons import IN_SHORT, REASONS, reason_in_short, reason_words
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.conversations.handling import hand_item
from bot.conversations.inbox import finish_item
from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.web import age
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.conversations.test_inbox import write_in
from tests.factories import make_patient

UNCLEAR = REASONS["not-understood"]


def phone(number: int) -> str:
    return f"+447700900{number:03d}"


def page(signed_in: SignIn, path: str, role: Role = Role.PRACTICE) -> str:
    return html.unescape(signed_in(role).get(path).text)


def shown(text: str) -> list[int]:
    """The items of a page, in its order."""
    return [int(found) for found in re.findall(r'id="item-(\d+)"', text)]


def test_a_row_has_language_and_age_and_the_reason_is_written_once(
    db: Database, world: World, signed_in: SignIn
) -> None:
    make_patient(db, world.practice, phone=phone(1), language="ur")
    with time_machine.travel(utc_now() - timedelta(hours=3, minutes=20)):
        for number in range(10):
            write_in(db, world.practice, phone=phone(number))
    text = page(signed_in, "/inbox")
    assert len(shown(text)) == 10
    assert (text.count(UNCLEAR), text.count("Not clear")) == (1, 2)  # the heading, and a choice
    assert text.count(">3 hours</time>") == 10
    rows = text.split('class="etr-item"')[1:]
    assert [("Urdu" in row, "Polish" in row) for row in rows[:2]] == [(False, True), (True, False)]


def test_a_reason_that_comes_back_is_not_explained_again(db: Database, world: World, signed_in: SignIn) -> None:
    for number, reason in enumerate(("call-me", "book", "call-me")):
        write_in(db, world.practice, phone=phone(number), reason=reason)
    text = page(signed_in, "/inbox")
    assert shown(text) == sorted(shown(text))
    assert text.count(REASONS["call-me"]) == 1
    assert text.count("Wants a phone call") == 3  # two headings, one choice


def test_every_reason_has_a_few_words() -> None:
    assert set(IN_SHORT) == {*REASONS}
    assert all(len(words) < 32 for words in IN_SHORT.values())
    assert all(not reason_in_short(code)[0].islower() for code in reason_words())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-90, "just now"),
        (59, "just now"),
        (60, "1 minute"),
        (3 * 3600 + 1, "3 hours"),
        (47 * 3600, "1 day"),
        (8 * 86400, "1 week"),
        (15 * 86400, "2 weeks"),
    ],
)
def test_an_age_is_told_in_whole_units(seconds: int, words: str) -> None:
    assert age(utc_now() - timedelta(seconds=seconds)) == words


def test_the_list_is_narrowed_down_by_its_address(db: Database, world: World, signed_in: SignIn) -> None:
    make_patient(db, world.practice, phone=phone(1), language="ur")
    urdu = write_in(db, world.practice, phone=phone(1))
    call = write_in(db, world.practice, phone=phone(2), reason="call-me")
    mine = write_in(db, world.practice, phone=phone(3))
    done = write_in(db, world.practice, phone=phone(4))
    hand_item(db, mine, world.accounts[Role.PRACTICE].id, CONSOLE)
    hand_item(db, call, world.accounts[Role.LEAD].id, CONSOLE)
    finish_item(db, done, None, CONSOLE)
    for query, expected in {
        "": [urdu, mine, call],
        "?language=ur": [urdu],
        "?language=pl": [mine, call],
        "?language=unknown": [],
        "?reason=call-me": [call],
        "?reason=call-me&language=ur": [],
        "?whose=mine": [mine],
        "?whose=handed": [mine, call],
        "?whose=nobody": [urdu],
        "?state=done": [done],
        "?state=all": [urdu, mine, call, done],
        "?state=all&language=pl&reason=not-understood": [mine, done],
        "?state=x&reason=x&language=x&whose=x": [urdu, mine, call],
    }.items():
        assert shown(page(signed_in, f"/inbox{query}")) == expected, query
        assert shown(page(signed_in, f"/inbox/list{query}")) == expected, query
    text = page(signed_in, "/inbox?reason=call-me&whose=handed")
    assert '<option value="call-me" selected>Wants a phone call (1)' in text
    assert 'data-fresh-url="/inbox/list?state=open&reason=call-me&whose=handed&page=1"' in text


def test_a_language_nobody_knows_can_be_asked_for(db: Database, world: World, signed_in: SignIn) -> None:
    known = write_in(db, world.practice, phone=phone(1))
    unknown = write_in(db, world.practice, phone=phone(2))
    with db.write() as session:
        session.get_one(ReplyReading, session.get_one(InboxItem, unknown).message_id).language = None
    assert shown(page(signed_in, "/inbox?language=unknown")) == [unknown]
    assert shown(page(signed_in, "/inbox")) == [known, unknown]
    assert "Not known (1)" in page(signed_in, "/inbox")


def test_pages_keep_what_was_chosen(db: Database, world: World, signed_in: SignIn) -> None:
    for number in range(51):
        write_in(db, world.practice, phone=phone(number))
    text = page(signed_in, "/inbox?reason=not-understood")
    assert len(shown(text)) == 50
    assert "/inbox?reason=not-understood&page=2" in text
    assert len(shown(page(signed_in, "/inbox?reason=not-understood&page=2"))) == 1


def test_a_longer_list_takes_no_more_questions(db: Database, world: World, signed_in: SignIn) -> None:
    def asked() -> int:
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1

        browser = signed_in(Role.PRACTICE)
        event.listen(db.engine, "before_cursor_execute", count)
        browser.get("/inbox")
        event.remove(db.engine, "before_cursor_execute", count)
        return statements

    for number in range(2):
        write_in(db, world.practice, phone=phone(number))
    few = asked()
    for number in range(2, 40):
        make_patient(db, world.practice, phone=phone(number))
        write_in(db, world.practice, phone=phone(number))
    assert asked() == few


def test_an_empty_inbox_says_something_kind_and_an_empty_choice_the_way_out(
    db: Database, world: World, signed_in: SignIn
) -> None:
    assert "Nobody is waiting for an answer. Everything that came in has been seen to" in page(signed_in, "/inbox")
    write_in(db, world.practice)
    text = page(signed_in, "/inbox?whose=mine")
    assert "Nothing in the inbox fits what you chose." in text
    assert 'href="/inbox?state=open">Show all that is open' in text


def test_what_is_ticked_is_done_together_and_the_choice_is_kept(db: Database, world: World, signed_in: SignIn) -> None:
    first, second = (write_in(db, world.practice, phone=phone(number)) for number in (1, 2))
    red = write_in(db, world.practice, phone=phone(3), urgency="red", reason="urgent")
    text = page(signed_in, "/inbox?reason=not-understood")
    assert 'action="/inbox/done?state=open&reason=not-understood"' in text
    assert f'id="tick-{red}"' not in page(signed_in, "/inbox")
    browser = signed_in(Role.PRACTICE)
    ticked = {"items": [str(first), str(second), str(red)]}
    answer = post(browser, "/inbox/done?state=open&reason=not-understood", ticked)
    assert (answer.status_code, answer.location) == (303, "/inbox?state=open&reason=not-understood")
    told = html.unescape(browser.get("/inbox").text)
    assert "2 messages are done. 1 is urgent and still open: open each by itself." in told
    assert shown(told) == [red]


def test_the_menu_has_the_number_that_waits_for_those_who_see_the_inbox(
    db: Database, world: World, signed_in: SignIn
) -> None:
    assert "etr-waits" not in page(signed_in, "/")
    for number in range(3):
        write_in(db, world.practice, phone=phone(number))
    write_in(db, world.other, phone=phone(4))
    for role in (Role.PRACTICE, Role.LEAD):
        for path in ("/", "/inbox", "/account", "/nowhere"):
            assert '<span class="etr-waits">3<' in page(signed_in, path, role)
    for role in (Role.ADMIN, Role.PARTNER):
        assert "etr-waits" not in page(signed_in, "/", role)
