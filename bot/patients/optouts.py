"""Wishes not to be texted. Kept apart from patients, so that no list undoes them."""

from typing import Any

from sqlalchemy import ColumnElement, Exists, ScalarSelect, and_, exists, func, or_, update
from sqlmodel import Session, col, select

from bot.audit import SERVICE, Actor, record
from bot.clock import utc_now
from bot.patients.events import tell_of_opt_out
from bot.tables.patients import OptOut, OptOutScope, Patient


def record_opt_out(
    session: Session,
    *,
    practice_id: int,
    phone: str | None,
    scope: OptOutScope,
    source: str,
    message_id: int | None = None,
    actor: Actor = SERVICE,
    patient_id: int | None = None,
) -> OptOut:
    """Note that whoever has this phone wants no more texts from the practice.

    Known by person as well when exactly one patient has the number. While one is in force another changes
    nothing, except that `outreach` may widen to `all`.

    :param phone: E.164; None where it is the wish of one person alone, `patient_id`, and of no phone.
    :param source: where the wish came from, such as `reply`, `twilio` or `staff`.
    """
    theirs = col(OptOut.patient_id) == patient_id if phone is None else col(OptOut.phone) == phone
    present = _in_force(session, practice_id, theirs)
    if present is not None and not (scope == OptOutScope.ALL and present.scope != OptOutScope.ALL):
        return present
    opt_out = present or OptOut(
        practice_id=practice_id,
        phone=phone,
        patient_id=patient_id if phone is None else only_patient(session, practice_id, phone),
        source=source,
        message_id=message_id,
        recorded_at=utc_now(),
    )
    opt_out.scope = scope.value
    session.add(opt_out)
    session.flush()
    subject = f"opt-out:{opt_out.id}"
    record(session, actor, "opted-out", subject, practice_id=practice_id, scope=scope.value, source=source)
    tell_of_opt_out(session, opt_out)
    return opt_out


def lift_opt_out(session: Session, practice_id: int, phone: str, actor: Actor = SERVICE) -> bool:
    """Text this phone again, and the one person behind it; whether there was anything to lift.

    :param phone: E.164.
    """
    patient_id = only_patient(session, practice_id, phone)
    theirs = col(OptOut.phone) == phone
    if patient_id is not None:
        theirs = or_(theirs, col(OptOut.patient_id) == patient_id)
    ids = session.exec(
        select(OptOut.id).where(OptOut.practice_id == practice_id, theirs, col(OptOut.lifted_at).is_(None))
    ).all()
    if ids:
        session.execute(update(OptOut).where(col(OptOut.id).in_(ids)).values(lifted_at=utc_now()))
        record(session, actor, "opt-out-lifted", f"opt-out:{ids[0]}", practice_id=practice_id)
    return bool(ids)


def opted_out_scope_sql() -> ScalarSelect[str | None]:
    """An SQL expression for a row of `patient`: `all`, `outreach`, or null when texting is welcome."""
    # 'all' sorts before 'outreach', so the least one is the widest.
    in_force = _in_force_for(col(Patient.practice_id), col(Patient.phone), col(Patient.id))
    return select(func.min(OptOut.scope)).where(in_force).correlate(Patient).scalar_subquery()


def opted_out_sql(practice_id: Any, phone: Any, patient_id: Any, among: OptOutScope | None) -> Exists:
    """Whether an opt-out is in force for a practice, phone and person named by the outer query's columns.

    :param among: only opt-outs of that scope; of any, if None.
    """
    wanted = () if among is None else (col(OptOut.scope) == among,)
    return exists().where(_in_force_for(practice_id, phone, patient_id), *wanted)


def blocked_sql(practice_id: Any, phone: Any) -> Exists:
    """Whether the network took a STOP on a phone and lets none of the practice's texts through, whatever its scope."""
    of_phone = (col(OptOut.practice_id) == practice_id, col(OptOut.phone) == phone)
    return exists().where(*of_phone, col(OptOut.lifted_at).is_(None), col(OptOut.source) == "twilio")


def _in_force_for(practice_id: Any, phone: Any, patient_id: Any) -> ColumnElement[bool]:
    """An opt-out counts by phone within the practice, and by person even after the number changed."""
    return and_(
        col(OptOut.practice_id) == practice_id,
        col(OptOut.lifted_at).is_(None),
        or_(col(OptOut.phone) == phone, col(OptOut.patient_id) == patient_id),
    )


def _in_force(session: Session, practice_id: int, theirs: ColumnElement[bool]) -> OptOut | None:
    statement = select(OptOut).where(OptOut.practice_id == practice_id, theirs, col(OptOut.lifted_at).is_(None))
    return session.exec(statement.order_by(col(OptOut.id))).first()


def only_patient(session: Session, practice_id: int, phone: str) -> int | None:
    """The one person of the practice with that number; None where nobody has it, or several.

    :param phone: E.164.
    """
    statement = select(Patient.id).where(Patient.practice_id == practice_id, Patient.phone == phone).limit(2)
    found = session.exec(statement).all()
    return found[0] if len(found) == 1 else None
