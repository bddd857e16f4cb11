"""An urgent message that nobody opens does not stay unnoticed."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from bot.attention.escalation import count_escalated, escalate_unopened
from bot.audit import AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.factories import make_patient, text_in

LATE = timedelta(minutes=10, seconds=1)


@pytest.fixture
def urgent(db: Database, settings: Settings, world: World) -> int:
    """The number of a red item."""
    text_in(db, settings, make_patient(db, world.practice).phone, "I have chest pain and cannot breathe")
    with db.read() as session:
        return session.exec(select(InboxItem.id).where(InboxItem.urgency == "red")).one() or 0


def escalate_later(db: Database, settings: Settings) -> int:
    with time_machine.travel(utc_now() + LATE):
        return escalate_unopened(db, settings)


def test_after_ten_minutes_it_is_escalated_once_and_written_down(db: Database, urgent: int, settings: Settings) -> None:
    assert escalate_unopened(db, settings) == 0
    assert escalate_later(db, settings) == 1
    assert escalate_later(db, settings) == 0
    with db.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "urgent-not-opened")).one()
        assert count_escalated(session) == 1
    assert entry.subject == f"inbox:{urgent}"


def test_one_that_was_opened_in_time_is_not(db: Database, settings: Settings, urgent: int, signed_in: SignIn) -> None:
    signed_in(Role.PRACTICE).get(f"/inbox/{urgent}")
    assert escalate_later(db, settings) == 0


def test_what_is_not_urgent_may_wait(db: Database, settings: Settings, world: World) -> None:
    text_in(db, settings, make_patient(db, world.practice).phone, "Who is this please")
    assert escalate_later(db, settings) == 0


def test_the_home_page_of_its_practice_begins_with_it_until_somebody_opens_it(
    db: Database, settings: Settings, urgent: int, signed_in: SignIn
) -> None:
    escalate_later(db, settings)
    client = signed_in(Role.LEAD)
    page = client.get("/").get_data(as_text=True)
    assert page.index("1 urgent message has waited over 10 minutes") < page.index(">Inbox</a></h2>")
    client.get(f"/inbox/{urgent}")
    assert "over 10 minutes" not in client.get("/").get_data(as_text=True)


def test_the_administrator_sees_the_count_and_nothing_of_the_person(
    db: Database, settings: Settings, urgent: int, signed_in: SignIn
) -> None:
    escalate_later(db, settings)
    page = signed_in(Role.ADMIN).get("/operations").get_data(as_text=True)
    assert "1 urgent message has" in page.replace("\n", " ")
    assert "chest pain" not in page


def test_opening_it_again_changes_nothing(db: Database, urgent: int, signed_in: SignIn, world: World) -> None:
    signed_in(Role.PRACTICE).get(f"/inbox/{urgent}")
    signed_in(Role.LEAD).get(f"/inbox/{urgent}")
    with db.read() as session:
        assert session.get_one(InboxItem, urgent).seen_by == world.accounts[Role.PRACTICE].id


def test_done_without_opening_counts_as_seen_to(
    db: Database, settings: Settings, urgent: int, signed_in: SignIn
) -> None:
    escalate_later(db, settings)
    post(signed_in(Role.PRACTICE), f"/inbox/{urgent}/done")
    with db.read() as session:
        assert count_escalated(session) == 0
