"""The one lock on anybody's time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.appointments.joint.claims import (
    TakenError,
    Wanted,
    cells,
    claim_place,
    claim_time,
    forget_old_claims,
    hold_until,
    release_time,
)
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Whose
from tests.appointments.clinics import Ground, make_ground, make_offer, make_session, make_visit

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
SOON = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def minutes(first: int, last: int, kind: Whose = Whose.CLINICIAN, whose: int = 1) -> Wanted:
    return (kind, whose, NINE + timedelta(minutes=first), NINE + timedelta(minutes=last))


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


def owners(session: Session) -> list[tuple[int | None, int | None]]:
    rows = select(ClaimedTime).order_by(col(ClaimedTime.kind), col(ClaimedTime.cell))
    return [(row.visit_id, row.offer_id) for row in session.exec(rows)]


def claim(db: Database, *wanted: Wanted, **owner: Any) -> None:
    with db.write() as session:
        claim_time(session, wanted, now=utc_now(), **owner)


def test_a_time_that_begins_or_ends_within_five_minutes_touches_them() -> None:
    assert len(cells(NINE, NINE + timedelta(minutes=20))) == 4
    assert len(cells(NINE + timedelta(minutes=2), NINE + timedelta(minutes=12))) == 3
    assert len(cells(NINE, NINE + timedelta(minutes=9, seconds=59))) == 2


def test_what_touches_a_claimed_time_is_taken_and_nothing_of_it_is_kept(db: Database, ground: Ground) -> None:
    first, second = make_visit(db, ground).id, make_visit(db, ground).id
    claim(db, minutes(0, 20), visit_id=first)
    with pytest.raises(TakenError):
        claim(db, minutes(15, 35), minutes(15, 35, Whose.PATIENT), visit_id=second)
    with db.read() as session:
        assert owners(session) == [(first, None)] * 4
    claim(db, minutes(20, 40), visit_id=second)


def test_a_hold_is_in_the_way_until_it_runs_out(db: Database, ground: Ground) -> None:
    offer, visit = make_offer(db, ground).id, make_visit(db, ground).id
    claim(db, minutes(0, 10), offer_id=offer, held_until=SOON)
    with pytest.raises(TakenError):
        claim(db, minutes(0, 10), visit_id=visit)
    with db.write() as session:
        assert claim_time(session, [minutes(0, 10)], visit_id=visit, now=SOON)
        assert owners(session) == [(visit, None)] * 2


def test_a_hold_passes_over_to_the_visit_of_the_person_it_is_for(db: Database, ground: Ground) -> None:
    offer, visit = make_offer(db, ground).id, make_visit(db, ground).id
    claim(db, minutes(0, 10), offer_id=offer, held_until=SOON)
    claim(db, minutes(0, 10), visit_id=visit, patient_id=ground.patient.id)
    with db.read() as session:
        assert owners(session) == [(visit, None)] * 2


def test_what_the_visit_gives_up_again_is_held_for_them_as_before(db: Database, ground: Ground) -> None:
    """Two times of one clinician: what is not the offer's is free for everybody."""
    times = {"starts": NINE, "ends": NINE + timedelta(minutes=10), "held_until": SOON}
    offer, visit = make_offer(db, ground, **times).id, make_visit(db, ground).id
    clinician = ground.clinician.id or 0
    claim(db, minutes(0, 10, whose=clinician), offer_id=offer, held_until=SOON)
    claim(db, minutes(0, 20, whose=clinician), visit_id=visit, patient_id=ground.patient.id)
    with db.write() as session:
        release_time(session, visit_ids=[visit or 0])
    with db.read() as session:
        assert owners(session) == [(None, offer)] * 2


@pytest.mark.parametrize("other_seats", [0, 1])
def test_the_seat_of_an_event_that_a_visit_gives_up_is_held_for_them_as_before(
    db: Database, ground: Ground, other_seats: int
) -> None:
    """One seat an offer: where theirs was not taken over, the visit's is free."""
    slot = make_session(db, ground.clinic, None, "09:00", "09:10")[0]
    offer, visit = (
        make_offer(db, ground, starts=slot.starts, ends=slot.ends, clinician_id=None).id,
        make_visit(db, ground).id,
    )
    place = {"now": utc_now(), "patient_id": ground.patient.id}
    with db.write() as session:
        others = [
            claim_place(session, slot.id or 0, 2, visit_id=one.id, now=utc_now())
            for one in ground.visits(session, other_seats)
        ]
        claim_place(session, slot.id or 0, 2, offer_id=offer, held_until=SOON, **place)
        claim_place(session, slot.id or 0, 2, visit_id=visit, **place)
        release_time(session, visit_ids=[visit or 0])
    with db.read() as session:
        assert owners(session)[len(others) :] == [(None, offer)]


def test_a_hold_can_be_made_longer(db: Database, ground: Ground) -> None:
    offer, visit = make_offer(db, ground).id, make_visit(db, ground).id
    claim(db, minutes(0, 10), offer_id=offer, held_until=SOON)
    with db.write() as session:
        assert offer is not None
        hold_until(session, [offer], SOON + timedelta(hours=1))
    with db.write() as session, pytest.raises(TakenError):
        claim_time(session, [minutes(0, 10)], visit_id=visit, now=SOON)


def test_a_visit_may_move_into_a_part_of_its_own_time(db: Database, ground: Ground) -> None:
    visit = make_visit(db, ground).id
    assert visit is not None
    claim(db, minutes(0, 20), visit_id=visit)
    with db.write() as session:
        kept = claim_time(session, [minutes(10, 30)], visit_id=visit, now=utc_now())
        release_time(session, visit_ids=[visit], kept=kept)
        taken = session.exec(select(col(ClaimedTime.cell)).order_by(col(ClaimedTime.cell))).all()
    assert list(taken) == list(cells(NINE + timedelta(minutes=10), NINE + timedelta(minutes=30)))


def test_what_another_system_booked_takes_what_is_free(db: Database, ground: Ground) -> None:
    ours, theirs = make_visit(db, ground).id, make_visit(db, ground).id
    claim(db, minutes(0, 10), visit_id=ours)
    claim(db, minutes(5, 20), visit_id=theirs, partly=True)
    with db.read() as session:
        assert owners(session) == [(ours, None)] * 2 + [(theirs, None)] * 2


def test_the_time_of_the_interpreter_alone_can_be_given_back(db: Database, ground: Ground) -> None:
    visit = make_visit(db, ground).id
    assert visit is not None
    claim(db, minutes(0, 10), minutes(0, 10, Whose.INTERPRETER), visit_id=visit)
    with db.write() as session:
        release_time(session, visit_ids=[visit], only=Whose.INTERPRETER)
        assert set(session.exec(select(col(ClaimedTime.kind)))) == {"clinician"}


def test_an_event_takes_as_many_as_it_has_places(db: Database, ground: Ground) -> None:
    with db.write() as session:
        seats = [claim_place(session, 1, 2, visit_id=make.id, now=utc_now())[2] for make in ground.visits(session, 2)]
        assert seats == [1, 2]
    with db.write() as session, pytest.raises(TakenError):
        claim_place(session, 1, 2, visit_id=ground.visits(session, 1)[0].id, now=utc_now())


def test_what_is_long_past_is_forgotten_and_a_second_run_finds_nothing(
    db: Database, ground: Ground, settings: Settings
) -> None:
    visit, offer = make_visit(db, ground).id, make_offer(db, ground).id
    fifteen_days = 15 * 24 * 60
    claim(db, minutes(-7 * 24 * 60 - fifteen_days, -7 * 24 * 60 - fifteen_days + 10), minutes(0, 10), visit_id=visit)
    claim(db, minutes(20, 30), offer_id=offer, held_until=utc_now() - timedelta(seconds=1))
    assert forget_old_claims(db, settings) == 4
    assert forget_old_claims(db, settings) == 0
    with db.read() as session:
        assert owners(session) == [(visit, None)] * 2
