"""Calendars of interpreters and clinicians at a secret address: made, revoked by the next one, and read.

An interpreter's says code, language, mode, place and minutes; a clinician's no more than that either, for it lies with
whoever runs the calendar. Of the address only a keyed hash is kept.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, false, or_, update
from sqlmodel import Session, col, select

from bot.accounts.keyed_hashes import keyed
from bot.accounts.rights import declare_right, require
from bot.appointments.by_text.telling import minutes_of, place_in_words
from bot.appointments.calendars.calendars import Event, write_calendar
from bot.appointments.visits import visits_and_places
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.finding import interpreter_by_code
from bot.interpreters.words import language_in_words, mode_in_words
from bot.patients.person_codes import show_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.appointments import CalendarFeed, Clinician, InterpreterGivenUp, Site, Visit, VisitState
from bot.tables.interpreters import Interpreter
from bot.tables.organisations import Agency, Practice

MAKE_INTERPRETERS_FEED = declare_right("make-interpreters-feed", Role.INTERPRETER)
MAKE_CLINICIANS_FEED = declare_right("make-clinicians-feed", Role.PRACTICE, Role.LEAD)
KEPT_FOR = timedelta(days=30)
"""How long what will not take place, and what is over, stays in a calendar."""
_TOKEN = 16  # octets, 128 bits


class _Shown(NamedTuple):
    """A visit as a calendar needs it."""

    visit: Visit
    site: Site | None
    practice: Practice


class _Lost(NamedTuple):
    """A visit that the interpreter of a calendar had once."""

    shown: _Shown
    at: datetime


def make_interpreters_feed(db: Database, settings: Settings, code: str, actor: Actor) -> str:
    """A new address for an interpreter's calendar; the one before it is gone.

    :return: the address, told this once.
    :raises Refused: `unknown-interpreter`, or `not-allowed`: each makes their own.
    """
    token = secrets.token_urlsafe(_TOKEN)
    with db.write() as session:
        found = interpreter_by_code(session, code)
        agency = session.get_one(Agency, found.agency_id)
        actor = require(session, actor, MAKE_INTERPRETERS_FEED, agency)
        _refuse_another(session, actor, found)
        theirs = col(CalendarFeed.interpreter_id) == found.id
        _replace(session, theirs, _new(settings, token, interpreter_id=found.id))
        record(session, actor, "feed-made", f"interpreter:{found.code}")
    return address_of(settings, token)


def _refuse_another(session: Session, actor: Actor, interpreter: Interpreter) -> None:
    """What a colleague does is no more an interpreter's business than it is anybody else's."""
    account = session.get(UserAccount, actor.user_id) if actor.user_id is not None else None
    if account is not None and account.email != interpreter.email:
        raise Refused("not-allowed", "Only the interpreter can do that. Sign in as that interpreter.")


def make_clinicians_feed(db: Database, settings: Settings, code: str, actor: Actor) -> str:
    """A new address for a clinician's calendar; the one before it is gone.

    :return: the address, told this once.
    :raises Refused: `unknown-clinician`, `not-allowed`.
    """
    token = secrets.token_urlsafe(_TOKEN)
    with db.write() as session:
        found = session.exec(select(Clinician).where(Clinician.code == code)).first()
        if found is None:
            raise Refused("unknown-clinician", f"There is no clinician {code}. Check the code.")
        practice = session.get_one(Practice, found.practice_id)
        actor = require(session, actor, MAKE_CLINICIANS_FEED, practice)
        theirs = col(CalendarFeed.clinician_id) == found.id
        _replace(session, theirs, _new(settings, token, clinician_id=found.id))
        record(session, actor, "feed-made", f"clinician:{found.code}", practice_id=practice.id)
    return address_of(settings, token)


def address_of(settings: Settings, token: str) -> str:
    """Where a calendar is read."""
    return f"{settings.base_url}/calendar/{token}.ics"


def token_hash(settings: Settings, token: str) -> str:
    """What is kept of a token."""
    return keyed(settings, "calendar", token)


def _new(
    settings: Settings, token: str, *, interpreter_id: int | None = None, clinician_id: int | None = None
) -> CalendarFeed:
    return CalendarFeed(
        token_hash=token_hash(settings, token),
        interpreter_id=interpreter_id,
        clinician_id=clinician_id,
        made_at=utc_now(),
    )


def _replace(session: Session, theirs: ColumnElement[bool], feed: CalendarFeed) -> None:
    revoke = update(CalendarFeed).where(theirs, col(CalendarFeed.revoked_at).is_(None))
    session.execute(revoke.values(revoked_at=utc_now()))
    session.add(feed)


def find_feed(session: Session, settings: Settings, token: str) -> CalendarFeed | None:
    """The calendar at an address; None where there is none, or none any more."""
    known = select(CalendarFeed).where(
        CalendarFeed.token_hash == token_hash(settings, token), col(CalendarFeed.revoked_at).is_(None)
    )
    return session.exec(known).first()


def content_of(session: Session, settings: Settings, feed: CalendarFeed, now: datetime) -> bytes:
    """What a calendar says, as a file."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    if feed.interpreter_id is not None:
        return write_calendar("Interpreting", _of_interpreter(session, feed.interpreter_id, host, now))
    return write_calendar("Visits", _of_clinician(session, feed.clinician_id or 0, host, now))


def _of_interpreter(session: Session, interpreter_id: int, host: str, now: datetime) -> list[Event]:
    own = _visits(session, and_(col(Visit.interpreter_id) == interpreter_id, _is_shown(now)))
    there = {shown.visit.id for shown in own}
    lost = [each for each in _lost(session, interpreter_id, now) if each.shown.visit.id not in there]
    events = [_event(shown, host, _interpreters_title(shown.visit)) for shown in own]
    # What went to somebody else is shown as it was when it was this interpreter's.
    events += [
        _event(shown, host, _interpreters_title(shown.visit), gone_at=at)
        for shown, at in sorted(lost, key=lambda each: each.shown.visit.starts)
    ]
    return events


def _of_clinician(session: Session, clinician_id: int, host: str, now: datetime) -> list[Event]:
    shown = _visits(session, and_(col(Visit.clinician_id) == clinician_id, _is_shown(now)))
    return [_event(each, host, _clinicians_title(each.visit)) for each in shown]


def _is_shown(now: datetime) -> ColumnElement[bool]:
    lately = now - KEPT_FOR
    off = col(Visit.state) == VisitState.CANCELLED
    return or_(and_(off, col(Visit.changed_at) > lately), and_(~off, col(Visit.ends) > lately))


def _visits(session: Session, which: ColumnElement[bool]) -> Sequence[_Shown]:
    return [_Shown(*found) for found in visits_and_places(session, which)]


def _lost(session: Session, interpreter_id: int, now: datetime) -> list[_Lost]:
    """Visits of the last weeks that somebody had and has no more, each with when that was."""
    statement = select(InterpreterGivenUp.visit_id, InterpreterGivenUp.at).where(
        InterpreterGivenUp.interpreter_id == interpreter_id, InterpreterGivenUp.at > now - KEPT_FOR
    )
    when: dict[int, datetime] = {}
    for visit_id, at in session.exec(statement.order_by(col(InterpreterGivenUp.at))):
        when[visit_id] = at
    which = col(Visit.id).in_(when) if when else false()
    return [_Lost(shown, when[shown.visit.id or 0]) for shown in _visits(session, which)] if when else []


def _event(shown: _Shown, host: str, title: str, gone_at: datetime | None = None) -> Event:
    visit = shown.visit
    return Event(
        uid=f"{visit.code}@{host}",
        sequence=visit.sequence,
        changed_at=gone_at or visit.changed_at,
        starts=visit.starts,
        ends=visit.ends,
        title=title,
        place=place_in_words(shown.site, shown.practice),
        words=f"Code {show_code(visit.code)}",
        off=gone_at is not None or visit.state == VisitState.CANCELLED,
    )


def _interpreters_title(visit: Visit) -> str:
    mode = mode_in_words(visit.interpreter_mode or visit.mode)
    return f"{language_in_words(visit.language)}, {mode}, {minutes_of(visit)} minutes"


def _clinicians_title(visit: Visit) -> str:
    language = f", {language_in_words(visit.language)}" if visit.language else ""
    interpreter = ", with an interpreter" if visit.interpreter_id else ""
    return f"Visit{language}{interpreter}, {mode_in_words(visit.mode)}, {minutes_of(visit)} minutes"
