"""Sites, clinicians, clinics and closures: said once, and changed by saying it again where that harms nobody."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from bot.accounts.rights import declare_right, require
from bot.appointments.finding_by_code import (
    Coded,
    clinic_by_code,
    clinician_by_code,
    refuse_another_practice,
    site_by_code,
    with_code,
)
from bot.appointments.timetable.fitting import Fitted, coming_visits, fit_slots
from bot.appointments.timetable.slots import AHEAD, make_in, practice_of_clinic
from bot.audit import Actor, record
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.organisations.naming import read_code_and_name
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import (
    Clinic,
    Clinician,
    ClinicPurpose,
    ClinicSession,
    Closure,
    Offer,
    Poster,
    Site,
    SiteTravel,
    Slot,
    Visit,
)
from bot.tables.organisations import Practice
from bot.texts.languages import find_language

__all__ = [
    "add_clinic",
    "add_clinician",
    "add_closure",
    "add_site",
    "clinic_by_code",
    "clinician_by_code",
    "remove_clinic",
    "set_travel",
    "site_by_code",
]
MANAGE_CLINICS = declare_right("manage-clinics", Role.PRACTICE, Role.LEAD)
"""Over sites, clinicians, clinics, their sessions and slots, of one's own practice."""

LONGEST_ADDRESS = 200
LONGEST_SLOT = 480  # minutes
FURTHEST_TRAVEL = 600  # minutes
MOST_RELEASE_DAYS = 30
MOST_NOTICE = 24 * 60  # hours
_MOST_PLACES = 1000


def add_site(db: Database, code: str, practice_code: str, name: str, address: str, actor: Actor) -> Site:
    """Add a site, or change the name and address of one of that practice.

    :raises Refused: `bad-site`, `code-taken`, no such practice, or not allowed.
    """
    code, name = read_code_and_name("site", code, name)
    address = _read_address(address)

    def add(session: Session) -> Site:
        allowed, practice = _practice(session, practice_code, actor)
        site = _own(with_code(session, Site, code), "site", practice)
        site = site or Site(code=code, practice_id=practice.id or 0, name=name, address=address)
        site.name, site.address = name, address
        session.add(site)
        session.flush()
        record(session, allowed, "site-added", f"site:{site.code}", practice_id=practice.id)
        return site

    return db.write_with_retry(add)


def _practice(session: Session, practice_code: str, actor: Actor) -> tuple[Actor, Practice]:
    practice = practice_by_code(session, practice_code)
    return require(session, actor, MANAGE_CLINICS, practice), practice


def _own(found: Coded | None, kind: str, practice: Practice) -> Coded | None:
    if found is not None and found.practice_id != practice.id:
        raise Refused("code-taken", f"Another practice has a {kind} {found.code}. Choose another code for this {kind}.")
    return found


def _read_address(address: str) -> str:
    address = address.strip()
    if 0 < len(address) <= LONGEST_ADDRESS and address.isprintable():
        return address
    message = f"A site needs an address of at most {LONGEST_ADDRESS} letters, on one line, as people find the place."
    raise Refused("bad-site", message)


def set_travel(db: Database, one_code: str, other_code: str, minutes: int, actor: Actor) -> None:
    """Say how many minutes an interpreter needs between two sites, which may be of two practices.

    :raises Refused: `bad-travel`, no such site, or not of either practice.
    """
    if not 0 <= minutes <= FURTHEST_TRAVEL:
        raise Refused("bad-travel", f"Between two sites it takes 0 to {FURTHEST_TRAVEL} minutes, not {minutes}.")

    def say(session: Session) -> None:
        one, other = site_by_code(session, one_code), site_by_code(session, other_code)
        if one.id == other.id:
            raise Refused("bad-travel", f"{one.code} is one site. Name two, and the minutes between them.")
        allowed = _of_either(session, one, other, actor)
        first, last = sorted((one.id or 0, other.id or 0))
        travel = session.get(SiteTravel, (first, last)) or SiteTravel(one_id=first, other_id=last, minutes=minutes)
        travel.minutes = minutes
        session.add(travel)
        record(session, allowed, "travel-set", f"site:{one.code}", practice_id=one.practice_id, minutes=minutes)

    db.write_with_retry(say)


def _of_either(session: Session, one: Site, other: Site, actor: Actor) -> Actor:
    try:
        return require(session, actor, MANAGE_CLINICS, session.get_one(Practice, one.practice_id))
    except Refused:
        return require(session, actor, MANAGE_CLINICS, session.get_one(Practice, other.practice_id))


def add_clinician(db: Database, code: str, practice_code: str, name: str, sex: str, actor: Actor) -> Clinician:
    """Add a clinician, or change the name and sex of one of that practice.

    :param sex: `F`, `M` or `X`.
    :raises Refused: `bad-clinician`, `code-taken`, `has-visits` (somebody asked for that sex), no such practice, or not
        allowed.
    """
    code, name = read_code_and_name("clinician", code, name)
    sex = sex.strip().upper()
    if sex not in ("F", "M", "X"):
        raise Refused("bad-clinician", "The sex of a clinician is F, M or X.")

    def add(session: Session) -> Clinician:
        allowed, practice = _practice(session, practice_code, actor)
        clinician = _own(with_code(session, Clinician, code), "clinician", practice)
        clinician = clinician or Clinician(code=code, practice_id=practice.id or 0, name=name, sex=sex)
        _refuse_another_sex(session, clinician, sex)
        clinician.name, clinician.sex = name, sex
        session.add(clinician)
        session.flush()
        record(session, allowed, "clinician-added", f"clinician:{clinician.code}", practice_id=practice.id)
        return clinician

    return db.write_with_retry(add)


def _refuse_another_sex(session: Session, clinician: Clinician, sex: str) -> None:
    if clinician.sex == sex:
        return
    asked = select(Visit.id).where(
        Visit.clinician_id == clinician.id, Visit.clinician_sex == clinician.sex, Visit.ends > utc_now()
    )
    if clinician.id is not None and session.exec(asked.where(Visit.state == "booked").limit(1)).first() is not None:
        message = f"Somebody has a visit with {clinician.code} and asked for that sex. Move the visit first."
        raise Refused("has-visits", message)


@dataclass(frozen=True)
class ClinicRules:
    """What a clinic is for, and by which rules its slots are made and booked.

    `held`: how many slots of each session are held, None for all. `places` are an event's.
    """

    slot_minutes: int
    purpose: str = ClinicPurpose.GENERAL
    women_only: bool = False
    held: int | None = 0
    held_language: str | None = None
    release_days: int = 2
    notice_hours: int = 0
    places: int | None = None
    bank_holidays: bool = False

    def columns(self) -> dict[str, Any]:
        """As the table has them."""
        values = {name: value for name, value in vars(self).items() if name != "held"}
        return values | {"held_all": self.held is None, "held_first": self.held or 0}


def add_clinic(
    db: Database, code: str, practice_code: str, site_code: str, rules: ClinicRules, actor: Actor, name: str = ""
) -> Clinic:
    """Add a clinic, or change one of that practice; free slots follow its new rules at once.

    :raises Refused: `bad-clinic`, `unknown-language`, `code-taken`, `another-practice` (the site's), `has-visits`
        (another site or slot length, or fewer places, under visits), `does-not-fit` (a session is no multiple of the
        new slots), no such practice or site, or not allowed.
    """
    code, _ = read_code_and_name("clinic", code, name or code)
    if "/" in code:
        raise Refused("bad-clinic", "The code of a clinic stands in addresses of pages. Choose one without a slash.")
    rules = _checked(rules)

    def add(session: Session) -> Clinic:
        allowed, practice = _practice(session, practice_code, actor)
        site = site_by_code(session, site_code)
        refuse_another_practice(site, "site", practice)
        clinic = _own(with_code(session, Clinic, code), "clinic", practice)
        new = {**rules.columns(), "site_id": site.id or 0}
        if clinic is None:
            clinic = Clinic(code=code, practice_id=practice.id or 0, created_at=utc_now(), **new)
            session.add(clinic)
            session.flush()
        else:
            _change(session, clinic, new)
        record(session, allowed, "clinic-added", f"clinic:{clinic.code}", practice_id=practice.id)
        return clinic

    return db.write_with_retry(add)


def _change(session: Session, clinic: Clinic, new: dict[str, Any]) -> None:
    now = utc_now()
    _refuse_harm(session, clinic, new, now)
    for name, value in new.items():
        setattr(clinic, name, value)
    session.add(clinic)
    session.flush()
    fit_and_make(session, clinic, now)


def _refuse_harm(session: Session, clinic: Clinic, new: dict[str, Any], now: datetime) -> None:
    """Nothing changes under a visit that somebody was told of."""
    under = {"site_id": "the site", "slot_minutes": "the slot length", "purpose": "the purpose"}
    fixed = [words for name, words in under.items() if getattr(clinic, name) != new[name]]
    if clinic.places is not None and (new["places"] or 0) < clinic.places:
        fixed.append("the number of places")
    if fixed and coming_visits(session, clinic, now):
        message = f"{clinic.code} has visits to come, so {fixed[0]} cannot change. Move them, or add a new clinic."
        raise Refused("has-visits", message)
    if (clinic.purpose == ClinicPurpose.EVENT) != (new["purpose"] == ClinicPurpose.EVENT):
        _refuse_sessions(session, clinic)
    for found in _sessions(session, clinic):
        refuse_uneven(minutes_between(found.opens, found.closes), new["slot_minutes"])


def _sessions(session: Session, clinic: Clinic) -> list[ClinicSession]:
    statement = select(ClinicSession).where(ClinicSession.clinic_id == clinic.id, col(ClinicSession.ended_at).is_(None))
    return list(session.exec(statement.order_by(col(ClinicSession.id))))


def _refuse_sessions(session: Session, clinic: Clinic) -> None:
    if _sessions(session, clinic):
        message = f"{clinic.code} has sessions, and an event has other ones. Finish them first, or add a new clinic."
        raise Refused("has-sessions", message)


def fit_and_make(session: Session, clinic: Clinic, now: datetime, why: str | None = None) -> tuple[Fitted, int]:
    """Bring a clinic's slots into line with its rules and sessions: what goes, and how many are made."""
    ids = (clinic.id or 0,)
    fitted = fit_slots(session, ids, now, why) if why else fit_slots(session, ids, now)
    return fitted, len(make_in(session, ids, now.astimezone(LONDON).date() + AHEAD, now).slots)


def minutes_between(opens: Any, closes: Any) -> int:
    """Minutes on the clock from one time of day to a later one."""
    return int((closes.hour - opens.hour) * 60 + closes.minute - opens.minute)


def refuse_uneven(length: int, slot_minutes: int) -> None:
    """:raises Refused: `does-not-fit`, a session of that length is no whole number of slots."""
    if length % slot_minutes:
        message = f"A session of {length} minutes is no whole number of slots of {slot_minutes}. Change one of the two."
        raise Refused("does-not-fit", message)


def _checked(rules: ClinicRules) -> ClinicRules:
    """The same, with the language by its tag."""
    _require(rules.purpose in set(ClinicPurpose), f"A clinic is for one of: {', '.join(ClinicPurpose)}.")
    fits = 0 < rules.slot_minutes <= LONGEST_SLOT and rules.slot_minutes % 5 == 0
    _require(fits, f"A slot lasts 5 to {LONGEST_SLOT} minutes, a multiple of 5, not {rules.slot_minutes}.")
    _require(rules.held is None or rules.held >= 0, "Of each session 0 slots or more are held, or all of them.")
    days = f"Held slots open to everybody 0 to {MOST_RELEASE_DAYS} working days before."
    _require(0 <= rules.release_days <= MOST_RELEASE_DAYS, days)
    _require(0 <= rules.notice_hours <= MOST_NOTICE, f"The notice is 0 to {MOST_NOTICE} hours.")
    event = rules.purpose == ClinicPurpose.EVENT
    _require(event == (rules.places is not None), "An event needs its number of places, and only an event has one.")
    _require(rules.places is None or 0 < rules.places <= _MOST_PLACES, f"An event has 1 to {_MOST_PLACES} places.")
    return replace(rules, held_language=_read_held_language(rules))


def _require(so: bool, otherwise: str) -> None:
    if not so:
        raise Refused("bad-clinic", otherwise)


def _read_held_language(rules: ClinicRules) -> str | None:
    if rules.held_language is None:
        return None
    _require(rules.held != 0, "Say how many slots of each session are held for that language, or all of them.")
    return read_language(rules.held_language)


def read_language(written: str) -> str:
    """A language by its tag. :raises Refused: `unknown-language`."""
    tag = find_language(written)
    if tag is None:
        raise Refused("unknown-language", f"{written} is no language we know. Use a tag such as ur, or a name.")
    return tag


def remove_clinic(db: Database, code: str, actor: Actor) -> None:
    """Take away a clinic that was never used, with its sessions and slots.

    :raises Refused: `has-visits`, it has or had visits or offers; no such clinic, or not allowed.
    """
    with db.write() as session:
        clinic = clinic_by_code(session, code)
        actor = require(session, actor, MANAGE_CLINICS, practice_of_clinic(session, clinic))
        for used in (Visit, Offer, Poster):
            if session.exec(select(used.clinic_id).where(used.clinic_id == clinic.id).limit(1)).first() is not None:
                has = "a poster" if used is Poster else "visits"
                message = f"{clinic.code} has {has}, so it stays. Finish its sessions instead: then nobody is booked."
                raise Refused("has-visits", message)
        session.exec(delete(Slot).where(col(Slot.clinic_id) == clinic.id))
        session.exec(delete(ClinicSession).where(col(ClinicSession.clinic_id) == clinic.id))
        session.delete(clinic)
        record(session, actor, "clinic-removed", f"clinic:{clinic.code}", practice_id=clinic.practice_id)


def add_closure(db: Database, site_code: str, first: date, last: date, actor: Actor) -> Fitted:
    """Close a site from the first day to the last; its slots on them are withdrawn at once.

    :raises Refused: `bad-date`, the last day is before the first or past; no such site, or not allowed.
    """
    if last < first:
        raise Refused("bad-date", f"{last} is before {first}. Give the first day of the closure and then the last.")
    if last < london_today():
        raise Refused("bad-date", f"{last} is past. Say on which days the site will be closed.")
    now = utc_now()
    with db.write() as session:
        site = site_by_code(session, site_code)
        actor = require(session, actor, MANAGE_CLINICS, session.get_one(Practice, site.practice_id))
        session.add(Closure(site_id=site.id or 0, first_day=first, last_day=last))
        session.flush()
        clinics = session.exec(select(Clinic.id).where(Clinic.site_id == site.id).order_by(col(Clinic.id))).all()
        fitted = fit_slots(session, [clinic or 0 for clinic in clinics], now)
        counts = {"withdrawn": fitted.withdrawn, "to_move": fitted.to_move}
        record(session, actor, "closure-added", f"site:{site.code}", practice_id=site.practice_id, **counts)
    return fitted
