"""Sites, clinicians and clinics by the codes people know them by; a code is one of a kind over the whole service."""

from typing import TypeVar

from sqlmodel import Session, select

from bot.refusals import Refused
from bot.tables.appointments import Clinic, Clinician, Site
from bot.tables.organisations import Practice

Coded = TypeVar("Coded", Site, Clinician, Clinic)


def site_by_code(session: Session, code: str) -> Site:
    """The site with that code. :raises Refused: there is none."""
    return _found(session, Site, "site", code, f"sites add {code} --practice CODE --name NAME --address ADDRESS")


def clinician_by_code(session: Session, code: str) -> Clinician:
    """The clinician with that code. :raises Refused: there is none."""
    return _found(session, Clinician, "clinician", code, f"clinicians add {code} --practice CODE --name NAME --sex F")


def clinic_by_code(session: Session, code: str) -> Clinic:
    """The clinic with that code. :raises Refused: there is none."""
    how = f"clinics add {code} --practice CODE --site CODE --purpose general --slot-minutes 10"
    return _found(session, Clinic, "clinic", code, how)


def _found(session: Session, table: type[Coded], kind: str, code: str, how: str) -> Coded:
    found = with_code(session, table, code.strip())
    if found is None:
        raise Refused(f"unknown-{kind}", f"There is no {kind} {code}.", by_command=how)
    return found


def with_code(session: Session, table: type[Coded], code: str) -> Coded | None:
    """The one with that code, if there is one."""
    return session.exec(select(table).where(table.code == code)).first()


def refuse_another_practice(found: Site | Clinician | Clinic, kind: str, practice: Practice) -> None:
    """:raises Refused: `another-practice`, it belongs to a practice that is not this one."""
    if found.practice_id != practice.id:
        raise Refused(
            "another-practice",
            f"The {kind} {found.code} belongs to another practice, not to {practice.code}. Choose one of its own.",
        )
