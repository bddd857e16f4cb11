"""The inbox: order, whose it is, answering with approved texts, and two people at once."""

import html
import inspect
import re
from datetime import date, time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from bot.accounts.memberships import all_acting
from bot.attention.items import ask_a_person, count_open
from bot.attention.reasons import reason_words
from bot.audit import Actor
from bot.clock import utc_now
from bot.conversations.answering import Draft, send_answer
from bot.conversations.inbox import conversation, find_item, finish_item, list_items
from bot.database import Database
from bot.home import cards_for
from bot.messaging import claiming
from bot.patients.eligibility import Reason
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.factories import make_patient

PHONE = "+447700900123"
WORDS = "nie rozumiem, proszę zadzwonić"


def write_in(
    db: Database,
    practice: Practice,
    body: str = WORDS,
    *,
    phone: str = PHONE,
    urgency: str | None = None,
    known: bool = True,
    reason: str = "not-understood",
    patient_id: int | None = None,
) -> int:
    """A message from a person that came to staff; gives the item's id."""
    now = utc_now()
    with db.write() as session:
        message = Message(
            direction=Direction.IN,
            kind=Kind.INBOUND,
            state=State.RECEIVED,
            practice_id=practice.id if known else None,
            sender_id=practice.sender_id,
            phone=phone,
            patient_id=patient_id,
            body=body,
            language="pl",
            parts=1,
            not_before=now,
            created_at=now,
            updated_at=now,
        )
        session.add(message)
        session.flush()
        reading = ReplyReading(message_id=message.id or 0, intent="call_me", language="pl", rule="word", to_person=True)
        session.add(reading)
        return ask_a_person(session, message, reason, urgency).id or 0


def _actor(world: World, role: Role = Role.PRACTICE) -> Actor:
    return actor_of(world.accounts[role])


def _seen(db: Database, world: World, item_id: int) -> int:
    with db.read() as session:
        line = find_item(session, world.practice.id or 0, item_id)
        assert line is not None
        return max(bubble.message.id or 0 for bubble in conversation(session, world.practice.id or 0, line.item))


def _outgoing(db: Database) -> list[Message]:
    with db.read() as session:
        return list(session.exec(select(Message).where(Message.direction == Direction.OUT).order_by(col(Message.id))))


def test_red_comes_before_amber_and_then_the_oldest(db: Database, world: World):
    plain = write_in(db, world.practice, phone="+447700900001")
    amber = write_in(db, world.practice, phone="+447700900002", urgency="amber")
    late = write_in(db, world.practice, phone="+447700900003")
    red = write_in(db, world.practice, phone="+447700900004", urgency="red")
    with db.read() as session:
        found = [line.item.id for line in list_items(session, world.practice.id or 0)]
        assert count_open(session, world.practice.id or 0) == {"red": 1, "amber": 1, "other": 2}
    assert found == [red, amber, plain, late]


def test_no_practice_sees_the_inbox_of_another(db: Database, world: World, signed_in: SignIn):
    item_id = write_in(db, world.other, "words for the other practice")
    client = signed_in(Role.LEAD)
    assert "words for the other practice" not in client.get("/inbox").get_data(as_text=True)
    assert client.get(f"/inbox/{item_id}").status_code == 404
    post(client, f"/inbox/{item_id}/done")
    with db.read() as session:
        assert len(list_items(session, world.other.id or 0)) == 1


def test_a_stranger_who_wrote_to_the_practices_number_is_in_its_inbox(db: Database, world: World):
    write_in(db, world.practice, known=False)
    with db.read() as session:
        assert len(list_items(session, world.practice.id or 0)) == 1


def test_the_conversation_leaves_out_what_another_practice_wrote_to_that_phone(db: Database, world: World):
    item_id = write_in(db, world.practice)
    write_in(db, world.other, "between them and the other practice")
    with db.read() as session:
        line = find_item(session, world.practice.id or 0, item_id)
        assert line is not None
        bodies = [bubble.message.body for bubble in conversation(session, world.practice.id or 0, line.item)]
    assert bodies == [WORDS]


def test_the_page_shows_the_original_its_language_how_it_was_read_and_why_it_is_here(
    db: Database, world: World, signed_in: SignIn
):
    make_patient(db, world.practice, phone=PHONE, given_name="Halina", surname="Example", language="pl")
    page = signed_in(Role.PRACTICE).get(f"/inbox/{write_in(db, world.practice)}").get_data(as_text=True)
    assert f'dir="auto" lang="pl">{WORDS}</p>' in page
    assert "Read as: asks for a phone call" in page
    assert "We could not read the message with certainty." in page
    assert "Halina Example" in page


def test_words_of_a_person_are_never_read_as_markup(db: Database, world: World, signed_in: SignIn):
    item_id = write_in(db, world.practice, "<script>alert(1)</script>")
    client = signed_in(Role.PRACTICE)
    for path in ("/inbox", f"/inbox/{item_id}"):
        assert "<script>alert" not in client.get(path).get_data(as_text=True)


def test_the_second_of_two_people_is_told_who_did_it(db: Database, world: World):
    item_id = write_in(db, world.practice)
    finish_item(db, item_id, world.practice.id or 0, _actor(world, Role.LEAD))
    with pytest.raises(Refused, match="A lead marked this as done today at") as refused:
        finish_item(db, item_id, world.practice.id or 0, _actor(world))
    assert refused.value.code == "done-already"


def test_an_answer_is_seen_in_both_languages_before_it_goes(db: Database, world: World, signed_in: SignIn):
    item_id = write_in(db, world.practice)
    client = signed_in(Role.PRACTICE)
    form = {"key": "staff-will-call", "language": "pl", "day": "2026-12-03", "clock": "09:30", "seen": "99"}
    page = post(client, f"/inbox/{item_id}/preview", form).get_data(as_text=True)
    assert "czwartek, 3 grudnia 2026" in page
    assert "Thursday 3 December 2026 at about 9:30am" in page
    assert _outgoing(db) == []


def test_a_sent_answer_is_queued_in_the_persons_language_and_the_item_is_done(
    db: Database, world: World, signed_in: SignIn
):
    item_id = write_in(db, world.practice)
    seen = str(_seen(db, world, item_id))
    form = {"key": "staff-thank-you", "language": "pl", "seen": seen, "then": "done", "when": "now"}
    assert post(signed_in(Role.PRACTICE), f"/inbox/{item_id}/answer", form).status_code == 303
    sent = _outgoing(db)[0]
    assert (sent.phone, sent.language, sent.kind, sent.automatic) == (PHONE, "pl", Kind.NOTICE, False)
    assert sent.at_once_until is not None
    with db.read() as session:
        assert count_open(session, world.practice.id or 0)["other"] == 0


def test_of_two_colleagues_who_answer_at_once_only_the_first_is_sent(db: Database, settings: Settings, world: World):
    item_id = write_in(db, world.practice)
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, item_id))
    send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world), finish=False)
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world, Role.LEAD), finish=False)
    assert refused.value.code == "conversation-moved-on"
    assert len(_outgoing(db)) == 1


def test_who_has_no_part_in_the_practice_answers_nobody(db: Database, settings: Settings, world: World):
    item_id = write_in(db, world.practice)
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, item_id))
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world, Role.PARTNER), finish=True)
    assert refused.value.code == "not-allowed"
    assert _outgoing(db) == []


def test_nothing_goes_out_while_a_newer_message_is_unread(db: Database, settings: Settings, world: World):
    item_id = write_in(db, world.practice)
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, item_id))
    write_in(db, world.practice, "dodatkowo boli mnie w klatce")
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world), finish=True)
    assert refused.value.code == "conversation-moved-on"


@pytest.mark.parametrize(
    ("scope", "source", "says"),
    [
        ("outreach", "reply", "An answer from you may still go."),
        ("outreach", "twilio", "The network blocks our texts to this phone until they text START"),
        ("all", "twilio-21610", "Wants no texts at all. Phone instead."),
    ],
)
def test_the_page_says_what_a_stop_means_for_an_answer(
    db: Database, world: World, signed_in: SignIn, scope: str, source: str, says: str
):
    item_id = write_in(db, world.practice)
    with db.write() as session:
        values = {"practice_id": world.practice.id or 0, "phone": PHONE, "recorded_at": utc_now()}
        session.add(OptOut(**values, scope=scope, source=source))
    assert says in signed_in(Role.PRACTICE).get(f"/inbox/{item_id}").text


def test_a_person_who_wants_no_texts_gets_none(db: Database, settings: Settings, world: World):
    item_id = write_in(db, world.practice)
    with db.write() as session:
        opt_out = OptOut(
            practice_id=world.practice.id or 0, phone=PHONE, scope="all", source="reply", recorded_at=utc_now()
        )
        session.add(opt_out)
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, item_id))
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world), finish=True)
    assert refused.value.code == "opted-out"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"deceased": True}, "deceased"),
        ({"texting_refused": True}, "texting-refused"),
        ({"phone_status": "failed"}, "unsafe-phone"),
        ({"phone": "+447700900099"}, "unsafe-phone"),
    ],
)
def test_an_answer_that_would_be_kept_back_is_not_offered_and_not_taken(
    db: Database, settings: Settings, world: World, signed_in: SignIn, changes: dict[str, object], code: str
):
    person = make_patient(db, world.practice, **({"phone": PHONE} | changes))
    item_id = write_in(db, world.practice, reason="wrong-number", patient_id=person.id)
    draft = Draft("staff-thank-you", "pl", seen=_seen(db, world, item_id))
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world), finish=True)
    assert refused.value.code == code
    page = html.unescape(signed_in(Role.PRACTICE).get(f"/inbox/{item_id}").text)
    assert refused.value.message in page
    assert "See it before it goes" not in page


def test_no_answer_about_one_person_is_offered_to_a_phone_that_is_on_two_records(
    db: Database, world: World, signed_in: SignIn
):
    person = make_patient(db, world.practice, phone=PHONE)
    item_id = write_in(db, world.practice, patient_id=person.id)
    assert "See it before it goes" in signed_in(Role.PRACTICE).get(f"/inbox/{item_id}").text
    make_patient(db, world.practice, phone=PHONE)
    assert "See it before it goes" not in signed_in(Role.PRACTICE).get(f"/inbox/{item_id}").text


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft("staff-will-call", "pl", seen=9), "no-date"),
        (Draft("staff-will-call", "pl", day=date(2026, 12, 3), seen=9), "no-date"),
        (Draft("staff-will-call", "pl", day=date(2026, 11, 24), clock=time(8, 30), seen=9), "past-date"),
        (Draft("fuel-poverty-invitation", "pl", seen=9), "unknown-text"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused(
    db: Database, settings: Settings, world: World, draft: Draft, code: str
):
    item_id = write_in(db, world.practice)
    with pytest.raises(Refused) as refused:
        send_answer(db, settings, item_id, world.practice.id or 0, draft, _actor(world), finish=True)
    assert refused.value.code == code


def test_in_live_a_text_nobody_approved_is_not_sent(db: Database, settings: Settings, world: World):
    item_id = write_in(db, world.practice)
    draft = Draft("staff-will-call", "pl", date(2026, 12, 3), time(9, 30), seen=9)
    live = settings.model_copy(update={"mode": "live"})
    with pytest.raises(Refused) as refused:
        send_answer(db, live, item_id, world.practice.id or 0, draft, _actor(world), finish=True)
    assert refused.value.code == "not-approved"


def test_a_date_that_cannot_be_read_is_told_at_the_top(db: Database, world: World, signed_in: SignIn):
    item_id = write_in(db, world.practice)
    form = {"key": "staff-will-call", "language": "pl", "day": "03/12/2026", "clock": "9", "seen": "9"}
    answer = post(signed_in(Role.PRACTICE), f"/inbox/{item_id}/preview", form)
    assert answer.status_code == 400
    assert "Enter the day as a date" in answer.get_data(as_text=True)


def test_the_list_and_the_home_page_hand_their_scripts_what_has_come(db: Database, world: World, signed_in: SignIn):
    browser = signed_in(Role.PRACTICE)
    assert 'data-fresh-url="/inbox/list?state=open' in browser.get("/inbox").text
    assert 'data-fresh-url="/home/cards"' in browser.get("/").text
    item_id = write_in(db, world.practice, urgency="red", reason="urgent")
    listed, cards = browser.get("/inbox/list").text, browser.get("/home/cards").text
    assert "<html" not in listed + cards
    assert "Nobody has opened it yet." in listed
    assert "1 urgent." in cards
    browser.get(f"/inbox/{item_id}")
    assert "Nobody has opened it yet." not in browser.get("/inbox/list").text
    assert "There is nothing on this page." in browser.get("/inbox?page=2").text


def test_what_may_be_urgent_does_not_say_to_phone_at_once(db: Database, world: World, signed_in: SignIn):
    write_in(db, world.practice, urgency="amber", reason="urgent")
    page = signed_in(Role.PRACTICE).get("/inbox").text
    assert "There may be something urgent in the message." in page
    assert "Phone the person now." not in page


def test_the_home_page_begins_with_what_is_urgent(db: Database, world: World):
    write_in(db, world.practice, urgency="red", reason="urgent")
    with db.read() as session:
        first = cards_for(session, all_acting(session, world.accounts[Role.PRACTICE].id or 0)[0])[0]
    assert (first.path, first.urgency) == ("/inbox", "red")
    assert first.words == "1 message waits for a person. 1 urgent."


def test_each_role_has_a_home_page(signed_in: SignIn):
    for role in Role:
        assert "What needs you now" in signed_in(role).get("/").get_data(as_text=True)


def test_a_phone_is_never_in_an_address(db: Database, world: World, signed_in: SignIn):
    write_in(db, world.practice)
    client: FlaskClient = signed_in(Role.PRACTICE)
    assert 'href="/inbox/1"' in client.get("/inbox").get_data(as_text=True)


def test_every_reason_for_which_something_comes_to_a_person_has_words():
    bot = Path(__file__).resolve().parents[2] / "bot"
    sources = [path.read_text(encoding="utf-8") for path in bot.rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'ask_a_person\([^")]*"([a-z-]+)"', source)}
    assert "not-delivered" in codes
    assert codes - {"red", "amber"} <= set(reason_words())


def test_every_reason_for_which_a_text_to_one_person_is_dropped_has_words():
    source = inspect.getsource(claiming)
    dropped = set(re.findall(r'return "([a-z-]+)"', source))
    assert {"too-late"} <= dropped <= set(reason_words())
    assert {str(reason) for reason in Reason} <= set(reason_words())
