"""A bundle from a pharmacy's system: let in by its key, checked, and kept as a whole or not at all.

It is weighed at once where it may change or take back a text that has not gone; all else is weighed by the job a few
seconds later (`weighing`), for what becomes ready is gathered for minutes anyway.

Of people whom no linked practice lists, task and prescription are kept, and their NHS number is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, bindparam, exists, insert
from sqlalchemy import select as columns
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.appointments.calendars.slowing import Slowing
from bot.database import Database
from bot.pharmacy.notices.finding import ON_THE_LIST
from bot.pharmacy.organising.keys import key_of, note_use, ods_of
from bot.pharmacy.organising.links import SAID_BY_BOTH
from bot.pharmacy.wire.answers import Answer, conflicting, stored, too_many, without_key
from bot.pharmacy.wire.bundle import read_bundle
from bot.pharmacy.wire.checking import Checked, Said
from bot.pharmacy.wire.weighing import is_unsent, weigh_pairs
from bot.rows import among, one_of_given
from bot.settings import Settings
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, PharmacyKey, PharmacyPractice, PrescriptionUpdate

WITHIN = timedelta(minutes=1)
OF_ONE_KEY = Slowing(30_000, WITHIN)
"""A relay for many pharmacies posts every change by itself; this stops a program that has gone round in circles."""


def take_bundle(
    db: Database, settings: Settings, *, authorization: str | None, request_id: str | None, body: bytes, now: datetime
) -> Answer:
    """Take what a pharmacy's system posts, and say what NHS England's API would say.

    :param authorization: that header, with our key; `request_id` is X-Request-ID.
    :param now: UTC.
    """
    with db.glance() as session:
        key = key_of(session, authorization)
    if key is None:
        return without_key(now)
    if not OF_ONE_KEY.allows(key.public, now):
        return too_many(now)
    read = read_bundle(body, request_id, ods_of(key), now)
    return read if isinstance(read, Answer) else _keep(db, settings, key, read, now)


def _keep(db: Database, settings: Settings, key: PharmacyKey, checked: Sequence[Checked], now: datetime) -> Answer:
    said = [each.said for each in checked if each.said is not None]
    twice = _said_twice(said)
    if twice:
        with db.read() as session:
            return conflicting(checked, twice | _known(session, said), now)
    try:
        with db.write() as session:
            note_use(session, key, now)
            pairs = _insert(session, said, now)
            if pairs:
                weigh_pairs(session, settings, pairs, now)
    except IntegrityError:
        with db.read() as session:
            known = _known(session, said)
        if not known:
            raise
        return conflicting(checked, known, now)
    return stored((each.full_url for each in checked), now)


def _said_twice(said: Sequence[Said]) -> frozenset[int]:
    """The places of entries whose pair stands further up in the same bundle."""
    first: dict[tuple[str, str], int] = {}
    for place, each in enumerate(said):
        first.setdefault((each.prescription, each.task), place)
    return frozenset(place for place, each in enumerate(said) if first[each.prescription, each.task] != place)


def _known(session: Session, said: Sequence[Said]) -> frozenset[int]:
    """The places of entries whose pair of prescription and task has been kept before."""
    statement = select(PrescriptionUpdate.prescription, PrescriptionUpdate.task).where(
        among(session, col(PrescriptionUpdate.prescription), {each.prescription for each in said})
    )
    pairs = set(session.exec(statement).all())
    return frozenset(place for place, each in enumerate(said) if (each.prescription, each.task) in pairs)


def _insert(session: Session, said: Sequence[Said], now: datetime) -> set[tuple[int, int]]:
    """Insert the updates; gives the pharmacies and people, by their ids, of whom a text has not gone yet.

    In one order, whatever that of the bundle: two at once then never wait for each other.
    """
    found = _Found()
    codes, numbers = sorted({each.ods for each in said}), sorted({each.nhs_number for each in said})
    one = len(codes) == len(numbers) == 1
    given = {"code": codes[0], "number": numbers[0]} if one else {"codes": codes, "numbers": numbers}
    finding = _finding(session.get_bind().dialect.name, one)
    for ods, pharmacy, number, person, unsent in session.connection().execute(finding, given):
        found.pharmacies[ods] = pharmacy
        found.people[ods, number] = (person, unsent)
    in_order = sorted(said, key=lambda each: (each.prescription, each.task))
    rows = [_row(each, found, now) for each in in_order]
    session.connection().execute(_INSERT, rows if len(rows) > 1 else rows[0])  # a list of one takes twice as long
    theirs = {(each.ods, *found.person(each)) for each in said}
    return {(found.pharmacies[ods], person) for ods, person, unsent in theirs if person is not None and unsent}


@dataclass
class _Found:
    """Pharmacies by ODS code; by that and NHS number the person, and whether a text of the wire waits for them."""

    pharmacies: dict[str, int] = field(default_factory=dict)
    people: dict[tuple[str, str | None], tuple[int | None, bool]] = field(default_factory=dict)

    def person(self, said: Said) -> tuple[int | None, bool]:
        return self.people.get((said.ods, said.nhs_number), (None, False))


def _row(said: Said, found: _Found, now: datetime) -> dict[str, Any]:
    person, _ = found.person(said)
    return {
        "pharmacy_id": found.pharmacies.get(said.ods),
        "ods": said.ods,
        "prescription": said.prescription,
        "task": said.task,
        "item": said.item,
        "patient_id": person,
        "status": said.status.value,
        "ended": said.ended,
        "moment": said.moment,
        "counts_from": said.counts_from,
        "last_modified": said.last_modified,
        "received_at": now,
        "weighed_at": None if person else now,
    }


@cache
def _finding(dialect: str, one: bool) -> Executable:
    """The pharmacies of some codes, with whom they may speak of: alive and registered at a linked practice.

    Built once, for it is asked at every request. Where two linked practices list somebody, the record that came last
    counts.

    :param one: there is one code and one NHS number, as in most requests. PostgreSQL keeps its plan for equality, and
        plans an array anew each time, which takes it longer than the answer.
    """
    given = _is_given if one else _is_among_given
    theirs = and_(
        col(Patient.practice_id) == col(PharmacyPractice.practice_id),
        given(col(Patient.nhs_number), "number", dialect),
        *ON_THE_LIST,
    )
    linked = and_(
        col(PharmacyPractice.pharmacy_id) == col(Pharmacy.id),
        *SAID_BY_BOTH,
    )
    unsent = exists().where(
        col(Notice.patient_id) == col(Patient.id),
        col(Notice.pharmacy_id) == col(Pharmacy.id),
        *is_unsent(),
    )
    return (
        columns(col(Pharmacy.ods), col(Pharmacy.id), col(Patient.nhs_number), col(Patient.id), unsent)
        .select_from(Pharmacy)
        .outerjoin(PharmacyPractice, linked)
        .outerjoin(Patient, theirs)
        .where(given(col(Pharmacy.ods), "code", dialect))
        .order_by(col(Patient.id))
    )


def _is_given(column: Mapped[Any], name: str, _dialect: str) -> ColumnElement[bool]:
    return column == bindparam(name)


def _is_among_given(column: Mapped[Any], name: str, dialect: str) -> ColumnElement[bool]:
    return one_of_given(column, f"{name}s", dialect)


_INSERT = insert(PrescriptionUpdate).inline()
