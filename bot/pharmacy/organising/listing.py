"""Pharmacies as they are listed, with their hours and the practices they are linked to."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.pharmacy.organising.hours import hours_of_all
from bot.pharmacy.organising.links import practices_of_all
from bot.pharmacy.organising.pharmacies import offers_of
from bot.tables.organisations import Pharmacy


@dataclass(frozen=True)
class PharmacyLine:
    """A pharmacy as it is listed; `practices` are the codes of those it is linked to, confirmed by both."""

    code: str
    name: str
    ods: str
    address: str
    phone: str
    hours: str
    offers: list[str]
    practices: list[str]

    def as_json(self) -> dict[str, Any]:
        """What `pharmacies list` says."""
        return dict(vars(self))


def list_pharmacies(session: Session) -> list[PharmacyLine]:
    """All pharmacies by code."""
    hours, practices = hours_of_all(session), practices_of_all(session)
    return [
        PharmacyLine(
            code=found.code,
            name=found.name,
            ods=found.ods,
            address=found.address,
            phone=found.phone,
            hours=hours.get(found.id or 0, ""),
            offers=sorted(offers_of(found)),
            practices=practices.get(found.id or 0, []),
        )
        for found in session.exec(select(Pharmacy).order_by(col(Pharmacy.code)))
    ]
