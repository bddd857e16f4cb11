"""Who wants the help and said so in words no machine took for a yes is asked once more, and answers for themselves."""

from collections.abc import Callable

import pytest

from bot.audit import CONSOLE
from bot.campaigns.asking_again import ASK_AGAIN
from bot.campaigns.batches import stop_campaign
from bot.conversations.actions import act_on
from bot.conversations.inbox import list_items
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.partners import ReferralState
from bot.tables.patients import PhoneStatus
from tests.applications import application, browser_of, form_token
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account, make_patient
from tests.messaging.helpers import change, opt_out

UNSURE = "haan lekin pehle mere shohar se poochna hai"


def item_of(talk: Conversation) -> int:
    with talk.db.read() as session:
        return list_items(session, talk.practice.id or 0)[-1].item.id or 0


def ask(talk: Conversation) -> None:
    act_on(talk.db, talk.settings, item_of(talk), talk.practice.id or 0, ASK_AGAIN, CONSOLE)
    talk.sent()


@pytest.fixture
def unsure(talk: Conversation) -> Conversation:
    talk.invited().says(UNSURE)
    return talk


def test_their_own_yes_to_the_question_asked_again_makes_the_referral(unsure: Conversation) -> None:
    ask(unsure)
    assert unsure.heard()[-1] == ("fuel-poverty-consent", "ur")
    assert unsure.referrals == []
    unsure.clock.shift(60)
    unsure.says("1")
    [referral] = unsure.referrals
    assert (referral.state, referral.said) == (ReferralState.SENT, UNSURE)
    assert unsure.answer() == "yes"


def test_the_page_offers_it_and_the_item_is_done(unsure: Conversation) -> None:
    lead = make_account(unsure.db, Role.LEAD, practice=unsure.practice)
    browser = browser_of(application(unsure.settings, unsure.db), lead)
    page = f"/inbox/{item_of(unsure)}"
    assert "Ask by text and mark as done" in browser.get(page).text
    form = {"csrf_token": form_token(browser)}
    assert browser.post(f"{page}/ask-again", data=form).headers["Location"].endswith("/inbox")
    assert "Ask by text" not in browser.get(page).text
    assert browser.post(f"{page}/ask-again", data=form).status_code == 409
    unsure.sent()
    assert [key for key, _ in unsure.heard()].count("fuel-poverty-consent") == 1


def refuse(talk: Conversation) -> None:
    opt_out(talk.db, talk.practice, talk.phone)


def share(talk: Conversation) -> None:
    make_patient(talk.db, talk.practice, phone=talk.phone)


def fail(talk: Conversation) -> None:
    change(talk.db, talk.patient, phone_status=PhoneStatus.FAILED)


def stop(talk: Conversation) -> None:
    stop_campaign(talk.db, talk.campaign.id or 0, CONSOLE)


def refer(talk: Conversation) -> None:
    ask(talk)
    talk.clock.shift(60)
    talk.says("1")
    talk.says("thank you, but when will they come?")


@pytest.mark.parametrize("what_happened", [refuse, share, fail, stop, refer])
def test_nobody_is_asked_again_who_is_referred_or_cannot_be_texted(
    unsure: Conversation, what_happened: Callable[[Conversation], None]
) -> None:
    what_happened(unsure)
    with pytest.raises(Refused) as refused:
        ask(unsure)
    assert refused.value.code == "nothing-to-ask"


def test_somebody_nobody_invited_is_asked_nothing(talk: Conversation) -> None:
    talk.says("when are you open")
    with pytest.raises(Refused):
        ask(talk)
