"""The page on which a practice looks at the plan of who waits, has it worked out again and books it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from bot.appointments.packing.planning import plan_tonight
from bot.appointments.packing.reasons import NOTHING_FREE, OTHERS_FIRST
from bot.appointments.packing.words import LEFT_OUT, not_booked_in_words
from bot.interpreters.suiting import Rule
from bot.tables.accounts import Role
from bot.tables.appointments import Visit, VisitPlan, VisitPlanLine, WaitingRequest
from tests.accounts.conftest import SignIn, post
from tests.accounts.conftest import app as app
from tests.applications import browser_of
from tests.appointments.clinics import at
from tests.appointments.packing.conftest import Hall
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import london

PATH = "/waiting/plan"


@pytest.fixture
def signed_in(app: Flask, hall: Hall) -> SignIn:
    """A browser of somebody with that role in the practice of the clinic, or in none."""

    def sign_in(role: Role) -> FlaskClient:
        practice = hall.ground.practice if role in (Role.PRACTICE, Role.LEAD) else None
        partner = make_partner(hall.db, hall.ground.practice) if role is Role.PARTNER else None
        return browser_of(app, make_account(hall.db, role, practice=practice, partner=partner))

    return sign_in


@pytest.fixture
def staff(signed_in: SignIn) -> FlaskClient:
    return signed_in(Role.PRACTICE)


def test_while_nobody_waits_it_says_so(staff: FlaskClient) -> None:
    page = staff.get(PATH).text
    assert "Nobody who needs an interpreter waits for a time." in page
    assert "Work it out" not in page


def test_before_the_first_plan_it_can_be_worked_out(hall: Hall, staff: FlaskClient) -> None:
    hall.waits()
    page = staff.get(PATH).text
    assert "No plan has been worked out yet." in page
    assert "Work it out now" in page
    after = post(staff, PATH, follow_redirects=True).text
    assert "The plan is worked out again: 1 person has a time. Nobody is booked yet." in after
    assert hall.count(Visit) == 0


def test_it_shows_who_is_seen_when_and_why_others_are_not(hall: Hall, staff: FlaskClient) -> None:
    hall.waits(given_name="Amna", surname="Placed")
    hall.waits(given_name="Piotr", surname="Leftout", language="pl")
    hall.plan()
    page = staff.get(PATH).text
    for words in (
        "1 of 2 people",
        "would have placed 1",
        "Amna Placed",
        "Urdu",
        "A Nurse",
        "Station Road",
        "Sana Malik",
    ):
        assert words in page
    for words in ("Piotr Leftout", "No interpreter speaks their language.", "Check the language in their record."):
        assert words in page
    assert "Book this visit" in page


def test_a_plan_in_which_nobody_has_a_time_says_so(hall: Hall, staff: FlaskClient) -> None:
    hall.waits(language="pl")
    hall.plan()
    page = staff.get(PATH).text
    assert "Nobody could be given a time on these days." in page
    assert "Book th" not in page


def test_what_is_planned_is_booked_by_a_button_and_only_once(hall: Hall, staff: FlaskClient) -> None:
    hall.waits()
    plan = hall.plan()
    page = post(staff, f"{PATH}/book", {"plan": str(plan.id)}, follow_redirects=True).text
    assert "1 visit is booked. People and interpreters are told by text." in page
    [visit] = hall.visits()
    assert f'href="/visits/{visit.code}"' in page
    assert visit.made_by.startswith("practice:")
    assert "Nobody who needs an interpreter waits for a time any more." in page
    again = post(staff, f"{PATH}/book", {"plan": str(plan.id)}, follow_redirects=True).text
    assert "dealt with already. Nothing was changed." in again
    assert hall.count(Visit) == 1


def test_what_could_not_be_booked_says_why(hall: Hall, staff: FlaskClient) -> None:
    request = hall.waits()
    hall.waits()
    plan = hall.plan()
    with hall.db.write() as session:
        session.execute(update(WaitingRequest).where(WaitingRequest.id == request.id).values(state="asked"))  # type: ignore[arg-type]
    assert "They had been asked by text about another time." in staff.get(PATH).text
    page = post(staff, f"{PATH}/book", {"plan": str(plan.id)}, follow_redirects=True).text
    assert "1 visit is booked." in page
    assert "1 time could not be booked any more; the list below says why." in page
    assert "They had been asked by text about another time." in page


def test_a_time_that_has_passed_cannot_be_booked(hall: Hall, signed_in: SignIn) -> None:
    hall.waits()
    hall.plan()
    hall.clock.move_to(at("09:30"))
    page = signed_in(Role.PRACTICE).get(PATH).text
    assert "That time has passed." in page
    assert "Book th" not in page


def test_the_home_page_says_how_many_could_be_booked(hall: Hall, staff: FlaskClient) -> None:
    assert PATH not in staff.get("/").text
    for _ in range(2):
        hall.waits()
    hall.clock.move_to(london("2026-11-24 19:00"))
    assert plan_tonight(hall.db, hall.settings)
    assert "There is a time with an interpreter for 2 people on the waiting list." in staff.get("/").text


def test_a_practice_sees_and_books_only_its_own(hall: Hall, app: Flask) -> None:
    hall.waits(given_name="Amna", surname="Placed")
    plan = hall.plan()
    bridge = make_practice(hall.db, "BRIDGE")
    outsider = browser_of(app, make_account(hall.db, Role.LEAD, practice=bridge))
    assert "Amna" not in outsider.get(PATH).text
    assert post(outsider, f"{PATH}/book", {"plan": str(plan.id)}).status_code == 409
    assert post(outsider, f"{PATH}/book").status_code == 409
    assert hall.count(Visit) == 0
    post(outsider, PATH)
    assert [line.practice_id for line in hall.all(VisitPlanLine, "plan_id")] == [hall.ground.practice.id]
    assert hall.count(VisitPlan) == 2


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.PRACTICE, Role.LEAD)])
def test_it_is_no_page_for_others(role: Role, signed_in: SignIn) -> None:
    client = signed_in(role)
    assert client.get(PATH).status_code == 403
    assert [post(client, path).status_code for path in (PATH, f"{PATH}/book")] == [403, 403]


def test_every_rule_has_its_words_and_an_unknown_refusal_too() -> None:
    assert LEFT_OUT.keys() == {*map(str, Rule), "no-double", "held", "clinician-sex", NOTHING_FREE, OTHERS_FIRST}
    assert not_booked_in_words("something-new") == "Something has changed since the plan was made."
