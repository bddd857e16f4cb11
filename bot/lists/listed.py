"""Who was on a list that was stored: kept for a while, so that a campaign can be for these people alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col

from bot.clock import utc_now
from bot.database import LARGEST_ID, Database
from bot.refusals import Refused
from bot.rows import CHUNK, among, delete_in_pieces
from bot.settings import Settings
from bot.tables.lists import LIST_MOVES, ListedPerson, ListImport, ListState
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

KEPT_FOR = timedelta(days=180)
"""How long after a list was stored it is known who was on it."""
_LISTS_OFFERED = 20


@dataclass(frozen=True)
class KnownList:
    """A list of which it is known who was on it; `stored_at` in UTC."""

    id: int
    file_name: str
    stored_at: datetime
    people: int


def keep_listed(session: Session, practice_id: int, list_id: int, nhs_numbers: Sequence[str]) -> None:
    """Keep that these people were on a list; who is kept already stays."""
    people = select(literal(list_id), col(Patient.id)).where(
        col(Patient.practice_id) == practice_id, among(session, col(Patient.nhs_number), nhs_numbers)
    )
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    statement = insert(ListedPerson).from_select(["list_id", "patient_id"], people)
    session.execute(statement.on_conflict_do_nothing())


def listed_people(list_id: int) -> Select[int]:
    """The ids of the patients who were on a list."""
    return select(col(ListedPerson.patient_id)).where(col(ListedPerson.list_id) == list_id)


def require_known_list(session: Session, practice: Practice, list_id: int) -> None:
    """Let a list of the practice pass of which it is known who was on it.

    :raises Refused: unknown-list, also another practice's; list-not-stored; list-erased.
    """
    of_list = (col(ListImport.practice_id), col(ListImport.state), col(ListImport.people_kept_until))
    row = session.execute(select(*of_list).where(col(ListImport.id) == min(list_id, LARGEST_ID))).first()
    if row is None or row.practice_id != practice.id:
        raise Refused("unknown-list", f"{practice.name} has no list {list_id}. Choose one of its own lists.")
    if row.state != ListState.CONFIRMED:
        ended = row.state in LIST_MOVES.ends
        advice = "Upload it again, and store it." if ended else "Store it first: open it under Lists."
        raise Refused("list-not-stored", f"List {list_id} has not been stored. {advice}")
    if row.people_kept_until is None or row.people_kept_until <= utc_now():
        raise Refused(
            "list-erased",
            f"It is not known any more who was on list {list_id}: that is kept for {KEPT_FOR.days} days. "
            "Upload the list again, or choose a newer one.",
        )


def known_lists(session: Session, practice_id: int) -> list[KnownList]:
    """The newest lists of a practice that a campaign can be for."""
    people = select(func.count()).where(col(ListedPerson.list_id) == col(ListImport.id)).scalar_subquery()
    statement = (
        select(col(ListImport.id), col(ListImport.file_name), col(ListImport.confirmed_at), people)
        .where(
            col(ListImport.practice_id) == practice_id,
            col(ListImport.state) == ListState.CONFIRMED,
            col(ListImport.people_kept_until) > utc_now(),
        )
        .order_by(col(ListImport.id).desc())
        .limit(_LISTS_OFFERED)
    )
    return [KnownList(*row) for row in session.execute(statement)]


def name_of_list(session: Session, list_id: int) -> tuple[str, datetime]:
    """The file name of a list that was stored, and when that was (UTC)."""
    found = session.execute(
        select(col(ListImport.file_name), col(ListImport.confirmed_at)).where(col(ListImport.id) == list_id)
    )
    name, stored_at = found.one()
    return name, stored_at


def forget_listed(db: Database, _settings: Settings) -> int:
    """Erase who was on lists that were stored 180 days ago, or never to their end; gives how many."""
    never_stored = and_(col(ListImport.people_kept_until).is_(None), col(ListImport.state).in_(LIST_MOVES.ends))
    key = (col(ListedPerson.list_id), col(ListedPerson.patient_id))
    over = (
        select(*key)
        .join(ListImport, col(ListImport.id) == col(ListedPerson.list_id))
        .where(or_(col(ListImport.people_kept_until) <= utc_now(), never_stored))
        .limit(CHUNK)
    )
    return delete_in_pieces(db, delete(ListedPerson).where(tuple_(*key).in_(over)))
