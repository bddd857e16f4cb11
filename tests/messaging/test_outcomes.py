"""What follows from the end of a POST, and from an error on the way."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outcomes import LONGEST_BACKOFF, backoff
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignState
from bot.tables.messaging import Kind, Message, Outcome, State
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import OptOut, OptOutScope, Patient, PhoneStatus
from tests.factories import make_patient
from tests.messaging.helpers import (
    accept,
    attempts_of,
    call_back,
    change,
    claim,
    claim_one,
    end,
    inbox,
    invite,
    london,
    opt_out,
    queue,
    queue_kind,
    reload,
    rows,
    texts_to,
    with_changes,
)


@pytest.fixture
def text(db: Database, settings: Settings, practice: Practice, alice: Patient) -> Message:
    """An invitation, queued an hour before anything happens here."""
    with time_machine.travel(london("2026-11-24 09:00"), tick=False):
        return queue_kind(db, settings, practice, alice, Kind.OUTREACH)


def test_a_text_that_twilio_took_is_accepted_with_its_sid(db: Database, settings: Settings, text: Message) -> None:
    sid = accept(db, claim_one(db, settings))
    kept = reload(db, text)
    assert (kept.state, kept.sid, kept.twilio_status) == (State.ACCEPTED, sid, "queued")
    assert kept.sent_at is not None
    assert attempts_of(db, text)[0].outcome == Outcome.ACCEPTED


def test_an_outcome_nobody_knows_makes_the_text_uncertain_and_never_queued(
    db: Database, settings: Settings, text: Message
) -> None:
    end(db, claim_one(db, settings), Outcome.UNKNOWN)
    assert reload(db, text).state == State.UNCERTAIN
    assert claim(db, settings) == []


def test_a_text_that_was_not_sent_goes_again_after_a_short_pause_as_a_second_attempt(
    db: Database, settings: Settings, text: Message
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        end(db, claim_one(db, settings), Outcome.NOT_SENT, error_code=20429)
        assert claim(db, settings) == []
        clock.shift(1)
        again = claim_one(db, settings)
        assert (again.message_id, again.number) == (text.id, 2)
        assert [attempt.outcome for attempt in attempts_of(db, text)] == [Outcome.NOT_SENT, Outcome.OPEN]


def test_the_pause_grows_to_five_minutes_and_no_further() -> None:
    assert all(0.5 <= backoff(1) <= 1 for _ in range(50))
    assert all(LONGEST_BACKOFF / 2 <= backoff(attempts) <= LONGEST_BACKOFF for attempts in range(12, 60))


def test_after_a_day_of_trying_a_text_is_given_up_and_staff_are_told(
    db: Database, settings: Settings, text: Message
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        end(db, claim_one(db, settings), Outcome.NOT_SENT)
        clock.shift(timedelta(hours=24, minutes=1))
        end(db, claim_one(db, settings), Outcome.NOT_SENT)
        kept = reload(db, text)
        assert (kept.state, kept.reason) == (State.FAILED, "gave-up")
        assert inbox(db) == ["not-delivered"]


def test_the_day_begins_with_the_first_attempt_and_not_with_a_weekend_of_waiting(
    db: Database, settings: Settings, text: Message
) -> None:
    with time_machine.travel(utc_now() + timedelta(days=3), tick=False):
        end(db, claim_one(db, settings), Outcome.NOT_SENT)
        assert reload(db, text).state == State.QUEUED


@pytest.mark.parametrize("code", [21211, 21214, 21614, 21635])
def test_a_number_that_does_not_work_is_marked_on_the_person_and_staff_are_told(
    db: Database, settings: Settings, text: Message, alice: Patient, code: int
) -> None:
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=code)
    kept = reload(db, text)
    assert (kept.state, kept.error_code, kept.reason) == (State.FAILED, code, "number-failed")
    with db.read() as session:
        assert session.get_one(Patient, alice.id).phone_status == PhoneStatus.FAILED
    assert inbox(db) == ["number-failed"]


def _phone_status(db: Database, patient: Patient) -> str:
    with db.read() as session:
        return session.get_one(Patient, patient.id).phone_status


def _fails(db: Database, settings: Settings) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, accept(db, claimed), "undelivered", 30005)


def _arrives(db: Database, settings: Settings) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, accept(db, claimed), "delivered")


def test_a_later_text_that_arrives_shows_that_the_number_works_after_all(
    db: Database, settings: Settings, text: Message, practice: Practice, alice: Patient
) -> None:
    _fails(db, settings)
    queue_kind(db, settings, practice, alice, Kind.RECEIPT)
    _arrives(db, settings)
    assert _phone_status(db, alice) == PhoneStatus.OWN


def test_an_earlier_text_that_arrives_late_says_nothing_of_a_number_that_failed_since(
    db: Database, settings: Settings, text: Message, practice: Practice, alice: Patient
) -> None:
    earlier = claim_one(db, settings)
    queue_kind(db, settings, practice, alice, Kind.RECEIPT)
    _fails(db, settings)
    call_back(db, earlier.ref, accept(db, earlier), "delivered")
    assert _phone_status(db, alice) == PhoneStatus.FAILED


def test_a_number_that_works_again_is_still_a_familys_when_it_is_on_two_records(
    db: Database, settings: Settings, text: Message, practice: Practice, alice: Patient
) -> None:
    _fails(db, settings)
    make_patient(db, practice, phone=alice.phone)
    queue_kind(db, settings, practice, alice, Kind.RECEIPT)
    _arrives(db, settings)
    assert _phone_status(db, alice) == PhoneStatus.SHARED


def test_a_number_that_somebody_else_answered_stays_wrong_though_texts_arrive_there(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    change(db, alice, phone_status=PhoneStatus.FAILED, phone_source="patient")
    queue_kind(db, settings, practice, alice, Kind.RECEIPT)
    _arrives(db, settings)
    assert _phone_status(db, alice) == PhoneStatus.FAILED


@pytest.mark.parametrize("status", [PhoneStatus.FAILED, PhoneStatus.UNSAFE])
def test_a_number_that_staff_say_is_not_theirs_stays_so_though_texts_fail_and_arrive_there(
    db: Database, settings: Settings, practice: Practice, alice: Patient, status: PhoneStatus
) -> None:
    change(db, alice, phone_status=status, phone_source="staff")
    for ends in (_fails, _arrives):
        queue_kind(db, settings, practice, alice, Kind.RECEIPT)
        ends(db, settings)
    assert _phone_status(db, alice) == PhoneStatus.FAILED


def test_a_number_that_staff_confirmed_counts_like_any_other_once_it_failed_and_works_again(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    change(db, alice, phone_status=PhoneStatus.CONFIRMED, phone_source="staff")
    for ends, status in ((_fails, PhoneStatus.FAILED), (_arrives, PhoneStatus.OWN)):
        queue_kind(db, settings, practice, alice, Kind.RECEIPT)
        ends(db, settings)
        assert _phone_status(db, alice) == status


def test_a_stop_that_only_twilio_knew_of_is_learned_and_covers_everything(
    db: Database, settings: Settings, text: Message, practice: Practice, alice: Patient
) -> None:
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=21610)
    with db.read() as session:
        [known] = rows(session, OptOut)
    assert (known.scope, known.phone, known.source) == (OptOutScope.ALL, alice.phone, "twilio-21610")
    queue_kind(db, settings, practice, alice, Kind.REMINDER)
    assert claim(db, settings) == []


def test_staff_hear_of_somebody_who_wants_texts_again_while_twilio_still_blocks_them(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue(db, settings, practice, alice, text_key="opt-in-receipt", values={"practice": practice.name}, language="en")
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=21610)
    assert inbox(db) == ["still-blocked"]


@pytest.mark.parametrize("code", [20003, 401, 21606])
def test_a_fault_of_the_account_stops_the_sender_and_keeps_the_text(
    db: Database, settings: Settings, text: Message, code: int
) -> None:
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=code)
    kept = reload(db, text)
    assert (kept.state, kept.error_code) == (State.QUEUED, code)
    with db.read() as session:
        assert session.exec(select(Sender.stopped_code)).one() == code
    assert inbox(db) == ["sender-stopped"]


def test_a_fault_of_the_account_that_comes_as_a_callback_stops_the_sender_too(
    db: Database, settings: Settings, text: Message
) -> None:
    claimed = claim_one(db, settings)
    sid = accept(db, claimed)
    call_back(db, claimed.ref, sid, "undelivered", 30042)
    with db.read() as session:
        assert session.exec(select(Sender.stopped_code)).one() == 30042
    assert inbox(db) == ["sender-stopped"]


def test_a_sender_that_stops_again_raises_its_hand_again(db: Database, settings: Settings, text: Message) -> None:
    from bot.audit import CONSOLE
    from bot.organisations.senders import restart_sender
    from bot.tables.attention import InboxItem

    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=20003)
    with db.write() as session:
        session.exec(select(InboxItem)).one().state = "done"
    restart_sender(db, text.sender_id, CONSOLE)
    with time_machine.travel(utc_now() + timedelta(minutes=10), tick=False):
        end(db, claim_one(db, settings), Outcome.REFUSED, error_code=20003)
    assert inbox(db) == ["sender-stopped", "sender-stopped"]


@pytest.mark.parametrize("code", [21612, 30007, 99999])
def test_what_we_cannot_mend_goes_to_staff(db: Database, settings: Settings, text: Message, code: int) -> None:
    end(db, claim_one(db, settings), Outcome.REFUSED, error_code=code)
    assert reload(db, text).state == State.FAILED
    assert inbox(db) == ["not-delivered"]


@pytest.mark.parametrize("code", [30001, 30003, 30008])
def test_a_phone_that_was_off_gets_the_invitation_once_more_hours_later(
    db: Database, settings: Settings, text: Message, alice: Patient, code: int
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        for later in (4, 0):
            claimed = claim_one(db, settings)
            call_back(db, claimed.ref, accept(db, claimed), "undelivered", code)
            clock.shift(timedelta(hours=later) - timedelta(seconds=1))
            assert claim(db, settings) == []
            clock.shift(1)
        first, second = texts_to(db, alice.phone)
        assert (first.state, second.state) == (State.UNDELIVERED, State.UNDELIVERED)
        assert first.body == second.body
        assert inbox(db) == ["not-delivered"]


def test_the_second_try_is_checked_like_any_other(
    db: Database, settings: Settings, text: Message, practice: Practice, alice: Patient
) -> None:
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, accept(db, claimed), "undelivered", 30003)
    opt_out(db, practice, alice.phone)
    with time_machine.travel(utc_now() + timedelta(hours=5), tick=False):
        assert claim(db, settings) == []


def test_only_invitations_are_tried_again_hours_later(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue_kind(db, settings, practice, alice, Kind.REMINDER)
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, accept(db, claimed), "undelivered", 30003)
    assert len(texts_to(db, alice.phone)) == 1
    assert inbox(db) == ["not-delivered"]


@pytest.mark.parametrize(("status", "code"), [("undelivered", 30005), ("failed", None), ("undelivered", 21610)])
def test_an_emergency_text_that_did_not_arrive_is_red(
    db: Database, settings: Settings, practice: Practice, alice: Patient, status: str, code: int | None
) -> None:
    queue_kind(db, settings, practice, alice, Kind.EMERGENCY)
    claimed = claim_one(db, settings)
    call_back(db, claimed.ref, accept(db, claimed), status, code)
    assert inbox(db)[-1] == "emergency-text-failed"


def test_a_campaign_that_was_stopped_meanwhile_does_not_send_the_text_again(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    message = invite(db, settings, practice, alice, campaign)
    end(db, claim_one(db, settings), Outcome.NOT_SENT)
    change(db, campaign, state=CampaignState.STOPPED)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        assert claim(db, settings) == []
    assert reload(db, message).reason == "campaign-stopped"


def test_a_refusal_does_not_undo_the_arrival_of_an_earlier_attempt(
    db: Database, settings: Settings, text: Message
) -> None:
    first = claim_one(db, settings)
    end(db, first, Outcome.NOT_SENT)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        second = claim_one(db, with_changes(settings, lease_seconds=5))
        call_back(db, first.ref, "SM1", "delivered")
        end(db, second, Outcome.REFUSED, error_code=21614)
    assert reload(db, text).state == State.DELIVERED
    assert inbox(db) == []


def test_outcomes_of_several_posts_are_kept_together(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    from bot.messaging.outcomes import record_outcomes
    from bot.messaging.twilio.gateway import SendResult

    messages = [queue_kind(db, settings, practice, alice, Kind.OUTREACH) for _ in range(3)]
    ends = (
        SendResult(Outcome.ACCEPTED, "SM1", "accepted"),
        SendResult(Outcome.UNKNOWN),
        SendResult(Outcome.REFUSED, error_code=30007),
    )
    record_outcomes(db, list(zip(claim(db, settings), ends, strict=True)))
    record_outcomes(db, [])
    states = [reload(db, message).state for message in messages]
    assert states == [State.ACCEPTED, State.UNCERTAIN, State.FAILED]
