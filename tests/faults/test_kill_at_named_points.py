"""kill -9 of the sender at each point between claim and final commit: nothing lost, nothing twice."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messaging.outbox import queue_text
from bot.settings import Settings
from tests.conftest import NewDatabase
from tests.factories import make_patient, make_practice
from tests.faults.dying import POINTS
from tests.world import World, a_world, assert_ledger_is_the_database, wait_until

pytestmark = pytest.mark.faults
TEXTS = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database(request.param), LEASE_SECONDS="1", RECONCILE_SECONDS="0.5") as world:
        yield world


def queue_texts(world: World) -> None:
    db = world.database
    settings = Settings(database_url=world.database_url, secret_key="x" * 32)
    practice = make_practice(db)
    patients = [make_patient(db, practice) for _ in range(TEXTS)]
    with db.write() as session:
        for patient in patients:
            queue_text(
                session,
                settings,
                text_key="staff-thank-you",
                language="en",
                values={},
                phone=patient.phone or "",
                practice=practice,
                patient_id=patient.id,
            )


def process_of(world: World) -> str:
    return "serve" if world.database_url.startswith("sqlite") else "worker"


@pytest.mark.parametrize("point", sorted(POINTS))
def test_a_sender_killed_at_any_point_loses_nothing_and_sends_nothing_twice(world: World, point: str) -> None:
    queue_texts(world)
    if point == "while-posting":
        world.fault("latency", 1, seconds=0.5)
    victim = world.start(process_of(world), die_at=point)
    assert victim.wait(timeout=30) == -signal.SIGKILL
    world.fault("latency", 0)

    world.start(process_of(world))
    wait_until(world.settled, within=40)

    assert len(world.ledger()) == TEXTS
    assert_ledger_is_the_database(world)
