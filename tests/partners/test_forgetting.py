"""Deletion on schedule: what goes after eight years, what goes at once, and what stays for ever."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from bot.audit import CONSOLE, AuditEntry
from bot.capability import in_use
from bot.operations.work import JOBS
from bot.partners.noting import add_note
from bot.partners.referring import withdraw_referral
from bot.partners.retention import REFERRALS_FOR, erase_withdrawn, forget_old_referrals
from bot.tables.accounts import Role, actor_of
from bot.tables.campaigns import CampaignMember
from bot.tables.messaging import Message
from bot.tables.partners import Consent, Proposal, Referral, ReferralNote, ReferralText
from bot.tables.patients import Patient
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account
from tests.partners.several import agree_to_all, answers, second_partner, set_room

OF_A_REFERRAL = (Referral, Consent, ReferralNote, ReferralText, Proposal)
STAYS = (Message, CampaignMember, Patient, AuditEntry)


def counts(talk: Conversation, *tables: type) -> list[int]:
    with talk.db.read() as session:
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


@pytest.fixture
def ended(talk: Conversation) -> Conversation:
    """Somebody whose first partner had no place, who went to the second and withdrew: something in every table."""
    warm = second_partner(talk)
    talk.invited().says("1")
    set_room(talk, talk.partner, 0)
    answers(talk, "yes the boiler is broken")
    answers(talk, "1")
    adviser = make_account(talk.db, Role.PARTNER, partner=warm)
    add_note(talk.db, warm.id or 0, talk.referrals[-1].code, "Called, no answer", actor_of(adviser))
    with talk.db.write() as session:
        session.get_one(Referral, talk.referrals[-1].id).state = "closed"
    return talk


def test_all_of_a_referral_goes_eight_years_after_its_end_and_not_a_day_before(ended: Conversation) -> None:
    before, kept = counts(ended, *OF_A_REFERRAL), counts(ended, *STAYS)
    assert before == [2, 2, 1, 1, 1]
    ended.clock.shift(REFERRALS_FOR - timedelta(days=1))
    assert forget_old_referrals(ended.db, ended.settings) == 0
    assert counts(ended, *OF_A_REFERRAL) == before
    ended.clock.shift(timedelta(days=2))
    assert forget_old_referrals(ended.db, ended.settings) == 2
    assert counts(ended, *OF_A_REFERRAL) == [0, 0, 0, 0, 0]
    assert counts(ended, *STAYS) == kept
    assert forget_old_referrals(ended.db, ended.settings) == 0


def test_the_campaign_still_knows_that_they_said_yes_and_the_trail_that_it_was_made(ended: Conversation) -> None:
    ended.clock.shift(REFERRALS_FOR + timedelta(days=1))
    forget_old_referrals(ended.db, ended.settings)
    assert ended.answer() == "yes"
    assert "referral-made" in {entry.action for entry in ended.all(AuditEntry)}


def test_an_open_referral_stays_however_old(talk: Conversation) -> None:
    agree_to_all(talk)
    talk.clock.shift(2 * REFERRALS_FOR)
    assert forget_old_referrals(talk.db, talk.settings) == 0
    assert counts(talk, Referral, Consent) == [1, 1]


def test_words_of_withdrawals_from_before_are_erased_by_the_job_and_no_others(talk: Conversation) -> None:
    """As a backup has them that is put back from before, or an older version wrote them."""
    agree_to_all(talk, "yes the boiler is broken")
    other = talk.person(language="pl", phone="+447700900124")
    agree_to_all(other, "yes my heating is off")
    withdraw_referral(talk.db, talk.settings, talk.referrals[0].code, CONSOLE)
    with talk.db.write() as session:
        old = session.get_one(Referral, talk.referrals[0].id)
        old.said, old.erased_at = "yes the boiler is broken", None
    assert [erase_withdrawn(talk.db, talk.settings) for _ in range(2)] == [1, 0]
    assert [referral.said for referral in talk.referrals] == ["", "yes my heating is off"]


def test_each_job_is_on_the_page_of_jobs_in_words() -> None:
    names = {"forget-old-referrals", "forget-old-proposals", "erase-withdrawn", "lapse-proposals"}
    assert names <= {job.name for job in in_use().jobs}
    assert names <= set(JOBS)
