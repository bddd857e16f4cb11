"""What the wire says becomes one text, another, or none: as everything stands, in whatever order it came."""

from datetime import timedelta

import pytest
import time_machine

from bot.clock import utc_now
from bot.tables.messaging import State
from bot.tables.pharmacy import NoticeState
from tests.pharmacy.wire.tasks import OTHER_PRESCRIPTION, bundle_of, post
from tests.pharmacy.wire.world import Wired

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GATHERED = 10 * MINUTE
HELD, QUEUED, WITHDRAWN, NOT_TEXTED = "held", "queued", "withdrawn", "not-texted"


def when(span: timedelta) -> str:
    """A moment from now, as the wire writes it."""
    return f"{utc_now() + span:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("statuses", "kinds"),
    [
        (["Ready to Collect"], ["ready"]),
        (["ready to collect", "READY TO COLLECT"], ["ready"]),
        (["Ready to Collect", "Collected"], ["ready"]),
        (["Ready to Collect", "Not Dispensed"], ["ready", "problem"]),
        (["Ready to Collect - Partial"], ["part-ready"]),
        (["Ready to Collect", "Ready to Collect - Partial"], ["part-ready"]),
        (["Ready to Collect", "With Pharmacy"], ["part-ready"]),
        (["Ready to Collect", "With Pharmacy - Preparing Remainder"], ["part-ready"]),
        (["Dispatched"], ["on-its-way"]),
        (["Dispatched", "With Pharmacy"], ["part-on-its-way"]),
        (["Ready to Dispatch - Partial"], ["part-on-its-way"]),
        (["Ready to Collect", "Dispatched"], ["ready", "on-its-way"]),
        (["Ready to Dispatch"], []),
        (["With Pharmacy"], []),
        (["Not Dispensed"], ["problem"]),
        (["Collected"], ["collected"]),
        (["With Pharmacy - Preparing Remainder"], ["collected"]),
    ],
)
def test_what_the_items_of_a_prescription_come_to(wired: Wired, statuses: list[str], kinds: list[str]) -> None:
    wired.says_of(*statuses)
    assert [kind for kind, _ in wired.stands()] == kinds
    assert {state for kind, state in wired.stands() if kind not in ("collected", "problem")} <= {HELD}


def test_three_items_within_ten_minutes_are_one_text(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    wired.after(clock, 4 * MINUTE)
    wired.post(wired.task(item="TWO", prescription=OTHER_PRESCRIPTION))
    wired.after(clock, 5 * MINUTE)
    wired.post(wired.task(item="THREE"))
    assert wired.texts() == []
    wired.after(clock, MINUTE)
    [text] = wired.texts()
    assert text.text_key.startswith("pharmacy-ready")
    assert wired.stands() == [("ready", QUEUED)]


def test_another_prescription_still_being_made_makes_no_part_of_this_one(wired: Wired) -> None:
    assert wired.post(wired.task("With Pharmacy", prescription=OTHER_PRESCRIPTION, item="A")).status_code == 201
    wired.says_of("Ready to Collect")
    assert wired.stands() == [("ready", HELD)]


def test_what_is_gathered_is_said_as_it_stands(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", "With Pharmacy")
    assert wired.stands() == [("part-ready", HELD)]
    clock.shift(MINUTE)
    wired.post(wired.task(item="ITEM-1"))
    assert wired.stands() == [("ready", HELD)]
    clock.shift(MINUTE)
    wired.post(wired.task("With Pharmacy", item="ITEM-0"))
    assert wired.stands() == [("part-ready", HELD)]


@pytest.mark.parametrize("earlier", ["With Pharmacy", "Not Dispensed", "Ready to Dispatch"])
def test_a_status_taken_back_withdraws_what_is_gathered(
    wired: Wired, clock: time_machine.Traveller, earlier: str
) -> None:
    wired.says_of("Ready to Collect")
    clock.shift(MINUTE)
    wired.says_of(earlier)
    wired.after(clock, GATHERED)
    assert wired.stands()[0] == ("ready", WITHDRAWN)
    assert wired.texts() == []


def test_a_status_taken_back_cancels_a_text_that_has_not_gone(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    wired.after(clock, GATHERED)
    wired.says_of("With Pharmacy")
    assert wired.stands() == [("ready", WITHDRAWN)]
    assert [text.state for text in wired.texts()] == ["cancelled"]


def test_what_may_take_back_a_text_does_not_wait_for_the_job(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    clock.shift(MINUTE)
    post(wired.client, wired.key, bundle_of(wired.task("With Pharmacy", item="ITEM-0")))
    assert wired.stands() == [("ready", WITHDRAWN)]


def test_what_is_brought_is_taken_back_as_well(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Dispatched")
    clock.shift(MINUTE)
    wired.says_of("With Pharmacy")
    assert wired.stands() == [("on-its-way", WITHDRAWN)]


def test_one_of_two_taken_back_leaves_the_other(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.post(wired.task(item="A"), wired.task(item="B", prescription=OTHER_PRESCRIPTION))
    clock.shift(MINUTE)
    wired.post(wired.task("With Pharmacy", item="B", prescription=OTHER_PRESCRIPTION))
    assert wired.stands() == [("ready", HELD)]


def test_what_was_ready_before_keeps_nothing_that_is_taken_back(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    wired.after(clock, GATHERED)
    deliver(wired)
    clock.shift(HOUR)
    wired.post(wired.task(item="B", prescription=OTHER_PRESCRIPTION))
    clock.shift(MINUTE)
    wired.post(wired.task("With Pharmacy", item="B", prescription=OTHER_PRESCRIPTION))
    assert wired.stands() == [("ready", "delivered"), ("ready", WITHDRAWN)]


def deliver(wired: Wired) -> None:
    """The texts so far have arrived."""
    with wired.db.write() as session:
        for notice in wired.notices():
            notice.state = NoticeState.DELIVERED
            session.merge(notice)
        for text in wired.texts():
            text.state, text.sent_at = State.DELIVERED, text.created_at
            session.merge(text)


def test_within_two_hours_of_the_last_text_it_waits_until_they_end(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    wired.after(clock, GATHERED)
    deliver(wired)
    clock.shift(30 * MINUTE)
    wired.post(wired.task(item="B", prescription=OTHER_PRESCRIPTION))
    wired.after(clock, 80 * MINUTE)
    assert len(wired.texts()) == 1
    wired.after(clock, 10 * MINUTE)
    assert len(wired.texts()) == 2


def test_the_same_status_again_is_nothing_new(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect")
    wired.after(clock, GATHERED)
    deliver(wired)
    clock.shift(3 * HOUR)
    wired.says_of("ready to COLLECT")
    assert wired.stands() == [("ready", "delivered")]


def test_the_order_is_that_of_the_moments_and_not_of_arrival(wired: Wired) -> None:
    wired.post(wired.task("Collected", at=when(-MINUTE), item="A"))
    wired.post(wired.task("Ready to Collect", at=when(-HOUR), item="A"))
    assert wired.stands() == [("collected", NOT_TEXTED)]
    wired.post(wired.task("Ready to Collect", at=when(-HOUR), item="B"))
    wired.post(wired.task("With Pharmacy", at=when(-2 * HOUR), item="B"))
    assert wired.stands()[1:] == [("ready", HELD)]


@pytest.mark.parametrize(("hours", "notices"), [(24, 1), (25, 0)])
def test_what_was_ready_for_more_than_a_day_on_arrival_is_not_said(wired: Wired, hours: int, notices: int) -> None:
    wired.says_of("Ready to Collect", at=when(-hours * HOUR))
    assert len(wired.stands()) == notices


def test_a_clock_that_is_ahead_counts_at_once(wired: Wired) -> None:
    wired.says_of("Ready to Collect", at=when(23 * HOUR))
    assert wired.stands() == [("ready", HELD)]


def test_what_is_said_ahead_counts_once_its_time_has_come(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", at=when(5 * HOUR), said=when(timedelta()))
    wired.after(clock, 5 * HOUR - MINUTE)
    assert wired.stands() == []
    wired.after(clock, MINUTE)
    assert wired.stands() == [("ready", HELD)]
    wired.after(clock, GATHERED)
    assert len(wired.texts()) == 1


def test_what_is_said_ahead_is_taken_back_by_something_newer(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", at=when(5 * HOUR), said=when(timedelta()))
    clock.shift(HOUR)
    wired.says_of("With Pharmacy")
    wired.after(clock, 5 * HOUR)
    assert wired.stands() == []


def test_what_is_said_ahead_anew_counts_from_its_new_time(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", at=when(2 * HOUR), said=when(timedelta()))
    clock.shift(HOUR)
    wired.says_of("Ready to Collect", at=when(5 * HOUR), said=when(timedelta()))
    wired.after(clock, 2 * HOUR)
    assert wired.stands() == []
    wired.after(clock, 3 * HOUR)
    assert wired.stands() == [("ready", HELD)]


def test_something_older_that_comes_late_does_not_take_it_back(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", at=when(HOUR), said=when(timedelta()))
    wired.says_of("With Pharmacy", at=when(-HOUR))
    wired.after(clock, HOUR)
    assert wired.stands() == [("ready", HELD)]


def test_what_is_said_ahead_is_still_with_the_pharmacy(wired: Wired) -> None:
    wired.post(wired.task(item="A"), wired.task(item="B", at=when(5 * HOUR), said=when(timedelta())))
    assert wired.stands() == [("part-ready", HELD)]


def test_collecting_all_of_it_ends_what_was_ready(wired: Wired, clock: time_machine.Traveller) -> None:
    wired.says_of("Ready to Collect", "Ready to Collect")
    wired.after(clock, GATHERED)
    deliver(wired)
    clock.shift(HOUR)
    wired.post(wired.task("Collected", item="ITEM-0"))
    assert wired.stands() == [("ready", "delivered")]
    wired.post(wired.task("Collected", item="ITEM-1"))
    assert wired.stands() == [("ready", "delivered"), ("collected", NOT_TEXTED)]
    assert wired.notices()[0].collected_at is not None


def test_of_what_was_not_dispensed_no_text_goes_until_a_person_has_looked(
    wired: Wired, clock: time_machine.Traveller
) -> None:
    wired.says_of("Not Dispensed", "Not Dispensed")
    wired.says_of("Not Dispensed", prescription=OTHER_PRESCRIPTION)
    wired.after(clock, timedelta(hours=3))
    [notice] = wired.notices()
    assert (notice.state, notice.why_none) == ("not-texted", "not-dispensed")
    assert wired.texts() == []


def test_each_person_has_a_text_of_their_own(wired: Wired, clock: time_machine.Traveller) -> None:
    other = wired.somebody()
    wired.post(wired.task(item="A"), wired.task(item="B", nhs_number=other.nhs_number, prescription=OTHER_PRESCRIPTION))
    wired.after(clock, GATHERED)
    assert [len(wired.texts(person)) for person in (wired.person, other)] == [1, 1]
