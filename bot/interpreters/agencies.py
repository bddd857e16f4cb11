"""Agencies that send interpreters: added, and linked to the practices they serve."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.organisations.finding import practice_by_code
from bot.organisations.naming import read_code_and_name, read_public_phone
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.refusals import Refused
from bot.tables.interpreters import AgencyPractice
from bot.tables.organisations import Agency, Practice


def add_agency(
    db: Database, code: str, practice_code: str, actor: Actor, *, name: str | None, phone: str | None = None
) -> Agency:
    """Add an agency that serves a practice; one that is there is linked to that practice too.

    Of an agency that is there the name and phone change when they are given.
    :raises Refused: unknown practice; a new agency without a name; a code, name or phone that cannot be used;
        another kind of organisation has the code; not an administrator.
    """
    number = None if phone is None else read_public_phone(phone)

    def add(session: Session) -> Agency:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        practice = practice_by_code(session, practice_code)
        agency = session.exec(select(Agency).where(Agency.code == code.strip())).first()
        if agency is None:
            agency = _new_agency(session, code, name)
            record(session, allowed, "agency-added", f"agency:{agency.id}", practice_id=practice.id)
        elif name is not None:
            _, agency.name = read_code_and_name("agency", agency.code, name)
        agency.phone = number or agency.phone
        session.add(agency)
        key = (agency.id or 0, practice.id or 0)
        if session.get(AgencyPractice, key) is None:
            session.add(AgencyPractice(agency_id=key[0], practice_id=key[1]))
            record(session, allowed, "agency-linked", f"agency:{agency.id}", practice_id=practice.id)
        return agency

    # Twice: somebody may take the same code, or link the same two, at this moment.
    return db.write_with_retry(add)


def _new_agency(session: Session, code: str, name: str | None) -> Agency:
    if name is None:
        raise Refused("agency-incomplete", f"{code} is a new agency: give its name.", by_command="--name NAME")
    code, name = read_code_and_name("agency", code, name)
    take_code(session, code, "agency")
    agency = Agency(code=code, name=name, created_at=utc_now())
    session.add(agency)
    session.flush()
    return agency


def agency_by_code(session: Session, code: str) -> Agency:
    """The agency with that code. :raises Refused: there is none."""
    found = session.exec(select(Agency).where(Agency.code == code)).first()
    if found is None:
        raise Refused(
            "unknown-agency",
            f"There is no agency {code}.",
            by_command=f"agencies add {code} --name NAME --practice CODE",
        )
    return found


@dataclass(frozen=True)
class AgencyLine:
    """An agency as it is listed; `practices` are the codes of those it serves."""

    code: str
    name: str
    phone: str | None
    practices: list[str]

    def as_json(self) -> dict[str, Any]:
        """What `agencies list` says."""
        return dict(vars(self))


def list_agencies(session: Session) -> list[AgencyLine]:
    """All agencies by code."""
    served: dict[int, list[str]] = {}
    statement = select(AgencyPractice.agency_id, Practice.code).join(
        Practice, col(Practice.id) == col(AgencyPractice.practice_id)
    )
    for agency_id, practice_code in session.exec(statement.order_by(col(Practice.code))):
        served.setdefault(agency_id, []).append(practice_code)
    return [
        AgencyLine(found.code, found.name, found.phone, served.get(found.id or 0, []))
        for found in session.exec(select(Agency).order_by(col(Agency.code)))
    ]
