"""A pharmacy's system is told what happened, in order, signed, as often as the schedule says, and by one worker."""

import threading
import time
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.hooks.claiming import AT_ONCE, claim_due_events
from bot.pharmacy.hooks.delivering import WebhookLoop, deliver
from bot.pharmacy.hooks.figures import webhook_figures
from bot.pharmacy.hooks.outcomes import AFTER, record_outcome
from bot.pharmacy.hooks.posting import Fault, Outcome
from bot.pharmacy.hooks.retention import forget_old_events
from bot.pharmacy.hooks.setting_up import end_webhook, rotate_secret, send_test, set_address, try_again
from bot.pharmacy.notices.happening import Happened, happened
from bot.pharmacy.notices.retention import forget_old_notices
from bot.settings import Settings
from bot.tables.organisations import Practice
from bot.tables.pharmacy import DeliveryState, Notice, Webhook
from tests.messaging.helpers import change, live, with_changes
from tests.pharmacy.hooks.receiver import Receiver
from tests.pharmacy.hooks.system import System
from tests.pharmacy.notices.world import Town
from tests.pharmacy.organising.making import make_pharmacy

WAITS, DELIVERED, GIVEN_UP = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.GIVEN_UP


def happens(system: System, notice: Notice, *what: str) -> None:
    with system.db.write() as session:
        row = session.get_one(Notice, notice.id)
        for each in what:
            happened(session, row, Happened(each), utc_now())
            session.flush()


def test_what_happens_to_a_notice_is_told_and_signed(system: System) -> None:
    notice = system.town.says()
    system.town.later(minutes=1)
    system.town.writes("1")
    system.tell()
    assert system.receiver.types == ["notice.sent", "notice.answered"]
    answered = system.receiver.heard[-1]
    assert answered.told["id"] == notice.public
    assert answered.told["answer"] == "will-collect"
    assert all(each.is_from(system.secret) for each in system.receiver.heard)
    assert answered.headers["content-type"] == "application/json"
    assert system.stands() == [(DELIVERED, 1, None), (DELIVERED, 1, None)]


def test_the_schedule_is_kept_and_then_it_is_given_up(system: System) -> None:
    happens(system, system.town.says(), "sent")
    system.receiver.status = 500
    assert system.tell() == 1
    for number, after in enumerate(AFTER, 1):
        assert system.later(seconds=after.total_seconds() - 1) == 0
        assert system.stands() == [(WAITS, number, Fault.STATUS)]
        assert system.later(seconds=1) == 1
    assert system.stands() == [(GIVEN_UP, 7, Fault.STATUS)]
    assert system.rows()[0].last_status == 500
    assert system.later(days=3) == 0
    assert len({each.event for each in system.receiver.heard}) == 1
    assert len({each.headers["webhook-timestamp"] for each in system.receiver.heard}) == 7


def test_a_later_event_of_a_notice_waits_for_the_one_before_it_and_no_other_does(system: System) -> None:
    first, other = system.town.says(), system.town.says(person=system.town.somebody())
    happens(system, first, "sent", "delivered", "answered")
    happens(system, other, "sent", "delivered")
    system.receiver.answers = [503]
    system.tell()
    assert system.receiver.types == ["notice.sent", "notice.sent", "notice.delivered"]
    assert [each.told["id"] for each in system.receiver.heard[1:]] == [other.public] * 2
    system.later(seconds=5)
    assert [each.told["type"] for each in system.receiver.heard[3:]] == [
        "notice.sent",
        "notice.delivered",
        "notice.answered",
    ]
    assert {each.told["id"] for each in system.receiver.heard[3:]} == {first.public}


def test_once_the_one_before_is_given_up_the_later_one_goes(system: System) -> None:
    happens(system, system.town.says(), "sent", "delivered")
    [sent, _] = system.rows()
    change(system.db, sent, tries=len(AFTER))
    system.receiver.answers = [500]
    system.tell()
    assert system.stands() == [(GIVEN_UP, 7, Fault.STATUS), (DELIVERED, 1, None)]


def test_both_secrets_sign_for_a_day(system: System) -> None:
    new = rotate_secret(system.db, system.settings, "PRIORY", CONSOLE)
    for _ in range(2):
        send_test(system.db, "PRIORY", CONSOLE)
        system.tell()
        system.later(hours=24)
    [soon, late] = system.receiver.heard
    assert [len(each.headers["webhook-signature"].split()) for each in (soon, late)] == [2, 1]
    assert soon.headers["webhook-signature"] != late.headers["webhook-signature"]
    assert new != system.secret


def test_each_of_two_secrets_opens_what_both_signed(system: System) -> None:
    new = rotate_secret(system.db, system.settings, "PRIORY", CONSOLE)
    send_test(system.db, "PRIORY", CONSOLE)
    system.tell()
    [heard] = system.receiver.heard
    assert heard.is_from(system.secret)
    assert heard.is_from(new)


def test_a_system_that_is_gone_ends_it_all(system: System) -> None:
    happens(system, system.town.says(), "sent", "delivered")
    system.receiver.status = 410
    system.tell()
    assert system.stands() == [(GIVEN_UP, 1, Fault.GONE), (GIVEN_UP, 0, Fault.GONE)]
    happens(system, system.town.says(person=system.town.somebody()), "sent")
    assert len(system.rows()) == 2
    with system.db.read() as session:
        webhook = session.get_one(Webhook, system.town.pharmacy.id)
        actions = session.exec(select(AuditEntry.action)).all()
    assert (webhook.ended_at, webhook.secrets) == (utc_now(), [])
    assert actions.count("webhook-gone") == 1


def test_gone_at_the_address_before_says_nothing_of_the_new_one(system: System) -> None:
    happens(system, system.town.says(), "sent")
    [claim] = claim_due_events(system.db, system.settings, 5, utc_now())
    with Receiver() as other:
        set_address(system.db, system.settings, "PRIORY", other.url, CONSOLE)
        record_outcome(system.db, claim, Outcome(410, Fault.GONE), utc_now())
        system.later(seconds=5)
        assert other.types == ["notice.sent"]
        assert other.heard[0].is_from(system.secret)


def test_what_waits_when_it_is_ended_does_not_go(system: System) -> None:
    happens(system, system.town.says(), "sent")
    end_webhook(system.db, "PRIORY", CONSOLE)
    assert system.tell() == 0
    assert system.stands() == [(GIVEN_UP, 0, Fault.ENDED)]


def test_what_was_given_up_is_tried_from_the_first_again(system: System) -> None:
    happens(system, system.town.says(), "sent")
    change(system.db, system.rows()[0], tries=len(AFTER))
    system.receiver.answers = [500]
    system.tell()
    assert try_again(system.db, "PRIORY", CONSOLE) == 1
    system.tell()
    assert system.stands() == [(DELIVERED, 1, None)]


def test_a_claim_whose_worker_died_goes_again_under_the_same_id(system: System) -> None:
    happens(system, system.town.says(), "sent")
    assert len(claim_due_events(system.db, system.settings, 5, utc_now())) == 1
    assert system.tell() == 0
    assert system.later(seconds=system.settings.lease_seconds) == 1
    assert system.stands() == [(DELIVERED, 1, None)]


def test_a_late_failure_changes_nothing_and_a_late_success_counts(system: System) -> None:
    happens(system, system.town.says(), "sent")
    [slow] = claim_due_events(system.db, system.settings, 5, utc_now())
    system.town.clock.shift(timedelta(seconds=system.settings.lease_seconds))
    [quick] = claim_due_events(system.db, system.settings, 5, utc_now())
    record_outcome(system.db, slow, Outcome(fault=Fault.TOO_SLOW), utc_now())
    assert system.stands() == [(WAITS, 0, None)]
    record_outcome(system.db, slow, Outcome(204), utc_now())
    record_outcome(system.db, quick, Outcome(fault=Fault.TOO_SLOW), utc_now())
    assert system.stands() == [(DELIVERED, 1, None)]


def test_one_pharmacy_has_a_few_on_their_way_and_others_do_not_wait_for_it(system: System, receiver: Receiver) -> None:
    town = system.town
    for _ in range(5):
        happens(system, town.says(person=town.somebody()), "sent")
    assert len(claim_due_events(system.db, system.settings, 10, utc_now())) == AT_ONCE
    assert claim_due_events(system.db, system.settings, 10, utc_now()) == []
    make_pharmacy(system.db, town.practice, code="HILL")
    set_address(system.db, system.settings, "HILL", receiver.url, CONSOLE)
    send_test(system.db, "HILL", CONSOLE)
    assert len(claim_due_events(system.db, system.settings, 10, utc_now())) == 1


def test_whose_system_is_idle_comes_first(system: System, receiver: Receiver) -> None:
    town = system.town
    for _ in range(3):
        happens(system, town.says(person=town.somebody()), "sent")
    hill = make_pharmacy(system.db, town.practice, code="HILL")
    set_address(system.db, system.settings, "HILL", receiver.url, CONSOLE)
    send_test(system.db, "HILL", CONSOLE)
    [first] = claim_due_events(system.db, system.settings, 1, utc_now())
    [second] = claim_due_events(system.db, system.settings, 1, utc_now())
    assert (first.pharmacy_id, second.pharmacy_id) == (town.pharmacy.id, hill.id)


def test_in_live_nothing_goes_to_this_machine(system: System) -> None:
    happens(system, system.town.says(), "sent")
    [claim] = claim_due_events(system.db, system.settings, 5, utc_now())
    deliver(system.db, live(system.settings), claim)
    assert system.receiver.heard == []
    assert system.stands() == [(WAITS, 1, Fault.BAD_ADDRESS)]


def test_a_secret_kept_under_another_key_signs_nothing(system: System) -> None:
    happens(system, system.town.says(), "sent")
    [claim] = claim_due_events(system.db, system.settings, 5, utc_now())
    deliver(system.db, with_changes(system.settings, secret_key="y" * 40), claim)
    assert system.receiver.heard == []
    assert system.stands() == [(WAITS, 1, Fault.UNREADABLE)]


def test_nothing_of_the_other_sides_answer_is_kept(system: System) -> None:
    happens(system, system.town.says(), "sent")
    system.receiver.status = 500
    system.tell()
    with system.db.engine.connect() as connection:
        kept = repr(connection.exec_driver_sql("SELECT * FROM webhook_delivery").all())
    assert "other side" not in kept


def test_what_ended_long_ago_is_forgotten_and_then_its_notice(system: System) -> None:
    happens(system, system.town.says(), "sent")
    system.tell()
    system.town.clock.shift(timedelta(days=91))
    assert forget_old_notices(system.db, system.settings) == 0
    assert forget_old_events(system.db, system.settings) == 1
    assert forget_old_notices(system.db, system.settings) == 1


def test_what_waits_is_not_forgotten_but_what_nobody_listens_to_is_given_up(system: System) -> None:
    happens(system, system.town.says(), "sent")
    with system.db.write() as session:
        session.get_one(Webhook, system.town.pharmacy.id).ended_at = utc_now()
    system.town.clock.shift(timedelta(days=31))
    assert forget_old_events(system.db, system.settings) == 0
    assert system.stands() == [(GIVEN_UP, 0, Fault.ENDED)]


def test_figures_count_events_and_tell_nothing_of_anybody(system: System) -> None:
    happens(system, system.town.says(), "sent", "delivered")
    system.receiver.answers = [204, 500]
    system.tell()
    system.town.clock.shift(60)
    with system.db.read() as session:
        found = list(webhook_figures(session))
    values = {(s.name, *s.labels.values()): s.value for each in found for s in each.samples}
    assert values == {
        ("webhook_events", "waiting"): 1.0,
        ("webhook_events", "delivered"): 1.0,
        ("webhook_events", "given-up"): 0.0,
        ("webhook_oldest_waiting_seconds",): 60.0,
    }


@pytest.fixture
def ticking(system: System) -> System:
    """Loops wait in real time."""
    system.town.clock.move_to(utc_now(), tick=True)
    return system


def test_two_workers_at_once_tell_everything_once_and_in_order(ticking: System) -> None:
    system, town = ticking, ticking.town
    notices = [town.says(person=town.somebody()) for _ in range(12)]
    for notice in notices:
        happens(system, notice, "sent", "delivered", "answered")
    stop = threading.Event()
    loops = [threading.Thread(target=WebhookLoop(system.db, system.settings).run, args=(stop,)) for _ in range(2)]
    for loop in loops:
        loop.start()
    _wait_until_settled(system)
    stop.set()
    for loop in loops:
        loop.join()
    heard = system.receiver.heard
    assert len(heard) == len({each.event for each in heard}) == 36
    for notice in notices:
        order = [each.told["type"] for each in heard if each.told["id"] == notice.public]
        assert order == ["notice.sent", "notice.delivered", "notice.answered"]


def _wait_until_settled(system: System, within: float = 60) -> None:
    until = time.monotonic() + within
    while any(state == WAITS for state, _, _ in system.stands()):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_system_that_is_slow_holds_up_itself_alone(ticking: System, db: Database, settings: Settings) -> None:
    system, town, slowly = ticking, ticking.town, threading.Event()
    system.receiver.before = lambda: slowly.wait(20)
    for _ in range(6):
        happens(system, town.says(person=town.somebody()), "sent")
    with Receiver() as quick:
        for number in range(3):
            _another(db, settings, town, f"HILL{number}", quick)
        stop = threading.Event()
        loop = threading.Thread(target=WebhookLoop(db, settings, places=4).run, args=(stop,))
        loop.start()
        until = time.monotonic() + 15
        while len(quick.heard) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        told = len(quick.heard)
        slowly.set()
        stop.set()
        loop.join()
    assert told == 3


def _another(db: Database, settings: Settings, town: Town, code: str, receiver: Receiver) -> None:
    practice: Practice = town.practice
    make_pharmacy(db, practice, code=code)
    set_address(db, settings, code, receiver.url, CONSOLE)
    send_test(db, code, CONSOLE)
