"""Fifty connections of pharmacies' systems at two web processes: no error, nothing lost, nothing twice."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
import requests
from sqlmodel import col, func, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.organising.keys import make_key
from bot.tables.messaging import Direction, Message
from bot.tables.patients import Patient
from bot.tables.pharmacy import PrescriptionUpdate
from tests.conftest import NewDatabase
from tests.factories import make_patient, make_practice, phone_of_its_own
from tests.pharmacy.organising.making import make_pharmacy
from tests.pharmacy.wire.tasks import ADDRESS, REQUEST_ID, Json, a_task, bundle_of
from tests.world import World, a_world, free_port, wait_until

pytestmark = pytest.mark.faults
CONNECTIONS, SECONDS, PEOPLE = 50, 60, 100


@pytest.fixture
def world(new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database("postgresql"), NOTICE_GATHER="2s") as world:
        yield world


@pytest.fixture
def webs(world: World) -> list[str]:
    """Two web processes."""
    world.start("web")
    world.wait_for_pages()
    first, world.port = world.url, free_port()
    world.environment["PORT"] = str(world.port)
    world.start("web")
    world.wait_for_pages()
    return [first, world.url]


@pytest.fixture
def people(world: World) -> list[Patient]:
    """People of a practice with a pharmacy, who read Polish."""
    practice = make_practice(world.database)
    make_pharmacy(world.database, practice)
    return [
        make_patient(world.database, practice, language="pl", phone=phone_of_its_own(number))
        for number in range(1, PEOPLE + 1)
    ]


def ready(person: Patient) -> Json:
    now = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    return bundle_of(a_task(nhs_number=person.nhs_number, at=now, task=str(uuid4()), item=str(uuid4())))


def post(browser: requests.Session, url: str, key: str, bundle: Json) -> int:
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": REQUEST_ID}
    return browser.post(f"{url}{ADDRESS}", json=bundle, headers=headers, timeout=30).status_code


def test_a_minute_of_fifty_connections_loses_nothing_and_says_nothing_twice(
    world: World, webs: list[str], people: list[Patient]
) -> None:
    key, until = make_key(world.database, "PRIORY", CONSOLE), time.monotonic() + SECONDS

    def talk(connection: int) -> Counter[int]:
        browser, seen = requests.Session(), Counter[int]()
        for turn in itertools.takewhile(lambda _: time.monotonic() < until, itertools.count(connection)):
            seen[post(browser, webs[turn % len(webs)], key, ready(people[turn % PEOPLE]))] += 1
        return seen

    world.start("clock")
    world.start("worker")
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        seen = sum(pool.map(talk, range(CONNECTIONS)), Counter[int]())
    assert set(seen) == {201}
    with world.database.read() as session:
        assert session.exec(select(func.count()).select_from(PrescriptionUpdate)).one() == seen[201]
    wait_until(lambda: texts_by_person(world).total() == PEOPLE and world.settled(), within=60)
    assert set(texts_by_person(world).values()) == {1}
    assert len(world.ledger()) == PEOPLE


def texts_by_person(world: World) -> Counter[int | None]:
    out = select(Message.patient_id).where(col(Message.direction) == Direction.OUT)
    with world.database.read() as session:
        return Counter(session.exec(out))


def test_one_bundle_on_fifty_connections_at_once_is_kept_once(
    world: World, webs: list[str], people: list[Patient]
) -> None:
    key, bundle = make_key(world.database, "PRIORY", CONSOLE), ready(people[0])
    together = Barrier(CONNECTIONS)

    def send(connection: int) -> int:
        browser = requests.Session()
        together.wait()
        return post(browser, webs[connection % len(webs)], key, bundle)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert Counter(pool.map(send, range(CONNECTIONS))) == {201: 1, 409: CONNECTIONS - 1}
