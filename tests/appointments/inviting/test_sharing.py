"""How free times are shared among those who need them: never twice, never more than there are, always the same."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.appointments.inviting.sharing import Counted, Waits, share
from bot.appointments.joint.choosing import Asked, FreeSlot, Picture, Place, SeenBy, Start, need_at, starts_of
from bot.interpreters.suiting import Busy, Candidate, first_failing
from tests.interpreters.making import a_candidate

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
STEP = timedelta(minutes=10)
UNTIL = NOW + timedelta(days=28)
SITE = Place(1, "MAIN", "Station Practice", "12 Station Road")
NURSE, DOCTOR = SeenBy(1, "NURSE", "Nina", "F"), SeenBy(2, "DOC", "Dan", "M")


def travel(one: int | None, other: int | None) -> int:
    return 0 if one == other else 20


def slots(count: int, *, of: SeenBy = NURSE, at: datetime = NINE, kept: str | None = None, first: int = 1) -> Any:
    return [
        FreeSlot(first + n, of.id * 10 + (kept is None), of.id, at + n * STEP, at + (n + 1) * STEP, kept)
        for n in range(count)
    ]


def a_picture(free: list[FreeSlot], *people: Candidate) -> Picture:
    clinicians = {each.id: each for each in (NURSE, DOCTOR)}
    ordered = sorted(free, key=lambda slot: (slot.starts, slot.id))
    return Picture(1, SITE, ordered, clinicians, people, travel, ())


def needs(language: str | None, people: int = 100, *, interpreted: bool = True, sex: str | None = None) -> Waits:
    asked = Asked(interpreted, interpreted, language, sex, None, "in-person", NOW)
    return Waits(f"{language}" if interpreted else "everybody", asked, people)


def others(people: int = 100, sex: str | None = None) -> Waits:
    return needs(None, people, interpreted=False, sex=sex)


def speaker(number: int, *languages: str, **changes: Any) -> Candidate:
    return a_candidate(id=number, code=f"INT{number}", languages=frozenset(languages), **changes)


def counts(counted: list[Counted]) -> dict[str, int]:
    return dict(Counter(time.key for time in counted))


def test_interpreted_people_come_first_and_what_is_left_is_for_others() -> None:
    picture = a_picture(slots(5), speaker(1, "ur"))
    assert counts(share(picture, [others(), needs("ur")], UNTIL)) == {"ur": 2, "everybody": 1}


def test_no_group_takes_more_than_it_has_people_while_others_could_use_it() -> None:
    picture = a_picture(slots(8), speaker(1, "ur"))
    assert counts(share(picture, [others(), needs("ur", 1)], UNTIL)) == {"ur": 1, "everybody": 6}
    assert counts(share(picture, [others(1), needs("ur", 1)], UNTIL)) == {"ur": 3, "everybody": 2}


def test_held_times_are_counted_before_open_ones() -> None:
    free = [*slots(2), *slots(2, at=NINE + timedelta(hours=2), kept="", first=10)]
    counted = share(a_picture(free, speaker(1, "ur")), [needs("ur", 1), others()], UNTIL)
    assert (counted[0].key, counted[0].slots) == ("ur", (10, 11))
    assert counts(counted) == {"ur": 1, "everybody": 2}


def test_times_held_for_a_language_are_for_nobody_else() -> None:
    picture = a_picture(slots(4, kept="ur"), speaker(1, "ur", "bn"))
    assert counts(share(picture, [needs("bn"), others(), needs("ur")], UNTIL)) == {"ur": 2}


def test_the_scarcest_language_comes_first_and_then_everybody_evenly() -> None:
    eleven = NINE + timedelta(hours=2)
    free = [*slots(4), *slots(4, at=eleven, first=10)]
    late = speaker(1, "bn", hours=((1, time(11), time(12)),))
    picture = a_picture(free, late, speaker(2, "ur"))
    counted = share(picture, [needs("ur"), needs("bn")], UNTIL)
    assert counted[0].key == "bn"
    assert counts(counted) == {"ur": 2, "bn": 2}


def test_times_are_shared_by_how_many_wait() -> None:
    picture = a_picture(slots(16), speaker(1, "ur", "bn"))
    assert counts(share(picture, [needs("ur", 30), needs("bn", 10)], UNTIL)) == {"ur": 6, "bn": 2}


def test_an_interpreter_is_in_one_place_at_a_time() -> None:
    free = [*slots(4), *slots(4, of=DOCTOR, first=10)]
    picture = a_picture(free, speaker(1, "ur", "bn"))
    assert sum(counts(share(picture, [needs("ur"), needs("bn")], UNTIL)).values()) == 2


def test_only_times_of_a_woman_are_counted_where_a_woman_is_promised() -> None:
    free = [*slots(2), *slots(6, of=DOCTOR, first=10)]
    picture = a_picture(free, speaker(1, "ur"))
    assert counts(share(picture, [needs("ur", sex="F"), others(sex="F")], UNTIL)) == {"ur": 1}


@pytest.mark.parametrize("language", [None, "so"])
def test_nothing_is_free_for_who_has_no_interpreter(language: str | None) -> None:
    assert share(a_picture(slots(6), speaker(1, "ur")), [needs(language)], UNTIL) == []


def test_what_starts_later_is_not_counted() -> None:
    assert counts(share(a_picture(slots(4)), [others()], NINE + STEP)) == {"everybody": 1}


_people = st.lists(
    st.tuples(
        st.sets(st.sampled_from(["ur", "bn", "so", "prs", "fa"]), min_size=1, max_size=2),
        st.sampled_from(["F", "M"]),
        st.integers(0, 3),
    ),
    max_size=3,
)


@st.composite
def a_world(draw: st.DrawFn, most: int = 5) -> tuple[Picture, list[Waits]]:
    free = []
    for number, clinician in enumerate((NURSE, DOCTOR)):
        for n in sorted(draw(st.sets(st.integers(0, 7), max_size=most))):
            kept = draw(st.sampled_from([None, None, "", "ur"]))
            starts = NINE + n * STEP
            free.append(FreeSlot(100 * number + n + 1, clinician.id, clinician.id, starts, starts + STEP, kept))
    people = [
        speaker(
            number,
            *languages,
            sex=sex,
            hours=((1, time(9), time(10, 20)),) if quirk != 1 else ((1, time(9), time(9, 30)),),
            busy=(Busy(NINE + 4 * STEP, NINE + 5 * STEP, 2, "in-person"),) if quirk == 2 else (),
        )
        for number, (languages, sex, quirk) in enumerate(draw(_people), start=1)
    ]
    sex = draw(st.sampled_from([None, "F"]))
    groups = [
        needs(language, draw(st.integers(0, 4)), sex=sex)
        for language in draw(st.lists(st.sampled_from(["ur", "bn", "prs"]), unique=True))
    ]
    return a_picture(free, *people), [*groups, others(draw(st.integers(0, 4)), sex)]


@given(a_world())
def test_nothing_is_counted_twice(world: tuple[Picture, list[Waits]]) -> None:
    picture, groups = world
    counted = share(picture, groups, UNTIL)
    used = [slot for time in counted for slot in time.slots]
    assert len(used) == len(set(used))
    busy = [(time.interpreter_id, cell) for time in counted if time.interpreter_id for cell in _cells(picture, time)]
    assert len(busy) == len(set(busy))


@given(a_world())
def test_the_same_is_counted_whatever_the_order_in_which_it_is_given(world: tuple[Picture, list[Waits]]) -> None:
    picture, groups = world
    assert share(picture, groups, UNTIL) == share(picture, list(reversed(groups)), UNTIL)


@given(a_world())
def test_every_time_suits_its_group(world: tuple[Picture, list[Waits]]) -> None:
    picture, groups = world
    asked = {group.key: group.asked for group in groups}
    people = {each.id: each for each in picture.candidates}
    for time_ in share(picture, groups, UNTIL):
        start = next(start for start in starts_of(picture, asked[time_.key]) if start.slots == time_.slots)
        if asked[time_.key].interpreted:
            need = need_at(picture, asked[time_.key], start)
            assert first_failing(need, people[time_.interpreter_id or 0], travel) is None


@given(a_world(most=3))
def test_never_more_than_there_could_be_at_most(world: tuple[Picture, list[Waits]]) -> None:
    picture, groups = world
    assert len(share(picture, groups, UNTIL)) <= _most(picture, groups)


def _cells(picture: Picture, counted: Counted) -> list[datetime]:
    return [slot.starts for slot in picture.slots if slot.id in counted.slots]


def _most(picture: Picture, groups: list[Waits]) -> int:
    """The most visits there can be at once, found by trying everything."""
    ways: list[tuple[Asked, Start]] = [
        (group.asked, start) for group in groups for start in starts_of(picture, group.asked)
    ]

    def best(at: int, used: frozenset[int], people: tuple[Candidate, ...]) -> int:
        if at == len(ways):
            return 0
        asked, start = ways[at]
        most = best(at + 1, used, people)
        if used.isdisjoint(start.slots):
            after = used.union(start.slots)
            if not asked.interpreted:
                return max(most, 1 + best(at + 1, after, people))
            for each in people:
                if first_failing(need_at(picture, asked, start), each, travel) is None:
                    most = max(most, 1 + best(at + 1, after, _with_visit(people, each, start)))
        return most

    return best(0, frozenset(), tuple(picture.candidates))


def _with_visit(people: tuple[Candidate, ...], one: Candidate, start: Start) -> tuple[Candidate, ...]:
    visit = Busy(start.first.starts, start.ends, SITE.id, "in-person")
    return tuple(
        Candidate(**(each.__dict__ | {"busy": (*each.busy, visit)})) if each is one else each for each in people
    )
