"""Clinics, clinicians and sites of a practice, by the names its own system has for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.appointments.reports.judging import VisitIn
from bot.lists.reading.columns import squash
from bot.tables.appointments import Clinic, Clinician, Site


@dataclass(frozen=True)
class Places:
    """Ids by code and name, as `squash` compares them; a name that two have is nobody's."""

    clinics: Mapping[str, int]
    clinicians: Mapping[str, int]
    sites: Mapping[str, int]

    def where(self, visit: VisitIn) -> dict[str, int | None]:
        """The columns of a visit that say with whom and where it is, as far as we know them."""
        return {
            "clinic_id": self.clinics.get(squash(visit.clinic)),
            "clinician_id": self.clinicians.get(squash(visit.clinician)),
            "site_id": self.sites.get(squash(visit.site)),
        }


def places_of(session: Session, practice_id: int) -> Places:
    """Those of one practice."""
    clinics = session.exec(select(Clinic.id, Clinic.code, Clinic.code).where(Clinic.practice_id == practice_id))
    people = select(Clinician.id, Clinician.code, Clinician.name).where(Clinician.practice_id == practice_id)
    sites = select(Site.id, Site.code, Site.name).where(Site.practice_id == practice_id).order_by(col(Site.id))
    return Places(_by_name(clinics), _by_name(session.exec(people)), _by_name(session.exec(sites)))


def _by_name(rows: Iterable[tuple[int | None, str, str]]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for number, *names in rows:
        for name in filter(None, map(squash, names)):
            found.setdefault(name, set()).add(number or 0)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}
