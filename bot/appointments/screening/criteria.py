"""Who may be invited to cervical screening, as the practice's list says of them; when a test is due is never computed.

England's limits of age and what keeps a person from being invited are those of the programme's call and recall (first
call at 24 years and 6 months, routine call to 64). The recorded sex keeps nobody out: whom the list calls, it calls.
"""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from bot.appointments.screening.codes import DECLINED, NO_CERVIX, PERHAPS_NO_CERVIX
from bot.clock import born_by
from bot.patients.criteria import Criteria, coded
from bot.patients.eligibility import in_order
from bot.tables.appointments import Clinic, ClinicPurpose, Visit, VisitState
from bot.tables.patients import CervicalScreening, Patient, ScreeningStatus

NAME = "cervical-screening"
YOUNGEST_MONTHS = 24 * 12 + 6
OLDEST = 65
"""Years at which routine call stops: the first age that is not invited."""

DUE = (ScreeningStatus.DUE, ScreeningStatus.OVERDUE)
_HAD_OR_WILL_HAVE = (VisitState.BOOKED, VisitState.ARRIVED, VisitState.ATTENDED)


def old_enough_if_born_by(today: date) -> date:
    """The latest birth date of a person who is 24 years and 6 months old today.

    Six months from 29, 30 or 31 August are over on 1 March, where February has no such day.
    """
    months = today.year * 12 + today.month - 1 - YOUNGEST_MONTHS
    return _day_of(months, today.day)


def _day_of(months: int, day: int) -> date:
    """That day of a month, counted from the year 0; the last of the month where it is shorter."""
    while True:
        try:
            return date(months // 12, months % 12 + 1, day)
        except ValueError:
            day -= 1


def _listed(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the list says that of the Patient of a query."""
    found = select(col(CervicalScreening.patient_id)).where(
        col(CervicalScreening.patient_id) == col(Patient.id), *conditions
    )
    return found.correlate(Patient).exists()


def _status(*statuses: ScreeningStatus) -> ColumnElement[bool]:
    return col(CervicalScreening.status).in_(statuses)


def _not_due(today: date) -> ColumnElement[bool]:
    """A deferral that is over leaves open whether a test is due by now."""
    deferred = and_(_status(ScreeningStatus.DEFERRED), _goes_on(today))
    return ~_listed(or_(_status(*DUE, ScreeningStatus.CEASED), deferred))


def _deferred(today: date) -> ColumnElement[bool]:
    until = col(CervicalScreening.deferred_until)
    return _listed(or_(and_(_status(ScreeningStatus.DEFERRED), _goes_on(today)), until > today))


def _goes_on(today: date) -> ColumnElement[bool]:
    until = col(CervicalScreening.deferred_until)
    return or_(until.is_(None), until > today)


def _declined_recently(today: date) -> ColumnElement[bool]:
    """Within 12 months by the list; where only a code says it, on a day that nobody knows, until somebody looks."""
    day = col(CervicalScreening.declined_on)
    return or_(_listed(day > born_by(1, today)), and_(coded([DECLINED]), ~_listed(day.is_not(None))))


def _already_booked(_today: date) -> ColumnElement[bool]:
    """A visit of ours that the list does not know of yet: it starts after the list was stored."""
    found = (
        select(col(Visit.id))
        .join(Clinic, col(Clinic.id) == col(Visit.clinic_id))
        .join(CervicalScreening, col(CervicalScreening.patient_id) == col(Visit.patient_id))
        .where(
            col(Visit.patient_id) == col(Patient.id),
            col(Clinic.purpose) == ClinicPurpose.CERVICAL,
            col(Visit.state).in_(_HAD_OR_WILL_HAVE),
            col(Visit.starts) > col(CervicalScreening.listed_at),
        )
    )
    return found.correlate(Patient).exists()


CERVICAL_SCREENING = Criteria(
    name=NAME,
    version=1,
    title="People whose cervical screening is due",
    description=(
        "Registered, alive, aged 24 and a half to 64, and due or overdue as your list says: this is never worked out "
        "here. Nobody who is ceased or deferred, who has no cervix by their codes (a subtotal hysterectomy leaves it), "
        "who declined within 12 months, or who has a visit for it. Own mobile, on one person's record only. Texting "
        "not refused, not opted out. The recorded sex keeps nobody out."
    ),
    reasons=in_order(
        [
            "not-due",
            "ceased",
            "deferred",
            "no-cervix",
            "under-age",
            "over-age",
            "declined-recently",
            "already-booked",
        ]
    ),
    own={
        "not-due": _not_due,
        "ceased": lambda _today: _listed(_status(ScreeningStatus.CEASED)),
        "deferred": _deferred,
        "no-cervix": lambda _today: coded(sorted(NO_CERVIX | PERHAPS_NO_CERVIX)),
        "under-age": lambda today: col(Patient.born) > old_enough_if_born_by(today),
        "over-age": lambda today: col(Patient.born) <= born_by(OLDEST, today),
        "declined-recently": _declined_recently,
        "already-booked": _already_booked,
    },
    unmatched=frozenset(["not-due", "ceased", "deferred"]),
    words={
        "not-due": "The list does not say that a test is due",
        "ceased": "Ceased: the list says not to call them any more",
        "deferred": "Deferred to a later day, or without a day",
        "no-cervix": "May have no cervix, by a code on the record",
        "under-age": "Younger than 24 and a half",
        "over-age": "65 or older",
        "declined-recently": "Declined in the last 12 months, or on a day not known",
        "already-booked": "Has a visit for it that the list does not know of",
    },
    who_match="are due or overdue",
    who_do_not="are not said to be due",
    matches=lambda _today: _listed(_status(*DUE)),
)
