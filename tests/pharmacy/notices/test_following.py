"""A notice stands where its text stands; who has not collected is reminded, twice at most."""

from datetime import timedelta

import pytest

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.notices.following import follow_texts
from bot.pharmacy.notices.reminding import remind_to_collect
from bot.pharmacy.notices.retention import forget_old_notices
from bot.pharmacy.organising.links import end_link
from bot.tables.messaging import Message, State
from tests.messaging.helpers import change, opt_out, rows
from tests.pharmacy.notices.world import Town

STATES = {
    State.QUEUED: "queued",
    State.HELD: "queued",
    State.SENDING: "queued",
    State.UNCERTAIN: "queued",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.DELIVERED: "delivered",
    State.UNDELIVERED: "failed",
    State.FAILED: "failed",
    State.CANCELLED: "not-texted",
}


@pytest.mark.parametrize(("text", "state"), STATES.items())
def test_the_state_is_that_of_the_text_at_once_and_after_the_job(town: Town, text: str, state: str) -> None:
    notice = town.says()
    change(town.db, town.texts()[0], state=text)
    assert town.stands(notice)["state"] == state
    follow_texts(town.db, town.settings)
    assert town.fresh(notice).state == state
    assert follow_texts(town.db, town.settings) == 0


def test_a_text_that_its_claim_keeps_back_is_a_call_instead_where_they_were_texted_before(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    notice = town.says("problem", reason="please-phone")
    change(town.db, town.person, texting_refused=True)
    town.later(minutes=1)
    assert (town.stands(notice)["state"], town.stands(notice)["why_none"]) == ("not-texted", "call-instead")


@pytest.fixture
def says_collected(town: Town) -> Town:
    """The pharmacy is known to say what was collected."""
    town.says("collected", town.somebody())
    return town


def remind(town: Town, **time: float) -> list[str | None]:
    """The texts to the person after that time."""
    town.later(**time)
    remind_to_collect(town.db, town.settings)
    remind_to_collect(town.db, town.settings)
    return town.later(minutes=1).said()


def test_nothing_goes_once_the_practice_does_not_work_with_the_pharmacy_any_more(town: Town) -> None:
    notice = town.says()
    end_link(town.db, town.pharmacy.code, town.practice.code, CONSOLE)
    town.later(minutes=1)
    assert town.said() == []
    assert town.stands(notice)["why_none"] == "no-text-possible"


def test_who_has_not_collected_is_reminded_after_three_and_seven_days(says_collected: Town) -> None:
    says_collected.says()
    says_collected.later(minutes=1)
    texts = [remind(says_collected, days=days).count("pharmacy-reminder") for days in (2, 1, 1, 3, 2, 7)]
    assert texts == [0, 1, 1, 2, 2, 2]


def test_a_reminder_asks_as_the_notice_did(says_collected: Town) -> None:
    notice = says_collected.says()
    says_collected.later(minutes=1)
    assert remind(says_collected, days=3)[-1] == "pharmacy-reminder"
    says_collected.writes("2")
    assert says_collected.fresh(notice).answer == "somebody-else"


@pytest.mark.parametrize("ends", ["collected", "problem", "phone-me", "opted out", "dead"])
def test_what_ends_it_ends_reminders(says_collected: Town, ends: str) -> None:
    town = says_collected
    town.says()
    town.later(minutes=1)
    if ends == "phone-me":
        town.writes("5")
    elif ends == "opted out":
        opt_out(town.db, town.practice, town.person.phone, "all")
    elif ends == "dead":
        change(town.db, town.person, deceased=True)
    else:
        town.says(ends, reason="please-phone" if ends == "problem" else None)
    assert "pharmacy-reminder" not in remind(town, days=3)


def test_a_reminder_that_waits_does_not_go_once_it_is_collected(says_collected: Town) -> None:
    says_collected.says()
    says_collected.later(minutes=1)
    says_collected.clock.shift(timedelta(days=3))
    assert remind_to_collect(says_collected.db, says_collected.settings) == 1
    says_collected.says("collected")
    assert "pharmacy-reminder" not in says_collected.later(minutes=1).said()


def test_a_pharmacy_that_never_says_what_was_collected_reminds_nobody(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    assert "pharmacy-reminder" not in remind(town, days=3)


def test_notices_of_long_ago_are_erased_and_their_texts_outlive_them(town: Town) -> None:
    town.says()
    town.says()
    town.later(days=91)
    forgotten = forget_old_notices(town.db, town.settings) + forget_old_notices(town.db, town.settings)
    assert (forgotten, town.notices()) == (2, [])
    with town.db.read() as session:
        assert len(rows(session, Message)) == 1
    assert utc_now().year == 2027
