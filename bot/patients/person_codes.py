"""Codes that stand for a person, or a visit, where nobody may know who it is: eight signs, the last of them a check.

A code of a person and a code of a visit have one form and never one value, and none is used a second time.
"""

import secrets
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, String, bindparam, exists, or_, update
from sqlalchemy import select as columns
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.refusals import Refused
from bot.rows import among
from bot.tables.appointments import Visit
from bot.tables.patients import Patient, PersonCode

SIGNS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""31 signs, a prime: each wrong sign, and each swap of two neighbours, then shows in the check sign."""
_VALUES = {sign: value for value, sign in enumerate(SIGNS)}
_LENGTH = 8
_MEANT = str.maketrans("IL", "11")
_UNUSED = frozenset("O0U")
_IGNORED = str.maketrans("", "", " \t\n\r\u00a0-\u2010\u2011\u2012\u2013\u2014\u2212")


def new_code() -> str:
    """A code by chance; whether it is used already stands in the database (`unused_code`)."""
    chosen = "".join(secrets.choice(SIGNS) for _ in range(_LENGTH - 1))
    return chosen + check_sign(chosen)


def check_sign(signs: str) -> str:
    """The sign that follows these seven."""
    return SIGNS[sum(weight * _VALUES[sign] for weight, sign in enumerate(signs, 2)) % len(SIGNS)]


def show_code(code: str) -> str:
    """A code as people read it: K4M9-27T7."""
    return f"{code[:4]}-{code[4:]}"


def read_code(written: str) -> str:
    """A code as somebody wrote it: case, spaces and hyphens do not matter, I and L are a 1.

    Nothing is looked up, so a slip is told apart from a code of nobody at once, and tells nothing about anybody.

    :raises Refused: `bad-code`, with what to look at.
    """
    signs = written.translate(_IGNORED).upper().translate(_MEANT)
    if wrong := sorted(_UNUSED & set(signs)):
        raise _bad_code(f"No code holds {' or '.join(wrong)}. Letters O and U and the figure 0 are not used.")
    if len(signs) != _LENGTH or not set(signs) <= set(SIGNS):
        raise _bad_code("A code has eight letters and figures, such as K4M9-27T7.")
    if check_sign(signs[:-1]) != signs[-1]:
        raise _bad_code("One of its letters or figures is not right.")
    return signs


def _bad_code(hint: str) -> Refused:
    return Refused("bad-code", f"That is no code. {hint} Look at it again, or ask for it once more.")


def unused_code(session: Session) -> str:
    """A code that stands for no person and no visit, and never has."""
    session.flush()
    while True:
        code = new_code()
        if not session.connection().scalar(_IS_USED, {"code": code}):
            return code


def unused_codes(session: Session, number: int) -> list[str]:
    """So many codes of that kind, all different, looked up together."""
    codes: set[str] = set()
    while wanted := number - len(codes):
        made = {new_code() for _ in range(wanted)}
        for table in (PersonCode, Visit):
            used = select(col(table.code)).where(among(session, col(table.code), made))
            made -= set(session.scalars(used))
        codes |= made
    return sorted(codes)


def person_code_of(session: Session, patient_id: int, *, make: bool = True) -> str | None:
    """The code of a person that is in force, made now where there is none; None only where it may not be made."""
    code = _in_force(session, patient_id)
    return make_person_code(session, patient_id) if code is None and make else code


def make_person_code(session: Session, patient_id: int, now: datetime | None = None) -> str:
    """The code of a person: the one in force, else a new one. Two who make it at once get the same."""
    session.flush()
    connection = session.connection()
    while True:
        values = {"new": new_code(), "of_patient": patient_id, "now": now or utc_now()}
        made: str | None = connection.scalar(_making(connection.dialect.name), values)
        if (code := made or _in_force(session, patient_id)) is not None:
            return code


def replace_person_code(session: Session, patient_id: int, now: datetime | None = None) -> str:
    """A new code for a person, for one that was lost or misused; the one before stands for nobody from now on."""
    moment = now or utc_now()
    before = (col(PersonCode.patient_id) == patient_id) & col(PersonCode.replaced_at).is_(None)
    session.execute(update(PersonCode).where(before).values(replaced_at=moment))
    return make_person_code(session, patient_id, moment)


def person_by_code(session: Session, code: str) -> Patient | None:
    """Whom a code (as `read_code` gives it) stands for now; None for nobody."""
    statement = (
        select(Patient)
        .join(PersonCode, col(PersonCode.patient_id) == col(Patient.id))
        .where(PersonCode.code == code, col(PersonCode.replaced_at).is_(None))
    )
    return session.exec(statement).first()


def _in_force(session: Session, patient_id: int) -> str | None:
    session.flush()
    found: str | None = session.connection().scalar(_IN_FORCE, {"of_patient": patient_id})
    return found


@cache
def _making(dialect: str) -> Any:
    """Nothing where the person has a code, or a visit or somebody else has this one."""
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    moment: Any = PersonCode.__table__.c.made_at.type  # type: ignore[attr-defined]
    row = columns(
        bindparam("new", type_=String), bindparam("of_patient", type_=Integer), bindparam("now", type_=moment)
    ).where(~exists().where(col(Visit.code) == bindparam("new", type_=String)))
    names = ["code", "patient_id", "made_at"]
    return insert(PersonCode).from_select(names, row).on_conflict_do_nothing().returning(col(PersonCode.code))


_IN_FORCE = columns(col(PersonCode.code)).where(
    col(PersonCode.patient_id) == bindparam("of_patient"), col(PersonCode.replaced_at).is_(None)
)
_IS_USED = columns(
    or_(exists().where(col(PersonCode.code) == bindparam("code")), exists().where(col(Visit.code) == bindparam("code")))
)
