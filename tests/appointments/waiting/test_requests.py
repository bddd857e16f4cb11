"""Who waits for a time in a clinic: joining and leaving, once a person and clinic, and how a request ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.finding import Wish
from bot.appointments.waiting.joining import WaitingWanted, join_in, join_waiting_list, leave_waiting_list
from bot.appointments.waiting.requests import (
    booked_in,
    end_with_death,
    leave_in,
    settle_requests,
    waiting_requests,
    wish_of_request,
)
from bot.audit import CONSOLE, PERSON, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import Clinic, Offer, OfferState, WaitingRequest, WaitingState
from bot.tables.patients import Patient
from tests.appointments.clinics import (
    Ground,
    at,
    make_clinic,
    make_clinician,
    make_ground,
    make_offer,
    make_session,
    make_visit,
)
from tests.factories import make_account, make_patient, make_practice
from tests.messaging.helpers import change, rows

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


def wanted(ground: Ground, **changes: Any) -> WaitingWanted:
    values = {
        "practice_code": ground.practice.code,
        "nhs_number": ground.patient.nhs_number,
        "clinic_code": ground.clinic.code,
    }
    return WaitingWanted(**(values | changes))


def join(db: Database, ground: Ground, **changes: Any) -> WaitingRequest:
    return join_waiting_list(db, wanted(ground, **changes), CONSOLE)


def stands(db: Database) -> list[tuple[str, int | None]]:
    with db.read() as session:
        return [(str(request.state), request.visit_id) for request in rows(session, WaitingRequest)]


def refusal(do: Any) -> str:
    with pytest.raises(Refused) as refused:
        do()
    return refused.value.code


def test_who_joins_waits_with_what_they_asked_for(db: Database, ground: Ground) -> None:
    made = join(db, ground, clinician_sex="F", interpreter_sex="F", longer=True)
    with db.read() as session:
        assert waiting_requests(session, clinic_id=ground.clinic.id) == [made]
        wish = wish_of_request(session, made)
        assert [each.action for each in rows(session, AuditEntry)] == ["waiting-joined"]
    assert (wish.patient.id, wish.clinic.id) == (ground.patient.id, ground.clinic.id)
    assert (wish.clinician_sex, wish.interpreter_sex, wish.longer) == ("F", "F", True)
    assert (made.state, made.since, made.asked, made.made_by) == ("waiting", utc_now(), 0, "console")


def test_who_waits_already_keeps_their_place(db: Database, ground: Ground) -> None:
    first = join(db, ground)
    again = join(db, ground, longer=True)
    assert (again.id, again.longer) == (first.id, False)
    with db.read() as session:
        assert len(rows(session, AuditEntry)) == 1


def test_the_same_person_waits_in_two_clinics_and_again_after_leaving(db: Database, ground: Ground) -> None:
    other = make_clinic(db, ground.practice, ground.site)
    join(db, ground)
    join(db, ground, clinic_code=other.code)
    leave_waiting_list(db, ground.practice.code, ground.patient.nhs_number, None, CONSOLE)
    join(db, ground)
    assert [state for state, _ in stands(db)] == ["left", "left", "waiting"]


def test_two_who_put_the_same_person_at_once_get_one_request(db: Database, ground: Ground) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: join(db, ground), range(8)))
    assert {request.id for request in made} == {made[0].id}
    assert stands(db) == [("waiting", None)]


def test_they_are_given_by_how_long_they_have_waited(db: Database, ground: Ground) -> None:
    late = join(db, ground)
    early = join(db, ground, nhs_number=make_patient(db, ground.practice).nhs_number)
    change(db, early, since=utc_now() - timedelta(days=1))
    with db.read() as session:
        assert [each.id for each in waiting_requests(session, practice_id=ground.practice.id)] == [early.id, late.id]
        assert waiting_requests(session, practice_id=0) == []


def test_who_cannot_be_seen_there_cannot_wait_there(db: Database, ground: Ground) -> None:
    man, dead = make_patient(db, ground.practice, sex="M"), make_patient(db, ground.practice, deceased=True)
    women = make_clinic(db, ground.practice, ground.site, women_only=True)
    elsewhere = make_ground(db, "OTHER")
    assert refusal(lambda: join(db, ground, nhs_number=man.nhs_number, clinic_code=women.code)) == "not-suited"
    assert refusal(lambda: join(db, ground, nhs_number=dead.nhs_number)) == "not-suited"
    assert refusal(lambda: join(db, ground, nhs_number=elsewhere.patient.nhs_number)) == "unknown-person"
    assert refusal(lambda: join(db, ground, clinic_code=elsewhere.clinic.code)) == "another-practice"
    assert refusal(lambda: join(db, ground, nhs_number="999")) == "unknown-person"
    assert stands(db) == []


def test_who_has_a_visit_to_come_in_that_clinic_does_not_wait_for_one(db: Database, ground: Ground) -> None:
    visit = make_visit(db, ground)
    assert refusal(lambda: join(db, ground)) == "already-booked"
    change(db, visit, state="cancelled")
    join(db, ground)
    assert stands(db) == [("waiting", None)]


def test_only_people_of_the_practice_put_somebody_on_its_list(db: Database, ground: Ground) -> None:
    theirs = make_account(db, Role.PRACTICE, practice=ground.practice)
    others = make_account(db, Role.PRACTICE, practice=make_practice(db, "OTHER"))
    for account in (others, make_account(db, Role.REVIEWER)):
        assert refusal(partial(join_waiting_list, db, wanted(ground), actor_of(account))) == "not-allowed"
    made = join_waiting_list(db, wanted(ground), actor_of(theirs))
    assert made.made_by == f"practice:{theirs.id}"


def test_leaving_says_when_nobody_waited(db: Database, ground: Ground) -> None:
    code, number = ground.practice.code, ground.patient.nhs_number
    assert refusal(lambda: leave_waiting_list(db, code, number, None, CONSOLE)) == "not-waiting"
    join(db, ground)
    other = make_clinic(db, ground.practice, ground.site)
    assert refusal(lambda: leave_waiting_list(db, code, number, other.code, CONSOLE)) == "not-waiting"
    [left] = leave_waiting_list(db, code, number, ground.clinic.code, CONSOLE)
    assert (left.state, left.ended_at) == ("left", utc_now())


def test_a_person_may_join_within_a_conversation_and_for_a_campaign(db: Database, ground: Ground) -> None:
    with db.write() as session:
        wish = Wish(session.get_one(Patient, ground.patient.id), session.get_one(Clinic, ground.clinic.id))
        made = join_in(session, wish, None, PERSON, utc_now())
        assert join_in(session, wish, None, PERSON, utc_now()) is made
    assert made.made_by == "person"


def test_what_was_before_a_person_is_given_back_when_they_leave_or_are_booked(db: Database, ground: Ground) -> None:
    for end in ("left", "booked"):
        request = join(db, ground)
        offer = make_offer(db, ground, waiting_id=request.id)
        visit = make_visit(db, ground, clinic_id=None)
        with db.write() as session:
            its = session.get_one(WaitingRequest, request.id)
            if end == "left":
                leave_in(session, its, WaitingState.LEFT, utc_now())
            else:
                booked_in(session, its, visit, utc_now())
        with db.read() as session:
            assert session.get_one(Offer, offer.id).state == OfferState.EXPIRED
            assert session.get_one(WaitingRequest, request.id).state == end


@pytest.mark.parametrize("purpose", ["general", "cervical"])
def test_who_got_a_visit_by_any_way_waits_no_longer(
    db: Database, settings: Settings, ground: Ground, purpose: str
) -> None:
    change(db, ground.patient, interpreter=False)
    other = make_clinic(db, ground.practice, ground.site, purpose=purpose)
    make_session(db, other, make_clinician(db, ground.practice), "09:00", "10:00")
    join(db, ground)
    named = VisitWanted(ground.practice.code, ground.patient.nhs_number, other.code, at("09:00"))
    visit = book_joint_visit(db, settings, named, CONSOLE)
    with db.write() as session:
        assert settle_requests(session, utc_now()) == (1 if purpose == "general" else 0)
        assert settle_requests(session, utc_now()) == 0
    assert stands(db) == [("booked", visit.id) if purpose == "general" else ("waiting", None)]


def test_a_visit_from_before_they_joined_and_one_given_up_end_nothing(db: Database, ground: Ground) -> None:
    other = make_clinic(db, ground.practice, ground.site)
    make_visit(db, ground, clinic_id=other.id, made_at=utc_now() - timedelta(days=1))
    make_visit(db, ground, clinic_id=other.id, state="cancelled")
    join(db, ground)
    with db.write() as session:
        assert settle_requests(session, utc_now()) == 0
    assert stands(db) == [("waiting", None)]


def test_a_death_ends_every_request_and_gives_back_what_was_kept(db: Database, ground: Ground) -> None:
    request = join(db, ground)
    offer = make_offer(db, ground, waiting_id=request.id)
    with db.write() as session:
        end_with_death(session, [ground.patient.id or 0])
    assert stands(db) == [("left", None)]
    with db.read() as session:
        assert session.get_one(Offer, offer.id).state == OfferState.EXPIRED
