"""People of a campaign who share free times: nobody of a group is invited beyond what is free for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, case, cast, literal, null

MORE_TIMES = "More sessions in the clinic, or more hours of an interpreter, would help."
NOTHING_FREE = ("No time is free to promise now.", MORE_TIMES)


@dataclass(frozen=True)
class Group:
    """Some people of a cohort, such as those who need an interpreter for Urdu.

    `whom` is a condition on the `Patient` of a query; of two groups that fit, the first counts. `free`: times that
    may still be promised to them, below zero when more is promised than there is. `words` name the group to people,
    `would_help` says in a sentence what would bring it times.
    """

    key: str
    words: str
    free: float
    whom: ColumnElement[bool]
    would_help: str = MORE_TIMES


@dataclass(frozen=True)
class Share:
    """What a group has of the next batch: `most` of those who wait may be invited now."""

    group: Group
    waiting: int
    most: int

    @property
    def held_back(self) -> bool:
        """Whether people wait, and nobody of them is invited yet."""
        return self.waiting > 0 and self.most == 0


def key_of_group(whom: Mapping[str, ColumnElement[bool]]) -> ColumnElement[str | None]:
    """The key of the first of these groups that the `Patient` of a query is of; null for none."""
    found = [(is_of_it, literal(key, String())) for key, is_of_it in whom.items()]
    return case(*found, else_=null()) if found else cast(null(), String())


def nothing_free_in_words(shares: Sequence[Share]) -> list[str]:
    """For whom no time is free, and what would help, in sentences; empty when every group that waits has times."""
    without = [share for share in shares if share.held_back]
    if not without:
        return []
    who = ", ".join(f"{share.group.words} ({_people(share.waiting)})" for share in without)
    helps = dict.fromkeys(share.group.would_help for share in without)
    return [f"No time is free to promise now for: {who}.", *helps]


def _people(number: int) -> str:
    return "1 person waits" if number == 1 else f"{number} people wait"
