"""Phones that texted a poster's code: how far each has come, what it has booked, and who may be behind it.

A phone alone is known. Nothing of a record is read out, used or changed by any of it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, extract, func, null, update
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.appointments.youth.codes import Birthday
from bot.appointments.youth.criteria import is_young
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.subjects import Shown, SubjectKind
from bot.settings import Settings
from bot.tables.appointments import PosterStage, PosterStart, Visit, VisitState
from bot.tables.messaging import Subject
from bot.tables.patients import Patient

POSTER_START = "poster-start"
WAITS_FOR = timedelta(days=1)
"""How long a question to a phone that started can be answered."""
STARTS_A_DAY = 3
"""How often a phone may start in 24 hours; then a person looks."""
KEPT_FOR = timedelta(days=30)
"""How long the phone of a start is kept that came to nothing, or whose time is over."""
FORGOTTEN = ""
"""What stands for a phone that was forgotten."""
WAITS = (PosterStage.OWN_PHONE, PosterStage.BIRTHDAY)


def about_start(start: PosterStart) -> Subject:
    """A start as what texts are about."""
    return Subject(POSTER_START, start.id or 0)


def _of_no_campaign(_start_id: Mapped[Any]) -> ColumnElement[int | None]:
    return cast(null(), Integer)


def _shown(session: Session, start_id: int) -> Shown | None:
    start = session.get(PosterStart, start_id)
    return None if start is None else Shown(f"Poster {start.poster_code}", f"/posters/{start.poster_code}")


SUBJECT = SubjectKind(POSTER_START, campaign_of=_of_no_campaign, booked=True, shown=_shown)
"""A phone asked for it itself, so what it is told goes by the scope of its opt-out, as with a visit."""


def newest_start(session: Session, sender_id: int, phone: str) -> PosterStart | None:
    """What a phone started last with that sender; None where it never did."""
    theirs = select(PosterStart).where(PosterStart.phone == phone, PosterStart.sender_id == sender_id)
    return session.exec(theirs.order_by(col(PosterStart.id).desc()).limit(1)).first()


def lock_start(session: Session, start: PosterStart) -> PosterStart:
    """The start as it is now, locked until the transaction ends: of two answers at once one comes second."""
    return session.get_one(PosterStart, start.id, with_for_update={"key_share": True}, populate_existing=True)


def starts_lately(session: Session, phone: str, now: datetime) -> int:
    """How often a phone started in the day before, whatever came of it."""
    lately = col(PosterStart.at) > now - timedelta(days=1)
    return session.scalar(select(func.count()).where(PosterStart.phone == phone, lately)) or 0


def end_waiting(session: Session, sender_id: int, phone: str) -> None:
    """What a phone had started and not finished is over."""
    theirs = update(PosterStart).where(
        col(PosterStart.phone) == phone, col(PosterStart.sender_id) == sender_id, col(PosterStart.stage).in_(WAITS)
    )
    session.execute(theirs.values(stage=PosterStage.ENDED))


def visits_of_phone(session: Session, phone: str, now: datetime) -> Sequence[Visit]:
    """The times to come that a phone booked by posters and that are no known person's, the first of them first."""
    theirs = (
        select(Visit)
        .where(
            col(Visit.id).in_(select(PosterStart.visit_id).where(PosterStart.phone == phone)),
            col(Visit.patient_id).is_(None),
            col(Visit.phone) == phone,
            Visit.state == VisitState.BOOKED,
            col(Visit.starts) > now,
        )
        .order_by(col(Visit.starts), col(Visit.id))
    )
    return session.exec(theirs).all()


def who_may_it_be(session: Session, practice_id: int, birthday: Birthday, today: date) -> int | None:
    """The one young person of the practice who was born on that day of the year: a hint for staff, no identity.

    :param birthday: any day, an impossible one too: the same is asked of the database whatever it is.
    :param today: the date in England.
    :return: their id; None for nobody, and for several.
    """
    born = col(Patient.born)
    same = (extract("day", born) == birthday.day, extract("month", born) == birthday.month)
    those = select(Patient.id).where(
        Patient.practice_id == practice_id,
        col(Patient.registered),
        col(Patient.deceased).is_(False),
        is_young(today),
        *same,
    )
    found = session.exec(those.limit(2)).all()
    return found[0] if len(found) == 1 else None


def end_poster_starts(db: Database, _settings: Settings) -> int:
    """The job: what a phone did not answer within a day is over; gives how many starts."""
    asked = func.coalesce(col(PosterStart.answered_at), col(PosterStart.at))
    unanswered = update(PosterStart).where(col(PosterStart.stage).in_(WAITS), asked <= utc_now() - WAITS_FOR)
    with db.write() as session:
        ended = session.execute(unanswered.values(stage=PosterStage.ENDED))
    return int(ended.rowcount)  # type: ignore[attr-defined]


def forget_poster_starts(db: Database, _settings: Settings) -> int:
    """The job: forget the phones of starts of a month ago that have no time to come, and who they might have been.

    That somebody booked by a poster stays, so that it can be counted.

    :return: how many starts.
    """
    since = utc_now() - KEPT_FOR
    later = select(Visit.id).where(col(Visit.id) == col(PosterStart.visit_id), col(Visit.starts) > since)
    old = update(PosterStart).where(
        col(PosterStart.phone) != FORGOTTEN,
        col(PosterStart.at) < since,
        col(PosterStart.stage).not_in(WAITS),
        ~later.exists(),
    )
    with db.write() as session:
        forgotten = session.execute(old.values(phone=FORGOTTEN, may_be_id=None))
    return int(forgotten.rowcount)  # type: ignore[attr-defined]
