"""Who was asked, who answered, who was helped and with what: each person once."""

from datetime import timedelta

from sqlalchemy import event
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.partners.purposes import find_purpose
from bot.said_and_done.counting import count_people
from bot.said_and_done.hiding import People
from bot.settings import Settings
from bot.tables.appointments import VisitState
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.messaging import Message, State
from bot.tables.partners import Referral, ReferralState
from tests.appointments.clinics import Ground as ClinicGround
from tests.appointments.clinics import make_clinic, make_clinician, make_site, make_visit
from tests.appointments.inviting.campaigns import add_members, make_campaign
from tests.campaigns.helpers import say_yes
from tests.factories import make_patient, make_practice
from tests.said_and_done.campaigns import Ground, answer_no, help_people, lose_texts, make_ground

NOTHING = {"energy-cost-cut": 0, "money-for-heating": 0, "home-improvement": 0, "advice-given": 0}


def counted(db: Database, campaign_id: int) -> People:
    with db.read() as session:
        campaign = session.get_one(Campaign, campaign_id)
        told = find_purpose(campaign.purpose).told_back
        assert told is not None
        return count_people(session, campaign, told)


def test_everybody_is_counted_where_they_are(db: Database, settings: Settings, ground: Ground) -> None:
    outcomes = {"energy-cost-cut": 9, "advice-given": 5, "could-not-reach": 2, "not-wanted": 1}
    help_people(db, settings, ground.campaign, outcomes)
    answer_no(db, ground.campaign, 6)
    lose_texts(db, ground.campaign, 7)
    helped_with = NOTHING | {"energy-cost-cut": 9, "advice-given": 5}
    assert counted(db, ground.campaign) == People(33, 23, helped_with, not_reached=7)


def test_who_waits_for_a_batch_or_whose_text_has_not_gone_was_not_asked(
    db: Database, settings: Settings, ground: Ground
) -> None:
    with db.write() as session:
        members = session.exec(select(CampaignMember).order_by(col(CampaignMember.id))).all()
        members[0].batch_id = None
        text = session.exec(select(Message).where(Message.patient_id == members[1].patient_id)).one()
        text.state = State.QUEUED
        session.add_all([members[0], text])
    assert counted(db, ground.campaign) == People(38, 0, NOTHING, 0)


def test_a_referral_that_is_open_has_helped_nobody_yet(db: Database, settings: Settings, ground: Ground) -> None:
    say_yes(db, settings, ground.campaign, 6)
    assert counted(db, ground.campaign) == People(40, 6, NOTHING, 0)


def test_somebody_helped_twice_is_counted_once_with_the_newest_help(
    db: Database, settings: Settings, ground: Ground
) -> None:
    [first, *_] = help_people(db, settings, ground.campaign, {"advice-given": 5})
    with db.write() as session:
        again = first.model_dump(exclude={"id", "code"}) | {"outcome": "money-for-heating"}
        again |= {"state": ReferralState.CLOSED, "updated_at": utc_now() + timedelta(days=1)}
        session.add(Referral(**again, code="RAGAIN22"))
        later = again | {"outcome": "not-wanted"}
        session.add(Referral(**later, code="RLATER22"))
    helped_with = NOTHING | {"advice-given": 4, "money-for-heating": 1}
    assert counted(db, ground.campaign) == People(40, 5, helped_with, 0)


def test_another_campaign_counts_its_own_people(db: Database, settings: Settings, ground: Ground) -> None:
    other = make_ground(db, settings, 8, "HILL")
    help_people(db, settings, other.campaign, {"advice-given": 6})
    assert counted(db, ground.campaign) == People(40, 0, NOTHING, 0)
    assert counted(db, other.campaign) == People(8, 6, NOTHING | {"advice-given": 6}, 0)


def test_it_is_one_statement_however_many_people_there_are(db: Database, settings: Settings, ground: Ground) -> None:
    help_people(db, settings, ground.campaign, {"advice-given": 12})
    with db.read() as session:
        campaign = session.get_one(Campaign, ground.campaign)
        told = find_purpose(campaign.purpose).told_back
        assert told is not None
        asked: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
        count_people(session, campaign, told)
    assert len(asked) == 1


def test_of_a_clinic_whoever_came_was_helped(db: Database, settings: Settings) -> None:
    practice = make_practice(db)
    site = make_site(db, practice)
    clinician, clinic = make_clinician(db, practice), make_clinic(db, practice, site)
    campaign = make_campaign(db, practice, clinic)
    people = [make_patient(db, practice) for _ in range(4)]
    add_members(db, campaign, *people)
    states = (VisitState.ATTENDED, VisitState.DID_NOT_ATTEND, VisitState.BOOKED)
    for person, state in zip(people, states, strict=False):
        ground = ClinicGround(practice, site, clinician, clinic, person)
        make_visit(db, ground, state=state, campaign_id=campaign.id)
    assert counted(db, campaign.id or 0) == People(1, 1, {"attended": 1}, 0)


def test_an_empty_cohort_is_nobody(db: Database, settings: Settings) -> None:
    practice = make_practice(db)
    site = make_site(db, practice)
    campaign = make_campaign(db, practice, make_clinic(db, practice, site))
    assert counted(db, campaign.id or 0) == People(0, 0, {"attended": 0}, 0)
