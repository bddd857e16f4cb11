"""Slots from sessions: wall time to UTC, what is left out and why, and what is held."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.appointments.timetable.making import HELD, OPEN, LeftOut, Made, Rota, Taken, days_of, make, steps_of, times_of
from bot.appointments.timetable.working_days import last_released_day, released_at, working_days_before
from bot.clock import LONDON
from bot.tables.appointments import SlotKind

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def rota(**changes: Any) -> Rota:
    values: dict[str, Any] = {
        "session_id": 1,
        "clinic_id": 1,
        "clinician_id": 1,
        "weekdays": frozenset(range(7)),
        "opens": time(9),
        "closes": time(10),
        "starts_on": date(2026, 1, 1),
        "until": None,
        "every": 1,
        "minutes": 10,
    }
    return Rota(**(values | changes))


def made(*rotas: Rota, first: date, last: date | None = None, now: datetime = LONG_AGO) -> Made:
    return make(rotas, first, last or first, now, Taken())


def walls(of: Made) -> list[str]:
    return [f"{new.step.times.starts.astimezone(LONDON):%H:%M}" for new in of.slots]


def left_out(of: Made) -> dict[str, int]:
    return {why: count for why, count in of.left_out.items() if count}


def test_a_session_is_cut_into_slots_of_the_wall_clock_in_summer_and_in_winter():
    winter, summer = (made(rota(), first=date(2026, month, 7)) for month in (1, 7))
    assert walls(winter) == walls(summer) == ["09:00", "09:10", "09:20", "09:30", "09:40", "09:50"]
    assert winter.slots[0].step.times.starts.hour == 9
    assert summer.slots[0].step.times.starts.hour == 8


def test_times_that_do_not_exist_are_left_out_and_counted():
    night = made(rota(opens=time(0, 30), closes=time(3), minutes=30), first=SPRING)
    assert walls(night) == ["00:30", "02:00", "02:30"]
    assert left_out(night) == {"no-such-time": 2}


def test_a_slot_that_runs_into_the_hour_that_does_not_exist_is_left_out():
    night = made(rota(opens=time(0, 30), closes=time(2, 45), minutes=45), first=SPRING)
    assert walls(night) == ["02:00"]
    assert left_out(night) == {"no-such-time": 2}


def test_the_hour_that_comes_twice_is_used_once_and_it_is_the_first():
    night = made(rota(opens=time(0, 30), closes=time(2, 30), minutes=30), first=AUTUMN)
    assert walls(night) == ["00:30", "01:00", "01:30", "02:00"]
    starts = [new.step.times.starts for new in night.slots]
    assert starts[:3] == [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(3)]
    assert starts[3] == datetime(2026, 10, 25, 2, 0, tzinfo=UTC)


def test_bank_holidays_and_closures_are_left_out_unless_the_clinic_says_otherwise():
    christmas = date(2026, 12, 25)
    assert left_out(made(rota(), first=christmas)) == {"bank-holiday": 6}
    assert len(made(rota(bank_holidays=True), first=christmas).slots) == 6
    closed = rota(closures=[(date(2026, 12, 24), date(2026, 12, 26))], bank_holidays=True)
    assert left_out(made(closed, first=christmas)) == {"closure": 6}
    assert left_out(made(rota(away={date(2026, 12, 1)}), first=date(2026, 12, 1))) == {"closure": 6}


def test_what_another_session_of_that_clinician_has_is_in_use_and_what_was_made_already_is_not_counted():
    taken, day = Taken(), date(2026, 12, 1)
    one, other = rota(), rota(session_id=2, clinic_id=2, opens=time(9, 40), closes=time(10, 20), minutes=20)
    both = make([one, other], day, day, LONG_AGO, taken)
    assert left_out(both) == {"in-use": 1}
    assert walls(both)[6:] == ["10:00"]
    for new in both.slots:
        taken.made.add((new.rota.session_id, new.step.times.first_cell))
    again = make([one, other], day, day, LONG_AGO, taken)
    assert (again.slots, left_out(again)) == ([], {"in-use": 1})


def test_two_events_of_two_clinics_do_not_stand_in_each_others_way():
    events = [rota(session_id=number, clinic_id=number, clinician_id=None, minutes=60) for number in (1, 2)]
    assert len(made(*events, first=date(2026, 12, 1)).slots) == 2


def test_the_first_slots_of_each_session_and_day_are_held():
    steps, _ = steps_of(rota(held_first=2, held_language="ur"), date(2026, 12, 1))
    assert [(step.kind, step.language) for step in steps[:3]] == [(HELD, "ur"), (HELD, "ur"), (OPEN, None)]
    steps, _ = steps_of(rota(held_all=True), date(2026, 12, 1))
    assert {step.kind for step in steps} == {HELD}
    assert (OPEN, HELD) == (SlotKind.OPEN, SlotKind.HELD)


def test_what_has_begun_is_not_made():
    assert walls(made(rota(), first=date(2026, 12, 1), now=datetime(2026, 12, 1, 9, 20, tzinfo=UTC))) == [
        "09:30",
        "09:40",
        "09:50",
    ]


def test_every_second_week_counts_from_the_week_of_the_first_day():
    thursdays = rota(weekdays=frozenset({0, 3}), every=2, starts_on=date(2026, 12, 3), until=date(2026, 12, 31))
    assert list(days_of(thursdays, date(2026, 1, 1), date(2027, 2, 1))) == [
        date(2026, 12, 3),
        date(2026, 12, 14),
        date(2026, 12, 17),
        date(2026, 12, 28),
        date(2026, 12, 31),
    ]


@pytest.mark.parametrize(
    ("day", "count", "working"),
    [
        (date(2026, 11, 26), 2, date(2026, 11, 24)),
        (date(2026, 11, 28), 2, date(2026, 11, 26)),
        (date(2026, 11, 30), 2, date(2026, 11, 26)),
        (date(2026, 12, 29), 1, date(2026, 12, 24)),
        (date(2026, 11, 26), 0, date(2026, 11, 26)),
        (date(2026, 11, 29), 0, date(2026, 11, 27)),
    ],
)
def test_working_days_are_counted_without_weekends_and_bank_holidays(day: date, count: int, working: date):
    assert working_days_before(day, count) == working


def test_held_slots_open_at_eight_in_london():
    assert released_at(date(2026, 7, 2), 2) == datetime(2026, 6, 30, 7, tzinfo=UTC)
    assert last_released_day(datetime(2026, 11, 24, 7, 59, tzinfo=UTC), 2) == date(2026, 11, 25)
    assert last_released_day(datetime(2026, 11, 24, 8, tzinfo=UTC), 2) == date(2026, 11, 26)
    assert last_released_day(datetime(2026, 11, 26, 8, tzinfo=UTC), 2) == date(2026, 11, 30)


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(minutes=st.integers(0, 700 * 24 * 60), count=st.integers(0, 10))
def test_the_last_day_released_is_the_last_whose_hour_has_come(minutes: int, count: int):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = last_released_day(now, count)
    assert day < now.astimezone(LONDON).date() or released_at(day, count) <= now
    assert released_at(day + timedelta(days=1), count) > now


@given(
    day=st.one_of(days, st.sampled_from([SPRING, AUTUMN, date(2027, 3, 28), date(2027, 10, 31)])),
    opens=st.integers(0, 286),
    length=st.integers(1, 100),
    minutes=st.integers(1, 24),
)
def test_slots_lie_in_their_session_follow_each_other_and_none_is_lost(
    day: date, opens: int, length: int, minutes: int
):
    closes = min(287, opens + length)
    of_clock = [time(cell * 5 // 60, cell * 5 % 60) for cell in (opens, closes)]
    found = times_of(day, of_clock[0], of_clock[1], minutes * 5)
    assert len(found.times) + found.missing == (closes - opens) // minutes
    for times in found.times:
        wall = times.starts.astimezone(LONDON)
        assert wall.date() == day
        assert of_clock[0] <= wall.time() < of_clock[1]
        assert times.ends - times.starts == timedelta(minutes=minutes * 5)
        assert times.first_cell * 300 == times.starts.timestamp()
        assert times.end_cell * 300 == times.ends.timestamp()
    assert all(one.ends <= other.starts for one, other in pairwise(found.times))
    if found.missing:
        assert day in (SPRING, date(2027, 3, 28))


@given(
    data=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(1, 12), st.integers(1, 6)), max_size=6)
)
def test_no_clinician_is_in_two_slots_at_once_and_every_time_is_accounted_for(data: list[tuple[int, int, int, int]]):
    rotas = [
        rota(
            session_id=number,
            clinician_id=who % 2 + 1,
            opens=time(8 + start // 12, start % 12 * 5),
            closes=time(12 + start // 12, start % 12 * 5),
            minutes=minutes * 5,
            weekdays=frozenset({who}),
        )
        for number, (who, start, _, minutes) in enumerate(data, 1)
    ]
    first, last = date(2026, 12, 1), date(2026, 12, 14)
    of = made(*rotas, first=first, last=last)
    cells = Counter(
        (new.rota.whose, cell) for new in of.slots for cell in range(new.step.times.first_cell, new.step.times.end_cell)
    )
    assert max(cells.values(), default=1) == 1
    asked = sum(len(steps_of(each, day)[0]) for each in rotas for day in days_of(each, first, last))
    assert len(of.slots) + of.left_out[LeftOut.IN_USE] == asked
