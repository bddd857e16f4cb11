"""Status callbacks come early, late, twice and backwards; the state only moves up."""

import threading
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.callbacks import StatusReport
from bot.messaging.outcomes import record_outcomes
from bot.messaging.twilio.gateway import SendResult
from bot.messaging.twilio.statuses import STATE_OF_TWILIO
from bot.settings import Settings
from bot.tables.messaging import Attempt, Kind, Message, Outcome, State, StatusEvent
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.messaging.helpers import (
    RANK,
    accept,
    attempts_of,
    call_back,
    claim,
    claim_one,
    end,
    inbox,
    queue_kind,
    reload,
    rows,
)


@pytest.fixture
def text(db: Database, settings: Settings, practice: Practice, alice: Patient) -> Message:
    return queue_kind(db, settings, practice, alice, Kind.NOTICE)


def _events(db: Database) -> list[StatusEvent]:
    with db.read() as session:
        return rows(session, StatusEvent)


def test_a_callback_before_the_answer_of_the_post_joins_by_its_reference(
    db: Database, settings: Settings, text: Message
) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, "SM9", "delivered")
    assert (reload(db, text).state, reload(db, text).sid) == (State.DELIVERED, "SM9")
    accept(db, claimed, "SM9")
    assert (reload(db, text).state, attempts_of(db, text)[0].sid) == (State.DELIVERED, "SM9")
    assert inbox(db) == []


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.REFUSED])
def test_a_post_whose_answer_was_lost_is_settled_by_its_callback(
    db: Database, settings: Settings, text: Message, outcome: Outcome
) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, "SM9", "sent")
    end(db, claimed, outcome)
    assert (reload(db, text).state, reload(db, text).sid) == (State.SENT, "SM9")


def test_a_callback_finds_a_text_that_had_become_uncertain(db: Database, settings: Settings, text: Message) -> None:
    claimed = claim_one(db, settings)
    end(db, claimed, Outcome.UNKNOWN)
    call_back(db, claimed.ref, "SM9", "queued")
    assert reload(db, text).state == State.ACCEPTED
    assert attempts_of(db, text)[0].outcome == Outcome.ACCEPTED


def test_a_repeated_callback_is_counted_and_changes_nothing(db: Database, settings: Settings, text: Message) -> None:
    claimed = claim_one(db, settings)
    sid = accept(db, claimed)
    for _ in range(3):
        call_back(db, claimed.ref, sid, "undelivered", 30007)
    assert [(event.status, event.repeats) for event in _events(db)] == [("undelivered", 2)]
    assert inbox(db) == ["not-delivered"]


def test_delivered_then_failed_then_delivered_again_stays_delivered(
    db: Database, settings: Settings, text: Message
) -> None:
    claimed = claim_one(db, settings)
    for status in ("delivered", "failed", "delivered", "sent", "queued"):
        call_back(db, claimed.ref, "SM9", status)
    accept(db, claimed, "SM9")
    assert reload(db, text).state == State.DELIVERED
    assert sorted(event.status for event in _events(db)) == ["delivered", "failed", "queued", "sent"]
    assert inbox(db) == []


def test_a_callback_seventy_hours_late_still_counts(db: Database, settings: Settings, text: Message) -> None:
    claimed = claim_one(db, settings)
    sid = accept(db, claimed)
    with time_machine.travel(utc_now() + timedelta(hours=70), tick=False):
        call_back(db, claimed.ref, sid, "delivered")
    assert reload(db, text).state == State.DELIVERED


def test_a_reference_nobody_knows_is_kept_and_counted(db: Database, settings: Settings, text: Message) -> None:
    claim_one(db, settings)
    for _ in range(2):
        call_back(db, "from-a-restored-backup", "SM77", "delivered")
    [event] = _events(db)
    assert (event.message_id, event.attempt_ref, event.repeats) == (None, "from-a-restored-backup", 1)
    assert reload(db, text).state == State.SENDING


def test_the_sid_of_an_older_attempt_after_a_newer_one_is_said_to_be_twice(
    db: Database, settings: Settings, text: Message
) -> None:
    first = claim_one(db, settings)
    end(db, first, Outcome.NOT_SENT)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        accept(db, claim_one(db, settings), "SM2")
        call_back(db, first.ref, "SM1", "delivered")
    assert inbox(db) == ["sent-twice"]
    assert reload(db, text).sid == "SM2"
    assert [attempt.sid for attempt in attempts_of(db, text)] == ["SM1", "SM2"]


def test_a_late_answer_to_an_attempt_that_was_given_up_is_said_to_be_twice(
    db: Database, settings: Settings, text: Message
) -> None:
    first = claim_one(db, settings)
    end(db, first, Outcome.NOT_SENT)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        accept(db, claim_one(db, settings), "SM2")
        accept(db, first, "SM1")
    assert inbox(db) == ["sent-twice"]


def test_a_late_answer_before_the_second_attempt_saves_it(db: Database, settings: Settings, text: Message) -> None:
    first = claim_one(db, settings)
    end(db, first, Outcome.NOT_SENT)
    accept(db, first, "SM1")
    assert (reload(db, text).state, reload(db, text).sid) == (State.ACCEPTED, "SM1")
    assert inbox(db) == []


def test_two_sids_for_one_post_are_said_to_be_twice(db: Database, settings: Settings, text: Message) -> None:
    claimed = claim_one(db, settings)
    accept(db, claimed, "SM1")
    call_back(db, claimed.ref, "SM2", "sent")
    assert inbox(db) == ["sent-twice"]


def test_the_same_callback_twice_at_once_is_kept_once(db: Database, settings: Settings, text: Message) -> None:
    claimed = claim_one(db, settings)
    faults: list[BaseException] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            call_back(db, claimed.ref, "SM9", "delivered")
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [event.repeats for event in _events(db)] == [3]
    assert reload(db, text).state == State.DELIVERED


# Reading the fields.


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("30003", 30003),
        ("", None),
        ("no", None),
        ("-1", None),
        ("30003.0", None),
        ("9" * 40, None),
        ("٣٠٠٠٣", None),
        (" 30003", None),
    ],
)
def test_an_error_code_is_a_plain_number_or_nothing(written: str, code: int | None) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": written}
    assert StatusReport.from_fields(fields).error_code == code


def test_old_names_of_fields_are_read_and_new_ones_left_alone() -> None:
    fields = {"SmsSid": "SM1", "SmsStatus": "Delivered", "RawDlrDoneDate": "2611241005", "FromTheFuture": "1"}
    assert StatusReport.from_fields(fields) == StatusReport("SM1", "delivered", None, "2611241005")


def test_letters_no_database_keeps_do_no_harm(db: Database, settings: Settings, text: Message) -> None:
    from bot.messaging.callbacks import record_status

    fields = {"MessageSid": "SM\x001\ud800", "MessageStatus": "sent\x00" + "x" * 99, "RawDlrDoneDate": "\x00"}
    record_status(db, "ref\x00\udfff" + "y" * 99, StatusReport.from_fields(fields))
    [event] = _events(db)
    assert (event.sid, event.carrier_time) == ("SM1?", None)


def test_a_status_twilio_may_invent_still_says_that_it_has_the_text(
    db: Database, settings: Settings, text: Message
) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, "SM9", "partially_delivered", 12345)
    kept = reload(db, text)
    assert (kept.state, kept.error_code) == (State.ACCEPTED, None)


# Any order of events.

STATUSES = sorted(STATUS for STATUS in STATE_OF_TWILIO if STATUS not in ("read", "scheduled"))


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from([*STATUSES, "answer"]), min_size=1, max_size=7))
def test_whatever_the_order_the_first_state_of_the_highest_rank_stays(
    db: Database, settings: Settings, practice: Practice, alice: Patient, order: list[str]
) -> None:
    text = queue_kind(db, settings, practice, alice, Kind.EMERGENCY)  # no bucket to wait for
    claimed = claim_one(db, settings)
    sid = f"SM{claimed.message_id}"
    expected = State.SENDING
    for event in order:
        if event == "answer":
            accept(db, claimed, sid)
        else:
            call_back(db, claimed.ref, sid, event)
        reached = State.ACCEPTED if event == "answer" else STATE_OF_TWILIO[event]
        expected = reached if RANK[reached] > RANK[expected] else expected
        assert reload(db, text).state == expected
    with db.read() as session:
        assert session.exec(select(Attempt.sid).where(Attempt.id == claimed.attempt_id)).one() == sid


def test_callbacks_beside_the_commit_of_many_posts_all_count(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    """On PostgreSQL both lock the attempt before the message: otherwise they wait for each other."""
    texts = [queue_kind(db, settings, practice, alice, Kind.EMERGENCY) for _ in range(30)]
    claims = claim(db, settings)
    assert len(claims) == len(texts)
    ready = threading.Barrier(4)

    def commit_all() -> None:
        ready.wait()
        taken = [(claimed, SendResult(Outcome.ACCEPTED, f"SM{claimed.message_id}", "queued")) for claimed in claims]
        record_outcomes(db, taken)

    def call_all_back() -> None:
        ready.wait()
        for claimed in claims:
            call_back(db, claimed.ref, f"SM{claimed.message_id}", "sent")

    threads = [threading.Thread(target=target) for target in (commit_all, call_all_back, call_all_back, call_all_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {reload(db, text).state for text in texts} == {State.SENT}
    assert sum(event.repeats + 1 for event in _events(db)) == 3 * len(texts)
