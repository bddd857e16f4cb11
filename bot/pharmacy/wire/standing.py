"""How the items of a prescription stand, and what that means for the person they are for.

Of each item the newest update counts, by its moment, whatever order they came in. One said ahead counts only from
when it is to be so, and not at all if something newer came first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from bot.pharmacy.wire.statuses import BusinessStatus
from bot.tables.pharmacy import NoticeKind, PrescriptionUpdate

BACKLOG = timedelta(hours=24)
"""What was ready so long before we heard of it is not said: they have seen for themselves, or been told."""

Item = tuple[str, str]
_READY = frozenset([BusinessStatus.READY_TO_COLLECT, BusinessStatus.READY_TO_COLLECT_PARTIAL])
_SENT = frozenset([BusinessStatus.DISPATCHED, BusinessStatus.READY_TO_DISPATCH_PARTIAL])
_STILL_THERE = frozenset(
    [
        BusinessStatus.WITH_PHARMACY,
        BusinessStatus.PREPARING_REMAINDER,
        BusinessStatus.READY_TO_COLLECT_PARTIAL,
        BusinessStatus.READY_TO_DISPATCH_PARTIAL,
    ]
)
_FETCHED = frozenset([BusinessStatus.COLLECTED, BusinessStatus.PREPARING_REMAINDER])


@dataclass(frozen=True)
class Lane:
    """What is one text: things to collect, or things that are brought. `kinds`: all of it, and a part of it."""

    says: frozenset[BusinessStatus]
    all_of_it: NoticeKind
    part_of_it: NoticeKind

    @property
    def kinds(self) -> tuple[NoticeKind, NoticeKind]:
        """What a notice of it may be."""
        return (self.all_of_it, self.part_of_it)


TO_COLLECT = Lane(_READY, NoticeKind.READY, NoticeKind.PART_READY)
BROUGHT = Lane(_SENT, NoticeKind.ON_ITS_WAY, NoticeKind.PART_ON_ITS_WAY)


class Standing:
    """What a pharmacy has said of one person's items, as it stands at a moment (UTC).

    :param updates: all of theirs at that pharmacy; those that have not been weighed yet are what is new.
    """

    def __init__(self, updates: Iterable[PrescriptionUpdate], now: datetime) -> None:
        self.now = now
        self._by_item: dict[Item, list[PrescriptionUpdate]] = defaultdict(list)
        for update in updates:
            self._by_item[update.prescription, update.item].append(update)
        firsts = {item: next(in_force(said, now), None) for item, said in self._by_item.items()}
        self._latest = {item: update for item, update in firsts.items() if update is not None}
        new = {item for item, found in self._latest.items() if found.weighed_at is None}
        self._before = {item: self._weighed(item) for item in new}
        self._changed = {item: self._latest[item] for item in new if self._latest[item].status != self._before[item]}

    def becoming(self, lane: Lane) -> frozenset[str]:
        """The prescriptions of which something has just become so, and is not a backlog."""
        return frozenset(
            item[0] for item, update in self._changed.items() if update.status in lane.says and not _is_backlog(update)
        )

    def said_since(self, lane: Lane, since: datetime) -> frozenset[str]:
        """The prescriptions of which something became so from then on, whatever has come of it."""
        return frozenset(
            update.prescription
            for said in self._by_item.values()
            for update in said
            if update.status in lane.says
            and update.weighed_at is not None
            and update.weighed_at >= since
            and not _is_backlog(update)
        )

    def kind(self, lane: Lane, prescriptions: Collection[str]) -> NoticeKind | None:
        """What these prescriptions come to together; None when nothing of them is so any more."""
        so = {each for each in prescriptions if self._statuses[each] & lane.says}
        if not so:
            return None
        return lane.part_of_it if any(self._statuses[each] & _STILL_THERE for each in so) else lane.all_of_it

    @property
    def nothing_ready(self) -> bool:
        """Whether nothing waits at the pharmacy to be collected."""
        return not any(update.status in _READY for update in self._latest.values())

    @property
    def collected(self) -> bool:
        """Whether somebody has just come for something."""
        return any(update.status in _FETCHED for update in self._changed.values())

    @property
    def not_dispensed(self) -> bool:
        """Whether the pharmacy has just said of something that it was not dispensed, and it is no backlog."""
        return any(
            update.status == BusinessStatus.NOT_DISPENSED and not _is_backlog(update)
            for update in self._changed.values()
        )

    @property
    def taken_back(self) -> bool:
        """Whether something waited to be collected, and nothing does any more."""
        return self.nothing_ready and any(self._before[item] in _READY for item in self._changed)

    @cached_property
    def _statuses(self) -> Mapping[str, set[str]]:
        """By prescription. What is only said to be ready later is still with the pharmacy."""
        found: dict[str, set[str]] = defaultdict(set)
        for item in self._by_item:
            update = self._latest.get(item)
            found[item[0]].add(update.status if update else BusinessStatus.WITH_PHARMACY)
        return found

    def _weighed(self, item: Item) -> str | None:
        """Where an item stood before what is new."""
        before = next((each for each in in_force(self._by_item[item], self.now) if each.weighed_at is not None), None)
        return before.status if before else None


def in_force(updates: Iterable[PrescriptionUpdate], now: datetime) -> Iterator[PrescriptionUpdate]:
    """The updates of one item that count or have counted by now, the one that counts now first."""
    newest_first = sorted(updates, key=lambda update: (update.moment, update.id or 0), reverse=True)
    for place, update in enumerate(newest_first):
        if update.counts_from <= now and not _is_overtaken(update, newest_first[:place]):
            yield update


def _is_overtaken(update: PrescriptionUpdate, newer: Sequence[PrescriptionUpdate]) -> bool:
    """Whether it was said ahead, and something newer came before its time."""
    ahead = update.counts_from > update.received_at
    return ahead and any(other.received_at <= update.counts_from for other in newer)


def _is_backlog(update: PrescriptionUpdate) -> bool:
    return update.received_at - update.counts_from > BACKLOG
