"""Slots of many clinics for twelve weeks, against the same slots inserted row by row."""

from datetime import date, time, timedelta
from typing import Any

from sqlmodel import Session, func, select

from bot.appointments.timetable.making import make
from bot.appointments.timetable.rotas import rotas_of, taken_by
from bot.appointments.timetable.slots import AHEAD, make_slots, slot_row
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.rows import insert_row
from bot.tables.appointments import Clinic, Clinician, ClinicSession, Site, Slot
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.factories import make_practice

AIM = 10.0


def run(made: Databases, sizes: Sizes) -> Section:
    """Slots a second."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(make_them, made.new(kind), sizes.clinics),
            lambda _, kind=kind: apart(insert_them, made.new(kind), sizes.clinics_by_row),
        )
        size, baseline = f"{sizes.clinics:,} clinics x 12 weeks", "session.add and flush, a row at a time"
        figures.append(Figure("make slots", size, kind, baseline, ours, theirs, AIM))
    text = (
        "Ours reads sessions, closures, days away, slots and visits that are there, works out the times on the wall "
        "clock in London, and stores the slots of some clinics a transaction; the sessions of each are mornings of "
        "three hours on five days, in slots of ten minutes. The baseline has the times worked out already and stores "
        f"the slots of {sizes.clinics_by_row:,} such clinics one by one, in one transaction."
    )
    return section_of("slots", "Make slots", text, figures)


def make_them(url: str, clinics: int) -> Timed:
    """All of it, and a second run that makes none."""
    with opened(url) as db:
        seed_clinics(db, clinics)
        with stopwatch() as watch:
            said = make_slots(db, settings_for(url))
        assert said.made == count(db) > clinics * 900
        assert make_slots(db, settings_for(url)).made == 0
    return said.made, watch.seconds


def insert_them(url: str, clinics: int) -> Timed:
    """The same rows, each by itself."""
    with opened(url) as db:
        ids = seed_clinics(db, clinics)
        with db.read() as session:
            rows = wanted(session, ids)
        with stopwatch() as watch, db.write() as session:
            for row in rows:
                session.add(Slot(**row))
                session.flush()
        assert len(rows) == count(db) > clinics * 900
    return len(rows), watch.seconds


def wanted(session: Session, clinic_ids: list[int]) -> list[dict[str, Any]]:
    now = utc_now()
    rotas = rotas_of(session, clinic_ids)
    last = now.astimezone(LONDON).date() + AHEAD
    return [slot_row(new) for new in make(rotas, last - AHEAD, last, now, taken_by(session, rotas, now)).slots]


def seed_clinics(db: Database, clinics: int) -> list[int]:
    """So many clinics of one practice, each with a clinician who works five mornings."""
    practice, tomorrow = make_practice(db), london_today() + timedelta(days=1)
    with db.write() as session:
        site = insert_row(session, Site, code="HALL", practice_id=practice.id, name="Hall", address="1 Road")
        return [_clinic(session, site, number, tomorrow) for number in range(clinics)]


def _clinic(session: Session, site: Site, number: int, starts_on: date) -> int:
    theirs = {"code": f"C-{number}", "practice_id": site.practice_id}
    who = insert_row(session, Clinician, **theirs, name="A Clinician", sex="F")
    clinic = insert_row(session, Clinic, **theirs, site_id=site.id, slot_minutes=10, held_first=6, created_at=utc_now())
    hours = {"opens": time(9), "closes": time(12), "starts_on": starts_on}
    insert_row(session, ClinicSession, clinic_id=clinic.id, clinician_id=who.id, days="0,1,2,3,4", **hours)
    return clinic.id or 0


def count(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(Slot)).one()
