"""What ties a partner to a practice: rooms above say it, so that a link cannot end beneath their work."""

from collections.abc import Callable
from importlib import import_module

from sqlmodel import Session

Tie = Callable[[Session, int, int], str | None]
TIED_BY = ("bot.partners.links", "bot.campaigns.links")
"""Modules that register ties; named, since this room may not use those above it."""
_ties: list[Tie] = []


def keeps_link(tie: Tie) -> Tie:
    """Register what may tie a partner to a practice: given their ids, a sentence that says what to do, or None."""
    _ties.append(tie)
    return tie


def what_keeps_link(session: Session, partner_id: int, practice_id: int) -> list[str]:
    """Everything that ties the two, a sentence each."""
    for module in TIED_BY:
        import_module(module)
    asked = (tie(session, partner_id, practice_id) for tie in _ties)
    return [reason for reason in asked if reason]
