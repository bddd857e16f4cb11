"""Notices become texts: in each person's language, each with its question, in a few statements for one or for many."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.clock import next_opening
from bot.messaging.many_texts import OneOfMany, queue_each
from bot.pharmacy.notices.calling import NOT_APPROVED
from bot.pharmacy.notices.subject import about
from bot.pharmacy.notices.wording import text_of, values_of
from bot.pharmacy.organising.hours import Opening, open_next
from bot.rows import among
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState

PHARMACY = "pharmacy"
"""The question under every notice."""
OF_USE = timedelta(hours=24)
"""A text that has not gone so long after it could have is dropped: the day it names is over."""


def say_notices(
    session: Session, settings: Settings, pharmacy: Pharmacy, people: Mapping[int, Patient], notices: Sequence[Notice]
) -> None:
    """Queue the text of each of these notices, which have their ids; one that cannot be said is `not-texted`.

    :param people: whom they are for, by id.
    """
    now = max((notice.changed_at for notice in notices), default=None)
    if now is None:
        return
    goes = next_opening(now, settings, outreach=False)
    opening, practices = open_next(session, pharmacy, goes), _practices(session, people.values())
    named = [(notice, people[notice.patient_id or 0]) for notice in notices]
    texts = [
        _text(pharmacy, notice, person, practices[person.practice_id], opening, goes + OF_USE)
        for notice, person in named
    ]
    queue_each(session, settings, texts)
    _join(session, notices)


def dedupe_key(notice: Notice) -> str:
    """What names the text of a notice: there is one, however often it is queued."""
    return f"notice:{notice.id}"


def _text(
    pharmacy: Pharmacy, notice: Notice, person: Patient, practice: Practice, opening: Opening | None, use_by: datetime
) -> OneOfMany:
    key = text_of(pharmacy, notice)
    return OneOfMany(
        text_key=key,
        language=person.language,
        values=values_of(pharmacy, key, opening),
        phone=person.phone or "",
        practice=practice,
        patient_id=person.id,
        kind=Kind.NOTICE,
        subject=about(notice),
        dedupe_key=dedupe_key(notice),
        question=PHARMACY,
        use_by=use_by,
        detail=key,
        offers_languages=True,
    )


def _join(session: Session, notices: Sequence[Notice]) -> None:
    """Each notice with its text; one without was kept back by its wording."""
    keys = [dedupe_key(notice) for notice in notices]
    queued = select(Message.dedupe_key, Message.id).where(among(session, col(Message.dedupe_key), keys))
    messages = dict(session.exec(queued).all())
    for notice in notices:
        notice.message_id = messages.get(dedupe_key(notice))
        notice.state = NoticeState.QUEUED if notice.message_id else NoticeState.NOT_TEXTED
        notice.why_none = None if notice.message_id else NOT_APPROVED
        session.add(notice)
    session.flush()


def _practices(session: Session, people: Iterable[Patient]) -> Mapping[int, Practice]:
    ids = {person.practice_id for person in people}
    return {practice.id or 0: practice for practice in session.exec(select(Practice).where(col(Practice.id).in_(ids)))}
