"""From the plan to a full outbox, in batches of 100, against a bare INSERT .. SELECT of as many rows."""

from typing import Any

from sqlmodel import func, select

from bot.campaigns.batches import release_batch
from bot.campaigns.planning import plan_campaign
from bot.database import Database
from bot.tables.accounts import Role, actor_of
from bot.tables.messaging import Message, OpenQuestion
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.seeding import LANGUAGES, queue_alike, seed_people
from tests.benchmarks.sizes import Sizes
from tests.factories import make_account

FULL_BATCH = 100


def run(made: Databases, sizes: Sizes) -> Section:
    """Texts queued a second."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(plan_and_release, made.new(kind), sizes.planned),
            lambda _, kind=kind: apart(insert_bare, made.new(kind), sizes.planned),
        )
        figures.append(
            Figure("plan and release", f"{sizes.planned:,} texts", kind, "one INSERT .. SELECT", ours, theirs)
        )
    text = (
        f"Ours freezes the cohort, then releases batches of {FULL_BATCH} in {len(LANGUAGES)} languages: each is a "
        "transaction of its own that locks the partner, estimates its places from all answers so far, checks every "
        "person again, composes the wording, queues text and question, and is audited. The baseline is one statement."
    )
    return section_of("planning", "Plan, release, queue", text, figures)


def plan_and_release(url: str, texts: int) -> Timed:
    """Plan a campaign for everybody and release it batch by batch."""
    settings = settings_for(url)
    with opened(url) as db:
        lead = actor_of(make_account(db, Role.LEAD, practice=seed_people(db, texts, all_invited=True).practice))
        with stopwatch() as watch:
            plan = plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, lead)
            sizes = [release_batch(db, settings, plan.campaign, lead).size for _ in range(texts // FULL_BATCH)]
        assert plan.cohort == texts == sum(sizes)
        assert _count(db, Message) == _count(db, OpenQuestion) == texts
        with db.read() as session:
            languages = session.exec(select(func.count(func.distinct(Message.language)))).one()
        assert languages == len(LANGUAGES)
    return texts, watch.seconds


def insert_bare(url: str, texts: int) -> Timed:
    """As many rows of the outbox, all alike."""
    with opened(url) as db:
        seeded = seed_people(db, texts, all_invited=True)
        with stopwatch() as watch, db.write() as session:
            queue_alike(session, seeded, texts)
        assert _count(db, Message) == texts
    return texts, watch.seconds


def _count(db: Database, table: Any) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()
