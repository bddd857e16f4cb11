"""The practice's page of interpreters."""

from datetime import time

from bot.database import Database
from bot.tables.accounts import Role
from tests.accounts.conftest import SignIn, World
from tests.accounts.conftest import app as app
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.interpreters.making import make_agency, make_interpreter


def test_staff_see_the_interpreters_of_agencies_that_serve_them(db: Database, world: World, signed_in: SignIn) -> None:
    ours = make_agency(db, world.practice)
    make_interpreter(db, ours, "ckb", name="Dilan Sample", hours=((0, time(8, 30), time(11)),), in_person_notice=48)
    make_interpreter(db, make_agency(db, code="OTHER"), "ckb", name="Charlie Outside")
    staff = signed_in(Role.PRACTICE)
    page = staff.get("/interpreters").text
    for words in ("Dilan Sample", "woman", "Kurdish (Sorani)", "in person, 48 hours before", "Monday 8:30am to 11am"):
        assert words in page
    assert "Charlie" not in page
    assert "1 interpreter works for agencies that serve you." in staff.get("/").text


def test_without_an_agency_it_says_what_to_do(world: World, signed_in: SignIn) -> None:
    assert "No agency that sends interpreters serves you yet" in signed_in(Role.LEAD).get("/interpreters").text


def test_it_is_no_page_for_others(world: World, signed_in: SignIn) -> None:
    for role in (Role.PARTNER, Role.ADMIN):
        assert signed_in(role).get("/interpreters").status_code == 403
