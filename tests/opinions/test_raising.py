"""A second opinion raises, never lowers; red is what a red of the rules is, paged tells who is on duty and no more."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attention.reasons import in_short, why_it_is_here
from bot.audit import CONSOLE
from bot.conversations.inbox import finish_item
from bot.operations.deeds import DEEDS
from bot.opinions.head import LEAST_PRESSING_FIRST, raised_to
from bot.tables.messaging import OpenQuestion
from tests.conversations.conftest import Conversation, clock, talk
from tests.duty.conftest import FIRST, read_as
from tests.messaging.helpers import change, texts_to
from tests.opinions.conftest import Duty, Rounds, opinions

__all__ = ["clock", "read_as", "talk"]
RED, MAY = "red kettle", "kettle, may be"


def heard(duty: Duty) -> list[str | None]:
    return [text.text_key for text in texts_to(duty.db, duty.patient.phone or "")]


def cases(duty: Duty) -> list[tuple[str, str | None, bool]]:
    return [(item.reason, item.urgency, item.paged) for item in duty.items()]


@given(st.sampled_from(LEAST_PRESSING_FIRST), st.sampled_from((None, "paged", "red")))
def test_an_opinion_never_lowers(found: str | None, opinion: str | None) -> None:
    raised = raised_to(found, opinion)
    pressing = LEAST_PRESSING_FIRST.index
    assert raised in (None, opinion)
    assert pressing(raised or found) == max(pressing(found), pressing(opinion))
    assert raised is None or pressing(raised) > pressing(found)


def test_a_red_one_makes_what_a_red_of_the_rules_makes(duty: Duty, read_all: Rounds) -> None:
    duty.on_duty(FIRST)
    duty.says(RED)
    answered = heard(duty)
    assert duty.told() == []
    read_all()
    assert cases(duty) == [("not-understood", None, False), ("second-opinion", "red", False)]
    texts = texts_to(duty.db, duty.patient.phone or "")
    assert [(text.text_key, text.language) for text in texts[len(answered) :]] == [
        ("emergency", "so"),
        ("emergency", "en"),
    ]
    [told] = duty.told()
    assert f"case {duty.items()[1].id} cannot wait" in told
    assert why_it_is_here(duty.items()[1]).startswith("A computer's second opinion: this may be an emergency")
    assert in_short(duty.items()[1]) == "Second opinion: may be urgent"
    [deed] = duty.deeds("opinion-raised")
    assert (deed.detail, deed.practice_id) == ({"level": "red"}, duty.practice.id)
    assert "opinion-raised" in DEEDS


def test_who_is_on_duty_is_told_of_it_once(duty: Duty, read_all: Rounds) -> None:
    duty.on_duty(FIRST)
    duty.says(RED)
    read_all()
    read_all()
    assert duty.sent().later(seconds=10) == 0
    assert len(duty.told()) == 1
    assert duty.later(minutes=10) == 1, "and again, as nobody has taken it"


def test_a_paged_one_tells_who_is_on_duty_and_sends_the_person_nothing(duty: Duty, read_all: Rounds) -> None:
    duty.on_duty(FIRST)
    duty.says(MAY)
    answered = heard(duty)
    read_all()
    assert cases(duty) == [("not-understood", None, False), ("second-opinion", "amber", True)]
    assert heard(duty) == answered
    assert len(duty.told()) == 1
    assert "no 999 text has gone" in why_it_is_here(duty.items()[1])


def test_what_is_paged_already_is_paged_once(duty: Duty, read_all: Rounds, read_as: Any) -> None:
    duty.on_duty(FIRST)
    read_as(urgent="amber", paged=True)
    duty.says(MAY)
    read_all()
    assert cases(duty) == [("urgent", "amber", True)]
    assert len(duty.told()) == 1
    assert [opinion.raised for opinion in opinions(duty.db)] == [None]


@pytest.mark.parametrize("paged", [False, True])
def test_amber_becomes_red(duty: Duty, read_all: Rounds, read_as: Any, paged: bool) -> None:
    duty.on_duty(FIRST)
    read_as(urgent="amber", paged=paged)
    duty.says(RED)
    read_all()
    assert cases(duty) == [("urgent", "amber", paged), ("second-opinion", "red", False)]
    assert heard(duty).count("emergency") == 2
    assert f"case {duty.items()[1].id} " in duty.told()[-1]


def test_of_plain_amber_a_paged_one_tells_who_is_on_duty(duty: Duty, read_all: Rounds, read_as: Any) -> None:
    duty.on_duty(FIRST)
    read_as(urgent="amber")
    duty.says(MAY)
    assert duty.told() == []
    read_all()
    assert cases(duty) == [("urgent", "amber", False), ("second-opinion", "amber", True)]
    assert len(duty.told()) == 1


def test_harm_by_another_sends_no_999_text_where_the_practice_does_not_let_it(duty: Duty, read_all: Rounds) -> None:
    duty.on_duty(FIRST)
    duty.says("red kettle, harm")
    answered = heard(duty)
    read_all()
    assert cases(duty)[-1] == ("second-opinion-harm", "red", False)
    assert heard(duty) == answered
    assert len(duty.told()) == 1
    assert "Ask first whether they can talk" in why_it_is_here(duty.items()[-1])
    change(duty.db, duty.practice, text_999_if_harmed=True)
    duty.clock.shift(60)
    duty.says("red kettle, harm")
    read_all()
    assert heard(duty).count("emergency") == 2


def test_the_999_text_goes_once_in_half_an_hour(duty: Duty, read_all: Rounds) -> None:
    for _ in range(2):
        duty.says(RED)
        read_all()
    assert heard(duty).count("emergency") == 2, "in two languages, once"


def test_what_staff_had_done_with_comes_back(duty: Duty, read_all: Rounds) -> None:
    duty.says(MAY)
    finish_item(duty.db, duty.items()[0].id or 0, duty.practice.id or 0, CONSOLE)
    read_all()
    assert [(item.reason, item.state) for item in duty.items()] == [
        ("not-understood", "done"),
        ("second-opinion", "open"),
    ]


def test_a_yes_that_was_taken_in_the_request_stays(talk: Conversation, read_all: Rounds) -> None:
    talk.invited()
    talk.says("yes, kettle may be")
    before = (talk.answer(), talk.states())
    read_all()
    assert (talk.answer(), talk.states()) == before


def test_after_a_red_one_no_machine_asks_on(talk: Conversation, read_all: Rounds) -> None:
    talk.invited()
    talk.says(RED)
    read_all()
    assert {question.state for question in talk.all(OpenQuestion)} == {"answered"}
    assert talk.answer() == "urgent"
