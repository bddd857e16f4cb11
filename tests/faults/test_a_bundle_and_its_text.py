"""kill -9 between the store of a pharmacy's bundle and the text that follows from it: one text, whatever happens."""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from sqlmodel import func, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.organising.keys import make_key
from bot.tables.pharmacy import PrescriptionUpdate
from tests.conftest import NewDatabase
from tests.factories import make_patient, make_practice
from tests.faults.dying import OF_A_BUNDLE
from tests.pharmacy.organising.making import make_pharmacy
from tests.pharmacy.wire.tasks import ADDRESS, REQUEST_ID, Json, a_task, bundle_of
from tests.world import World, a_world, wait_until

pytestmark = pytest.mark.faults
ITEMS = 3
GATHERED = 1.5


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database(request.param), NOTICE_GATHER="1s") as world:
        yield world


def items_of(world: World) -> tuple[str, Json]:
    """A key, and a bundle of three items of somebody who reads Polish."""
    practice = make_practice(world.database)
    make_pharmacy(world.database, practice)
    person = make_patient(world.database, practice, language="pl")
    now = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    tasks = [a_task(nhs_number=person.nhs_number, item=f"ITEM-{place}", at=now) for place in range(ITEMS)]
    return make_key(world.database, "PRIORY", CONSOLE), bundle_of(*tasks)


def post(world: World, key: str, bundle: Json) -> int:
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": REQUEST_ID}
    return requests.post(f"{world.url}{ADDRESS}", json=bundle, headers=headers, timeout=10).status_code


@pytest.mark.parametrize("point", sorted(OF_A_BUNDLE))
def test_what_is_sent_again_after_a_death_is_one_text(world: World, point: str) -> None:
    key, bundle = items_of(world)
    victim = world.start("serve", die_at=point)
    world.wait_for_pages()
    with suppress(requests.ConnectionError):
        post(world, key, bundle)
    assert victim.wait(timeout=30) == -signal.SIGKILL

    world.start("serve")
    world.wait_for_pages()
    assert post(world, key, bundle) == (201 if point == "before-bundle-commit" else 409)
    wait_until(lambda: len(world.ledger()) == 1, within=40)
    time.sleep(GATHERED)
    assert len(world.ledger()) == 1
    assert world.settled()
    with world.database.read() as session:
        assert session.exec(select(func.count()).select_from(PrescriptionUpdate)).one() == ITEMS
