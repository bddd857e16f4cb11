"""What somebody waits for: the first text after a start, and the page of a campaign that has sent much."""

import time
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col

from bot.app import create_app
from bot.clock import utc_now
from bot.database import Database
from bot.logs import set_up_logging
from bot.tables.accounts import Role, UserAccount
from bot.tables.messaging import Message, State
from tests.applications import browser_of
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.load import fire
from tests.benchmarks.measuring import Figure, Sample, Timed, apart, side_by_side
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.seeding import seed_people, seed_texts
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.webhooks import OK, inbound_hooks, served
from tests.factories import make_account

NEXT, LOOKS, IN_A_BATCH = 20, 9, 100


def run(made: Databases, sizes: Sizes) -> Section:
    """First texts and pages a second; a first text may take twice what the next ones do."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        figures.append(_first_text(made, kind, sizes))
        figures.append(_campaign_page(made, kind, sizes))
    explained = (
        f"The first text that comes to a server, against the {NEXT} that follow it, one after another. The part of a "
        "campaign's page that keeps itself up to date, in processor time of Python and SQLite, against the page on "
        "which people sign in, which asks the database nothing."
    )
    return section_of("starting", "After a start, and a campaign's page", explained, figures)


def _first_text(made: Databases, kind: str, sizes: Sizes) -> Figure:
    firsts, others = [], []
    for _ in range(sizes.rounds):
        first, following = _after_a_start(made.new(kind))
        firsts.append(first)
        others.append(following)
    return Figure("first text after a start", "1 text", kind, "those that follow", firsts, others, aim=0.5)


def _after_a_start(url: str) -> tuple[Sample, Sample]:
    people = NEXT + 1
    with opened(url) as db:
        seed_texts(db, seed_people(db, people, all_invited=True), people, state=State.ACCEPTED)
    with served("ours", url) as ours:
        _, first = fire(ours.url, inbound_hooks(0, 1), OK)
        following = sum(fire(ours.url, inbound_hooks(index, 1), OK)[1] for index in range(1, people))
        return Sample(1, first, ours.peak_mb()), Sample(NEXT, following, ours.peak_mb())


def _campaign_page(made: Databases, kind: str, sizes: Sizes) -> Figure:
    url = made.new(kind)
    with opened(url) as db:
        campaign, lead = _long_campaign(db, sizes.planned)
    ours, theirs = side_by_side(
        sizes.rounds,
        lambda _: apart(look_at, url, f"/campaigns/{campaign}/progress", lead),
        lambda _: apart(look_at, url, "/sign-in", None),
    )
    return Figure("a campaign's page", f"{sizes.planned:,} texts", kind, "the page to sign in", ours, theirs)


def _long_campaign(db: Database, texts: int) -> tuple[int, UserAccount]:
    """Texts of some days in batches of a hundred, a fifth of them answered yes and a fifth no; and its lead."""
    seeded = seed_texts(db, seed_people(db, texts, all_invited=True), texts, state=State.ACCEPTED)
    with db.write() as session:
        session.execute(text(_MORE_BATCHES), [{"number": number} for number in range(2, texts // IN_A_BATCH + 1)])
        session.execute(text("UPDATE campaign_member SET answer = CASE id % 5 WHEN 0 THEN 'yes' WHEN 1 THEN 'no' END"))
        for table in ("message", "campaign_member"):
            session.execute(text(_INTO_BATCHES.format(table=table)), {"size": IN_A_BATCH})
        for day in range(4):
            some = Message.__table__.update().where(col(Message.id) % 4 == day)  # type: ignore[attr-defined]
            session.execute(some.values(sent_at=utc_now() - timedelta(days=day)))
    assert seeded.campaign
    return seeded.campaign.id or 0, make_account(db, Role.LEAD, practice=seeded.practice)


_MORE_BATCHES = (
    "INSERT INTO batch (campaign_id, number, size, limited_by, approved_at) "
    "SELECT campaign_id, :number, size, limited_by, approved_at FROM batch WHERE number = 1"
)
_INTO_BATCHES = (
    "UPDATE {table} SET batch_id = (SELECT batch.id FROM batch "
    "WHERE batch.number = 1 + ({table}.patient_id - (SELECT min(id) FROM patient)) / :size)"
)


def look_at(url: str, path: str, account: UserAccount | None) -> Timed:
    """How many pages in how much processor time of this process; the first look is not counted."""
    settings = settings_for(url, log_level="warning")
    set_up_logging(settings)
    with opened(url) as db:
        app = create_app(settings, db)
        browser = browser_of(app, account) if account else app.test_client()
        assert browser.get(path).status_code == OK
        began = time.process_time()
        for _ in range(LOOKS):
            browser.get(path)
        return LOOKS, time.process_time() - began
