"""What is not kept: each job does what the table of periods says, and leaves the rest alone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlmodel import select

from bot.accounts.accounts import invite_account
from bot.accounts.sessions import open_session
from bot.audit import CONSOLE
from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.operations.retention import erase_old_words, forget_sign_ins, forget_status_events
from bot.partners.retention import forget_old_referrals
from bot.settings import Settings
from bot.tables.accounts import AccountSession, PasswordLink, Role, SignInAttempt
from bot.tables.messaging import Message, State, StatusEvent
from bot.tables.organisations import Practice
from bot.tables.partners import Consent, Referral, ReferralState
from tests.factories import make_account, make_partner, make_patient, make_practice, queue_staff_text, text_in


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def age(db: Database, table: type[Any], **values: Any) -> None:
    """Make every row of a table what it would be by now."""
    with db.write() as session:
        session.execute(update(table).values(**values))


def count(db: Database, table: type[Any]) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def days_ago(days: float) -> Any:
    return utc_now() - timedelta(days=days)


def test_the_words_of_a_text_are_erased_after_90_days_and_what_happened_stays(
    db: Database, settings: Settings, practice: Practice
) -> None:
    message = text_in(db, settings, make_patient(db, practice).phone, "I cough all night")
    age(db, Message, created_at=days_ago(91))
    assert erase_old_words(db, settings) >= 1
    with db.read() as session:
        kept = session.get_one(Message, message.id)
    assert (kept.body, kept.sid, kept.phone) == ("", message.sid, message.phone)
    assert kept.erased_at is not None
    assert erase_old_words(db, settings) == 0


def test_younger_words_stay(db: Database, settings: Settings, practice: Practice) -> None:
    text_in(db, settings, make_patient(db, practice).phone, "Hello")
    age(db, Message, created_at=days_ago(89))
    assert erase_old_words(db, settings) == 0


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN])
def test_words_still_on_their_way_stay(db: Database, settings: Settings, practice: Practice, state: State) -> None:
    message = queue_staff_text(db, settings, practice, make_patient(db, practice))
    age(db, Message, created_at=days_ago(91), state=state)
    assert erase_old_words(db, settings) == 0
    with db.read() as session:
        assert session.get_one(Message, message.id).body


def test_callbacks_are_taken_away_after_90_days(db: Database, settings: Settings) -> None:
    with db.write() as session:
        for sid, days in (("SM1", 91), ("SM2", 89)):
            session.add(StatusEvent(attempt_ref="ref", sid=sid, status="sent", received_at=days_ago(days)))
    assert forget_status_events(db, settings) == 1
    with db.read() as session:
        assert session.exec(select(StatusEvent.sid)).all() == ["SM2"]


def test_tries_to_sign_in_are_taken_away_after_30_days(db: Database, settings: Settings) -> None:
    with db.write() as session:
        for days in (31, 29):
            session.add(SignInAttempt(account_hash="a", address_hash="b", succeeded=False, at=days_ago(days)))
    assert forget_sign_ins(db, settings) == 1
    assert count(db, SignInAttempt) == 1


def test_sessions_are_taken_away_when_they_have_ended(db: Database, settings: Settings, practice: Practice) -> None:
    account = make_account(db, Role.LEAD, practice=practice)
    open_session(db, settings, account)
    open_session(db, settings, account)
    assert forget_sign_ins(db, settings) == 0
    with db.write() as session:
        session.get_one(AccountSession, 1).ends_at = days_ago(1)
    assert forget_sign_ins(db, settings) == 1
    assert count(db, AccountSession) == 1


def test_links_that_ended_long_ago_are_taken_away(db: Database, settings: Settings, practice: Practice) -> None:
    invite_account(db, settings, "new@example.org", Role.LEAD, practice.code, CONSOLE)
    assert forget_sign_ins(db, settings) == 0
    age(db, PasswordLink, expires_at=days_ago(31))
    assert forget_sign_ins(db, settings) == 1


@pytest.fixture
def referral(db: Database, settings: Settings, practice: Practice) -> Referral:
    partner, patient = make_partner(db, practice), make_patient(db, practice)
    asked = queue_staff_text(db, settings, practice, patient)
    answer = text_in(db, settings, patient.phone, "1")
    shared = {"practice_id": practice.id, "patient_id": patient.id, "partner_id": partner.id}
    with db.write() as session:
        consent = Consent(
            **shared,
            text_key="fuel-poverty-consent",
            language="en",
            wording_digest="d",
            question="May we share your name?",
            question_message_id=asked.id,
            answer_message_id=answer.id,
            given_at=utc_now(),
        )
        session.add(consent)
        session.flush()
        made = Referral(
            purpose="fuel-poverty",
            **shared,
            code="ABC",
            consent_id=consent.id,
            state=ReferralState.CLOSED,
            created_at=utc_now(),
            updated_at=utc_now(),
        )
        session.add(made)
    return made


def test_what_somebody_agreed_to_outlives_the_text_that_asked(
    db: Database, referral: Referral, settings: Settings
) -> None:
    age(db, Message, created_at=days_ago(91), state=State.DELIVERED)
    erase_old_words(db, settings)
    with db.read() as session:
        assert session.exec(select(Consent.question)).one() == "May we share your name?"


@pytest.mark.parametrize(
    ("state", "years", "gone"),
    [(ReferralState.CLOSED, 8.1, True), (ReferralState.CLOSED, 7.9, False), (ReferralState.ACCEPTED, 9, False)],
)
def test_a_referral_and_its_consent_are_kept_for_eight_years_after_its_end(
    db: Database, referral: Referral, state: ReferralState, years: float, gone: bool, settings: Settings
) -> None:
    age(db, Referral, state=state, updated_at=days_ago(years * 365.25))
    age(db, Consent, given_at=days_ago(years * 365.25))
    assert forget_old_referrals(db, settings) == int(gone)
    assert count(db, Consent) == count(db, Referral) == int(not gone)


def test_every_period_has_a_job_of_the_clock() -> None:
    names = {job.name for job in in_use().jobs}
    assert {
        "erase-old-words",
        "forget-status-events",
        "forget-sign-ins",
        "forget-old-referrals",
        "forget-phones-of-those-gone",
        "forget-unconfirmed-lists",
    } <= names
