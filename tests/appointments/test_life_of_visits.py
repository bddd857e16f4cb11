"""Any order of booking, moving, giving up, holding and waiting keeps the promises of a visit."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.claims import cells, claim_time, forget_old_claims
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.joint.moving import move_visit, wish_of_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.timetable.clinics import set_travel
from bot.appointments.timetable.slots import release_held_slots
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Clinic, Offer, OfferState, Slot, SlotKind, Visit, VisitState, Whose
from bot.tables.interpreters import BlockedInterpreter, InterpreterAway
from bot.tables.patients import Patient
from tests.appointments.clinics import make_agency, make_interpreter
from tests.appointments.world import london, make_clinic, make_clinician, make_session, make_site
from tests.factories import make_patient, make_practice

BEGIN = "2027-03-24 10:00"
"""A Wednesday. On the night to Sunday the clocks go forward; Friday and Monday are bank holidays."""
TRAVEL = 40
REFUSALS = {"taken", "past", "too-late", "nothing-free", "not-suited", "already-booked", "not-booked", "not-yet"}
number = st.integers(0, 1000)
sexes = st.sampled_from([None, None, "F", "M"])
hours = st.sampled_from([("00:30", "03:30"), ("09:00", "10:00"), ("09:00", "12:00"), ("13:30", "14:40")])
days = st.sampled_from(["thu,sun", "sat,sun", "thu,sat,tue", "mon-sun"])


def overlap(one: Any, other: Any) -> bool:
    return bool(one.starts < other.ends and other.starts < one.ends)


def pairs(visits: Iterable[Visit], whose: str) -> list[tuple[Visit, Visit]]:
    """Visits of the same clinician, interpreter or person, each with the next."""
    of: dict[int, list[Visit]] = {}
    for visit in sorted(visits, key=lambda visit: visit.starts):
        if getattr(visit, whose) is not None:
            of.setdefault(getattr(visit, whose), []).append(visit)
    return [pair for those in of.values() for pair in pairwise(those)]


class LifeOfVisits(RuleBasedStateMachine):
    """Two sites forty minutes apart, three clinics and an event, three interpreters and five people."""

    empty_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.db = type(self).empty_database()
        self.clock = time_machine.travel(london(BEGIN), tick=False)
        self.traveller = self.clock.start()
        self.settings = Settings(secret_key="a-long-secret-for-tests-of-no-value", database_url="sqlite:///unused.db")

    def teardown(self) -> None:
        self.clock.stop()

    @initialize(rotas=st.lists(st.tuples(days, hours), min_size=4, max_size=4), works=st.lists(hours, min_size=3))
    def a_practice(self, rotas: list[Any], works: list[tuple[str, str]]) -> None:
        self.practice = make_practice(self.db)
        sites = [make_site(self.db, self.practice) for _ in range(2)]
        set_travel(self.db, sites[0].code, sites[1].code, TRAVEL, CONSOLE)
        rules: list[dict[str, Any]] = [
            {"site": sites[0], "bank_holidays": True},
            {"site": sites[1], "held": 3},
            {"site": sites[1], "held": None, "held_language": "pl", "notice_hours": 20},
            {"site": sites[0], "places": 2, "slot_minutes": 30, "purpose": "event"},
        ]
        self.clinics = [make_clinic(self.db, self.practice, **each) for each in rules]
        clinicians = [make_clinician(self.db, self.practice, sex=sex) for sex in "FMF"]
        for clinic, clinician, (on, (opens, closes)) in zip(self.clinics, [*clinicians, None], rotas, strict=True):
            if clinic.places is not None:
                opens, closes = "13:30", "14:30"
            last = london("2027-04-03 00:00").date()
            make_session(self.db, clinic, clinician, on, opens, closes, starts_on=london(BEGIN).date(), until=last)
        agency = make_agency(self.db, self.practice)
        spoken = (("ur",), ("ur", "pl"), ("pl",))
        self.interpreters = [
            make_interpreter(self.db, agency, tags, [(day, *each) for day in range(7)], sex=sex)
            for tags, each, sex in zip(spoken, [*works, ("00:00", "23:59")][-3:], "FMF", strict=True)
        ]
        people = (("ur", True, "F"), ("ur", True, "M"), ("pl", True, "F"), ("pl", False, "F"), ("en", False, "M"))
        self.people = [
            make_patient(self.db, self.practice, language=tag, interpreter=needs, sex=sex) for tag, needs, sex in people
        ]

    # What people do.

    @rule(who=number, where=number, longer=st.booleans(), clinician=sexes, interpreter=sexes)
    def somebody_takes_any_time(
        self, who: int, where: int, longer: bool, clinician: str | None, interpreter: str | None
    ) -> None:
        self._book(who, where, None, longer=longer, clinician_sex=clinician, interpreter_sex=interpreter)

    @rule(who=number, where=number, when=number)
    def somebody_takes_a_time_they_see(self, who: int, where: int, when: int) -> None:
        self._book(who, where, self._a_start(where, when))

    @rule(who=number, where=number, when=number)
    def somebody_takes_what_was_found(self, who: int, where: int, when: int) -> None:
        """A time that is found can be booked at that moment."""
        patient, clinic = self._of(self.people, who), self._of(self.clinics, where)
        with self.db.read() as session:
            times = find_times(session, Wish(patient, clinic), utc_now(), limit=20).times
        if times:
            assert self._book(who, where, times[when % len(times)].starts) is not None

    def _book(self, who: int, where: int, starts: datetime | None, **asked: Any) -> Visit | None:
        patient, clinic = self._of(self.people, who), self._of(self.clinics, where)
        wanted = VisitWanted(self.practice.code, patient.nhs_number, clinic.code, starts, **asked)
        return self._try(lambda: book_joint_visit(self.db, self.settings, wanted, CONSOLE))

    @rule(which=number, when=number)
    def a_visit_moves(self, which: int, when: int) -> None:
        visit = self._a_visit(which)
        if visit is None:
            return
        where = [clinic.id for clinic in self.clinics].index(visit.clinic_id)
        moved = self._try(lambda: move_visit(self.db, self.settings, visit.code, self._a_start(where, when), CONSOLE))
        if moved is not None:
            assert (moved.sequence, moved.moved_from) == (visit.sequence + 1, visit.starts)

    @rule(which=number, by=st.sampled_from(["person", "practice"]))
    def a_visit_is_given_up(self, which: int, by: Any) -> None:
        visit = self._a_visit(which)
        if visit is None:
            return
        given_up = self._try(lambda: give_up_visit(self.db, self.settings, visit.code, by, None, CONSOLE))
        if given_up is None or visit.state == VisitState.CANCELLED:
            return  # its time may be another's by now
        with self.db.read() as session:
            wish = wish_of_visit(session, visit)
            found = find_times(session, wish, utc_now(), only_starts=[visit.starts])
            in_time = visit.starts >= utc_now() + timedelta(hours=wish.clinic.notice_hours)
            if in_time and visit.starts > utc_now() and not self._has_lost(session, visit):
                assert [time.starts for time in found.times] == [visit.starts], "freed time is offered again"

    def _has_lost(self, session: Session, visit: Visit) -> bool:
        """Whether its interpreter could not come any more, had it stayed."""
        away = select(InterpreterAway.id).where(InterpreterAway.interpreter_id == visit.interpreter_id)
        blocked = select(BlockedInterpreter).where(BlockedInterpreter.interpreter_id == visit.interpreter_id)
        return session.exec(away).first() is not None or session.exec(blocked).first() is not None

    @rule(who=number, where=number, minutes=st.integers(1, 60))
    def a_time_is_held_for_somebody(self, who: int, where: int, minutes: int) -> None:
        patient, clinic = self._of(self.people, who), self._of(self.clinics[:3], where)
        now = utc_now()
        with self.db.write() as session:
            found = find_times(session, Wish(patient, clinic), now, limit=2).times
            for number, time in enumerate(found, 1):
                self._hold(session, patient, clinic, number, time, now, now + timedelta(minutes=minutes))

    def _hold(
        self, session: Session, patient: Patient, clinic: Clinic, number: int, time: Any, now: datetime, until: datetime
    ) -> None:
        offer = Offer(
            practice_id=self.practice.id or 0,
            patient_id=patient.id or 0,
            clinic_id=clinic.id or 0,
            clinician_id=time.clinician.id,
            number=number,
            starts=time.starts,
            ends=time.ends,
            interpreter_id=time.interpreter.id if time.interpreter else None,
            held_until=until,
            until=until + timedelta(hours=24),
            made_at=now,
        )
        session.add(offer)
        session.flush()
        wanted = [(Whose.CLINICIAN, time.clinician.id, time.starts, time.ends)]
        if time.interpreter:
            wanted.append((Whose.INTERPRETER, time.interpreter.id, time.starts, time.ends))
        claim_time(session, wanted, offer_id=offer.id, held_until=until, now=now, patient_id=patient.id)

    @rule(which=number, outcome=st.sampled_from(list(VisitState)))
    def an_outcome_is_pressed(self, which: int, outcome: VisitState) -> None:
        visit = self._a_visit(which)
        if visit is not None:
            self._try(lambda: record_outcome(self.db, visit.code, outcome, CONSOLE))

    @rule(which=number, hours=st.integers(1, 48))
    def an_interpreter_is_away(self, which: int, hours: int) -> None:
        """As somebody says it who has nothing booked then; else a visit would lose its interpreter."""
        interpreter, now = self._of(self.interpreters, which), utc_now()
        until = now + timedelta(hours=hours)
        with self.db.write() as session:
            booked = select(Visit.id).where(
                Visit.interpreter_id == interpreter.id, col(Visit.starts) < until, col(Visit.ends) > now
            )
            if session.exec(booked).first() is None:
                session.add(InterpreterAway(interpreter_id=interpreter.id or 0, starts=now, ends=until))

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.traveller.shift(timedelta(minutes=minutes))

    @rule()
    def the_jobs_run(self) -> None:
        release_held_slots(self.db, self.settings)
        assert release_held_slots(self.db, self.settings) == 0
        forget_old_claims(self.db, self.settings)
        assert forget_old_claims(self.db, self.settings) == 0

    def _try(self, verb: Callable[[], Visit]) -> Visit | None:
        try:
            return verb()
        except Refused as refused:
            if refused.code not in REFUSALS:
                raise
            return None

    def _of(self, things: list[Any], which: int) -> Any:
        return things[which % len(things)]

    def _a_start(self, where: int, when: int) -> datetime:
        clinic = self._of(self.clinics, where)
        with self.db.read() as session:
            starts = session.exec(
                select(Slot.starts).where(Slot.clinic_id == clinic.id).order_by(col(Slot.starts))
            ).all()
        return starts[when % len(starts)] if starts else utc_now() + timedelta(days=1)

    def _a_visit(self, which: int) -> Visit | None:
        with self.db.read() as session:
            visits = session.exec(select(Visit).order_by(col(Visit.id))).all()
        return visits[which % len(visits)] if visits else None

    # What is always so.

    def _visits(self, session: Session) -> list[Visit]:
        return list(session.exec(select(Visit).where(Visit.state != VisitState.CANCELLED)))

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        with self.db.read() as session:
            visits = self._visits(session)
        for whose in ("clinician_id", "interpreter_id", "patient_id"):
            assert not [pair for pair in pairs(visits, whose) if overlap(*pair)]

    @invariant()
    def interpreters_have_time_to_travel(self) -> None:
        with self.db.read() as session:
            visits = self._visits(session)
        for before, after in pairs(visits, "interpreter_id"):
            if before.site_id != after.site_id:
                assert after.starts - before.ends >= timedelta(minutes=TRAVEL)

    @invariant()
    def a_visit_lies_in_slots_of_one_session_and_is_double_where_it_has_to_be(self) -> None:
        with self.db.read() as session:
            slots = session.exec(select(Slot)).all()
            for visit in self._visits(session):
                own = sorted(
                    (
                        slot
                        for slot in slots
                        if (slot.clinic_id, slot.clinician_id) == (visit.clinic_id, visit.clinician_id)
                        and overlap(slot, visit)
                    ),
                    key=lambda slot: slot.starts,
                )
                clinic = session.get_one(Clinic, visit.clinic_id)
                double = clinic.places is None and (visit.interpreter_id is not None or visit.longer)
                assert len(own) == (2 if double else 1)
                assert (own[0].starts, own[-1].ends) == (visit.starts, visit.ends)
                assert len({slot.session_id for slot in own}) == 1
                assert all(one.ends == other.starts for one, other in pairwise(own))
                assert not [slot for slot in own if self._is_lost(session, slot, visit)], "a held slot is lost"

    def _is_lost(self, session: Session, slot: Slot, visit: Visit) -> bool:
        """Whether a slot was held for others when it was booked."""
        released = slot.released_at is not None and slot.released_at <= visit.changed_at
        if slot.kind == SlotKind.OPEN or released:
            return False
        patient = session.get_one(Patient, visit.patient_id)
        return patient.language != slot.language if slot.language else visit.interpreter_id is None

    @invariant()
    def who_needs_an_interpreter_has_one(self) -> None:
        with self.db.read() as session:
            for visit in self._visits(session):
                patient = session.get_one(Patient, visit.patient_id)
                assert (visit.interpreter_id is not None) == bool(patient.interpreter)
                assert (visit.interpreter_state == "booked") == bool(patient.interpreter)

    @invariant()
    def every_claimed_cell_is_a_live_visits_or_an_offers(self) -> None:
        with self.db.read() as session:
            visits = {visit.id: visit for visit in self._visits(session)}
            expected = Counter(key for visit in visits.values() for key in self._cells_of(visit))
            seats, claimed, now = Counter[int](), Counter[tuple[str, int, int]](), utc_now()
            for cell in session.exec(select(ClaimedTime)):
                if cell.visit_id is None:
                    offer = session.get_one(Offer, cell.offer_id)
                    assert offer.state == OfferState.HELD
                    assert cell.held_until is not None
                elif cell.kind == Whose.PLACE:
                    seats[cell.whose] += 1
                else:
                    assert cell.visit_id in visits, "a cell of a visit that is given up"
                    claimed[cell.kind, cell.whose, cell.cell] += 1
            oldest = int((now - timedelta(days=13)).timestamp()) // 300
            assert {key for key in expected if key[2] > oldest} <= set(claimed)
            assert set(claimed) <= set(expected)
            assert max(seats.values(), default=0) <= 2

    def _cells_of(self, visit: Visit) -> Iterable[tuple[str, int, int]]:
        owners = (
            (Whose.CLINICIAN, visit.clinician_id),
            (Whose.INTERPRETER, visit.interpreter_id),
            (Whose.PATIENT, visit.patient_id),
        )
        for kind, whose in owners:
            if whose is not None:
                yield from ((str(kind), whose, cell) for cell in cells(visit.starts, visit.ends))


def test_any_order_of_events_keeps_the_promises_of_a_visit(sqlite_database: Callable[[], Database]) -> None:
    LifeOfVisits.empty_database = sqlite_database
    quick = settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(LifeOfVisits, settings=quick)  # type: ignore[no-untyped-call]
