"""`/readyz` tells the truth: each thing that can be wrong, and nothing when nothing is."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, text, update
from sqlmodel import select

from bot.app import create_app
from bot.audit import AuditEntry
from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.operations.readiness import find_faults
from bot.operations.work import JOBS
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.messaging import Attempt, Heartbeat, Message, Outcome, State
from bot.tables.organisations import Sender
from bot.tables.patients import OptOut
from jobs.periodic import run_job
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.factories import make_patient, make_practice, queue_staff_text, text_in


@pytest.fixture(autouse=True)
def at_work(db: Database) -> None:
    for name in ("clock", "worker", "second-opinion"):
        say_alive(db, name)


@pytest.fixture
def queued(db: Database, settings: Settings) -> Message:
    practice = make_practice(db, "WAITING")
    return queue_staff_text(db, settings, practice, make_patient(db, practice))


def change(db: Database, message: Message, **values: object) -> None:
    with db.write() as session:
        session.execute(update(Message).where(Message.id == message.id).values(**values))


def ready(client: FlaskClient) -> tuple[int, str]:
    answer = client.get("/readyz")
    return answer.status_code, answer.get_data(as_text=True)


def test_ready_when_everything_is_at_work(client: FlaskClient) -> None:
    assert ready(client) == (200, "ready\n")


@pytest.mark.parametrize("part", ["clock", "worker"])
def test_a_part_that_has_been_silent_for_a_minute_is_dead(client: FlaskClient, db: Database, part: str) -> None:
    with time_machine.travel(utc_now() + timedelta(seconds=70)):
        say_alive(db, "clock" if part == "worker" else "worker")
        assert ready(client) == (503, f"No {part} has been at work in the last minute.\n")


def test_a_part_that_never_was_there_is_missed(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        session.execute(delete(Heartbeat))
    assert ready(client)[1].count("at work") == 2


def test_a_stopped_sender_is_said(client: FlaskClient, db: Database, queued: Message) -> None:
    with db.write() as session:
        session.execute(update(Sender).values(stopped_code=20003, stopped_at=utc_now()))
    status, why = ready(client)
    assert status == 503
    assert "20003" in why


def test_a_queue_that_does_not_move_is_stuck(client: FlaskClient, db: Database, queued: Message) -> None:
    change(db, queued, not_before=utc_now() - timedelta(minutes=16))
    assert ready(client) == (503, "A text has been due for 16 minutes, and nothing goes out.\n")


def test_a_long_queue_that_moves_is_not_stuck(client: FlaskClient, db: Database, queued: Message) -> None:
    """Ten thousand invitations at ten parts a second take a while, and that is well."""
    change(db, queued, not_before=utc_now() - timedelta(minutes=16))
    with db.write() as session:
        moment = utc_now() - timedelta(seconds=1)
        values = {"started_at": moment, "lease_until": moment, "outcome": Outcome.ACCEPTED}
        session.add(Attempt(message_id=queued.id, number=1, ref="r", **values))
    assert ready(client)[0] == 200


def test_an_urgent_text_may_not_wait_behind_anything(client: FlaskClient, db: Database, queued: Message) -> None:
    change(db, queued, priority=1, not_before=utc_now() - timedelta(minutes=3))
    assert ready(client) == (503, "An urgent text has been due for 3 minutes.\n")


def test_a_text_that_is_not_due_yet_is_not_late(client: FlaskClient, db: Database, queued: Message) -> None:
    change(db, queued, not_before=utc_now() + timedelta(hours=1))
    assert ready(client)[0] == 200


def test_opt_outs_under_a_lost_key_are_said(client: FlaskClient, db: Database) -> None:
    practice = make_practice(db)
    values = {"phone_hash": "h", "hash_key": "another", "source": "reply", "recorded_at": utc_now()}
    with db.write() as session:
        session.add(OptOut(practice_id=practice.id, **values))
    status, why = ready(client)
    assert status == 503
    assert "HASH_KEY" in why


def test_an_old_schema_is_said(client: FlaskClient, db: Database) -> None:
    with db.engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert ready(client) == (503, "The database schema is not that of this version: run migrate.\n")
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_a_database_that_is_gone_is_said_and_the_figures_say_so_too(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a-folder").mkdir()
    gone = Database(f"sqlite:///{tmp_path}/a-folder")
    client = create_app(settings, gone).test_client()
    status, why = ready(client)
    assert status == 503
    assert "database cannot be used" in why
    figures = client.get("/metrics")
    assert figures.status_code == 200
    assert "\nready 0.0" in figures.get_data(as_text=True)
    assert client.get("/healthz").status_code == 200


def test_a_browser_with_a_session_gets_the_truth_too(app: Flask, signed_in: SignIn) -> None:
    assert signed_in(Role.LEAD).get("/readyz").status_code == 200


def test_figures_tell_queue_uncertain_senders_inbox_and_age_without_people(
    client: FlaskClient, db: Database, settings: Settings, queued: Message
) -> None:
    change(db, queued, state=State.UNCERTAIN, updated_at=utc_now() - timedelta(minutes=5), error_code=30003)
    text_in(db, settings, queued.phone, "I have chest pain")
    figures = client.get("/metrics").get_data(as_text=True)
    for line in (
        "\nready 1.0",
        "\nuncertain_messages 1.0",
        "\nuncertain_oldest_age_seconds 30",
        '\nmessages_failed{code="30003"} 1.0',
        '\nsender_parts_left{sender="1"} 10.0',
        '\nsender_stopped{sender="1"} 0.0',
        '\ninbox_open{urgency="red"} 1.0',
        "\nurgent_unopened 0.0",
        "\ninbound_age_seconds ",
        '\nheartbeat_age_seconds{name="worker"}',
    ):
        assert line in figures, line
    assert queued.phone.removeprefix("+44") not in figures


def test_the_operators_page_shows_what_is_stuck_and_starts_a_sender_again(
    db: Database, settings: Settings, queued: Message, signed_in: SignIn
) -> None:
    with db.write() as session:
        session.execute(update(Sender).values(stopped_code=20003, stopped_at=utc_now()))
        sender = session.exec(select(Sender.id)).first()
    for job in in_use().jobs:
        if not job.asks_twilio:
            run_job(db, settings, job)
    admin = signed_in(Role.ADMIN)
    page = admin.get("/operations").get_data(as_text=True)
    for words in ("Not ready", "Waiting to go", "Stopped", "did not accept our account", "Erase old words", "Versions"):
        assert words in page, words
    assert queued.body not in page
    assert post(admin, f"/operations/senders/{sender}/restart").status_code == 303
    assert "Stopped" not in admin.get("/operations").get_data(as_text=True)
    with db.read() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "restart-sender")).one()


def test_a_sender_that_is_not_there_cannot_be_started(signed_in: SignIn, world: World) -> None:
    assert post(signed_in(Role.ADMIN), "/operations/senders/99/restart").status_code == 409


def test_the_operators_page_says_what_to_do_and_no_command_and_no_setting(
    db: Database, queued: Message, signed_in: SignIn
) -> None:
    with db.write() as session:
        session.execute(update(Sender).values(stopped_code=20003, stopped_at=utc_now()))
        session.execute(delete(Heartbeat))
        values = {"phone_hash": "h", "hash_key": "another", "source": "reply", "recorded_at": utc_now()}
        session.add(OptOut(practice_id=queued.practice_id, **values))
    change(db, queued, priority=1, not_before=utc_now() - timedelta(minutes=3))
    page = signed_in(Role.ADMIN).get("/operations").get_data(as_text=True)
    for words in (
        "What sends the texts has not been at work in the last minute.",
        "It has to be started again",
        "Sender 1 has stopped: Twilio did not accept our account or token.",
        "then press Send again beside it",
        "An urgent text has been due for 3 minutes.",
        "Phone the practice",
        "1 opt-outs of people who left cannot be recognised",
    ):
        assert words in page, words
    for code in ("20003", "HASH_KEY", "SECRET_KEY", "python -m", "run migrate", "worker", "clock"):
        assert code not in page, code


def test_an_old_schema_is_said_on_the_page_without_a_command(db: Database, settings: Settings) -> None:
    with db.engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        [fault] = find_faults(db, settings)
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    assert "migrate" in fault.line
    assert "migrate" not in fault.words + fault.advice


def test_regular_work_is_told_in_words() -> None:
    assert {job.name for job in in_use().jobs} - set(JOBS) == set()
