"""The rota of a practice: which phones are told by text of what cannot wait, and from when on.

Who is on duty at a moment is who has the latest beginning that is not after it; of several with one beginning, whoever
was entered first is told first. Where none of them reacts, those of the turn before are told after them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, delete, func, or_
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import lock_practice, practice_by_code
from bot.patients.kept_opt_outs import recall_opt_outs
from bot.patients.phones import read_phone
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.duty import DutyEntry
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut, OptOutScope

SET_DUTY = declare_right("set-duty", Role.LEAD)
TURNS_TOLD = 2
"""The present turn, and the one before it."""


@dataclass(frozen=True)
class DutyLine:
    """An entry of a rota. `place`: at which place it is told now, 1 first; None when it is not. `now`: it is its turn.

    `reachable` is false where the phone asked for no texts.
    """

    entry: DutyEntry
    now: bool
    place: int | None
    reachable: bool


def put_on_duty(
    db: Database, settings: Settings, practice_code: str, phone: str, begins: datetime, actor: Actor
) -> DutyEntry:
    """Put a phone on duty from a moment on (UTC). The same again changes nothing.

    :raises Refused: `bad-phone`, no mobile of the UK; `opted-out`, it asked for no texts at all; unknown practice;
        not its lead.
    """
    number = read_mobile(settings, phone)
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        actor = require(session, actor, SET_DUTY, practice)
        lock_practice(session, practice.id or 0)
        known = _entries(session, practice.id or 0, number, begins)
        if known:
            return known[0]
        _refuse_blocked(session, settings, practice, number)
        entry = DutyEntry(
            practice_id=practice.id or 0, phone=number, begins=begins, made_by=actor.user_id, made_at=utc_now()
        )
        session.add(entry)
        record(session, actor, "duty-set", f"practice:{practice.id}", practice_id=practice.id)
    return entry


def end_duty(
    db: Database, settings: Settings, practice_code: str, phone: str, begins: datetime | None, actor: Actor
) -> int:
    """Take a phone out of the rota: one entry, or all of it; gives how many. Who was before it is on duty again.

    :raises Refused: `not-on-duty`, it is not there; `bad-phone`; unknown practice; not its lead.
    """
    number = read_mobile(settings, phone)
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        actor = require(session, actor, SET_DUTY, practice)
        ended = [entry.id for entry in _entries(session, practice.id or 0, number, begins)]
        if not ended:
            raise Refused("not-on-duty", "That phone is not in the rota of the practice.")
        session.execute(delete(DutyEntry).where(col(DutyEntry.id).in_(ended)))
        detail = {"entries": len(ended)}
        record(session, actor, "duty-ended", f"practice:{practice.id}", practice_id=practice.id, **detail)
    return len(ended)


def read_mobile(settings: Settings, written: str) -> str:
    """A mobile of the UK in E.164. :raises Refused: `bad-phone`, it is none."""
    number = read_phone(written, test_numbers=settings.test_numbers).number
    if number is None:
        raise Refused("bad-phone", "That is not a mobile number of the UK. It should look like 07700 900123.")
    return number


def _entries(session: Session, practice_id: int, phone: str, begins: datetime | None) -> Sequence[DutyEntry]:
    theirs = select(DutyEntry).where(DutyEntry.practice_id == practice_id, DutyEntry.phone == phone)
    return session.exec(theirs if begins is None else theirs.where(col(DutyEntry.begins) == begins)).all()


def _refuse_blocked(session: Session, settings: Settings, practice: Practice, phone: str) -> None:
    recall_opt_outs(session, settings, practice.id or 0, [phone])
    blocked = select(OptOut.id).where(
        OptOut.practice_id == practice.id,
        OptOut.phone == phone,
        OptOut.scope == OptOutScope.ALL,
        col(OptOut.lifted_at).is_(None),
    )
    if session.exec(blocked.limit(1)).first() is not None:
        message = "That phone asked for no texts. Text START from it to the practice's number, then put it on duty."
        raise Refused("opted-out", message)


def has_stopped_sql() -> ColumnElement[bool]:
    """Whether the phone of a DutyEntry wants no texts at all, or asked for none since it was put on duty."""
    since = col(OptOut.recorded_at) >= col(DutyEntry.made_at)
    stopped = select(OptOut.id).where(
        col(OptOut.practice_id) == col(DutyEntry.practice_id),
        col(OptOut.phone) == col(DutyEntry.phone),
        col(OptOut.lifted_at).is_(None),
        or_(col(OptOut.scope) == OptOutScope.ALL, since),
    )
    return stopped.correlate(DutyEntry).exists()


def phones_to_tell(session: Session, practice_ids: Collection[int], now: datetime) -> Mapping[int, list[str]]:
    """By practice, the phones to tell at a moment, who is on duty first; no phone that wants no texts."""
    turns = _turns(now, practice_ids)
    statement = (
        select(DutyEntry.practice_id, DutyEntry.phone)
        .join(turns, and_(turns.c.id == DutyEntry.id, turns.c.turn <= TURNS_TOLD))
        .where(~has_stopped_sql())
        .order_by(col(DutyEntry.practice_id), turns.c.turn, col(DutyEntry.id))
    )
    found: dict[int, list[str]] = {}
    for practice_id, phone in session.exec(statement):
        phones = found.setdefault(practice_id, [])
        if phone not in phones:
            phones.append(phone)
    return found


def practices_without(session: Session, now: datetime) -> int:
    """How many practices have nobody on duty who can be told."""
    turns = _turns(now)
    reached = (
        select(DutyEntry.id)
        .join(turns, and_(turns.c.id == DutyEntry.id, turns.c.turn == 1))
        .where(col(DutyEntry.practice_id) == col(Practice.id), ~has_stopped_sql())
    )
    return session.exec(select(func.count()).select_from(Practice).where(~reached.correlate(Practice).exists())).one()


def _turns(now: datetime, practice_ids: Collection[int] | None = None) -> Subquery:
    """The entries that have begun, each with its turn: 1 is on duty, 2 was before them."""
    turn = func.dense_rank().over(partition_by=col(DutyEntry.practice_id), order_by=col(DutyEntry.begins).desc())
    begun: Any = select(col(DutyEntry.id).label("id"), turn.label("turn")).where(col(DutyEntry.begins) <= now)
    asked = begun if practice_ids is None else begun.where(col(DutyEntry.practice_id).in_(practice_ids))
    turns: Subquery = asked.subquery()
    return turns


def rota_of(session: Session, practice_id: int, now: datetime) -> list[DutyLine]:
    """The rota of a practice, the latest beginning first, in the order in which each is told."""
    statement = select(DutyEntry, has_stopped_sql()).where(DutyEntry.practice_id == practice_id)
    rows = session.exec(statement.order_by(col(DutyEntry.begins).desc(), col(DutyEntry.id))).all()
    present = max((entry.begins for entry, _ in rows if entry.begins <= now), default=None)
    places = _places([entry for entry, _ in rows if entry.begins <= now], session, practice_id, now)
    return [DutyLine(entry, entry.begins == present, places.get(entry.id), not stopped) for entry, stopped in rows]


def _places(begun: Sequence[DutyEntry], session: Session, practice_id: int, now: datetime) -> dict[int | None, int]:
    """At which place each entry is told; a phone that has several is told for the latest."""
    phones = phones_to_tell(session, [practice_id], now).get(practice_id, [])
    latest: dict[str, int | None] = {}
    for entry in begun:
        latest.setdefault(entry.phone, entry.id)
    return {latest[phone]: place for place, phone in enumerate(phones, 1)}
