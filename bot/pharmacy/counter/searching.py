"""Finding a person at the counter: by their opaque code, or by NHS number and birth date together.

Nobody learns from a search who is registered, dead, somebody else's patient, or wants no texts: whoever cannot be
told anything is nobody, after the same work, and counts as a wrong entry. What was entered is not kept.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.portal.proving import locked_until
from bot.audit import Actor, record
from bot.clock import LONDON, london_today, utc_now
from bot.database import Database
from bot.lists.judging.dates import read_birth_date
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.person_codes import person_code_of, read_code, show_code
from bot.pharmacy.counter.languages import language_need
from bot.pharmacy.notices.calling import NO_TEXT_POSSIBLE, why_no_text
from bot.pharmacy.notices.finding import person_by_code, person_by_number, theirs_sql
from bot.pharmacy.organising.links import linked_practices
from bot.pharmacy.organising.pharmacies import pharmacy_by_code
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import CounterSearch
from bot.texts.dates_in_words import format_time

NOBODY = "No text is possible for this person. Please phone them, or hand them the label of the practice."
"""All that is ever said of a search that found nobody."""
LASTS = timedelta(minutes=15)
"""For so long a person who was found can be told something."""
WRONG_ENTRIES = 10
"""Of one account within an hour: then it finds nobody for an hour. A counter of several people may share it."""
KEPT_FOR = timedelta(days=30)
_EIGHT_DIGITS = re.compile(r"(\d\d)(\d\d)(\d{4})", re.ASCII)
_NEVER = datetime.min.replace(tzinfo=UTC)
_NO_PERSON = Patient(id=0, practice_id=0, nhs_number="", born=date.min, created_at=_NEVER, updated_at=_NEVER)
"""Stands in where nobody is found, so that the same is asked of the database."""


@dataclass(frozen=True)
class Entered:
    """What was typed or scanned: a code, or else an NHS number and a birth date."""

    code: str = ""
    nhs_number: str = ""
    born: str = ""


class _Wanted(NamedTuple):
    """The same, read: a code, or ten digits and a day."""

    code: str
    number: str
    born: date | None


def look_for(db: Database, pharmacy_code: str, entered: Entered, actor: Actor) -> str | None:
    """Whom an entry means; gives the name of the search, or None for nobody (`NOBODY` says so).

    :raises Refused: a slip, before anything is looked up: `bad-code`, `bad-number`, `bad-born`; `counter-locked`;
        `unknown-pharmacy`, `not-allowed`.
    """
    with db.write() as session:
        pharmacy = pharmacy_by_code(session, pharmacy_code)
        acting = require(session, actor, RUN_PHARMACY, pharmacy)
        wanted, now = _read(entered), utc_now()
        _lock_account(session, acting)
        _refuse_locked(session, acting, now)
        person = _who_can_be_told(session, pharmacy, _found(session, pharmacy, wanted))
        search = CounterSearch(
            public=secrets.token_urlsafe(16),
            pharmacy_id=pharmacy.id or 0,
            user_id=acting.user_id or 0,
            patient_id=person.id if person else None,
            by_number=not wanted.code,
            at=now,
            until=now + LASTS,
        )
        session.add(search)
        session.flush()
        practice_id = person.practice_id if person else None
        record(session, acting, "person-looked-up", f"pharmacy:{pharmacy.id}", practice_id=practice_id)
        _tell_if_locked(session, pharmacy, acting, now)
        return search.public if person else None


def _read(entered: Entered) -> _Wanted:
    """The entry as it is looked up: a code, where nothing else was entered."""
    if entered.code or not (entered.nhs_number or entered.born):
        return _Wanted(read_code(entered.code), "", None)
    number = read_nhs_number(entered.nhs_number)
    if number.number is None:
        raise Refused("bad-number", f"{number.message} Look at it again.")
    return _Wanted("", number.number, _read_birth_date(entered.born))


def _read_birth_date(written: str) -> date:
    """A day, month and year, also as eight digits without anything between them."""
    plain = _EIGHT_DIGITS.fullmatch(written.strip())
    born = read_birth_date("/".join(plain.groups()) if plain else written.strip(), london_today()).value
    if born is None:
        raise Refused("bad-born", "Enter the date of birth with day, month and year, such as 31/3/1960.")
    return born


def _lock_account(session: Session, actor: Actor) -> None:
    """Of two tries at once each sees the other; SQLite has one writer anyway."""
    session.exec(select(UserAccount.id).where(UserAccount.id == actor.user_id).with_for_update(key_share=True)).one()


def _refuse_locked(session: Session, actor: Actor, now: datetime) -> None:
    until = locked_until(_wrong_entries(session, actor), now, WRONG_ENTRIES)
    if until is not None:
        raise Refused(
            "counter-locked",
            f"{WRONG_ENTRIES} entries within an hour led to nobody. Phone people until {_at(until)}, then go on here.",
        )


def _at(moment: datetime) -> str:
    return format_time(moment.astimezone(LONDON).time(), "en")


def _wrong_entries(session: Session, actor: Actor) -> Sequence[datetime]:
    """When the account last looked for nobody, the newest first."""
    mine = select(CounterSearch.at).where(
        CounterSearch.user_id == actor.user_id, col(CounterSearch.patient_id).is_(None)
    )
    return session.exec(mine.order_by(col(CounterSearch.at).desc()).limit(WRONG_ENTRIES)).all()


def _found(session: Session, pharmacy: Pharmacy, wanted: _Wanted) -> Patient | None:
    if wanted.code:
        return person_by_code(session, pharmacy, wanted.code)
    return person_by_number(session, pharmacy, wanted.number, wanted.born)


def _who_can_be_told(session: Session, pharmacy: Pharmacy, person: Patient | None) -> Patient | None:
    """Whom the pharmacy may text, is to phone, or whose language it may know; the others are nobody to it."""
    asked = person or _NO_PERSON
    why = why_no_text(session, pharmacy, [asked], in_english_too=[asked.id or 0]).get(asked.id or 0)
    may_know = language_need(session, pharmacy, asked) is not None
    return person if why != NO_TEXT_POSSIBLE or may_know else None


def _tell_if_locked(session: Session, pharmacy: Pharmacy, actor: Actor, now: datetime) -> None:
    """The entry that locks the account is told to every practice the pharmacy is linked to."""
    if locked_until(_wrong_entries(session, actor), now, WRONG_ENTRIES) is None:
        return
    for practice_id in linked_practices(session, pharmacy.id or 0):
        record(session, actor, "counter-locked", f"account:{actor.user_id}", practice_id=practice_id)


def as_entered(*, by_number: bool, nhs_number: str | None, code: str | None) -> str | None:
    """A person by what the pharmacy entered for them; None where that is not known any more."""
    if by_number:
        return f"NHS number {nhs_number[:3]} {nhs_number[3:6]} {nhs_number[6:]}" if nhs_number else None
    return show_code(code) if code else None


@dataclass(frozen=True)
class Found:
    """A search that found somebody, and who it is."""

    search: CounterSearch
    pharmacy: Pharmacy
    person: Patient

    def who(self, session: Session) -> str:
        """The person as they were entered: never by name."""
        code = person_code_of(session, self.person.id or 0, make=False)
        return (
            as_entered(by_number=self.search.by_number, nhs_number=self.person.nhs_number, code=code) or "This person"
        )


def found_before(
    session: Session, pharmacy_id: int, user_id: int | None, public: str, now: datetime, *, lock: bool = False
) -> Found | None:
    """Who was found by a search of that account a short while ago; None once it is over, or they are nobody by now."""
    statement = (
        select(CounterSearch, Pharmacy, Patient)
        .join(Pharmacy, col(Pharmacy.id) == col(CounterSearch.pharmacy_id))
        .join(Patient, col(Patient.id) == col(CounterSearch.patient_id))
        .where(CounterSearch.public == public, CounterSearch.user_id == user_id, CounterSearch.until > now)
        .where(CounterSearch.pharmacy_id == pharmacy_id)
    )
    locked = statement.with_for_update(key_share=True, of=CounterSearch) if lock else statement
    row = session.exec(locked, execution_options={"populate_existing": lock}).first()
    if row is None or not _is_theirs(session, row[1], row[2]):
        return None
    return Found(*row)


def _is_theirs(session: Session, pharmacy: Pharmacy, person: Patient) -> bool:
    theirs = select(Patient.id).where(Patient.id == person.id, theirs_sql(pharmacy))
    return session.exec(theirs).first() is not None


def need_found(session: Session, pharmacy_code: str, public: str, actor: Actor, now: datetime) -> Found:
    """`found_before` for who is about to do something with it; locked, so that the same form sent twice does it once.

    :raises Refused: `search-over`; `unknown-pharmacy`, `not-allowed`.
    """
    pharmacy = pharmacy_by_code(session, pharmacy_code)
    require(session, actor, RUN_PHARMACY, pharmacy)
    found = found_before(session, pharmacy.id or 0, actor.user_id, public, now, lock=True)
    if found is None:
        raise Refused("search-over", "That took longer than 15 minutes. Enter the code or number once more.")
    return found


def forget_searches(db: Database, _settings: Settings) -> None:
    """Erase who looked for whom long ago."""
    with db.write() as session:
        session.execute(delete(CounterSearch).where(col(CounterSearch.at) < utc_now() - KEPT_FOR))
