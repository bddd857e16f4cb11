"""Reminders of visits, and the kind word to who did not come: queued when they are due, once each, by a job."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, case, cast, exists, func, literal, or_, true
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.appointments.by_text.reminder_times import remind_at, remind_of_call_at, write_to_who_did_not_come_at
from bot.appointments.by_text.telling import ASKS_WHETHER_THEY_COME, CONFIRMATIONS, is_for_young_people, site_in_words
from bot.appointments.subject import VISIT, about
from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.messaging.many_texts import OneOfMany, queue_each
from bot.patients.eligibility import ON_RECORD, Recipient, reason_sql
from bot.rows import among, chunks
from bot.settings import Settings
from bot.tables.appointments import Clinic, InterpreterState, Site, Visit, VisitState
from bot.tables.interpreters import Mode
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.catalogue import Value, catalogue

ASKS_FOR_A_NEW_TIME = "new-time"
BEFORE_A_VISIT = timedelta(hours=1)
"""A reminder that has not gone by then says nothing of use any more."""
_CALL, _MISSED = "2h", "not-attended"
_LONGEST_EARLY = timedelta(hours=26)
"""How far a reminder can be moved earlier into the window, with the hour of a clock change."""
_AFTER_CONFIRMATION = timedelta(hours=24)
_BEHIND_ANOTHER_QUESTION = timedelta(hours=2)
_TOO_LATE_TO_WAIT = timedelta(hours=6)
_MISSED_AT_MOST = timedelta(days=8)


class Due(NamedTuple):
    """A reminder whose time has come: of which visit, which one, and when that was (UTC)."""

    visit_id: int
    which: str
    planned: datetime


@dataclass(frozen=True)
class _Said:
    """A text about a visit that went or will go."""

    key: str | None
    which: str
    at: datetime

    @property
    def confirms(self) -> bool:
        return self.key in CONFIRMATIONS and not self.which[:-1].isdigit()


class _Known(NamedTuple):
    """What a visit's reminders are planned by."""

    id: int
    starts: datetime
    mode: str
    sequence: int


def remind(db: Database, settings: Settings) -> int:
    """The job: queue every reminder that is due and was not queued; gives how many texts."""
    now = utc_now()
    with db.read() as session:
        due = _without_what_was_said(session, _due(session, settings, now))
        not_come = _not_come(session, now)
    reminders = (partial(_reminders, settings=settings, due=some, now=now) for some in chunks(due))
    missed = (partial(_missed, visit_ids=some) for some in chunks(not_come))
    return sum(_queue(db, settings, make) for make in (*reminders, *missed))


def _queue(db: Database, settings: Settings, make: Callable[[Session], list[OneOfMany]]) -> int:
    """A piece in a transaction of its own. What a visit has become meanwhile, the claim sees."""
    with db.write() as session:
        return queue_each(session, settings, make(session))


def plan(starts: datetime, mode: str, settings: Settings) -> list[tuple[str, datetime]]:
    """Which reminders a visit has, and when each goes (UTC), in order.

    The first asks whether they come. Of a visit by phone there is that one, and one two hours before the call.
    """
    days, window = settings.reminder_days, settings.window_minutes
    by_day = [(f"{number}d", remind_at(starts, number, window)) for number in days]
    if mode != Mode.TELEPHONE or not by_day:
        return by_day
    return sorted([by_day[0], (_CALL, remind_of_call_at(starts, window))], key=lambda planned: planned[1])


def due_of(starts: datetime, mode: str, settings: Settings, now: datetime) -> tuple[str, datetime] | None:
    """The reminder of a visit that is due at this moment: the last whose time has come, until it says nothing more."""
    if now >= starts - BEFORE_A_VISIT:
        return None
    come = [planned for planned in plan(starts, mode, settings) if planned[1] <= now]
    return come[-1] if come else None


def _due(session: Session, settings: Settings, now: datetime) -> list[Due]:
    if not settings.reminder_days:
        return []
    until = now + timedelta(days=settings.reminder_days[0]) + _LONGEST_EARLY
    statement = select(Visit.id, Visit.starts, Visit.mode, Visit.sequence).where(
        Visit.state == VisitState.BOOKED,
        col(Visit.starts).between(now + BEFORE_A_VISIT, until),
        col(Visit.to_move_since).is_(None),
    )
    known = (_Known(*row) for row in session.execute(statement))
    found = ((visit, due_of(visit.starts, visit.mode, settings, now)) for visit in known)
    return [Due(visit.id, *planned) for visit, planned in found if planned]


def _without_what_was_said(session: Session, due: Sequence[Due]) -> list[Due]:
    """Those of which nothing was said that says as much: the same one, or a confirmation of the day before."""
    said = _said(session, [one.visit_id for one in due])
    return [one for one in due if not any(_says_as_much(one, text) for text in said.get(one.visit_id, ()))]


def _says_as_much(due: Due, text: _Said) -> bool:
    if not text.confirms:
        return text.which == due.which and text.at >= due.planned
    before = _BEHIND_ANOTHER_QUESTION if due.which == _CALL else _AFTER_CONFIRMATION
    return text.at > due.planned - before


def _said(session: Session, visit_ids: Iterable[int]) -> Mapping[int, list[_Said]]:
    found: dict[int, list[_Said]] = defaultdict(list)
    for some in chunks(visit_ids):
        statement = select(Message.subject_id, Message.text_key, Message.dedupe_key, Message.created_at).where(
            Message.subject_kind == VISIT,
            among(session, col(Message.subject_id), some),
            col(Message.state) != State.CANCELLED,
        )
        for visit_id, key, dedupe_key, at in session.execute(statement):
            found[visit_id].append(_Said(key, (dedupe_key or "").rpartition(":")[2], at))
    return found


class _Whole(NamedTuple):
    """A visit with all that its texts speak of. Its person may be texted; there is none where only a phone is known."""

    visit: Visit
    patient: Patient | None
    practice: Practice
    site: Site | None
    clinic: Clinic | None

    @property
    def is_for_young_people(self) -> bool:
        """Whether it is in a clinic for them, or of a phone that texted one's poster."""
        return self.patient is None or is_for_young_people(self.clinic)


def _whole(session: Session, visit_ids: Sequence[int], kind: Kind, *more: ColumnElement[bool]) -> Iterator[_Whole]:
    phone_alone = Recipient(col(Visit.practice_id), col(Visit.phone), col(Visit.patient_id), true())
    reason = case((col(Visit.patient_id).is_(None), reason_sql(phone_alone, kind)), else_=reason_sql(ON_RECORD, kind))
    statement = (
        columns(Visit, Patient, Practice, Site, Clinic)
        .outerjoin(Patient, col(Patient.id) == col(Visit.patient_id))
        .join(Practice, col(Practice.id) == col(Visit.practice_id))
        .outerjoin(Site, col(Site.id) == col(Visit.site_id))
        .outerjoin(Clinic, col(Clinic.id) == col(Visit.clinic_id))
        .where(among(session, col(Visit.id), visit_ids), reason.is_(None), *more)
        .order_by(col(Visit.starts), col(Visit.id))
    )
    return (_Whole(*row) for row in session.execute(statement))


def _reminders(session: Session, settings: Settings, due: Sequence[Due], now: datetime) -> list[OneOfMany]:
    which = {one.visit_id: one.which for one in due}
    first = f"{settings.reminder_days[0]}d"
    waits = [one.visit_id for one in due if one.which in (first, _CALL)]
    free = or_(col(Visit.id).not_in(waits), col(Visit.starts) < now + _TOO_LATE_TO_WAIT, ~_asked_by_another(now))
    return [
        _reminder(whole, which[whole.visit.id or 0], first)
        for whole in _whole(session, [one.visit_id for one in due], Kind.REMINDER, free)
    ]


def _asked_by_another(now: datetime) -> ColumnElement[bool]:
    """Whether something else was asked on the person's phone so lately that they may be about to answer."""
    return exists().where(
        col(OpenQuestion.phone) == func.coalesce(col(Patient.phone), col(Visit.phone)),
        col(OpenQuestion.sender_id) == col(Practice.sender_id),
        col(OpenQuestion.state) == QuestionState.OPEN,
        col(OpenQuestion.opened_at) > now - _BEHIND_ANOTHER_QUESTION,
        func.coalesce(col(OpenQuestion.subject_kind), "") != VISIT,
    )


def _reminder(whole: _Whole, which: str, first: str) -> OneOfMany:
    key = _text_of(whole, which, first)
    return _text(
        whole,
        key,
        Kind.REMINDER,
        f"{whole.visit.sequence}:{which}",
        question=None if key in _ASK_NOTHING else ASKS_WHETHER_THEY_COME,
        sequence=whole.visit.sequence,
        use_by=whole.visit.starts - BEFORE_A_VISIT,
    )


_ASK_NOTHING = ("appointment-reminder", "appointment-reminder-interpreter", "young-person-reminder")


def _text_of(whole: _Whole, which: str, first: str) -> str:
    if whole.is_for_young_people:
        return "young-person-reminder"
    if whole.visit.mode == Mode.TELEPHONE:
        return "visit-by-phone"
    if which == first or whole.practice.phone is None:  # the others carry the number of the practice
        return "visit-reminder"
    booked = whole.visit.interpreter_state == InterpreterState.BOOKED
    return "appointment-reminder-interpreter" if booked else "appointment-reminder"


def _text(
    whole: _Whole,
    key: str,
    kind: Kind,
    what: str,
    *,
    question: str | None,
    sequence: int | None = None,
    use_by: datetime | None = None,
) -> OneOfMany:
    visit, patient = whole.visit, whole.patient
    return OneOfMany(
        text_key=key,
        language=patient.language if patient else None,
        values=_values(whole, key),
        phone=(patient.phone if patient else visit.phone) or "",
        practice=whole.practice,
        patient_id=visit.patient_id,
        kind=kind,
        subject=about(visit),
        dedupe_key=f"visit:{visit.id}:{what}",
        sequence=sequence,
        question=question,
        use_by=use_by,
    )


def _values(whole: _Whole, key: str) -> dict[str, Value]:
    wall = whole.visit.starts.astimezone(LONDON)
    place = site_in_words(whole.site, whole.clinic) if whole.site else whole.practice.name
    known: dict[str, Value] = {"date": wall.date(), "time": wall.time(), "place": place, "address": place}
    return {name: known[name] for name in catalogue()[key].slots if name in known}


def _not_come(session: Session, now: datetime) -> list[int]:
    """Visits of people who did not come, of whom none was written to and none has another visit before them."""
    key = literal("visit:") + cast(col(Visit.id), String) + literal(f":{_MISSED}")
    coming = aliased(Visit)
    statement = select(Visit.id, Visit.starts, Visit.changed_at).where(
        Visit.state == VisitState.DID_NOT_ATTEND,
        col(Visit.starts) > now - _MISSED_AT_MOST,
        col(Visit.patient_id).is_not(None),
        ~exists().where(col(Message.dedupe_key) == key),
        ~exists().where(
            col(coming.patient_id) == col(Visit.patient_id),
            col(coming.state) == VisitState.BOOKED,
            col(coming.starts) > now,
        ),
    )
    rows = session.execute(statement)
    return [row[0] for row in rows if write_to_who_did_not_come_at(max(row[1], row[2])) <= now]


def _missed(session: Session, visit_ids: Sequence[int]) -> list[OneOfMany]:
    return [
        _text(whole, "visit-not-attended", Kind.NOTICE, _MISSED, question=ASKS_FOR_A_NEW_TIME)
        for whole in _whole(session, visit_ids, Kind.NOTICE)
    ]
