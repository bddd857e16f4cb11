"""Whatever is said of clinics and sessions, in any order: their slots are those that the rules now ask for."""

from datetime import date, time, timedelta
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.appointments.timetable.clinics import ClinicRules, add_clinic, add_closure
from bot.appointments.timetable.making import days_of, steps_of, why_shut
from bot.appointments.timetable.rotas import rotas_of
from bot.appointments.timetable.sessions import Hours, add_session, change_session, end_session
from bot.appointments.timetable.slots import make_slots
from bot.audit import CONSOLE
from bot.clock import LONDON
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import Clinic, ClinicSession, Slot
from bot.tables.organisations import Practice
from tests.appointments.world import TOMORROW, make_clinic, make_clinician, make_site
from tests.factories import make_practice

day = st.integers(0, 60).map(lambda ahead: TOMORROW + timedelta(days=ahead))
hours = st.builds(
    lambda weekdays, opens, length, starts, lasts, every: Hours(
        frozenset(weekdays), time(opens), time(min(opens + length, 23)), starts, starts + timedelta(days=lasts), every
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from([0, 1, 8, 9, 13]),
    st.integers(1, 3),
    day,
    st.integers(0, 90),
    st.integers(1, 3),
)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("add"), hours),
        st.tuples(st.just("change"), hours),
        st.tuples(st.just("end"), st.none() | day),
        st.tuples(st.just("close"), st.tuples(day, st.integers(0, 5))),
        st.tuples(st.just("rules"), st.tuples(st.sampled_from([10, 20, 30]), st.sampled_from([0, 2, None]))),
        st.tuples(st.just("make"), st.none()),
    ),
    min_size=2,
    max_size=7,
)


class Rotas:
    """One clinic with one clinician, of which anything may be said."""

    def __init__(self, db: Database, service: Settings, practice: Practice) -> None:
        self.db, self.service, self.practice = db, service, practice
        self.site = make_site(db, practice)
        self.clinic = make_clinic(db, practice, site=self.site, slot_minutes=30)
        self.clinician = make_clinician(db, practice)
        self.sessions: list[int] = []

    def do(self, what: str, how: Any) -> None:
        """One deed; what is refused changes nothing."""
        try:
            getattr(self, what)(how)
        except Refused as refused:
            if refused.code not in {"overlaps", "bad-session", "unknown-session", "does-not-fit"}:
                raise

    def add(self, how: Hours) -> None:
        said = add_session(self.db, self.clinic.code, self.clinician.code, how, CONSOLE)
        self.sessions.append(said.session)

    def change(self, how: Hours) -> None:
        if self.sessions:
            change_session(self.db, self.sessions[-1], how, CONSOLE)

    def end(self, last: date | None) -> None:
        if self.sessions:
            end_session(self.db, self.sessions[0], CONSOLE, last)

    def close(self, how: tuple[date, int]) -> None:
        add_closure(self.db, self.site.code, how[0], how[0] + timedelta(days=how[1]), CONSOLE)

    def rules(self, how: tuple[int, int | None]) -> None:
        rules = ClinicRules(slot_minutes=how[0], held=how[1])
        add_clinic(self.db, self.clinic.code, self.practice.code, self.site.code, rules, CONSOLE)

    def make(self, _: None) -> None:
        make_slots(self.db, self.service)

    def live(self) -> list[tuple[int | None, int, int, str]]:
        with self.db.read() as session:
            slots = select(Slot).where(Slot.clinic_id == self.clinic.id, col(Slot.withdrawn_at).is_(None))
            return sorted((slot.session_id, slot.first_cell, slot.end_cell, slot.kind) for slot in session.exec(slots))

    def asked_for(self) -> list[tuple[int | None, int, int, str]]:
        """By the rules alone, for twelve weeks."""
        with self.db.read() as session:
            rotas = rotas_of(session, [self.clinic.id or 0])
        today, last = TOMORROW - timedelta(days=1), TOMORROW + timedelta(days=83)
        return sorted(
            (rota.session_id, step.times.first_cell, step.times.end_cell, step.kind)
            for rota in rotas
            for each in days_of(rota, today, last)
            if why_shut(rota, each) is None
            for step in steps_of(rota, each)[0]
        )


@given(said=deeds)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_slots_follow_the_rules_whatever_was_said_before(
    db: Database, settings: Settings, said: list[tuple[str, Any]]
) -> None:
    with db.read() as session:
        practice = session.exec(select(Practice)).first()
    rotas = Rotas(db, settings, practice or make_practice(db))
    for what, how in said:
        rotas.do(what, how)
        assert rotas.live() == rotas.asked_for()


def test_every_live_slot_lies_in_its_session(db: Database, settings: Settings) -> None:
    rotas = Rotas(db, settings, make_practice(db))
    rotas.add(Hours(frozenset({6}), time(0), time(4), TOMORROW))
    with db.read() as session:
        hours_of = {found.id: found for found in session.exec(select(ClinicSession))}
        clinic = session.get_one(Clinic, rotas.clinic.id)
        for slot in session.exec(select(Slot).where(Slot.clinic_id == clinic.id)):
            begins, ends = (moment.astimezone(LONDON).time() for moment in (slot.starts, slot.ends))
            found = hours_of[slot.session_id]
            assert found.opens <= begins < ends <= found.closes
