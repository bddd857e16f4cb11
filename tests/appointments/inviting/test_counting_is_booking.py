"""What is counted as free can be booked, each of it, one after the other: held against real booking in small worlds."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.appointments.inviting.free_times import AHEAD, free_times
from bot.appointments.inviting.sharing import Counted, Waits, share
from bot.appointments.joint.booking import book_in
from bot.appointments.joint.finding import Wish
from bot.audit import SERVICE
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import BookingCampaign, Clinic, ClinicPurpose, Slot, SlotKind, Visit
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.interpreters import Interpreter, InterpreterHours, InterpreterLanguage
from bot.tables.organisations import Agency
from bot.tables.patients import Patient
from tests.appointments.clinics import Ground, at, make_agency, make_clinician, make_ground, make_session, make_site
from tests.factories import nhs_number

LANGUAGES = ("ur", "bn", "prs", "fa")

_worlds = st.fixed_dictionaries(
    {
        "nurse": st.sets(st.integers(0, 11), max_size=9),
        "second": st.sets(st.integers(0, 11), max_size=6),
        "second_is_a_man": st.booleans(),
        "kept": st.lists(st.sampled_from([None, None, "", "ur"]), min_size=24, max_size=24),
        "interpreters": st.lists(
            st.tuples(
                st.sets(st.sampled_from(LANGUAGES), min_size=1, max_size=2),
                st.sampled_from(["F", "M"]),
                st.integers(0, 8),
                st.sampled_from([None, 0, 3, 6]),
            ),
            max_size=4,
        ),
        "people": st.lists(st.sampled_from([*LANGUAGES, None]), min_size=1, max_size=12),
    }
)


class _Undo(Exception):
    """Nothing of the transaction stays."""


@contextmanager
def undone(db: Database) -> Iterator[Session]:
    """A transaction that was only looked at."""
    with suppress(_Undo), db.write() as session:
        yield session
        raise _Undo


@pytest.fixture
def ground(db: Database) -> Ground:
    """A practice with two clinicians, each with twelve slots on one morning, an agency and another site."""
    ground = make_ground(db, purpose=ClinicPurpose.CERVICAL)
    make_session(db, ground.clinic, ground.clinician, "09:00", "11:00")
    make_session(db, ground.clinic, make_clinician(db, ground.practice), "09:00", "11:00")
    make_site(db, ground.practice, code="ELSEWHERE")
    make_agency(db, ground.practice)
    return ground


@given(world=_worlds)
@run(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_that_is_counted_can_be_booked_one_after_the_other(
    db: Database, settings: Settings, ground: Ground, world: dict[str, Any]
) -> None:
    with undone(db) as session:
        campaign = _campaign(session, ground, world)
        free = free_times(session, campaign, utc_now())
        waits = [Waits(group.key, free.asked_by(group), group.people) for group in free.groups]
        for counted in share(free.picture, waits, utc_now() + AHEAD):
            language = None if counted.key == "everybody" else counted.key.split(":")[0]
            patient = _person(session, ground, language)
            wish = Wish(patient, session.get_one(Clinic, ground.clinic.id), "F")
            visit = book_in(session, settings, wish, counted.starts, SERVICE, told=True)
            assert (visit.interpreter_id, visit.clinician_id) == (counted.interpreter_id, _clinician(session, counted))


def _campaign(session: Session, ground: Ground, world: dict[str, Any]) -> Campaign:
    _take_slots(session, ground, world)
    agency = session.exec(select(Agency)).one()
    for number, (languages, sex, opens, elsewhere) in enumerate(world["interpreters"]):
        _interpreter(session, ground, agency, number, languages, sex, opens, elsewhere)
    values = {"practice_id": ground.practice.id, "purpose": "cervical-screening", "criteria": "cervical-screening"}
    campaign = Campaign(**values, criteria_version=1, matched=1, created_at=utc_now())
    session.add(campaign)
    session.flush()
    session.add(BookingCampaign(campaign_id=campaign.id or 0, clinic_id=ground.clinic.id or 0))
    for language in world["people"]:
        person = _person(session, ground, language)
        session.add(CampaignMember(campaign_id=campaign.id or 0, patient_id=person.id or 0, language="en"))
    session.flush()
    return campaign


def _take_slots(session: Session, ground: Ground, world: dict[str, Any]) -> None:
    slots = session.exec(select(Slot).order_by(col(Slot.clinician_id), col(Slot.starts))).all()
    for n, slot in enumerate(slots):
        mine = world["nurse"] if n < 12 else world["second"]
        kept = world["kept"][n]
        slot.withdrawn_at = None if n % 12 in mine else utc_now()
        slot.kind = SlotKind.OPEN if kept is None else SlotKind.HELD
        slot.language = kept or None
        session.add(slot)
    if world["second_is_a_man"]:
        second = session.get_one(type(ground.clinician), slots[-1].clinician_id)
        second.sex = "M"
        session.add(second)
    session.flush()


def _interpreter(
    session: Session,
    ground: Ground,
    agency: Agency,
    number: int,
    languages: set[str],
    sex: str,
    opens: int,
    elsewhere: int | None,
) -> None:
    values = {"agency_id": agency.id, "name": "Sana Malik", "sex": sex, "in_person_notice": 0}
    made = Interpreter(code=f"INT{number}", created_at=utc_now(), updated_at=utc_now(), **values)
    session.add(made)
    session.flush()
    session.add_all(InterpreterLanguage(interpreter_id=made.id or 0, language=tag) for tag in languages)
    opening = time(9 + opens // 6, opens % 6 * 10)
    session.add(InterpreterHours(interpreter_id=made.id or 0, weekday=1, opens=opening, closes=time(11)))
    if elsewhere is not None:
        starts = at("09:00") + timedelta(minutes=10 * elsewhere)
        session.add(_visit_elsewhere(session, ground, made, number, starts))
    session.flush()


def _visit_elsewhere(session: Session, ground: Ground, who: Interpreter, number: int, starts: datetime) -> Visit:
    site = session.exec(select(type(ground.site)).where(col(type(ground.site).code) == "ELSEWHERE")).one()
    return Visit(
        code=f"ELSE{number:04d}",
        practice_id=ground.practice.id or 0,
        patient_id=ground.patient.id,
        site_id=site.id,
        starts=starts,
        ends=starts + timedelta(minutes=10),
        interpreter_id=who.id,
        interpreter_mode="in-person",
        interpreter_state="booked",
        made_by="console",
        made_at=utc_now(),
        changed_at=utc_now(),
    )


_numbers: Iterator[int] = iter(range(10_000, 10_000_000))


def _person(session: Session, ground: Ground, language: str | None) -> Patient:
    person = Patient(
        practice_id=ground.practice.id or 0,
        nhs_number=nhs_number(next(_numbers)),
        born=date(1980, 1, 1),
        sex="F",
        language=language,
        interpreter=language is not None,
        created_at=utc_now(),
        updated_at=utc_now(),
    )
    session.add(person)
    session.flush()
    return person


def _clinician(session: Session, counted: Counted) -> int | None:
    return session.get_one(Slot, counted.slots[0]).clinician_id
