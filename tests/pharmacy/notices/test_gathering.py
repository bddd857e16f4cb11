"""What the wire says within a few minutes is one text; within two hours of the last it waits."""

import pytest

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.notices.gathering import say_gathered
from bot.pharmacy.notices.restored import set_aside, settle
from bot.pharmacy.notices.withdrawing import take_back, withdraw_notice
from bot.tables.pharmacy import Notice
from tests.messaging.helpers import change, london, opt_out, with_changes
from tests.pharmacy.notices.world import Town


def test_three_statuses_within_ten_minutes_are_one_text_that_says_how_it_stands(town: Town) -> None:
    ids = set()
    for kind in ("part-ready", "part-ready", "ready"):
        ids.add(town.wire(kind).id)
        town.later(minutes=3)
        assert town.said() == []
    town.later(minutes=2)
    assert town.said() == ["pharmacy-ready"]
    assert ids == {notice.id for notice in town.notices()}
    town.later(minutes=30)
    assert town.said() == ["pharmacy-ready"]


def test_what_becomes_ready_within_two_hours_waits_until_they_end(town: Town) -> None:
    town.wire()
    town.later(minutes=11)
    town.clock.shift(20 * 60)
    town.wire("part-ready")
    town.later(minutes=85)
    assert town.said() == ["pharmacy-ready"]
    town.later(minutes=16)
    assert town.said() == ["pharmacy-ready", "pharmacy-part-ready"]


def test_a_text_that_waits_for_the_morning_is_the_last_one_until_two_hours_after_it_went(town: Town) -> None:
    town.settings = with_changes(town.settings, send_window="08:00-20:00")
    town.clock.move_to(london("2026-11-24 20:30"))
    town.wire()
    town.later(minutes=11)
    town.wire("part-ready")
    for _ in range(23):
        town.later(minutes=30)
    assert london("2026-11-25 08:00") < utc_now() < london("2026-11-25 09:00")
    assert town.said() == ["pharmacy-ready"]
    town.later(hours=2)
    assert town.said() == ["pharmacy-ready", "pharmacy-part-ready"]


def test_ready_and_on_its_way_are_two_things_and_never_at_once(town: Town) -> None:
    town.wire("ready")
    town.wire("on-its-way")
    town.later(minutes=11)
    assert town.said() == ["pharmacy-ready"]
    town.later(hours=2)
    assert town.said() == ["pharmacy-ready", "pharmacy-on-its-way"]


def test_what_is_taken_back_meanwhile_is_not_said(town: Town) -> None:
    town.wire()
    with town.db.write() as session:
        assert take_back(session, town.pharmacy, town.person, utc_now()) == 1
    town.later(minutes=11)
    assert town.said() == []
    assert [notice.state for notice in town.notices()] == ["withdrawn"]


def test_what_is_collected_meanwhile_is_not_said(town: Town) -> None:
    town.wire()
    town.wire("collected")
    town.later(minutes=11)
    assert town.said() == []


def test_one_that_is_held_can_be_withdrawn(town: Town) -> None:
    notice = town.wire()
    with town.db.write() as session:
        withdraw_notice(session, session.get_one(Notice, notice.id), CONSOLE, utc_now())
    town.later(minutes=11)
    assert town.said() == []


def test_whether_somebody_may_be_texted_is_asked_when_it_is_said(town: Town) -> None:
    reader = town.somebody()
    town.wire()
    town.wire("ready", reader)
    change(town.db, reader, language="en")
    opt_out(town.db, town.practice, town.person.phone, "all")
    town.later(minutes=11)
    assert [notice.why_none for notice in town.notices()] == ["no-text-possible", "english"]


def test_said_at_the_counter_meanwhile_it_is_not_said_twice(town: Town) -> None:
    gathered = town.wire()
    said = town.says("ready")
    town.later(hours=3)
    assert town.said() == ["pharmacy-ready"]
    assert (town.fresh(gathered).state, town.fresh(gathered).duplicate_of) == ("held", said.id)


def test_a_second_clock_says_nothing_again(town: Town) -> None:
    town.wire()
    town.clock.shift(11 * 60)
    assert [say_gathered(town.db, town.settings) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("texted", [True, False])
def test_after_a_backup_is_put_back_nobody_is_told_twice(town: Town, texted: bool) -> None:
    town.wire()
    with town.db.write() as session:
        assert settle(session) == 0
    town.later(minutes=30)
    assert town.said() == []
    with town.db.write() as session:
        set_aside(session, [town.person.phone or ""] if texted else [])
    town.later(minutes=31)
    assert len(town.said()) == (0 if texted else 1)
