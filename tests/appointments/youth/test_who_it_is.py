"""Staff have spoken to the young person: the visit and the number are theirs, or somebody else's."""

from typing import Any

import pytest
from sqlmodel import select

from bot.appointments.by_text.reminders import remind
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.youth.who_it_is import say_it_is_not, say_it_is_them
from bot.audit import CONSOLE
from bot.clock import london_today
from bot.patients.told import note_death
from bot.refusals import Refused
from bot.tables.appointments import ClaimedTime, Visit, Whose
from bot.tables.patients import Patient, PhoneStatus
from tests.appointments.youth.walls import HERS, MOTHERS, Wall
from tests.factories import make_patient


def known(wall: Wall) -> tuple[Patient, Visit]:
    girl, visit = wall.young(), wall.booked()
    say_it_is_them(wall.db, visit.code, girl.nhs_number, CONSOLE)
    return wall.person(girl), wall.visits()[0]


def refused(wall: Wall, visit: Visit, girl: Patient) -> str:
    with pytest.raises(Refused) as refusal:
        say_it_is_them(wall.db, visit.code, girl.nhs_number, CONSOLE)
    return refusal.value.code


def test_yes_makes_the_visit_theirs_and_the_number_confirmed(wall: Wall) -> None:
    girl, visit = known(wall)
    assert visit.patient_id == girl.id
    assert (girl.phone, girl.phone_status, girl.phone_source) == (HERS, PhoneStatus.CONFIRMED, "patient")
    assert girl.phone_since == london_today()
    with wall.db.read() as session:
        claims = session.exec(select(ClaimedTime).where(ClaimedTime.kind == Whose.PATIENT)).all()
    assert {(row.whose, row.visit_id) for row in claims} == {(girl.id, visit.id)}


def test_from_then_on_they_are_reminded_on_that_number_and_may_answer(wall: Wall) -> None:
    _girl, visit = known(wall)
    wall.at("2026-11-27 10:31")
    remind(wall.db, wall.settings)
    wall.sent()
    assert wall.told()[-1] == "young-person-reminder"
    wall.says("cannot come")
    assert wall.told()[-1] == "visit-cannot-come"
    assert wall.told(MOTHERS) == []
    wall.says("2")
    assert [each.state for each in wall.visits() if each.id == visit.id] == ["cancelled"]


def test_the_next_list_leaves_their_number_as_it_is_and_the_nightly_look_too(wall: Wall) -> None:
    girl, _visit = known(wall)
    wall.at("2028-05-12 12:00").judged()
    assert wall.person(girl).phone_status == PhoneStatus.CONFIRMED


def test_it_is_refused_where_the_number_stands_on_another_record(wall: Wall) -> None:
    girl, visit = wall.young(), wall.booked()
    make_patient(wall.db, wall.practice, phone=HERS)
    assert refused(wall, visit, girl) == "number-of-another"
    assert wall.person(girl).phone == MOTHERS
    assert wall.visits()[0].patient_id is None


def test_nobody_but_who_is_proposed_can_be_chosen(wall: Wall) -> None:
    visit = wall.booked(birthday="1305")
    other = wall.young()
    assert refused(wall, visit, other) == "another-proposed"


def test_no_takes_the_proposal_away_and_leaves_the_visit(wall: Wall) -> None:
    girl, visit = wall.young(), wall.booked()
    for _twice in range(2):
        say_it_is_not(wall.db, visit.code, CONSOLE)
    assert wall.starts()[0].may_be_id is None
    assert wall.visits()[0].state == "booked"
    assert refused(wall, visit, girl) == "another-proposed"


def test_it_is_said_once(wall: Wall) -> None:
    girl, visit = known(wall)
    assert refused(wall, visit, girl) == "known-already"


def test_of_a_visit_that_was_given_up_nothing_is_said(wall: Wall) -> None:
    girl, visit = wall.young(), wall.booked()
    give_up_visit(wall.db, wall.settings, visit.code, "person", None, CONSOLE)
    assert refused(wall, visit, girl) == "not-booked"


@pytest.mark.parametrize("changes", [{"phone": None, "phone_status": PhoneStatus.NONE}, {"phone": HERS}])
def test_whatever_number_was_on_the_record_before(wall: Wall, changes: dict[str, Any]) -> None:
    girl, visit = wall.young(**changes), wall.booked()
    say_it_is_them(wall.db, visit.code, girl.nhs_number, CONSOLE)
    assert wall.person(girl).phone_status == PhoneStatus.CONFIRMED


def test_who_has_died_meanwhile_gets_no_text(wall: Wall) -> None:
    girl, _visit = known(wall)
    with wall.db.write() as session:
        note_death(session, session.get_one(Patient, girl.id), None, CONSOLE)
    before = wall.told()
    wall.at("2026-11-27 10:31")
    remind(wall.db, wall.settings)
    wall.sent()
    assert wall.told() == before
