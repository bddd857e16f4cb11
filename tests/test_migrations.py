"""The schema goes up, down to nothing and up again on both databases, and says the same as the tables."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

import bot.tables
from bot.database import unpooled
from bot.migrations.running import alembic_config, at_head, migrate
from bot.tables.campaigns import Campaign
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.new_database()


def tables(url: str) -> set[str]:
    engine = unpooled(url)
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found - {"alembic_version"}


def test_the_schema_goes_up_down_and_up_again(url: str) -> None:
    expected = set(bot.tables.metadata.tables)
    migrate(url)
    assert tables(url) == expected
    migrate(url, "base")
    assert tables(url) == set()
    migrate(url)
    migrate(url)
    assert tables(url) == expected


def test_every_step_goes_down_and_up_again_by_itself(url: str) -> None:
    steps = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    migrate(url)
    for step in steps:
        below = step.down_revision or "base"
        assert isinstance(below, str), "the migrations are one line"
        migrate(url, below)
        migrate(url, step.revision)
        migrate(url, below)
    assert tables(url) == set()


def test_the_schema_is_what_the_tables_say(url: str) -> None:
    migrate(url)
    engine = unpooled(url)
    with engine.connect() as connection:
        command.check(alembic_config(connection))
        assert at_head(connection)
    engine.dispose()


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement gives, and what it changes stays."""
    engine = unpooled(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return found


NOW = "'2026-11-24 09:00:00'"
BEFORE_MEMBERSHIPS = [
    f"INSERT INTO sender (id, number, tokens, tokens_at) VALUES (1, '+441632960001', 10, {NOW})",
    "INSERT INTO practice (id, code, name, sender_id, demo, created_at) VALUES "
    f"(1, 'STATION', 'Station Practice', 1, false, {NOW}), (2, 'CAB', 'Cable Street', 1, false, {NOW})",
    "INSERT INTO partner (id, code, name, places, demo, created_at) VALUES "
    f"(1, 'CAB', 'Citizens Advice', 30, false, {NOW}), (2, 'CAB-2', 'Another', 5, false, {NOW})",
    "INSERT INTO partner_practice (partner_id, practice_id) VALUES (1, 1)",
    "INSERT INTO user_account "
    "(id, email, name, role, practice_id, partner_id, session_epoch, active, demo, created_at) "
    f"VALUES (1, 'lead@x.org', '', 'lead', 2, NULL, 0, true, false, {NOW}), "
    f"(2, 'adviser@x.org', '', 'partner', NULL, 1, 0, true, false, {NOW}), "
    f"(3, 'admin@x.org', '', 'admin', NULL, NULL, 3, false, false, {NOW}), "
    f"(4, 'reader@x.org', '', 'reviewer', 1, NULL, 0, true, false, {NOW})",
    f"INSERT INTO password_link (user_id, token_hash, expires_at) VALUES (2, 'hash', {NOW})",
]


def test_accounts_keep_their_role_and_organisation_on_the_way_to_memberships_and_back(url: str) -> None:
    migrate(url, "0003")
    for statement in BEFORE_MEMBERSHIPS:
        rows(url, statement)
    accounts = "SELECT id, email, role, practice_id, partner_id, session_epoch FROM user_account ORDER BY id"
    before = rows(url, accounts)
    migrate(url)
    assert rows(url, "SELECT user_id, role, organisation FROM membership ORDER BY id") == [
        (1, "lead", "CAB"),
        (2, "partner", "CAB-3"),
        (3, "admin", None),
        (4, "reviewer", "STATION"),
    ]
    assert rows(url, "SELECT code, kind FROM organisation ORDER BY code") == [
        ("CAB", "practice"),
        ("CAB-2", "partner"),
        ("CAB-3", "partner"),
        ("STATION", "practice"),
    ]
    assert rows(url, "SELECT partner_id, practice_id FROM partner_practice") == [(1, 1)]
    rows(url, "INSERT INTO membership (id, user_id, role, organisation) VALUES (99, 1, 'practice', 'STATION')")
    newcomer = f"(5, 'new@x.org', '', 0, true, false, {NOW})"
    rows(url, f"INSERT INTO user_account (id, email, name, session_epoch, active, demo, created_at) VALUES {newcomer}")
    migrate(url, "0003")
    assert rows(url, accounts) == [*before, (5, "new@x.org", "interpreter", None, None, 0)]
    assert rows(url, "SELECT user_id, token_hash FROM password_link") == [(2, "hash")]
    migrate(url)
    assert rows(url, "SELECT organisation FROM membership WHERE user_id = 1") == [("CAB",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'lead', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (3, 'admin', NULL)",
        "INSERT INTO membership (user_id, role, organisation) VALUES (3, 'admin', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'owner', 'CAB')",
        "INSERT INTO membership (user_id, role, organisation) VALUES (1, 'lead', 'NOWHERE')",
        "INSERT INTO organisation (code, kind) VALUES ('CAB', 'partner')",
        "DELETE FROM organisation WHERE code = 'CAB'",
        "UPDATE practice SET code = 'NOWHERE' WHERE id = 1",
        "DELETE FROM practice WHERE id = 1",
    ],
)
def test_the_database_itself_keeps_memberships_and_codes_right(url: str, statement: str) -> None:
    migrate(url, "0003")
    for row in BEFORE_MEMBERSHIPS:
        rows(url, row)
    migrate(url)
    with pytest.raises(IntegrityError):
        rows(url, statement)


def test_an_empty_database_is_not_at_head(url: str) -> None:
    engine = unpooled(url)
    with engine.connect() as connection:
        assert not at_head(connection)
    engine.dispose()


def test_the_migrations_are_one_line() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == len(script.get_bases()) == 1


def test_two_machines_may_migrate_at_the_same_time(url: str) -> None:
    faults: list[BaseException] = []

    def work() -> None:
        try:
            migrate(url)
        except BaseException as fault:
            faults.append(fault)

    machines = [threading.Thread(target=work) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert faults == []
    assert tables(url) == set(bot.tables.metadata.tables)


NOON = "2026-01-20 12:00:00+00:00"
LATER = "2026-01-21 08:30:00+00:00"


def within(url: str, deed: Callable[[Connection], Any]) -> Any:
    """Do something in a transaction of its own."""
    engine = unpooled(url)
    with engine.begin() as connection:
        done = deed(connection)
    engine.dispose()
    return done


def put(connection: Connection, table: str, **values: Any) -> None:
    """A row in plain SQL, as the code of that day wrote it."""
    if connection.dialect.name == "sqlite":
        times = {NOON: "2026-01-20 12:00:00.000000", LATER: "2026-01-21 08:30:00.000000"}
        values = {name: times.get(value, value) for name, value in values.items()}
        values = {name: str(value) if isinstance(value, date) else value for name, value in values.items()}
    names = ", ".join(values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(values)})"), values)


def rows_of(connection: Connection, table: str) -> dict[int, dict[str, Any]]:
    found = connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).mappings()
    return {row["id"]: dict(row) for row in found}


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, apart from where the schema stands."""
    names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    found = {name: connection.execute(text(f"SELECT * FROM {name}")).mappings() for name in names}
    return {name: sorted((dict(row) for row in rows), key=repr) for name, rows in found.items()}


def a_text(id_: int, **changes: Any) -> dict[str, Any]:
    """A message of a campaign as it stood at 0003."""
    usual = {
        "id": id_, "direction": "out", "kind": "outreach", "state": "delivered", "priority": 5, "practice_id": 1,
        "sender_id": 1, "patient_id": 1, "campaign_id": 1, "batch_id": 1, "phone": "+447700900001", "body": "Hello",
        "text_key": "fuel-poverty-invitation", "language": "en", "wording_digest": "0" * 64, "parts": 1,
        "dedupe_key": None, "automatic": True, "attempts": 1, "reason": None, "not_before": NOON, "answers_id": None,
        "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return usual | changes


def a_person(id_: int) -> dict[str, Any]:
    return {
        "id": id_, "practice_id": 1, "nhs_number": f"999000000{id_}", "surname": "Example", "given_name": "Alex",
        "born": date(1960, 5, 12), "sex": "U", "phone": f"+44770090000{id_}", "phone_status": "own",
        "phone_source": "list", "language_source": "list", "registered": True, "deceased": False,
        "texting_refused": False, "disputed": False, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip


def a_question(id_: int, **changes: Any) -> dict[str, Any]:
    usual = {
        "id": id_, "sender_id": 1, "practice_id": 1, "phone": f"+44770090000{id_}", "patient_id": id_,
        "campaign_id": 1, "kind": "invitation", "state": "open", "message_id": 1, "detail": None, "opened_at": NOON,
    }  # fmt: skip
    return usual | changes


def fill_at_0003(connection: Connection) -> None:
    """A practice in the middle of its winter: campaigns, tries, questions, people left out, referrals."""
    put(connection, "sender", id=1, number="+441632960001", tokens=1.0, tokens_at=NOON)
    practice = {"code": "STATION", "name": "Station Practice", "sender_id": 1, "demo": False, "created_at": NOON}
    put(connection, "practice", id=1, **practice)
    put(connection, "partner", id=1, code="CAB", name="Citizens Advice", places=30, demo=False, created_at=NOON)
    for id_ in range(1, 6):
        put(connection, "patient", **a_person(id_))
    campaign = {"practice_id": 1, "partner_id": 1, "purpose": "fuel-poverty", "criteria": "cold-home-respiratory"}
    campaign |= {"criteria_version": 1, "matched": 5, "created_at": NOON}
    put(connection, "campaign", id=1, state="running", **campaign)
    put(connection, "campaign", id=2, state="stopped", **campaign)
    put(connection, "batch", id=1, campaign_id=1, number=1, size=2, limited_by="cohort", approved_at=LATER)
    member = {"campaign_id": 1, "language": "en"}
    put(connection, "campaign_member", id=1, patient_id=1, batch_id=1, answer="yes", answered_at=LATER, **member)
    put(connection, "campaign_member", id=2, patient_id=2, batch_id=1, **member)
    put(connection, "campaign_member", id=3, patient_id=3, left_out="texting-refused", **member)
    put(connection, "campaign_member", id=4, patient_id=4, left_out="texted-since-backup", **member)
    put(connection, "campaign_member", id=5, patient_id=5, left_out="no-mobile", campaign_id=2, language="pl")
    put(connection, "message", **a_text(1))
    put(connection, "message", **a_text(2, patient_id=2, state="failed", error_code=30003, reason="tried-again"))
    second = {"dedupe_key": "retry:2", "state": "queued", "attempts": 0}
    put(connection, "message", **a_text(3, patient_id=2, not_before=LATER, **second))
    put(connection, "message", **a_text(4, kind="question", text_key="fuel-poverty-consent", batch_id=None))
    came_in = {"direction": "in", "kind": "inbound", "state": "received", "batch_id": None, "text_key": None}
    put(connection, "message", **a_text(5, campaign_id=None, body="1", automatic=False, **came_in))
    about_nothing = {"kind": "notice", "campaign_id": None, "batch_id": None, "dedupe_key": "staff:1"}
    put(connection, "message", **a_text(6, reason="opted-out", state="cancelled", answers_id=5, **about_nothing))
    put(connection, "open_question", **a_question(1, state="answered", answered_at=LATER))
    put(connection, "open_question", **a_question(2, message_id=3, state="pending", opened_at=None))
    put(connection, "open_question", **a_question(3, kind="consent", message_id=4, expires_at=LATER))
    put(connection, "open_question", **a_question(4, kind="language", campaign_id=None, detail="pl"))
    reading = {"intent": "yes", "romanised": False, "rule": "number", "to_person": False, "question_id": 1}
    put(connection, "reply_reading", message_id=5, **reading)
    consent = {"practice_id": 1, "patient_id": 1, "partner_id": 1, "campaign_id": 1, "given_at": LATER}
    consent |= {"text_key": "fuel-poverty-consent", "language": "en", "wording_digest": "0" * 64, "question": "May we?"}
    put(connection, "consent", id=1, question_message_id=4, answer_message_id=5, **consent)
    referral = {"practice_id": 1, "partner_id": 1, "patient_id": 1, "consent_id": 1, "said": "cold", "created_at": NOON}
    put(connection, "referral", id=1, code="R1", campaign_id=1, state="sent", updated_at=LATER, **referral)
    put(connection, "referral", id=2, code="R2", campaign_id=None, state="closed", updated_at=NOON, **referral)


def fill_a_practice(connection: Connection) -> None:
    """A practice with one person, at head."""
    put(connection, "sender", id=1, number="+441632960001", tokens=1.0, tokens_at=NOON)
    put(connection, "organisation", code="STATION", kind="practice")
    practice = {"code": "STATION", "name": "Station Practice", "sender_id": 1, "demo": False, "created_at": NOON}
    put(connection, "practice", id=1, **practice)
    put(connection, "patient", **a_person(1))


def refers_to_what_is_there(connection: Connection) -> bool:
    """Whether every foreign key finds its row: SQLite does not look while tables are built anew."""
    return connection.dialect.name != "sqlite" or not connection.exec_driver_sql("PRAGMA foreign_key_check").all()


@pytest.fixture
def winter(url: str) -> str:
    """A database at 0003 with rows that 0004 moves."""
    migrate(url, "0003")
    within(url, fill_at_0003)
    return url


def test_messages_and_questions_of_a_campaign_get_it_as_their_subject(winter: str) -> None:
    migrate(winter)
    messages, questions = within(winter, lambda c: (rows_of(c, "message"), rows_of(c, "open_question")))
    assert {id_: (row["subject_kind"], row["subject_id"]) for id_, row in messages.items()} == {
        **dict.fromkeys((1, 2, 3, 4), ("campaign", 1)),
        **dict.fromkeys((5, 6), (None, None)),
    }
    assert {id_: (row["kind"], row["state"], row["subject_id"]) for id_, row in questions.items()} == {
        1: ("invitation", "answered", 1),
        2: ("invitation", "pending", 1),
        3: ("consent", "open", 1),
        4: ("language", "open", None),
    }
    assert "campaign_id" not in messages[1]
    assert within(winter, refers_to_what_is_there)


def test_a_second_try_is_known_by_the_message_it_stands_for(winter: str) -> None:
    migrate(winter)
    messages = within(winter, lambda c: rows_of(c, "message"))
    assert {id_: row["retried_by_id"] for id_, row in messages.items()} == {2: 3} | dict.fromkeys((1, 3, 4, 5, 6))
    assert (messages[2]["state"], messages[2]["error_code"], messages[2]["reason"]) == ("failed", 30003, None)
    assert (messages[3]["state"], messages[3]["dedupe_key"]) == ("queued", None)
    assert (messages[6]["reason"], messages[6]["dedupe_key"], messages[6]["answers_id"]) == ("opted-out", "staff:1", 5)


def test_who_was_left_out_is_kept_with_the_reason(winter: str) -> None:
    migrate(winter)

    def kept(connection: Connection) -> set[Any]:
        statement = "SELECT campaign_id, patient_id, reason, stage FROM campaign_left_out"
        return {tuple(row) for row in connection.execute(text(statement))}

    assert within(winter, kept) == {
        (1, 3, "texting-refused", "release"),
        (1, 4, "texted-since-backup", "release"),
        (2, 5, "no-mobile", "release"),
    }
    members = within(winter, lambda c: rows_of(c, "campaign_member"))
    assert {id_: bool(row["left_out"]) for id_, row in members.items()} == {
        1: False,
        2: False,
        3: True,
        4: True,
        5: True,
    }
    assert (members[1]["answer"], members[1]["batch_id"]) == ("yes", 1)


def test_a_referral_keeps_its_campaign_and_gets_its_purpose(winter: str) -> None:
    migrate(winter)
    referrals = within(winter, lambda c: rows_of(c, "referral"))
    assert {id_: (row["campaign_id"], row["purpose"], row["state"]) for id_, row in referrals.items()} == {
        1: (1, "fuel-poverty", "sent"),
        2: (None, "fuel-poverty", "closed"),
    }


def test_the_code_of_today_reads_when_a_campaign_stopped(winter: str) -> None:
    migrate(winter)
    engine = unpooled(winter)
    with Session(engine) as session:
        running, stopped = session.get_one(Campaign, 1), session.get_one(Campaign, 2)
        assert running.stopped_at is None
        assert stopped.stopped_at is not None
        assert stopped.stopped_at.tzinfo is not None
    engine.dispose()


def test_down_to_0003_and_up_again_keeps_every_row_as_it_was(winter: str) -> None:
    before = within(winter, everything)
    migrate(winter)
    above = within(winter, everything)
    migrate(winter, "0003")
    assert within(winter, everything) == before
    assert within(winter, refers_to_what_is_there)
    migrate(winter)
    again = within(winter, everything)
    for campaign in (*above["campaign"], *again["campaign"]):
        campaign.pop("stopped_at")
    assert again == above
    assert within(winter, refers_to_what_is_there)


def test_what_only_the_code_of_today_knows_goes_down_to_what_the_code_before_can_read(winter: str) -> None:
    migrate(winter)

    def write_more(connection: Connection) -> None:
        notice = a_text(7, kind="notice", batch_id=None, subject_kind="referral", subject_id=1)
        visit = a_text(8, kind="notice", batch_id=None, subject_kind="visit", subject_id=1)
        for message in (notice, visit):
            message.pop("campaign_id")
            put(connection, "message", **message)
        for id_, message_id in ((5, 7), (6, 8)):
            question = a_question(id_, patient_id=1, kind="visit", message_id=message_id, subject_kind="visit")
            question.pop("campaign_id")
            put(connection, "open_question", **question, subject_id=1)
        reading = {"intent": "yes", "romanised": False, "rule": "number", "to_person": False, "question_id": 5}
        put(connection, "reply_reading", message_id=7, **reading)

    within(winter, write_more)
    migrate(winter, "0003")
    messages, questions = within(winter, lambda c: (rows_of(c, "message"), rows_of(c, "open_question")))
    assert (messages[7]["campaign_id"], messages[8]["campaign_id"]) == (1, None)
    assert set(questions) == {1, 2, 3, 4, 5}
    assert (questions[5]["kind"], questions[5]["state"]) == ("language", "expired")
    assert within(winter, refers_to_what_is_there)
    migrate(winter)
    assert within(winter, at_head)


def test_a_wish_of_one_person_alone_stays_in_force_on_the_way_down_and_up(url: str) -> None:
    migrate(url)
    within(url, fill_a_practice)
    columns = "practice_id, patient_id, scope, source, recorded_at"
    rows(url, f"INSERT INTO opt_out ({columns}) VALUES (1, 1, 'all', 'staff', {NOW})")
    rows(url, f"INSERT INTO opt_out (phone, {columns}) VALUES ('+447700900002', 1, NULL, 'all', 'reply', {NOW})")
    phones = "SELECT patient_id, phone FROM opt_out ORDER BY id"
    migrate(url, "0007")
    assert rows(url, phones) == [(1, "person:1"), (None, "+447700900002")]
    migrate(url)
    assert rows(url, phones) == [(1, None), (None, "+447700900002")]
    assert rows(url, "SELECT death_source FROM patient") == [("list",)]
    with pytest.raises(IntegrityError):
        rows(url, f"INSERT INTO opt_out ({columns}) VALUES (1, NULL, 'all', 'staff', {NOW})")


def test_a_wording_that_two_people_have_to_approve_goes_down_as_one_approval_or_none(url: str) -> None:
    migrate(url)
    account = "INSERT INTO user_account (id, email, name, session_epoch, active, demo, created_at) VALUES "
    rows(url, account + ", ".join(f"({id_}, 'r{id_}@x.org', '', 0, true, false, {NOW})" for id_ in (1, 2)))
    approval = (
        "INSERT INTO wording_approval (text_key, language, digest, body, needed, approved_by, approved_at) VALUES "
    )
    given = (("emergency", 2, 1), ("emergency", 2, 2), ("consent", 2, 1), ("help", 1, 2))
    rows(url, approval + ", ".join(f"('{key}', 'ur', 'd', 'b', {needed}, {by}, {NOW})" for key, needed, by in given))
    migrate(url, "0013")
    valid = "SELECT text_key, approved_by FROM wording_approval WHERE withdrawn_at IS NULL ORDER BY id"
    assert rows(url, valid) == [("emergency", 1), ("help", 2)]
    assert rows(url, "SELECT count(*) FROM wording_approval") == [(4,)]
    migrate(url)
    assert rows(url, valid) == [("emergency", 1), ("help", 2)]


CAMPAIGN = (
    "INSERT INTO campaign (id, practice_id, partner_id, purpose, criteria, criteria_version, state, matched, "
    f"created_at) VALUES ({{id}}, 1, {{partner}}, '{{purpose}}', 'x', 1, 'running', 1, {NOW})"
)
WITHOUT_PARTNER = [
    *(statement for statement in BEFORE_MEMBERSHIPS[:4] if "sender (" in statement),
    "INSERT INTO organisation (code, kind) VALUES ('STATION', 'practice'), ('CAB', 'partner')",
    "INSERT INTO practice (id, code, name, sender_id, free_text, demo, created_at) "
    f"VALUES (1, 'STATION', 'Station Practice', 1, false, false, {NOW})",
    "INSERT INTO partner (id, code, name, places, demo, created_at) "
    f"VALUES (1, 'CAB', 'Citizens Advice', 30, false, {NOW})",
    CAMPAIGN.format(id=1, partner=1, purpose="fuel-poverty"),
    CAMPAIGN.format(id=2, partner="NULL", purpose="cervical-screening"),
    "INSERT INTO batch (id, campaign_id, number, size, limited_by, approved_at) "
    f"VALUES (1, 1, 1, 1, 'places', {NOW}), (2, 2, 1, 1, 'slots', {NOW})",
    "INSERT INTO campaign_exclusion (campaign_id, reason, people) VALUES (1, 'deceased', 1), (2, 'not-due', 9)",
    "INSERT INTO message (id, direction, kind, state, priority, practice_id, sender_id, subject_kind, subject_id, "
    "batch_id, phone, body, parts, automatic, attempts, not_before, hours, created_at, updated_at) VALUES "
    f"(1, 'out', 'outreach', 'sent', 5, 1, 1, 'campaign', 1, 1, '+447700900901', '', 1, true, 1, {NOW}, NULL, "
    f"{NOW}, {NOW}), (2, 'out', 'outreach', 'queued', 5, 1, 1, 'campaign', 2, 2, '+447700900902', '', 1, true, 1, "
    f"{NOW}, 'after-school', {NOW}, {NOW})",
]


def test_a_campaign_without_a_partner_is_gone_one_step_down_and_others_stay(url: str) -> None:
    migrate(url)
    for statement in WITHOUT_PARTNER:
        rows(url, statement)
    migrate(url, "0020")
    assert rows(url, "SELECT id, partner_id FROM campaign") == [(1, 1)]
    assert rows(url, "SELECT id, batch_id, subject_id, state FROM message ORDER BY id") == [
        (1, 1, 1, "sent"),
        (2, None, None, "cancelled"),
    ]
    assert within(url, refers_to_what_is_there)
    migrate(url)
    assert rows(url, "SELECT id, campaign_id, limited_by FROM batch") == [(1, 1, "places")]
    assert rows(url, "SELECT hours FROM message ORDER BY id") == [(None,), (None,)]
    rows(url, CAMPAIGN.format(id=3, partner="NULL", purpose="youth-clinic"))
    assert rows(url, "SELECT partner_id FROM campaign WHERE id = 3") == [(None,)]
    assert within(url, at_head)


def test_what_was_said_to_staff_and_further_partners_are_gone_one_step_down_and_what_came_by_text_stays(
    url: str,
) -> None:
    migrate(url, "0003")
    within(url, fill_at_0003)
    migrate(url)

    def write_more(connection: Connection) -> None:
        put(connection, "organisation", code="WARM", kind="partner")
        warm = {"code": "WARM", "name": "Warm Homes", "places": 5, "demo": False, "created_at": NOON}
        put(connection, "partner", id=2, **warm)
        put(connection, "campaign_partner", campaign_id=1, partner_id=2, place=2)
        consent = {"practice_id": 1, "patient_id": 2, "partner_id": 2, "given_at": LATER, "how": "phone"}
        consent |= {"text_key": "referral-consent", "language": "en", "wording_digest": "0" * 64, "question": "May we?"}
        put(connection, "consent", id=2, **consent)
        referral = {"practice_id": 1, "partner_id": 2, "patient_id": 2, "consent_id": 2, "purpose": "fuel-poverty"}
        put(
            connection, "referral", id=3, code="R3", state="sent", said="", created_at=NOON, updated_at=NOON, **referral
        )
        put(connection, "referral_note", id=1, referral_id=3, words="Called", at=NOON)
        asked = {"practice_id": 1, "partner_id": 2, "patient_id": 1, "instead_of_id": 1, "purpose": "fuel-poverty"}
        put(connection, "referral_proposal", id=1, said="", state="asked", made_at=NOON, **asked)
        text_ = a_text(9, kind="question", batch_id=None, subject_kind="proposal", subject_id=1, state="queued")
        text_.pop("campaign_id")
        put(connection, "message", **text_)

    within(url, write_more)
    migrate(url, "0023")
    consents, referrals = within(url, lambda c: (rows_of(c, "consent"), rows_of(c, "referral")))
    messages = within(url, lambda c: rows_of(c, "message"))
    assert (set(consents), set(referrals)) == ({1}, {1, 2})
    assert (messages[9]["state"], messages[9]["subject_kind"]) == ("cancelled", None)
    assert within(url, refers_to_what_is_there)
    migrate(url)
    assert within(url, at_head)
