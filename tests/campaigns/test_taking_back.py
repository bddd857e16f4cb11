"""A batch taken back in the minute after its release: what has not gone never goes, and its people wait again."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.campaigns.batches import hold_campaign, next_batch, release_batch, stop_campaign
from bot.campaigns.commands import campaign as campaign_commands
from bot.campaigns.left_out import count_kept_back
from bot.campaigns.progress import campaign_progress, campaign_status
from bot.campaigns.taking_back import TakenBack, take_back_batch
from bot.clock import utc_now
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.messaging import Attempt, Message, OpenQuestion, QuestionState, State
from bot.tables.organisations import Practice
from tests.campaigns.conftest import Browser
from tests.campaigns.helpers import approve, make_cohort, plan
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import accept, call_back, claim, opt_out, send_all, with_changes

PLACES = 30


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice, places=PLACES)
    make_cohort(db, practice, 20)
    return practice


@pytest.fixture
def campaign(db: Database, settings: Settings, practice: Practice) -> int:
    """A batch of 20 was just released."""
    campaign = plan(db, settings).campaign
    assert approve(db, settings, campaign) == 20
    return campaign


def refusal(db: Database, campaign: int, number: int | None = None) -> Refused:
    with pytest.raises(Refused) as refused:
        take_back_batch(db, campaign, CONSOLE, number)
    return refused.value


def status(db: Database, campaign: int) -> dict[str, Any]:
    with db.read() as session:
        return campaign_status(session, campaign)


def test_what_has_not_gone_is_taken_back_and_it_says_how_many_went(db: Database, settings: Settings, campaign: int):
    gone = claim(db, with_changes(settings, sender_parts_per_second=100), limit=3)
    accept(db, gone[0])
    taken = take_back_batch(db, campaign, CONSOLE)
    assert (taken.gone, taken.taken_back, taken.words) == (3, 17, "3 had gone; 17 were taken back.")
    assert claim(db, settings) == []
    with db.read() as session:
        texts = session.exec(select(Message).where(Message.state == State.CANCELLED).order_by(col(Message.id))).all()
        assert {text.reason for text in texts} == {"taken-back"}
        asked = session.exec(select(OpenQuestion.state).where(col(OpenQuestion.message_id).in_([t.id for t in texts])))
        assert set(asked) == {QuestionState.EXPIRED}
        assert count_kept_back(session, campaign) == {}


def test_batch_and_cohort_add_up_when_some_were_taken_back(db: Database, settings: Settings, campaign: int):
    send_all(db, with_changes(settings, sender_parts_per_second=4))
    taken = take_back_batch(db, campaign, CONSOLE)
    assert 0 < taken.taken_back < 20
    shown = status(db, campaign)
    [batch] = shown["batches"]
    assert (batch["size"], sum(batch["messages"].values())) == (20, 20)
    assert batch["messages"] == {"accepted": taken.gone, "cancelled": taken.taken_back}
    assert batch["taken_back"] == shown["waiting"] == taken.taken_back
    assert shown["cohort"] == shown["waiting"] + shown["left_out"] + batch["size"] - batch["taken_back"]
    with db.read() as session:
        progress = campaign_progress(session, campaign)
    assert [(group.key, group.progress.people) for group in progress.by_batch] == [(1, taken.gone)]


def test_places_are_free_again_and_a_later_batch_invites_them_once(db: Database, settings: Settings, campaign: int):
    quick = with_changes(settings, sender_parts_per_second=1000)
    before = status(db, campaign)["partner"]["free"]
    take_back_batch(db, campaign, CONSOLE)
    assert before < status(db, campaign)["partner"]["free"] == PLACES
    again = release_batch(db, settings, campaign, CONSOLE)
    assert (again.batch, again.size) == (2, 20)
    with time_machine.travel(utc_now() + timedelta(seconds=1)):  # by then the sender may send all of them
        sent = send_all(db, quick)
    assert len({claimed.to for claimed in sent}) == len(sent) == 20
    shown = status(db, campaign)
    assert [(batch["size"], sum(batch["messages"].values())) for batch in shown["batches"]] == [(20, 20), (20, 20)]
    assert (shown["waiting"], shown["silent"]) == (0, 20)
    with db.read() as session:
        assert next_batch(session, session.get_one(Campaign, campaign), utc_now()).waiting == 0


def test_after_a_minute_it_is_too_late_and_the_sentence_says_what_to_do(db: Database, campaign: int):
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=False):
        refused = refusal(db, campaign)
    assert refused.code == "too-late-to-take-back"
    assert "hold the campaign" in refused.message


def test_the_second_who_presses_reads_what_the_first_did(db: Database, campaign: int):
    outcomes: list[TakenBack | Refused] = []
    ready = threading.Barrier(2)

    def press() -> None:
        ready.wait()
        try:
            outcomes.append(take_back_batch(db, campaign, CONSOLE, 1))
        except Refused as refused:
            outcomes.append(refused)

    people = [threading.Thread(target=press) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    [taken] = [one for one in outcomes if isinstance(one, TakenBack)]
    [refused] = [one for one in outcomes if isinstance(one, Refused)]
    assert (taken.gone, taken.taken_back) == (0, 20)
    assert refused.code == "already-taken-back"
    assert "0 had gone; 20 were taken back." in refused.message


def test_a_worker_that_claims_meanwhile_sends_what_it_took_and_nothing_else(
    db: Database, settings: Settings, campaign: int
):
    quick = with_changes(settings, sender_parts_per_second=1000)
    claimed: list[int] = []
    ready = threading.Barrier(3)

    def work() -> None:
        ready.wait()
        for _ in range(5):
            claimed.extend(one.message_id for one in claim(db, quick, limit=2))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    ready.wait()
    taken = take_back_batch(db, campaign, CONSOLE)
    for worker in workers:
        worker.join()
    assert len(claimed) == len(set(claimed)) == taken.gone
    with db.read() as session:
        cancelled = set(session.exec(select(Message.id).where(Message.state == State.CANCELLED)))
        waiting = session.exec(select(CampaignMember).where(col(CampaignMember.batch_id).is_(None))).all()
        attempts = session.exec(select(Attempt.message_id)).all()
    assert len(cancelled) == len(waiting) == taken.taken_back == 20 - taken.gone
    assert not cancelled & set(attempts)


def test_who_was_kept_back_at_the_claim_has_neither_gone_nor_waits(
    db: Database, settings: Settings, practice: Practice, campaign: int
):
    with db.read() as session:
        first = session.exec(select(Message).order_by(col(Message.id))).first()
    assert first is not None
    opt_out(db, practice, first.phone)
    claim(db, settings, limit=2)
    taken = take_back_batch(db, campaign, CONSOLE)
    assert (taken.gone, taken.taken_back, taken.kept_back) == (1, 18, 1)
    assert "1 had been kept back before." in taken.words


def test_a_second_try_is_taken_back_too_and_that_person_may_be_invited_again(
    db: Database, settings: Settings, campaign: int
):
    [only] = claim(db, settings, limit=1)
    call_back(db, only.ref, accept(db, only), "undelivered", 30003)
    assert take_back_batch(db, campaign, CONSOLE).taken_back == 20
    assert status(db, campaign)["batches"][0]["messages"] == {"cancelled": 20}
    assert approve(db, settings, campaign) == 20


def test_texts_on_hold_are_taken_back_as_well(db: Database, campaign: int):
    hold_campaign(db, campaign, CONSOLE)
    assert take_back_batch(db, campaign, CONSOLE).taken_back == 20


def test_of_a_stopped_campaign_nothing_can_be_taken_back(db: Database, campaign: int):
    stop_campaign(db, campaign, CONSOLE)
    assert refusal(db, campaign).code == "campaign-stopped"


@pytest.mark.parametrize("number", [2, 99])
def test_a_batch_that_is_not_there_is_refused(db: Database, campaign: int, number: int):
    assert refusal(db, campaign, number).code == "unknown-batch"
    assert refusal(db, campaign + 1).code == "unknown-campaign"


def test_only_a_lead_of_the_practice_takes_back(db: Database, practice: Practice, campaign: int):
    reception = make_account(db, Role.PRACTICE, practice=practice)
    stranger = make_account(db, Role.LEAD, practice=make_practice(db, "HAROLD"))
    for account in (reception, stranger):
        with pytest.raises(Refused, match="Only a lead"):
            take_back_batch(db, campaign, actor_of(account))
    lead = make_account(db, Role.LEAD, practice=practice)
    assert take_back_batch(db, campaign, actor_of(lead)).taken_back == 20


def test_by_command(db: Database, settings: Settings, campaign: int):
    console = Console()
    console.database, console.settings = db, settings
    words = ["take-back", str(campaign), "--json"]
    done = CliRunner().invoke(campaign_commands, words, obj=console, catch_exceptions=False)
    assert json.loads(done.stdout) == {"campaign": campaign, "batch": 1, "gone": 0, "taken_back": 20, "kept_back": 0}


def test_the_page_offers_it_for_a_minute_and_says_what_became_of_it(
    db: Database, settings: Settings, practice: Practice, browser: Browser
):
    campaign = plan(db, settings).campaign
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    page = f"/campaigns/{campaign}"
    assert "Take back" not in lead.get(page).text
    lead.post(f"{page}/approve", data={"batch": "1"})
    assert "Take back batch 1" in lead.get(f"{page}/progress").text
    reception = browser(make_account(db, Role.PRACTICE, practice=practice))
    assert "Take back batch 1" not in reception.get(page).text
    assert reception.post(f"{page}/take-back", data={"batch": "1"}).status_code == 403
    lead.post(f"{page}/take-back", data={"batch": "1"})
    told = lead.get(page).text
    assert "Batch 1: 0 had gone; 20 were taken back." in told
    assert "Take back batch 1" not in told
    assert "Approve batch 2: 20 texts" in told


def test_after_a_minute_the_page_offers_it_no_more_and_refuses_kindly(
    db: Database, practice: Practice, campaign: int, browser: Browser
):
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    page = f"/campaigns/{campaign}"
    assert "Take back batch 1" in lead.get(page).text
    with time_machine.travel(utc_now() + timedelta(seconds=61), tick=False):
        assert "Take back batch 1" not in lead.get(page).text
        late = lead.post(f"{page}/take-back", data={"batch": "1"}, headers={"Referer": f"http://localhost{page}"})
        assert "cannot be taken back any more" in lead.get(late.headers["Location"]).text
