"""kill -9 of a worker around the POST of an event: it arrives, in order, and twice only under one `webhook-id`."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.notices.giving import give_notice
from bot.pharmacy.notices.happening import Happened, happened
from bot.settings import Settings
from bot.tables.pharmacy import DeliveryState, Webhook, WebhookDelivery
from tests.conftest import NewDatabase
from tests.factories import make_patient, make_practice
from tests.faults.dying import OF_A_WEBHOOK
from tests.pharmacy.hooks.receiver import Receiver
from tests.pharmacy.organising.making import make_pharmacy
from tests.world import World, a_world, wait_until

pytestmark = pytest.mark.faults
ORDER = ["notice.sent", "notice.delivered", "notice.answered"]


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database(request.param), LEASE_SECONDS="1") as world:
        yield world


def happen(world: World) -> str:
    """Three things happen to a notice of which no text goes; gives what programs call it."""
    db, settings = world.database, Settings(database_url=world.database_url, secret_key="x" * 32)
    practice, now = make_practice(db), utc_now()
    pharmacy, person = make_pharmacy(db, practice), make_patient(db, practice)
    with db.write() as session:
        session.add(Webhook(pharmacy_id=pharmacy.id or 0, url="", made_at=now))
        session.flush()
        collected: dict[str, Any] = {"source": "api", "actor": CONSOLE, "now": now}
        notice = give_notice(session, settings, pharmacy, person, "collected", **collected)
        for what in (Happened.SENT, Happened.DELIVERED, Happened.ANSWERED):
            happened(session, notice, what, now)
        session.get_one(Webhook, pharmacy.id).ended_at = now
        return notice.public


def waiting(world: World) -> int:
    with world.database.read() as session:
        return session.exec(select(func.count()).where(col(WebhookDelivery.state) == DeliveryState.WAITING)).one()


@pytest.mark.parametrize("point", sorted(OF_A_WEBHOOK))
def test_a_worker_killed_around_a_post_tells_all_and_anew_only_under_one_id(world: World, point: str) -> None:
    process = "serve" if world.database_url.startswith("sqlite") else "worker"
    public = happen(world)
    with Receiver() as receiver:
        secret = world.command("pharmacies", "webhook", "PRIORY", "--url", receiver.url)["secret"]
        victim = world.start(process, die_at=point)
        assert victim.wait(timeout=60) == -signal.SIGKILL
        told_before = len(receiver.heard)
        world.start(process)
        wait_until(lambda: not waiting(world), within=60)
    heard = receiver.heard
    assert told_before == (0 if point == "after-event-claim" else 1)
    assert len(heard) == 3 + told_before
    assert list(dict.fromkeys(receiver.types)) == ORDER
    assert len({each.event for each in heard}) == 3
    assert len({each.body for each in heard}) == 3
    assert {each.told["id"] for each in heard} == {public}
    assert all(each.is_from(secret) for each in heard)
