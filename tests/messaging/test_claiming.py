"""Who still gets a text at the moment it would go: everything is checked again inside the claim."""

from typing import Any

import pytest
import time_machine
from sqlmodel import select

from bot.campaigns.subject import about
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outbox import cancel_unsent_messages, release_held_messages
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignState
from bot.tables.messaging import Kind, OpenQuestion, Outcome, QuestionState, State
from bot.tables.organisations import Practice
from bot.tables.patients import OptOutScope, Patient, PhoneStatus
from bot.tables.wording import WordingApproval
from tests.factories import make_patient, make_practice
from tests.messaging.helpers import (
    approve,
    attempts_of,
    change,
    claim,
    claim_one,
    inbox,
    invite,
    live,
    london,
    make_campaign,
    opt_out,
    queue,
    queue_kind,
    reload,
    rows,
    with_changes,
)

ALWAYS, NEVER = {None, "outreach", "all"}, {None}
WHO_STILL_GETS_IT = {
    Kind.EMERGENCY: ALWAYS,
    Kind.RECEIPT: ALWAYS,
    Kind.ANSWER: NEVER,
    Kind.QUESTION: NEVER,
    Kind.NOTICE: {None, "outreach"},
    Kind.REMINDER: {None, "outreach"},
    Kind.OUTREACH: NEVER,
}
AFTER_THE_INVITATION = [kind for kind in WHO_STILL_GETS_IT if kind != Kind.OUTREACH]


@pytest.mark.parametrize("kind", WHO_STILL_GETS_IT)
@pytest.mark.parametrize("scope", [None, "outreach", "all"])
def test_who_opted_out_after_queueing_gets_only_what_the_table_of_kinds_allows(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind, scope: str | None
) -> None:
    message = queue_kind(db, settings, practice, alice, kind)
    if scope:
        opt_out(db, practice, alice.phone, scope)
    goes = scope in WHO_STILL_GETS_IT[kind]
    assert bool(claim(db, settings)) is goes
    kept = reload(db, message)
    assert (kept.state, kept.reason) == ((State.SENDING, None) if goes else (State.CANCELLED, "opted-out"))


def test_an_opt_out_follows_the_person_to_a_new_number(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    opt_out(db, practice, alice.phone)
    change(db, alice, phone="+447700900999")
    message = queue_kind(db, settings, practice, alice, Kind.OUTREACH, phone="+447700900999")
    assert claim(db, settings) == []
    assert reload(db, message).reason == "opted-out"


CHANGES_AND_KINDS = [
    ({"deceased": True}, "deceased", {Kind.EMERGENCY, Kind.RECEIPT}),
    ({"phone": "+447700900998"}, "unsafe-phone", {Kind.EMERGENCY, Kind.RECEIPT, Kind.ANSWER, Kind.QUESTION}),
    ({"phone_status": PhoneStatus.SHARED}, "shared-phone", {Kind.EMERGENCY, Kind.RECEIPT, Kind.ANSWER, Kind.QUESTION}),
    ({"phone_status": PhoneStatus.UNSAFE}, "unsafe-phone", {Kind.EMERGENCY, Kind.RECEIPT, Kind.ANSWER, Kind.QUESTION}),
    ({"phone_status": PhoneStatus.FAILED}, "unsafe-phone", {Kind.EMERGENCY, Kind.RECEIPT, Kind.ANSWER, Kind.QUESTION}),
    ({"texting_refused": True}, "texting-refused", {Kind.EMERGENCY, Kind.RECEIPT, Kind.ANSWER, Kind.QUESTION}),
    ({"registered": False}, "not-registered", set(AFTER_THE_INVITATION)),
]


def name_of(value: object) -> str:
    """The name of a case, the same in every process."""
    return "-".join(sorted(value)) if isinstance(value, set | dict) else str(value)


@pytest.mark.parametrize(("changed", "reason", "still_goes"), CHANGES_AND_KINDS, ids=name_of)
def test_what_a_new_list_says_of_a_person_counts_at_the_claim(
    db: Database,
    settings: Settings,
    practice: Practice,
    alice: Patient,
    changed: dict[str, Any],
    reason: str,
    still_goes: set[Kind],
) -> None:
    queued = {kind: queue_kind(db, settings, practice, alice, kind) for kind in WHO_STILL_GETS_IT}
    change(db, alice, **changed)
    claimed = {item.message_id for item in claim(db, with_changes(settings, sender_parts_per_second=100))}
    assert {kind for kind, message in queued.items() if message.id in claimed} == still_goes
    dropped = [reload(db, message) for kind, message in queued.items() if kind not in still_goes]
    assert {(message.state, message.reason) for message in dropped} == {(State.CANCELLED, reason)}


def test_a_number_that_turned_up_on_a_second_record_since_gets_no_invitation(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    make_patient(db, practice, phone=alice.phone)
    assert claim(db, settings) == []
    assert reload(db, message).reason == "shared-phone"


def test_the_same_number_at_another_practice_does_not_count_as_shared(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    make_patient(db, make_practice(db, "HARBOUR"), phone=alice.phone)
    assert len(claim(db, settings)) == 1


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.REMINDER])
def test_staff_hear_of_a_notice_or_reminder_that_could_not_go(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind
) -> None:
    queue_kind(db, settings, practice, alice, kind)
    opt_out(db, practice, alice.phone, OptOutScope.ALL)
    claim(db, settings)
    assert inbox(db) == ["opted-out"]


def test_staff_are_not_told_of_every_invitation_that_is_dropped(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    opt_out(db, practice, alice.phone)
    claim(db, settings)
    assert inbox(db) == []


def test_a_text_past_its_use_by_time_is_dropped_and_said(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False):
        message = queue_kind(
            db, settings, practice, alice, Kind.REMINDER, use_by=london("2026-11-24 12:00").astimezone()
        )
    with time_machine.travel(london("2026-11-24 12:01"), tick=False):
        assert claim(db, settings) == []
    assert reload(db, message).reason == "too-late"
    assert inbox(db) == ["too-late"]


def test_in_live_wording_whose_approval_was_withdrawn_is_not_sent_and_staff_are_told(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    earnest = live(settings, send_window="00:00-24:00", send_days="all")
    approve(db, "emergency")
    kept = queue_kind(db, earnest, practice, alice, Kind.OUTREACH)
    assert claim_one(db, earnest).message_id == kept.id
    withdrawn = queue_kind(db, earnest, practice, alice, Kind.OUTREACH)
    with db.write() as session:
        session.exec(select(WordingApproval)).one().withdrawn_at = utc_now()
    assert claim(db, earnest) == []
    assert reload(db, withdrawn).reason == "wording-not-approved"
    assert inbox(db) == ["wording-not-approved"]


def test_nor_one_with_a_line_under_it_whose_approval_was_withdrawn(
    db: Database, settings: Settings, practice: Practice
) -> None:
    earnest = live(settings, send_window="00:00-24:00", send_days="all")
    approve(db, "fuel-poverty-invitation")
    approve(db, "call-offer", tag="ur")
    reader = make_patient(db, practice, language="ur")
    kept = queue(db, earnest, practice, reader, language="ur")
    assert kept.line_digest is not None
    assert claim_one(db, earnest).message_id == kept.id
    withdrawn = queue(db, earnest, practice, reader, language="ur")
    with db.write() as session:
        line = session.exec(select(WordingApproval).where(WordingApproval.text_key == "call-offer")).one()
        line.withdrawn_at = utc_now()
    assert claim(db, earnest) == []
    assert reload(db, withdrawn).reason == "wording-not-approved"


def test_an_emergency_text_that_may_not_go_is_a_red_matter_for_staff(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue_kind(db, settings, practice, alice, Kind.EMERGENCY)
    assert claim(db, live(settings)) == []
    assert inbox(db) == ["wording-not-approved", "emergency-text-failed"]


def test_in_demo_drafts_are_sent(db: Database, settings: Settings, practice: Practice, alice: Patient) -> None:
    queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    assert len(claim(db, settings)) == 1


def test_a_held_campaign_keeps_its_invitations_back_until_it_goes_on(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    message = invite(db, settings, practice, alice, campaign)
    change(db, campaign, state=CampaignState.HELD)
    assert claim(db, settings) == []
    assert reload(db, message).state == State.HELD
    change(db, campaign, state=CampaignState.RUNNING)
    with db.write() as session:
        assert release_held_messages(session, about(campaign.id), Kind.OUTREACH) == 1
    assert claim_one(db, settings).message_id == message.id


def test_a_stopped_campaign_sends_no_invitation_but_still_answers(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    invited = invite(db, settings, practice, alice, campaign)
    answer = queue_kind(db, settings, practice, alice, Kind.ANSWER, subject=about(campaign.id))
    change(db, campaign, state=CampaignState.STOPPED)
    assert [item.message_id for item in claim(db, settings)] == [answer.id]
    assert reload(db, invited).reason == "campaign-stopped"


def test_stopping_a_campaign_cancels_what_has_not_gone_out(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    message = invite(db, settings, practice, alice, campaign)
    with db.write() as session:
        assert cancel_unsent_messages(session, about(campaign.id), [Kind.OUTREACH], "campaign-stopped") == 1
    assert claim(db, settings) == []
    assert reload(db, message).state == State.CANCELLED


def test_the_most_urgent_goes_first_and_then_the_oldest(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    kinds = (Kind.OUTREACH, Kind.REMINDER, Kind.NOTICE, Kind.ANSWER, Kind.RECEIPT, Kind.EMERGENCY, Kind.OUTREACH)
    ids = {queue_kind(db, settings, practice, alice, kind).id: kind for kind in kinds}
    claimed = [item.message_id for item in claim(db, settings)]
    assert [ids[message_id] for message_id in claimed] == [
        Kind.RECEIPT,
        Kind.EMERGENCY,
        Kind.ANSWER,
        Kind.NOTICE,
        Kind.REMINDER,
        Kind.OUTREACH,
        Kind.OUTREACH,
    ]
    assert claimed[-2] < claimed[-1]


def test_places_kept_for_the_urgent_are_not_given_to_invitations(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    answer = queue_kind(db, settings, practice, alice, Kind.ANSWER)
    assert [item.message_id for item in claim(db, settings, urgent_only=True)] == [answer.id]


def test_a_claim_writes_the_attempt_before_anything_is_posted(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue_kind(db, settings, practice, alice, Kind.OUTREACH)
    claimed = claim_one(db, settings)
    [attempt] = attempts_of(db, message)
    assert (attempt.number, attempt.ref, attempt.outcome) == (1, claimed.ref, Outcome.OPEN)
    assert (attempt.lease_until - attempt.started_at).total_seconds() == settings.lease_seconds
    assert len(claimed.ref) >= 32
    assert reload(db, message).state == State.SENDING
    assert claim(db, settings) == []


def _questions(db: Database) -> list[tuple[str, str]]:
    with db.read() as session:
        return [(question.kind, question.state) for question in rows(session, OpenQuestion)]


def test_a_question_opens_when_its_text_is_claimed_and_not_before(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False):
        invite(db, settings, practice, alice, campaign)
        assert _questions(db) == [("invitation", QuestionState.PENDING)]
        claim(db, settings)
        with db.read() as session:
            [question] = rows(session, OpenQuestion)
        assert question.state == QuestionState.OPEN
        assert (question.expires_at - question.opened_at).days == 14


def test_the_newest_question_to_a_phone_closes_the_older_one(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    invite(db, settings, practice, alice, campaign)
    claim(db, settings)
    invite(db, settings, practice, alice, make_campaign(db, practice, _partner_of(db, campaign)))
    claim(db, settings)
    assert [state for _, state in _questions(db)] == [QuestionState.SUPERSEDED, QuestionState.OPEN]


def test_of_two_questions_claimed_together_the_newer_is_open(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign
) -> None:
    invite(db, settings, practice, alice, campaign)
    invite(db, settings, practice, alice, make_campaign(db, practice, _partner_of(db, campaign)))
    claim(db, settings)
    assert [state for _, state in _questions(db)] == [QuestionState.SUPERSEDED, QuestionState.OPEN]


def _partner_of(db: Database, campaign: Campaign) -> Any:
    from bot.tables.organisations import Partner

    with db.read() as session:
        return session.get_one(Partner, campaign.partner_id)
