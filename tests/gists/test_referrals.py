"""What a partner reads of a person's own words: in English too, while the referral is theirs."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlmodel import select

from bot.audit import CONSOLE
from bot.partners.referring import withdraw_referral
from bot.partners.words import report_gist_of_referral
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.attention import InboxItem
from bot.tables.gists import GistReport
from bot.tables.partners import Referral, ReferralText
from tests.conversations.conftest import Conversation
from tests.factories import make_account, make_partner
from tests.gists.conftest import Browser
from tests.gists.helpers import HEATER, asked, items, translate

pytestmark = pytest.mark.usefixtures("urdu")
ENGLISH = "The heater at home is broken"


@pytest.fixture
def referral(talk: Conversation) -> Referral:
    """Somebody said yes, told why in Urdu, and said yes to sharing."""
    talk.invited().says("1")
    talk.says(HEATER)
    talk.says("1")
    [made] = talk.referrals
    return made


@pytest.fixture
def adviser(talk: Conversation, referral: Referral) -> UserAccount:
    return make_account(talk.db, Role.PARTNER, partner=talk.partner)


@pytest.fixture
def client(adviser: UserAccount, browser: Browser) -> FlaskClient:
    return browser(adviser)


def test_what_is_kept_in_a_referral_is_put_into_english(
    talk: Conversation, referral: Referral, client: FlaskClient
) -> None:
    assert referral.said == HEATER
    assert [row.source for row in asked(talk.db)] == [HEATER]
    page = client.get(f"/referrals/{referral.code}").text
    assert HEATER in page
    assert "English by computer is being made." in page
    translate(talk.db, ENGLISH)
    page = client.get(f"/referrals/{referral.code}").text
    assert page.index(HEATER) < page.index("English by computer, may be wrong") < page.index(ENGLISH)
    assert 'lang="ur"' in page


def test_words_that_nobody_had_to_read_before_are_asked_for_with_the_referral(talk: Conversation) -> None:
    talk.invited().says(f"جی ہاں {HEATER}")
    assert (items(talk.db), asked(talk.db)) == ([], [])
    talk.says("1")
    assert [row.source for row in asked(talk.db)] == [f"جی ہاں {HEATER}"]


def test_a_partner_may_say_that_it_is_wrong_and_the_practice_sees_it(
    talk: Conversation, referral: Referral, client: FlaskClient, browser: Browser
) -> None:
    translate(talk.db, ENGLISH)
    address = f"/referrals/{referral.code}/gists/{asked(talk.db)[0].id}"
    assert client.post(f"{address}/wrong").status_code == 303
    [report] = talk.all(GistReport)
    assert (report.practice_id, report.language) == (talk.practice.id, "ur")
    assert "You said that this English is wrong." in client.get(f"/referrals/{referral.code}").text
    with talk.db.read() as session:
        item_id = session.exec(select(InboxItem.id).where(InboxItem.message_id == asked(talk.db)[0].message_id)).first()
    nurse = browser(make_account(talk.db, Role.PRACTICE, practice=talk.practice))
    assert "A colleague says this English is wrong" in nurse.get(f"/inbox/{item_id}").text
    assert client.post(f"{address}/not-wrong").status_code == 303
    assert talk.all(GistReport) == []


def test_another_partner_reports_nothing(talk: Conversation, referral: Referral) -> None:
    translate(talk.db, ENGLISH)
    other = make_partner(talk.db, talk.practice, code="AGE")
    outsider = make_account(talk.db, Role.PARTNER, partner=other)
    number = asked(talk.db)[0].id or 0
    for partner in (other, talk.partner):
        with pytest.raises(Refused):
            report_gist_of_referral(talk.db, partner.id or 0, referral.code, number, actor_of(outsider))


def test_a_person_who_withdraws_takes_their_words_with_them(
    talk: Conversation, referral: Referral, adviser: UserAccount, client: FlaskClient
) -> None:
    translate(talk.db, ENGLISH)
    withdraw_referral(talk.db, talk.settings, referral.code, CONSOLE)
    page = client.get(f"/referrals/{referral.code}").text
    assert HEATER not in page
    assert ENGLISH not in page
    with pytest.raises(Refused, match="a referral you have open"):
        report_gist_of_referral(
            talk.db, talk.partner.id or 0, referral.code, asked(talk.db)[0].id or 0, actor_of(adviser)
        )


def test_a_referral_of_before_shows_what_it_keeps(talk: Conversation, referral: Referral, client: FlaskClient) -> None:
    with talk.db.write() as session:
        session.execute(delete(ReferralText))
    page = client.get(f"/referrals/{referral.code}").text
    assert HEATER in page
    assert "English by computer" not in page


def test_urgent_english_in_a_referral_comes_to_the_practice(talk: Conversation, referral: Referral) -> None:
    before = items(talk.db)
    translate(talk.db, "I have chest pain")
    after = items(talk.db)
    assert len(after) >= len(before)
    assert [urgency for _, urgency, state in after if state == "open" and urgency] == ["amber"]
