"""When a pharmacy is open next: London time, bank holidays and its own closed days left out."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit import CONSOLE
from bot.clock import LONDON, is_bank_holiday
from bot.database import Database
from bot.interpreters.hours import read_hours
from bot.pharmacy.organising.closures import close_days, closures_of, open_day
from bot.pharmacy.organising.hours import Opening, next_opening, open_next
from bot.refusals import Refused
from bot.tables.accounts import UserAccount, actor_of
from bot.tables.organisations import Pharmacy
from tests.pharmacy.organising.making import ALL_DAY, make_pharmacy

NINE, SIX, ONE = time(9), time(18), time(13)


def moment(written: str) -> datetime:
    """A wall-clock time in London."""
    return datetime.fromisoformat(written).replace(tzinfo=LONDON)


def said(db: Database, pharmacy: Pharmacy, now: str) -> Opening | None:
    with db.read() as session:
        return open_next(session, pharmacy, moment(now).astimezone(UTC))


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-24 07:00", (date(2026, 11, 24), NINE, SIX)),  # before it opens
        ("2026-11-24 12:00", (date(2026, 11, 24), NINE, SIX)),
        ("2026-11-24 17:59", (date(2026, 11, 24), NINE, SIX)),
        ("2026-11-24 18:00", (date(2026, 11, 25), NINE, SIX)),  # shut this minute
        ("2026-11-28 12:00", (date(2026, 11, 28), NINE, ONE)),
        ("2026-11-28 15:00", (date(2026, 11, 30), NINE, SIX)),  # over Sunday
        ("2026-12-24 19:00", (date(2026, 12, 29), NINE, SIX)),  # Christmas Day, and Boxing Day on a Saturday
        ("2026-07-01 17:30", (date(2026, 7, 1), NINE, SIX)),  # 16:30 UTC in summer
    ],
)
def test_it_is_today_while_it_is_open_else_the_next_open_day(
    db: Database, pharmacy: Pharmacy, now: str, opening: tuple[date, time, time]
) -> None:
    assert said(db, pharmacy, now) == opening


def test_after_a_break_it_is_the_afternoon(db: Database) -> None:
    pharmacy = make_pharmacy(db, hours="mon-fri 09:00-13:00; mon-fri 14:00-17:30")
    assert said(db, pharmacy, "2026-11-24 10:00") == (date(2026, 11, 24), NINE, ONE)
    assert said(db, pharmacy, "2026-11-24 13:15") == (date(2026, 11, 24), time(14), time(17, 30))


def test_days_it_has_closed_are_left_out_until_it_opens_after_all(
    db: Database, pharmacy: Pharmacy, dispenser: UserAccount
) -> None:
    by = actor_of(dispenser)
    assert close_days(db, "PRIORY", date(2026, 11, 24), date(2026, 11, 26), by) == 3
    assert close_days(db, "PRIORY", date(2026, 11, 26), date(2026, 11, 27), by) == 1
    assert said(db, pharmacy, "2026-11-24 10:00") == (date(2026, 11, 28), NINE, ONE)
    for _ in range(2):
        open_day(db, "PRIORY", date(2026, 11, 25), by)
    assert said(db, pharmacy, "2026-11-24 10:00") == (date(2026, 11, 25), NINE, SIX)
    with db.read() as session:
        assert list(closures_of(session, pharmacy.id or 0)) == [date(2026, 11, day) for day in (24, 26, 27)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 26), date(2026, 11, 25)),
        (date(2026, 11, 23), date(2026, 11, 25)),
        (date(2026, 12, 1), date(2027, 12, 1)),
    ],
)
def test_days_that_make_no_sense_are_refused(db: Database, pharmacy: Pharmacy, first: date, last: date) -> None:
    with pytest.raises(Refused) as refused:
        close_days(db, "PRIORY", first, last, CONSOLE)
    assert refused.value.code == "bad-days"


def test_others_do_not_close_it(db: Database, pharmacy: Pharmacy, lead: UserAccount) -> None:
    with pytest.raises(Refused) as refused:
        close_days(db, "PRIORY", date(2026, 11, 25), date(2026, 11, 25), actor_of(lead))
    assert refused.value.code == "not-allowed"


def test_without_hours_it_is_never_open(db: Database) -> None:
    assert said(db, make_pharmacy(db, hours=""), "2026-11-24 10:00") is None


@given(
    st.integers(0, 7 * 365 * 24 * 60).map(
        lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sets(st.dates(date(2024, 1, 1), date(2031, 2, 28)), max_size=5),
    st.sampled_from([ALL_DAY, "sun 10:00-16:00", "mon 00:00-24:00", "tue 9-12; tue 13-17; fri 8-8:30"]),
)
def test_what_it_says_is_open_not_over_and_the_first_such(now: datetime, closed: set[date], written: str) -> None:
    week = read_hours(written)
    found = next_opening(week, lambda day: day in closed or is_bank_holiday(day), now)
    assert found is not None
    assert (found.day.weekday(), found.opens, found.closes) in week
    assert found.day not in closed
    assert not is_bank_holiday(found.day)
    ends = datetime.combine(found.day, found.closes, LONDON)
    assert ends > now
    day = now.astimezone(LONDON).date()
    while day < found.day:  # whatever comes before is closed, over, or no day of its week
        parts = [closes for weekday, _, closes in week if weekday == day.weekday()]
        over = all(datetime.combine(day, closes, LONDON) <= now for closes in parts)
        assert over or day in closed or is_bank_holiday(day)
        day += timedelta(days=1)
