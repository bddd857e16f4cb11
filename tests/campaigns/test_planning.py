from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from bot.audit import CONSOLE, Actor, AuditEntry
from bot.campaigns.batches import stop_campaign
from bot.campaigns.planning import Plan, plan_campaign
from bot.clock import utc_now
from bot.database import Database
from bot.patients.criteria import criteria_state, sign_criteria
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.campaigns import CampaignMember
from bot.tables.messaging import Message
from bot.texts.catalogue import catalogue
from bot.texts.wording import wording_for
from bot.wording.approvals import approve_wordings
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_account, make_partner, make_patient, make_practice

NAME = "cold-home-respiratory"


@pytest.fixture
def live(settings: Settings) -> Settings:
    """A rehearsal: live rules, simulated phones."""
    return settings.model_copy(update={"mode": "live", "twilio_api_url": "http://127.0.0.1:29999"})


def refusal(db: Database, settings: Settings, **changes: str) -> str:
    words = {"practice_code": "STATION", "purpose": "fuel-poverty", "partner_code": "CAB"} | changes
    with pytest.raises(Refused) as refused:
        plan_campaign(db, settings, **words, criteria_name=None, actor=CONSOLE)
    return refused.value.code


def plan_again(db: Database, settings: Settings) -> Plan:
    return plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, CONSOLE, leave_out_invited=True)


def test_planning_sends_nothing_and_leaves_a_trace(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 3)
    planned = plan(db, settings)
    with db.read() as session:
        assert session.exec(select(Message)).all() == []
        trace = session.exec(select(AuditEntry).where(AuditEntry.action == "campaign-planned")).one()
    assert (planned.cohort, trace.subject, trace.actor) == (3, f"campaign:{planned.campaign}", "console")


def test_who_speaks_dari_gets_english_with_the_call_offer_in_dari(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    for tag in ("prs", "hr", "pl"):
        make_cohort(db, practice, 1, language=tag)
    planned = plan(db, settings)
    assert planned.wording == {"own": 1, "english": 2}
    assert planned.draft_languages == ["en", "pl"]
    assert planned.parts["prs"] > planned.parts["hr"]
    approve(db, settings, planned.campaign)
    offer = wording_for("call-offer", "prs")
    assert offer
    with db.read() as session:
        members = {member.recorded_language: member.language for member in session.exec(select(CampaignMember))}
        english, dari = sorted(session.exec(select(Message.body).where(Message.language == "en")), key=len)
    assert members == {"prs": "en", "hr": "en", "pl": "pl"}
    assert dari == f"{english}\n{offer.body}"


def test_a_plan_counts_languages_wordings_parts_and_drafts(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    for tag, people in {"pl": 2, "am": 1, "en": 1, None: 3}.items():
        make_cohort(db, practice, people, language=tag)
    planned = plan(db, settings)
    assert planned.by_language == {"pl": 2, "am": 1, "en": 1, "unknown": 3}
    assert planned.wording == {"own": 3, "english": 4}
    assert planned.draft_languages == ["en", "pl"]
    assert set(planned.parts) == {"pl", "am", "en", "unknown"}
    assert all(parts >= 1 for parts in planned.parts.values())


def test_unknown_names_and_unlinked_partners_are_refused(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    make_partner(db, code="AGE")
    assert refusal(db, settings, practice_code="NOWHERE") == "unknown-practice"
    assert refusal(db, settings, partner_code="NOBODY") == "unknown-partner"
    assert refusal(db, settings, partner_code="AGE") == "partner-not-linked"
    assert refusal(db, settings, purpose="marketing") == "unknown-purpose"


def test_only_staff_of_the_practice_may_plan(db: Database, settings: Settings):
    practice, other = make_practice(db), make_practice(db, "HAROLD")
    partner = make_partner(db, practice, other)
    strangers = [
        make_account(db, Role.LEAD, practice=other),
        make_account(db, Role.PARTNER, partner=partner),
        make_account(db, Role.LEAD, practice=practice, active=False),
    ]
    for actor in [*map(actor_of, strangers), Actor(None, "service"), Actor(987_654, "ghost")]:
        with pytest.raises(Refused, match="staff or a lead of Station Practice"):
            plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, actor)
    lead = make_account(db, Role.LEAD, practice=practice)
    assert plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, actor_of(lead)).cohort == 0


def test_live_needs_criteria_signed_by_a_lead_and_by_that_partner(db: Database, live: Settings):
    practice = make_practice(db)
    partner = make_partner(db, practice)
    other = make_partner(db, practice, code="AGE", name="Age Concern")
    lead = make_account(db, Role.LEAD, practice=practice)
    assert refusal(db, live) == "criteria-not-signed"
    sign_criteria(db, "STATION", NAME, lead)
    assert refusal(db, live) == "criteria-not-signed"
    sign_criteria(db, "STATION", NAME, make_account(db, Role.PARTNER, partner=other))
    assert refusal(db, live) == "criteria-not-signed"
    sign_criteria(db, "STATION", NAME, make_account(db, Role.PARTNER, partner=partner))
    assert refusal(db, live) == "not-approved"


def test_live_needs_the_lifelines_and_the_invitation_approved_in_english(db: Database, live: Settings):
    practice = make_practice(db)
    partner = make_partner(db, practice)
    lead = make_account(db, Role.LEAD, practice=practice, password_hash="has signed in")
    reviewer = make_account(db, Role.REVIEWER, password_hash="has signed in")
    sign_criteria(db, "STATION", NAME, lead)
    sign_criteria(db, "STATION", NAME, make_account(db, Role.PARTNER, partner=partner))
    make_patient(db, practice, language="pl")
    others = [key for key in catalogue() if key != "fuel-poverty-invitation"]
    for person in (lead, reviewer):
        approve_wordings(db, others, "en", person)
    approve_wordings(db, ["fuel-poverty-invitation"], "en", lead)
    assert refusal(db, live) == "not-approved"
    approve_wordings(db, ["fuel-poverty-invitation"], "en", reviewer)
    planned = plan(db, live)
    assert planned.wording == {"own": 0, "english": 1}
    assert planned.draft_languages == []


def test_signing_twice_changes_nothing(db: Database):
    practice = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=practice)
    assert sign_criteria(db, "STATION", NAME, lead) == sign_criteria(db, "STATION", NAME, lead)
    with db.read() as session:
        assert criteria_state(session, practice.id or 0, NAME).lead_signed
        assert len(session.exec(select(AuditEntry)).all()) == 1


def test_only_a_lead_of_the_practice_or_a_linked_partner_may_sign(db: Database):
    practice, other = make_practice(db), make_practice(db, "HAROLD")
    stranger = make_partner(db, other)
    accounts = [
        make_account(db, Role.PRACTICE, practice=practice),
        make_account(db, Role.LEAD, practice=other),
        make_account(db, Role.PARTNER, partner=stranger),
        make_account(db, Role.ADMIN),
    ]
    for account in accounts:
        with pytest.raises(Refused, match="can sign"):
            sign_criteria(db, "STATION", NAME, account)


def test_who_was_invited_for_this_is_counted_and_left_out_where_that_is_asked_for(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice, places=1)
    make_cohort(db, practice, 5)
    invited = approve(db, settings, plan(db, settings).campaign)
    assert 0 < invited < 5, "some wait for a batch, and are left out too"
    newcomer = make_patient(db, practice)
    again = plan(db, settings)
    assert (again.cohort, again.already_invited) == (6, 5)
    assert "already-invited" not in again.excluded
    stop_campaign(db, again.campaign, CONSOLE)
    last = plan_again(db, settings)
    assert (last.cohort, last.already_invited, last.excluded["already-invited"], last.matched) == (1, 0, 5, 6)
    with db.read() as session:
        members = select(CampaignMember.patient_id).where(CampaignMember.campaign_id == last.campaign)
        assert session.exec(members).all() == [newcomer.id]


def test_after_half_a_year_or_a_campaign_that_was_stopped_unsent_a_person_may_be_invited(
    db: Database, settings: Settings
):
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 5)
    stop_campaign(db, plan(db, settings).campaign, CONSOLE)
    second = plan_again(db, settings)
    assert second.cohort == 5
    assert approve(db, settings, second.campaign) == 5
    with time_machine.travel(utc_now() + timedelta(days=179)):
        assert plan_again(db, settings).cohort == 0
    with time_machine.travel(utc_now() + timedelta(days=181)):
        assert plan_again(db, settings).cohort == 5
