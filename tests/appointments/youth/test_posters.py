"""Posters: made of free times of a clinic for young people, with a code by chance, printed, and ended."""

import re
from collections.abc import Callable

import pytest

from bot.appointments.youth import posters as of_posters
from bot.appointments.youth.codes import new_poster_code
from bot.appointments.youth.poster_commands import posters
from bot.appointments.youth.posters import add_poster, end_poster, posters_of
from bot.audit import CONSOLE
from bot.patients.person_codes import SIGNS
from bot.refusals import Refused
from bot.tables.appointments import Poster
from tests.appointments.world import make_clinic, make_session
from tests.appointments.youth.walls import TIMES, Wall
from tests.messaging.helpers import london
from tests.organisations.conftest import Ask


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_code_has_four_signs_by_chance_without_look_alikes() -> None:
    codes = {new_poster_code() for _ in range(500)}
    assert len(codes) > 490
    assert all(re.fullmatch(f"YP-[{SIGNS}]{{4}}", code) for code in codes)


def test_a_code_is_never_given_twice(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    end_poster(wall.db, wall.code, CONSOLE)
    made = iter([wall.code, wall.code, "YP-2222"])
    monkeypatch.setattr(of_posters, "new_poster_code", lambda: next(made))
    assert add_poster(wall.db, wall.clinic.code, [london(TIMES[0])], CONSOLE).code == "YP-2222"


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ([], "no-times"),
        (["2026-11-28 10:05"], "not-free"),
        (["2026-11-27 10:00"], "not-free"),
        (["2026-11-21 10:00"], "not-free"),
        (["2026-11-28 10:00", "2026-11-28 10:00"], "time-twice"),
        ([f"2026-11-28 {10 + n // 6}:{n % 6}0" for n in range(10)], "too-many-times"),
    ],
)
def test_each_time_begins_a_free_time_to_come(wall: Wall, times: list[str], code: str) -> None:
    starts = [london(time) for time in times]
    assert code_of(lambda: add_poster(wall.db, wall.clinic.code, starts, CONSOLE)) == code


def test_a_time_that_is_booked_is_not_free(wall: Wall) -> None:
    wall.booked()
    assert code_of(lambda: add_poster(wall.db, wall.clinic.code, [london(TIMES[1])], CONSOLE)) == "not-free"


@pytest.mark.parametrize("purpose", ["general", "cervical"])
def test_only_a_clinic_for_young_people_has_posters(wall: Wall, purpose: str) -> None:
    clinic = make_clinic(wall.db, wall.practice, purpose=purpose)
    make_session(wall.db, clinic, None, "sat", "10:00", "12:00")
    assert code_of(lambda: add_poster(wall.db, clinic.code, [london(TIMES[0])], CONSOLE)) == "not-for-young-people"


def test_a_clinic_that_nobody_knows_is_said_so(wall: Wall) -> None:
    assert code_of(lambda: add_poster(wall.db, "NOWHERE", [london(TIMES[0])], CONSOLE)) == "unknown-clinic"


def test_posters_from_the_console(wall: Wall, ask: Ask) -> None:
    [made] = ask(posters, "add", "--clinic", "YOUTH-SAT", "--slots", "2026-11-28T11:10,2026-11-28T11:20")
    code = made["code"]
    assert made == {"code": code}
    assert re.fullmatch("YP-....", code)
    listed = {line["code"]: line for line in ask(posters, "list", "--practice", wall.practice.code)}
    assert set(listed) == {code, wall.code}
    assert listed[code]["times"] == [
        {"number": 1, "starts": "2026-11-28T11:10:00+00:00"},
        {"number": 2, "starts": "2026-11-28T11:20:00+00:00"},
    ]
    assert ask(posters, "end", code.lower()) == [{"code": code}]
    listed = {line["code"]: line for line in ask(posters, "list", "--practice", wall.practice.code)}
    assert (listed[code]["ended"] is None, listed[wall.code]["ended"]) == (False, None)


@pytest.mark.parametrize("slots", ["2026-11-28T10:05", "tomorrow", ""])
def test_what_the_console_refuses_says_what_to_do(wall: Wall, ask: Ask, slots: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(posters, "add", "--clinic", wall.clinic.code, "--slots", slots)
    assert "hoose" in str(refused.value.message) or "Write it as" in str(refused.value.message)


def test_a_poster_counts_what_was_booked_by_it(wall: Wall) -> None:
    wall.booked()
    with wall.db.read() as session:
        [shown] = posters_of(session, wall.practice.id or 0)
    assert shown.booked == 1


def test_the_link_opens_a_text_with_the_code_and_the_time(wall: Wall) -> None:
    with wall.db.read() as session:
        [shown] = posters_of(session, wall.practice.id or 0)
    assert shown.link(2) == f"sms:{shown.number}?&body={wall.code}%202"


def test_a_poster_that_ended_stays_known(wall: Wall) -> None:
    for _twice in range(2):
        end_poster(wall.db, wall.code, CONSOLE)
    with wall.db.read() as session:
        assert session.get_one(Poster, wall.code).ended_at is not None
    assert code_of(lambda: end_poster(wall.db, "YP-0000", CONSOLE)) == "unknown-poster"
