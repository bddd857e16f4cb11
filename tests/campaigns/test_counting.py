"""What is counted in SQL is what the arithmetic of pacing says, text by text."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.campaigns.batches import next_batch
from bot.campaigns.capacity import learned_by, promised_places
from bot.campaigns.pacing import Learned, age_weight
from bot.campaigns.progress import Progress, campaign_progress
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember, MemberAnswer
from bot.tables.messaging import Message, State
from bot.tables.organisations import Partner
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_partner, make_practice

AGES = (None, -5, 0, 1, 3599, 36_000.5, 71 * 3600, 72 * 3600 - 0.25, 72 * 3600, 90 * 3600)
"""Seconds since a text went, none for one that waits to go; a clock of another machine may be ahead."""
EXACT = 1e-6


@pytest.fixture
def campaign(db: Database, settings: Settings) -> int:
    practice = make_practice(db)
    make_partner(db, practice, places=200)
    make_cohort(db, practice, 2 * len(AGES) + 10)
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    return campaign


def age(db: Database) -> None:
    """The first texts are as old as `AGES` says, the next as many too, but did not arrive."""
    now = utc_now()
    with db.write() as session:
        for index, text in enumerate(session.exec(select(Message).order_by(col(Message.id)))):
            seconds = AGES[index % len(AGES)]
            text.sent_at = None if seconds is None else now - timedelta(seconds=seconds)
            text.state = State.SENT if index < len(AGES) else State.FAILED
            session.add(text)


def test_weights_of_age_are_the_straight_line_of_pacing(db: Database, campaign: int) -> None:
    age(db)
    now = utc_now()
    line = sum(1.0 if age is None else age_weight(timedelta(seconds=age)) for age in AGES)
    with db.read() as session:
        learned = learned_by(session, campaign, now)
        promised = promised_places(session, session.exec(select(Partner)).one(), now)
    assert learned == Learned(settled=2, yes=0)
    assert promised == pytest.approx(line * learned.yes_rate, abs=EXACT)


def test_the_whole_is_the_sum_of_batches_and_of_languages(db: Database, campaign: int) -> None:
    age(db)
    with db.write() as session:
        for index, member in enumerate(session.exec(select(CampaignMember).order_by(col(CampaignMember.id)))):
            member.recorded_language = ("pl", None, "ur")[index % 3]
            member.answer = (MemberAnswer.YES, MemberAnswer.NO, None, None)[index % 4]
            member.batch_id = None if index >= 2 * len(AGES) + 5 else member.batch_id
            session.add(member)
    with db.read() as session:
        progress = campaign_progress(session, campaign)
    whole = progress.whole
    assert (whole.people, whole.waiting) == (2 * len(AGES) + 10, 5)
    assert [batch.key for batch in progress.by_batch] == [1]
    assert progress.by_batch[0].progress.people == whole.people - whole.waiting
    assert {group.key for group in progress.by_language} == {"pl", None, "ur"}
    for name in vars(Progress()):
        assert sum(getattr(group.progress, name) for group in progress.by_language) == getattr(whole, name)


def test_a_campaign_of_nobody_stands_at_nothing(db: Database) -> None:
    with db.read() as session:
        progress = campaign_progress(session, 1)
    assert (progress.whole, progress.by_batch, progress.by_language) == (Progress(), [], [])


def test_who_waits_is_counted_unless_it_is_known(db: Database, campaign: int) -> None:
    with db.read() as session:
        found = session.get_one(Campaign, campaign)
        assert next_batch(session, found, utc_now()).waiting == 0
        assert next_batch(session, found, utc_now(), waiting=7).waiting == 7
