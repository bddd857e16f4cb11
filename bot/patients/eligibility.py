"""Whether a person may be texted: one ordered set of rules, for a plan over thousands and for one person alike.

A plan, a claim, the inbox before it offers an answer: all ask the same expressions, so all give the same first reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    Case,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    false,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from bot.patients.optouts import opted_out_sql
from bot.patients.phone_safety import on_another_record_sql
from bot.tables.messaging import Kind
from bot.tables.patients import OptOutScope, Patient, PhoneStatus


class Reason(StrEnum):
    """Why a person may not be texted, in the order in which it is asked: a person counts under the first alone."""

    DECEASED = "deceased"
    NOT_REGISTERED = "not-registered"
    NO_MOBILE = "no-mobile"
    SHARED_PHONE = "shared-phone"
    UNSAFE_PHONE = "unsafe-phone"
    TEXTING_REFUSED = "texting-refused"
    OPTED_OUT = "opted-out"


IN_WORDS: Mapping[str, str] = {
    Reason.DECEASED: "Has died",
    Reason.NOT_REGISTERED: "Not registered any more",
    Reason.NO_MOBILE: "No usable mobile number",
    Reason.SHARED_PHONE: "Mobile is on more than one record",
    Reason.UNSAFE_PHONE: "Mobile is not safe to text, or texts to it failed",
    Reason.TEXTING_REFUSED: "Refused texts",
    Reason.OPTED_OUT: "Asked for no texts",
}
"""As pages write them beside a number of people."""

_ALL = frozenset(Reason)
_TO_WHO_WROTE = frozenset([Reason.DECEASED, Reason.OPTED_OUT])
ASKED: Mapping[str, frozenset[Reason]] = {
    Kind.EMERGENCY: frozenset(),
    Kind.RECEIPT: frozenset(),
    Kind.ANSWER: _TO_WHO_WROTE,
    Kind.QUESTION: _TO_WHO_WROTE,
    Kind.ALERT: frozenset(),
    Kind.NOTICE: _ALL - {Reason.NOT_REGISTERED},
    Kind.REMINDER: _ALL - {Reason.NOT_REGISTERED},
    Kind.OUTREACH: _ALL,
}
"""Which rules a text of a kind asks. Whoever wrote to us is answered on the phone they wrote from."""
BY_SCOPE = frozenset([Kind.NOTICE, Kind.REMINDER])
"""Kinds that a person gets who wants no invitations (`outreach`), and not one who wants no texts (`all`)."""

HAS_A_MOBILE = (PhoneStatus.OWN, PhoneStatus.CONFIRMED, PhoneStatus.SHARED, PhoneStatus.UNSAFE, PhoneStatus.FAILED)
THEIRS_ALONE = (PhoneStatus.OWN, PhoneStatus.CONFIRMED)


@dataclass(frozen=True)
class Recipient:
    """Whom a text would go to, as columns of a query in which `Patient` is the person, if one is known.

    `booked`: whether it is about something they have booked; such a text goes by scope, of whatever kind it is.
    """

    practice_id: Mapped[Any] | ColumnElement[Any]
    phone: Mapped[Any] | ColumnElement[Any]
    patient_id: Mapped[Any] | ColumnElement[Any]
    booked: ColumnElement[bool] | None = None


ON_RECORD = Recipient(col(Patient.practice_id), col(Patient.phone), col(Patient.id))
"""The person of a query, on the phone of their record."""


def reason_sql(to: Recipient, kind: str | Mapped[Any]) -> Case[str | None]:
    """The first reason not to send a text of that kind, null for none.

    :param kind: one of `Kind`, or a column that holds one.
    """
    return first_that_applies({reason: and_(_asks(kind, reason), rule) for reason, rule in rules(to, kind).items()})


def first_that_applies(rules: Mapping[Any, ColumnElement[bool]]) -> Case[str | None]:
    """The name of the first rule that is true of a row, null for none."""
    return case(*[(rule, literal(str(name))) for name, rule in rules.items()], else_=None)


def rules(to: Recipient, kind: str | Mapped[Any] = Kind.OUTREACH) -> dict[str, ColumnElement[bool]]:
    """Every rule by its reason, in order. Of a phone without a known person only the opt-out is asked."""
    status = col(Patient.phone_status)
    another = on_another_record_sql(to.practice_id, to.phone, to.patient_id, status, col(Patient.phone_source))
    moved = false() if to.phone is ON_RECORD.phone else col(Patient.phone) != to.phone
    known = true() if to is ON_RECORD else col(Patient.id).is_not(None)
    return {
        Reason.DECEASED: or_(col(Patient.deceased), col(Patient.died_on).is_not(None)),
        Reason.NOT_REGISTERED: col(Patient.registered).is_(False),
        Reason.NO_MOBILE: and_(known, or_(col(Patient.phone).is_(None), status.not_in(HAS_A_MOBILE))),
        Reason.SHARED_PHONE: or_(status == PhoneStatus.SHARED, and_(status.in_(THEIRS_ALONE), another)),
        Reason.UNSAFE_PHONE: or_(status.not_in(THEIRS_ALONE), col(Patient.disputed), moved),
        Reason.TEXTING_REFUSED: col(Patient.texting_refused).is_(True),
        Reason.OPTED_OUT: _opted_out(to, kind),
    }


def _opted_out(to: Recipient, kind: str | Mapped[Any]) -> ColumnElement[bool]:
    whatever = opted_out_sql(to.practice_id, to.phone, to.patient_id, among=None)
    from_all = opted_out_sql(to.practice_id, to.phone, to.patient_id, among=OptOutScope.ALL)
    if isinstance(kind, str) and to.booked is None:
        return from_all if kind in BY_SCOPE else whatever
    of_kind = literal(kind in BY_SCOPE) if isinstance(kind, str) else kind.in_(sorted(BY_SCOPE))
    return case((of_kind if to.booked is None else or_(of_kind, to.booked), from_all), else_=whatever)


def _asks(kind: str | Mapped[Any], reason: str) -> ColumnElement[bool]:
    asking = [asks for asks, asked in ASKED.items() if reason in asked]
    if isinstance(kind, str):
        return true() if kind in asking else false()
    return kind.in_(asking)


def why_not(
    session: Session, kind: str, practice_id: int, phone: str, patient_id: int | None, *, booked: bool = False
) -> Reason | None:
    """Why a text of that kind to one phone about one person would be kept back when it is claimed; None: it goes.

    :param patient_id: None where the phone is on no record, or on several.
    :param booked: it is about something that the person has booked.
    """
    session.flush()
    given = {"of_practice": practice_id, "of_phone": phone, "of_patient": patient_id}
    found: str | None = session.connection().scalar(_why_not(kind, patient_id is not None, booked), given)
    return Reason(found) if found else None


@cache
def _why_not(kind: str, known: bool, booked: bool) -> Select[Any]:
    """Asked for every text that staff may want to send, so it is built once."""
    nobody = select(literal(1).label("one")).subquery()
    asked: Select[Any] = select(why_not_sql(kind, booked=booked)).select_from(nobody)
    return asked.outerjoin(Patient, col(Patient.id) == bindparam("of_patient", type_=Integer) if known else false())


def why_not_sql(kind: str, *, booked: bool) -> Case[str | None]:
    """`why_not` in a query in which `Patient` is the person; it is given `of_practice`, `of_phone`, `of_patient`."""
    practice, person = bindparam("of_practice", type_=Integer), bindparam("of_patient", type_=Integer)
    to = Recipient(practice, bindparam("of_phone", type_=String), person, true() if booked else None)
    return reason_sql(to, kind)


def in_order(own: Iterable[str]) -> tuple[str, ...]:
    """Reasons of one's own before those that always hold."""
    return (*own, *Reason)
