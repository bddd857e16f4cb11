"""Who is on duty: the latest beginning that is not after now."""

from datetime import timedelta

import pytest

from bot.audit import CONSOLE, Actor
from bot.clock import utc_now
from bot.duty.figures import nobody_on_duty
from bot.duty.rota import end_duty, phones_to_tell, practices_without, put_on_duty, rota_of
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from tests.duty.conftest import FIRST, NEXT, Duty
from tests.factories import make_account, make_patient, make_practice, text_in
from tests.messaging.helpers import texts_to

THIRD = "+447700900993"


def told_now(duty: Duty) -> list[str]:
    with duty.db.read() as session:
        return phones_to_tell(session, [duty.practice.id or 0], utc_now()).get(duty.practice.id or 0, [])


def test_the_latest_beginning_counts_and_the_turn_before_it_comes_next(duty: Duty) -> None:
    duty.on_duty(THIRD, ago=timedelta(days=2)).on_duty(NEXT, ago=timedelta(days=1)).on_duty(FIRST)
    duty.on_duty("+447700900994", ago=timedelta(hours=-1))
    assert told_now(duty) == [FIRST, NEXT]
    duty.clock.shift(timedelta(hours=2))
    assert told_now(duty) == ["+447700900994", FIRST]


def test_of_one_time_whoever_was_entered_first_is_first(duty: Duty) -> None:
    duty.on_duty(NEXT, FIRST)
    assert told_now(duty) == [NEXT, FIRST]
    with duty.db.read() as session:
        lines = rota_of(session, duty.practice.id or 0, utc_now())
    assert [(line.entry.phone, line.now, line.place) for line in lines] == [(NEXT, True, 1), (FIRST, True, 2)]


def test_a_phone_that_comes_again_is_told_for_the_latest_turn_alone(duty: Duty) -> None:
    duty.on_duty(FIRST, ago=timedelta(days=9)).on_duty(NEXT, ago=timedelta(days=1)).on_duty(FIRST)
    with duty.db.read() as session:
        lines = rota_of(session, duty.practice.id or 0, utc_now())
    assert [line.place for line in lines] == [1, 2, None]


def test_the_same_again_changes_nothing(duty: Duty) -> None:
    duty.on_duty(FIRST).on_duty(FIRST)
    assert (told_now(duty), len(duty.deeds("duty-set"))) == ([FIRST], 1)


def test_who_is_taken_out_makes_room_for_who_was_before(duty: Duty) -> None:
    duty.on_duty(NEXT, ago=timedelta(days=1)).on_duty(FIRST)
    assert end_duty(duty.db, duty.settings, "STATION", "07700 900991", None, CONSOLE) == 1
    assert told_now(duty) == [NEXT]
    with pytest.raises(Refused, match="not in the rota"):
        end_duty(duty.db, duty.settings, "STATION", FIRST, None, CONSOLE)


@pytest.mark.parametrize("phone", ["01632 960100", "+33612345678", "soon", ""])
def test_only_a_mobile_of_the_uk_is_put_on_duty(duty: Duty, phone: str) -> None:
    with pytest.raises(Refused) as refused:
        put_on_duty(duty.db, duty.settings, "STATION", phone, utc_now(), CONSOLE)
    assert refused.value.code == "bad-phone"


@pytest.mark.parametrize("role", [Role.PRACTICE, Role.LEAD])
def test_the_lead_of_the_practice_puts_on_duty_and_nobody_else(duty: Duty, role: Role) -> None:
    account = make_account(duty.db, role, practice=duty.practice)
    other = make_account(duty.db, Role.LEAD, practice=make_practice(duty.db, "BRIDGE"))
    for who, may in ((account, role == Role.LEAD), (other, False)):
        actor: Actor = actor_of(who)
        if may:
            put_on_duty(duty.db, duty.settings, "STATION", FIRST, utc_now(), actor)
            continue
        with pytest.raises(Refused) as refused:
            put_on_duty(duty.db, duty.settings, "STATION", FIRST, utc_now(), actor)
        assert refused.value.code == "not-allowed"


def test_practices_with_nobody_on_duty_are_counted_and_not_named(duty: Duty) -> None:
    make_practice(duty.db, "BRIDGE")
    with duty.db.read() as session:
        [note] = nobody_on_duty(session, duty.settings)
    assert note.line == "2 practices have nobody on duty who can be told by text."
    duty.on_duty(FIRST)
    with duty.db.read() as session:
        assert practices_without(session, utc_now()) == 1


# What a phone on duty writes.


def reasons(duty: Duty) -> list[tuple[str, str | None]]:
    return [(item.reason, item.urgency) for item in duty.items()]


def test_an_answer_from_a_phone_on_duty_goes_to_staff_and_is_no_answer_of_a_patient(duty: Duty) -> None:
    duty.on_duty(FIRST)
    text_in(duty.db, duty.settings, FIRST, "ok on it")
    text_in(duty.db, duty.settings, FIRST, "phoned her about the chest pain")
    assert reasons(duty) == [("from-duty", None), ("from-duty", "amber")]
    assert texts_to(duty.db, FIRST) == []


def test_a_stop_from_a_phone_on_duty_tells_the_practice_and_nobody_is_told_there_any_more(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.clock.shift(60)
    text_in(duty.db, duty.settings, FIRST, "STOP please")
    assert reasons(duty) == [("duty-stopped", "amber")]
    assert told_now(duty) == []
    duty.says()
    assert duty.told() == []


def test_a_phone_that_wants_no_texts_at_all_is_not_put_on_duty(duty: Duty) -> None:
    text_in(duty.db, duty.settings, FIRST, "STOPALL")
    with pytest.raises(Refused) as refused:
        put_on_duty(duty.db, duty.settings, "STATION", FIRST, utc_now(), CONSOLE)
    assert refused.value.code == "opted-out"


def test_who_wants_no_invitations_and_is_put_on_duty_later_is_told(duty: Duty) -> None:
    make_patient(duty.db, duty.practice, phone=FIRST)
    text_in(duty.db, duty.settings, FIRST, "0")
    duty.clock.shift(60)
    put_on_duty(duty.db, duty.settings, "STATION", FIRST, utc_now(), CONSOLE)
    assert told_now(duty) == [FIRST]


def test_a_patient_who_is_on_duty_too_is_heard_as_a_patient(duty: Duty) -> None:
    duty.on_duty(FIRST)
    make_patient(duty.db, duty.practice, phone=FIRST)
    text_in(duty.db, duty.settings, FIRST, "chest pain")
    with duty.db.read() as session:
        assert session.get_one(InboxItem, 1).urgency == "red"
