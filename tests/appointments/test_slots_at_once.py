"""Slots made by several at once: each is there once, and no clinician is in two places."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, time
from typing import Any

from sqlmodel import col, select

from bot.appointments.timetable.sessions import Hours, add_session
from bot.appointments.timetable.slot_importing import import_slots
from bot.appointments.timetable.slots import make_slots
from bot.audit import CONSOLE
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import Slot
from bot.tables.organisations import Practice
from tests.appointments.world import TOMORROW, make_clinic, make_clinician, make_session

MORNING = Hours(frozenset({2}), time(9), time(12), TOMORROW, date(2026, 12, 31))


def at_once(*deeds: Callable[[], Any]) -> list[str]:
    """Run all of them at one moment; gives the codes of those that were refused."""
    ready, refused, faults = threading.Barrier(len(deeds)), list[str](), list[Exception]()

    def run(deed: Callable[[], Any]) -> None:
        ready.wait()
        try:
            deed()
        except Refused as error:
            refused.append(error.code)
        except Exception as error:  # shown by the assertion below
            faults.append(error)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return refused


def cells(db: Database) -> Counter[tuple[int | None, int]]:
    """How many live slots each five minutes of each clinician are in."""
    with db.read() as session:
        slots = session.exec(select(Slot).where(col(Slot.withdrawn_at).is_(None))).all()
    return Counter((slot.clinician_id, cell) for slot in slots for cell in range(slot.first_cell, slot.end_cell))


def test_two_who_make_slots_at_once_make_each_of_them_once(db: Database, settings: Settings, practice: Practice):
    for _ in range(3):
        make_session(db, make_clinic(db, practice))
    until = date(2027, 3, 31)
    assert at_once(*[lambda: make_slots(db, settings, until)] * 4) == []
    assert max(cells(db).values()) == 1
    assert make_slots(db, settings, until).made == 0


def test_of_two_sessions_of_one_clinician_at_one_time_one_is_refused(db: Database, practice: Practice):
    clinician = make_clinician(db, practice, "KHAN")
    clinics = [make_clinic(db, practice) for _ in range(3)]
    refused = at_once(
        *(lambda code=clinic.code: add_session(db, code, clinician.code, MORNING, CONSOLE) for clinic in clinics)
    )
    assert refused == ["overlaps", "overlaps"]
    assert max(cells(db).values()) == 1


def test_a_file_taken_in_twice_at_once_is_stored_once(db: Database, settings: Settings, practice: Practice):
    make_clinic(db, practice, "GENERAL")
    make_clinician(db, practice, "KHAN")
    times = [f"GENERAL,KHAN,2026-12-01T09:{minute:02},2026-12-01T09:{minute + 5:02}" for minute in range(0, 50, 5)]
    content = "\n".join(["Clinic,Clinician,Start,End", *times]).encode()
    assert at_once(*[lambda: import_slots(db, settings, "STATION", content, CONSOLE)] * 3) == []
    assert sum(cells(db).values()) == len(times)


def test_a_file_and_a_session_at_once_never_put_a_clinician_in_two_places(
    db: Database, settings: Settings, practice: Practice
):
    clinic, clinician = make_clinic(db, practice, "GENERAL"), make_clinician(db, practice, "KHAN")
    content = b"Clinic,Clinician,Start,End\nGENERAL,KHAN,2026-12-02T09:05,2026-12-02T09:15"
    at_once(
        lambda: import_slots(db, settings, "STATION", content, CONSOLE),
        lambda: add_session(db, clinic.code, clinician.code, MORNING, CONSOLE),
    )
    assert max(cells(db).values()) == 1
