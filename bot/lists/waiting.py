"""A list between its upload and its end: who is at it, and how it moves from state to state."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.lists import LIST_MOVES, ListImport, ListState
from bot.tables.organisations import Practice

BUSY_FOR = timedelta(minutes=2)
"""Who has not been heard of for that long has died: the work may be taken up again."""

UNCONFIRMED_FOR = timedelta(hours=24)
"""How long a list may wait for its confirmation."""


def content_of(waiting: ListImport) -> bytes:
    """The file of a list that still waits.

    :raises Refused: it was confirmed, discarded or refused, so it is no longer kept.
    """
    if waiting.state in LIST_MOVES.ends or waiting.content is None:
        word = {ListState.CONFIRMED: "stored", ListState.REFUSED: "refused"}.get(ListState(waiting.state), "discarded")
        raise Refused("list-not-waiting", f"This list was {word} already. Upload a list to begin again.")
    return waiting.content


def discard_import(db: Database, import_id: int, actor: Actor) -> None:
    """Forget a list that was looked at.

    :raises Refused: there is no such list, or it was confirmed or discarded before, or is being stored.
    """
    with db.write() as session:
        waiting = held_list(session, import_id)
        if waiting.state == ListState.STORING and _is_busy(waiting, utc_now()):
            raise Refused("list-busy", "This list is being stored right now. Wait until it is done.")
        move(session, import_id, ListState.DISCARDED, content=None)
        record(session, actor, "list-discarded", f"list:{import_id}", practice_id=waiting.practice_id)


def forget_unconfirmed_lists(db: Database, _settings: Settings) -> int:
    """Erase lists that have waited for a day; gives how many."""
    with db.write() as session:
        erased = session.execute(
            update(ListImport)
            .where(col(ListImport.state).in_(LIST_MOVES.before(ListState.DISCARDED)))
            .where(col(ListImport.created_at) < utc_now() - UNCONFIRMED_FOR)
            .values(state=ListState.DISCARDED.value, content=None, busy_until=None)
        )
    return int(erased.rowcount)  # type: ignore[attr-defined]


def take_up(db: Database, import_id: int, state: ListState) -> ListImport:
    """Begin the work of a state, or begin again what was cut short in it.

    :raises Refused: the list is at its end or not ready for that, or somebody is at it.
    """
    now = utc_now()
    with db.write() as session:
        waiting = held_list(session, import_id)
        lock_practice(session, waiting.practice_id)
        if waiting.state == ListState.COLUMNS or not may_begin(waiting.state, state):
            raise Refused("list-not-ready", "This list is not ready for that. Open it to see where it stands.")
        if _is_busy(waiting, now) or (state is ListState.STORING and _another_is_stored(session, waiting, now)):
            raise Refused("list-busy", "A list of your practice is being worked on right now. Wait until it is done.")
        waiting.state, waiting.busy_until, waiting.rows_done = state.value, now + BUSY_FOR, 0
        session.add(waiting)
        return waiting


def may_begin(before: str, state: ListState) -> bool:
    """Whether the work of a state may begin on a list in another, or be taken up again."""
    return before == state or LIST_MOVES.may(before, state)


def _is_busy(waiting: ListImport, now: datetime) -> bool:
    return waiting.busy_until is not None and waiting.busy_until > now


def _another_is_stored(session: Session, waiting: ListImport, now: datetime) -> bool:
    another = select(ListImport.id).where(
        ListImport.practice_id == waiting.practice_id,
        ListImport.state == ListState.STORING,
        ListImport.id != waiting.id,
        col(ListImport.busy_until) > now,
    )
    return session.exec(another.limit(1)).first() is not None


def lock_practice(session: Session, practice_id: int) -> None:
    """Two lists of one practice at once would insert the same people: the second waits for the first."""
    session.exec(select(Practice.id).where(Practice.id == practice_id).with_for_update()).one()


def end(db: Database, import_id: int, state: ListState, refusal: str) -> None:
    """Keep why a list came to its end, and no more of it."""
    with db.write() as session:
        move(session, import_id, state, content=None, refusal=refusal)


def let_go(db: Database, import_id: int) -> None:
    """The work failed, and may be taken up again at once."""
    with db.write() as session:
        mark(session, import_id, busy_until=None)


def move(session: Session, import_id: int, state: ListState, **changes: Any) -> None:
    """Move a list on, unless somebody moved it elsewhere meanwhile; nobody is at it any more."""
    statement = update(ListImport).where(
        col(ListImport.id) == import_id, col(ListImport.state).in_(LIST_MOVES.before(state))
    )
    session.connection().execute(statement.values(state=state.value, busy_until=None, **changes))


def mark(session: Session, import_id: int, **changes: Any) -> None:
    """Change a list without reading it: its file would come along every time."""
    session.connection().execute(update(ListImport).where(col(ListImport.id) == import_id).values(**changes))


def held_list(session: Session, import_id: int) -> ListImport:
    """A list that waits, locked until the end of the transaction. :raises Refused: it does not, or is not there."""
    statement = select(ListImport).where(ListImport.id == import_id).with_for_update()
    waiting = session.exec(statement).first()
    if waiting is None:
        raise Refused("unknown-list", "There is no such list. Upload it again.")
    content_of(waiting)
    return waiting
