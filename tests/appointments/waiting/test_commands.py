"""`waiting` and `visits make --wait`: what programs read, and who is refused."""

from typing import Any

import pytest

from bot.appointments.joint.visit_commands import visits
from bot.appointments.waiting.commands import waiting
from bot.appointments.waiting.retention import forget_ended_requests
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Visit, WaitingRequest
from tests.appointments.clinics import Ground, make_ground, make_offer, make_session
from tests.factories import make_account, make_practice
from tests.messaging.helpers import change, london, rows
from tests.organisations.conftest import Ask

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


def named(ground: Ground) -> tuple[str, ...]:
    return ("--practice", ground.practice.code, "--nhs-number", ground.patient.nhs_number)


def test_joining_listing_and_leaving_say_the_same_of_a_person(db: Database, ground: Ground, ask: Ask) -> None:
    clinic = ("--clinic", ground.clinic.code)
    [joined] = ask(waiting, "join", *named(ground), *clinic, "--clinician-sex", "F", "--longer")
    assert joined == {
        "person": ground.patient.nhs_number,
        "clinic": ground.clinic.code,
        "purpose": "general",
        "language": "ur",
        "interpreter": True,
        "clinician_sex": "F",
        "interpreter_sex": None,
        "longer": True,
        "since": "2026-11-24T10:05:00+00:00",
        "state": "waiting",
        "asked": 0,
        "phone_only": None,
    }
    assert ask(waiting, "list", "--practice", ground.practice.code) == [joined]
    assert ask(waiting, "leave", *named(ground)) == [joined | {"state": "left"}]
    assert ask(waiting, "list", "--practice", ground.practice.code) == []
    with pytest.raises(Refused, match="is not on that waiting list"):
        ask(waiting, "leave", *named(ground), *clinic)


def test_who_cannot_be_texted_is_listed_with_the_reason(db: Database, ground: Ground, ask: Ask) -> None:
    change(db, ground.patient, texting_refused=True)
    ask(waiting, "join", *named(ground), "--clinic", ground.clinic.code)
    [line] = ask(waiting, "list", "--practice", ground.practice.code)
    assert line["phone_only"] == "texting-refused"


@pytest.mark.parametrize("role", [Role.PARTNER, Role.REVIEWER, Role.ADMIN, Role.INTERPRETER])
def test_an_account_of_another_kind_is_refused(db: Database, ground: Ground, ask: Ask, role: Role) -> None:
    email = make_account(db, role).email
    elsewhere = make_account(db, Role.PRACTICE, practice=make_practice(db, "OTHER")).email
    for account in (email, elsewhere):
        join = ("join", *named(ground), "--clinic", ground.clinic.code)
        for words in (("list", *named(ground)[:2]), ("leave", *named(ground)), join):
            with pytest.raises(Refused, match="Only staff or a lead of Station Practice"):
                ask(waiting, *words, "--as", account)


def make(ground: Ground, *more: str) -> tuple[str, ...]:
    return ("make", *named(ground), "--clinic", ground.clinic.code, *more)


def test_a_visit_is_made_now_if_a_time_suits(db: Database, ground: Ground, ask: Ask) -> None:
    change(db, ground.patient, interpreter=False)
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    [line] = ask(visits, *make(ground, "--wait"))
    assert line["starts"] == "2026-12-01T09:00:00+00:00"
    with db.read() as session:
        assert rows(session, WaitingRequest) == []


@pytest.mark.parametrize("when", [(), ("--any",), ("--starts", "2026-12-01T09:00")])
def test_else_the_person_waits(db: Database, ground: Ground, ask: Ask, when: tuple[str, ...]) -> None:
    """There is a time, and no interpreter for it."""
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    [line] = ask(visits, *make(ground, "--wait", "--interpreter-sex", "F", *when))
    assert (line["waiting"]["person"], line["waiting"]["state"]) == (ground.patient.nhs_number, "waiting")
    assert line["waiting"]["interpreter_sex"] == "F"
    assert ask(visits, *make(ground, "--wait", *when)) == [line], "asked for again it is the same place"
    with db.read() as session:
        assert rows(session, Visit) == []


def test_waiting_mends_nothing_that_is_wrong_with_the_request(db: Database, ground: Ground, ask: Ask) -> None:
    change(db, ground.patient, deceased=True)
    with pytest.raises(Refused, match="recorded as having died"):
        ask(visits, *make(ground, "--wait"))
    with pytest.raises(Refused, match="That time is past"):
        ask(visits, *make(ground, "--wait", "--starts", "2026-11-01T09:00"))
    with db.read() as session:
        assert rows(session, WaitingRequest) == []


def test_ended_requests_are_erased_after_ninety_days_once_nothing_speaks_of_them(
    db: Database, settings: Settings, ground: Ground, ask: Ask, clock: Any
) -> None:
    for _ in range(2):
        ask(waiting, "join", *named(ground), "--clinic", ground.clinic.code)
        ask(waiting, "leave", *named(ground))
    ask(waiting, "join", *named(ground), "--clinic", ground.clinic.code)
    with db.read() as session:
        first, second, _ = rows(session, WaitingRequest)
    offer = make_offer(db, ground, waiting_id=first.id, state="expired", held_until=None)
    clock.move_to(london("2027-02-22 10:00"))
    assert forget_ended_requests(db, settings) == 0
    clock.move_to(london("2027-02-22 10:06"))
    assert forget_ended_requests(db, settings) == 1
    with db.write() as session:
        session.delete(session.get_one(type(offer), offer.id))
    assert [forget_ended_requests(db, settings) for _ in range(2)] == [1, 0]
    with db.read() as session:
        assert [request.state for request in rows(session, WaitingRequest)] == ["waiting"]
    assert second.id != first.id
