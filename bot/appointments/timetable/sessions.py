"""Sessions: hours of a clinician in a clinic that come again, from which slots are made."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import lcm
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.finding_by_code import clinic_by_code, clinician_by_code, refuse_another_practice
from bot.appointments.timetable.clinics import MANAGE_CLINICS, fit_and_make, minutes_between, refuse_uneven
from bot.appointments.timetable.fitting import CHANGED, ENDED
from bot.appointments.timetable.making import Rota, days_of, weeks_between
from bot.appointments.timetable.rotas import lock_clinics, rota_of
from bot.appointments.timetable.slots import AHEAD, make_in, practice_of_clinic
from bot.appointments.written_times import WEEKDAYS, from_wall
from bot.audit import Actor, record
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.appointments import Clinic, Clinician, ClinicPurpose, ClinicSession

MOST_WEEKS = 52
_LATEST = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Hours:
    """When a session comes, on the wall clock in London. `until` is the last day; `every` so many weeks."""

    weekdays: frozenset[int]
    opens: time
    closes: time
    starts_on: date
    until: date | None = None
    every: int = 1

    def columns(self) -> dict[str, Any]:
        """As the table has them."""
        values = {name: value for name, value in vars(self).items() if name != "weekdays"}
        return values | {"days": ",".join(map(str, sorted(self.weekdays)))}


@dataclass(frozen=True)
class SessionSaid:
    """A session by its number, the slots made of it at once, and what a change of it did to those there were."""

    session: int
    slots: int
    withdrawn: int = 0
    to_move: int = 0

    def as_json(self) -> dict[str, Any]:
        """What the commands answer."""
        return dict(vars(self))


def add_session(db: Database, clinic_code: str, clinician_code: str | None, hours: Hours, actor: Actor) -> SessionSaid:
    """Add a session and make its slots for twelve weeks.

    :raises Refused: `bad-session` (its times, days or weeks), `past`, `does-not-fit` (no multiple of the slots),
        `needs-clinician`, `event-has-none`, `another-practice`, `overlaps` (another session of that clinician),
        no such clinic or clinician, or not allowed.
    """
    _check(hours)
    if hours.starts_on < london_today():
        raise Refused("past", f"A session cannot begin on {hours.starts_on}: that is past. Choose today or later.")

    def add(session: Session) -> SessionSaid:
        clinic = clinic_by_code(session, clinic_code)
        allowed = require(session, actor, MANAGE_CLINICS, practice_of_clinic(session, clinic))
        clinician = _clinician(session, clinic, clinician_code)
        found = ClinicSession(
            clinic_id=clinic.id or 0, clinician_id=clinician.id if clinician else None, **hours.columns()
        )
        _refuse_unfit(session, found, clinic)
        session.add(found)
        session.flush()
        made = make_in(session, [clinic.id or 0], london_today() + AHEAD, utc_now())
        slots = sum(new.rota.session_id == found.id for new in made.slots)
        record(session, allowed, "session-added", f"session:{found.id}", practice_id=clinic.practice_id, slots=slots)
        return SessionSaid(found.id or 0, slots)

    return db.write_with_retry(add)


def _check(hours: Hours) -> None:
    _require(hours.opens < hours.closes, f"A session from {hours.opens:%H:%M} cannot finish at {hours.closes:%H:%M}.")
    on_grid = hours.opens.minute % 5 == hours.closes.minute % 5 == 0
    _require(on_grid, "A session begins and finishes at a multiple of five minutes, such as 09:05.")
    _require(1 <= hours.every <= MOST_WEEKS, f"A session comes every week, or every 2 to {MOST_WEEKS} weeks.")
    if hours.until is not None:
        _require(
            hours.starts_on <= hours.until, f"The last day, {hours.until}, is before {hours.starts_on}, the first."
        )
    _require(hours.starts_on <= london_today() + _LATEST, "A session begins within five years.")


def _require(so: bool, otherwise: str) -> None:
    if not so:
        raise Refused("bad-session", otherwise)


def _clinician(session: Session, clinic: Clinic, code: str | None) -> Clinician | None:
    """The clinician of a session, who is of the clinic's practice; nobody at an event. Locked until the end."""
    if clinic.purpose == ClinicPurpose.EVENT:
        if code is not None:
            raise Refused("event-has-none", f"{clinic.code} is an event, which has no clinician. Leave them out.")
        return None
    if code is None:
        raise Refused("needs-clinician", f"Say which clinician the sessions of {clinic.code} are of.")
    clinician = clinician_by_code(session, code)
    refuse_another_practice(clinician, "clinician", practice_of_clinic(session, clinic))
    # Two sessions added at once must see each other.
    lock = {"key_share": True}
    return session.get_one(Clinician, clinician.id, with_for_update=lock, populate_existing=True)


def _refuse_unfit(session: Session, found: ClinicSession, clinic: Clinic) -> None:
    lock_clinics(session, [clinic.id or 0])
    rota = rota_of(found, clinic)
    refuse_uneven(minutes_between(rota.opens, rota.closes), rota.minutes)
    _require(_comes(rota), f"None of its days lies between {rota.starts_on} and {rota.until}. Change either.")
    for other in _others(session, found):
        if overlap(rota, rota_of(other, clinic)):
            raise Refused(
                "overlaps",
                f"It overlaps session {other.id}, which is from {other.opens:%H:%M} to {other.closes:%H:%M}. "
                "Choose other times, or finish that one first.",
            )


def _comes(rota: Rota) -> bool:
    """Whether it comes at all, today's hours gone by left out."""
    now, last = utc_now(), rota.starts_on + timedelta(weeks=rota.every)
    today = now.astimezone(LONDON).date()
    for day in days_of(rota, rota.starts_on, max(last, today) + timedelta(weeks=rota.every)):
        closes = from_wall(datetime.combine(day, rota.closes))
        if closes is None or closes > now:
            return True
    return False


def _others(session: Session, found: ClinicSession) -> Iterable[ClinicSession]:
    """The other sessions of the same clinician, or at an event of the same clinic."""
    statement = select(ClinicSession).where(col(ClinicSession.ended_at).is_(None))
    if found.clinician_id is None:
        statement = statement.where(ClinicSession.clinic_id == found.clinic_id)
    else:
        statement = statement.where(ClinicSession.clinician_id == found.clinician_id)
    return [other for other in session.exec(statement.order_by(col(ClinicSession.id))) if other.id != found.id]


def overlap(one: Rota, other: Rota) -> bool:
    """Whether two sessions ever have a moment in common: same day, and hours that overlap."""
    if one.closes <= other.opens or other.closes <= one.opens or not one.weekdays & other.weekdays:
        return False
    first = max(one.starts_on, other.starts_on)
    both = replace(one, weekdays=one.weekdays & other.weekdays)
    # After so many weeks the pattern of the two comes again.
    last = first + timedelta(weeks=lcm(one.every, other.every) + 1)
    ends = min((day for day in (other.until, last) if day is not None), default=last)
    return any(weeks_between(other.starts_on, day) % other.every == 0 for day in days_of(both, first, ends))


def change_session(db: Database, session_id: int, hours: Hours, actor: Actor) -> SessionSaid:
    """Give a session other hours; its free slots follow at once, visits that lose theirs are to be moved.

    :raises Refused: as `add_session`; `unknown-session`.
    """
    _check(hours)

    def change(session: Session) -> SessionSaid:
        found, clinic, allowed = _session(session, session_id, actor)
        for name, value in hours.columns().items():
            setattr(found, name, value)
        _refuse_unfit(session, found, clinic)
        return _fit(session, found, clinic, CHANGED, "session-changed", allowed)

    return db.write_with_retry(change)


def end_session(db: Database, session_id: int, actor: Actor, last: date | None = None) -> SessionSaid:
    """End a session now, or after its last day; its free slots go at once, visits in them are to be moved.

    :raises Refused: `bad-session`, that day is past; `unknown-session`, or not allowed.
    """
    today = london_today()
    if last is not None and last < today:
        raise Refused("bad-session", f"{last} is past. Give a last day from today on, or none to finish it now.")

    def end(session: Session) -> SessionSaid:
        found, clinic, allowed = _session(session, session_id, actor)
        if last is None:
            found.ended_at = utc_now()
        else:
            found.until = last if found.until is None else min(last, found.until)
        return _fit(session, found, clinic, ENDED, "session-ended", allowed)

    return db.write_with_retry(end)


def _session(session: Session, session_id: int, actor: Actor) -> tuple[ClinicSession, Clinic, Actor]:
    found = session.get(ClinicSession, session_id)
    if found is None or found.ended_at is not None:
        raise Refused("unknown-session", f"There is no session {session_id} that goes on.")
    clinic = session.get_one(Clinic, found.clinic_id)
    return found, clinic, require(session, actor, MANAGE_CLINICS, practice_of_clinic(session, clinic))


def _fit(session: Session, found: ClinicSession, clinic: Clinic, why: str, action: str, actor: Actor) -> SessionSaid:
    session.add(found)
    session.flush()
    fitted, made = fit_and_make(session, clinic, utc_now(), why)
    counts = {"withdrawn": fitted.withdrawn, "to_move": fitted.to_move}
    record(session, actor, action, f"session:{found.id}", practice_id=clinic.practice_id, **counts)
    return SessionSaid(found.id or 0, made, fitted.withdrawn, fitted.to_move)


def list_sessions(session: Session, clinic_code: str) -> list[dict[str, Any]]:
    """The sessions of a clinic that have not been ended, as `sessions list` shows them.

    :raises Refused: no such clinic.
    """
    clinic = clinic_by_code(session, clinic_code)
    statement = (
        select(ClinicSession, Clinician.code)
        .join(Clinician, col(Clinician.id) == col(ClinicSession.clinician_id), isouter=True)
        .where(ClinicSession.clinic_id == clinic.id, col(ClinicSession.ended_at).is_(None))
        .order_by(col(ClinicSession.id))
    )
    return [_line(found, clinic.code, clinician) for found, clinician in session.exec(statement)]


def _line(found: ClinicSession, clinic: str, clinician: str | None) -> dict[str, Any]:
    return {
        "session": found.id,
        "clinic": clinic,
        "clinician": clinician,
        "days": ",".join(WEEKDAYS[int(day)] for day in found.days.split(",")),
        "from": found.opens.strftime("%H:%M"),
        "to": found.closes.strftime("%H:%M"),
        "start": found.starts_on.isoformat(),
        "until": None if found.until is None else found.until.isoformat(),
        "every": found.every,
    }
