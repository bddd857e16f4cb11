"""The practice's page of visits that cannot be as they were booked."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.appointments.by_text.reminders import remind
from bot.appointments.timetable.withdrawing import withdraw_session
from bot.audit import CONSOLE
from bot.patients.told import note_death, take_back_death
from bot.tables.accounts import Role
from bot.tables.patients import Patient
from tests.accounts.conftest import SignIn
from tests.accounts.conftest import app as app
from tests.applications import browser_of
from tests.appointments.talking import Talk
from tests.factories import make_account, make_partner, make_practice

PAGE = "/visits/to-move"


@pytest.fixture
def signed_in(app: Flask, talk: Talk) -> SignIn:
    """A browser of somebody with that role in the practice of the person, or elsewhere."""

    def sign_in(role: Role) -> FlaskClient:
        practice = talk.practice if role in (Role.PRACTICE, Role.LEAD) else None
        partner = make_partner(talk.db, talk.practice) if role is Role.PARTNER else None
        return browser_of(app, make_account(talk.db, role, practice=practice, partner=partner))

    return sign_in


def away(talk: Talk) -> None:
    withdraw_session(talk.db, talk.settings, "NURSE", date(2026, 12, 1), "Flu", CONSOLE)


def test_staff_see_whom_to_phone_why_and_who_has_been_offered_times(talk: Talk, signed_in: SignIn):
    talk.opens("2026-12-01 09:00-10:00", "2026-12-03 09:00-12:00").booked("2026-12-01 09:20")
    talk.person(phone=None, given_name="Nobody", surname="Phoned").booked("2026-12-01 09:40")
    away(talk)
    staff = signed_in(Role.PRACTICE)
    home = staff.get("/").text
    assert "2 visits cannot be as booked." in home
    assert "1 person has been offered other times." in home
    assert 'href="/visits/to-move">Visits to move</a>: <strong>2</strong>' in staff.get("/visits").text
    page = staff.get(PAGE).text
    for words in ("Nobody Phoned", "Flu", "9:40am", "Nina Nurse", "Phone the person", "Nothing yet"):
        assert words in page


def test_a_visit_that_has_another_time_is_gone_from_the_list(talk: Talk, signed_in: SignIn):
    talk.opens("2026-12-01 09:00-10:00", "2026-12-03 09:00-12:00").booked("2026-12-01 09:20")
    away(talk)
    talk.sent().clock.shift(60)
    talk.says("1")
    assert "No visit has to be moved" in signed_in(Role.LEAD).get(PAGE).text


def test_a_visit_of_somebody_who_died_comes_before_staff_and_nobody_is_reminded(talk: Talk, signed_in: SignIn):
    talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    with talk.db.write() as session:
        note_death(session, session.get_one(Patient, talk.patient.id), None, CONSOLE)
    talk.at("2026-11-28 10:00")
    assert remind(talk.db, talk.settings) == 0
    staff = signed_in(Role.PRACTICE)
    assert "1 visit cannot be as booked." in staff.get("/").text
    page = staff.get(PAGE).text
    assert "It is recorded that this person has died." in page
    assert "Phone the person" not in page
    with talk.db.write() as session:
        take_back_death(session, session.get_one(Patient, talk.patient.id), CONSOLE)
    assert remind(talk.db, talk.settings) == 1
    assert "No visit has to be moved" in staff.get(PAGE).text


def test_nobody_else_sees_it(talk: Talk, signed_in: SignIn):
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:20")
    away(talk)
    for role in (Role.PARTNER, Role.INTERPRETER, Role.ADMIN, Role.PHARMACY, Role.REVIEWER):
        assert signed_in(role).get(PAGE).status_code == 403
    talk.changes(visit, practice_id=make_practice(talk.db, "BRIDGE").id)
    staff = signed_in(Role.PRACTICE)
    assert "No visit has to be moved" in staff.get(PAGE).text
    assert "cannot be as booked" not in staff.get("/").text
