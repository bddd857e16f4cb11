"""How something may move from state to state: one table each, asked wherever a state changes. Pure."""

from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

S = TypeVar("S", bound=str)


class Moves(Generic[S]):
    """The states something may move to, by the state it is in; every state stands in the table."""

    def __init__(self, table: Mapping[S, Collection[S]]) -> None:
        self._table = {state: frozenset(nexts) for state, nexts in table.items()}

    def may(self, before: str, after: str) -> bool:
        """Whether it may move from one state to the other."""
        return any(state == before and after in nexts for state, nexts in self._table.items())

    def before(self, after: S) -> tuple[S, ...]:
        """The states from which it may move to one."""
        return tuple(state for state, nexts in self._table.items() if after in nexts)

    @property
    def ends(self) -> tuple[S, ...]:
        """The states it never leaves."""
        return tuple(state for state, nexts in self._table.items() if not nexts)
