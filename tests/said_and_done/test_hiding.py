"""No number under 5 can be read or worked out: by adding, by knowing the rules, or by keeping an earlier page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.said_and_done.hiding import FEWEST, Figures, People, figures_of, figures_to_show

Atoms = tuple[int, ...]
"""People who were silent, people who answered and were not helped, and those helped by each kind of help."""
KINDS = "abcd"
REST = 2
"""The first two of them."""


def people(atoms: Sequence[int], not_reached: int = 0) -> People:
    silent, unhelped, *helped = atoms
    answered = unhelped + sum(helped)
    return People(silent + answered, answered, dict(zip(KINDS, helped, strict=False)), not_reached)


def page(figures: Figures) -> tuple[object, ...]:
    return figures.asked, figures.answered, figures.helped, figures.not_reached, tuple(figures.helped_with.items())


def ways(total: int, cells: int) -> Iterator[Atoms]:
    """Every way to share so many people among cells."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in ways(total - first, cells - 1))


def all_atoms(most: int, kinds: int) -> list[Atoms]:
    return [atoms for total in range(most + 1) for atoms in ways(total, 2 + kinds)]


def given_away(seen: Iterable[tuple[object, Atoms]]) -> list[tuple[object, int]]:
    """What somebody knows who has a page and the rules: numbers of 1 to 4 that are the same in all that fits the page.

    That everybody answered, or that nobody was helped, would be known of each of them; so there a nought counts, too.
    """
    fitting: dict[object, list[Atoms]] = defaultdict(list)
    for what, numbers in seen:
        fitting[what].append(numbers)
    return [
        (what, number[0])
        for what, possible in fitting.items()
        for place, number in enumerate(zip(*possible, strict=True))
        if len(set(number)) == 1 and (0 if place < REST else 1) <= number[0] < FEWEST
    ]


def with_sums(atoms: Atoms) -> Atoms:
    """The parts with the sums that are hidden at times, too."""
    return (*atoms, sum(atoms[1:]), sum(atoms[2:]))


def test_a_number_that_is_given_away_would_be_found() -> None:
    assert given_away([("page", (9, 9, 3)), ("page", (8, 10, 3))]) == [("page", 3)]
    assert given_away([("page", (0, 9, 5)), ("page", (0, 10, 4))]) == [("page", 0)]


@pytest.mark.parametrize(("kinds", "most"), [(1, 24), (2, 24), (3, 18), (4, 15)])
def test_whoever_knows_the_rules_cannot_tell_a_small_number_from_a_page(kinds: int, most: int) -> None:
    every = all_atoms(most, kinds)
    seen = [(page(figures), with_sums(atoms)) for atoms in every if (figures := figures_of(people(atoms))).asked]
    assert len(seen) > 1000
    assert given_away(seen) == []


@pytest.mark.parametrize(("kinds", "before", "after"), [(2, 14, 21), (3, 9, 14)])
def test_nor_from_the_kinds_of_help_of_two_pages(kinds: int, before: int, after: int) -> None:
    """Of whoever is helped, nobody is gone later; how many were not helped is no secret here."""
    earlier = [(10, 10, *helped) for total in range(FEWEST, before + 1) for helped in ways(total, kinds)]
    later = [(10, 10, *helped) for total in range(FEWEST, after + 1) for helped in ways(total, kinds)]
    assert given_away(two_pages(earlier, later)) == []


def test_nor_from_the_sums_of_two_pages() -> None:
    every = all_atoms(12, 1)
    assert given_away(two_pages(every, every)) == []


def two_pages(earlier: Iterable[Atoms], later: Sequence[Atoms]) -> Iterator[tuple[object, Atoms]]:
    """Every two pages that may follow one another, with all that was so behind them."""
    for old in earlier:
        first = figures_of(people(old))
        if first.asked is None:
            continue
        for new in later:
            if any(now < before for before, now in zip(old[2:], new[2:], strict=True)) or sum(new[1:]) < sum(old[1:]):
                continue
            second = figures_to_show(people(new), [first])
            if second is not None:
                yield (page(first), page(second)), (*with_sums(old), *with_sums(new))


counts = st.integers(0, 60)
campaigns = st.builds(people, st.tuples(*[counts] * 6), counts)


@given(campaigns)
def test_nothing_that_is_shown_is_under_5(counted: People) -> None:
    figures = figures_of(counted)
    sums = (figures.asked, figures.answered, figures.helped, figures.not_reached)
    assert all(number is None or number >= FEWEST for number in sums)
    shown = [number for number in figures.helped_with.values() if number is not None]
    assert all(number >= FEWEST or (number == 0 and not figures.hidden_kinds) for number in shown)


@given(campaigns)
def test_what_is_shown_is_true(counted: People) -> None:
    figures = figures_of(counted)
    assert figures.asked in (None, counted.asked)
    assert figures.answered in (None, counted.answered)
    assert figures.helped in (None, counted.helped)
    assert figures.not_reached in (None, counted.not_reached)
    assert all(number in (None, counted.helped_with[kind]) for kind, number in figures.helped_with.items())


@given(campaigns)
def test_no_rest_of_a_sum_is_under_5(counted: People) -> None:
    figures = figures_of(counted)
    sums = [number for number in (figures.asked, figures.answered, figures.helped) if number is not None]
    assert all(whole - part >= FEWEST for whole, part in pairwise(sums))
    if figures.hidden_kinds:
        rest = (figures.helped or 0) - sum(number or 0 for number in figures.helped_with.values())
        assert len(figures.hidden_kinds) > 1
        assert rest >= FEWEST


@given(st.lists(campaigns, min_size=1, max_size=5))
def test_a_kind_of_help_that_was_hidden_stays_hidden(counts: list[People]) -> None:
    shown: list[Figures] = []
    for counted in counts:
        later = figures_to_show(counted, shown)
        for earlier in shown if later else ():
            assert later is not None
            assert all(later.helped_with[kind] is None for kind in earlier.hidden_kinds)
        shown += [later] if later else []


@given(st.lists(campaigns, min_size=2, max_size=5))
def test_no_two_pages_differ_by_1_to_4_people(counts: list[People]) -> None:
    shown: list[Figures] = []
    for counted in counts:
        later = figures_to_show(counted, shown)
        shown += [later] if later else []
    for earlier, later in product(shown, shown):
        both = [(earlier.asked, later.asked), (earlier.answered, later.answered), (earlier.helped, later.helped)]
        both += [(earlier.helped_with[kind], later.helped_with[kind]) for kind in KINDS]
        differ = [abs(a - b) for a, b in both if a is not None and b is not None]
        assert all(number == 0 or number >= FEWEST for number in differ)


@pytest.mark.parametrize(
    ("atoms", "shown"),
    [
        ((1, 1, 1, 1), (None, None, None)),  # 4 people were asked
        ((5, 0, 0, 0), (5, None, None)),
        ((45, 5, 0, 0), (50, 5, None)),
        ((45, 1, 4, 0), (50, 5, None)),
        ((4, 20, 10, 5), (39, None, 15)),  # 4 were silent
        ((10, 4, 10, 5), (29, 19, None)),  # 4 answered and were not helped
        ((10, 5, 10, 5), (30, 20, 15)),
    ],
)
def test_a_sum_is_shown_when_it_and_its_rest_are_large_enough(
    atoms: Atoms, shown: tuple[int | None, int | None, int | None]
) -> None:
    figures = figures_of(people(atoms))
    assert (figures.asked, figures.answered, figures.helped) == shown


@pytest.mark.parametrize(
    ("helped", "shown"),
    [
        ((30, 12, 9, 7), (30, 12, 9, 7)),
        ((30, 12, 0, 0), (30, 12, 0, 0)),  # that nobody got something tells of nobody
        ((30, 12, 9, 3), (30, 12, None, None)),  # alone, the 3 could be worked out
        ((30, 12, 5, 0), (30, 12, 5, 0)),
        ((30, 12, 5, 1), (30, None, None, None)),  # of 6 people, a 5 would leave the 1
        ((30, 12, 2, 0), (30, None, None, None)),
        ((1, 30, 12, 9), (None, 30, 12, None)),
        ((4, 4, 4, 4), (None, None, None, None)),
    ],
)
def test_a_small_kind_of_help_is_hidden_with_others(helped: Atoms, shown: tuple[int | None, ...]) -> None:
    assert tuple(figures_of(people((10, 10, *helped))).helped_with.values()) == shown


def test_kinds_of_help_are_hidden_with_their_sum() -> None:
    figures = figures_of(people((10, 4, 10, 5)))
    assert figures.helped is None
    assert set(figures.helped_with.values()) == {None}
    assert figures.hidden_kinds == frozenset()


def test_numbers_stay_until_five_more_people_are_in_each() -> None:
    first = figures_of(people((10, 10, 30, 12)))
    assert figures_to_show(people((10, 10, 31, 12)), [first]) is None
    assert figures_to_show(people((10, 10, 30, 12)), [first]) == first
    later = figures_to_show(people((15, 10, 35, 12)), [first])
    assert later is not None
    assert later.helped == 47


def test_nobody_who_was_counted_is_taken_out_again() -> None:
    first = figures_of(people((10, 10, 30, 12)))
    assert figures_to_show(people((10, 10, 20, 12)), [first]) is None


def test_a_page_without_any_number_may_be_followed_by_any() -> None:
    first = figures_of(people((1, 1, 1, 1)))
    assert figures_to_show(people((10, 10, 30, 12)), [first]) == figures_of(people((10, 10, 30, 12)))


def test_a_new_number_is_held_against_every_earlier_page() -> None:
    first, second = (figures_of(people((10, 10, helped, 12))) for helped in (30, 38))
    assert figures_to_show(people((10, 10, 38, 12)), [first, second]) == second
    assert figures_to_show(people((10, 10, 41, 12)), [first]) is not None
    assert figures_to_show(people((10, 10, 41, 12)), [first, second]) is None


def test_people_not_reached_are_a_number_of_their_own() -> None:
    assert figures_of(people((10, 10, 30, 12), 4)).not_reached is None
    first = figures_of(people((10, 10, 30, 12), 9))
    assert first.not_reached == 9
    assert figures_to_show(people((10, 10, 30, 12), 7), [first]) is None
