from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interpreters.suiting import Busy, Need, Rule, first_failing, static_failing, suit, works
from tests.interpreters.making import a_candidate

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
A_SITE, ANOTHER = 1, 2


def travel(one: int | None, other: int | None) -> int:
    if one is None or other is None:
        return 30
    return 0 if one == other else 25


def a_need(**changes: Any) -> Need:
    values: dict[str, Any] = {
        "language": "ckb",
        "sex": None,
        "mode": "in-person",
        "starts": THURSDAY,
        "ends": THURSDAY + timedelta(minutes=20),
        "site_id": A_SITE,
        "now": NOW,
    }
    return Need(**(values | changes))


def busy(after: int, minutes: int = 20, site: int | None = A_SITE, mode: str = "in-person") -> Busy:
    """Something that begins so many minutes after the visit does."""
    starts = THURSDAY + timedelta(minutes=after)
    return Busy(starts, starts + timedelta(minutes=minutes), site, mode)


@pytest.mark.parametrize(
    ("changes", "need", "rule"),
    [
        ({}, {}, None),
        ({"languages": frozenset({"kmr"})}, {}, Rule.LANGUAGE),
        ({"sex": "M"}, {}, None),
        ({"sex": "M"}, {"sex": "F"}, Rule.SEX),
        ({"sex": "U"}, {"sex": "F"}, Rule.SEX),
        ({"notice": {"telephone": 0}}, {}, Rule.MODE),
        ({"notice": {"telephone": 0}}, {"mode": "telephone"}, None),
        ({"notice": {"in-person": 49}}, {}, Rule.NOTICE),
        ({"notice": {"in-person": 48}}, {}, None),
        ({"hours": ((3, time(8), time(9, 59)),)}, {}, Rule.HOURS),
        ({"hours": ((3, time(9, 40), time(10)),)}, {}, None),
        ({"hours": ((2, time(8), time(18)),)}, {}, Rule.HOURS),
        ({"hours": ()}, {}, Rule.HOURS),
        ({"hours": ((3, time(9), time(9, 50)), (3, time(9, 50), time(12)))}, {}, Rule.HOURS),
        ({"away": ((THURSDAY - timedelta(days=1), THURSDAY + timedelta(minutes=5)),)}, {}, Rule.HOURS),
        ({"away": ((THURSDAY - timedelta(days=1), THURSDAY),)}, {}, None),
        ({"busy": (busy(10),)}, {}, Rule.HOURS),
        ({"busy": (busy(20), busy(-20))}, {}, None),
        ({"busy": (busy(20, site=ANOTHER),)}, {}, Rule.TRAVEL),
        ({"busy": (busy(-44, site=ANOTHER),)}, {}, Rule.TRAVEL),
        ({"busy": (busy(-45, site=ANOTHER), busy(45, site=ANOTHER))}, {}, None),
        ({"busy": (busy(45, site=None),)}, {}, Rule.TRAVEL),
        ({"busy": (busy(29, site=None, mode="telephone"),)}, {}, Rule.TRAVEL),
        ({"busy": (busy(30, site=None, mode="telephone"),)}, {}, None),
        ({"busy": (busy(20, site=None, mode="telephone"),)}, {"mode": "video"}, None),
        ({"busy": (busy(20, site=ANOTHER),)}, {"mode": "video"}, Rule.TRAVEL),
        ({"blocked": True}, {}, Rule.BLOCKED),
        ({"blocked": True, "hours": ()}, {}, Rule.HOURS),
        ({"linked": False}, {}, Rule.AGENCY),
        ({"linked": False, "blocked": True}, {}, Rule.BLOCKED),
        ({"linked": False, "sex": "M"}, {"sex": "F"}, Rule.SEX),
    ],
)
def test_the_first_rule_that_fails_is_said(changes: dict[str, Any], need: dict[str, Any], rule: Rule | None) -> None:
    assert first_failing(a_need(**need), a_candidate(**changes), travel) == rule


def test_what_no_other_time_would_mend_is_known_without_a_time() -> None:
    need = a_need(sex="F")
    assert static_failing(need, a_candidate(hours=(), busy=(busy(0),))) is None
    assert static_failing(need, a_candidate(hours=(), linked=False)) is Rule.AGENCY
    assert static_failing(need, a_candidate(hours=(), blocked=True)) is Rule.BLOCKED


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"code": "Z"}, {"languages": frozenset({"prs"})}),
        ({"code": "Z", "known": True}, {}),
        ({"code": "Z", "busy": (busy(60), busy(100))}, {}),
        ({"code": "Z", "busy": (busy(60, mode="telephone"),)}, {"busy": (busy(60, minutes=30, mode="telephone"),)}),
        ({"code": "A"}, {"code": "B"}),
        ({"code": "Z", "busy": (busy(-7 * 24 * 60),)}, {"busy": (busy(24 * 60),)}),
    ],
)
def test_the_better_one_is_asked_first(better: dict[str, Any], worse: dict[str, Any]) -> None:
    need = a_need(language="fa") if "languages" in worse else a_need()
    languages = {"languages": frozenset({"fa"})} if "languages" in worse else {}
    first, second = a_candidate(**(languages | better)), a_candidate(**worse)
    assert suit(need, [second, first], travel).suitable == (first, second)
    assert suit(need, [first, second], travel).chosen is first


def test_somebody_on_the_site_in_the_other_half_of_the_day_is_not_there_anyway() -> None:
    afternoon = a_candidate(code="A", busy=(busy(300),))
    idle = a_candidate(code="B")
    assert suit(a_need(), [afternoon, idle], travel).chosen is idle


def test_who_does_not_suit_is_told_apart_by_code_with_the_reason() -> None:
    found = suit(a_need(sex="F"), [a_candidate(code="A", sex="M"), a_candidate(code="B", linked=False)], travel)
    assert found.chosen is None
    assert found.why == {"A": Rule.SEX, "B": Rule.AGENCY}


def test_hours_go_by_the_clock_on_the_wall_on_both_sides_of_a_change() -> None:
    nine_to_ten = ((6, time(9), time(10)),)
    summer, winter = datetime(2026, 10, 18, 8, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)
    for start in (summer, winter):
        assert works(nine_to_ten, start, start + timedelta(hours=1))
        assert not works(nine_to_ten, start - timedelta(hours=1), start)


def test_a_time_over_midnight_is_in_no_hours() -> None:
    all_day = tuple((day, time(0), time(23, 59)) for day in range(7))
    late = datetime(2026, 11, 26, 23, 50, tzinfo=UTC)
    assert not works(all_day, late, late + timedelta(minutes=20))


def test_the_repeated_hour_counts_by_the_wall() -> None:
    night = ((6, time(1), time(2)),)
    twice = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 01:50 in summer time, until 01:10 in winter time
    assert works(night, twice, twice + timedelta(minutes=20))


someone = st.builds(
    lambda **changes: a_candidate(**changes),
    code=st.sampled_from("ABCDEFGH"),
    sex=st.sampled_from("FM"),
    known=st.booleans(),
    linked=st.booleans(),
    languages=st.sampled_from([frozenset({"ckb"}), frozenset({"fa", "ckb"}), frozenset({"fa"})]),
    busy=st.lists(st.builds(busy, st.integers(-600, 600), site=st.sampled_from([A_SITE, ANOTHER])), max_size=4),
)


@given(st.lists(someone, max_size=6, unique_by=lambda each: each.code), st.randoms())
def test_the_same_people_in_any_order_give_the_same_answer(people: list[Any], random: Any) -> None:
    shuffled = random.sample(people, len(people))
    one, other = suit(a_need(sex="F"), people, travel), suit(a_need(sex="F"), shuffled, travel)
    assert one.suitable == other.suitable
    assert one.why == other.why
    assert len(one.suitable) + len(one.why) == len(people)


def test_the_sex_that_is_preferred_comes_before_who_knows_the_person_and_keeps_nobody_out() -> None:
    known_man = a_candidate(code="A", sex="M", known=True)
    woman = a_candidate(code="B", sex="F")
    both = [known_man, woman]
    assert [each.code for each in suit(a_need(prefers="F"), both, travel).suitable] == ["B", "A"]
    assert [each.code for each in suit(a_need(), both, travel).suitable] == ["A", "B"]
    assert suit(a_need(prefers="F"), [known_man], travel).chosen == known_man


def test_a_language_that_fits_better_comes_before_the_sex_that_is_preferred() -> None:
    persian_woman = a_candidate(code="A", sex="F", languages=frozenset({"fa"}))
    dari_man = a_candidate(code="B", sex="M", languages=frozenset({"prs"}))
    assert suit(a_need(language="prs", prefers="F"), [persian_woman, dari_man], travel).chosen == dari_man
