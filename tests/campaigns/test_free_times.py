"""A campaign without a partner: nobody is invited beyond the times that are free for their group."""

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import event, inspect
from sqlmodel import col, select

from bot.accounts.demo import DemoAccount
from bot.audit import CONSOLE
from bot.campaigns.asking_again import what_to_ask_again
from bot.campaigns.batches import Release, release_batch
from bot.campaigns.capacity import expected_by_group, promised_places
from bot.campaigns.commands import campaign as campaign_command
from bot.campaigns.demo import sign_all_criteria
from bot.campaigns.going_out import when_the_first_goes, why_texts_wait
from bot.campaigns.next_batch import NextBatch, next_batch, next_people
from bot.campaigns.pacing import CONFIDENCE, Learned, chance_of_at_most
from bot.campaigns.planning import Plan, plan_campaign
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.console import Console
from bot.conversations.inbox import list_items
from bot.database import Database
from bot.messaging.outcomes import meet_failure
from bot.partners.purposes import Terms, check_purposes, find_purpose
from bot.patients.criteria import sign_criteria
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.campaigns import Batch, Campaign, CampaignLeftOut, CampaignMember, MemberAnswer
from bot.tables.messaging import Message, OpenQuestion, State
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import CriteriaSignature, Patient
from bot.texts.catalogue import catalogue
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import deliver_all, make_cohort
from tests.factories import make_account, make_partner, make_patient, make_practice, text_in
from tests.messaging.helpers import approve as approve_wording
from tests.messaging.helpers import keys_to, live, london, send_all, with_changes
from tests.open_clinic import inviting
from tests.open_clinic.in_use import open_clinic

SATURDAY = Terms(clinic="SAT")


@pytest.fixture(autouse=True)
def named() -> Iterator[None]:
    """The open clinic is one of the capabilities."""
    with open_clinic():
        yield


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def people(db: Database, practice: Practice, **languages: int) -> None:
    """People of these languages, each with a phone of their own."""
    for language, number in languages.items():
        make_cohort(db, practice, number, language=language)


def plan(db: Database, settings: Settings, terms: Terms = SATURDAY, partner: str | None = None) -> Plan:
    return plan_campaign(db, settings, "STATION", "open-clinic", partner, None, CONSOLE, terms=terms)


def campaign_of(db: Database, settings: Settings, practice: Practice, **languages: int) -> int:
    people(db, practice, **languages)
    return plan(db, settings).campaign


def release(db: Database, settings: Settings, campaign: int) -> Release:
    return release_batch(db, settings, campaign, CONSOLE)


def refusal(db: Database, settings: Settings, campaign: int) -> Refused:
    with pytest.raises(Refused) as refused:
        release(db, settings, campaign)
    return refused.value


def upcoming(db: Database, campaign: int) -> NextBatch:
    with db.read() as session:
        return next_batch(session, session.get_one(Campaign, campaign), utc_now())


def invited(db: Database) -> Mapping[str | None, int]:
    """How many of each language are in a batch."""
    statement = select(CampaignMember.recorded_language).where(col(CampaignMember.batch_id).is_not(None))
    with db.read() as session:
        return Counter(session.exec(statement))


def all_of(db: Database, table: type) -> list[Any]:
    with db.read() as session:
        return list(session.exec(select(table).order_by(*inspect(table).primary_key)))


# Planning.


def test_it_is_planned_without_a_partner_and_keeps_its_terms(
    db: Database, settings: Settings, practice: Practice
) -> None:
    people(db, practice, ur=3, en=2)
    make_patient(db, practice, language=None)
    make_patient(db, practice, language="pl", born=date(2012, 1, 1))
    planned = plan(db, settings, Terms("SAT", "TALK"))
    [campaign] = all_of(db, Campaign)
    assert campaign.partner_id is None
    assert inviting.settled == {planned.campaign: Terms("SAT", "TALK", neutral=False)}
    assert (planned.cohort, planned.excluded["no-language"], planned.excluded["under-age"]) == (5, 1, 1)
    assert (planned.matched, campaign.matched) == (4, 4), "who matches, a rule of its own says"


def test_a_refused_term_leaves_no_campaign(db: Database, settings: Settings, practice: Practice) -> None:
    people(db, practice, ur=1)
    with pytest.raises(Refused) as refused:
        plan(db, settings, Terms())
    assert (refused.value.code, all_of(db, Campaign)) == ("needs-clinic", [])


@pytest.mark.parametrize(
    ("purpose", "partner", "terms", "code", "said"),
    [
        ("fuel-poverty", None, Terms(), "needs-partner", "Help with a cold home needs a partner."),
        ("fuel-poverty", "CAB", Terms(clinic="SAT"), "not-for-this", "no use for a clinic."),
        ("fuel-poverty", "CAB", Terms(event="TALK"), "not-for-this", "no use for an event."),
        ("fuel-poverty", "CAB", Terms(neutral=True), "not-for-this", "no use for a neutral wording."),
        ("fuel-poverty", "CAB", Terms("SAT", "TALK"), "not-for-this", "no use for a clinic and an event."),
        ("open-clinic", "NOBODY", SATURDAY, "unknown-partner", "no partner NOBODY"),
        ("open-clinic", "HILL", SATURDAY, "partner-not-linked", "does not work with"),
    ],
)
def test_what_a_purpose_needs_and_has_no_use_for_is_said(
    db: Database,
    settings: Settings,
    practice: Practice,
    purpose: str,
    partner: str | None,
    terms: Terms,
    code: str,
    said: str,
) -> None:
    make_partner(db, practice)
    make_partner(db, code="HILL", name="Hillside")
    with pytest.raises(Refused, match=said) as refused:
        plan_campaign(db, settings, "STATION", purpose, partner, None, CONSOLE, terms=terms)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("terms", "partner", "key"),
    [
        (SATURDAY, None, "young-person-invitation"),
        (Terms("SAT", neutral=True), None, "nurse-invitation"),
        (SATURDAY, "CAB", "cervical-invitation-partner"),
    ],
)
def test_the_purpose_says_which_text_invites(
    db: Database, settings: Settings, practice: Practice, terms: Terms, partner: str | None, key: str
) -> None:
    make_partner(db, practice, name="Highfields Centre")
    people(db, practice, ur=1)
    inviting.free["ur"] = 10
    release(db, settings, plan(db, settings, terms, partner).campaign)
    [text] = all_of(db, Message)
    assert text.text_key == key
    assert ("Highfields Centre" in text.body) is (partner is not None)


def test_in_live_the_lead_alone_signs(db: Database, settings: Settings, practice: Practice) -> None:
    lead = make_account(db, Role.LEAD, practice=practice)
    lifelines = [key for key, text in catalogue().items() if text.lifeline]
    approve_wording(db, *find_purpose("open-clinic").texts.keys, *lifelines)
    people(db, practice, ur=1)
    with pytest.raises(Refused, match=r"need a signature\. Still to sign: a lead of STATION") as refused:
        plan(db, live(settings))
    assert refused.value.code == "criteria-not-signed"
    sign_criteria(db, "STATION", "open-clinic", lead)
    assert plan(db, live(settings)).cohort == 1


def test_the_partner_of_the_demo_is_not_asked_to_sign(db: Database, settings: Settings, practice: Practice) -> None:
    partner = make_partner(db, practice)
    lead = make_account(db, Role.LEAD, practice=practice)
    adviser = make_account(db, Role.PARTNER, partner=partner)
    sign_all_criteria(db, settings, "STATION", [DemoAccount(lead, Role.LEAD), DemoAccount(adviser, Role.PARTNER)])
    signed = {(one.criteria, one.signed_as) for one in all_of(db, CriteriaSignature)}
    assert ("open-clinic", "lead") in signed
    assert ("open-clinic", "partner") not in signed
    assert ("cold-home-respiratory", "partner") in signed


def test_the_purpose_is_whole() -> None:
    check_purposes()
    assert find_purpose("open-clinic").prior == (20, 80)


# Who is invited.


@pytest.mark.parametrize(("free", "size"), [(2, 5), (6, 19), (10, 34), (0, 0), (0.99, 0), (-3, 0)])
def test_the_worked_figures_of_a_campaign_that_ends_in_visits(
    db: Database, settings: Settings, practice: Practice, free: float, size: int
) -> None:
    campaign = campaign_of(db, settings, practice, ur=40)
    inviting.free["ur"] = free
    offer = upcoming(db, campaign)
    assert (offer.size, offer.limited_by, offer.waiting, offer.capacity) == (size, "slots", 40, None)
    if size:
        assert release(db, settings, campaign).size == size
    else:
        assert refusal(db, settings, campaign).code == "no-times"


def test_each_group_goes_as_far_as_its_own_times_in_order_of_members(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, ur=10, pl=10, bn=4)
    inviting.free |= {"ur": 2, "pl": 0, "other": 30}
    done = release(db, settings, campaign)
    assert (done.size, done.limited_by) == (9, "slots")
    assert invited(db) == {"ur": 5, "bn": 4}
    members = sorted(all_of(db, CampaignMember), key=lambda member: member.id)
    assert [member.batch_id is not None for member in members[:10]] == [True] * 5 + [False] * 5
    [batch] = all_of(db, Batch)
    assert (batch.size, batch.limited_by) == (9, "slots")


def test_the_times_of_one_language_are_of_no_use_to_another(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, ur=3, pl=12)
    inviting.free |= {"pl": 0, "ur": 60, "other": 60}
    assert release(db, settings, campaign).size == 3
    refused = refusal(db, settings, campaign)
    assert refused.code == "no-times"
    assert refused.message == (
        "No time is free to promise now for: people of pl (12 people wait). Hours of an interpreter for pl would help."
    )


def test_of_two_groups_that_fit_the_first_counts(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=20)
    inviting.free |= {"ur": 2, "other": 100}
    shares = upcoming(db, campaign).shares
    assert [(share.group.key, share.waiting, share.most) for share in shares] == [("ur", 20, 5), ("other", 0, 0)]


def test_who_is_of_no_group_is_not_invited(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=3, pl=2)
    inviting.free["ur"] = 50
    assert (upcoming(db, campaign).waiting, upcoming(db, campaign).limited_by) == (5, "slots")
    assert release(db, settings, campaign).size == 3
    refused = refusal(db, settings, campaign)
    assert (refused.code, refused.message[:31]) == ("no-times", "No time is free to promise now.")


def test_no_batch_is_larger_than_a_hundred(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=70, pl=70)
    inviting.free |= {"ur": 90, "pl": 90}
    done = release(db, settings, campaign)
    assert (done.size, done.limited_by) == (100, "batch-size")
    assert invited(db) == {"ur": 70, "pl": 30}
    second = release(db, settings, campaign)
    assert (second.size, second.limited_by) == (40, "cohort")


def test_unanswered_texts_take_times_of_their_own_group(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=20, pl=20)
    inviting.free |= {"ur": 6, "pl": 2}
    assert release(db, settings, campaign).size == 24
    assert invited(db) == {"ur": 19, "pl": 5}
    shares = {share.group.key: share for share in upcoming(db, campaign).shares}
    assert shares["ur"].group.free == pytest.approx(6 - 19 * 0.2)
    assert shares["pl"].group.free == pytest.approx(2 - 5 * 0.2)
    assert shares["pl"].most == 2


def test_expected_yeses_grow_old_and_end_with_an_answer(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=4, pl=2)
    inviting.free |= {"ur": 50, "pl": 50}
    release(db, settings, campaign)
    now = utc_now()
    with db.write() as session:
        for text in session.exec(select(Message)):
            text.state, text.sent_at = State.DELIVERED, now - timedelta(hours=36)
            session.add(text)
        first = session.exec(select(CampaignMember).order_by(col(CampaignMember.id))).first()
        assert first is not None
        first.answer = MemberAnswer.NO
        session.add(first)
    whom = {key: inviting.whom(key) for key in ("ur", "pl", "bn")}
    with db.read() as session:
        expected = expected_by_group(session, session.get_one(Campaign, campaign), now, whom)
        none = expected_by_group(session, session.get_one(Campaign, campaign), now, {})
    rate = Learned(1, 0, (20, 80)).yes_rate
    assert expected == {"ur": pytest.approx(rate * 1.5), "pl": pytest.approx(rate), "bn": 0.0}
    assert none == {}


def test_a_partner_that_is_only_named_loses_no_places(db: Database, settings: Settings, practice: Practice) -> None:
    partner = make_partner(db, practice, places=10)
    people(db, practice, ur=5)
    inviting.free["ur"] = 50
    campaign = plan(db, settings, partner="CAB").campaign
    release(db, settings, campaign)
    with db.read() as session:
        assert promised_places(session, session.get_one(Partner, partner.id), utc_now()) == 0
        assert campaign_status(session, campaign)["partner"] == {"code": "CAB"}


def test_who_is_not_safe_any_more_is_left_out_when_the_turn_of_the_group_comes(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, pl=10, ur=10)
    inviting.free |= {"ur": 2, "pl": 0}
    with db.write() as session:
        everybody = session.exec(select(Patient).order_by(col(Patient.id))).all()
        for index in (0, 11, 19):  # the first of pl, the second and the last of ur
            everybody[index].texting_refused = True
            session.add(everybody[index])
    assert release(db, settings, campaign).size == 5
    left = [one.patient_id for one in all_of(db, CampaignLeftOut)]
    assert left == [everybody[11].id]


def test_when_nobody_of_a_group_with_times_is_safe_the_others_still_wait(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, ur=2, pl=3)
    inviting.free |= {"ur": 9, "pl": 0}
    with db.write() as session:
        for patient in session.exec(select(Patient).where(Patient.language == "ur")):
            patient.texting_refused = True
            session.add(patient)
    assert refusal(db, settings, campaign).code == "no-times"
    with db.read() as session:
        status = campaign_status(session, campaign)
    assert (status["left_out"], status["waiting"]) == (2, 3)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_groups_nobody_is_invited_beyond_what_fits(
    db: Database, settings: Settings, practice: Practice, seed: int
) -> None:
    chance = random.Random(seed)
    languages = ["ur", "pl", "bn", "ar"]
    people(db, practice, **{language: chance.randint(1, 45) for language in languages})
    with db.write() as session:
        for patient in session.exec(select(Patient)):
            patient.texting_refused = chance.random() < 0.1
            session.add(patient)
    campaign = plan(db, settings).campaign
    with db.write() as session:
        for patient in session.exec(select(Patient)):
            patient.texting_refused = chance.random() < 0.1
            session.add(patient)
    inviting.free |= {key: chance.choice([0, -2, 0.5, 1, 2, 7.3, 15]) for key in (*languages[:3], "other")}
    shares = upcoming(db, campaign).shares
    if not any(share.most for share in shares):
        assert refusal(db, settings, campaign).code == "no-times"
        return
    done = release(db, settings, campaign)
    went = invited(db)
    assert done.size == sum(went.values()) <= 100
    for share in shares:
        mine = went["ar"] if share.group.key == "other" else went[share.group.key]
        assert mine <= share.most
        if mine:
            assert chance_of_at_most(int(share.group.free), mine, Learned(prior=(20, 80))) >= CONFIDENCE


def test_two_leads_at_once_release_it_once(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=60)
    inviting.free["ur"] = 6
    outcomes: list[int | str] = []
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        try:
            outcomes.append(release(db, settings, campaign).size)
        except Refused as refused:
            outcomes.append(refused.code)

    leads = [threading.Thread(target=press) for _ in range(2)]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()
    assert 19 in outcomes
    second = next(outcome for outcome in outcomes if outcome != 19)
    assert second == 5, "the second counts the yeses of the first: 6 less 19 fifths"


def test_picking_and_counting_take_the_same_statements_for_many_as_for_few(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, ur=3, pl=30)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        statements.append(sql)

    def picked(**free: float) -> int:
        inviting.free.clear()
        inviting.free |= free
        with db.read() as session:
            found = session.get_one(Campaign, campaign)
            offer = next_batch(session, found, utc_now())
            statements.clear()
            event.listen(db.engine, "before_cursor_execute", note)
            offer = next_batch(session, found, utc_now())
            next_people(session, found, offer.size, offer.shares)
            event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    assert picked(ur=2) == picked(ur=2, pl=6, bn=4, ar=3, other=9)


# What is said.


def test_status_has_no_partner_and_what_the_purpose_adds(db: Database, settings: Settings, practice: Practice) -> None:
    campaign = campaign_of(db, settings, practice, ur=2)
    inviting.free["ur"] = 4
    with db.read() as session:
        status = campaign_status(session, campaign)
    assert (status["partner"], status["booked"]) == (None, 3)
    assert status["free_times"] == [{"language": "ur", "n": 4}]


def test_it_is_planned_and_released_by_command(db: Database, settings: Settings, practice: Practice) -> None:
    people(db, practice, ur=3)
    inviting.free["ur"] = 20
    console = Console()
    console.database, console.settings = db, settings

    def run(*words: str) -> Any:
        done = CliRunner().invoke(campaign_command, [*words, "--json"], obj=console, catch_exceptions=False)
        return json.loads(done.stdout)

    where = ("--practice", "STATION", "--purpose", "open-clinic")
    planned = run("plan", *where, "--clinic", "SAT", "--event", "TALK", "--neutral")
    assert inviting.settled[planned["campaign"]] == Terms("SAT", "TALK", neutral=True)
    assert run("approve", str(planned["campaign"]))["size"] == 3
    assert run("status", str(planned["campaign"]))["partner"] is None
    said = CliRunner().invoke(campaign_command, ["status", str(planned["campaign"])], obj=console)
    assert "The partner" not in said.stdout


def test_every_page_of_it_can_be_read(db: Database, settings: Settings, practice: Practice, browser: Browser) -> None:
    make_partner(db, practice)
    campaign = campaign_of(db, settings, practice, ur=8, pl=3)
    inviting.free |= {"ur": 1, "pl": 0}
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    listed = lead.get("/campaigns").text
    assert f"Open clinic ({campaign})" in listed
    page = f"/campaigns/{campaign}"
    shown = lead.get(page).text
    assert "Free times by language" in shown
    assert "A woman&#39;s session would help." in shown
    assert "more could bring more people than times are free for" in shown
    assert "No time is free to promise now for: people of pl (3 people wait)." in shown
    assert "Hours of an interpreter for pl would help." in shown
    for path in ("/preview", "/cohort", "/progress", "/hold", ".csv", "/cohort.csv", "/left-out.csv", "/referrals"):
        assert lead.get(page + path).status_code == 200, path
    assert lead.get(f"{page}/referrals.csv").status_code == 200
    assert "May the next batch go?" in lead.get("/").text
    inviting.free["ur"] = 0
    shown = lead.get(page).text
    assert "There is no time to promise now, so 11 people are held back." in shown
    assert "Approve batch" not in shown
    assert "people waiting to be invited, when times are free for them." in lead.get("/").text
    admin = browser(make_account(db, Role.ADMIN))
    assert f"Open clinic (campaign {campaign})" in admin.get("/audit").text


def test_the_form_says_which_purpose_needs_what(
    db: Database, settings: Settings, practice: Practice, browser: Browser
) -> None:
    people(db, practice, ur=2)
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    form = lead.get("/campaigns").text
    assert "No partner works with this practice yet." in form
    assert '<optgroup label="Open clinic"><option value="SAT">Saturday clinic</option></optgroup>' in form
    [needed] = re.findall("Needed for: ([^<]*)", form)
    assert "Open clinic" in needed
    partner = make_partner(db, practice)
    form = lead.get("/campaigns").text
    assert "Who helps" in form
    assert "A community partner to name in the text" in form
    data = {"purpose": "open-clinic", "clinic": "SAT", "event": "", "partner": "", "list": "", "neutral": "yes"}
    planned = lead.post("/campaigns", data=data)
    assert planned.status_code == 303
    assert list(inviting.settled.values()) == [Terms("SAT", None, neutral=True)]
    assert all_of(db, Campaign)[0].partner_id is None
    lead.post("/campaigns", data=data | {"partner": partner.code})
    assert all_of(db, Campaign)[1].partner_id == partner.id
    assert lead.post("/campaigns", data={"purpose": "open-clinic"}).status_code == 409


# What is answered.


@pytest.fixture
def asked(db: Database, settings: Settings, practice: Practice) -> Iterator[tuple[Patient, int]]:
    """Somebody who has their invitation; it is Tuesday after school."""
    patient = make_patient(db, practice, language="en")
    inviting.free["other"] = 9
    with time_machine.travel(london("2026-11-24 16:05"), tick=False) as clock:
        campaign = plan(db, settings).campaign
        release(db, settings, campaign)
        send_all(db, settings)
        clock.shift(60)
        yield patient, campaign


def answer_of(db: Database) -> str | None:
    [member] = all_of(db, CampaignMember)
    answer: str | None = member.answer
    return answer


def test_a_yes_is_the_purposes(db: Database, settings: Settings, asked: tuple[Patient, int]) -> None:
    text_in(db, settings, asked[0].phone, "1")
    assert (inviting.happened, answer_of(db)) == (["yes"], "yes")


def test_a_no_offers_to_talk(db: Database, settings: Settings, asked: tuple[Patient, int]) -> None:
    text_in(db, settings, asked[0].phone, "2")
    send_all(db, settings)
    assert keys_to(db, asked[0].phone)[-1] == "clinic-no-thanks"
    text_in(db, settings, asked[0].phone, "5")
    assert inviting.happened == ["campaign wants to talk"]
    assert answer_of(db) == "no"


def test_who_wants_a_call_is_put_before_staff(db: Database, settings: Settings, asked: tuple[Patient, int]) -> None:
    text_in(db, settings, asked[0].phone, "5")
    assert [item.reason for item in all_of(db, InboxItem)] == ["call-me"]
    assert answer_of(db) == "other"


def test_an_invitation_again_in_their_language_offers_the_same(
    db: Database, settings: Settings, asked: tuple[Patient, int]
) -> None:
    for reply in ("Polish", "1"):
        text_in(db, settings, asked[0].phone, reply)
        send_all(db, settings)
    assert keys_to(db, asked[0].phone).count("young-person-invitation") == 2
    assert [question.detail for question in all_of(db, OpenQuestion) if question.kind == "invitation"] == ["call"] * 2


def test_invitations_keep_their_hours_also_on_the_second_try(
    db: Database, settings: Settings, practice: Practice
) -> None:
    campaign = campaign_of(db, settings, practice, ur=2)
    inviting.free["ur"] = 9
    release(db, settings, campaign)
    deliver_all(db)
    with db.write() as session:
        first = session.exec(select(Message).order_by(col(Message.id))).first()
        assert first is not None
        first.state = State.UNDELIVERED
        meet_failure(session, first, 30003, utc_now())
    texts = all_of(db, Message)
    assert [(text.hours, text.kind) for text in texts] == [("after-school", "outreach")] * 3


def test_the_page_says_when_they_go(db: Database, settings: Settings, practice: Practice, browser: Browser) -> None:
    campaign = campaign_of(db, settings, practice, ur=2)
    inviting.free["ur"] = 9
    ours = with_changes(
        settings, send_window="08:00-20:00", send_days="mon-sat", youth_hours="mon-fri 15:30-20:00; sat 10:00-16:00"
    )
    with time_machine.travel(london("2026-11-24 10:05"), tick=False), db.read() as session:
        said = when_the_first_goes(session, ours, session.get_one(Campaign, campaign), utc_now())
    assert said[0] == (
        "The first text waits until today at 3:30pm: it is outside the sending hours. Invitations "
        "go out from 3:30pm to 8pm, Monday to Friday, and from 10am to 4pm, Saturday, but not on bank holidays."
    )
    with time_machine.travel(london("2026-11-24 10:05"), tick=False):
        release(db, ours, campaign)
        send_all(db, ours)
        with db.read() as session:
            waits = why_texts_wait(session, ours, session.get_one(Campaign, campaign), utc_now())
    assert waits[0].startswith("2 texts wait until today at 3:30pm: it is outside the sending")


def test_a_reply_to_it_offers_no_partner(db: Database, settings: Settings, asked: tuple[Patient, int]) -> None:
    text_in(db, settings, asked[0].phone, "I do not know, what is it about my knee")
    with db.read() as session:
        practice = session.exec(select(Practice)).one()
        [entry] = list_items(session, practice.id or 0)
        assert what_to_ask_again(session, settings, practice, entry) is None


def test_other_purposes_are_answered_as_before(db: Database, settings: Settings, practice: Practice) -> None:
    make_partner(db, practice)
    [patient] = make_cohort(db, practice, 1, language="en")
    planned = plan_campaign(db, settings, "STATION", "fuel-poverty", "CAB", None, CONSOLE)
    release(db, settings, planned.campaign)
    send_all(db, settings)
    text_in(db, settings, patient.phone, "5")
    assert [item.reason for item in all_of(db, InboxItem)] == ["not-understood"]
    assert [question.detail for question in all_of(db, OpenQuestion)] == [None]
