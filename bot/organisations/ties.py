"""What ties a partner to a practice: capabilities say it, so that a link cannot end beneath their work."""

from collections.abc import Callable

from sqlmodel import Session

from bot.capability import in_use

Tie = Callable[[Session, int, int], str | None]
"""What may tie a partner to a practice: given their ids, a sentence that says what to do, or None."""


def what_keeps_link(session: Session, partner_id: int, practice_id: int) -> list[str]:
    """Everything that ties the two, a sentence each."""
    ties: tuple[Tie, ...] = in_use().bring("keeps_link")
    asked = (tie(session, partner_id, practice_id) for tie in ties)
    return [reason for reason in asked if reason]
