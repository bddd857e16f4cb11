"""Uncertain texts: found and adopted, or not found twice and sent again; never just sent again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim
from bot.messaging.reconciling import claim_look_ups, expire_leases, reconcile, settle_look_up
from bot.messaging.twilio.gateway import Found, Gateway, LookUpFailed
from bot.settings import Settings
from bot.tables.messaging import Kind, Message, Outcome, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.messaging.helpers import (
    accept,
    attempts_of,
    call_back,
    claim,
    claim_one,
    end,
    found,
    inbox,
    london,
    queue_kind,
    reload,
)


class Twilio(Gateway):
    """A gateway that finds what the test put there, or nobody at all."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.has: list[Found] | None = []
        self.asked: list[tuple[str, str, datetime]] = []

    def find(self, to: str, body: str, since: datetime) -> list[Found]:
        self.asked.append((to, body, since))
        if self.has is None:
            raise LookUpFailed
        return self.has


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def twilio(settings: Settings) -> Twilio:
    return Twilio(settings)


@pytest.fixture
def text(
    db: Database, settings: Settings, practice: Practice, alice: Patient, clock: time_machine.Traveller
) -> Message:
    return queue_kind(db, settings, practice, alice, Kind.NOTICE)


@pytest.fixture
def lost(db: Database, settings: Settings, text: Message, clock: time_machine.Traveller) -> Claim:
    """A worker that claimed the text and was never heard of again."""
    claimed = claim_one(db, settings)
    clock.shift(settings.lease_seconds + 1)
    return claimed


def test_a_claim_is_left_alone_until_its_lease_runs_out(
    db: Database, settings: Settings, text: Message, clock: time_machine.Traveller
) -> None:
    claim_one(db, settings)
    clock.shift(settings.lease_seconds)
    assert expire_leases(db) == 0
    clock.shift(1)
    assert expire_leases(db) == 1
    assert expire_leases(db) == 0
    assert reload(db, text).state == State.UNCERTAIN


def test_a_lost_text_that_twilio_has_is_adopted(
    db: Database, settings: Settings, text: Message, lost: Claim, twilio: Twilio
) -> None:
    twilio.has = [found("SM5", "delivered")]
    assert reconcile(db, settings, twilio) == 1
    kept = reload(db, text)
    assert (kept.state, kept.sid, kept.attempts) == (State.DELIVERED, "SM5", 1)
    [(to, body, since)] = twilio.asked
    assert (to, body) == (lost.to, lost.body)
    assert since < attempts_of(db, text)[0].started_at


def test_a_lost_text_that_failed_at_twilio_meets_its_remedy(
    db: Database, settings: Settings, text: Message, lost: Claim, twilio: Twilio
) -> None:
    twilio.has = [found("SM5", "undelivered", 30007)]
    reconcile(db, settings, twilio)
    assert reload(db, text).state == State.UNDELIVERED
    assert inbox(db) == ["not-delivered"]


def test_not_found_twice_goes_again_as_a_second_attempt(
    db: Database,
    settings: Settings,
    text: Message,
    lost: Claim,
    twilio: Twilio,
    clock: time_machine.Traveller,
) -> None:
    reconcile(db, settings, twilio)
    assert reload(db, text).state == State.UNCERTAIN
    clock.shift(settings.reconcile_seconds - 1)
    assert reconcile(db, settings, twilio) == 0
    clock.shift(1)
    assert reconcile(db, settings, twilio) == 1
    assert reload(db, text).state == State.QUEUED
    again = claim_one(db, settings)
    assert (again.number, again.ref != lost.ref) == (2, True)
    assert [attempt.outcome for attempt in attempts_of(db, text)] == [Outcome.NOT_FOUND, Outcome.OPEN]


def test_found_more_than_once_is_for_a_person_and_is_not_sent_again(
    db: Database,
    settings: Settings,
    text: Message,
    lost: Claim,
    twilio: Twilio,
    clock: time_machine.Traveller,
) -> None:
    twilio.has = [found("SM5"), found("SM6")]
    reconcile(db, settings, twilio)
    clock.shift(timedelta(days=1))
    assert reconcile(db, settings, twilio) == 0
    assert claim(db, settings) == []
    assert inbox(db) == ["found-more-than-one"]


def test_texts_that_are_known_already_are_not_taken_for_the_lost_one(
    db: Database,
    settings: Settings,
    practice: Practice,
    alice: Patient,
    text: Message,
    lost: Claim,
    twilio: Twilio,
) -> None:
    queue_kind(db, settings, practice, alice, Kind.NOTICE)
    accept(db, claim_one(db, settings), "SM5")
    twilio.has = [found("SM5")]
    reconcile(db, settings, twilio)
    assert reload(db, text).state == State.UNCERTAIN


def test_while_twilio_is_away_nothing_is_concluded(
    db: Database,
    settings: Settings,
    text: Message,
    lost: Claim,
    twilio: Twilio,
    clock: time_machine.Traveller,
) -> None:
    twilio.has = None
    for _ in range(5):
        assert reconcile(db, settings, twilio) == 1
        clock.shift(settings.reconcile_seconds)
    assert reload(db, text).state == State.UNCERTAIN
    twilio.has = [found("SM5")]
    reconcile(db, settings, twilio)
    assert reload(db, text).state == State.SENT


def test_a_callback_while_we_look_wins(
    db: Database, settings: Settings, text: Message, lost: Claim, clock: time_machine.Traveller
) -> None:
    expire_leases(db)
    [first] = claim_look_ups(db, settings)
    settle_look_up(db, first.attempt_id, [])
    clock.shift(settings.reconcile_seconds)
    [second] = claim_look_ups(db, settings)
    call_back(db, lost.ref, "SM5", "sent")
    settle_look_up(db, second.attempt_id, [])
    assert (reload(db, text).state, reload(db, text).sid) == (State.SENT, "SM5")
    assert claim_look_ups(db, settings) == []


def test_two_reconcilers_do_not_look_for_the_same_text(
    db: Database, settings: Settings, text: Message, lost: Claim
) -> None:
    expire_leases(db)
    assert len(claim_look_ups(db, settings)) == 1
    assert claim_look_ups(db, settings) == []


def test_an_answer_after_the_lease_still_counts(db: Database, settings: Settings, text: Message, lost: Claim) -> None:
    expire_leases(db)
    accept(db, lost, "SM5")
    assert (reload(db, text).state, reload(db, text).sid) == (State.ACCEPTED, "SM5")


def test_an_answer_after_the_text_was_given_up_stops_the_second_attempt(
    db: Database,
    settings: Settings,
    text: Message,
    lost: Claim,
    twilio: Twilio,
    clock: time_machine.Traveller,
) -> None:
    for _ in range(2):
        reconcile(db, settings, twilio)
        clock.shift(settings.reconcile_seconds)
    accept(db, lost, "SM5")
    assert reload(db, text).state == State.ACCEPTED
    assert claim(db, settings) == []


def test_a_text_taken_for_another_with_the_same_words_does_not_break_what_comes_later(
    db: Database,
    settings: Settings,
    practice: Practice,
    alice: Patient,
    text: Message,
    lost: Claim,
    twilio: Twilio,
) -> None:
    same_words = queue_kind(db, settings, practice, alice, Kind.NOTICE)
    other = claim_one(db, settings)
    twilio.has = [found("SM5")]
    reconcile(db, settings, twilio)
    accept(db, other, "SM5")
    call_back(db, other.ref, "SM5", "delivered")
    assert reload(db, same_words).state == State.DELIVERED
    assert inbox(db) == ["sent-twice"]


def test_unknown_outcomes_are_looked_up_at_once(
    db: Database, settings: Settings, text: Message, twilio: Twilio
) -> None:
    claimed = claim_one(db, settings)
    end(db, claimed, Outcome.UNKNOWN)
    twilio.has = [found("SM5")]
    assert reconcile(db, settings, twilio) == 1
    assert reload(db, text).state == State.SENT


def test_the_time_asked_about_begins_before_the_attempt_since_clocks_differ(
    db: Database, settings: Settings, text: Message, lost: Claim
) -> None:
    expire_leases(db)
    [look_up] = claim_look_ups(db, settings)
    assert look_up.since <= utc_now() - timedelta(seconds=settings.lease_seconds + 5)


def test_an_earlier_attempt_that_is_listed_late_is_adopted_and_no_third_copy_goes(
    db: Database,
    settings: Settings,
    text: Message,
    lost: Claim,
    twilio: Twilio,
    clock: time_machine.Traveller,
) -> None:
    for _ in range(2):
        reconcile(db, settings, twilio)
        clock.shift(settings.reconcile_seconds)
    end(db, claim_one(db, settings), Outcome.UNKNOWN)
    twilio.has = [found("SM5", "delivered")]
    reconcile(db, settings, twilio)
    [_, _, (*_, since)] = twilio.asked
    assert since < attempts_of(db, text)[0].started_at
    assert (reload(db, text).state, reload(db, text).sid) == (State.DELIVERED, "SM5")
    call_back(db, lost.ref, "SM5", "sent")
    assert inbox(db) == []


def test_a_text_found_without_a_sid_is_not_sent_again_and_takes_the_sid_of_its_callback(
    db: Database, settings: Settings, text: Message, lost: Claim, twilio: Twilio
) -> None:
    twilio.has = [found(None, "")]
    reconcile(db, settings, twilio)
    assert (reload(db, text).state, reload(db, text).sid) == (State.ACCEPTED, None)
    call_back(db, lost.ref, "SM5", "delivered")
    assert (reload(db, text).state, reload(db, text).sid) == (State.DELIVERED, "SM5")
    assert inbox(db) == []
