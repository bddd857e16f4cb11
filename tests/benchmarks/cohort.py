"""Who belongs to a cohort and why others do not, against a count with the same conditions on plain columns."""

from sqlalchemy import func, select
from sqlmodel import col

from bot.campaigns.cohort import classify
from bot.campaigns.fuel_poverty import COLD_HOME_RESPIRATORY
from bot.clock import born_by, london_today
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.seeding import seed_people
from tests.benchmarks.sizes import Sizes


def run(made: Databases, sizes: Sizes) -> Section:
    """People judged a second."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        for people in sizes.people:
            url = made.new(kind)
            with opened(url) as db:
                seed_people(db, people)
            ours, theirs = side_by_side(
                sizes.rounds,
                lambda _, url=url, people=people: apart(judge, url, people),
                lambda _, url=url, people=people: apart(count_plain, url, people),
            )
            baseline = "SELECT count(*) with the plain conditions"
            figures.append(Figure("cohort", f"{people:,} people", kind, baseline, ours, theirs))
    text = (
        "Ours is the one query of the cohort page: everybody of the practice with the first reason that leaves them "
        "out, by language, with codes, the practice's own selections and opt-outs looked up. The baseline counts the "
        "people who pass the conditions that are columns of the person."
    )
    return section_of("cohort", "Cohort", text, figures)


def judge(url: str, people: int) -> Timed:
    """Count everybody by reason and language."""
    with opened(url) as db, db.read() as session:
        practice = session.execute(select(col(Practice.id))).scalar_one()
        verdicts = classify(COLD_HOME_RESPIRATORY, practice or 0, london_today()).subquery()
        grouped = select(verdicts.c.reason, verdicts.c.language, func.count()).group_by(
            verdicts.c.reason, verdicts.c.language
        )
        with stopwatch() as watch:
            rows = session.execute(grouped).all()
    assert sum(count for _, _, count in rows) == people
    assert {reason for reason, _, _ in rows} <= {None, *COLD_HOME_RESPIRATORY.reasons}
    return people, watch.seconds


def count_plain(url: str, people: int) -> Timed:
    """Count those whom nothing in their own row leaves out."""
    with opened(url) as db, db.read() as session:
        practice = session.execute(select(col(Practice.id))).scalar_one()
        counted = select(func.count()).where(
            col(Patient.practice_id) == practice,
            col(Patient.born) <= born_by(18, london_today()),
            ~col(Patient.deceased),
            col(Patient.registered),
            col(Patient.phone).is_not(None),
            col(Patient.phone_status).in_((PhoneStatus.OWN, PhoneStatus.CONFIRMED)),
            ~col(Patient.texting_refused),
        )
        with stopwatch() as watch:
            found = session.execute(counted).scalar_one()
    assert 0 < found < people
    return people, watch.seconds
