"""Bars that show how far groups of people have come. Pure: numbers in, segments out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.campaigns.progress import Progress

WIDTH = 100.0
FEW_PEOPLE = 5


@dataclass(frozen=True)
class Share:
    """A part of a group, with the colour it is drawn in (colours of the NHS palette)."""

    label: str
    colour: str


REFERRED = Share("Referred", "#007f3b")
ANSWERED = Share("Answered otherwise", "#005eb8")
SILENT = Share("Silent so far", "#ffb81c")
ON_THE_WAY = Share("Queued or held", "#768692")
FAILED = Share("Not reached", "#d5281b")
WAITING = Share("Not invited yet", "#aeb7bd")
SHARES = (REFERRED, ANSWERED, SILENT, ON_THE_WAY, FAILED, WAITING)


@dataclass(frozen=True)
class Segment:
    """A piece of a bar, in hundredths of the longest bar."""

    share: Share
    people: int
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """One group; `spoken` says the same in words."""

    label: str
    people: int
    segments: Sequence[Segment]
    spoken: str


@dataclass(frozen=True)
class Chart:
    """Bars with their numbers; `folded` are those that a person has to ask for."""

    name: str
    heading: str
    first_column: str
    shown: Sequence[tuple[Bar, Progress]]
    folded: Sequence[tuple[Bar, Progress]]

    @property
    def folded_people(self) -> int:
        """How many people the folded groups have."""
        return sum(bar.people for bar, _ in self.folded)


def make_chart(
    name: str, heading: str, first_column: str, groups: Sequence[tuple[str, Progress]], *, fold_few: bool = False
) -> Chart:
    """A chart of groups, in their order. `name` tells it from the others of a page.

    With `fold_few`, groups of fewer than `FEW_PEOPLE` are folded, unless all are that small or it is only one.
    """
    drawn = list(zip(draw(groups), (progress for _, progress in groups), strict=True))
    few = [row for row in drawn if fold_few and row[1].people < FEW_PEOPLE]
    if len(few) in (1, len(drawn)):
        few = []
    return Chart(name, heading, first_column, [row for row in drawn if row not in few], few)


def shares_of(progress: Progress) -> dict[Share, int]:
    """Put each person of a group into exactly one share."""
    counted = {
        REFERRED: progress.referred,
        ANSWERED: max(0, progress.replied - progress.referred),
        SILENT: progress.silent,
        ON_THE_WAY: progress.pending,
        FAILED: progress.unreached + progress.left_out,
        WAITING: progress.waiting,
    }
    return {share: people for share, people in counted.items() if people}


def draw(groups: Sequence[tuple[str, Progress]]) -> list[Bar]:
    """One bar a group, all on the same scale."""
    longest = max((progress.people for _, progress in groups), default=0) or 1
    return [_bar(label, progress, WIDTH / longest) for label, progress in groups]


def _bar(label: str, progress: Progress, scale: float) -> Bar:
    segments, start = [], 0.0
    for share, people in shares_of(progress).items():
        segments.append(Segment(share, people, round(start, 3), round(people * scale, 3)))
        start += people * scale
    words = ", ".join(f"{segment.share.label.lower()} {segment.people}" for segment in segments)
    return Bar(label, progress.people, segments, f"{label}: {progress.people} people. {words.capitalize()}.")
