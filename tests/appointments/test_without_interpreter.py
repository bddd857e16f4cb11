"""Interpreters who are away, what agencies are billed by, and the practice's page of visits without an interpreter."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.appointments.interpreted.interpreter_commands import interpreters
from bot.appointments.interpreted.interpreters_away import interpreter_leaves, set_interpreter_away
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import VisitState
from bot.tables.interpreters import InterpreterAway
from tests.accounts.conftest import SignIn, post
from tests.accounts.conftest import app as app
from tests.applications import browser_of
from tests.appointments.losing import Losing, a_loss
from tests.appointments.talking import Talk
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import london
from tests.organisations.conftest import Ask
from tests.organisations.conftest import ask as ask

AFTERNOON = "2026-11-25 16:10"


@pytest.fixture
def losing(talk: Talk) -> Losing:
    return a_loss(talk.at(AFTERNOON))


def test_who_is_away_loses_the_visits_of_that_time_and_others_are_asked(losing: Losing, ask: Ask) -> None:
    losing.another("BERI")
    own = {"interpreter_id": losing.dilan.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    later = losing.talk.visit("2026-11-27 09:00", **own)
    code = losing.visit.code
    assert ask(interpreters, "away", "DILAN", "--from", "2026-11-26", "--to", "2026-11-26") == [{"affected": [code]}]
    assert losing.now() == ("seeking", None, "in-person")
    assert losing.talk.now_is(later).interpreter_id == losing.dilan.id
    assert losing.asked() == [("BERI", "in-person", "asked")]
    with losing.talk.db.read() as session:
        [away] = session.exec(select(InterpreterAway)).all()
    assert (away.starts, away.ends) == (london("2026-11-26 00:00"), london("2026-11-27 00:00"))
    assert ask(interpreters, "away", "DILAN", "--from", "2026-11-28", "--to", "2026-11-28") == [{"affected": []}]


def test_who_is_being_asked_and_says_they_are_away_leaves_it_to_the_next(losing: Losing, ask: Ask) -> None:
    losing.another("BERI")
    losing.another("CEREN")
    losing.gives_up()
    assert ask(interpreters, "away", "BERI", "--from", "2026-11-26", "--to", "2026-11-26") == [{"affected": []}]
    assert [(name, state) for name, _, state in losing.asked()] == [("BERI", "declined"), ("CEREN", "asked")]


def test_nobody_is_away_backwards_in_the_past_or_without_being_known(losing: Losing) -> None:
    db, settings = losing.talk.db, losing.talk.settings
    for begins, ends in (("2026-11-27 09:00", "2026-11-26 09:00"), ("2026-11-01 09:00", "2026-11-02 09:00")):
        with pytest.raises(Refused, match="ends after it begins"):
            set_interpreter_away(
                db, settings, "DILAN", london(begins), london(ends), actor_of(make_account(db, Role.ADMIN))
            )
    tomorrow = london("2026-11-26 00:00"), london("2026-11-27 00:00")
    with pytest.raises(Refused, match="no interpreter NOBODY"):
        set_interpreter_away(db, settings, "NOBODY", *tomorrow, actor_of(make_account(db, Role.ADMIN)))
    with pytest.raises(Refused, match="administrator"):
        set_interpreter_away(db, settings, "DILAN", *tomorrow, actor_of(make_account(db, Role.PARTNER)))


def test_interpreters_say_so_of_themselves(talk: Talk) -> None:
    losing = a_loss(talk.at(AFTERNOON), interpreter={"email": "dilan@example.org"})
    own = make_account(talk.db, Role.INTERPRETER, email="dilan@example.org")
    tomorrow = london("2026-11-26 00:00"), london("2026-11-27 00:00")
    affected = set_interpreter_away(talk.db, talk.settings, "DILAN", *tomorrow, actor_of(own))
    assert [visit.id for visit in affected] == [losing.visit.id]


def test_who_leaves_loses_every_visit_to_come_and_is_asked_for_nothing_more(losing: Losing, ask: Ask) -> None:
    losing.another("BERI")
    own = {"interpreter_id": losing.dilan.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    later = losing.talk.visit("2026-11-27 09:00", **own)
    assert ask(interpreters, "leave", "DILAN") == [{"affected": [losing.visit.code, later.code]}]
    assert losing.talk.now_is(later).interpreter_id is None
    assert losing.asked() == [("BERI", "in-person", "asked")]
    assert [line["interpreter"] for line in ask(interpreters, "list")] == ["BERI"]
    assert ask(interpreters, "leave", "DILAN") == [{"affected": []}]
    with pytest.raises(Refused, match="administrator"):
        interpreter_leaves(
            losing.talk.db, losing.talk.settings, "BERI", actor_of(make_account(losing.talk.db, Role.INTERPRETER))
        )


def test_an_agency_is_billed_by_who_gave_up_what_and_how_late(losing: Losing, ask: Ask) -> None:
    losing.another("BERI")
    losing.gives_up()
    line = {"visit": losing.visit.code, "interpreter": "DILAN", "hours_before": 17.5, "late": True, "by": "interpreter"}
    assert ask(interpreters, "cancellations", "--agency", "TONGUES") == [line]


def test_the_list_says_how_many_hours_each_is_booked_for_this_week(losing: Losing, ask: Ask) -> None:
    losing.another("BERI")
    own = {"interpreter_id": losing.dilan.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    losing.talk.visit("2026-11-27 09:00", minutes=40, **own)
    losing.talk.visit("2026-11-30 09:00", **own)
    losing.talk.visit("2026-11-24 09:00", state=VisitState.CANCELLED, **own)
    lines = ask(interpreters, "list")
    assert [(line["interpreter"], line["hours_this_week"]) for line in lines] == [("BERI", 0.0), ("DILAN", 1.0)]


@pytest.fixture
def lost(losing: Losing) -> Losing:
    """Nobody was found."""
    return losing.gives_up().at("2026-11-25 18:00")


@pytest.fixture
def signed_in(app: Flask, losing: Losing) -> SignIn:
    """A browser with the session of somebody with that role in the practice of the visit, or in none."""

    def sign_in(role: Role) -> FlaskClient:
        practice = losing.talk.practice if role in (Role.PRACTICE, Role.LEAD) else None
        partner = make_partner(losing.talk.db, losing.talk.practice) if role is Role.PARTNER else None
        return browser_of(app, make_account(losing.talk.db, role, practice=practice, partner=partner))

    return sign_in


def test_staff_see_who_has_none_and_whom_to_phone(lost: Losing, signed_in: SignIn) -> None:
    staff = signed_in(Role.PRACTICE)
    assert "Nobody was found for 1 visit." in staff.get("/").text
    page = staff.get("/visits/without-interpreter").text
    for words in ("Alex Example", "Kurdish (Sorani), in person, a woman", "Nobody was found", "9:40am"):
        assert words in page
    assert "Never ask the person to bring a relative" in page


def test_staff_keep_it_by_phone_once_the_person_agrees(lost: Losing, signed_in: SignIn) -> None:
    staff = signed_in(Role.PRACTICE)
    staff.get("/visits/without-interpreter")
    answer = post(staff, f"/visits/{lost.visit.code}/interpreter-by-phone", {})
    assert answer.status_code == 303
    assert lost.now() == ("booked", None, "telephone")
    assert "Ring an interpreter when it begins" in staff.get("/visits/without-interpreter").text


def test_staff_have_interpreters_asked_again(lost: Losing, signed_in: SignIn) -> None:
    lost.another("BERI")
    staff = signed_in(Role.LEAD)
    assert post(staff, f"/visits/{lost.visit.code}/seek-interpreter", {}).status_code == 303
    assert lost.now()[0] == "seeking"
    assert "Interpreters are being asked for 1 visit." in staff.get("/").text


def test_nobody_else_sees_or_changes_it(lost: Losing, signed_in: SignIn) -> None:
    for role in (Role.PARTNER, Role.INTERPRETER, Role.ADMIN, Role.PHARMACY, Role.REVIEWER):
        client = signed_in(role)
        assert client.get("/visits/without-interpreter").status_code == 403
        assert post(client, f"/visits/{lost.visit.code}/interpreter-by-phone", {}).status_code == 403
    staff = signed_in(Role.PRACTICE)
    lost.talk.changes(lost.visit, practice_id=make_practice(lost.talk.db, "BRIDGE").id)
    assert "Every visit that needs an interpreter has one" in staff.get("/visits/without-interpreter").text
    post(staff, f"/visits/{lost.visit.code}/interpreter-by-phone", {})
    assert lost.now()[0] == "failed"
