"""The list of a counter: each notice once, by what the pharmacy entered, with what is to be done about it."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import event, update

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.patients.person_codes import show_code
from bot.pharmacy.counter.telling import CHOICES, tell
from bot.pharmacy.counter.today import SHOWN_FOR, Line, TodaysList, todays_list
from bot.pharmacy.notices.first_a_person import note_not_dispensed
from bot.settings import Settings
from bot.tables.messaging import Message, State
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState
from tests.pharmacy.counter.counters import Counter, make_counter, words
from tests.pharmacy.organising.making import make_pharmacy


def shown(counter: Counter) -> TodaysList:
    with counter.db.read() as session:
        return todays_list(session, counter.town.pharmacy, utc_now())


def everything(counter: Counter) -> list[Line]:
    found = shown(counter)
    return [*found.to_phone, *found.not_collected, *found.others]


def went(counter: Counter, **notice: Any) -> None:
    """The texts of all notices have gone, and became that."""
    with counter.db.write() as session:
        session.execute(update(Message).values(state=State.DELIVERED, sent_at=utc_now()))
        if notice:
            session.execute(update(Notice).values(**notice))


def test_a_person_is_shown_by_the_code_that_was_entered(counter: Counter) -> None:
    counter.sends()
    [line] = shown(counter).others
    assert (line.who, line.what, line.state) == (show_code(counter.code_of()), "Ready to collect", "queued")


def test_a_person_found_by_number_is_shown_by_the_number(counter: Counter, settings: Settings) -> None:
    number = counter.town.person.nhs_number
    public = counter.looks_for(nhs_number=number, born="12/5/1960") or ""
    tell(counter.db, settings, "PRIORY", public, CHOICES["ready"], counter.actor, anyway=False)
    [line] = everything(counter)
    assert line.who == f"NHS number {number[:3]} {number[3:6]} {number[6:]}"


def test_what_a_system_said_is_shown_by_its_prescription_and_never_by_the_code(counter: Counter) -> None:
    counter.code_of()
    counter.town.says(NoticeKind.READY, prescription="24F5DA-A83008-7EFE6Z")
    notice = counter.town.says(NoticeKind.ON_ITS_WAY)
    assert [line.who for line in everything(counter)] == [
        f"Notice {notice.public[:8]}",
        "Prescription 24F5DA-A83008-7EFE6Z",
    ]


def test_what_went_waits_to_be_collected_until_somebody_says_so(counter: Counter) -> None:
    counter.sends()
    went(counter)
    [line] = shown(counter).not_collected
    assert line.state == "delivered"
    for _ in range(2):
        assert counter.posts(f"/pharmacy/today/{line.public}/collected").status_code == 303
    assert shown(counter).not_collected == []
    notices = counter.town.notices()
    assert notices[0].collected_at is not None
    assert [notice.kind for notice in notices] == ["ready", "collected"]
    assert [line.what for line in shown(counter).others] == ["Ready to collect"]


def test_who_asks_for_a_call_is_to_be_phoned_at_the_number_that_was_texted(counter: Counter) -> None:
    counter.sends("out-of-stock")
    went(counter, state=NoticeState.ANSWERED, answer="phone-me", answered_at=utc_now())
    [line] = shown(counter).to_phone
    assert line.phone == counter.town.person.phone
    page = counter.client.get("/pharmacy/today")
    assert "Their answer, today at 9am: Please phone me" in words(page)
    assert f"tel:{line.phone}" in page.text
    counter.posts(f"/pharmacy/today/{line.public}/phoned")
    assert shown(counter).to_phone == []
    assert counter.town.notices()[0].phoned_at is not None


def test_who_was_never_reached_is_to_be_phoned_by_the_pharmacys_own_records(counter: Counter) -> None:
    counter.sends()
    with counter.db.write() as session:
        session.execute(update(Message).values(state=State.FAILED))
    [line] = shown(counter).to_phone
    assert (line.state, line.phone) == ("failed", None)
    page = counter.client.get("/pharmacy/today")
    assert "Phone them by the number in your own records." in page.text
    assert (counter.town.person.phone or "") not in page.text


def test_a_text_that_waits_can_be_taken_back_and_one_that_went_cannot(counter: Counter) -> None:
    counter.sends()
    [line] = everything(counter)
    assert line.can_withdraw
    counter.posts(f"/pharmacy/today/{line.public}/withdraw")
    [line] = everything(counter)
    assert (line.state, line.can_withdraw) == ("withdrawn", False)
    assert [text.state for text in counter.town.texts()] == [State.CANCELLED]
    counter.sends("cannot-read")
    went(counter)
    newest = everything(counter)[0]
    gone = counter.client.post(
        f"/pharmacy/today/{newest.public}/withdraw", headers={"Referer": "http://localhost/pharmacy/today"}
    )
    assert gone.status_code == 303
    assert "The text has gone already" in counter.client.get("/pharmacy/today").text


def test_what_was_said_within_a_day_goes_from_the_list_all_the_same(counter: Counter) -> None:
    counter.sends()
    held = counter.town.says(NoticeKind.READY)
    assert "Send it anyway" in counter.client.get("/pharmacy/today").text
    counter.posts(f"/pharmacy/today/{held.public}/anyway")
    assert [line.state for line in everything(counter)] == ["queued", "queued"]
    again = counter.posts(f"/pharmacy/today/{held.public}/anyway")
    assert "does not wait any more" in again.text
    assert len(counter.town.texts()) == 2


def test_what_was_not_dispensed_waits_to_be_looked_at(counter: Counter) -> None:
    with counter.db.write() as session:
        note_not_dispensed(
            session, counter.town.pharmacy, [counter.town.person.id or 0], source="wire", actor=CONSOLE, now=utc_now()
        )
    [line] = shown(counter).to_phone
    assert (line.what, line.phone) == ("Not dispensed", None)
    counter.posts(f"/pharmacy/today/{line.public}/phoned")
    assert not shown(counter).to_phone


def test_yesterdays_notices_leave_the_list_save_those_that_are_not_over(counter: Counter) -> None:
    counter.sends("please-phone")
    counter.sends("ready")
    went(counter)
    with time_machine.travel(utc_now() + timedelta(days=1)):
        assert [line.what for line in everything(counter)] == ["Ready to collect"]
    with time_machine.travel(utc_now() + SHOWN_FOR + timedelta(days=1)):
        assert everything(counter) == []


def test_an_answer_of_today_to_a_notice_of_yesterday_is_on_the_list(counter: Counter) -> None:
    counter.sends("please-phone")
    with time_machine.travel(utc_now() + timedelta(days=1)):
        went(counter, state=NoticeState.ANSWERED, answer="will-phone", answered_at=utc_now())
        [line] = shown(counter).others
    assert line.answer == "will-phone"


def test_the_list_of_another_pharmacy_is_its_own(counter: Counter, settings: Settings) -> None:
    counter.sends()
    other = make_pharmacy(counter.db, counter.town.practice, code="OTHER")
    [notice] = counter.town.notices()
    with counter.db.read() as session:
        assert todays_list(session, other, utc_now()).others == []
    town = counter.town
    town.pharmacy = other
    stranger = make_counter(counter.db, settings, town)
    for deed in ("collected", "phoned", "withdraw"):
        answer = stranger.posts(f"/pharmacy/today/{notice.public}/{deed}")
        assert answer.status_code == 409
        assert "There is no such notice here" in answer.text
    assert [one.state for one in town.notices()] == ["queued"]


def test_the_list_takes_as_many_statements_for_many_as_for_one(counter: Counter) -> None:
    counter.sends()
    one = statements(counter)
    for _ in range(5):
        counter.sends(person=counter.town.somebody())
    assert statements(counter) == one


def statements(counter: Counter) -> int:
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(counter.db.engine, "before_cursor_execute", keep)
    shown(counter)
    event.remove(counter.db.engine, "before_cursor_execute", keep)
    return len(seen)


def test_the_home_page_says_how_many_are_to_be_phoned(counter: Counter) -> None:
    assert "Nobody is to be phoned." in counter.client.get("/").text
    counter.sends()
    with counter.db.write() as session:
        session.execute(update(Message).values(state=State.FAILED))
    assert "1 person is to be phoned." in counter.client.get("/").text
