"""A calendar of 300 visits, against icalendar writing the same entries and nothing else."""

from datetime import timedelta

from icalendar import Calendar

from bot.appointments.calendars.feeds import content_of
from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import unused_codes
from bot.rows import insert_many
from bot.tables.appointments import CalendarFeed, Visit
from tests.appointments.clinics import make_agency, make_ground, make_interpreter, visit_values
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes

VISITS = 300
READS = 5


def run(made: Databases, sizes: Sizes) -> Section:
    """Calendars a second."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(read_feed, made.new(kind)),
            lambda _, kind=kind: apart(write_bare, made.new(kind)),
        )
        baseline = "icalendar's to_ical of the same entries"
        figures.append(Figure("feed", f"{VISITS} visits", kind, baseline, ours, theirs, 0.5))
    text = (
        "Ours reads the visits of an interpreter from the database, makes entries of them and writes the file; the "
        "baseline has the entries made already and only writes them."
    )
    return section_of("feeds", "Calendar feeds", text, figures)


def read_feed(url: str) -> Timed:
    """The file as it is asked for."""
    with opened(url) as db:
        feed = seed(db)
        with db.read() as session:
            written = content_of(session, settings_for(url), feed, utc_now())
            assert written.count(b"BEGIN:VEVENT") == VISITS
            with stopwatch() as watch:
                for _ in range(READS):
                    content_of(session, settings_for(url), feed, utc_now())
    return READS, watch.seconds


def write_bare(url: str) -> Timed:
    """The same entries, read back from the same file and written again."""
    with opened(url) as db:
        feed = seed(db)
        with db.read() as session:
            calendar = Calendar.from_ical(content_of(session, settings_for(url), feed, utc_now()))
        with stopwatch() as watch:
            for _ in range(READS):
                calendar.to_ical(sorted=False)
    return READS, watch.seconds


def seed(db: Database) -> CalendarFeed:
    """Visits of one interpreter, a quarter of an hour after each other."""
    ground = make_ground(db)
    interpreter = make_interpreter(db, make_agency(db, ground.practice))
    with db.write() as session:
        codes = unused_codes(session, VISITS)
        first = utc_now() + timedelta(days=1)
        rows = []
        for number, code in enumerate(codes):
            starts = first + number * timedelta(minutes=15)
            when = {"starts": starts, "ends": starts + timedelta(minutes=10)}
            visit = Visit(**(visit_values(ground, code) | when | {"interpreter_id": interpreter.id}))
            rows.append(visit.model_dump(exclude={"id"}))
        insert_many(session, Visit, rows)
        feed = CalendarFeed(token_hash="0" * 64, interpreter_id=interpreter.id, made_at=utc_now())
        session.add(feed)
        return feed
