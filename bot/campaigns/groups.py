"""People of a campaign who share free times: nobody of a group is invited beyond what is free for it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Group:
    """Some people of a cohort, such as those who need an interpreter for Urdu.

    `whom` is a condition on the `Patient` of a query; of two groups that fit, the first counts. `free`: times that
    may still be promised to them, below zero when more is promised than there is. `words` name the group to people.
    """

    key: str
    words: str
    free: float
    whom: ColumnElement[bool]
