"""A campaign's free times by who needs what, as its page shows them, with what would help those who have none."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import floor

from sqlmodel import Session

from bot.appointments.inviting.free_times import FreeTimes, free_times
from bot.appointments.inviting.groups import promised_to
from bot.campaigns.groups import Group
from bot.partners.purposes import Panel
from bot.tables.appointments import Clinic
from bot.tables.campaigns import Campaign
from bot.web import counted

_HEADER = ("Who", "Free times", "May still be promised", "People not invited yet")


def campaign_panel(session: Session, campaign: Campaign, now: datetime) -> Panel:
    """The free times of a campaign's clinic in the next four weeks, and what is free for whom, at `now` (UTC)."""
    free = free_times(session, campaign, now)
    groups = promised_to(session, campaign, free, now)
    rows = tuple(
        (group.words, free.times[group.key], may_be_promised(group), who.waiting)
        for group, who in zip(groups, free.groups, strict=True)
    )
    return Panel("Free times in the next four weeks", _HEADER, rows, tuple(_notes(free, groups)))


def may_be_promised(group: Group) -> int:
    """How many whole times may still be promised to a group."""
    return max(0, floor(group.free))


def _notes(free: FreeTimes, groups: Sequence[Group]) -> Iterator[str]:
    for group, who in zip(groups, free.groups, strict=True):
        if who.waiting and not may_be_promised(group):
            people = counted(who.waiting, "person is", "people are")
            why = "all free times are promised" if free.times[group.key] else "no time is free"
            yield f"{group.words}: {people} not invited yet, as {why}. {group.would_help}"
    if free.at.event is not None and not free.at.event.women_only:
        yield _not_for_women(free.at.event)


def _not_for_women(event: Clinic) -> str:
    return (
        f"The event {event.code} is not offered: the text speaks of a meeting for women, and the event is not for "
        "women only. Make it so, if it is."
    )
