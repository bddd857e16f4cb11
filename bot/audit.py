"""Who did what, and when: written in the same transaction as the deed, without personal data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import JSON, Field, Session, SQLModel

from bot.clock import utc_now


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person, the console, or the service itself. `label` carries no personal data."""

    user_id: int | None
    label: str


CONSOLE = Actor(None, "console")
SERVICE = Actor(None, "service")


class AuditEntry(SQLModel, table=True):
    """One deed. `subject` is like `campaign:12`; `detail` holds counts and codes only."""

    __tablename__ = "audit_entry"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    actor: str
    action: str
    subject: str
    practice_id: int | None = Field(default=None, foreign_key="practice.id", index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    *,
    practice_id: int | None = None,
    **detail: Any,
) -> None:
    """Add one audit entry to the transaction in hand."""
    session.add(
        AuditEntry(
            at=utc_now(),
            user_id=actor.user_id,
            actor=actor.label,
            action=action,
            subject=subject,
            practice_id=practice_id,
            detail=detail,
        )
    )
