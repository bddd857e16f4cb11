"""A report stored: its visits made, moved and changed, and staff asked about the rest, in one transaction.

Who is to be told stands on the visit (`ReportedVisit.to_tell`) until they are told, in short transactions of their
own: a report of hundreds of visits keeps nobody waiting, and after a crash nobody is left out or told twice.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.appointments.joint.claims import Wanted, claim_for_visits
from bot.appointments.own_book.own_system import Task, ask_about, close_tasks
from bot.appointments.reports.changing import Changing
from bot.appointments.reports.judging import VisitIn
from bot.appointments.reports.looking import Looked
from bot.appointments.reports.matching import Change
from bot.appointments.reports.places import places_of
from bot.appointments.reports.telling import TELL_BOOKED
from bot.audit import Actor
from bot.clock import utc_now
from bot.patients.person_codes import unused_codes
from bot.rows import among, chunks, insert_many
from bot.settings import Settings
from bot.tables.appointments import (
    AppointmentReport,
    InterpreterState,
    ReportedVisit,
    Visit,
    VisitKind,
    VisitState,
    Whose,
)
from bot.tables.patients import Patient


class ReportStoring:
    """The transaction in which one report is stored; the practice is locked."""

    def __init__(
        self, session: Session, settings: Settings, report: AppointmentReport, looked: Looked, actor: Actor
    ) -> None:
        self._session, self._settings = session, settings
        self._practice_id, self._report_id = report.practice_id, report.id or 0
        self._looked, self._actor, self._now = looked, actor, utc_now()
        self._places = places_of(session, report.practice_id)

    def store(self, *, confirmation: bool) -> None:
        """Do all that the report comes to.

        :param confirmation: people are told of what is new, moved or off.
        """
        matching = self._looked.matching
        rows = {change: [m for m in matching.rows if m.change is change] for change in Change}
        self._free_ids([known.visit_id for known in matching.freed])
        self._make([matched.visit for matched in rows[Change.NEW]], confirmation)
        changed = [*rows[Change.MOVED], *rows[Change.CHANGED]]
        Changing(
            self._session,
            self._settings,
            self._report_id,
            self._looked.people,
            self._places,
            self._actor,
            self._now,
            confirmation,
        ).change(changed)
        seen = [matched.known.visit_id for matched in matching.rows if matched.known]
        self._note_seen(seen)
        unclear = {known.visit_id for known in matching.unclear}
        close_tasks(
            self._session, [each for each in seen if each not in unclear], what=(Task.MISSING, Task.UNCLEAR, Task.ENTER)
        )
        for what, known in (
            (Task.MISSING, matching.missing),
            (Task.UNCLEAR, matching.unclear),
            (Task.TAKE_OUT, matching.again),
        ):
            ask_about(self._session, self._practice_id, [each.visit_id for each in known], what)

    def _note_seen(self, visit_ids: Sequence[int]) -> None:
        for piece in chunks(visit_ids):
            which = among(self._session, col(ReportedVisit.visit_id), piece)
            self._session.execute(update(ReportedVisit).where(which).values(report_id=self._report_id))

    def _free_ids(self, visit_ids: Sequence[int]) -> None:
        for piece in chunks(visit_ids):
            which = among(self._session, col(Visit.id), piece)
            self._session.execute(update(Visit).where(which).values(external_ref=None))

    def _make(self, visits: Sequence[VisitIn], confirmation: bool) -> None:
        codes = unused_codes(self._session, len(visits))
        insert_many(self._session, Visit, [self._new(v, code) for v, code in zip(visits, codes, strict=True)])
        ids: dict[str, int] = {}
        for piece in chunks(codes):
            made = select(Visit.code, Visit.id).where(among(self._session, col(Visit.code), piece))
            ids |= {code: visit_id or 0 for code, visit_id in self._session.exec(made)}
        known = [(ids[code], visit) for code, visit in zip(codes, visits, strict=True)]
        insert_many(
            self._session,
            ReportedVisit,
            [
                {
                    "visit_id": visit_id,
                    "report_id": self._report_id,
                    "clinic": visit.clinic,
                    "clinician": visit.clinician,
                    "site": visit.site,
                    "to_tell": TELL_BOOKED if confirmation and self._is_ahead(visit) else None,
                }
                for visit_id, visit in known
            ],
        )
        self._claim([(visit_id, self._person(visit), visit) for visit_id, visit in known if self._is_ahead(visit)])

    def _new(self, visit: VisitIn, code: str) -> dict[str, object]:
        person = self._person(visit)
        needs = person.interpreter is True and self._is_ahead(visit)
        return {
            "code": code,
            "practice_id": self._practice_id,
            "patient_id": person.id,
            **self._places.where(visit),
            "starts": visit.starts,
            "ends": visit.ends,
            "kind": VisitKind.EXTERNAL.value,
            "mode": visit.mode.value,
            "state": visit.status.value if visit.status else VisitState.BOOKED.value,
            "language": person.language if needs else None,
            "longer": False,
            "interpreter_state": (InterpreterState.SEEKING if needs else InterpreterState.NOT_NEEDED).value,
            "interpreter_mode": visit.mode.value if needs else None,
            "sequence": 0,
            "external_ref": visit.ref or None,
            "made_by": self._actor.label,
            "made_at": self._now,
            "changed_at": self._now,
        }

    def _person(self, visit: VisitIn) -> Patient:
        return self._looked.people[visit.nhs_number]

    def _is_ahead(self, visit: VisitIn) -> bool:
        return visit.starts > self._now and visit.status in (None, VisitState.BOOKED.value)

    def _claim(self, visits: Iterable[tuple[int, Patient, VisitIn]]) -> None:
        """The person's time, for what is still ahead; of two visits at one time the first has it."""
        wanted: list[tuple[int, Wanted]] = [
            (visit_id, (Whose.PATIENT, person.id or 0, visit.starts, visit.ends)) for visit_id, person, visit in visits
        ]
        claim_for_visits(self._session, wanted, now=self._now)
