"""Which clinic and which clinician of a practice a file of slots means."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from sqlmodel import Session, col, select

from bot.appointments.timetable.slot_files import SlotRow
from bot.lists.reading.columns import squash
from bot.tables.appointments import Clinic, Clinician, Site
from bot.tables.organisations import Practice

Named = TypeVar("Named", Clinic, Clinician)


class Whose(NamedTuple):
    """Whose time a row is."""

    clinic: Clinic
    clinician_id: int | None

    @property
    def key(self) -> int:
        """The clinician, or at an event the clinic, below zero."""
        return -(self.clinic.id or 0) if self.clinician_id is None else self.clinician_id


class Words:
    """Clinics and clinicians of a practice by everything they may be called."""

    def __init__(self, session: Session, practice: Practice) -> None:
        mine = practice.id
        self.clinics = session.exec(select(Clinic).where(Clinic.practice_id == mine).order_by(col(Clinic.id))).all()
        people = session.exec(select(Clinician).where(Clinician.practice_id == mine)).all()
        sites = {site.id: site for site in session.exec(select(Site).where(Site.practice_id == mine))}
        self._clinics = _only({squash(clinic.code): [clinic] for clinic in self.clinics})
        at: dict[str, list[Clinic]] = defaultdict(list)
        for clinic in self.clinics:
            site = sites[clinic.site_id]
            for word in {squash(site.code), squash(site.name)}:
                at[word].append(clinic)
        self._at = _only(at)
        named: dict[str, list[Clinician]] = defaultdict(list)
        for person in people:
            for word in {squash(person.code), squash(person.name)}:
                named[word].append(person)
        self._people = _only(named)

    def clinic(self, row: SlotRow) -> Clinic | None:
        """The clinic that is meant: by its code, as the only one at a site, or as the only one there is."""
        words = [squash(word) for word in row.clinic]
        for known in (self._clinics, self._at):
            if (found := _meant(known, words)) is not None:
                return found
        only = len(self.clinics) == 1 and not (row.sure and words)
        return self.clinics[0] if only else None

    def clinician(self, row: SlotRow) -> Clinician | None:
        found = {
            self._people[word].id: self._people[word] for word in map(squash, row.clinician) if word in self._people
        }
        return next(iter(found.values())) if len(found) == 1 else None


def _meant(known: Mapping[str, Named], words: Iterable[str]) -> Named | None:
    """The one thing that these words name; None when they name none, or several."""
    found = {known[word].id: known[word] for word in words if word in known}
    return next(iter(found.values())) if len(found) == 1 else None


def _only(found: Mapping[str, list[Named]]) -> dict[str, Named]:
    """What a word means that can mean one thing only."""
    return {word: things[0] for word, things in found.items() if len(things) == 1 and word}
