"""Some texts go in hours of their own alone, on top of the sending window and the sending days."""

from datetime import UTC, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, select

from bot.campaigns.subject import about
from bot.clock import LONDON, in_window, is_bank_holiday, utc_now
from bot.database import Database
from bot.messaging.claiming import anything_due
from bot.messaging.hours import AFTER_SCHOOL, hours_open, is_open, known_hours, next_opening_in
from bot.messaging.outbox import Addressee, queue_to_many
from bot.settings import Settings
from bot.tables.campaigns import Batch
from bot.tables.messaging import Kind, Message, OpenQuestion, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.factories import make_partner
from tests.messaging.helpers import (
    change,
    claim,
    claim_one,
    live,
    london,
    make_campaign,
    queue_kind,
    reload,
    with_changes,
)

IN_SCHOOL, AFTER = "2026-11-24 10:00", "2026-11-24 15:30"  # a Tuesday
HOURS = "mon-fri 15:30-20:00; sat 10:00-16:00"


@pytest.fixture
def school(settings: Settings) -> Settings:
    """The hours of live."""
    return with_changes(settings, send_window="08:00-20:00", send_days="mon-sat", youth_hours=HOURS)


def queue(db: Database, settings: Settings, practice: Practice, patient: Patient, **changes: object) -> Message:
    message = queue_kind(db, settings, practice, patient, str(changes.pop("kind", Kind.OUTREACH)), **changes)
    change(db, message, hours=AFTER_SCHOOL)
    return message


OPENINGS = [
    (IN_SCHOOL, AFTER),
    (AFTER, AFTER),
    ("2026-11-24 19:59", "2026-11-24 19:59"),
    ("2026-11-24 20:00", "2026-11-25 15:30"),
    ("2026-11-27 20:00", "2026-11-28 10:00"),  # from Friday to Saturday
    ("2026-11-28 16:00", "2026-11-30 15:30"),  # from Saturday over Sunday
    ("2026-12-24 21:00", "2026-12-29 15:30"),  # Christmas, Boxing Day on a Saturday, its substitute on Monday
    ("2027-03-27 16:30", "2027-03-30 15:30"),  # Easter: the clocks go forward, and Monday is a holiday
    ("2026-10-24 17:00", "2026-10-26 15:30"),  # the clocks go back
]


@pytest.mark.parametrize(("moment", "opens"), OPENINGS)
def test_the_next_opening_is_after_school(school: Settings, moment: str, opens: str) -> None:
    assert next_opening_in(AFTER_SCHOOL, london(moment), school) == london(opens)


@given(
    st.datetimes(min_value=london("2026-01-01 00:00").replace(tzinfo=None), timezones=st.just(UTC)).filter(
        lambda moment: moment.year < 2029
    )
)
def test_an_opening_is_within_the_hours_the_window_and_the_days(moment: object) -> None:
    ours = Settings(send_window="08:00-19:00", send_days="mon-fri", youth_hours=HOURS)
    opening = next_opening_in(AFTER_SCHOOL, moment, ours)  # type: ignore[arg-type]
    local = opening.astimezone(LONDON)
    assert is_open(AFTER_SCHOOL, opening, ours)
    assert in_window(opening, ours, outreach=True)
    assert local.weekday() < 5
    assert not is_bank_holiday(local.date())
    assert (15, 30) <= (local.hour, local.minute) < (19, 0)


def test_hours_that_the_window_cuts_open_when_both_are_open(school: Settings) -> None:
    later = with_changes(school, send_window="16:00-20:00")
    assert next_opening_in(AFTER_SCHOOL, london(IN_SCHOOL), later) == london("2026-11-24 16:00")


def test_hours_that_never_open_are_asked_again_in_four_weeks(settings: Settings) -> None:
    never = live(settings, send_window="08:00-15:00", send_days="mon-fri")
    assert next_opening_in(AFTER_SCHOOL, london(IN_SCHOOL), never) == london(IN_SCHOOL) + timedelta(weeks=4)


def test_the_demo_knows_no_school(settings: Settings) -> None:
    assert hours_open(london("2026-12-25 03:00"), settings) == {AFTER_SCHOOL}


def test_hours_that_nobody_knows_are_refused() -> None:
    assert known_hours(None) is None
    with pytest.raises(ValueError, match="no hours lunch-break"):
        known_hours("lunch-break")


def test_in_school_hours_it_waits_and_others_go(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(IN_SCHOOL), tick=False):
        young = queue(db, school, practice, alice)
        other = queue_kind(db, school, practice, alice, Kind.OUTREACH)
        assert claim_one(db, school).message_id == other.id
        assert not anything_due(db, school, utc_now())
    assert (reload(db, young).not_before, reload(db, young).waits_for_window) == (london(AFTER), True)
    with time_machine.travel(london(AFTER) - timedelta(minutes=1), tick=False):
        assert claim(db, school) == []
    with time_machine.travel(london(AFTER), tick=False):
        assert claim_one(db, school).message_id == young.id


def test_at_night_it_waits_for_its_own_hours_in_the_end(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-23 23:00"), tick=False):
        young = queue(db, school, practice, alice)
        assert claim(db, school) == []
    with time_machine.travel(london("2026-11-24 08:00"), tick=False):
        assert claim(db, school) == []
    assert reload(db, young).not_before == london(AFTER)


def test_reminders_of_these_hours_wait_too_and_keep_holidays(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-12-25 16:00"), tick=False):  # a Friday, and Christmas
        young = queue(db, school, practice, alice, kind=Kind.REMINDER)
        assert claim(db, school) == []
    assert reload(db, young).not_before == london("2026-12-29 15:30")


def test_an_answer_at_once_does_not_wait_for_them(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(IN_SCHOOL), tick=False) as clock:
        queue(db, school, practice, alice, kind=Kind.ANSWER, at_once_until=utc_now() + timedelta(minutes=30))
        late = queue(db, school, practice, alice, kind=Kind.ANSWER, at_once_until=utc_now() - timedelta(minutes=1))
        clock.shift(1)
        assert claim_one(db, school).message_id != late.id
    assert reload(db, late).not_before == london(AFTER)


def test_a_text_that_was_due_in_its_hours_and_did_not_go_is_put_off(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 19:59"), tick=False):
        young = queue(db, school, practice, alice)
    with time_machine.travel(london("2026-11-24 20:01"), tick=False):
        assert claim(db, school) == []
    with time_machine.travel(london("2026-11-25 12:00"), tick=False):
        assert claim(db, school) == []
    assert reload(db, young).not_before == london("2026-11-25 15:30")


def test_putting_a_school_of_texts_off_is_one_statement(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(IN_SCHOOL), tick=False):
        for _ in range(12):
            queue(db, school, practice, alice)
        other = queue_kind(db, school, practice, alice, Kind.OUTREACH)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
            statements.append(sql)

        event.listen(db.engine, "before_cursor_execute", note)
        [claimed] = claim(db, school, limit=5)
        event.remove(db.engine, "before_cursor_execute", note)
    assert claimed.message_id == other.id, "those put off take nobody's place in the claim"
    assert len([sql for sql in statements if sql.startswith("UPDATE message SET not_before")]) == 1
    with db.read() as session:
        waits = session.exec(select(col(Message.not_before)).where(col(Message.hours).is_not(None)))
        assert set(waits) == {london(AFTER)}


def test_wider_hours_let_go_what_waits_already_and_an_open_window_alone_does_not(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(IN_SCHOOL), tick=False) as clock:
        young = queue(db, school, practice, alice)
        assert claim(db, school) == []
        clock.shift(60)
        assert not anything_due(db, school, utc_now())
        assert claim(db, school) == []
        holidays = with_changes(school, youth_hours="mon-sat 09:00-18:00")
        assert anything_due(db, holidays, utc_now())
        assert claim_one(db, holidays).message_id == young.id


def test_narrower_hours_keep_back_what_was_put_off_to_an_earlier_opening(
    db: Database, school: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london(IN_SCHOOL), tick=False):
        young = queue(db, school, practice, alice)
        assert claim(db, school) == []
    with time_machine.travel(london(AFTER), tick=False):
        assert claim(db, with_changes(school, youth_hours="mon-fri 17:00-18:00")) == []
    assert reload(db, young).not_before == london("2026-11-24 17:00")


def test_many_are_queued_with_their_hours_and_what_they_offer(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    campaign = make_campaign(db, practice, make_partner(db, practice))
    with db.write() as session:
        values = {"campaign_id": campaign.id, "number": 1, "size": 1, "limited_by": "cohort", "approved_at": utc_now()}
        batch = Batch(**values)
        session.add(batch)
        session.flush()
        queue_to_many(
            session,
            settings,
            text_key="young-person-invitation",
            values={},
            practice=practice,
            subject=about(campaign.id),
            batch_id=batch.id or 0,
            question="invitation",
            addressees=[Addressee(alice.id or 0, alice.phone or "", "en")],
            detail="call",
            hours=AFTER_SCHOOL,
        )
    with db.read() as session:
        [text], [question] = session.exec(select(Message)).all(), session.exec(select(OpenQuestion)).all()
    assert (text.hours, text.state, question.detail) == (AFTER_SCHOOL, State.QUEUED, "call")
