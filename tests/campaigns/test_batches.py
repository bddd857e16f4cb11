import threading

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.campaigns.batches import (
    Release,
    hold_campaign,
    next_batch,
    release_batch,
    resume_campaign,
    stop_campaign,
)
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.campaigns import Campaign, CampaignLeftOut, CampaignMember
from bot.tables.messaging import Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan
from tests.factories import make_account, make_partner, make_practice


def refusal(db: Database, settings: Settings, campaign: int, **more: int) -> str:
    with pytest.raises(Refused) as refused:
        release_batch(db, settings, campaign, CONSOLE, **more)
    return refused.value.code


def small_campaign(db: Database, settings: Settings, people: int = 3, places: int = 30) -> int:
    practice = make_practice(db)
    make_partner(db, practice, places=places)
    make_cohort(db, practice, people)
    return plan(db, settings).campaign


def test_a_small_cohort_goes_out_in_one_batch(db: Database, settings: Settings):
    campaign = small_campaign(db, settings)
    release = release_batch(db, settings, campaign, CONSOLE)
    assert (release.batch, release.size, release.limited_by) == (1, 3, "cohort")
    with db.read() as session:
        messages = session.exec(select(Message).order_by(col(Message.id))).all()
    assert len(messages) == 3
    assert {message.state for message in messages} == {State.QUEUED}
    assert release.parts == sum(message.parts for message in messages)
    assert refusal(db, settings, campaign) == "nobody-waiting"


def test_nothing_is_released_without_a_place(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, places=0)
    assert refusal(db, settings, campaign) == "no-places"


def test_an_unknown_campaign_is_refused(db: Database, settings: Settings):
    assert refusal(db, settings, 4711) == "unknown-campaign"


def test_people_who_are_not_safe_to_text_any_more_are_left_out_with_the_reason(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=3)
    with db.write() as session:
        first, second, _ = session.exec(select(Patient).order_by(col(Patient.id))).all()
        first.deceased, second.texting_refused = True, True
    assert approve(db, settings, campaign) == 1
    with db.read() as session:
        members = session.exec(select(CampaignMember).order_by(col(CampaignMember.id))).all()
        assert campaign_status(session, campaign)["left_out"] == 2
        kept = session.exec(select(CampaignLeftOut).order_by(col(CampaignLeftOut.patient_id))).all()
    assert [member.left_out for member in members] == [True, True, False]
    assert [(one.reason, one.stage) for one in kept] == [("deceased", "release"), ("texting-refused", "release")]


def test_when_nobody_who_waits_is_safe_they_are_left_out_and_it_is_said(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=2)
    with db.write() as session:
        for patient in session.exec(select(Patient).order_by(col(Patient.id))).all():
            patient.registered = False
    assert refusal(db, settings, campaign) == "nobody-waiting"
    with db.read() as session:
        assert campaign_status(session, campaign)["waiting"] == 0


def test_people_further_down_the_line_are_looked_at_when_their_turn_comes(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=30, places=10)
    with db.write() as session:
        last = session.exec(select(Patient).order_by(col(Patient.id).desc())).first()
        assert last is not None
        last.deceased = True
    assert approve(db, settings, campaign) == 22
    with db.read() as session:
        assert campaign_status(session, campaign)["waiting"] == 8


def test_a_language_told_since_the_plan_is_the_one_they_are_invited_in(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=1)
    with db.write() as session:
        session.exec(select(Patient)).one().language = "pl"
    approve(db, settings, campaign)
    with db.read() as session:
        assert session.exec(select(Message)).one().language == "pl"
        assert session.exec(select(CampaignMember)).one().language == "pl"


def test_hold_keeps_queued_texts_back_and_resume_lets_them_go(db: Database, settings: Settings):
    campaign = small_campaign(db, settings)
    approve(db, settings, campaign)
    assert hold_campaign(db, campaign, CONSOLE).as_json() == {
        "campaign": campaign,
        "state": "held",
        "held": 3,
        "cancelled": 0,
    }
    assert hold_campaign(db, campaign, CONSOLE).held == 3
    assert refusal(db, settings, campaign) == "campaign-held"
    resumed = resume_campaign(db, campaign, CONSOLE)
    assert (resumed.state, resumed.held) == ("running", 0)
    with db.read() as session:
        assert {message.state for message in session.exec(select(Message)).all()} == {State.QUEUED}


def test_stop_cancels_what_has_not_gone_out_and_is_final(db: Database, settings: Settings):
    campaign = small_campaign(db, settings)
    approve(db, settings, campaign)
    assert stop_campaign(db, campaign, CONSOLE).cancelled == 3
    assert refusal(db, settings, campaign) == "campaign-stopped"
    for change in (hold_campaign, resume_campaign):
        with pytest.raises(Refused, match="for good"):
            change(db, campaign, CONSOLE)


def test_only_the_lead_of_the_practice_decides(db: Database, settings: Settings):
    campaign = small_campaign(db, settings)
    with db.read() as session:
        practice = session.get_one(Practice, session.get_one(Campaign, campaign).practice_id)
    reception = make_account(db, Role.PRACTICE)
    stranger = make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD"))
    own = make_account(db, Role.LEAD, practice=practice)
    for account in (reception, stranger):
        with pytest.raises(Refused, match="Only a lead"):
            release_batch(db, settings, campaign, actor_of(account))
        with pytest.raises(Refused, match="Only a lead"):
            stop_campaign(db, campaign, actor_of(account))
    assert release_batch(db, settings, campaign, actor_of(own)).size == 3


def test_two_leads_who_approve_the_same_batch_at_once_release_it_once(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=300)
    outcomes: list[Release | str] = []
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        try:
            outcomes.append(release_batch(db, settings, campaign, CONSOLE, expected_batch=1))
        except Refused as refused:
            outcomes.append(refused.code)

    leads = [threading.Thread(target=press) for _ in range(2)]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()
    released = [outcome for outcome in outcomes if isinstance(outcome, Release)]
    assert [release.size for release in released] == [73]
    assert "already-released" in outcomes
    with db.read() as session:
        assert len(session.exec(select(Message)).all()) == 73


def test_another_batch_before_any_answer_counts_on_the_yeses_still_to_come(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=300)
    assert approve(db, settings, campaign) == 73
    with db.read() as session:
        offer = next_batch(session, session.get_one(Campaign, campaign), utc_now())
    assert offer.capacity.expected == pytest.approx(73 * 34 / 105)
    assert (offer.number, offer.size, offer.waiting) == (2, 12, 227)


def test_texts_that_nobody_will_answer_do_not_count_against_the_places(db: Database, settings: Settings):
    campaign = small_campaign(db, settings, people=300)
    approve(db, settings, campaign)
    with db.write() as session:
        for message in session.exec(select(Message).order_by(col(Message.id))).all():
            message.state = State.UNDELIVERED
    assert approve(db, settings, campaign) == 73


def test_status_names_the_keys_that_others_rely_on(db: Database, settings: Settings):
    campaign = small_campaign(db, settings)
    approve(db, settings, campaign)
    deliver_all(db)
    with db.read() as session:
        status = campaign_status(session, campaign)
    assert (status["campaign"], status["state"], status["cohort"], status["waiting"]) == (
        campaign,
        "running",
        3,
        0,
    )
    assert status["batches"][0] | {"parts": 0} == {
        "batch": 1,
        "size": 3,
        "messages": {"delivered": 3},
        "parts": 0,
    }
    assert status["replies"] == {"yes": 0, "no": 0, "opted_out": 0, "urgent": 0, "other": 0}
    assert set(status["referrals"]) == {"waiting", "sent", "accepted", "full", "closed", "withdrawn"}
    assert status["silent"] == 3
    assert status["partner"]["places"] == 30
