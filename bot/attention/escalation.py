"""Urgent messages that nobody has opened: found after `DUTY_AGAIN`, and said where they cannot be overlooked."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, update
from sqlmodel import Session, col, select

from bot.attention.duty_clock import pressing
from bot.attention.items import of_practice
from bot.audit import SERVICE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.attention import InboxItem


def unopened() -> ColumnElement[bool]:
    """Whether an item is red or paged, open, and was never looked at."""
    return and_(pressing(), col(InboxItem.state) == "open", col(InboxItem.seen_at).is_(None))


def mark_seen(db: Database, item_ids: Collection[int], practice_id: int, actor: Actor) -> None:
    """Note who opened items first; opening them again changes nothing."""
    seen = update(InboxItem).where(
        col(InboxItem.id).in_(item_ids), of_practice(practice_id), col(InboxItem.seen_at).is_(None)
    )
    with db.write() as session:
        session.execute(
            seen.values(seen_at=utc_now(), seen_by=actor.user_id).execution_options(synchronize_session=False)
        )


def escalate_unopened(db: Database, settings: Settings) -> int:
    """Escalate urgent items that nobody opened within `DUTY_AGAIN`, each once; gives how many.

    The moment is kept on the item and in the audit trail; the home pages and the figures count them from then on.
    """
    now = utc_now()
    late = select(InboxItem).where(
        unopened(), col(InboxItem.escalated_at).is_(None), col(InboxItem.opened_at) < now - settings.duty_again
    )
    with db.write() as session:
        items = session.exec(late.with_for_update(skip_locked=True)).all()
        for item in items:
            item.escalated_at = now
            record(session, SERVICE, "urgent-not-opened", f"inbox:{item.id}", practice_id=item.practice_id)
        session.add_all(items)
    return len(items)


def count_escalated(session: Session, practice_id: int | None = None) -> int:
    """Urgent items nobody opened in time and nobody has opened since; of one practice, or of all."""
    statement = select(func.count()).select_from(InboxItem)
    statement = statement.where(unopened(), col(InboxItem.escalated_at).is_not(None))
    return session.exec(statement if practice_id is None else statement.where(of_practice(practice_id))).one()
