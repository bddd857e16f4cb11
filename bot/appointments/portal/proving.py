"""Showing that a person is there: an interpreter enters their code, and the number that goes to their phone.

What an interpreter could learn by trying is nothing: a code of nobody, of somebody at a practice the agency does not
serve, or of somebody who must not be texted is answered like a right one, and after the same work.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from bot.accounts.keyed_hashes import keyed
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.accounts import Interpreting
from bot.messaging.outbox import queue_text
from bot.patients.eligibility import why_not
from bot.patients.person_codes import read_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.appointments import Proof, WrongCode
from bot.tables.interpreters import AgencyPractice
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PersonCode
from bot.wording.composing import NotApprovedError

IF_RIGHT = "If the code is right, a number has gone to their phone."
NUMBER_LASTS = timedelta(minutes=10)
PRESENCE_LASTS = timedelta(minutes=20)
TRIES = 5
STARTS_AN_HOUR = 10
TEXTS_A_DAY = 3
WRONG_CODES = 5
"""Of one account within an hour: then it cannot join for an hour."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT_FOR = timedelta(days=30)
_TEXT = "person-there"
_DIGITS = 6
_NOBODY_TO_TEXT = "+447700900000"
"""Stands in where nobody is texted, in a row that is taken back before anybody sees it."""


@dataclass(frozen=True)
class Present:
    """A person who is there, as their interpreter may see them: by code. `until` is UTC."""

    proof_id: int
    code: str
    until: datetime
    patient: Patient
    practice: Practice


def ask_for_presence(
    db: Database, settings: Settings, me: Interpreting, written: str, actor: Actor, *, key: str | None = None
) -> None:
    """Text the person of a code a number, if there is one who may be texted; whether there is, nobody is told.

    What was asked for before, or shown to be there, ends with it.

    :param key: that of the form; sent again, it starts nothing.
    :raises Refused: `bad-code`, a slip, before anything is looked up; `too-many-starts`, `joining-locked`.
    """
    code = read_code(written)
    number = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    with db.write() as session:
        _lock_account(session, me)
        if key is not None and _started_before(session, me, key):
            return
        now = utc_now()
        _refuse_too_many(session, me, now)
        found = _person(session, me, code)
        texted = _text(session, settings, me, found, number, now)
        _count_wrong_code(session, me, now, actor, counts=found is None)
        _end_others(session, me, now)
        proof = Proof(
            user_id=me.user_id,
            patient_id=found[0].id if found else None,
            person_code=code,
            number_hash=_hash(settings, me, code, number),
            texted=texted,
            made_at=now,
            until=now + NUMBER_LASTS,
            idempotency_key=key,
        )
        session.add(proof)
        session.flush()
        record(session, actor, "presence-asked", f"proof:{proof.id}", practice_id=found[1].id if found else None)


def _lock_account(session: Session, me: Interpreting) -> None:
    """Of two tries at once each sees the other; SQLite has one writer anyway."""
    session.exec(select(UserAccount.id).where(UserAccount.id == me.user_id).with_for_update(key_share=True)).one()


def _started_before(session: Session, me: Interpreting, key: str) -> bool:
    known = select(Proof.id).where(Proof.user_id == me.user_id, Proof.idempotency_key == key)
    return session.exec(known).first() is not None


def _refuse_too_many(session: Session, me: Interpreting, now: datetime) -> None:
    until = locked_until(_wrong_codes(session, me.user_id), now)
    if until is not None:
        raise Refused(
            "joining-locked",
            f"Too many codes were wrong. You can enter a code again in {_minutes(until - now)}. "
            "If you need an appointment now, phone the practice.",
        )
    starts = select(func.count()).where(Proof.user_id == me.user_id, Proof.made_at > now - HOUR)
    if session.exec(starts).one() >= STARTS_AN_HOUR:
        raise Refused(
            "too-many-starts",
            f"You have entered {STARTS_AN_HOUR} codes within an hour, which is the most. Wait a little, then go on.",
        )


def _wrong_codes(session: Session, user_id: int) -> Sequence[datetime]:
    """When the account last entered codes of nobody, the newest first."""
    mine = select(WrongCode.at).where(WrongCode.user_id == user_id)
    return session.exec(mine.order_by(col(WrongCode.at).desc()).limit(WRONG_CODES)).all()


def locked_until(wrong: Sequence[datetime], now: datetime, most: int = WRONG_CODES) -> datetime | None:
    """Until when an account cannot join.

    :param wrong: when it last entered wrong codes, the newest first; `most`: so many within an hour lock it.
    """
    if len(wrong) < most or wrong[0] - wrong[most - 1] > HOUR:
        return None
    until = wrong[0] + HOUR
    return until if now < until else None


def _minutes(left: timedelta) -> str:
    minutes = max(1, -int(-left.total_seconds() // 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _person(session: Session, me: Interpreting, code: str) -> tuple[Patient, Practice] | None:
    """Whom a code stands for, at a practice that the agency serves; locked, so that their texts are counted."""
    statement = (
        select(Patient, Practice)
        .join(PersonCode, col(PersonCode.patient_id) == col(Patient.id))
        .join(Practice, col(Practice.id) == col(Patient.practice_id))
        .join(AgencyPractice, col(AgencyPractice.practice_id) == col(Practice.id))
        .where(PersonCode.code == code, col(PersonCode.replaced_at).is_(None))
        .where(AgencyPractice.agency_id == me.agency_id)
        .where(col(Patient.registered), ~col(Patient.deceased))
        .with_for_update(key_share=True, of=Patient)
    )
    return session.exec(statement).first()


def _text(
    session: Session,
    settings: Settings,
    me: Interpreting,
    found: tuple[Patient, Practice] | None,
    number: str,
    now: datetime,
) -> bool:
    """Queue the number where it may go; elsewhere do the same work and take it back, so that time tells nothing."""
    any_practice = _any_practice(session, me)
    patient, practice = found or (None, any_practice)
    if practice is None:
        return False
    phone = (patient.phone if patient else None) or _NOBODY_TO_TEXT
    whom = patient.id if patient else None
    kept_back = why_not(session, Kind.NOTICE, practice.id or 0, phone, whom) is not None
    enough = _texts_of_today(session, phone, now) >= TEXTS_A_DAY
    goes = patient is not None and not kept_back and not enough
    trial = session.begin_nested()
    try:
        message = queue_text(
            session,
            settings,
            text_key=_TEXT,
            language=patient.language if patient else "ur",
            values={"number": number},
            phone=phone,
            practice=practice,
            patient_id=whom,
            use_by=now + NUMBER_LASTS,
        )
    except NotApprovedError:
        trial.rollback()
        return False
    if goes:
        trial.commit()
    else:
        session.expunge(message)
        trial.rollback()
    return goes


def _any_practice(session: Session, me: Interpreting) -> Practice | None:
    statement = (
        select(Practice)
        .join(AgencyPractice, col(AgencyPractice.practice_id) == col(Practice.id))
        .where(AgencyPractice.agency_id == me.agency_id)
        .order_by(col(Practice.id))
    )
    return session.exec(statement.limit(1)).first()


def _texts_of_today(session: Session, phone: str, now: datetime) -> int:
    lately = select(func.count()).where(
        Message.phone == phone, Message.text_key == _TEXT, Message.created_at > now - DAY
    )
    return session.exec(lately).one()


def _count_wrong_code(session: Session, me: Interpreting, now: datetime, actor: Actor, *, counts: bool) -> None:
    """Count a code of nobody; for a right one do the same and take it back.

    The one that locks the account is told to every practice the agency serves.
    """
    trial = session.begin_nested()
    session.add(WrongCode(user_id=me.user_id, at=now))
    session.flush()
    locked = locked_until(_wrong_codes(session, me.user_id), now) is not None
    if not counts:
        trial.rollback()
        return
    trial.commit()
    if locked:
        practices = select(AgencyPractice.practice_id).where(AgencyPractice.agency_id == me.agency_id)
        for practice_id in session.exec(practices.order_by(col(AgencyPractice.practice_id))):
            record(session, actor, "joining-locked", f"account:{me.user_id}", practice_id=practice_id)


def _end_others(session: Session, me: Interpreting, now: datetime) -> None:
    living = update(Proof).where(col(Proof.user_id) == me.user_id, col(Proof.ended_at).is_(None))
    session.execute(living.values(ended_at=now))


def _hash(settings: Settings, me: Interpreting, code: str, number: str) -> str:
    return keyed(settings, f"presence of {code} to {me.user_id}", number)


def waits_for_number(session: Session, me: Interpreting, now: datetime) -> bool:
    """Whether a number would be taken now."""
    return _living(session, me, now, lock=False) is not None


def _living(session: Session, me: Interpreting, now: datetime, *, lock: bool) -> Proof | None:
    """The number that is asked for; one that was tried too often is still it, so that it can be said."""
    statement = (
        select(Proof)
        .where(Proof.user_id == me.user_id, col(Proof.ended_at).is_(None), col(Proof.proven_until).is_(None))
        .where(Proof.until > now)
        .order_by(col(Proof.id).desc())
        .limit(1)
    )
    return session.exec(statement.with_for_update() if lock else statement).first()


def prove_presence(db: Database, settings: Settings, me: Interpreting, written: str, actor: Actor) -> datetime:
    """The number that the person has read out: right, it opens twenty minutes for that person, once.

    :return: until when, UTC.
    :raises Refused: `no-number`, none is waited for; `too-many-tries`; `wrong-number`, also where no number went.
    """
    number = _read_number(written)
    with db.write() as session:
        _lock_account(session, me)
        now = utc_now()
        proof = _living(session, me, now, lock=True)
        if proof is None:
            raise Refused("no-number", "There is no number to enter any more. Enter the code of the person again.")
        if proof.tries >= TRIES:
            raise _too_many_tries()
        proof.tries += 1
        session.add(proof)
        if not _is_right(settings, me, proof, number):
            refused = _wrong_number(proof)
        else:
            proof.proven_until = now + PRESENCE_LASTS
            practice_id = session.get_one(Patient, proof.patient_id).practice_id
            record(session, actor, "presence-proven", f"proof:{proof.id}", practice_id=practice_id)
            return proof.proven_until
    raise refused  # after the try is counted


def _read_number(written: str) -> str:
    """Digits of whatever script, without what stands between them."""
    return "".join(str(unicodedata.digit(char)) for char in written if char.isdigit())


def _is_right(settings: Settings, me: Interpreting, proof: Proof, number: str) -> bool:
    """Where no number went, none is right, were it guessed."""
    same = hmac.compare_digest(proof.number_hash, _hash(settings, me, proof.person_code, number))
    return same and proof.texted and proof.patient_id is not None


def _wrong_number(proof: Proof) -> Refused:
    left = TRIES - proof.tries
    if left == 0:
        return _too_many_tries()
    return Refused(
        "wrong-number",
        f"That is not the number. Ask for it again: it has {_DIGITS} digits. "
        f"You can try {left} more time{'' if left == 1 else 's'}.",
    )


def _too_many_tries() -> Refused:
    return Refused("too-many-tries", f"That was tried {TRIES} times. Enter the code again to have a new number sent.")


def present_person(session: Session, me: Interpreting, now: datetime) -> Present | None:
    """Who is shown to be there now: the code still stands for them, at a practice the agency still serves."""
    statement = (
        select(Proof, Patient, Practice)
        .join(Patient, col(Patient.id) == col(Proof.patient_id))
        .join(Practice, col(Practice.id) == col(Patient.practice_id))
        .join(AgencyPractice, col(AgencyPractice.practice_id) == col(Practice.id))
        .join(PersonCode, col(PersonCode.code) == col(Proof.person_code))
        .where(Proof.user_id == me.user_id, col(Proof.ended_at).is_(None), col(Proof.proven_until) > now)
        .where(AgencyPractice.agency_id == me.agency_id)
        .where(col(PersonCode.replaced_at).is_(None), PersonCode.patient_id == Patient.id)
        .where(col(Patient.registered), ~col(Patient.deceased))
        .order_by(col(Proof.id).desc())
        .limit(1)
    )
    found = session.exec(statement).first()
    if found is None:
        return None
    proof, patient, practice = found
    return Present(proof.id or 0, proof.person_code, proof.proven_until or now, patient, practice)


def need_present(session: Session, me: Interpreting, now: datetime) -> Present:
    """:raises Refused: `not-present`: nobody is shown to be there, or the twenty minutes are over."""
    found = present_person(session, me, now)
    if found is None:
        raise Refused(
            "not-present", "The time for this person is over. Enter their code again: a new number goes to their phone."
        )
    return found


def end_presence(db: Database, me: Interpreting) -> None:
    """The interpreter is done with this person."""
    with db.write() as session:
        _end_others(session, me, utc_now())


def forget_proofs(db: Database, _settings: Settings) -> None:
    """Erase codes and numbers that were entered long ago."""
    before = utc_now() - KEPT_FOR
    with db.write() as session:
        session.execute(delete(Proof).where(col(Proof.made_at) < before))
        session.execute(delete(WrongCode).where(col(WrongCode.at) < before))
