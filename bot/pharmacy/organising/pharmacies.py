"""Pharmacies: added once, changed by adding again, then known by their code or the NHS's code (ODS)."""

import re
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.hours import Hours
from bot.organisations.codes import take_code
from bot.organisations.naming import read_code_and_name, read_public_phone
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.pharmacy.organising.hours import read_opening_hours, set_hours
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy

DELIVERY = "delivery"
OFFERS = (DELIVERY,)
"""What a pharmacy may offer beside collecting at its counter."""
LONGEST_ODS, LONGEST_ADDRESS = 16, 100  # characters; the address stands in texts
_ODS = re.compile(r"[A-Z0-9]+", re.ASCII)


@dataclass(frozen=True)
class Told:
    """What is said of a pharmacy, as it was written; None leaves it as it is. `offers` is parted by commas."""

    name: str | None = None
    ods: str | None = None
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    offers: str | None = None


@dataclass(frozen=True)
class _Read:
    """The same, read: `values` by the name of the column."""

    values: dict[str, Any]
    hours: list[Hours] | None


def add_pharmacy(db: Database, code: str, told: Told, actor: Actor, *, demo: bool = False) -> Pharmacy:
    """Add a pharmacy; of one that is there what is given changes, and saying the same again changes nothing.

    :raises Refused: a new pharmacy without name, ODS code, address or phone; something that cannot be used; another
        organisation has the code, another pharmacy the ODS code; not an administrator.
    """
    code, given = code.strip(), _read(code, told)

    def add(session: Session) -> Pharmacy:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        pharmacy = session.exec(select(Pharmacy).where(Pharmacy.code == code)).first()
        _refuse_taken_ods(session, given.values.get("ods"), code)
        deed = "pharmacy-changed" if pharmacy else "pharmacy-added"
        if pharmacy is None:
            pharmacy = _new_pharmacy(session, code, given, demo=demo)
        for name, value in given.values.items():
            setattr(pharmacy, name, value)
        session.add(pharmacy)
        if given.hours is not None:
            set_hours(session, pharmacy, given.hours)
        record(session, allowed, deed, f"pharmacy:{pharmacy.id}")
        return pharmacy

    # Twice: somebody may take the same code at this moment.
    return db.write_with_retry(add)


def _new_pharmacy(session: Session, code: str, given: _Read, *, demo: bool) -> Pharmacy:
    missing = [name for name in ("name", "ods", "address", "phone") if name not in given.values]
    if missing:
        raise Refused(
            "pharmacy-incomplete",
            f"{code} is a new pharmacy: give its name, its ODS code, its address and its phone.",
            by_command=" ".join(f"--{name} {name.upper()}" for name in missing),
        )
    take_code(session, code, "pharmacy")
    pharmacy = Pharmacy(code=code, demo=demo, created_at=utc_now(), **given.values)
    session.add(pharmacy)
    session.flush()
    return pharmacy


def _refuse_taken_ods(session: Session, ods: str | None, code: str) -> None:
    holder = pharmacy_by_ods(session, ods) if ods else None
    if holder and holder.code != code:
        raise Refused(
            "ods-taken", f"{ods} is the ODS code of {holder.name} ({holder.code}). Check it, and enter it again."
        )


def _read(code: str, told: Told) -> _Read:
    values: dict[str, Any] = {}
    if told.name is not None:
        _, values["name"] = read_code_and_name("pharmacy", code, told.name)
    if told.ods is not None:
        values["ods"] = read_ods(told.ods)
    if told.address is not None:
        values["address"] = _read_address(told.address)
    if told.phone is not None:
        values["phone"] = read_public_phone(told.phone)
    if told.offers is not None:
        values["offers"] = ",".join(_read_offers(told.offers))
    return _Read(values, None if told.hours is None else read_opening_hours(told.hours))


def read_ods(written: str) -> str:
    """A code the NHS gives to an organisation, in capitals and without spaces around it.

    :raises Refused: `bad-ods`, it holds anything but letters and digits, or is too long.
    """
    code = written.strip().upper()
    if not _ODS.fullmatch(code) or len(code) > LONGEST_ODS:
        raise Refused("bad-ods", f"“{written.strip()}” is not an ODS code: letters and digits, such as FA123.")
    return code


def _read_address(written: str) -> str:
    address = " ".join(written.split())
    if not 0 < len(address) <= LONGEST_ADDRESS or not address.isprintable():
        raise Refused("bad-address", f"Enter the address as people find it, in at most {LONGEST_ADDRESS} characters.")
    return address


def _read_offers(written: str) -> list[str]:
    offers = {piece.strip().lower() for piece in written.split(",")} - {""}
    unknown = sorted(offers - set(OFFERS))
    if unknown:
        raise Refused(
            "bad-offers", f"“{unknown[0]}” is nothing a pharmacy can offer here. It can be: {', '.join(OFFERS)}."
        )
    return sorted(offers)


def offers_of(pharmacy: Pharmacy) -> frozenset[str]:
    """What a pharmacy offers beside collecting, of `OFFERS`."""
    return frozenset(pharmacy.offers.split(",")) - {""}


def pharmacy_by_code(session: Session, code: str) -> Pharmacy:
    """The pharmacy with that code. :raises Refused: there is none."""
    found = session.exec(select(Pharmacy).where(Pharmacy.code == code)).first()
    if found is None:
        raise Refused(
            "unknown-pharmacy",
            f"There is no pharmacy {code}.",
            by_command=f"pharmacies add {code} --name NAME --ods ODS --address ADDRESS --phone PHONE",
        )
    return found


def pharmacy_by_ods(session: Session, ods: str) -> Pharmacy | None:
    """The pharmacy with that ODS code (in capitals), if there is one."""
    return session.exec(select(Pharmacy).where(Pharmacy.ods == ods)).first()
