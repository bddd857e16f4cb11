"""Scenario E: a girl of 14 whose record has her mother's number texts a poster's code from her own phone at school."""

from sqlmodel import select

from bot.appointments.by_text.reminders import remind
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.youth.criteria import CRITERIA
from bot.appointments.youth.who_it_is import say_it_is_them
from bot.audit import CONSOLE
from bot.clock import london_today
from bot.tables.appointments import VisitState
from bot.tables.patients import Patient, PhoneStatus
from tests.appointments.youth.walls import HERS, MOTHERS, Wall
from tests.messaging.helpers import london


def test_a_girl_of_14_gets_a_time_and_her_mothers_phone_nothing(wall: Wall) -> None:
    girl = wall.young()
    assert why_not(wall, girl) == "unsafe-phone"

    wall.says(f"{wall.code} 2")
    assert wall.told() == ["poster-own-phone"]
    wall.says("1")
    wall.says("1205")
    assert wall.told() == ["poster-own-phone", "poster-birthday", "poster-booked"]
    told = wall.last()
    assert "You have a time on Saturday 28 November 2026 at 10:30am" in told
    assert "12 Station Road" in told
    assert "It is private. You are not wasting our time." in told
    assert "0 = no more texts" in told
    for secret in ("Aisha", "Example", "YOUTH", "Young People", "Station Practice", "clinic"):
        assert secret not in told

    [visit] = wall.visits()
    assert (visit.starts, visit.patient_id, visit.phone) == (london("2026-11-28 10:30"), None, HERS)
    [start] = wall.starts()
    assert start.may_be_id == girl.id
    assert untouched(wall, girl)

    wall.at("2026-11-27 10:31")
    remind(wall.db, wall.settings)
    wall.sent()
    assert wall.told()[-1] == "young-person-reminder"
    assert wall.told(MOTHERS) == []

    wall.at("2026-11-28 10:20")
    say_it_is_them(wall.db, visit.code, girl.nhs_number, CONSOLE)
    record_outcome(wall.db, visit.code, VisitState.ATTENDED, CONSOLE)
    after = wall.person(girl)
    assert (after.phone, after.phone_status, after.phone_source) == (HERS, PhoneStatus.CONFIRMED, "patient")
    assert wall.visits()[0].patient_id == girl.id
    assert why_not(wall, girl) is None

    wall.at("2026-12-28 10:00")
    wall.sent()
    assert wall.told(MOTHERS) == []


def why_not(wall: Wall, girl: Patient) -> str | None:
    with wall.db.read() as session:
        return session.scalar(select(CRITERIA.reason_sql(london_today())).where(Patient.id == girl.id))


def untouched(wall: Wall, girl: Patient) -> bool:
    return wall.person(girl).model_dump() == girl.model_dump()


def test_a_number_that_nobody_confirmed_stays_unsafe_until_18(wall: Wall) -> None:
    girl = wall.young()
    for day in ("2028-05-11", "2028-05-12", "2029-05-12", "2030-05-11"):
        wall.at(f"{day} 12:00").judged()
        assert why_not(wall, girl) == "unsafe-phone", day
    wall.at("2030-05-12 12:00").judged()
    assert wall.person(girl).phone_status == PhoneStatus.OWN
    assert why_not(wall, girl) == "over-17"
