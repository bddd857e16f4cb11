"""Slots of a practice's own system taken in: each row judged, those kept stored, known ones changed.

They are times that the practice keeps free there for this purpose; what is booked in them here, staff enter there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from bot.accounts.rights import require
from bot.appointments.timetable.clinics import MANAGE_CLINICS
from bot.appointments.timetable.fitting import mark_to_move, visits_in, withdraw
from bot.appointments.timetable.making import Times
from bot.appointments.timetable.slot_fhir import read_fhir
from bot.appointments.timetable.slot_files import SlotRow, read_csv
from bot.appointments.timetable.slot_judging import Judging, is_live
from bot.audit import Actor, record
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.lists.judging.rows_counted import RowsCounted
from bot.lists.reading.file_kinds import FileKind, file_kind_of
from bot.organisations.finding import practice_by_code
from bot.refusals import Refused
from bot.rows import among, chunks, insert_many
from bot.settings import Settings
from bot.tables.appointments import Slot, Visit

LARGEST = 16 * 1024 * 1024
"""Bytes; FHIR takes some 500 a slot."""
KEPT_FREE = (
    "These must be times that are kept free for this purpose in your own system. What is booked in them here, "
    "enter there: the day view lists it until that is done."
)
_BUSY = "It is not free any more in the practice's own system."


@dataclass
class SlotsImported(RowsCounted):
    """What became of the rows; `notes` are for whoever asked."""

    notes: list[str] = field(default_factory=lambda: [KEPT_FREE])


def import_slots(
    db: Database, settings: Settings, practice_code: str, content: bytes, actor: Actor, *, dry_run: bool = False
) -> SlotsImported:
    """Take in a file of slots (CSV, .xlsx or FHIR R4 JSON); again it stores nothing new.

    A slot known by its reference follows the file; one that is busy there is not free here any more.

    :raises Refused: no such practice, not allowed, or the file as a whole cannot be read.
    """
    if len(content) > LARGEST:
        raise Refused("file-too-large", "The file is larger than 16 MB. Give fewer weeks in it.")
    is_fhir = file_kind_of(content) is FileKind.FHIR

    def take(session: Session) -> SlotsImported:
        practice = practice_by_code(session, practice_code)
        allowed = require(session, actor, MANAGE_CLINICS, practice)
        rows = read_fhir(content) if is_fhir else read_csv(content, london_today())
        judging = Judging(session, practice, rows, utc_now())
        judging.judge()
        result = _counted(judging)
        if not dry_run:
            result.stored = _Storing(session, judging).store()
        if result.stored:
            record(session, allowed, "slots-imported", "slots", practice_id=practice.id, stored=result.stored)
        return result

    # Twice: somebody may make slots of the same clinician at this moment.
    return db.write_with_retry(take)


def _counted(judging: Judging) -> SlotsImported:
    rows = [row for place, row in enumerate(judging.rows) if place not in judging.duplicates]
    rejected = sum(row.unusable for row in rows)
    fixed = sum(bool(row.problems) and not row.unusable for row in rows)
    problems = [problem for row in judging.rows for problem in row.problems]
    return SlotsImported(
        rows=len(judging.rows),
        accepted=len(rows) - rejected - fixed,
        fixed=fixed,
        rejected=rejected,
        duplicates=len(judging.duplicates),
        problems=sorted(problems, key=lambda problem: problem.row),
    )


class _Storing:
    """What was judged, stored in the same transaction."""

    def __init__(self, session: Session, judging: Judging) -> None:
        self.session, self.judging = session, judging

    def store(self) -> int:
        """Store what is new or changed; gives how many slots that is."""
        known = self.judging.known
        wanted = [(known.get(place), self._values(place, row, times)) for place, row, times in self.judging.bookable()]
        new = [values for slot, values in wanted if slot is None]
        changed = [(slot, values) for slot, values in wanted if slot is not None and _differs(slot, values)]
        gone = self._gone()
        self._change(changed)
        insert_many(self.session, Slot, new)
        return len(new) + len(changed) + gone

    def _values(self, place: int, row: SlotRow, times: Times) -> dict[str, Any]:
        whose = self.judging.whose[place]
        return {
            "clinic_id": whose.clinic.id or 0,
            "clinician_id": whose.clinician_id,
            **times._asdict(),
            "kind": row.kind,
            "language": row.language or None,
            "external_ref": row.reference or None,
        }

    def _gone(self) -> int:
        """Withdraw what is busy now and nobody is booked in: a visit of ours is busy there because it was entered."""
        known = self.judging.known
        not_free = [(known[at], row) for at, row, _ in self.judging.kept() if not row.bookable and at in known]
        live = [(slot, row) for slot, row in not_free if is_live(slot)]
        visits = visits_in(self.session, [slot for slot, _ in live], self.judging.now)
        goes = [slot for slot, row in live if row.mistaken or not _any_in(visits, slot)]
        withdraw(self.session, goes, {slot.id or 0: _BUSY for slot in goes}, self.judging.now)
        return len(goes)

    def _change(self, changed: Sequence[tuple[Slot, dict[str, Any]]]) -> None:
        """Visits in slots that went elsewhere are to be moved. All give up their time before any takes another's."""
        moved = [slot for slot, new in changed if slot.starts != new["starts"] or slot.ends != new["ends"]]
        now = self.judging.now
        mark_to_move(self.session, visits_in(self.session, list(filter(is_live, moved)), now), now)
        ids = [slot.id or 0 for slot, _ in changed]
        for some in chunks(ids):
            statement = update(Slot).where(among(self.session, col(Slot.id), some)).values(withdrawn_at=now)
            self.session.execute(statement.execution_options(synchronize_session=False))
        back = {"withdrawn_at": None, "withdrawn_why": None}
        rows = [{**new, **back, "of_id": slot.id} for slot, new in changed]
        if rows:
            names: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "of_id"}
            statement = update(Slot).where(col(Slot.id) == bindparam("of_id")).values(names)
            self.session.connection().execute(statement, rows)
        self.session.expire_all()


def _differs(slot: Slot, new: Mapping[str, Any]) -> bool:
    """What was released stays so, whatever kind the file has it."""
    same = {name: value for name, value in new.items() if slot.released_at is None or name not in ("kind", "language")}
    return not is_live(slot) or any(getattr(slot, name) != value for name, value in same.items())


def _any_in(visits: Iterable[Visit], slot: Slot) -> bool:
    return any(
        visit.clinic_id == slot.clinic_id
        and visit.clinician_id == slot.clinician_id
        and visit.starts < slot.ends
        and slot.starts < visit.ends
        for visit in visits
    )
