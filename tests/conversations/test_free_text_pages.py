"""The pages of a text in own words: nothing typed is lost, and every stop says what to do in its place."""

import html
from datetime import UTC, datetime

import pytest
import time_machine
from sqlmodel import Session

from bot.clock import utc_now
from bot.conversations.answering import ANSWERS
from bot.conversations.free_text_pages import HELD, SLOW, VERY_SLOW
from bot.conversations.when_it_goes import on_its_way, when_it_goes
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.translation.checking import CHECKS
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.conversations.own_words import (
    GOOD,
    STOPPED,
    URDU,
    WHY,
    WORDS,
    a_free_text,
    ask_for,
    let_go,
    newest,
    outgoing,
    reader,
    shown,
    translated,
)
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import make_account
from tests.messaging.helpers import opt_out, with_changes


def page_of(signed_in: SignIn, path: str, role: Role = Role.PRACTICE) -> str:
    answer = signed_in(role).get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def typed(db: Database, words: str, **more: str) -> dict[str, str]:
    return {"words": words, "seen": str(newest(db)), **more}


def test_the_item_offers_it_and_the_form_says_who_reads_what(db: Database, world: World, signed_in: SignIn) -> None:
    item = reader(db, world, body="مجھے کیا کرنا ہے")
    assert f'href="/inbox/{item}/free-text"' in page_of(signed_in, f"/inbox/{item}")
    form = page_of(signed_in, f"/inbox/{item}/free-text")
    for words in (
        "They read Urdu.",
        "مجھے کیا کرنا ہے",
        "under it that a computer translated it",
        "list is not complete",
    ):
        assert words in form


def test_words_are_translated_looked_at_and_sent(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    asked = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text", typed(db, WORDS))
    assert (asked.status_code, asked.location) == (303, f"/inbox/{item}/free-text/1")
    assert "translating it into Urdu" in page_of(signed_in, asked.location)
    translated(db, 1)
    seen = page_of(signed_in, asked.location)
    for words in (f'dir="rtl" lang="ur">Station Practice:\n{URDU}', str(GOOD.back), WORDS, "3 SMS parts, about £0.12."):
        assert words in seen
    given = {"read": "yes", "shown": shown(db, settings, world, item, 1), "then": "done"}
    assert post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text/1/send", given).location == "/inbox"
    assert len(outgoing(db)) == 1
    assert "This text has gone." in page_of(signed_in, asked.location)


def test_without_the_tick_it_stays_and_says_so_at_the_box(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    given = {"shown": shown(db, settings, world, item, number)}
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text/{number}/send", given)
    assert answer.status_code == 409
    assert 'href="#read"' in answer.text
    assert outgoing(db) == []


def test_every_check_has_a_sentence_for_when_it_holds() -> None:
    assert set(HELD) == set(CHECKS) - {"parts"}


def test_a_check_that_stops_it_is_told_with_texts_and_a_call_and_the_words_stay(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item), STOPPED)
    page = page_of(signed_in, f"/inbox/{item}/free-text/{number}")
    assert WHY in page
    assert f'href="tel:{PHONE}"' in page
    for key in ANSWERS:
        assert f'href="/inbox/{item}?text={key}#answer"' in page
    assert f">{WORDS}</textarea>" in page
    assert "I have read" not in page
    chosen = page_of(signed_in, f"/inbox/{item}?text=staff-please-call")
    assert 'value="staff-please-call" checked' in chosen


@pytest.mark.parametrize("words", ["", "Take two tablets", "See www.nhs.uk", "👍", "x" * 2001, "براہ کرم فون کریں"])
def test_what_may_not_go_is_told_at_the_field_and_stays_in_it(
    db: Database, world: World, signed_in: SignIn, words: str
) -> None:
    item = reader(db, world)
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text", typed(db, words))
    page = html.unescape(answer.text)
    assert answer.status_code == 400
    assert f">{words}</textarea>" in page
    assert 'id="words-error"' in page
    assert "What you can do now" in page


def test_markup_in_the_words_stays_words(db: Database, settings: Settings, world: World, signed_in: SignIn) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item, "Come <b>soon</b> & early."))
    page = signed_in(Role.PRACTICE).get(f"/inbox/{item}/free-text/{number}").text
    assert "Come &lt;b&gt;soon&lt;/b&gt; &amp; early." in page
    assert "<b>soon" not in page


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(1, "takes a few seconds"), (SLOW + 1, "longer than it should"), (VERY_SLOW + 1, "may not come at all")],
)
def test_a_translation_that_takes_long_says_so_and_what_else_can_be_done(
    db: Database, settings: Settings, world: World, signed_in: SignIn, seconds: int, told: str
) -> None:
    item = reader(db, world)
    number = ask_for(db, settings, world, item)
    client = signed_in(Role.PRACTICE)
    with time_machine.travel(utc_now(), tick=False) as clock:
        clock.shift(seconds)
        for path in ("", "/fresh"):
            page = client.get(f"/inbox/{item}/free-text/{number}{path}").text
            assert told in page
            assert ("What you can do now" in page) is (seconds > SLOW)
            assert "Look again" in page


def test_the_fragment_settles_once_it_is_there(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    number = ask_for(db, settings, world, item)
    path = f"/inbox/{item}/free-text/{number}/fresh"
    assert "data-settled" not in page_of(signed_in, path)
    translated(db, number)
    assert "data-settled" in page_of(signed_in, path)


def test_a_reader_of_english_gets_it_after_a_look(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world, "en")
    looked = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text", typed(db, WORDS))
    assert looked.status_code == 200
    assert f"Station Practice: {WORDS}" in looked.text
    assert outgoing(db) == []
    digest = looked.text.partition('name="shown" value="')[2][:64]
    given = typed(db, WORDS, read="yes", shown=digest, then="open")
    assert post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text/send", given).location == f"/inbox/{item}"
    assert [message.body for message in outgoing(db)] == [f"Station Practice: {WORDS}"]


def test_a_reader_of_english_without_a_tick_or_after_news_gets_nothing(
    db: Database, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world, "en")
    given = typed(db, WORDS)
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text/send", given)
    assert (answer.status_code, 'href="#read"' in answer.text) == (409, True)
    write_in(db, world.practice, "wait")
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text/send", {**given, "read": "yes"})
    assert answer.status_code == 409
    assert f">{WORDS}</textarea>" in html.unescape(answer.text)
    assert outgoing(db) == []


def test_who_is_too_late_sees_what_is_new_and_sends_it_all_the_same(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    path = f"/inbox/{item}/free-text/{number}"
    given = {"read": "yes", "shown": shown(db, settings, world, item, number), "then": "open"}
    write_in(db, world.practice, "wait for my brother")
    answer = post(signed_in(Role.PRACTICE), f"{path}/send", given)
    assert answer.status_code == 409
    for page in (html.unescape(answer.text), page_of(signed_in, path)):
        assert "Nothing was sent: there is a newer message in this conversation." in page
        assert "wait for my brother" in page.partition("New since you wrote it")[2]
        assert "Send and mark as done" not in page
        assert f">{WORDS}</textarea>" in page.partition("Send it all the same")[2]
    again = post(signed_in(Role.PRACTICE), f"/inbox/{item}/free-text", typed(db, WORDS))
    assert again.status_code == 303
    assert outgoing(db) == []


def test_a_colleague_who_answered_first_is_read_in_english(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world)
    first, second = (translated(db, ask_for(db, settings, world, item)) for _ in range(2))
    let_go(db, settings, world, item, first)
    page = page_of(signed_in, f"/inbox/{item}/free-text/{second}").partition("New since you wrote it")[2]
    assert "We wrote, today at" in page
    assert WORDS in page.partition("A colleague wrote in English:")[2].partition("</section>")[0]


@pytest.mark.parametrize(
    ("now", "goes", "told"),
    [
        ("2026-11-24 17:50", "Goes now.", "Your text is on its way."),
        (
            "2026-11-24 20:30",
            "Waits until Wednesday 25 November 2026 at 8am, when the sending hours begin.",
            "Your text waits until Wednesday 25 November 2026 at 8am, when the sending hours begin.",
        ),
    ],
)
def test_it_says_when_the_text_goes(settings: Settings, now: str, goes: str, told: str) -> None:
    evening = with_changes(settings, send_window="08:00-20:00")
    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=UTC), tick=False):
        assert when_it_goes(evening, at_once=False) == goes
        assert when_it_goes(evening, at_once=True) == "Goes now, whatever the hour."
        assert on_its_way("Your text", evening, at_once=False) == told
        assert on_its_way("Your text", evening, at_once=True) == "Your text is on its way."


def test_a_language_without_a_model_is_said_before_anybody_writes(
    db: Database, world: World, signed_in: SignIn
) -> None:
    item = reader(db, world, "so")
    assert "There is no computer translation into Somali here." in page_of(signed_in, f"/inbox/{item}")
    page = page_of(signed_in, f"/inbox/{item}/free-text")
    assert "There is no computer translation into Somali here." in page
    assert "What you can do now" in page
    assert "<textarea" not in page


def test_who_opted_out_of_all_is_phoned(db: Database, world: World, signed_in: SignIn) -> None:
    item = reader(db, world)
    opt_out(db, world.practice, PHONE, "all")
    page = page_of(signed_in, f"/inbox/{item}/free-text")
    assert "asked us not to text" in page
    assert f'href="tel:{PHONE}"' in page
    assert "Send the text" not in page


def test_the_conversation_shows_it_with_its_english(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item, _ = a_free_text(db, settings, world)
    page = page_of(signed_in, f"/inbox/{item}")
    assert "Translated by computer. A colleague wrote in English:" in page
    assert WORDS in page


def test_another_practice_sees_none_of_it(db: Database, settings: Settings, world: World, signed_in: SignIn) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    world.accounts[Role.PRACTICE] = make_account(db, Role.PRACTICE, practice=world.other)
    client = signed_in(Role.PRACTICE)
    for path in ("", f"/{number}", f"/{number}/fresh"):
        assert client.get(f"/inbox/{item}/free-text{path}").status_code == 404
    for path in ("", "/send", f"/{number}/send"):
        assert post(client, f"/inbox/{item}/free-text{path}", {"read": "yes"}).status_code == 404
    assert outgoing(db) == []


def test_the_lead_switches_it_on_and_off(db: Database, world: World, signed_in: SignIn) -> None:
    lead = signed_in(Role.LEAD)
    for to in ("on", "off"):
        assert post(lead, "/free-text", {"to": to}).status_code == 303
        with db.read() as session:
            assert is_on(session, world) is (to == "on")
    assert signed_in(Role.PRACTICE).get("/free-text").status_code == 403


def is_on(session: Session, world: World) -> bool:
    return session.get_one(Practice, world.practice.id).free_text
