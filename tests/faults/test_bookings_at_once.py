"""Fifty processes for ten places, and kill -9 in the middle: ten have one, nobody has half of one."""

import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from bot.accounts.passwords import hash_password
from bot.clock import london_today
from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.appointments import ClaimedTime, Visit, VisitState
from bot.tables.messaging import Message
from tests.appointments.clinics import Ground, at, make_agency, make_ground, make_interpreter, make_session
from tests.conftest import NewDatabase
from tests.factories import make_account, make_patient
from tests.faults.dying import OF_A_BOOKING
from tests.forks import Done, shared_forks
from tests.visitor import Visitor
from tests.world import World, a_world

pytestmark = pytest.mark.faults
BOOKERS, PLACES, INTERPRETERS = 50, 10, 3
CELLS = 4
"""Of a visit of twenty minutes, for each of clinician, interpreter and person."""


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database(request.param)) as world:
        yield world


def a_day() -> date:
    """A Tuesday that is over a week away, whenever this runs."""
    day = london_today() + timedelta(days=8)
    return day + timedelta(days=(1 - day.weekday()) % 7)


@pytest.fixture
def ground(world: World) -> Ground:
    """A clinic with ten double places, of which three interpreters can serve all."""
    db = world.database
    ground = make_ground(db)
    agency = make_agency(db, ground.practice)
    for _ in range(INTERPRETERS):
        make_interpreter(db, agency)
    make_session(db, ground.clinic, ground.clinician, "09:00", "12:20", a_day())
    return ground


def words(ground: Ground, nhs_number: str, *when: str) -> tuple[str, ...]:
    whom = ("--practice", ground.practice.code, "--nhs-number", nhs_number, "--clinic", ground.clinic.code)
    return ("visits", "make", *whom, *when, "--json")


def at_once(world: World, commands: list[tuple[str, ...]]) -> list[Done]:
    with ThreadPoolExecutor(len(commands)) as pool:
        run = [pool.submit(shared_forks().run, command, world.folder, world.environment, b"") for command in commands]
        return [done.result() for done in run]


def somebody(db: Database, ground: Ground) -> str:
    return make_patient(db, ground.practice, language="ur", interpreter=True).nhs_number


def said(done: list[Done]) -> Counter[str]:
    assert {each.status for each in done} <= {0, 1}, [each.err for each in done if each.status not in (0, 1)]
    return Counter(each.lines[0].get("refused", "booked") for each in done)


def assert_nobody_is_in_two_places(db: Database, visits: int) -> None:
    """Every cell is a visit's, each visit has all of its own, and two texts: the person's and the interpreter's."""
    with db.read() as session:
        booked = session.exec(select(Visit).where(Visit.state == VisitState.BOOKED)).all()
        assert len(booked) == visits
        cells = session.exec(select(ClaimedTime)).all()
        assert Counter(cell.visit_id for cell in cells) == {visit.id: 3 * CELLS for visit in booked}
        texts = select(col(Message.subject_id), func.count()).group_by(col(Message.subject_id))
        assert dict(session.execute(texts).all()) == {visit.id: 2 for visit in booked}


def test_of_fifty_processes_ten_get_a_place_and_forty_are_told_so(world: World, ground: Ground) -> None:
    """On SQLite beside the service itself, which has the database open."""
    db = world.database
    if db.is_sqlite:
        world.start("serve")
        world.wait_for_pages()
    done = at_once(world, [words(ground, somebody(db, ground), "--any") for _ in range(BOOKERS)])
    assert said(done) == {"booked": PLACES, "nothing-free": BOOKERS - PLACES}
    assert_nobody_is_in_two_places(db, PLACES)


def test_of_fifty_who_press_the_button_at_once_ten_get_a_place(world: World, ground: Ground) -> None:
    """Fifty browsers at the page of a clinic's day; on PostgreSQL too all come to one process."""
    db, day = world.database, str(a_day())
    world.start("serve")
    world.wait_for_pages()
    account = make_account(db, Role.PRACTICE, practice=ground.practice, password_hash=hash_password("warm-homes"))
    receptionist = Visitor(world.url).sign_in(account.email, "warm-homes")
    receptionist.page(f"/clinics/{ground.clinic.code}/{day}")
    people = [somebody(db, ground) for _ in range(BOOKERS)]
    with ThreadPoolExecutor(BOOKERS) as pool:
        pressed = list(pool.map(lambda person: receptionist.status_of(address_of(ground), book(person, day)), people))
    assert Counter(pressed) == {303: PLACES, 409: BOOKERS - PLACES}
    assert_nobody_is_in_two_places(db, PLACES)


def address_of(ground: Ground) -> str:
    return f"/clinics/{ground.clinic.code}/book"


def book(nhs_number: str, day: str) -> dict[str, str]:
    """The form as a browser sends it, without a time: the first that suits."""
    return {"nhs_number": nhs_number, "day": day, "starts": "", "idempotency_key": nhs_number}


def test_of_fifty_processes_for_one_time_one_gets_it(world: World, ground: Ground) -> None:
    db = world.database
    start = ("--starts", at("09:00", a_day()).isoformat())
    done = at_once(world, [words(ground, somebody(db, ground), *start) for _ in range(BOOKERS)])
    assert said(done) == {"booked": 1, "taken": BOOKERS - 1}
    assert_nobody_is_in_two_places(db, 1)


def test_one_person_asked_for_by_ten_with_one_key_has_one_visit(world: World, ground: Ground) -> None:
    one = words(ground, ground.patient.nhs_number, "--any", "--idempotency-key", "form-1")
    done = at_once(world, [one] * 10)
    assert len({each.lines[0]["visit"] for each in done}) == 1
    assert_nobody_is_in_two_places(world.database, 1)


def test_one_person_asked_for_by_ten_without_a_key_has_one_visit_at_that_time(world: World, ground: Ground) -> None:
    one = words(ground, ground.patient.nhs_number, "--starts", at("09:00", a_day()).isoformat())
    assert said(at_once(world, [one] * 10)) == {"booked": 1, "already-booked": 9}


@pytest.mark.parametrize("point", sorted(OF_A_BOOKING))
def test_a_booking_killed_at_any_point_is_whole_or_not_there(world: World, ground: Ground, point: str) -> None:
    db = world.database
    command = words(ground, ground.patient.nhs_number, "--any", "--idempotency-key", "form-1")
    victim = world.start(*command, die_at=point)
    assert victim.wait(timeout=30) == -signal.SIGKILL
    assert_nobody_is_in_two_places(db, 1 if point == "after-visit-commit" else 0)

    again: Any = shared_forks().run(command, world.folder, world.environment, b"").lines[0]
    assert again["starts"] == at("09:00", a_day()).isoformat(), "what a dead process claimed is in nobody's way"
    assert_nobody_is_in_two_places(db, 1)
