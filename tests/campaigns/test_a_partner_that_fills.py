"""A partner fills up in the middle of a campaign: nobody is promised help without a place."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.campaigns.batches import release_batch
from bot.campaigns.capacity import partner_capacity
from bot.campaigns.pacing import Learned, next_batch_size
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.database import Database
from bot.partners.places import set_places
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.organisations import Partner
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_partner, make_practice

MONDAY = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)


def test_a_full_partner_holds_the_campaign_until_places_come_back(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice, places=30)
    make_cohort(db, practice, 250)
    with time_machine.travel(MONDAY, tick=False) as clock:
        campaign = plan(db, settings).campaign
        assert approve(db, settings, campaign) == 73
        deliver_all(db)
        assert {referral.state for referral in say_yes(db, settings, campaign, 30)} == {"sent"}
        with pytest.raises(Refused) as refused:
            release_batch(db, settings, campaign, CONSOLE)
        assert refused.value.code == "no-places"

        late = say_yes(db, settings, campaign, 2)
        assert [referral.state for referral in late] == ["waiting", "waiting"]
        with db.read() as session:
            status = campaign_status(session, campaign)
        assert (status["waiting"], status["referrals"]["waiting"]) == (177, 2)
        assert status["batches"][0]["messages"] == {"delivered": 73}

        places = set_places(db, settings, "CAB", 40, CONSOLE)
        assert places.promoted == 2
        with db.read() as session:
            status = campaign_status(session, campaign)
            found = session.exec(
                select(Message).where(Message.text_key == "fuel-poverty-place-found").order_by(col(Message.id))
            ).all()
        assert (status["referrals"]["waiting"], status["referrals"]["sent"]) == (0, 32)
        assert len(found) == 2

        clock.shift(timedelta(hours=72))
        expected, _ = next_batch_size(177, 8, Learned(settled=73, yes=32))
        assert approve(db, settings, campaign) == expected == 15


def test_unanswered_texts_count_less_as_they_age(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice, places=30)
    make_cohort(db, practice, 105)
    with time_machine.travel(MONDAY, tick=False) as clock:
        campaign = plan(db, settings).campaign
        assert approve(db, settings, campaign) == 73
        deliver_all(db)
        clock.shift(timedelta(hours=36))
        with db.read() as session:
            partner = session.exec(select(Partner)).one()
            capacity = partner_capacity(session, partner, utc_now())
    assert capacity.expected == pytest.approx(73 * 34 / 105 / 2)


def test_two_campaigns_of_two_practices_share_the_places_of_one_partner(db: Database, settings: Settings):
    station, harold = make_practice(db), make_practice(db, "HAROLD")
    make_partner(db, station, harold, places=30)
    make_cohort(db, station, 150)
    make_cohort(db, harold, 150)
    first = plan(db, settings).campaign
    second = plan(db, settings, practice="HAROLD").campaign
    assert approve(db, settings, first) == 73
    assert approve(db, settings, second) == 12
    deliver_all(db)
    states = [referral.state for referral in say_yes(db, settings, first, 25)]
    states += [referral.state for referral in say_yes(db, settings, second, 10)]
    assert (states.count("sent"), states.count("waiting")) == (30, 5)
    for campaign in (first, second):
        with pytest.raises(Refused, match="no place to promise"):
            approve(db, settings, campaign)
