"""What an interpreter sees of a visit. Whatever is not a field of `Seen` reaches no page of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from bot.appointments.by_text.telling import minutes_of, place_in_words
from bot.appointments.portal.proving import Present
from bot.appointments.visits import visits_and_places
from bot.clock import LONDON
from bot.interpreters.accounts import Interpreting
from bot.interpreters.words import language_in_words, mode_in_words
from bot.patients.person_codes import show_code
from bot.tables.appointments import InterpreterState, Site, Visit, VisitKind, VisitState
from bot.tables.interpreters import AskState, InterpreterAsk
from bot.tables.organisations import Practice
from bot.texts.dates_in_words import format_date, format_time

STATES = {
    VisitState.BOOKED: "Booked",
    VisitState.ARRIVED: "The person is there",
    VisitState.ATTENDED: "Took place",
    VisitState.DID_NOT_ATTEND: "The person did not come",
    VisitState.CANCELLED: "Will not take place",
}
SEXES = {"F": "a woman", "M": "a man"}
_COMING = (VisitState.BOOKED, VisitState.ARRIVED)
MAY_BE_TAKEN = (AskState.ASKED, AskState.LAPSED)
"""States of an ask in which a yes still counts, while nobody has the visit."""
_STILL_SOUGHT = (InterpreterState.SEEKING, InterpreterState.FAILED)
KEPT_FOR = timedelta(days=30)
"""How long one's own visits can still be looked at."""


@dataclass(frozen=True)
class Seen:
    """A visit as an interpreter may see it. `starts` is UTC; `code` stands in addresses, `shown` is read.

    `sex`: a wish for the interpreter, in words. `practice` and `phone`: whom to phone about it. `ask`: the number of
    what one is asked, so that no answer counts for the next question about the same visit.
    """

    code: str
    shown: str
    starts: datetime
    minutes: int
    language: str
    place: str
    mode: str
    sex: str | None
    longer: bool
    state: str
    practice: str
    phone: str | None
    sequence: int
    ask: int | None = None
    answer_by: datetime | None = None
    own: bool = False
    asked: bool = False
    theirs: bool = False
    movable: bool = False

    @property
    def day(self) -> str:
        """The day in words."""
        return day_of(self.starts)

    @property
    def clock(self) -> str:
        """The time on the wall in London."""
        return clock_of(self.starts)


def day_of(moment: datetime) -> str:
    """The day in London of a moment, in words."""
    return format_date(moment.astimezone(LONDON).date(), "en")


def clock_of(moment: datetime) -> str:
    """The time on the wall in London of a moment, in words."""
    return format_time(moment.astimezone(LONDON).time(), "en")


def own_visits(session: Session, me: Interpreting, now: datetime) -> list[Seen]:
    """The visits an interpreter has and that are not over, the next first."""
    mine = and_(col(Visit.interpreter_id) == me.interpreter_id, col(Visit.ends) > now, col(Visit.state).in_(_COMING))
    return _seen(session, me, None, mine, now)


def open_asks(session: Session, me: Interpreting, now: datetime) -> list[Seen]:
    """Visits an interpreter is asked to take and that nobody has yet, the next first."""
    return _seen(session, me, None, _asked_and_free(me, now), now)


def persons_visits(session: Session, me: Interpreting, present: Present, now: datetime) -> list[Seen]:
    """The coming visits, at this practice, of the person who is there."""
    return _seen(session, me, present, and_(_of_person(present), col(Visit.starts) > now), now)


def one_visit(session: Session, me: Interpreting, present: Present | None, code: str, now: datetime) -> Seen | None:
    """A visit by its code: one's own, one that one is asked to take, or one of the person who is there.

    None for every other, as for one that never was.
    """
    lately = and_(col(Visit.interpreter_id) == me.interpreter_id, col(Visit.ends) > now - KEPT_FOR)
    seen = [lately, _asked_and_free(me, now), *([_of_person(present)] if present else [])]
    found = _seen(session, me, present, and_(col(Visit.code) == code, or_(*seen)), now)
    return found[0] if found else None


def _asked_and_free(me: Interpreting, now: datetime) -> ColumnElement[bool]:
    asked = select(InterpreterAsk.visit_id).where(
        InterpreterAsk.interpreter_id == me.interpreter_id, col(InterpreterAsk.state).in_(MAY_BE_TAKEN)
    )
    return and_(
        col(Visit.id).in_(asked),
        col(Visit.state) == VisitState.BOOKED,
        col(Visit.interpreter_state).in_(_STILL_SOUGHT),
        col(Visit.starts) > now,
    )


def _of_person(present: Present) -> ColumnElement[bool]:
    return and_(
        col(Visit.patient_id) == present.patient.id,
        col(Visit.practice_id) == present.practice.id,
        col(Visit.state) == VisitState.BOOKED,
    )


def _seen(
    session: Session, me: Interpreting, present: Present | None, which: ColumnElement[bool], now: datetime
) -> list[Seen]:
    rows = visits_and_places(session, which)
    asks = _asks(session, me, [visit.id or 0 for visit, _, _ in rows])
    return [_one(me, present, asks.get(visit.id or 0), visit, site, practice, now) for visit, site, practice in rows]


def _asks(session: Session, me: Interpreting, visit_ids: Sequence[int]) -> dict[int, InterpreterAsk]:
    """The newest open ask of each of these visits to this interpreter."""
    statement = select(InterpreterAsk).where(
        InterpreterAsk.interpreter_id == me.interpreter_id,
        col(InterpreterAsk.visit_id).in_(visit_ids),
        col(InterpreterAsk.state).in_(MAY_BE_TAKEN),
    )
    ordered = statement.order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))
    return {ask.visit_id: ask for ask in session.exec(ordered)}


def _one(
    me: Interpreting,
    present: Present | None,
    ask: InterpreterAsk | None,
    visit: Visit,
    site: Site | None,
    practice: Practice,
    now: datetime,
) -> Seen:
    own = visit.interpreter_id == me.interpreter_id
    free = visit.state == VisitState.BOOKED and visit.interpreter_state in _STILL_SOUGHT and visit.starts > now
    theirs = present is not None and visit.patient_id == present.patient.id and visit.practice_id == present.practice.id
    coming = visit.state == VisitState.BOOKED and visit.starts > now
    return Seen(
        code=visit.code,
        shown=show_code(visit.code),
        starts=visit.starts,
        minutes=minutes_of(visit),
        language=language_in_words(visit.language),
        place=place_in_words(site, practice),
        mode=mode_in_words((ask.mode if ask and not own else visit.interpreter_mode) or visit.mode),
        sex=SEXES.get(visit.interpreter_sex or ""),
        longer=visit.longer,
        state=STATES[VisitState(visit.state)],
        practice=practice.name,
        phone=practice.phone,
        sequence=visit.sequence,
        ask=ask.id if ask and free else None,
        answer_by=ask.lapses_at if ask and free else None,
        own=own,
        asked=ask is not None and free and not own,
        theirs=theirs and coming,
        movable=theirs and coming and visit.kind == VisitKind.OURS,
    )
