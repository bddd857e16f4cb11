"""Who wants no more texts reads which ones stop: those about help and services, or all of them."""

import pytest

from bot.conversations.safety import RECEIPTS
from bot.tables.patients import OptOutScope
from bot.texts.check import ALL_LANGUAGES
from tests.conversations.conftest import Conversation
from tests.messaging.helpers import approve, inbox, with_changes


@pytest.fixture
def ours(talk: Conversation) -> Conversation:
    """A practice whose account leaves every STOP to us."""
    return Conversation(**(vars(talk) | {"settings": with_changes(talk.settings, twilio_opt_out="ours")}))


@pytest.fixture
def earnest(ours: Conversation) -> Conversation:
    live = {"mode": "live", "twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+441632960001"}
    settings = with_changes(ours.settings, **live, public_url="https://texts.example.org")
    return Conversation(**(vars(ours) | {"settings": settings}))


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
@pytest.mark.parametrize(
    ("body", "scope"),
    [("0", OptOutScope.OUTREACH), ("STOP", OptOutScope.OUTREACH), ("STOPALL", OptOutScope.ALL)],
)
def test_the_receipt_says_in_the_persons_language_what_they_get_no_more(
    ours: Conversation, tag: str, body: str, scope: OptOutScope
) -> None:
    person = ours.person(language=tag)
    person.says(body)
    assert [opt_out.scope for opt_out in person.opt_outs] == [scope]
    assert person.heard() == [(RECEIPTS[scope], tag)]
    assert "START" in person.last().body


def test_what_twilio_confirmed_itself_is_not_confirmed_again(talk: Conversation) -> None:
    talk.says("STOPALL")
    assert [opt_out.scope for opt_out in talk.opt_outs] == [OptOutScope.ALL]
    assert talk.heard() == []


def test_in_live_the_receipt_of_before_goes_where_the_new_one_is_not_approved_yet(earnest: Conversation) -> None:
    approve(earnest.db, "opt-out-receipt")
    earnest.says("STOPALL")
    assert earnest.heard() == [("opt-out-receipt", "en")]
    assert inbox(earnest.db) == []


@pytest.mark.parametrize("tags", [("en",), ("ur",), ("en", "ur")])
def test_in_live_the_receipt_of_its_own_goes_once_it_may(earnest: Conversation, tags: tuple[str, ...]) -> None:
    approve(earnest.db, "opt-out-receipt", tag="ur")
    approve(earnest.db, "opt-out-receipt")
    for tag in tags:
        approve(earnest.db, "opt-out-receipt-all", tag=tag)
    earnest.says("STOPALL")
    assert earnest.heard() == [("opt-out-receipt-all", tags[-1])]


def test_in_live_a_stop_that_nothing_may_confirm_is_a_matter_for_staff(earnest: Conversation) -> None:
    earnest.says("STOPALL")
    assert earnest.heard() == []
    assert inbox(earnest.db) == ["wording-not-approved"]
    assert [opt_out.scope for opt_out in earnest.opt_outs] == [OptOutScope.ALL]
