"""A text in own words: who may get one, what stops it, what lets it go, and what is kept of it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.conversations.answering import Draft, send_answer
from bot.conversations.free_texts import Typed, ask_for_free_text, find_reader
from bot.conversations.inbox import find_item
from bot.database import Database
from bot.operations.retention import erase_old_words
from bot.organisations.free_text import switch_free_text
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import PhoneStatus
from bot.tables.translation import Failure, Translation
from bot.texts.wording import body_digest
from bot.translation.pipeline import Result
from tests.accounts.conftest import World
from tests.accounts.conftest import world as world
from tests.conversations.own_words import (
    GOOD,
    NAMES,
    STOPPED,
    URDU,
    WHY,
    WORDS,
    a_free_text,
    ask_for,
    change_translation,
    let_go,
    newest,
    outgoing,
    person_of,
    reader,
    release_of,
    releases,
    send_english,
    shown,
    switch_on,
    translated,
)
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import join, make_account
from tests.messaging.helpers import approve, change, claim, live, opt_out, reload
from tests.translation.helpers import make_model, row


def refused(deed: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value


# What goes


def test_what_is_sent_is_the_name_the_translation_and_that_a_computer_made_it(
    db: Database, settings: Settings, world: World
) -> None:
    _, message = a_free_text(db, settings, world)
    first, words, *sign, phone = message.body.split("\n")
    assert (first, words, phone) == ("Station Practice:", URDU, "01632960100")
    assert "کمپیوٹر" in " ".join(sign)
    assert (message.kind, message.state, message.language) == (Kind.NOTICE, State.QUEUED, "ur")
    assert (message.text_key, message.wording_digest) == (None, body_digest(message.body))
    assert (message.phone, message.patient_id, message.automatic) == (PHONE, person_of(db).id, False)


def test_the_release_says_who_which_words_which_checks_and_which_model(
    db: Database, settings: Settings, world: World
) -> None:
    _, message = a_free_text(db, settings, world)
    release = release_of(db, message)
    assert release.released_by == world.accounts[Role.PRACTICE].id
    assert release.digest == body_digest(message.body)
    assert release.checks == '["slots", "numbers", "negation", "round-trip"]'
    assert (release.back_seen, release.model) == (True, GOOD.model)


def test_the_translator_gets_the_words_alone_and_the_names_that_stay(
    db: Database, settings: Settings, world: World
) -> None:
    number = ask_for(db, settings, world, reader(db, world))
    asked = row(db, number)
    assert (asked.source, asked.source_language, asked.target_language) == (WORDS, "en", "ur")
    assert (asked.purpose, asked.wants_back, asked.practice_id) == ("free-text", True, world.practice.id)
    assert asked.kept == '["Station Practice", "Halina", "Example"]'
    assert outgoing(db) == []


def test_a_reader_of_english_gets_what_was_written_without_a_model(
    db: Database, settings: Settings, world: World
) -> None:
    item = reader(db, world, "en")
    message = send_english(db, settings, world, item)
    assert message.body == f"Station Practice: {WORDS}"
    release = release_of(db, message)
    assert (release.digest, release.checks, release.model) == (body_digest(message.body), "[]", None)


def test_with_the_text_an_item_can_be_done(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    let_go(db, settings, world, item, translated(db, ask_for(db, settings, world, item)), finish=True)
    with db.read() as session:
        assert session.get_one(InboxItem, item).state == "done"


# What stops it


@pytest.mark.parametrize(
    ("result", "code", "told"),
    [
        (STOPPED, "checks-failed", WHY),
        (Result(failure=Failure.TIMED_OUT), "timed-out", "took too long"),
        (Result(failure=Failure.ENGINE_FAILED), "engine-failed", "failed on this text"),
        (Result(failure=Failure.NO_MODEL), "no-model", "no translation model"),
        (Result(failure=Failure.ROMANISED), "romanised", "borrowed letters"),
        (Result(failure=Failure.SAME_LANGUAGE), "same-language", "in that language already"),
        (Result(text=URDU, checks=GOOD.checks, ok=True), "checks-failed", "could not be checked"),
        (Result(text=URDU, back=WORDS, checks=(), ok=None), "checks-failed", "could not be checked"),
        (Result(text=URDU, back=WORDS, checks=(), ok=True), "checks-failed", "could not be checked"),
        (Result(text=URDU * 10, back=WORDS, checks=GOOD.checks, ok=True), "too-long", "SMS parts"),
    ],
)
def test_what_was_not_translated_or_does_not_hold_does_not_go(
    db: Database, settings: Settings, world: World, result: Result, code: str, told: str
) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item), result)
    stopped = refused(lambda: let_go(db, settings, world, item, number))
    assert (stopped.code, told in stopped.message) == (code, True)
    assert outgoing(db) == []
    assert row(db, number).source == WORDS


def test_what_is_not_translated_yet_does_not_go(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = ask_for(db, settings, world, item)
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "not-translated"


def test_who_has_not_read_it_sends_nothing(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    assert refused(lambda: let_go(db, settings, world, item, number, read=False)).code == "not-read"
    english = reader(db, world, "en", phone="+447700900124")
    assert refused(lambda: send_english(db, settings, world, english, read=False)).code == "not-read"
    assert outgoing(db) == []


def test_other_words_than_were_shown_do_not_go(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    seen = shown(db, settings, world, item, number)
    change(db, world.practice, name="New Station")
    assert refused(lambda: let_go(db, settings, world, item, number, shown=seen)).code == "reads-otherwise"


def test_it_goes_once(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    let_go(db, settings, world, item, number)
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "sent-already"


def test_of_two_colleagues_at_once_one_sends(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    came: list[str] = []

    def send(role: Role) -> None:
        try:
            came.append(let_go(db, settings, world, item, number, by=role).state)
        except Refused as told:
            came.append(told.code)

    both = [threading.Thread(target=send, args=(role,)) for role in (Role.PRACTICE, Role.LEAD)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(came) == ["queued", "sent-already"]
    assert len(outgoing(db)) == len(releases(db)) == 1


def test_after_a_newer_message_it_does_not_go(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    write_in(db, world.practice, "I am better now")
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "conversation-moved-on"
    assert refused(lambda: ask_for(db, settings, world, item, seen=0)).code == "conversation-moved-on"


def test_after_a_colleagues_answer_it_does_not_go(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    draft = Draft("staff-thank-you", "ur", seen=newest(db))
    send_answer(db, settings, item, world.practice.id or 0, draft, CONSOLE, finish=False)
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "conversation-moved-on"


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        ({"deceased": True}, "deceased"),
        ({"phone_status": PhoneStatus.SHARED}, "shared-phone"),
        ({"phone_status": PhoneStatus.UNSAFE}, "unsafe-phone"),
        ({"texting_refused": True}, "texting-refused"),
        ({"language": "en"}, "language-changed"),
        ({"language": "so"}, "no-model"),
    ],
)
def test_what_happened_to_the_person_meanwhile_is_asked_again(
    db: Database, settings: Settings, world: World, happens: dict[str, Any], code: str
) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    change(db, person_of(db), **happens)
    assert refused(lambda: let_go(db, settings, world, item, number)).code == code


def test_who_opted_out_of_everything_meanwhile_gets_nothing(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    opt_out(db, world.practice, PHONE, "all")
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "opted-out"


def test_the_claim_asks_the_same_once_more(db: Database, settings: Settings, world: World) -> None:
    _, message = a_free_text(db, settings, world)
    opt_out(db, world.practice, PHONE, "all")
    assert claim(db, settings) == []
    assert reload(db, message).reason == "opted-out"


# Whom, and by whom


def test_it_belongs_to_one_item_of_one_practice(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    other = reader(db, world, "en", phone="+447700900124")
    assert refused(lambda: let_go(db, settings, world, other, number)).code == "unknown-free-text"
    assert refused(lambda: let_go(db, settings, world, item, number + 1)).code == "unknown-free-text"


def test_only_staff_of_the_practice_who_are_signed_in_write(db: Database, settings: Settings, world: World) -> None:
    item, practice_id = reader(db, world), world.practice.id or 0
    typed = Typed(WORDS, newest(db))
    stranger = actor_of(make_account(db, Role.PRACTICE, practice=world.other))
    for actor, code in ((stranger, "not-allowed"), (CONSOLE, "needs-person")):
        asked = refused(lambda who=actor: ask_for_free_text(db, settings, item, practice_id, typed, who))
        assert asked.code == code
    join(db, world.accounts[Role.ADMIN], Role.PRACTICE, world.practice)
    assert ask_for_free_text(db, settings, item, practice_id, typed, actor_of(world.accounts[Role.ADMIN]))


@pytest.mark.parametrize(
    ("language", "code", "told"),
    [
        (None, "no-language", "which language this person reads"),
        ("so", "no-model", "no computer translation into Somali"),
        ("pa-Guru", "no-model", "Choose one of the texts that are ready, or phone."),
    ],
)
def test_who_cannot_get_one_is_said_before_anything_is_written(
    db: Database, settings: Settings, world: World, language: str | None, code: str, told: str
) -> None:
    item = reader(db, world, language)
    with db.write() as session:
        session.execute(update(ReplyReading).values(language=None))
    asked = refused(lambda: ask_for(db, settings, world, item))
    assert (asked.code, told in asked.message) == (code, True)


def test_a_number_nobody_knows_gets_only_texts_that_are_ready(db: Database, settings: Settings, world: World) -> None:
    make_model(db)
    make_model(db, "ur", "en")
    item = write_in(db, world.practice, known=False)
    assert refused(lambda: ask_for(db, settings, world, item)).code == "unknown-person"


def test_one_way_alone_is_no_translation_that_can_be_read_back(db: Database, settings: Settings, world: World) -> None:
    make_model(db, "en", "pl")
    item = reader(db, world, "pl")
    assert refused(lambda: ask_for(db, settings, world, item)).code == "no-model"


def test_who_wrote_urdu_in_latin_letters_is_said(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    with db.write() as session:
        session.execute(update(ReplyReading).values(romanised=True))
    with db.read() as session:
        entry = find_item(session, world.practice.id or 0, item)
        assert entry is not None
        assert find_reader(session, settings, world.practice, entry).latin


def test_a_practice_without_a_phone_cannot_say_where_help_is(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    change(db, world.practice, phone=None)
    assert refused(lambda: ask_for(db, settings, world, item)).code == "no-practice-phone"


# In live


def switched_on(db: Database, world: World) -> None:
    """The lead has switched it on, a person the language, and the line under it is approved."""
    switch_free_text(db, world.practice.code, actor_of(world.accounts[Role.LEAD]), on=True)
    switch_on(db, "ur")
    approve(db, "translated-by-computer", tag="ur")


def test_in_live_it_goes_with_its_release_where_both_are_switched_on(
    db: Database, settings: Settings, world: World
) -> None:
    earnest = live(settings)
    switched_on(db, world)
    _, message = a_free_text(db, earnest, world)
    assert [claimed.body for claimed in claim(db, earnest)] == [message.body]


@pytest.mark.parametrize(
    ("lacks", "code"), [("lead", "free-text-off"), ("language", "language-off"), ("line", "not-approved")]
)
def test_in_live_it_needs_the_lead_the_language_and_the_line(
    db: Database, settings: Settings, world: World, lacks: str, code: str
) -> None:
    if lacks != "lead":
        switch_free_text(db, world.practice.code, actor_of(world.accounts[Role.LEAD]), on=True)
    if lacks != "language":
        switch_on(db, "ur")
    if lacks != "line":
        approve(db, "translated-by-computer", tag="ur")
    assert refused(lambda: ask_for(db, live(settings), world, reader(db, world))).code == code


def test_in_live_english_needs_the_lead_alone(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world, "en")
    assert refused(lambda: send_english(db, live(settings), world, item)).code == "free-text-off"
    switch_free_text(db, world.practice.code, actor_of(world.accounts[Role.LEAD]), on=True)
    message = send_english(db, live(settings), world, item)
    assert [claimed.message_id for claimed in claim(db, live(settings))] == [message.id]


def test_what_was_switched_off_meanwhile_does_not_go(db: Database, settings: Settings, world: World) -> None:
    earnest = live(settings)
    switched_on(db, world)
    item = reader(db, world)
    number = translated(db, ask_for(db, earnest, world, item))
    switch_free_text(db, world.practice.code, actor_of(world.accounts[Role.LEAD]), on=False)
    assert refused(lambda: let_go(db, earnest, world, item, number)).code == "free-text-off"


@pytest.mark.parametrize("role", [Role.PRACTICE, Role.ADMIN, Role.REVIEWER, Role.PARTNER])
def test_nobody_but_a_lead_of_the_practice_switches_it(db: Database, world: World, role: Role) -> None:
    told = refused(lambda: switch_free_text(db, world.practice.code, actor_of(world.accounts[role]), on=True))
    assert told.code == "not-allowed"
    with db.read() as session:
        assert not session.get_one(Practice, world.practice.id).free_text


# What is kept


def trail(session: Session) -> list[AuditEntry]:
    return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.id))))


def test_the_trail_has_hashes_checks_and_model_and_no_words(db: Database, settings: Settings, world: World) -> None:
    item, message = a_free_text(db, settings, world)
    with db.read() as session:
        [entry] = [one for one in trail(session) if one.action == "free-text-sent"]
    assert entry.subject == f"message:{message.id}"
    assert entry.actor == f"practice:{world.accounts[Role.PRACTICE].id}"
    assert entry.detail == {
        "item": item,
        "language": "ur",
        "body": body_digest(message.body),
        "source": body_digest(WORDS),
        "checks": " ".join(NAMES),
        "model": GOOD.model,
    }


def test_switching_is_in_the_trail_once(db: Database, world: World) -> None:
    for on in (True, True, False):
        switch_free_text(db, world.practice.code, actor_of(world.accounts[Role.LEAD]), on=on)
    with db.read() as session:
        assert [entry.action for entry in trail(session)] == ["free-text-on", "free-text-off"]


def test_the_words_lie_beside_the_text_and_are_erased_with_it(db: Database, settings: Settings, world: World) -> None:
    _, message = a_free_text(db, settings, world)
    change(db, message, state=State.DELIVERED)
    with db.read() as session:
        kept = session.exec(select(Translation).where(Translation.message_id == message.id)).one()
    assert (kept.source, kept.text, kept.back) == (WORDS, URDU, GOOD.back)
    with time_machine.travel(utc_now() + timedelta(days=91)):
        erase_old_words(db, settings)
    kept = row(db, kept.id or 0)
    assert (kept.source, kept.text, kept.back, kept.kept) == ("", None, None, None)
    assert release_of(db, message).digest == body_digest(message.body)


def test_words_that_were_erased_do_not_go(db: Database, settings: Settings, world: World) -> None:
    item = reader(db, world)
    number = translated(db, ask_for(db, settings, world, item))
    change_translation(db, number, erased_at=utc_now(), text=None, back=None, source="")
    assert refused(lambda: let_go(db, settings, world, item, number)).code == "words-erased"


def messages_with_words_of_ours(db: Database) -> list[Message]:
    return [message for message in outgoing(db) if message.text_key is None]


def test_nothing_is_queued_without_a_release(db: Database, settings: Settings, world: World) -> None:
    a_free_text(db, settings, world)
    send_english(db, settings, world, reader(db, world, "en", phone="+447700900124"))
    assert [one.message_id for one in releases(db)] == [one.id for one in messages_with_words_of_ours(db)]
