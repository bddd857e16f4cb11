"""Colleagues at one inbox: notes, handing on, done and not done after all, one conversation, by page and by command."""

import html
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import col, select

from bot.attention.retention import erase_old_notes
from bot.attention.rights import WORK_INBOX
from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.console import Console
from bot.conversations.answering import Draft, send_answer
from bot.conversations.handling import AS_IT_IS, finish_together, hand_item, note_item, reopen_item
from bot.conversations.inbox import find_item, finish_item
from bot.conversations.inbox_commands import inbox
from bot.database import Database
from bot.operations.retention import erase_old_words
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem, InboxNote
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.conversations.test_inbox import PHONE, _actor, _outgoing, _seen, write_in
from tests.factories import make_account, make_patient

WORDS = "Rang her at three, no answer."
Deed = Callable[[int], object]


def item_of(db: Database, item_id: int) -> InboxItem:
    with db.read() as session:
        return session.get_one(InboxItem, item_id)


def account_id(world: World, role: Role) -> int:
    return world.accounts[role].id or 0


def trail(db: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
        return [(entry.actor, entry.action, entry.detail) for entry in entries]


def refusal(deed: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value


def page_of(signed_in: SignIn, path: str, role: Role = Role.PRACTICE) -> str:
    return html.unescape(signed_in(role).get(path).text)


# Notes


def test_a_note_is_shown_with_who_and_when_and_the_trail_has_none_of_its_words(
    db: Database, world: World, signed_in: SignIn
) -> None:
    item = write_in(db, world.practice)
    assert post(signed_in(Role.PRACTICE), f"/inbox/{item}/note", {"note": f" {WORDS}\r\n"}).status_code == 303
    page = page_of(signed_in, f"/inbox/{item}", Role.LEAD)
    assert f"{WORDS}</span>" in page
    assert "A practice noted today at 9am" in page
    [entry] = trail(db)
    assert (entry[0], entry[1], entry[2]) == (f"practice:{account_id(world, Role.PRACTICE)}", "inbox-noted", {})


def test_what_is_done_may_still_be_noted(db: Database, world: World) -> None:
    item = write_in(db, world.practice)
    finish_item(db, item, world.practice.id, CONSOLE)
    assert note_item(db, item, WORDS, CONSOLE) == "done"


@pytest.mark.parametrize(("words", "code"), [(" \n", "empty-note"), ("x" * 1001, "long-note")])
def test_a_note_that_cannot_be_kept_is_told_and_stays_in_the_form(
    db: Database, world: World, signed_in: SignIn, words: str, code: str
) -> None:
    item = write_in(db, world.practice)
    assert refusal(lambda: note_item(db, item, words, CONSOLE)).code == code
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/note", {"note": words})
    assert answer.status_code == 409
    assert words.strip() in answer.text


def erased(db: Database, settings: Settings, days: float) -> list[str]:
    """The words of notes once so many days have passed and the jobs have run."""
    with time_machine.travel(utc_now() + timedelta(days=days)):
        erase_old_words(db, settings)
        erase_old_notes(db, settings)
        erase_old_notes(db, settings)
    with db.read() as session:
        return list(session.exec(select(InboxNote.words).order_by(col(InboxNote.id))))


def test_a_note_goes_with_the_words_of_the_text_it_is_about(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    item = write_in(db, world.practice)
    with time_machine.travel(utc_now() + timedelta(days=60)):
        note_item(db, item, WORDS, CONSOLE)
    assert erased(db, settings, 89) == [WORDS]
    assert erased(db, settings, 91) == [""]
    assert "The words were erased after 90 days." in page_of(signed_in, f"/inbox/{item}")


def test_a_note_about_a_text_without_words_is_kept_for_its_own_90_days(
    db: Database, settings: Settings, world: World
) -> None:
    item = write_in(db, world.practice)
    erased(db, settings, 91)
    with time_machine.travel(utc_now() + timedelta(days=100)):
        note_item(db, item, WORDS, CONSOLE)
    assert erased(db, settings, 189) == [WORDS]
    assert erased(db, settings, 191) == [""]


# Handing on


def test_an_item_is_handed_to_a_colleague_and_back_to_everybody(db: Database, world: World, signed_in: SignIn) -> None:
    item, lead = write_in(db, world.practice), account_id(world, Role.LEAD)
    browser = signed_in(Role.PRACTICE)
    assert post(browser, f"/inbox/{item}/hand", {"to": str(lead), "was": ""}).status_code == 303
    assert item_of(db, item).handed_to == lead
    assert "You, by A practice today at 9am" in page_of(signed_in, f"/inbox/{item}", Role.LEAD)
    assert trail(db)[-1][1:] == ("inbox-handed", {"to": lead})
    assert post(browser, f"/inbox/{item}/hand", {"to": "everybody", "was": str(lead)}).status_code == 303
    assert item_of(db, item).handed_to is None


def test_nobody_gets_an_item_who_may_not_see_that_inbox(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.practice)
    stranger = make_account(db, Role.LEAD, practice=world.other)
    gone = make_account(db, Role.PRACTICE, practice=world.practice, active=False)
    for somebody in (stranger, gone, world.accounts[Role.PARTNER], world.accounts[Role.ADMIN]):
        refused = refusal(lambda to=somebody.id: hand_item(db, item, to, CONSOLE))
        assert refused.code == "not-a-colleague"
        assert "staff or a lead of Station Practice" in refused.message
        assert f'<option value="{somebody.id}"' not in page_of(signed_in, f"/inbox/{item}")
    assert item_of(db, item).handed_to is None


def test_who_hands_on_what_a_colleague_has_just_handed_on_is_told(db: Database, world: World) -> None:
    item, lead, nurse = write_in(db, world.practice), account_id(world, Role.LEAD), account_id(world, Role.PRACTICE)
    hand_item(db, item, lead, _actor(world), was=None)
    refused = refusal(lambda: hand_item(db, item, nurse, _actor(world, Role.LEAD), was=None))
    assert (refused.code, item_of(db, item).handed_to) == ("handed-already", lead)
    assert "A practice handed this to A lead" in refused.message
    hand_item(db, item, lead, _actor(world, Role.LEAD), was=None)
    hand_item(db, item, nurse, CONSOLE, was=AS_IT_IS)
    assert item_of(db, item).handed_to == nurse


def test_what_is_done_is_not_handed_on(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.practice)
    finish_item(db, item, None, _actor(world))
    refused = refusal(lambda: hand_item(db, item, account_id(world, Role.LEAD), CONSOLE))
    assert refused.code == "done-already"
    assert "Hand it on" not in page_of(signed_in, f"/inbox/{item}")


def test_handing_on_to_nobody_chosen_is_refused(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.practice)
    for form in ({}, {"to": ""}, {"to": "x"}):
        answer = post(signed_in(Role.PRACTICE), f"/inbox/{item}/hand", form)
        assert (answer.status_code, "Choose who takes it on." in answer.text) == (409, True)


# Done, and not done after all


def test_done_is_taken_back_once(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.practice)
    assert refusal(lambda: reopen_item(db, item, CONSOLE)).code == "open-already"
    finish_item(db, item, world.practice.id, CONSOLE)
    assert "Open it again" in page_of(signed_in, f"/inbox/{item}")
    assert post(signed_in(Role.PRACTICE), f"/inbox/{item}/reopen").status_code == 303
    assert post(signed_in(Role.LEAD), f"/inbox/{item}/reopen").status_code == 409
    found = item_of(db, item)
    assert (found.state, found.done_by, found.done_at) == ("open", None, None)
    assert [action for _, action, _ in trail(db)] == ["inbox-done", "inbox-reopened"]


def test_what_came_up_again_meanwhile_does_not_stand_twice(db: Database, world: World) -> None:
    item = write_in(db, world.practice)
    finish_item(db, item, world.practice.id, CONSOLE)
    with db.write() as session:
        again = session.get_one(InboxItem, item).model_dump(exclude={"id"}) | {"state": "open", "done_at": None}
        session.add(InboxItem(**again))
    assert refusal(lambda: reopen_item(db, item, CONSOLE)).code == "open-already"


def test_of_many_who_press_done_at_once_one_wins_and_the_others_are_told_who(db: Database, world: World) -> None:
    item = write_in(db, world.practice)
    told: list[str] = []

    def press() -> None:
        try:
            told.append(finish_item(db, item, world.practice.id, _actor(world)))
        except Refused as refused:
            told.append(refused.message)

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told)[-1] == "done"
    assert [words.startswith("A practice marked this as done") for words in sorted(told)] == [True, True, True, False]
    assert [action for _, action, _ in trail(db)] == ["inbox-done"]


# Whose it is


@pytest.mark.parametrize(
    "deed",
    [
        lambda db, item, actor: note_item(db, item, WORDS, actor),
        lambda db, item, actor: hand_item(db, item, None, actor),
        lambda db, item, actor: finish_item(db, item, None, actor),
        lambda db, item, actor: reopen_item(db, item, actor),
    ],
)
def test_only_staff_and_leads_of_the_practice_do_anything(
    db: Database, world: World, deed: Callable[[Database, int, Any], object]
) -> None:
    item = write_in(db, world.other)
    for role in (Role.PRACTICE, Role.LEAD, Role.PARTNER, Role.ADMIN):
        refused = refusal(lambda role=role: deed(db, item, _actor(world, role)))
        assert refused.code == "not-allowed"
        assert "staff or a lead of Bridge Practice" in refused.message
    assert refusal(lambda: deed(db, item + 99, CONSOLE)).code == "unknown-item"
    assert trail(db) == []


def test_the_words_of_a_stranger_belong_to_all_who_share_the_number(db: Database, world: World) -> None:
    item = write_in(db, world.practice, known=False)
    other = make_account(db, Role.PRACTICE, practice=world.other)
    note_item(db, item, WORDS, _actor(world))
    assert hand_item(db, item, other.id, CONSOLE, world.other.id) == "open"
    with db.read() as session:
        assert find_item(session, world.practice.id or 0, item)
    assert WORK_INBOX.roles == {Role.PRACTICE, Role.LEAD}


def test_the_forms_of_another_practice_change_nothing(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.other)
    lead = signed_in(Role.LEAD)
    for form, fields in {"note": {"note": WORDS}, "hand": {"to": "everybody"}, "done": {}, "reopen": {}}.items():
        assert post(lead, f"/inbox/{item}/{form}", fields).status_code == 404
    post(lead, "/inbox/done", {"items": str(item)})
    assert (item_of(db, item).state, trail(db)) == ("open", [])


# One conversation


def test_all_of_a_person_is_one_conversation_with_each_item_at_its_place(
    db: Database, world: World, signed_in: SignIn
) -> None:
    person = make_patient(db, world.practice, phone=PHONE)
    first = write_in(db, world.practice, "first words", patient_id=person.id, reason="call-me")
    older_phone = write_in(db, world.practice, "from the old phone", phone="+447700900999", patient_id=person.id)
    last = write_in(db, world.practice, "last words", patient_id=person.id)
    note_item(db, first, WORDS, CONSOLE)
    pages = [page_of(signed_in, f"/inbox/{item}") for item in (first, older_phone, last)]
    for page in pages:
        talk = page.split('id="conversation"')[1]
        places = [talk.index(words) for words in ("first words", "Wants a phone call", WORDS, "from the old", "last w")]
        assert places == sorted(places)
        assert all(page.count(f"{words}</p>") == 1 for words in ("first words", "last words"))
    assert "on 07700 900999" in pages[0].replace("900 999", "900999")


def test_whoever_opens_a_conversation_has_opened_all_that_is_open_in_it(
    db: Database, world: World, signed_in: SignIn
) -> None:
    red = write_in(db, world.practice, "chest pain", urgency="red", reason="urgent")
    thanks = write_in(db, world.practice, "thanks")
    assert "Nobody has opened it before you" in page_of(signed_in, f"/inbox/{thanks}")
    assert item_of(db, red).seen_by == account_id(world, Role.PRACTICE)
    assert "A practice, today at 9am" in page_of(signed_in, f"/inbox/{red}", Role.LEAD)


def test_an_answer_settles_the_others_that_were_ticked_but_no_urgent_one(
    db: Database, settings: Settings, world: World, signed_in: SignIn
) -> None:
    red = write_in(db, world.practice, "chest pain", urgency="red", reason="urgent")
    calm, other, this = (write_in(db, world.practice, words) for words in ("one", "two", "three"))
    stranger = write_in(db, world.practice, "somebody else", phone="+447700900001")
    form = {"key": "staff-thank-you", "language": "pl", "seen": "99"}
    page = post(signed_in(Role.PRACTICE), f"/inbox/{this}/preview", form).text
    assert [f'name="also" id="also-{n}"' in page for n in (1, 2, 3)] == [True, True, False]
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, this))
    also = [red, calm, stranger]
    send_answer(db, settings, this, world.practice.id or 0, draft, _actor(world), finish=True, also=also)
    states = [item_of(db, item).state for item in (red, calm, other, this, stranger)]
    assert states == ["open", "done", "open", "done", "open"]
    assert len(_outgoing(db)) == 1


def test_the_page_says_which_words_were_urgent_and_in_which_language(
    db: Database, world: World, signed_in: SignIn
) -> None:
    make_patient(db, world.practice, phone=PHONE, language="ur", given_name="Amina")
    item = write_in(db, world.practice, "seene mein dard, saans nahi", urgency="red", reason="urgent")
    with db.write() as session:
        message = session.get_one(InboxItem, item).message_id
        session.get_one(ReplyReading, message).urgent = "red"
    page = page_of(signed_in, f"/inbox/{item}")
    facts = page.split("Urgent words")[1].split("</dd>")[0]
    assert "<strong>saans nahi</strong>" in facts
    assert "<strong>seene dard</strong>" in facts
    assert "Urdu" in facts
    with db.write() as session:
        session.get_one(Message, message).body = ""
    page = page_of(signed_in, f"/inbox/{item}")
    assert "Urgent words</dt>" not in page
    assert "urgent words found (red)" in page


def test_the_page_says_who_it_is_so_that_staff_can_check_on_the_phone(
    db: Database, world: World, signed_in: SignIn
) -> None:
    make_patient(db, world.practice, phone=PHONE, nhs_number="9990000018")
    page = page_of(signed_in, f"/inbox/{write_in(db, world.practice)}")
    assert "born 12 May 1960" in page
    assert ">999 000 0018<" in page


# The form of an answer


def test_nothing_is_chosen_and_a_day_is_asked_beside_the_text_that_says_one(
    db: Database, world: World, signed_in: SignIn
) -> None:
    item = write_in(db, world.practice)
    form = signed_in(Role.PRACTICE).get(f"/inbox/{item}").text.split("/preview")[1].split("</form>")[0]
    assert "checked" not in form
    assert form.count('type="date"') == 1
    choice = form.split('value="staff-will-call"')[1].split('type="radio"')[0]
    assert 'type="date"' in choice
    assert 'type="time"' in choice


@pytest.mark.parametrize("key", ["staff-it-is-us", "staff-please-text", "staff-changed-it"])
def test_answers_that_are_not_about_phoning_need_no_day(
    db: Database, world: World, signed_in: SignIn, key: str
) -> None:
    item = write_in(db, world.practice)
    page = post(signed_in(Role.PRACTICE), f"/inbox/{item}/preview", {"key": key, "language": "pl", "seen": "99"})
    assert page.status_code == 200
    assert "It has not gone yet" in page.text
    assert 'lang="pl"' in page.text.split('id="preview"')[1]
    assert _outgoing(db) == []


def test_what_was_chosen_is_still_chosen_where_something_is_missing(
    db: Database, world: World, signed_in: SignIn
) -> None:
    item = write_in(db, world.practice)
    form = {"key": "staff-will-call", "language": "ur", "day": "2026-12-03", "clock": "9", "when": "now", "seen": "99"}
    page = post(signed_in(Role.PRACTICE), f"/inbox/{item}/preview", form).text
    assert is_checked(page, "staff-will-call")
    assert 'value="2026-12-03"' in page
    assert '<option value="ur" selected>' in page
    missing = post(signed_in(Role.PRACTICE), f"/inbox/{item}/preview", {"seen": "9"})
    assert (missing.status_code, "Choose which text to send." in missing.text) == (400, True)


def is_checked(page: str, key: str) -> bool:
    return " checked" in page.split(f'value="{key}"')[1].split(">")[0]


# By command


class AtTheConsole:
    """`inbox …` on this database."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._console = Console()
        self._console.__dict__ |= {"database": db, "settings": settings}

    def run(self, *words: str) -> Any:
        return CliRunner().invoke(inbox, [*words], obj=self._console)

    def ask(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.exit_code == 0, (words, done.output, done.exception)
        lines = [json.loads(line) for line in done.output.splitlines()]
        return lines if words[0] == "list" else lines[0]

    def refusal(self, *words: str) -> str:
        error = self.run(*words).exception
        assert isinstance(error, Refused), (words, error)
        return error.code


@pytest.fixture
def console(db: Database, settings: Settings) -> AtTheConsole:
    return AtTheConsole(db, settings)


def test_each_deed_by_command_answers_with_the_item_and_its_state(
    db: Database, world: World, console: AtTheConsole
) -> None:
    item = write_in(db, world.practice)
    number, lead = str(item), ("--as", "lead@example.org")
    assert console.ask("note", number, "--text", WORDS, *lead) == {"item": item, "state": "open"}
    assert console.ask("hand", number, "--to", "practice@example.org", *lead) == {"item": item, "state": "open"}
    assert console.ask("list", "--practice", "STATION")[0]["handed_to"] == "practice@example.org"
    assert console.ask("hand", number, "--back") == {"item": item, "state": "open"}
    assert console.ask("done", number, *lead) == {"item": item, "state": "done"}
    assert console.refusal("done", number) == "done-already"
    assert console.ask("note", number, "--text", WORDS) == {"item": item, "state": "done"}
    assert console.refusal("hand", number, "--to", "lead@example.org") == "done-already"
    assert console.ask("reopen", number) == {"item": item, "state": "open"}
    assert console.refusal("reopen", number) == "open-already"
    assert "is open" in console.run("note", number, "--text", WORDS).output


def test_what_a_command_cannot_do_is_refused_by_code(db: Database, world: World, console: AtTheConsole) -> None:
    item = str(write_in(db, world.practice))
    assert console.refusal("note", item, "--text", " ") == "empty-note"
    assert console.refusal("hand", item, "--to", "partner@example.org") == "not-a-colleague"
    assert console.refusal("hand", item, "--to", "nobody@example.org") == "unknown-account"
    assert console.refusal("done", "999") == "unknown-item"
    assert console.refusal("done", "99999999999") == "unknown-item"
    assert console.refusal("done", item, "--as", "partner@example.org") == "not-allowed"
    assert console.refusal("list", "--practice", "STATION", "--as", "partner@example.org") == "not-allowed"
    assert console.refusal("list", "--practice", "NOWHERE") == "unknown-practice"
    for misuse in (("hand", item), ("hand", item, "--back", "--to", "lead@example.org"), ("note", item)):
        assert console.run(*misuse).exit_code == 2


def test_the_list_by_command_is_in_the_order_of_the_page_and_has_no_words_and_no_phone(
    db: Database, world: World, console: AtTheConsole
) -> None:
    person = make_patient(db, world.practice, phone=PHONE, language="ur")
    plain = write_in(db, world.practice)
    red = write_in(db, world.practice, phone="+447700900004", urgency="red", reason="urgent")
    done = write_in(db, world.practice, phone="+447700900005")
    write_in(db, world.other)
    finish_item(db, done, None, CONSOLE)
    first, second = console.ask("list", "--practice", "STATION", "--as", "practice@example.org")
    assert (first["item"], first["urgent"], first["language"], first["nhs_number"]) == (red, "red", "pl", None)
    assert second == {
        "item": plain,
        "state": "open",
        "reason": "not-understood",
        "urgent": None,
        "paged": False,
        "concepts": [],
        "language": "ur",
        "opened": item_of(db, plain).opened_at.isoformat(),
        "handed_to": None,
        "nhs_number": person.nhs_number,
    }
    assert [line["item"] for line in console.ask("list", "--practice", "STATION", "--state", "done")] == [done]
    every = console.run("list", "--practice", "STATION", "--state", "all").output
    assert len(every.splitlines()) == 4
    assert "7700900" not in every
    assert "zadzwoni" not in every


def test_several_done_at_once_leave_out_what_is_urgent_done_or_anothers(db: Database, world: World) -> None:
    calm = [write_in(db, world.practice, phone=f"+4477009000{n}") for n in (10, 11)]
    red = write_in(db, world.practice, urgency="red", reason="urgent")
    amber = write_in(db, world.practice, urgency="amber", reason="urgent", phone="+447700900013")
    theirs = write_in(db, world.other)
    finish_item(db, calm[1], None, CONSOLE)
    ticked = [*calm, calm[0], red, amber, theirs, 999]
    result = finish_together(db, ticked, world.practice.id or 0, _actor(world))
    assert (result.done, result.done_before, result.left_urgent) == (1, 1, 2)
    assert [item_of(db, item).state for item in (*calm, red, amber, theirs)] == ["done", "done", "open", "open", "open"]
    assert item_of(db, calm[0]).done_by == account_id(world, Role.PRACTICE)
    assert [action for _, action, _ in trail(db)] == ["inbox-done", "inbox-done"]
    assert refusal(lambda: finish_together(db, [], world.practice.id or 0, CONSOLE)).code == "nothing-chosen"
    assert refusal(lambda: finish_together(db, range(201), world.practice.id or 0, CONSOLE)).code == "too-many"
    stranger = make_account(db, Role.LEAD, practice=world.other)
    refused = refusal(lambda: finish_together(db, [red], world.practice.id or 0, actor_of(stranger)))
    assert refused.code == "not-allowed"
