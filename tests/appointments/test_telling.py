"""What a person is told of their visit, when it goes, and when it does not any more."""

from typing import Any

import pytest

from bot.appointments.by_text.telling import (
    tell_booked,
    tell_given_up,
    tell_moved,
    tell_off,
    why_no_text,
    withdraw_reminders,
)
from bot.patients.optouts import record_opt_out
from bot.tables.appointments import Visit, VisitState
from bot.tables.messaging import Message
from bot.tables.patients import OptOutScope, PhoneStatus
from tests.appointments.talking import Talk, make_interpreter


def told(talk: Talk, visit: Visit, tell: Any = tell_booked, **more: Any) -> Message | None:
    """Tell the person of a visit, and let it go out if it may."""
    with talk.db.write() as session:
        message: Message | None = tell(session, talk.settings, session.get_one(Visit, visit.id), **more)
    talk.sent()
    return message


@pytest.mark.parametrize(
    ("visit", "sex", "text"),
    [
        ({}, None, "visit-booked"),
        ({"mode": "telephone"}, None, "visit-by-phone"),
        ({"interpreter_state": "booked"}, "F", "visit-booked-woman-interpreter"),
        ({"interpreter_state": "booked"}, "M", "visit-booked-man-interpreter"),
        ({"interpreter_state": "booked"}, "X", "visit-booked-interpreter"),
        ({"interpreter_state": "seeking"}, None, "visit-booked"),
        ({"interpreter_state": "failed"}, None, "visit-booked"),
    ],
)
def test_a_confirmation_promises_an_interpreter_only_where_one_is_booked(
    talk: Talk, visit: dict[str, Any], sex: str | None, text: str
) -> None:
    if sex:
        visit = visit | {"interpreter_id": make_interpreter(talk.db, sex=sex).id, "interpreter_mode": "in-person"}
    told(talk, talk.visit("2026-12-03 09:30", **visit))
    assert talk.heard() == [text]
    assert talk.questions() == [("visit", "open")]


def test_a_confirmation_says_when_how_long_where_who_and_the_code(talk: Talk) -> None:
    english = talk.person(language="en")
    interpreter = make_interpreter(talk.db)
    booked = {"interpreter_id": interpreter.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    told(english, english.visit("2026-12-03 09:30", **booked))
    body = english.last().body
    said = ("Thursday 3 December 2026 at 9:30am", "20 minutes", "Amina Yusuf", "Station Practice, 12 Station Road")
    assert [words for words in said if words not in body] == []
    with talk.db.read() as session:
        assert session.connection().exec_driver_sql("SELECT code FROM person_code").scalar()[:4] in body


def test_a_visit_without_a_site_is_at_the_practice(talk: Talk) -> None:
    english = talk.person(language="en")
    told(english, english.visit("2026-12-03 09:30", site_id=None, clinic_id=None, kind="external"))
    assert "Where:\nStation Practice\n" in english.last().body


def test_a_confirmation_made_by_staff_waits_for_the_window_and_in_the_portal_it_does_not(talk: Talk) -> None:
    talk.at("2026-11-24 21:00")
    told(talk, talk.visit("2026-12-03 09:30"))
    assert talk.heard() == []
    told(talk, talk.visit("2026-12-04 09:30"), at_once=True)
    assert talk.heard() == ["visit-booked"]
    talk.at("2026-11-25 08:00").sent()
    assert talk.heard() == ["visit-booked", "visit-booked"]


@pytest.mark.parametrize("tell", [tell_moved, tell_off])
@pytest.mark.parametrize(
    ("now", "starts", "goes"),
    [
        ("2026-11-24 21:30", "2026-11-25 09:30", "2026-11-24 21:30"),
        ("2026-11-24 22:30", "2026-11-25 09:30", "2026-11-25 07:00"),
        ("2026-11-25 05:30", "2026-11-25 09:30", "2026-11-25 07:00"),
        ("2026-11-24 21:30", "2026-11-27 09:30", "2026-11-25 08:00"),
    ],
)
def test_what_the_practice_changes_within_a_day_is_told_at_once_but_not_at_night(
    talk: Talk, tell: Any, now: str, starts: str, goes: str
) -> None:
    talk.at(now)
    visit = talk.visit(starts)
    told(talk, visit, tell)
    if now != goes:
        assert talk.heard() == []
        talk.at(goes).sent()
    assert talk.heard() == ["visit-moved" if tell is tell_moved else "visit-off"]


def test_a_text_of_a_visit_as_it_was_does_not_go_and_asks_nothing_any_more(talk: Talk) -> None:
    talk.at("2026-11-24 21:00")
    visit = talk.visit("2026-12-03 09:30")
    told(talk, visit)
    talk.changes(visit, sequence=1)
    with talk.db.write() as session:
        assert withdraw_reminders(session, session.get_one(Visit, visit.id)) == 1
    told(talk, visit, tell_moved)
    talk.at("2026-11-25 08:00").sent()
    assert talk.about_visits() == [("visit-booked", "cancelled", "visit-changed"), ("visit-moved", "accepted", None)]
    assert talk.questions() == [("visit", "expired"), ("visit", "open")]
    assert talk.inbox() == []


@pytest.mark.parametrize("change", [{"sequence": 1}, {"state": VisitState.CANCELLED}, {"state": VisitState.ARRIVED}])
def test_the_claim_looks_once_more_whether_a_text_still_says_how_things_are(talk: Talk, change: dict[str, Any]) -> None:
    talk.at("2026-11-24 21:00")
    visit = talk.visit("2026-12-03 09:30")
    told(talk, visit)
    talk.changes(visit, **change)
    talk.at("2026-11-25 08:00").sent()
    assert talk.heard() == []
    assert talk.about_visits() == [("visit-booked", "cancelled", "visit-changed")]


def test_that_a_visit_is_off_is_told_though_it_is_off(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30", state=VisitState.CANCELLED)
    told(talk, visit, tell_off)
    told(talk, talk.visit("2026-12-04 09:30", state=VisitState.CANCELLED), tell_given_up)
    assert talk.heard() == ["visit-off", "visit-given-up"]
    assert talk.questions() == []


def test_an_old_question_about_a_visit_cannot_be_answered_once_the_visit_has_changed(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30")
    told(talk, visit)
    with talk.db.write() as session:
        withdraw_reminders(session, session.get_one(Visit, visit.id))
    assert talk.questions() == [("visit", "expired")]


@pytest.mark.parametrize(
    ("person", "scope", "why"),
    [
        ({}, None, None),
        ({}, OptOutScope.OUTREACH, None),
        ({}, OptOutScope.ALL, "opted-out"),
        ({"phone": None, "phone_status": PhoneStatus.NONE}, None, "no-mobile"),
        ({"phone_status": PhoneStatus.SHARED}, None, "shared-phone"),
        ({"phone_status": PhoneStatus.UNSAFE}, None, "unsafe-phone"),
        ({"texting_refused": True}, None, "texting-refused"),
        ({"deceased": True}, None, "deceased"),
    ],
)
def test_who_cannot_be_texted_keeps_the_visit_and_staff_see_why(
    talk: Talk, person: dict[str, Any], scope: OptOutScope | None, why: str | None
) -> None:
    one = talk.person(**person)
    visit = one.visit("2026-12-03 09:30")
    if scope:
        with talk.db.write() as session:
            wish = {"practice_id": talk.practice.id or 0, "phone": one.patient.phone, "source": "reply"}
            record_opt_out(session, scope=scope, **wish)
    assert (told(one, visit) is None) == (why is not None)
    with talk.db.read() as session:
        assert why_no_text(session, session.get_one(Visit, visit.id)) == why
    assert one.now_is(visit).state == VisitState.BOOKED


def test_queued_twice_it_is_one_text(talk: Talk) -> None:
    visit = talk.visit("2026-12-03 09:30")
    told(talk, visit)
    told(talk, visit)
    assert talk.heard() == ["visit-booked"]


def test_a_visit_of_a_phone_alone_is_confirmed_in_english_and_asks_nothing(talk: Talk) -> None:
    told(talk, talk.visit("2026-12-03 09:30", patient_id=None, phone=talk.phone))
    assert (talk.last().text_key, talk.last().language) == ("poster-booked", "en")
    assert talk.questions() == []
