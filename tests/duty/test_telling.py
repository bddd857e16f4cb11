"""The person on duty is told of what cannot wait: at once, again, then the next; once for each time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.attention.escalation import escalate_unopened, mark_seen
from bot.audit import CONSOLE, Actor
from bot.conversations.handling import reopen_item
from bot.conversations.inbox import finish_item
from bot.database import Database
from bot.duty.rota import put_on_duty
from bot.duty.telling import MOST_TOLD, tell_duty
from bot.messaging.twilio.gateway import Outcome
from bot.tables.attention import DutyClock
from bot.tables.messaging import State
from tests.duty.conftest import CHEST_PAIN, FIRST, NEXT, Duty
from tests.messaging.helpers import change, claim, end, texts_to, with_changes

SOMALI = "haa laakin feera xanuun baan hayaa and cant breathe since morning"


def test_chest_pain_in_the_evening_as_the_practice_lives_it(duty: Duty) -> None:
    duty.on_duty(FIRST, NEXT)
    duty.says(SOMALI)
    assert [text.language for text in texts_to(duty.db, duty.patient.phone or "")] == ["so", "en"]
    [case] = duty.items()
    assert (case.reason, case.urgency) == ("urgent", "red")
    assert duty.told() == [
        f"Station Practice: case {case.id} cannot wait. Sign in, open it in the inbox and phone the person now."
    ]
    duty.sent()
    assert duty.later(minutes=9) == 0
    assert duty.later(minutes=1) == 1
    assert f"nobody has opened case {case.id} yet" in duty.told()[1]
    escalate_unopened(duty.db, duty.settings)
    assert len(duty.deeds("urgent-not-opened")) == 0
    duty.sent()
    assert duty.later(minutes=10) == 1
    assert (len(duty.told()), len(duty.told(NEXT))) == (2, 1)
    escalate_unopened(duty.db, duty.settings)
    assert len(duty.deeds("urgent-not-opened")) == 1
    mark_seen(duty.db, [case.id or 0], duty.practice.id or 0, Actor(None, "lead:1"))
    assert duty.later(minutes=30) == 0
    assert [entry.detail["time"] for entry in duty.deeds("duty-told")] == [1, 2, 3]


def test_the_text_goes_at_any_hour_and_says_nothing_of_the_person(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.clock.shift(timedelta(hours=7))  # at three in the morning
    duty.says()
    duty.sent()
    [text] = texts_to(duty.db, FIRST)
    assert (text.kind, text.language, text.state, text.patient_id) == ("alert", "en", State.ACCEPTED, None)
    person = duty.patient
    for word in (person.surname, person.given_name, person.phone, person.nhs_number, "chest", "breathe", "Somali"):
        assert str(word) not in text.body


def test_a_setting_says_after_how_long_they_are_told_again(duty: Duty) -> None:
    duty.settings = duty.settings.model_copy(update={"duty_again": timedelta(seconds=90)})
    duty.on_duty(FIRST)
    duty.says()
    duty.sent()
    assert duty.later(seconds=89) == 0
    assert duty.later(seconds=1) == 1


def test_each_is_told_twice_and_then_it_begins_again(duty: Duty) -> None:
    duty.on_duty(FIRST, NEXT)
    duty.says()
    for _ in range(MOST_TOLD + 3):
        duty.sent()
        duty.later(minutes=10)
    assert (len(duty.told()), len(duty.told(NEXT))) == (6, 6)
    assert [entry.detail for entry in duty.deeds("duty-given-up")] == [{"texts": MOST_TOLD}]


def test_who_was_on_duty_before_is_the_next_where_one_is_alone(duty: Duty) -> None:
    duty.on_duty(NEXT, ago=timedelta(days=1)).on_duty(FIRST)
    duty.says()
    for _ in range(2):
        duty.sent()
        duty.later(minutes=10)
    assert (len(duty.told()), len(duty.told(NEXT))) == (2, 1)


def test_who_comes_on_duty_meanwhile_is_told_next(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says()
    duty.sent()
    put_on_duty(duty.db, duty.settings, "STATION", NEXT, duty.items()[0].opened_at + timedelta(minutes=5), CONSOLE)
    duty.later(minutes=10)
    assert (len(duty.told()), len(duty.told(NEXT))) == (1, 1)


@pytest.mark.parametrize("how", ["opened", "done", "done and opened again"])
def test_a_case_that_somebody_took_is_told_no_more(duty: Duty, how: str) -> None:
    duty.on_duty(FIRST)
    duty.says()
    duty.sent()
    case = duty.items()[0].id or 0
    if how == "opened":
        mark_seen(duty.db, [case], duty.practice.id or 0, CONSOLE)
    else:
        finish_item(duty.db, case, duty.practice.id, CONSOLE)
    assert duty.later(minutes=10) == 0
    if how == "done and opened again":
        reopen_item(duty.db, case, CONSOLE)
    assert duty.later(minutes=10) == 0
    with duty.db.read() as session:
        assert session.exec(select(DutyClock)).all() == []


def test_with_nobody_on_duty_it_is_written_down_and_told_as_soon_as_somebody_is(duty: Duty) -> None:
    duty.says()
    assert len(duty.deeds("duty-nobody")) == 1
    assert duty.later(minutes=30) == 0
    duty.on_duty(FIRST)
    assert duty.later(seconds=10) == 1


def test_a_second_text_of_danger_from_the_same_phone_is_part_of_what_they_were_told(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says()
    duty.clock.shift(60)
    duty.says("please help, chest pain")
    assert len(duty.told()) == 1
    duty.sent()
    assert duty.later(minutes=10) == 1
    finish_item(duty.db, duty.items()[0].id or 0, duty.practice.id, CONSOLE)
    duty.sent()
    assert duty.later(minutes=10) == 1
    assert str(duty.items()[1].id) in duty.told()[-1]


def test_people_of_two_phones_are_two_cases(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says()
    duty.says(phone="+447700900777")
    assert len(duty.told()) == 2


def test_amber_that_is_paged_has_the_same_clock_and_sends_no_999(duty: Duty, read_as: Any) -> None:
    read_as(urgent="amber", paged=True, concepts=("chest", "pain"))
    duty.on_duty(FIRST)
    duty.says()
    assert [text.text_key for text in texts_to(duty.db, duty.patient.phone or "")] == ["person-will-read"]
    assert len(duty.told()) == 1
    duty.sent()
    assert duty.later(minutes=11) == 1
    assert escalate_unopened(duty.db, duty.settings) == 1
    [case] = duty.items()
    assert (case.urgency, case.paged, case.concepts) == ("amber", True, ["chest", "pain"])


def test_a_red_text_after_a_paged_one_is_told_at_once(duty: Duty, read_as: Any) -> None:
    duty.on_duty(FIRST)
    read_as(urgent="amber", paged=True)
    duty.says("not well")
    read_as(urgent="red", paged=False)
    duty.says()
    assert len(duty.told()) == 2


def test_plain_amber_tells_nobody(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says("No chest pain thanks")
    assert [item.urgency for item in duty.items()] == ["amber"]
    assert (duty.told(), duty.later(hours=1)) == ([], 0)


def test_a_999_text_that_did_not_arrive_is_told(duty: Duty) -> None:
    duty.says()
    case = duty.items()[0]
    for claimed in claim(duty.db, duty.settings):
        end(duty.db, claimed, Outcome.REFUSED, error_code=30005)
    finish_item(duty.db, case.id or 0, duty.practice.id, CONSOLE)
    duty.on_duty(FIRST)
    assert duty.later(seconds=10) == 1
    failed = [item.id for item in duty.items() if item.reason == "emergency-text-failed"]
    assert f"case {failed[0]} " in duty.told()[0]


def test_a_text_that_does_not_arrive_goes_to_the_next_at_once(duty: Duty) -> None:
    duty.on_duty(FIRST, NEXT)
    duty.says()
    duty.sent()
    change(duty.db, texts_to(duty.db, FIRST)[0], state=State.UNDELIVERED)
    assert duty.later(seconds=10) == 1
    assert len(duty.told(NEXT)) == 1


def test_a_text_that_does_not_arrive_is_not_tried_on_the_same_phone_before_its_time(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says()
    duty.sent()
    change(duty.db, texts_to(duty.db, FIRST)[0], state=State.UNDELIVERED)
    assert duty.later(seconds=10) == 0
    assert duty.later(minutes=10) == 1


def test_no_second_text_is_queued_while_the_first_has_not_gone(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says()
    assert duty.later(minutes=10) == 0
    duty.sent()
    assert duty.later(minutes=10) == 1


def test_many_clocks_at_once_queue_one_text(duty: Duty) -> None:
    duty.says()
    duty.on_duty(FIRST)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: tell_duty(duty.db, duty.settings), range(8)))
    assert (sum(told), len(duty.told())) == (1, 1)


def test_what_was_cut_off_is_told_once_later(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    duty.says()
    duty.on_duty(FIRST)

    def cut_off(*_given: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bot.duty.telling.record", cut_off)
        with pytest.raises(KeyboardInterrupt):
            tell_duty(duty.db, duty.settings)
    assert duty.told() == []
    assert (tell_duty(duty.db, duty.settings), tell_duty(duty.db, duty.settings)) == (1, 0)


def test_in_live_nothing_goes_before_the_wording_is_approved(duty: Duty) -> None:
    duty.on_duty(FIRST)
    live = {"mode": "live", "twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": "+441632960001"}
    duty.settings = with_changes(duty.settings, **live, public_url="https://texts.example.org")
    duty.says(CHEST_PAIN)
    assert duty.told() == []
    assert duty.later(minutes=10) == 0


def test_harm_by_somebody_sends_nothing_to_that_phone_until_the_practice_lets_it(
    duty: Duty, db: Database, read_as: Any
) -> None:
    read_as(by_another=True, concepts=("relative", "hit"))
    duty.on_duty(FIRST)
    duty.says("my husband beats me")
    assert texts_to(db, duty.patient.phone or "") == []
    assert len(duty.told()) == 1
    assert [(item.reason, item.urgency) for item in duty.items()] == [("harm", "red")]
    with db.write() as session:
        practice = session.get_one(type(duty.practice), duty.practice.id)
        practice.text_999_if_harmed = True
        session.add(practice)
    duty.says("my husband beats me")
    assert {text.text_key for text in texts_to(db, duty.patient.phone or "")} == {"emergency"}
