"""What no text says by itself: a person of the pharmacy looks at it first, and it waits on their list."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, select

from bot.audit import Actor
from bot.pharmacy.notices.calling import NOT_DISPENSED
from bot.rows import among, insert_many
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeKind, NoticeState, ProblemReason


def note_not_dispensed(
    session: Session, pharmacy: Pharmacy, people: Collection[int], *, source: str, actor: Actor, now: datetime
) -> None:
    """Somebody's item was not dispensed: a problem on the pharmacy's list, once until somebody has phoned.

    In the transaction in hand, its people locked.
    """
    listed = _listed(session, pharmacy, people)
    theirs = select(Patient).where(among(session, col(Patient.id), set(people) - listed))
    rows = [
        Notice(
            public=str(uuid4()),
            pharmacy_id=pharmacy.id or 0,
            practice_id=person.practice_id,
            patient_id=person.id,
            kind=NoticeKind.PROBLEM,
            reason=ProblemReason.PLEASE_PHONE,
            state=NoticeState.NOT_TEXTED,
            source=source,
            why_none=NOT_DISPENSED,
            made_by=actor.label[:64],
            created_at=now,
            changed_at=now,
        ).model_dump(exclude={"id"})
        for person in session.exec(theirs)
    ]
    insert_many(session, Notice, rows)


def _listed(session: Session, pharmacy: Pharmacy, people: Collection[int]) -> set[int]:
    waiting = select(Notice.patient_id).where(
        among(session, col(Notice.patient_id), people),
        Notice.pharmacy_id == pharmacy.id,
        Notice.why_none == NOT_DISPENSED,
        col(Notice.phoned_at).is_(None),
    )
    return {number or 0 for number in session.exec(waiting)}
