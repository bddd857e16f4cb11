"""Any order of losing, asking and taking over, among all that happens to visits, keeps the promises of a visit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.appointments.interpreted.interpreters_away import set_interpreter_away
from bot.appointments.interpreted.lost import accept_ask, decline_ask, give_up_interpreter, lapse_asks
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.appointments import InterpreterState, Slot, SlotKind, Visit, VisitState
from bot.tables.interpreters import AskState, InterpreterAsk, Mode
from bot.tables.patients import Patient
from tests.appointments.test_life_of_visits import TRAVEL, LifeOfVisits, number, pairs

CHANGE = timedelta(minutes=10)
WITHOUT = (InterpreterState.SEEKING, InterpreterState.FAILED)


class LifeOfLostInterpreters(LifeOfVisits):
    """The same practice, whose interpreters give up visits, are asked, and answer or not."""

    @initialize(rotas=st.just([("mon-sun", ("09:00", "12:00"))] * 4), works=st.just([("08:00", "18:00")] * 3))
    def a_practice(self, rotas: list[Any], works: list[tuple[str, str]]) -> None:
        """Everybody who needs an interpreter has a visit with one, and others could take it."""
        super().a_practice(rotas, works)
        for who, where in ((0, 0), (1, 1), (2, 1)):
            self._book(who, where, None)

    @rule(which=number)
    def an_interpreter_gives_up(self, which: int) -> None:
        with self.db.read() as session:
            theirs = select(Visit).where(col(Visit.interpreter_id).is_not(None), Visit.state == VisitState.BOOKED)
            visits = session.exec(theirs.order_by(col(Visit.id))).all()
        if visits:
            visit = visits[which % len(visits)]
            whose = visit.interpreter_id or 0
            self._settle(lambda: give_up_interpreter(self.db, self.settings, visit.id or 0, whose, CONSOLE))

    @rule(which=number, hours=st.integers(1, 48))
    def an_interpreter_falls_ill(self, which: int, hours: int) -> None:
        code, now = self._of(self.interpreters, which).code, utc_now()
        set_interpreter_away(self.db, self.settings, code, now, now + timedelta(hours=hours), CONSOLE)

    @rule(which=number, yes=st.booleans())
    def somebody_asked_answers(self, which: int, yes: bool) -> None:
        with self.db.read() as session:
            newest = col(InterpreterAsk.asked_at).desc(), col(InterpreterAsk.id).desc()
            asks = session.exec(select(InterpreterAsk).order_by(*newest).limit(3)).all()
        if asks:
            ask = asks[which % len(asks)]
            answer = accept_ask if yes else decline_ask
            self._settle(lambda: answer(self.db, self.settings, ask.visit_id, ask.interpreter_id, CONSOLE))

    @rule(minutes=st.integers(0, 240))
    def asks_lapse(self, minutes: int) -> None:
        self.traveller.shift(timedelta(minutes=minutes))
        lapse_asks(self.db, self.settings)
        assert lapse_asks(self.db, self.settings) == 0, "a second run changes nothing"

    def _settle(self, verb: Callable[[], Any]) -> None:
        try:
            verb()
        except Refused as refused:
            if refused.code != "not-theirs":
                raise

    def _has_lost(self, session: Session, visit: Visit) -> bool:
        """That freed time is offered again is seen where nobody is lost."""
        return True

    def _is_lost(self, session: Session, slot: Slot, visit: Visit) -> bool:
        """It may have been moved before, and its interpreter lost since: who needs one may have it."""
        patient = session.get_one(Patient, visit.patient_id)
        return slot.kind == SlotKind.HELD and not patient.interpreter and super()._is_lost(session, slot, visit)

    @invariant()
    def interpreters_have_time_to_travel(self) -> None:
        with self.db.read() as session:
            visits = self._visits(session)
        for before, after in pairs(visits, "interpreter_id"):
            there = [visit.interpreter_mode == Mode.IN_PERSON for visit in (before, after)]
            if all(there) and before.site_id != after.site_id:
                assert after.starts - before.ends >= timedelta(minutes=TRAVEL)
            elif any(there) and not all(there):
                assert after.starts - before.ends >= CHANGE

    @invariant()
    def a_visit_lies_in_slots_of_one_session_and_is_double_where_it_has_to_be(self) -> None:
        """Losing an interpreter gives no part of its time back."""
        with self.db.read() as session:
            for visit in self._visits(session):
                patient = session.get_one(Patient, visit.patient_id)
                clinic = next(clinic for clinic in self.clinics if clinic.id == visit.clinic_id)
                double = clinic.places is None and (patient.interpreter or visit.longer)
                assert visit.ends - visit.starts == timedelta(minutes=clinic.slot_minutes * (2 if double else 1))

    @invariant()
    def who_needs_an_interpreter_has_one(self) -> None:
        """Or somebody is sought, or staff know that there is none; and who needs none is never said to lack one."""
        with self.db.read() as session:
            for visit in self._visits(session):
                patient = session.get_one(Patient, visit.patient_id)
                assert (visit.interpreter_id is not None) == (visit.interpreter_state == InterpreterState.BOOKED)
                assert bool(patient.interpreter) == (visit.interpreter_state != InterpreterState.NOT_NEEDED)

    @invariant()
    def one_interpreter_at_a_time_is_asked_and_only_while_one_is_wanted(self) -> None:
        with self.db.read() as session:
            visits = {visit.id: visit for visit in session.exec(select(Visit))}
            asked = session.exec(select(InterpreterAsk).where(InterpreterAsk.state == AskState.ASKED)).all()
        assert len({ask.visit_id for ask in asked}) == len(asked)
        for ask in asked:
            visit = visits[ask.visit_id]
            assert visit.interpreter_state in WITHOUT
            assert visit.state != VisitState.CANCELLED

    @invariant()
    def nobody_counts_as_not_come_by_losing_an_interpreter(self) -> None:
        with self.db.read() as session:
            missed = session.exec(select(Visit).where(Visit.state == VisitState.DID_NOT_ATTEND)).all()
        assert all(visit.starts <= utc_now() for visit in missed)


def test_any_order_of_losing_and_taking_over_keeps_the_promises(sqlite_database: Callable[[], Database]) -> None:
    LifeOfLostInterpreters.empty_database = sqlite_database
    quick = settings(max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(LifeOfLostInterpreters, settings=quick)  # type: ignore[no-untyped-call]
