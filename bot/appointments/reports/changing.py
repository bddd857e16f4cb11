"""What a report changes of visits that we know: moved, arrived, attended, off; or how long, how and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from bot.appointments.by_text.telling import withdraw_reminders_of
from bot.appointments.interpreted.losing import note_time_lost, withdraw_asks
from bot.appointments.joint.claims import Wanted, claim_for_visits, release_time
from bot.appointments.joint.giving_up import By, give_up_in
from bot.appointments.own_book.own_system import Task, close_tasks, open_tasks_of
from bot.appointments.reports.judging import VisitIn
from bot.appointments.reports.matching import Matched, next_state
from bot.appointments.reports.places import Places
from bot.appointments.reports.telling import TELL_BOOKED, TELL_MOVED, TELL_OFF
from bot.audit import Actor, record
from bot.rows import among, chunks
from bot.settings import Settings
from bot.tables.appointments import InterpreterState, ReportedVisit, Visit, VisitKind, VisitState, Whose
from bot.tables.patients import Patient

OFF_IN_REPORT = "Off in the practice's own system."
T = TypeVar("T", bound=SQLModel)


@dataclass
class Changing:
    """The transaction in which a report changes visits, and all that decides what becomes of them."""

    session: Session
    settings: Settings
    report_id: int
    people: Mapping[str, Patient]
    places: Places
    actor: Actor
    now: datetime
    confirmation: bool
    _shown_otherwise: list[int] = field(default_factory=list)

    def change(self, rows: Sequence[Matched]) -> None:
        """Change the visits that these rows are about."""
        ids = [matched.known.visit_id for matched in rows if matched.known]
        visits = {visit.id: visit for visit in self._held(Visit, ids)}
        reported = {found.visit_id: found for found in self._held(ReportedVisit, ids)}
        wished_off = {task.visit_id for task in open_tasks_of(self.session, ids) if task.what == Task.TAKE_OUT}
        other_times: list[tuple[Visit, VisitIn]] = []
        done: list[int] = []
        for matched in rows:
            visit = visits[matched.known.visit_id if matched.known else 0]
            before = visit.starts, visit.ends, visit.state
            by_person = visit.id in wished_off
            to_tell = self._change_one(visit, matched, by_person=by_person)
            self._note(visit, reported.get(visit.id or 0), matched.visit, to_tell)
            if before[:2] != (visit.starts, visit.ends):
                other_times.append((visit, matched.visit))
            if before[0] != visit.starts or visit.state == VisitState.CANCELLED:
                done.append(visit.id or 0)
        for piece in chunks(self._shown_otherwise):
            withdraw_reminders_of(self.session, piece)
        self._claim_anew([visit for visit, _ in other_times])
        close_tasks(self.session, done, what=(Task.TAKE_OUT,))

    def _held(self, table: type[T], ids: Sequence[int]) -> list[T]:
        key = Visit.id if table is Visit else ReportedVisit.visit_id
        return [
            row
            for piece in chunks(ids)
            for row in self.session.exec(
                select(table).where(among(self.session, col(key), piece)).order_by(col(key)).with_for_update()
            )
        ]

    def _change_one(self, visit: Visit, matched: Matched, *, by_person: bool) -> str | None:
        """Change one visit; gives what the person is to be told, if anything."""
        state = next_state(matched.visit, matched.known) if matched.known else visit.state
        ahead = visit.starts > self.now and visit.state == VisitState.BOOKED
        if state == VisitState.CANCELLED:
            self._take_off(visit, by_person=by_person)
            return TELL_OFF if ahead and (self.confirmation or by_person) else None
        moved = False
        if visit.kind == VisitKind.EXTERNAL:
            moved = self._change_what_is_shown(visit, matched.visit)
        visit.external_ref = matched.visit.ref or visit.external_ref
        visit.state, visit.changed_at = state, self.now
        self._see_to_interpreter(visit, matched.visit)
        self.session.add(visit)
        return TELL_MOVED if moved and self.confirmation and visit.starts > self.now else None

    def _change_what_is_shown(self, visit: Visit, row: VisitIn) -> bool:
        """Time, length, mode and place; whether it was moved. Texts that speak of it as it was do not go."""
        moved, where = visit.starts != row.starts, self.places.where(row)
        if moved or (visit.ends, visit.mode, visit.site_id) != (row.ends, row.mode.value, where["site_id"]):
            visit.sequence += 1
            self._shown_otherwise.append(visit.id or 0)
        if moved:
            visit.moved_from, visit.to_move_since = visit.starts, None
            self._let_interpreter_go(visit)
            record(self.session, self.actor, "visit-moved", f"visit:{visit.id}", practice_id=visit.practice_id)
        visit.starts, visit.ends, visit.mode = row.starts, row.ends, row.mode.value
        visit.clinic_id, visit.clinician_id, visit.site_id = (
            where["clinic_id"],
            where["clinician_id"],
            where["site_id"],
        )
        return moved

    def _take_off(self, visit: Visit, *, by_person: bool) -> None:
        """It is off in the practice's own system; the person hears of it later, if at all."""
        by: By = "person" if by_person else "practice"
        why = None if by_person else OFF_IN_REPORT
        give_up_in(self.session, self.settings, visit, by, why, self.actor, taken_out=True, tell=False)

    def _let_interpreter_go(self, visit: Visit) -> None:
        """Whoever was booked or asked for its time before is free; where one is needed, the search begins anew."""
        if visit.interpreter_state != InterpreterState.NOT_NEEDED:
            note_time_lost(self.session, self.settings, visit, "practice", self.now)
            withdraw_asks(self.session, self.settings, visit, self.now)
            visit.interpreter_id, visit.interpreter_state = None, InterpreterState.SEEKING.value

    def _see_to_interpreter(self, visit: Visit, row: VisitIn) -> None:
        """Somebody is sought where one is needed and there is none, for a visit that is still ahead."""
        person = self.people[row.nhs_number]
        ahead = visit.starts > self.now and visit.state == VisitState.BOOKED
        if person.interpreter is True and ahead and visit.interpreter_state == InterpreterState.NOT_NEEDED:
            visit.interpreter_state, visit.interpreter_mode = InterpreterState.SEEKING.value, visit.mode
            visit.language = person.language

    def _note(self, visit: Visit, reported: ReportedVisit | None, row: VisitIn, to_tell: str | None) -> None:
        """What the report writes of it. Who has not been told yet when it was is told when it is."""
        found = reported or ReportedVisit(visit_id=visit.id or 0)
        found.report_id, found.clinic, found.clinician, found.site = self.report_id, row.clinic, row.clinician, row.site
        if to_tell is not None and (found.to_tell, to_tell) != (TELL_BOOKED, TELL_MOVED):
            found.to_tell = to_tell
        self.session.add(found)

    def _claim_anew(self, visits: Sequence[Visit]) -> None:
        """The time of person and interpreter, where it is free; what overlaps is shown, not refused."""
        release_time(self.session, visit_ids=[visit.id or 0 for visit in visits])
        wanted: list[tuple[int, Wanted]] = []
        for visit in (visit for visit in visits if visit.starts > self.now and visit.state == VisitState.BOOKED):
            if visit.patient_id is not None:
                wanted.append((visit.id or 0, (Whose.PATIENT, visit.patient_id, visit.starts, visit.ends)))
            if visit.interpreter_id is not None:
                wanted.append((visit.id or 0, (Whose.INTERPRETER, visit.interpreter_id, visit.starts, visit.ends)))
        claim_for_visits(self.session, wanted, now=self.now)
