"""A gist goes with the words it is of: from the queue, the inbox, the referral, and a backup that comes back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, update
from sqlmodel import select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.gists.reporting import report_gist
from bot.operations.backup import back_up
from bot.operations.restoring import restore
from bot.operations.retention import erase_old_words
from bot.partners.retention import forget_old_referrals
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.gists import GistReport
from bot.tables.messaging import Message
from bot.tables.partners import Referral, ReferralState, ReferralText
from bot.translation.claiming import claim_translations, record_result
from bot.translation.pipeline import Result
from tests.conversations.conftest import Conversation
from tests.factories import make_account
from tests.gists.conftest import Browser
from tests.gists.helpers import FEVER, HEATER, asked, gist_of, items, newest_item, translate
from tests.gists.test_asking import look

pytestmark = pytest.mark.usefixtures("urdu")
ENGLISH = "I have a Monday"


def three_months_on(db: Database, settings: Settings) -> None:
    with db.write() as session:
        session.execute(update(Message).values(created_at=utc_now() - timedelta(days=91)))
    erase_old_words(db, settings)


def test_source_and_gist_are_erased_with_the_text_and_who_called_it_wrong_stays(
    talk: Conversation, browser: Browser
) -> None:
    message = talk.says(FEVER)
    translate(talk.db, ENGLISH)
    nurse = make_account(talk.db, Role.PRACTICE, practice=talk.practice)
    report_gist(talk.db, asked(talk.db)[0].id or 0, talk.practice.id or 0, actor_of(nurse))
    three_months_on(talk.db, talk.settings)
    [row] = asked(talk.db)
    assert (row.source, row.text, row.back, row.kept) == ("", None, None, None)
    assert gist_of(talk.db, talk.settings, message) is None
    assert look(talk.db, talk.settings, message) == 0
    page = browser(nurse).get(f"/inbox/{newest_item(talk.db).id}").text
    assert "English by computer" not in page
    assert ENGLISH not in page
    assert len(talk.all(GistReport)) == 1


def test_a_translation_that_comes_after_the_words_were_erased_is_not_kept(talk: Conversation) -> None:
    talk.says(HEATER)
    [claim] = claim_translations(talk.db, 1, 60)
    three_months_on(talk.db, talk.settings)
    assert not record_result(talk.db, claim, Result(text="I have chest pain"))
    assert asked(talk.db)[0].text is None
    assert [urgency for _, urgency, _ in items(talk.db)] == [None]


def test_a_referral_keeps_the_words_longer_but_not_their_english(talk: Conversation, browser: Browser) -> None:
    referral = referred(talk)
    translate(talk.db, ENGLISH)
    three_months_on(talk.db, talk.settings)
    adviser = make_account(talk.db, Role.PARTNER, partner=talk.partner)
    page = browser(adviser).get(f"/referrals/{referral.code}").text
    assert HEATER in page
    assert "English by computer" not in page
    assert ENGLISH not in page


def test_a_referral_that_is_forgotten_leaves_nothing_behind(talk: Conversation) -> None:
    referred(talk)
    with talk.db.write() as session:
        old = {"state": ReferralState.CLOSED, "updated_at": utc_now() - timedelta(days=9 * 365)}
        session.execute(update(Referral).values(**old))
    assert forget_old_referrals(talk.db, talk.settings) == 1
    with talk.db.read() as session:
        assert session.scalar(select(func.count()).select_from(ReferralText)) == 0


def test_a_backup_brings_gists_and_what_was_said_of_them_back(talk: Conversation, tmp_path: Path) -> None:
    talk.says(FEVER)
    translate(talk.db, ENGLISH)
    nurse = make_account(talk.db, Role.PRACTICE, practice=talk.practice)
    report_gist(talk.db, asked(talk.db)[0].id or 0, talk.practice.id or 0, actor_of(nurse))
    back_up(talk.db, tmp_path / "backup.db")
    with talk.db.write() as session:
        session.delete(session.exec(select(GistReport)).one())
    restore(talk.db, tmp_path / "backup.db", CONSOLE, force=True, trusted=True)
    assert [row.text for row in asked(talk.db)] == [ENGLISH]
    assert len(talk.all(GistReport)) == 1
    three_months_on(talk.db, talk.settings)
    assert asked(talk.db)[0].text is None


def referred(talk: Conversation) -> Referral:
    talk.invited().says("1")
    talk.says(HEATER)
    talk.says("1")
    [referral] = talk.referrals
    return referral
