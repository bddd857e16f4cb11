"""Nobody waits in vain: what a claim keeps back for good comes before staff once, with the reason."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from bot.attention.items import ask_a_person
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.conversations.answering import Draft, send_answer
from bot.conversations.inbox import conversation, find_item, finish_item
from bot.database import Database
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.campaigns import Batch, Campaign, CampaignLeftOut
from bot.tables.messaging import Direction, Kind, Message, OpenQuestion, State
from bot.tables.organisations import Practice
from bot.tables.patients import OptOutScope, Patient, PhoneStatus
from tests.factories import make_patient, queue_staff_text
from tests.messaging.helpers import (
    change,
    claim,
    invite,
    live,
    opt_out,
    queue_kind,
    reload,
    rows,
    with_changes,
)

Refuse = Callable[[Database, Practice, Patient], None]


def stop(db: Database, practice: Practice, alice: Patient) -> None:
    opt_out(db, practice, alice.phone)


def stop_all(db: Database, practice: Practice, alice: Patient) -> None:
    opt_out(db, practice, alice.phone, OptOutScope.ALL)


def die(db: Database, _practice: Practice, alice: Patient) -> None:
    change(db, alice, deceased=True)


def share(db: Database, practice: Practice, alice: Patient) -> None:
    make_patient(db, practice, phone=alice.phone)


def move(db: Database, _practice: Practice, alice: Patient) -> None:
    change(db, alice, phone="+447700900998")


def lose_the_phone(db: Database, _practice: Practice, alice: Patient) -> None:
    change(db, alice, phone=None, phone_status=PhoneStatus.NONE)


def refuse_texts(db: Database, _practice: Practice, alice: Patient) -> None:
    change(db, alice, texting_refused=True)


def leave(db: Database, _practice: Practice, alice: Patient) -> None:
    change(db, alice, registered=False)


BY_REASON: dict[str, Refuse] = {
    "deceased": die,
    "no-mobile": lose_the_phone,
    "shared-phone": share,
    "unsafe-phone": move,
    "texting-refused": refuse_texts,
    "opted-out": stop_all,
}
"""What may have happened since a text was queued, by the reason it gives."""


def wrote(db: Database, practice: Practice, alice: Patient, body: str = "kiedy otwarte?") -> Message:
    """Something Alice wrote to us."""
    now = utc_now()
    values: dict[str, Any] = {"direction": Direction.IN, "kind": Kind.INBOUND, "state": State.RECEIVED}
    with db.write() as session:
        message = Message(
            **values,
            practice_id=practice.id,
            sender_id=practice.sender_id,
            patient_id=alice.id,
            phone=alice.phone or "",
            body=body,
            parts=1,
            automatic=False,
            not_before=now,
            created_at=now,
            updated_at=now,
        )
        session.add(message)
    return message


def put_before_staff(db: Database, message: Message, reason: str = "not-understood") -> int:
    with db.write() as session:
        return ask_a_person(session, message, reason).id or 0


def items(db: Database) -> list[tuple[int | None, str, str | None, str]]:
    """Every item: of which message, why, how urgent, and whether it is done."""
    with db.read() as session:
        return [(item.message_id, item.reason, item.urgency, item.state) for item in rows(session, InboxItem)]


def left_out(db: Database) -> list[tuple[int, str, str]]:
    with db.read() as session:
        return [
            (row.patient_id, row.reason, row.stage)
            for row in session.exec(select(CampaignLeftOut).order_by(col(CampaignLeftOut.patient_id)))
        ]


def claim_twice(db: Database, settings: Settings) -> None:
    """Claim what is due, and once more: whoever was told is not told again."""
    quick = with_changes(settings, sender_parts_per_second=1000)
    claim(db, quick)
    told = items(db)
    claim(db, quick)
    assert items(db) == told


@pytest.mark.parametrize("reason", BY_REASON)
def test_what_a_colleague_sent_by_hand_comes_back_with_the_reason(
    db: Database, settings: Settings, practice: Practice, alice: Patient, reason: str
) -> None:
    sent = queue_staff_text(db, settings, practice, alice)
    BY_REASON[reason](db, practice, alice)
    claim_twice(db, settings)
    assert (reload(db, sent).state, reload(db, sent).reason) == (State.CANCELLED, reason)
    assert items(db) == [(sent.id, reason, None, "open")]


def test_an_answer_sent_from_an_item_that_is_done_comes_back_as_an_item_of_its_own(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    theirs = wrote(db, practice, alice)
    item = put_before_staff(db, theirs)
    with db.read() as session:
        entry = find_item(session, practice.id or 0, item)
        assert entry is not None
        seen = max(bubble.message.id or 0 for bubble in conversation(session, practice.id or 0, entry.item))
    draft = Draft("staff-thank-you", "en", seen=seen)
    sent = send_answer(db, settings, item, practice.id or 0, draft, CONSOLE, finish=True)
    stop_all(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(theirs.id, "not-understood", None, "done"), (sent.id, "opted-out", None, "open")]


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.REMINDER])
@pytest.mark.parametrize("reason", BY_REASON)
def test_a_notice_or_reminder_that_cannot_go_is_told_with_the_reason(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind, reason: str
) -> None:
    text = queue_kind(db, settings, practice, alice, kind)
    BY_REASON[reason](db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(text.id, reason, None, "open")]


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.QUESTION])
@pytest.mark.parametrize(("refuse", "reason"), [(stop, "opted-out"), (die, "deceased")])
def test_an_automatic_answer_that_cannot_go_brings_back_what_it_answered(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind, refuse: Refuse, reason: str
) -> None:
    theirs = wrote(db, practice, alice)
    queue_kind(db, settings, practice, alice, kind, answers_id=theirs.id)
    refuse(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(theirs.id, reason, None, "open")]


def test_two_answers_to_one_message_bring_it_back_once(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    theirs = wrote(db, practice, alice)
    for kind in (Kind.ANSWER, Kind.QUESTION):
        queue_kind(db, settings, practice, alice, kind, answers_id=theirs.id)
    stop(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(theirs.id, "opted-out", None, "open")]


def test_what_is_before_staff_already_is_not_brought_back_beside_itself(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    theirs = wrote(db, practice, alice)
    put_before_staff(db, theirs)
    queue_kind(db, settings, practice, alice, Kind.ANSWER, answers_id=theirs.id)
    stop(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(theirs.id, "not-understood", None, "open")]


@pytest.mark.parametrize("reason", ["not-understood", "opted-out"])
def test_what_staff_were_done_with_comes_back_when_its_answer_cannot_go(
    db: Database, settings: Settings, practice: Practice, alice: Patient, reason: str
) -> None:
    theirs = wrote(db, practice, alice)
    finish_item(db, put_before_staff(db, theirs, reason), practice.id or 0, CONSOLE)
    queue_kind(db, settings, practice, alice, Kind.ANSWER, answers_id=theirs.id)
    stop(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(theirs.id, reason, None, "done"), (theirs.id, "opted-out", None, "open")]


@pytest.mark.parametrize("kind", [Kind.ANSWER, Kind.QUESTION])
def test_a_text_that_answers_nothing_is_told_itself(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind
) -> None:
    text = queue_kind(db, settings, practice, alice, kind)
    stop(db, practice, alice)
    claim_twice(db, settings)
    assert items(db) == [(text.id, "opted-out", None, "open")]


def test_a_question_that_cannot_go_can_no_longer_be_answered(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    theirs = wrote(db, practice, alice)
    queue_kind(db, settings, practice, alice, Kind.QUESTION, answers_id=theirs.id, question="consent")
    stop(db, practice, alice)
    claim_twice(db, settings)
    with db.read() as session:
        assert [question.state for question in rows(session, OpenQuestion)] == ["expired"]


@pytest.mark.parametrize("kind", [Kind.EMERGENCY, Kind.RECEIPT])
@pytest.mark.parametrize("refuse", [*BY_REASON.values(), leave])
def test_an_emergency_text_or_a_receipt_goes_whatever_happened(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind, refuse: Refuse
) -> None:
    queue_kind(db, settings, practice, alice, kind)
    refuse(db, practice, alice)
    assert len(claim(db, settings)) == 1
    assert items(db) == []


def test_an_emergency_text_without_approved_wording_is_red(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    theirs = wrote(db, practice, alice, "chest pain")
    text = queue_kind(db, settings, practice, alice, Kind.EMERGENCY, answers_id=theirs.id)
    claim_twice(db, live(settings))
    assert items(db) == [
        (text.id, "wording-not-approved", None, "open"),
        (text.id, "emergency-text-failed", "red", "open"),
    ]


@pytest.mark.parametrize(
    ("kind", "tells_of"),
    [(Kind.ANSWER, "theirs"), (Kind.QUESTION, "theirs"), (Kind.RECEIPT, "theirs"), (Kind.NOTICE, "ours")],
)
def test_wording_that_nobody_approved_any_more_is_told_like_any_other_reason(
    db: Database, settings: Settings, practice: Practice, alice: Patient, kind: Kind, tells_of: str
) -> None:
    theirs = wrote(db, practice, alice)
    text = queue_kind(db, settings, practice, alice, kind, answers_id=theirs.id if tells_of == "theirs" else None)
    claim_twice(db, in_earnest(settings))
    told = {"theirs": theirs.id, "ours": text.id}[tells_of]
    assert items(db) == [(told, "wording-not-approved", None, "open")]


def in_earnest(settings: Settings) -> Settings:
    """Live, and every hour is one for sending: no wording is approved."""
    return live(settings, send_window="00:00-24:00", send_days="all")


def a_batch(db: Database, settings: Settings, practice: Practice, campaign: Campaign, people: int) -> list[Message]:
    """Invitations of one batch, ready to go."""
    invited = [
        invite(db, settings, practice, make_patient(db, practice, language="en"), campaign) for _ in range(people)
    ]
    for invitation in invited[1:]:
        change(db, invitation, batch_id=invited[0].batch_id)
    return [reload(db, invitation) for invitation in invited]


def run_out(db: Database, invited: list[Message]) -> None:
    for invitation in invited:
        change(db, invitation, use_by=utc_now().replace(hour=0))


def test_of_a_batch_whose_wording_is_not_approved_staff_hear_once(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    first = a_batch(db, settings, practice, campaign, 3)
    claim(db, in_earnest(settings), limit=2)
    claim_twice(db, in_earnest(settings))
    assert {reload(db, text).reason for text in first} == {"wording-not-approved"}
    assert items(db) == [(first[0].id, "wording-not-approved", None, "open")]
    second = a_batch(db, settings, practice, campaign, 2)
    claim_twice(db, in_earnest(settings))
    assert items(db)[1:] == [(second[0].id, "wording-not-approved", None, "open")]
    assert left_out(db) == []


def test_of_a_batch_that_came_too_late_staff_hear_once_also_when_they_were_done_with_it(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    batch = a_batch(db, settings, practice, campaign, 4)
    run_out(db, batch)
    claim(db, settings, limit=2)
    [(told, reason, _, _)] = items(db)
    assert (told, reason) == (batch[0].id, "too-late")
    with db.read() as session:
        [item] = rows(session, InboxItem)
    finish_item(db, item.id, practice.id or 0, CONSOLE)
    claim_twice(db, settings)
    assert {reload(db, text).reason for text in batch} == {"too-late"}
    assert items(db) == [(batch[0].id, "too-late", None, "done")]


def test_two_batches_in_one_claim_are_told_one_by_one(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign
) -> None:
    batches = [a_batch(db, settings, practice, campaign, 2) for _ in range(2)]
    run_out(db, [text for batch in batches for text in batch])
    claim_twice(db, settings)
    assert [item[0] for item in items(db)] == [batch[0].id for batch in batches]


@pytest.mark.parametrize("reason", [*BY_REASON, "not-registered"])
def test_an_invitation_kept_back_for_the_person_is_no_item_but_they_are_kept_as_left_out(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign, alice: Patient, reason: str
) -> None:
    invitation = invite(db, settings, practice, alice, campaign)
    (BY_REASON | {"not-registered": leave})[reason](db, practice, alice)
    claim_twice(db, settings)
    assert reload(db, invitation).reason == reason
    assert items(db) == []
    assert left_out(db) == [(alice.id, reason, "claim")]


def test_an_invitation_of_a_campaign_that_was_stopped_leaves_nobody_out_and_tells_nobody(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign, alice: Patient
) -> None:
    invitation = invite(db, settings, practice, alice, campaign)
    change(db, campaign, state="stopped")
    claim_twice(db, settings)
    assert reload(db, invitation).reason == "campaign-stopped"
    assert (items(db), left_out(db)) == ([], [])


def test_invitations_of_two_campaigns_in_one_claim_are_kept_with_their_own(
    db: Database, settings: Settings, practice: Practice, campaign: Campaign, alice: Patient
) -> None:
    other = Campaign(**campaign.model_dump(exclude={"id"}))
    with db.write() as session:
        session.add(other)
    bob = make_patient(db, practice)
    invite(db, settings, practice, alice, campaign)
    invite(db, settings, practice, bob, other)
    stop(db, practice, alice)
    die(db, practice, bob)
    claim_twice(db, settings)
    with db.read() as session:
        kept = [
            (row.campaign_id, row.patient_id, row.reason)
            for row in session.exec(select(CampaignLeftOut).order_by(col(CampaignLeftOut.patient_id)))
        ]
        assert len(rows(session, Batch)) == 2
    assert sorted(kept) == [(campaign.id, alice.id, "opted-out"), (other.id, bob.id, "deceased")]
