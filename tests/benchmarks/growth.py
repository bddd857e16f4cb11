"""How the verbs that matter most slow down as a practice and its history grow."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from sqlalchemy import text, update
from sqlmodel import col

from bot.campaigns.batches import release_batch
from bot.campaigns.planning import plan_campaign
from bot.conversations.inbound import InboundText, receive_text
from bot.database import Database
from bot.messaging.callbacks import StatusReport, record_status
from bot.messaging.claiming import claim_due_messages
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.messaging import Attempt, Message, OpenQuestion, State
from tests.benchmarks.cohort import judge
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.dispatch import FASTEST
from tests.benchmarks.measuring import Timed, apart, peak_mb, stopwatch
from tests.benchmarks.planning import FULL_BATCH
from tests.benchmarks.reporting import Section, number
from tests.benchmarks.seeding import analyse, phone_of, ref_of, seed_people, seed_texts
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.webhooks import inbound_hooks
from tests.factories import make_account

TIMES, AT_ONCE, RELEASES = 60, 16, 6
VERBS = ("claim of 16", "inbound", "status", "release of 100", "cohort")


@dataclass(frozen=True)
class Grown:
    """Milliseconds of each verb at one size, and the most memory they took."""

    milliseconds: dict[str, float]
    peak_mb: float


def run(made: Databases, sizes: Sizes) -> Section:
    """Milliseconds of each verb, and how many times those of the smallest size."""
    rows = []
    for kind in (SQLITE, POSTGRESQL):
        found = [_at_size(made.new(kind), made.new(kind), people) for people in sizes.grown]
        for verb in VERBS:
            first = found[0].milliseconds[verb]
            cells = [_cell(one.milliseconds[verb], first) for one in found]
            rows.append([verb, kind, *cells, " / ".join(f"{one.peak_mb:.0f}" for one in found)])
    headings = ("verb", "database", *(f"{people:,} people, ms" for people in sizes.grown), "peak MB")
    text = (
        f"Each person has a text in the history with its attempt and question. Medians of {TIMES} calls, in brackets "
        f"as many times the smallest size; means of {RELEASES} releases of a campaign that has everybody in it. A "
        "cohort looks at everybody, so it may grow with the people; the others must not."
    )
    return Section("growth", "Growth", text, headings, rows)


def _cell(value: float, first: float) -> str:
    return f"{number(value)} ({value / first:.1f})"


def _at_size(url: str, of_releases: str, people: int) -> Grown:
    with opened(url) as db:
        seed_texts(db, seed_people(db, people), people, state=State.ACCEPTED)
        settings = settings_for(url, sender_parts_per_second=FASTEST)
        _queue_some(db, people)
        found = {
            "claim of 16": _timed(lambda _: _claim(db, settings), rest=AT_ONCE / FASTEST),
            "inbound": _timed(lambda index: _receive(db, settings, index)),
            "status": _timed(lambda index: _report(db, index)),
        }
    cohort, released = apart(judge, url, people), apart(release, of_releases, people)
    found |= {"cohort": cohort.seconds * 1000, "release of 100": 1000 / released.rate}
    return Grown(found, max(cohort.peak_mb, released.peak_mb, peak_mb("self")))


def release(url: str, people: int) -> Timed:
    """Batches of a campaign for everybody, after the first, which builds the statements."""
    settings = settings_for(url)
    with opened(url) as db:
        lead = actor_of(make_account(db, Role.LEAD, practice=seed_people(db, people, all_invited=True).practice))
        plan = plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, lead)
        release_batch(db, settings, plan.campaign, lead)
        with stopwatch() as watch:
            sizes = [release_batch(db, settings, plan.campaign, lead).size for _ in range(RELEASES)]
        assert sizes == [FULL_BATCH] * RELEASES
    return RELEASES, watch.seconds


def _queue_some(db: Database, people: int) -> None:
    """The newest texts are queued again as if they had not gone."""
    enough = (TIMES + 1) * AT_ONCE
    newest = col(Message.phone) >= phone_of(people - enough)
    with db.write() as session:
        for table, column in ((Attempt, Attempt.message_id), (OpenQuestion, OpenQuestion.message_id)):
            names = {"table": table.__tablename__, "column": col(column).key}
            session.execute(
                text(
                    "DELETE FROM {table} WHERE {column} IN (SELECT id FROM message WHERE phone >= :phone)".format(
                        **names
                    )
                ),
                {"phone": phone_of(people - enough)},
            )
        session.execute(update(Message).where(newest).values(state=State.QUEUED, sid=None, attempts=0))
        session.execute(
            text("UPDATE patient SET phone_status = 'own' WHERE phone >= :p"), {"p": phone_of(people - enough)}
        )
    analyse(db)


def _timed(call: Callable[[int], None], rest: float = 0.0) -> float:
    """The median of many calls in milliseconds, so many seconds apart; the first builds the statements."""
    taken = []
    for index in range(TIMES + 1):
        time.sleep(rest)
        began = time.perf_counter()
        call(index)
        taken.append(time.perf_counter() - began)
    return median(taken[1:]) * 1000


def _claim(db: Database, settings: Settings) -> None:
    assert len(claim_due_messages(db, settings, AT_ONCE)) == AT_ONCE


def _receive(db: Database, settings: Settings, index: int) -> None:
    [hook] = inbound_hooks(index, 1)
    message = receive_text(db, settings, InboundText.from_fields(hook.fields))
    assert message.id


def _report(db: Database, index: int) -> None:
    record_status(db, ref_of(index), StatusReport(f"SM{phone_of(index)}", "delivered", None, None))
