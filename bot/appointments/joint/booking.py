"""Booking: clinician, interpreter and person in one step. Every way in comes through here.

First the clinic's row is locked, so that many who want the same places wait instead of colliding; then the days of
the interpreter; then all the time is claimed at once. Whoever comes second is told so, and looks for other times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, TypeVar, Unpack

from sqlalchemy import and_, bindparam
from sqlalchemy import select as columns
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.appointments.by_text.telling import spoken_of, tell_booked
from bot.appointments.finding_by_code import clinic_by_code, refuse_another_practice
from bot.appointments.interpreted.losing import tell_own_interpreter
from bot.appointments.joint.choosing import FreeTime, first_of
from bot.appointments.joint.claims import Key, TakenError, Wanted, claim_place, claim_time, days_of, lock_days
from bot.appointments.joint.finding import Wish, find_times, may_still_come
from bot.appointments.joint.refusing import (
    already_booked,
    ends_of,
    is_of,
    is_seen_then,
    nothing_free,
    refuse_moment,
    why_refused,
)
from bot.appointments.own_book.two_systems import to_enter
from bot.appointments.rights import BOOK_VISITS
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.exchange import Exchange
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.person_codes import unused_code
from bot.refusals import Refused
from bot.rows import columns_of, insert_row, objects_of
from bot.settings import Settings
from bot.tables.appointments import Clinic, InterpreterState, Visit, Whose
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

LONGEST_KEY = 100
MOST_TRIES = 50
"""Times that are tried one after the other when others are quicker each time."""
_DEADLOCK = "40P01"
Result = TypeVar("Result")


@dataclass(frozen=True)
class VisitWanted:
    """A visit as staff ask for it. `starts` in UTC; None takes the first time that suits.

    `idempotency_key`: asked for again with the same, it is the same visit.
    """

    practice_code: str
    nhs_number: str
    clinic_code: str
    starts: datetime | None = None
    clinician_sex: str | None = None
    interpreter_sex: str | None = None
    longer: bool = False
    idempotency_key: str | None = None


def book_joint_visit(db: Database, settings: Settings, wanted: VisitWanted, actor: Actor) -> Visit:
    """Book a visit, with its interpreter where one is needed, and tell the person.

    Where any time will do, it goes on to the next while others are quicker.

    :raises Refused: `taken`, `past`, `too-late`, `nothing-free`, `not-suited`, `already-booked`; `bad-key`,
        `key-used`; or what `find_wish` refuses.
    """

    def book(session: Session) -> Visit:
        practice, wish = find_wish(session, wanted)
        used = require(session, actor, BOOK_VISITS, practice)
        return book_here(session, settings, wish, wanted.starts, used, key=wanted.idempotency_key)

    for _ in range(MOST_TRIES):
        try:
            return in_one_step(db, book)
        except IntegrityError:
            if (known := _booked_meanwhile(db, wanted)) is not None:
                return known
            raise
        except TakenError:
            if wanted.starts is not None:
                raise _who_was_quicker(db, wanted) from None
    raise nothing_free()


def find_wish(session: Session, wanted: VisitWanted) -> tuple[Practice, Wish]:
    """The practice, the person and the clinic that are named.

    :raises Refused: `unknown-practice`, `unknown-person`, `unknown-clinic`, or `another-practice`.
    """
    reading = read_nhs_number(wanted.nhs_number)
    codes = {"of_practice": wanted.practice_code, "of_clinic": wanted.clinic_code.strip(), "of_person": reading.number}
    row = session.connection().execute(_NAMED, codes).first()
    practice, clinic, patient = objects_of(session, row, Practice, Clinic, Patient) if row else (None, None, None)
    practice = practice or practice_by_code(session, wanted.practice_code)
    clinic = clinic or clinic_by_code(session, wanted.clinic_code)
    refuse_another_practice(clinic, "clinic", practice)
    patient = patient or person_of(session, practice, wanted.nhs_number)
    return practice, Wish(patient, clinic, wanted.clinician_sex, wanted.interpreter_sex, wanted.longer)


_NAMED = (
    columns(*columns_of(Practice, Clinic, Patient))
    .select_from(Practice)
    .outerjoin(Clinic, col(Clinic.code) == bindparam("of_clinic"))
    .outerjoin(
        Patient,
        and_(col(Patient.practice_id) == col(Practice.id), col(Patient.nhs_number) == bindparam("of_person")),
    )
    .where(col(Practice.code) == bindparam("of_practice"))
)


def person_of(session: Session, practice: Practice, nhs_number: str) -> Patient:
    """A person of the practice. :raises Refused: `unknown-person`."""
    reading = read_nhs_number(nhs_number)
    statement = select(Patient).where(Patient.practice_id == practice.id, Patient.nhs_number == reading.number)
    found = session.exec(statement).first()
    if found is None:
        words = reading.message or f"Nobody on the list of {practice.name} has that NHS number."
        raise Refused("unknown-person", f"{words} Check the number.")
    return found


class HowBooked(TypedDict, total=False):
    """What more is said of a booking.

    `key`: asked for again with it, it is the same visit. `exchange`: the person asked by text, and is answered.
    `at_once`: the person is there, what they are told does not wait. `told`: person and interpreter know already.
    `campaign_id`: what it is booked for, where the wish does not say it.
    """

    key: str | None
    exchange: Exchange | None
    at_once: bool
    told: bool
    campaign_id: int | None


def book_in(
    session: Session,
    settings: Settings,
    wish: Wish,
    starts: datetime | None,
    actor: Actor,
    **how: Unpack[HowBooked],
) -> Visit:
    """Book a visit in a transaction that is under way, which goes on whatever is refused.

    :param starts: None takes the first time that suits.
    :raises Refused: as `book_joint_visit`; nothing of it is left in the transaction.
    """
    with session.begin_nested():
        return book_here(session, settings, wish, starts, actor, **how)


def book_here(
    session: Session,
    settings: Settings,
    wish: Wish,
    starts: datetime | None,
    actor: Actor,
    *,
    key: str | None = None,
    exchange: Exchange | None = None,
    at_once: bool = False,
    told: bool = False,
    campaign_id: int | None = None,
) -> Visit:
    """`book_in` for a transaction that is rolled back when it is refused."""
    now = utc_now()
    lock_clinic(session, wish.clinic)
    if key is not None and (known := _with_key(session, wish, key)) is not None:
        return known
    chosen = settle_time(session, wish, starts, now)
    visit = _insert(session, wish, chosen, actor, key, campaign_id or wish.campaign_id, now)
    claim_for(session, wish, chosen, visit.id or 0, now)
    if chosen.in_own_system:
        to_enter(session, visit, now)
    record(session, actor, "visit-booked", f"visit:{visit.id}", practice_id=visit.practice_id)
    if not told:
        spoken = spoken_of(session, visit)
        tell_booked(session, settings, visit, exchange=exchange, at_once=at_once, spoken=spoken)
        tell_own_interpreter(session, settings, visit, actor)
    return visit


def in_one_step(db: Database, verb: Callable[[Session], Result]) -> Result:
    """One `write()` in which `verb` runs; again when two waited for each other, and the database turned one away."""
    try:
        with db.write() as session:
            return verb(session)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
            raise
    with db.write() as session:
        return verb(session)


def lock_clinic(session: Session, clinic: Clinic) -> None:
    """Lock a clinic until the transaction ends: who books in it comes one after the other."""
    if session.get_bind().dialect.name != "sqlite":
        session.flush()
        session.connection().execute(_LOCK_CLINIC, {"of_clinic": clinic.id})


_LOCK_CLINIC = columns(col(Clinic.id)).where(col(Clinic.id) == bindparam("of_clinic")).with_for_update(key_share=True)


def settle_time(session: Session, wish: Wish, starts: datetime | None, now: datetime) -> FreeTime:
    """The time that will be claimed, with the days of its interpreter locked, so that no travel is overlooked.

    :raises Refused: there is none.
    """
    if starts is not None:
        refuse_moment(wish, starts, now)
    only = None if starts is None else [starts]
    for _ in range(MOST_TRIES):
        found = find_times(session, wish, now, limit=1, only_starts=only)
        chosen = first_of(found)
        if chosen is None:
            raise nothing_free(found.why_none) if starts is None else why_refused(session, wish, starts, now)
        if _holds(session, wish, chosen, now):
            return chosen
    raise TakenError


def _holds(session: Session, wish: Wish, chosen: FreeTime, now: datetime) -> bool:
    """Whether the interpreter can still come once nobody else can book that day."""
    interpreter = chosen.interpreter
    if interpreter is None:
        return True
    looked_too_early = lock_days(session, ((interpreter.id, day) for day in days_of(chosen.starts, chosen.ends)))
    return not looked_too_early or may_still_come(session, wish, chosen, now)


def claim_for(session: Session, wish: Wish, chosen: FreeTime, visit_id: int, now: datetime) -> list[Key]:
    """Claim a time for a visit: clinician or place, interpreter and person. :raises TakenError: a part is taken."""
    wanted: list[Wanted] = []
    if wish.patient is not None:
        wanted.append((Whose.PATIENT, wish.patient_id, chosen.starts, chosen.ends))
    if chosen.clinician is not None:
        wanted.append((Whose.CLINICIAN, chosen.clinician.id, chosen.starts, chosen.ends))
    if chosen.interpreter is not None:
        wanted.append((Whose.INTERPRETER, chosen.interpreter.id, chosen.starts, chosen.ends))
    keys = claim_time(session, wanted, now=now, visit_id=visit_id, patient_id=wish.patient_id)
    if wish.clinic.places is None:
        return keys
    return [
        *keys,
        claim_place(
            session, chosen.slots[0], wish.clinic.places, now=now, visit_id=visit_id, patient_id=wish.patient_id
        ),
    ]


def _insert(
    session: Session,
    wish: Wish,
    chosen: FreeTime,
    actor: Actor,
    key: str | None,
    campaign_id: int | None,
    now: datetime,
) -> Visit:
    needs, interpreter = wish.needs, chosen.interpreter
    return insert_row(
        session,
        Visit,
        code=unused_code(session),
        practice_id=wish.clinic.practice_id,
        patient_id=wish.patient.id if wish.patient else None,
        phone=wish.phone,
        clinic_id=wish.clinic.id,
        clinician_id=chosen.clinician.id if chosen.clinician else None,
        site_id=chosen.site.id,
        starts=chosen.starts,
        ends=chosen.ends,
        mode=chosen.mode,
        language=needs.language,
        clinician_sex=wish.clinician_sex,
        interpreter_sex=wish.interpreter_sex,
        longer=wish.longer,
        interpreter_id=interpreter.id if interpreter else None,
        interpreter_mode=chosen.mode if interpreter else None,
        interpreter_state=InterpreterState.BOOKED if interpreter else InterpreterState.NOT_NEEDED,
        campaign_id=campaign_id,
        idempotency_key=key,
        made_by=actor.label,
        made_at=now,
        changed_at=now,
    )


def _with_key(session: Session, wish: Wish, key: str) -> Visit | None:
    """The visit that was booked with a key. Somebody else's is never taken for this person's.

    :raises Refused: `bad-key`, or `key-used`.
    """
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise Refused("bad-key", f"The key of this request has not 1 to {LONGEST_KEY} signs on one line. Use another.")
    statement = select(Visit).where(Visit.practice_id == wish.clinic.practice_id, col(Visit.idempotency_key) == key)
    known = session.exec(statement).first()
    if known is not None and not is_of(known, wish):
        raise Refused(
            "key-used",
            "This was sent before, for somebody else. Send it again to book this person.",
            by_command="give each visit an idempotency key of its own",
        )
    return known


def _booked_meanwhile(db: Database, wanted: VisitWanted) -> Visit | None:
    """What somebody else booked at that moment with the same key, in another clinic."""
    if wanted.idempotency_key is None:
        return None
    with db.read() as session:
        _, wish = find_wish(session, wanted)
        return _with_key(session, wish, wanted.idempotency_key)


def _who_was_quicker(db: Database, wanted: VisitWanted) -> Refused:
    """Two who book the same person at once: the second hears that, not that somebody else has the time."""
    with db.read() as session:
        _, wish = find_wish(session, wanted)
        starts = wanted.starts
        if starts is not None and is_seen_then(session, wish, starts, ends_of(wish, starts)):
            return already_booked()
    return TakenError()
