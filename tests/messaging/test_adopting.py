"""Texts that simply arrived are settled together; anything else about one of them is settled singly."""

from datetime import timedelta

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim
from bot.messaging.outcomes import record_outcomes
from bot.messaging.twilio.gateway import SendResult
from bot.organisations.senders import refill
from bot.settings import Settings
from bot.tables.campaigns import Campaign
from bot.tables.messaging import Outcome, State
from bot.tables.organisations import Practice, Sender
from tests.factories import make_patient
from tests.messaging.helpers import accept, attempts_of, call_back, claim, inbox, invite, reload


def claimed_texts(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign, number: int = 3
) -> list[Claim]:
    for _ in range(number):
        invite(db, settings, practice, make_patient(db, practice, language="en"), campaign)
    return claim(db, settings)


def taken(sid: str, status: str = "queued") -> SendResult:
    return SendResult(Outcome.ACCEPTED, sid, status)


def test_texts_that_arrived_are_all_accepted_each_under_its_own_sid(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    claims = claimed_texts(db, settings, practice, campaign)
    record_outcomes(db, [(one, taken(f"SM{one.message_id}")) for one in claims])
    for one in claims:
        message = reload(db, one.message_id)
        [attempt] = attempts_of(db, message)
        assert (message.state, message.twilio_status) == (State.ACCEPTED, "queued")
        assert message.sid == attempt.sid == f"SM{one.message_id}"
        assert attempt.outcome == Outcome.ACCEPTED
        assert message.sent_at is not None
        assert attempt.ended_at is not None


def test_a_callback_that_came_before_the_answer_keeps_the_higher_state(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    first, second, third = claimed_texts(db, settings, practice, campaign)
    call_back(db, second.ref, "SM-second", "delivered")
    record_outcomes(db, [(first, taken("SM-first")), (second, taken("SM-second")), (third, taken("SM-third"))])
    states = [reload(db, one.message_id).state for one in (first, second, third)]
    assert states == [State.ACCEPTED, State.DELIVERED, State.ACCEPTED]


def test_one_that_was_refused_does_not_hold_up_the_others(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    first, second, third = claimed_texts(db, settings, practice, campaign)
    refused = SendResult(Outcome.REFUSED, error_code=21610)
    record_outcomes(db, [(first, taken("SM-1")), (second, refused), (third, SendResult(Outcome.UNKNOWN))])
    states = [reload(db, one.message_id).state for one in (first, second, third)]
    assert states == [State.ACCEPTED, State.FAILED, State.UNCERTAIN]


def test_a_sid_given_twice_is_kept_once_and_staff_are_told(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    first, second, _ = claimed_texts(db, settings, practice, campaign)
    record_outcomes(db, [(first, taken("SM-same")), (second, taken("SM-same"))])
    assert [attempts_of(db, reload(db, one.message_id))[0].sid for one in (first, second)] == ["SM-same", None]
    assert inbox(db) == ["sent-twice"]


def test_an_outcome_recorded_again_changes_nothing(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    [only] = claimed_texts(db, settings, practice, campaign, number=1)
    accept(db, only, "SM-only")
    before = reload(db, only.message_id)
    accept(db, only, "SM-only")
    assert reload(db, only.message_id) == before
    assert inbox(db) == []


def test_a_worker_whose_clock_is_behind_does_not_count_the_same_time_twice() -> None:
    now = utc_now()
    sender = Sender(number="+441632960001", tokens=0, tokens_at=now)
    refill(sender, 10, now + timedelta(seconds=0.5))
    refill(sender, 10, now)
    assert refill(sender, 10, now + timedelta(seconds=0.5)) == 5
