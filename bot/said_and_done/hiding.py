"""Which numbers of a public page are shown. Pure: people in, figures out.

A number under 5 is hidden, and so is every number that would give a hidden one away to a reader who can add, who knows
these rules, and who kept an earlier page. All that is hidden carries the same mark: a mark that told why would tell how
large it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

FEWEST = 5
"""The smallest number of people that may be read or worked out."""


@dataclass(frozen=True)
class People:
    """A campaign as it was counted. Who was helped has answered, and who has answered was asked.

    `helped_with`: every kind of help of the purpose, the most telling first, with the people who got it, each once.
    """

    asked: int
    answered: int
    helped_with: Mapping[str, int]
    not_reached: int

    @property
    def helped(self) -> int:
        """People who were helped, with whatever."""
        return sum(self.helped_with.values())


@dataclass(frozen=True)
class Figures:
    """The same as everybody may read it; None is hidden."""

    asked: int | None
    answered: int | None
    helped: int | None
    not_reached: int | None
    helped_with: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def hidden_kinds(self) -> frozenset[str]:
        """Kinds of help that are hidden although the number of all who were helped is shown."""
        return frozenset() if self.helped is None else frozenset(k for k, n in self.helped_with.items() if n is None)

    @property
    def hide_something(self) -> bool:
        """Whether a number is missing."""
        shown = (self.asked, self.answered, self.helped, self.not_reached, *self.helped_with.values())
        return None in shown


def figures_of(people: People, hidden_before: frozenset[str] = frozenset()) -> Figures:
    """What may be shown of a count that stands alone.

    :param hidden_before: kinds of help that an earlier page hid; they stay hidden.
    """
    asked = _if_enough(people.asked)
    answered = _part_of(asked, people.answered)
    helped = _part_of(asked if answered is None else answered, people.helped)
    hidden = frozenset(people.helped_with) if helped is None else _hidden_kinds(people.helped_with, hidden_before)
    kinds = {kind: None if kind in hidden else number for kind, number in people.helped_with.items()}
    return Figures(asked, answered, helped, _if_enough(people.not_reached), kinds)


def _if_enough(number: int) -> int | None:
    return number if number >= FEWEST else None


def _part_of(whole: int | None, part: int) -> int | None:
    """A part of a number that is shown: the rest of it, which anybody can work out, must be large enough, too."""
    return part if whole is not None and min(part, whole - part) >= FEWEST else None


def _hidden_kinds(helped_with: Mapping[str, int], hidden_before: frozenset[str]) -> frozenset[str]:
    """Kinds of help to hide beside a sum that is shown.

    Where one of them has 1 to 4 people, those with none are hidden as well, and then larger ones: at least one, until
    what is hidden is so many people that each small number could be any other. They are taken by their place, the last
    first, and not by their size: a choice by size would tell the size.
    """
    small = {kind for kind, number in helped_with.items() if number < FEWEST}
    hidden = set(hidden_before)
    if any(helped_with[kind] for kind in small):
        hidden |= small
        for kind in reversed(list(helped_with)):
            if _is_open(helped_with, small, hidden):
                break
            hidden.add(kind)
    return frozenset(hidden)


def _is_open(helped_with: Mapping[str, int], small: Iterable[str], hidden: set[str]) -> bool:
    """Whether the sum of what is hidden leaves every small number open, though it is known that the others are not."""
    large = len(hidden.difference(small))
    return large > 0 and sum(helped_with[kind] for kind in hidden) - FEWEST * large >= FEWEST - 1


def figures_to_show(people: People, earlier: Sequence[Figures]) -> Figures | None:
    """What may be shown of a count to whoever kept every earlier page; None where the numbers stay as they were."""
    hidden_before = frozenset(kind for figures in earlier for kind in figures.hidden_kinds)
    later = figures_of(people, hidden_before)
    return later if all(_may_follow(figures, later, people) for figures in earlier) else None


def _may_follow(earlier: Figures, later: Figures, people: People) -> bool:
    """Whether two pages together tell nothing that neither tells alone.

    Nobody who was counted is gone, as after records were erased; the sums that were shown still are; and every number
    that both pages show, or that can be worked out from both, is the same or differs by 5 or more.
    """
    if _has_lost(earlier, people) or _hides_a_sum(earlier, later):
        return False
    before, now = _worked_out(earlier, later), _worked_out(later, earlier)
    return all(now[name] == before[name] or abs(now[name] - before[name]) >= FEWEST for name in before.keys() & now)


def _has_lost(earlier: Figures, people: People) -> bool:
    pairs = [(earlier.asked, people.asked), (earlier.answered, people.answered), (earlier.helped, people.helped)]
    pairs += [(number, people.helped_with.get(kind, 0)) for kind, number in earlier.helped_with.items()]
    return any(before is not None and now < before for before, now in pairs)


def _hides_a_sum(earlier: Figures, later: Figures) -> bool:
    pairs = ((earlier.asked, later.asked), (earlier.answered, later.answered), (earlier.helped, later.helped))
    return any(before is not None and now is None for before, now in pairs)


def _worked_out(figures: Figures, other: Figures) -> dict[str, int]:
    """Every number that a reader of two pages has from this one, by a name that is the same on both."""
    kinds = {kind: number for kind, number in figures.helped_with.items() if other.helped_with.get(kind) is not None}
    wholes = {"asked": figures.asked, "answered": figures.answered, "helped": figures.helped}
    known = {name: number for name, number in wholes.items() if number is not None}
    known |= {f"{a} not {b}": known[a] - known[b] for a in known for b in known if a != b}
    known |= {f"with {kind}": number for kind, number in kinds.items() if number is not None}
    if figures.helped is not None:
        known["with others"] = figures.helped - sum(number or 0 for number in kinds.values())
    return known if figures.not_reached is None else known | {"not reached": figures.not_reached}
