"""Booking: against a bare transaction with the same rows, fifty for ten places, and finding among 10,000 slots."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from itertools import islice
from time import perf_counter
from typing import Any

from sqlalchemy import Insert, event, func, insert, select
from sqlmodel import SQLModel, col

from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.finding import _FREE, Wish, find_times
from bot.audit import CONSOLE, AuditEntry, AuditSeal
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.rows import insert_many
from bot.tables import metadata
from bot.tables.appointments import ClaimedTime, Clinic, ClinicSession, Slot, Visit
from bot.tables.interpreters import Interpreter
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.patients import Patient, PersonCode
from tests.appointments.clinics import (
    Ground,
    at,
    make_agency,
    make_clinic,
    make_clinician,
    make_ground,
    make_interpreter,
)
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.factories import make_patient

BOOKERS, PLACES = 50, 10
TO_FIND, WHO_COULD = 10_000, 200
SPOKEN = ("ur", "pl", "ar", "so", "bn", "fa", "pa-Guru", "ro", "tr", "vi")
WARM_UP = 5


def run(made: Databases, sizes: Sizes) -> Section:
    """Bookings and searches a second."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        for baseline, insert_bare, aim in BARE:
            ours, theirs = side_by_side(
                sizes.rounds,
                lambda _, kind=kind: apart(book, made.new(kind), sizes.booked),
                lambda _, kind=kind, bare=insert_bare: apart(insert_the_same, made.new(kind), sizes.booked, bare),
            )
            what = f"{sizes.booked:,} visits, one after the other"
            figures.append(Figure("book_joint_visit", what, kind, baseline, ours, theirs, aim))
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(book_at_once, made.new(kind), 1),
            lambda _, kind=kind: apart(book_at_once, made.new(kind), BOOKERS),
        )
        what = f"{BOOKERS} for {PLACES} places"
        figures.append(Figure("settle", what, kind, f"{BOOKERS} that do not compete", ours, theirs, 0.33))
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(find, made.new(kind), sizes.searches),
            lambda _, kind=kind: apart(read_free_slots, made.new(kind), sizes.searches),
        )
        what = f"{TO_FIND:,} slots, {WHO_COULD} interpreters"
        figures.append(Figure("find_times", what, kind, "one indexed select of the free slots", ours, theirs, 0.33))
    text = (
        "Booking finds the interpreter anew, locks, claims the time of clinician, interpreter and person, stores the "
        "visit, is audited, and queues what person and interpreter are told; the bare transactions insert the very "
        "rows that ours left, and look at nothing. Those that compete want one clinic, the "
        "others have a clinic, a clinician and an interpreter each. A search is three statements, which are counted."
    )
    return section_of("booking", "Book, compete, find", text, figures)


def a_day() -> date:
    """A Tuesday over a week away."""
    day = london_today() + timedelta(days=8)
    return day + timedelta(days=(1 - day.weekday()) % 7)


@dataclass(frozen=True)
class Seeded:
    """A practice whose clinics have slots, with people who need an interpreter."""

    ground: Ground
    clinics: Sequence[Clinic]
    people: Sequence[Patient]

    def wants(self, number: int, starts: datetime | None = None) -> VisitWanted:
        """What the person of that number asks for, in their clinic."""
        clinic, person = self.clinics[number % len(self.clinics)], self.people[number]
        return VisitWanted(self.ground.practice.code, person.nhs_number, clinic.code, starts)


def seed(db: Database, people: int, slots: int, *, clinics: int = 1, interpreters: int = WHO_COULD) -> Seeded:
    """So many slots in each clinic; every tenth interpreter speaks the language that is needed."""
    ground = make_ground(db)
    agency = make_agency(db, ground.practice)
    for number in range(interpreters):
        make_interpreter(db, agency, (SPOKEN[number % len(SPOKEN)] if clinics == 1 else "ur",))
    made = [ground.clinic, *(make_clinic(db, ground.practice, ground.site) for _ in range(clinics - 1))]
    for clinic in made:
        add_slots(db, clinic, make_clinician(db, ground.practice).id or 0, slots)
    phones = (f"+447700{100_000 + number}" for number in range(people))  # else some share one, and are not texted
    wanting = [make_patient(db, ground.practice, language="ur", interpreter=True, phone=each) for each in phones]
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return Seeded(ground, made, wanting)


def add_slots(db: Database, clinic: Clinic, clinician_id: int, slots: int) -> None:
    """Days of a clinician from 8:00 on, 60 slots of ten minutes each."""
    days, rows, ten = -(-slots // 60), [], timedelta(minutes=10)
    with db.write() as session:
        hours = ClinicSession(
            clinic_id=clinic.id or 0,
            clinician_id=clinician_id,
            days="0,1,2,3,4,5,6",
            opens=time(8),
            closes=time(18),
            starts_on=a_day(),
        )
        session.add(hours)
        session.flush()
        starts = (at("08:00", a_day() + timedelta(days=day)) + n * ten for day in range(days) for n in range(60))
        for start in islice(starts, slots):
            rows.append(
                {
                    "clinic_id": clinic.id,
                    "session_id": hours.id,
                    "clinician_id": clinician_id,
                    "starts": start,
                    "ends": start + ten,
                    "first_cell": int(start.timestamp()) // 300,
                    "end_cell": int((start + ten).timestamp()) // 300,
                    "kind": "open",
                }
            )
        insert_many(session, Slot, rows)


def starts_of(db: Database) -> list[datetime]:
    """Every second start of the first clinic: each begins a double."""
    with db.read() as session:
        return list(session.scalars(select(col(Slot.starts)).order_by(col(Slot.starts), col(Slot.id))))[::2]


def book(url: str, visits: int) -> Timed:
    """One after the other, each at a time of its own."""
    settings = settings_for(url)
    with opened(url) as db:
        seeded, starts = seed(db, visits + WARM_UP, 2 * (visits + WARM_UP), interpreters=20), starts_of(db)
        for number in range(WARM_UP):
            book_joint_visit(db, settings, seeded.wants(number, starts[number]), CONSOLE)
        with stopwatch() as watch:
            for number in range(WARM_UP, WARM_UP + visits):
                book_joint_visit(db, settings, seeded.wants(number, starts[number]), CONSOLE)
        assert count(db, Visit) == visits + WARM_UP
        assert count(db, ClaimedTime) == 12 * (visits + WARM_UP)
        assert count(db, Message) == 2 * (visits + WARM_UP), "the person and the interpreter are told"
    return visits, watch.seconds


Batch = dict[str, list[dict[str, Any]]]
Bare = Callable[[Database, Batch], None]
WRITTEN: dict[str, type[SQLModel]] = {
    "visit": Visit,
    "claimed_time": ClaimedTime,
    "audit_entry": AuditEntry,
    "message": Message,
    "open_question": OpenQuestion,
    "person_code": PersonCode,
    "audit_seal": AuditSeal,
}


def insert_the_same(url: str, visits: int, bare: Bare) -> Timed:
    """The rows that ours would leave, copied from one visit and numbered on, each visit a transaction."""
    settings = settings_for(url)
    with opened(url) as db:
        seeded, starts = seed(db, visits + 2, 2 * (visits + 2), interpreters=20), starts_of(db)
        book_joint_visit(db, settings, seeded.wants(0, starts[0]), CONSOLE)
        before = {name: rows_of(db, name) for name in WRITTEN}
        book_joint_visit(db, settings, seeded.wants(1, starts[1]), CONSOLE)
        one = {name: [row for row in rows_of(db, name) if row not in before[name]] for name in WRITTEN}
        batches = [numbered(one, number) for number in range(1, visits + 1)]
        for warm in (True, False):
            with stopwatch() as watch:
                for batch in batches[:WARM_UP] if warm else batches[WARM_UP:]:
                    bare(db, batch)
        assert count(db, Visit) == visits + 2
        assert count(db, ClaimedTime) == 12 * (visits + 2)
    return visits - WARM_UP, watch.seconds


def add_all(db: Database, batch: Batch) -> None:
    """As a verb would that looks at nothing."""
    with db.write() as session:
        for name, rows in batch.items():
            session.add_all(WRITTEN[name](**row) for row in rows)
            session.flush()


def insert_by_table(db: Database, batch: Batch) -> None:
    """As nobody writes it: without a session, one statement a table, built beforehand."""
    with db.engine.execution_options(writing=True).begin() as connection:
        for name, rows in batch.items():
            connection.execute(_inserting(name), rows)


@cache
def _inserting(name: str) -> Insert:
    return insert(metadata.tables[name])


BARE: Sequence[tuple[str, Bare, float | None]] = (
    ("a bare transaction that adds the same rows", add_all, 0.5),
    ("one that inserts them without a session, a statement a table", insert_by_table, None),
)


def rows_of(db: Database, name: str) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    with db.read() as session:
        found = session.execute(select(table).order_by(*table.primary_key)).mappings()
        return [dict(row) for row in found]


def numbered(one: dict[str, list[dict[str, Any]]], number: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of a visit as those of another: unique values are made so, times and ids are moved on."""
    return {name: [_other(name, row, number, len(rows)) for row in rows] for name, rows in one.items()}


def _other(name: str, row: dict[str, Any], number: int, among: int) -> dict[str, Any]:
    other = dict(row)
    if name == "claimed_time":
        return other | {"cell": row["cell"] + 12 * number, "visit_id": row["visit_id"] + number}
    if "id" in other:
        other["id"] = row["id"] + among * number
    if name == "visit":
        other["code"] = f"{number:08d}"
    if name == "message":
        other["dedupe_key"] = f"{row['dedupe_key']}:{number}"
    if name == "person_code":
        other |= {"code": f"{number:08d}", "patient_id": row["patient_id"] + number}
    if name == "audit_seal":
        other |= {"number": row["number"] + number, "entry_id": row["entry_id"] + number, "hash": f"{number:064d}"}
    if name == "open_question":
        other["message_id"] = row["message_id"] + 2 * number
    return other


def book_at_once(url: str, clinics: int) -> Timed:
    """Fifty in threads: for ten places of one clinic, or each in a clinic of its own."""
    settings = settings_for(url)
    with opened(url) as db:
        places = PLACES if clinics == 1 else 1
        seeded = seed(db, BOOKERS, 2 * places, clinics=clinics, interpreters=BOOKERS)
        together = threading.Barrier(BOOKERS)
        with ThreadPoolExecutor(BOOKERS) as pool:
            tries = [pool.submit(one_of_many, db, settings, seeded.wants(each), together) for each in range(BOOKERS)]
            results = [each.result() for each in tries]
        won = [ended for _, ended, booked in results if booked]
        assert len(won) == count(db, Visit) == (PLACES if clinics == 1 else BOOKERS)
        assert count(db, ClaimedTime) == 12 * len(won)
    begun, ended = min(began for began, _, _ in results), max(ended for _, ended, _ in results)
    return BOOKERS, ended - begun


def one_of_many(
    db: Database, settings: Any, wanted: VisitWanted, together: threading.Barrier
) -> tuple[float, float, bool]:
    """When one of them began and was settled, and whether they got a place."""

    together.wait()
    began = perf_counter()
    try:
        book_joint_visit(db, settings, wanted, CONSOLE)
    except Refused:
        return began, perf_counter(), False
    return began, perf_counter(), True


def find(url: str, searches: int) -> Timed:
    """Three times for one person."""
    with opened(url) as db:
        seeded = seed(db, 1, TO_FIND)
        statements: list[str] = []
        listener = partial(_note, statements)
        event.listen(db.engine, "before_cursor_execute", listener)
        assert len(search(db, seeded)) == 3
        event.remove(db.engine, "before_cursor_execute", listener)
        assert len([each for each in statements if each != "BEGIN"]) <= 3
        with stopwatch() as watch:
            for _ in range(searches):
                search(db, seeded)
        assert (count(db, Slot), count(db, Interpreter)) == (TO_FIND, WHO_COULD)
    return searches, watch.seconds


def _note(statements: list[str], *given: Any) -> None:
    statements.append(given[2])


def search(db: Database, seeded: Seeded) -> Sequence[Any]:
    with db.read() as session:
        return find_times(session, Wish(seeded.people[0], seeded.ground.clinic), utc_now()).times


def read_free_slots(url: str, searches: int) -> Timed:
    """The statement with which a search begins, and nothing else."""
    with opened(url) as db:
        seeded = seed(db, 1, TO_FIND)
        now = utc_now()
        given = {"clinic": seeded.ground.clinic.id, "now": now, "after": now, "lower": now, "moving": -1, "patient": 0}
        given["upper"] = now + timedelta(days=3650)
        with stopwatch() as watch:
            for _ in range(searches):
                with db.read() as session:
                    rows: Iterable[Any] = session.connection().execute(_FREE, given).all()
        assert len(list(rows)) == TO_FIND
    return searches, watch.seconds


def count(db: Database, table: type[SQLModel]) -> int:
    with db.read() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()
