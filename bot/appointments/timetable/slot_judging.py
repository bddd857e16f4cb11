"""Rows of a file of slots judged by what a practice has: clinics, closures, other slots and visits."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from bot.appointments.timetable.making import HELD, OPEN, Times
from bot.appointments.timetable.rotas import closures_of, lock_clinics
from bot.appointments.timetable.slot_files import (
    CLINIC,
    CLINICIAN,
    KIND,
    LANGUAGE,
    REFERENCE,
    START,
    SlotRow,
    overlapping,
)
from bot.appointments.timetable.slot_naming import Whose, Words
from bot.clock import LONDON
from bot.patients.cells import shown
from bot.rows import among
from bot.tables.appointments import TAKES_TIME, ClinicianAway, ClinicPurpose, Slot, Visit, VisitKind
from bot.tables.organisations import Practice
from bot.texts.languages import find_language

_KINDS = {"": "", "open": OPEN, "free": OPEN, "no": OPEN, "held": HELD, "kept": HELD, "yes": HELD, "interpreter": HELD}
Cells = set[tuple[int, int]]
"""Five minutes of somebody."""


class Judging:
    """The rows of one file, judged by what a practice has; in the transaction that stores them."""

    def __init__(self, session: Session, practice: Practice, rows: Sequence[SlotRow], now: datetime) -> None:
        self.session, self.rows, self.now = session, rows, now
        self.words = Words(session, practice)
        self.whose: dict[int, Whose] = {}
        self.known: dict[int, Slot] = {}
        self.duplicates: set[int] = set()
        lock_clinics(session, [clinic.id or 0 for clinic in self.words.clinics])
        self.stored = self._stored()

    def judge(self) -> None:
        """The verdict on each row."""
        for place, row in enumerate(self.rows):
            self._find_whose(place, row)
            self._read_kind(place, row)
            if row.times is not None and row.times.starts <= self.now:
                row.reject(START, "past", "It has begun already, so nobody can be booked in it.")
        self._find_twice()
        for row in overlapping([row for place, row in enumerate(self.rows) if place not in self.duplicates]):
            row.reject(START, "overlaps", "It overlaps another slot of this file. Correct the one or the other.")
        self._find_known()
        self._refuse_shut()
        self._refuse_in_use()

    def _find_whose(self, place: int, row: SlotRow) -> None:
        clinic = self.words.clinic(row)
        if clinic is None:
            said = f"{shown(row.clinic[0])} is no clinic of this practice." if row.clinic else "It names no clinic."
            row.reject(CLINIC, "unknown-clinic", f"{said} Write the code of the clinic.")
            return
        if clinic.purpose == ClinicPurpose.EVENT:
            self._is_of(place, row, Whose(clinic, None))
            return
        clinician = self.words.clinician(row)
        if clinician is None:
            said = (
                f"{shown(row.clinician[0])} is no clinician of this practice." if row.clinician else "It names nobody."
            )
            row.reject(CLINICIAN, "unknown-clinician", f"{said} Write the code of the clinician.")
            return
        self._is_of(place, row, Whose(clinic, clinician.id))

    def _is_of(self, place: int, row: SlotRow, whose: Whose) -> None:
        """Two schedules of one clinician are one time."""
        self.whose[place] = whose
        row.schedule = str(whose.key)

    def _read_kind(self, place: int, row: SlotRow) -> None:
        """Its kind and the tag of its language; what cannot be read is set aside, and the slot kept."""
        if place not in self.whose:
            return
        word, tag = row.kind.strip().casefold(), find_language(row.language) if row.language else None
        if row.language and tag is None:
            row.note(LANGUAGE, "unknown-language", f"{shown(row.language)} is no language we know, so it is left out.")
        kind = _KINDS.get(word)
        if kind is None:
            row.note(KIND, "unknown-kind", f"{shown(row.kind)} is neither open nor held, so it is read as held.")
            kind = HELD
        if kind == OPEN and tag is not None:
            row.note(LANGUAGE, "open-has-none", "An open slot is for every language, so the language is left out.")
        clinic = self.whose[place].clinic
        row.kind = kind or (HELD if row.language or clinic.held_all else OPEN)
        row.language = "" if row.kind == OPEN else tag or ("" if kind else clinic.held_language or "")

    def _find_twice(self) -> None:
        """The same slot again in one file is a duplicate; one reference for two slots is a mistake."""
        seen: dict[tuple[Any, ...], SlotRow] = {}
        for place, row in enumerate(self.rows):
            if row.unusable or row.times is None:
                continue
            whose = self.whose[place]
            key = ("ref", whose.clinic.id, row.reference) if row.reference else ("at", whose.key, row.times.first_cell)
            before = seen.setdefault(key, row)
            if before is row:
                continue
            if (before.times, before.bookable, before.mistaken) == (row.times, row.bookable, row.mistaken):
                self.duplicates.add(place)
                row.problems = []
            elif row.reference:
                row.reject(REFERENCE, "reference-twice", f"Row {before.row} is another slot of that reference.")

    def kept(self) -> list[tuple[int, SlotRow, Times]]:
        """The rows that are neither rejected nor duplicates, with their places."""
        return [
            (place, row, row.times)
            for place, row in enumerate(self.rows)
            if not row.unusable and row.times is not None and place not in self.duplicates
        ]

    def _stored(self) -> list[Slot]:
        """The coming slots of this practice that came from its own system, withdrawn ones too."""
        clinics = [clinic.id for clinic in self.words.clinics]
        statement = (
            select(Slot)
            .where(among(self.session, col(Slot.clinic_id), clinics), col(Slot.session_id).is_(None))
            .where(Slot.ends > self.now)
        )
        return list(self.session.exec(statement.order_by(col(Slot.id))))

    def _find_known(self) -> None:
        by_reference = {(slot.clinic_id, slot.external_ref): slot for slot in self.stored if slot.external_ref}
        by_time = {(key_of(slot), slot.first_cell): slot for slot in self.stored if not slot.external_ref}
        for place, row, times in self.kept():
            whose = self.whose[place]
            found = by_reference.get((whose.clinic.id or 0, row.reference)) if row.reference else None
            found = found or by_time.get((whose.key, times.first_cell))
            if found is not None and found.clinic_id == whose.clinic.id:
                self.known[place] = found

    def _refuse_shut(self) -> None:
        closures = closures_of(self.session, [clinic.id or 0 for clinic in self.words.clinics])
        people = {whose.clinician_id for whose in self.whose.values()}
        statement = select(ClinicianAway).where(among(self.session, col(ClinicianAway.clinician_id), people))
        away = {(row.clinician_id, row.day) for row in self.session.exec(statement)}
        for place, row, times in self.bookable():
            day, whose = times.starts.astimezone(LONDON).date(), self.whose[place]
            if any(first <= day <= last for first, last in closures.get(whose.clinic.id or 0, ())):
                row.reject(START, "closure", "The site is closed that day.")
            elif (whose.clinician_id, day) in away:
                row.reject(START, "clinician-away", "The clinician is away that day.")

    def _refuse_in_use(self) -> None:
        """Again until nothing changes: the slot of a rejected row stays where it is."""
        others, visits = self._taken()
        while True:
            moved = {slot.id for place, slot in self.known.items() if not self.rows[place].unusable}
            stays = {cell for slot in self.stored if slot.id not in moved and is_live(slot) for cell in cells_of(slot)}
            refused = [each for each in self.bookable() if self._is_in_use(each, others | stays, visits)]
            for _, row, _ in refused:
                message = "The clinician has another slot or a visit at that time. Look which of the two is right."
                row.reject(START, "in-use", message)
            if not refused:
                return

    def bookable(self) -> list[tuple[int, SlotRow, Times]]:
        """Those of them in which somebody can be booked."""
        return [each for each in self.kept() if each[1].bookable]

    def _is_in_use(self, each: tuple[int, SlotRow, Times], taken: Cells, visits: Cells) -> bool:
        place, _, times = each
        key, known = self.whose[place].key, self.known.get(place)
        cells = {(key, cell) for cell in range(times.first_cell, times.end_cell)}
        own = set(cells_of(known)) if known is not None and is_live(known) else set()
        return bool(cells & taken or (cells & visits) - own)

    def _taken(self) -> tuple[Cells, Cells]:
        """Cells of slots that sessions made, and of visits."""
        people = {whose.clinician_id for whose in self.whose.values() if whose.clinician_id is not None}
        clinics = {whose.clinic.id for whose in self.whose.values()}
        whose = func.coalesce(col(Slot.clinician_id), -col(Slot.clinic_id))
        slots = select(whose, Slot.first_cell, Slot.end_cell).where(
            col(Slot.session_id).is_not(None),
            col(Slot.withdrawn_at).is_(None),
            Slot.ends > self.now,
            among(self.session, col(Slot.clinician_id), people)
            | (col(Slot.clinician_id).is_(None) & among(self.session, col(Slot.clinic_id), clinics)),
        )
        visits = select(Visit.clinician_id, Visit.starts, Visit.ends).where(
            among(self.session, col(Visit.clinician_id), people),
            col(Visit.state).in_(TAKES_TIME),
            Visit.kind == VisitKind.OURS,
            Visit.ends > self.now,
        )
        of_slots = {(key, cell) for key, first, end in self.session.exec(slots) for cell in range(first, end)}
        of_visits = {
            (key or 0, cell)
            for key, starts, ends in self.session.exec(visits)
            for cell in range(int(starts.timestamp()) // 300, -(-int(ends.timestamp()) // 300))
        }
        return of_slots, of_visits


def key_of(slot: Slot) -> int:
    """Whose time it is: the clinician's, or at an event the clinic's, below zero."""
    return -slot.clinic_id if slot.clinician_id is None else slot.clinician_id


def cells_of(slot: Slot) -> Iterable[tuple[int, int]]:
    """The cells of a slot."""
    return ((key_of(slot), cell) for cell in range(slot.first_cell, slot.end_cell))


def is_live(slot: Slot) -> bool:
    """Whether it was not withdrawn."""
    return slot.withdrawn_at is None
