"""A list between its upload and its end: who is at it, and how it moves from state to state."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, update
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.lists.kept import erase_at_their_ends, erase_kept
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.lists import LIST_MOVES, ListImport, ListState
from bot.tables.organisations import Practice

BUSY_FOR = timedelta(minutes=2)
"""Who has not been heard of for that long has died: the work may be taken up again."""

UNCONFIRMED_FOR = timedelta(hours=24)
"""How long a list may wait for its confirmation."""

MOST_TRIES = 3
"""A file at which the reading was cut short so often is given up: it may be the file."""

_JUST_CAME = timedelta(minutes=1)
"""Whoever received a list begins to look at it by themselves."""

_NO_CONTENT = defer(ListImport.content)  # type: ignore[arg-type]
"""The file itself stays where it is: it may be large, and only who reads it needs it."""
_GIVEN_UP = (
    "Reading this file was begun {tries} times and never came to an end, so it was given up. "
    "Save it again as CSV UTF-8 with only the columns that are needed, and upload that."
)


def content_of(db: Database, import_id: int) -> bytes:
    """The file of a list that still waits.

    :raises Refused: it was confirmed, discarded or refused, so it is no longer kept.
    """
    with db.read() as session:
        content = session.exec(select(ListImport.content).where(ListImport.id == import_id)).first()
    if content is None:
        raise Refused("list-not-waiting", "This list is no longer kept. Upload a list to begin again.")
    return content


def require_waiting(found: ListImport) -> None:
    """:raises Refused: the list was confirmed, discarded or refused, so its file is no longer kept."""
    if found.state in LIST_MOVES.ends:
        word = {ListState.CONFIRMED: "stored", ListState.REFUSED: "refused"}.get(ListState(found.state), "discarded")
        raise Refused("list-not-waiting", f"This list was {word} already. Upload a list to begin again.")


def find_list(session: Session, import_id: int) -> ListImport | None:
    """A list by its number, without its file."""
    return session.exec(select(ListImport).where(ListImport.id == import_id).options(_NO_CONTENT)).first()


def lists_of(session: Session, practice_id: int, most: int) -> list[ListImport]:
    """The last lists of a practice without their files, the latest first; all that still wait come before others."""
    theirs = select(ListImport).where(ListImport.practice_id == practice_id).options(_NO_CONTENT)
    latest = theirs.order_by(col(ListImport.id).desc())
    waiting = session.exec(latest.where(col(ListImport.state).not_in(LIST_MOVES.ends))).all()
    others = session.exec(latest.where(col(ListImport.state).in_(LIST_MOVES.ends)).limit(most)).all()
    return [*waiting, *others]


def who_uploaded(session: Session, lists: Sequence[ListImport]) -> dict[int, str]:
    """By whom each list came, by its number; not those that came by command."""
    ids = {found.user_id for found in lists if found.user_id is not None}
    people = {account.id: account for account in session.exec(select(UserAccount).where(col(UserAccount.id).in_(ids)))}
    by = {found.id: people.get(found.user_id) for found in lists}
    return {number: account.name or account.email for number, account in by.items() if number and account}


def discard_import(db: Database, import_id: int, actor: Actor) -> None:
    """Forget a list that was looked at.

    :raises Refused: there is no such list, or it was confirmed or discarded before, or is being stored.
    """
    with db.write() as session:
        waiting = held_list(session, import_id)
        if waiting.state == ListState.STORING and _is_busy(waiting, utc_now()):
            raise Refused("list-busy", "This list is being stored right now. Wait until it is done.")
        move(session, import_id, ListState.DISCARDED)
        record(session, actor, "list-discarded", f"list:{import_id}", practice_id=waiting.practice_id)


def forget_unconfirmed_lists(db: Database, _settings: Settings) -> int:
    """Erase lists that have waited for a day; gives how many."""
    with db.write() as session:
        erased = session.execute(
            update(ListImport)
            .where(col(ListImport.state).in_(LIST_MOVES.before(ListState.DISCARDED)))
            .where(col(ListImport.created_at) < utc_now() - UNCONFIRMED_FOR)
            .values(state=ListState.DISCARDED.value, content=None, columns=[], busy_until=None)
        )
        erase_at_their_ends(session)
    return int(erased.rowcount)  # type: ignore[attr-defined]


def take_up(db: Database, import_id: int, state: ListState) -> ListImport:
    """Begin the work of a state, or begin again what was cut short in it.

    :raises Refused: the list is at its end or not ready for that, or somebody is at it; or it was begun so often
        that it is given up.
    """
    now = utc_now()
    with db.write() as session:
        waiting = held_list(session, import_id)
        lock_practice(session, waiting.practice_id)
        if waiting.state == ListState.COLUMNS or not may_begin(waiting.state, state):
            raise Refused("list-not-ready", "This list is not ready for that. Open it to see where it stands.")
        if _is_busy(waiting, now) or (state is ListState.STORING and _another_is_stored(session, waiting, now)):
            raise Refused("list-busy", "A list of your practice is being worked on right now. Wait until it is done.")
        if given_up := state is ListState.READING and waiting.tries >= MOST_TRIES:
            move(session, import_id, ListState.REFUSED, refusal=_GIVEN_UP.format(tries=waiting.tries))
        else:
            waiting.state, waiting.busy_until, waiting.rows_done = state.value, now + BUSY_FOR, 0
            waiting.tries += state is ListState.READING
            session.add(waiting)
    if given_up:
        raise Refused("list-given-up", _GIVEN_UP.format(tries=waiting.tries))
    return waiting


def lists_left(db: Database) -> list[int]:
    """Lists of which the reading was cut short, by a restart for example."""
    now = utc_now()
    with db.read() as session:
        left = select(ListImport.id).where(
            ListImport.state == ListState.READING,
            or_(
                col(ListImport.busy_until) < now,
                and_(col(ListImport.busy_until).is_(None), col(ListImport.created_at) < now - _JUST_CAME),
            ),
        )
        return [number for number in session.exec(left.order_by(col(ListImport.id))) if number]


def still_at_it(db: Database, import_id: int) -> bool:
    """Say that somebody is at a list, unless it has left that state meanwhile; whether it has not."""
    with db.write() as session:
        marked = session.execute(
            update(ListImport)
            .where(col(ListImport.id) == import_id, col(ListImport.state) == ListState.READING)
            .values(busy_until=utc_now() + BUSY_FOR)
        )
    return bool(marked.rowcount)  # type: ignore[attr-defined]


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
        move(session, import_id, state, refusal=refusal)


def let_go(db: Database, import_id: int) -> None:
    """The work failed, and may be taken up again at once."""
    with db.write() as session:
        mark(session, import_id, busy_until=None)


def move(session: Session, import_id: int, state: ListState, **changes: Any) -> None:
    """Move a list on, unless somebody moved it elsewhere meanwhile; nobody is at it any more.

    At its end neither the file nor what was found in it is kept.
    """
    statement = update(ListImport).where(
        col(ListImport.id) == import_id, col(ListImport.state).in_(LIST_MOVES.before(state))
    )
    if state in LIST_MOVES.ends:
        changes |= {"content": None, "columns": []}
        erase_kept(session, import_id)
    session.flush()
    session.connection().execute(statement.values(state=state.value, busy_until=None, **changes))


def mark(session: Session, import_id: int, **changes: Any) -> None:
    """Change a list without reading it: its file would come along every time."""
    session.connection().execute(update(ListImport).where(col(ListImport.id) == import_id).values(**changes))


def held_list(session: Session, import_id: int) -> ListImport:
    """A list that waits, locked until the end of the transaction. :raises Refused: it does not, or is not there."""
    statement = select(ListImport).where(ListImport.id == import_id).options(_NO_CONTENT).with_for_update()
    waiting = session.exec(statement).first()
    if waiting is None:
        raise Refused("unknown-list", "There is no such list. Upload it again.")
    require_waiting(waiting)
    return waiting
