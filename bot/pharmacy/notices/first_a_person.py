"""What no text says by itself: a person of the pharmacy looks at it first, and it waits on their list."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from bot.audit import Actor
from bot.pharmacy.notices.calling import NOT_DISPENSED
from bot.pharmacy.notices.giving import Wanted, new_notice
from bot.rows import among, insert_many
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, ProblemReason


def note_not_dispensed(
    session: Session, pharmacy: Pharmacy, people: Collection[int], *, source: str, actor: Actor, now: datetime
) -> None:
    """Somebody's item was not dispensed: a problem on the pharmacy's list, once until somebody has phoned.

    In the transaction in hand, its people locked.
    """
    listed = _listed(session, pharmacy, people)
    theirs = select(Patient).where(among(session, col(Patient.id), set(people) - listed))
    rows = [
        new_notice(pharmacy, Wanted(person, NoticeKind.PROBLEM, ProblemReason.PLEASE_PHONE), source, actor, now)
        for person in session.exec(theirs)
    ]
    insert_many(session, Notice, [row.model_dump(exclude={"id"}) | {"why_none": NOT_DISPENSED} for row in rows])


def _listed(session: Session, pharmacy: Pharmacy, people: Collection[int]) -> set[int]:
    waiting = select(Notice.patient_id).where(
        among(session, col(Notice.patient_id), people),
        Notice.pharmacy_id == pharmacy.id,
        Notice.why_none == NOT_DISPENSED,
        col(Notice.phoned_at).is_(None),
    )
    return {number or 0 for number in session.exec(waiting)}
