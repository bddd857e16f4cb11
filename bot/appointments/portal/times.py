"""Free times for the person who is there, in the general clinics of their practice. Nothing is claimed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from bot.appointments.joint.finding import FreeTime, Wish, find_times
from bot.appointments.joint.needs import needs_of
from bot.appointments.portal.proving import Present
from bot.appointments.portal.seeing import clock_of, day_of
from bot.interpreters.accounts import Interpreting
from bot.interpreters.words import mode_in_words
from bot.refusals import Refused
from bot.tables.appointments import Clinic, ClinicPurpose, Visit

SHOWN = 12
"""Times on one page."""
_WRITTEN = "%Y%m%dT%H%MZ"


@dataclass(frozen=True)
class TimesAsked:
    """What is asked of a time. `me_alone`: no other interpreter than the one who books; `sex` is `F`, `M` or None.

    `from_`: nothing before that moment, UTC.
    """

    longer: bool = False
    me_alone: bool = False
    sex: str | None = None
    from_: datetime | None = None


@dataclass(frozen=True)
class Choice:
    """A free time as an interpreter may see it. `token` is what a form sends to have it."""

    token: str
    starts: datetime
    minutes: int
    place: str
    mode: str
    with_me: bool

    @property
    def day(self) -> str:
        """The day in words."""
        return day_of(self.starts)

    @property
    def clock(self) -> str:
        """The time on the wall in London."""
        return clock_of(self.starts)


@dataclass(frozen=True)
class Chosen:
    """The start, in UTC, that a token means, and its clinic."""

    starts: datetime
    clinic: Clinic


NOT_RECORDED = (
    "The practice has not recorded that this person needs an interpreter, or for which language. Phone the practice."
)


def is_recorded(present: Present) -> bool:
    """Whether the practice's list says that the person needs an interpreter, and for which language."""
    needs = needs_of(present.patient)
    return needs.interpreter and needs.language is not None


def free_times(session: Session, me: Interpreting, present: Present, asked: TimesAsked, now: datetime) -> list[Choice]:
    """The next times, by start; each with the interpreter who books where that can be."""
    if not is_recorded(present):
        return []
    found: list[FreeTime] = []
    for clinic in _clinics(session, present):
        found += _find(session, me, Wish(present.patient, clinic), asked, now)
    return _choices(me, found)


def times_to_move_to(
    session: Session, me: Interpreting, visit: Visit, present: Present, from_: datetime | None, now: datetime
) -> list[Choice]:
    """Times to which a visit of the person can be moved; what was asked for when it was booked holds."""
    clinic = session.get(Clinic, visit.clinic_id) if visit.clinic_id else None
    if clinic is None:
        return []
    asked = TimesAsked(longer=visit.longer, sex=visit.interpreter_sex, from_=from_)
    wish = Wish(present.patient, clinic, clinician_sex=visit.clinician_sex, moving=visit)
    return _choices(me, _find(session, me, wish, asked, now))


def _find(session: Session, me: Interpreting, wish: Wish, asked: TimesAsked, now: datetime) -> Sequence[FreeTime]:
    try:
        return find_times(session, wish_for(wish, me, asked), now, limit=SHOWN, from_=asked.from_).times
    except Refused:  # a clinic that does not see this person; why is nothing an interpreter learns
        return ()


def wish_for(wish: Wish, me: Interpreting, asked: TimesAsked) -> Wish:
    """The same, with the interpreter who books as the one who should come, or the only one who may."""
    return Wish(
        wish.patient,
        wish.clinic,
        clinician_sex=wish.clinician_sex,
        interpreter_sex=asked.sex,
        longer=asked.longer,
        moving=wish.moving,
        keeping=me.interpreter_id,
        interpreter_id=me.interpreter_id if asked.me_alone else None,
    )


def _choices(me: Interpreting, found: Sequence[FreeTime]) -> list[Choice]:
    ordered = sorted(found, key=lambda time: (time.starts, time.clinic_id))
    return [
        Choice(
            token=f"{time.starts.astimezone(UTC):{_WRITTEN}}.{time.clinic_id}",
            starts=time.starts,
            minutes=int((time.ends - time.starts).total_seconds()) // 60,
            place=f"{time.site.name}, {time.site.address}",
            mode=mode_in_words(time.mode),
            with_me=time.interpreter is not None and time.interpreter.id == me.interpreter_id,
        )
        for time in ordered[:SHOWN]
    ]


def _clinics(session: Session, present: Present) -> Sequence[Clinic]:
    general = select(Clinic).where(Clinic.practice_id == present.practice.id, Clinic.purpose == ClinicPurpose.GENERAL)
    return session.exec(general.order_by(col(Clinic.id))).all()


def read_token(session: Session, present: Present, token: str, *, of: int | None = None) -> Chosen:
    """What a form means by a time.

    :param of: the clinic whose times it may be of; without one, any general clinic of the person's practice.
    :raises Refused: `no-time`, it means none.
    """
    written, _, number = token.partition(".")
    try:
        starts, clinic_id = datetime.strptime(written, _WRITTEN).replace(tzinfo=UTC), int(number)
    except ValueError:
        raise _no_time() from None
    offered = {clinic.id: clinic for clinic in _clinics(session, present)}
    clinic = offered.get(clinic_id) if of is None else session.get(Clinic, of) if clinic_id == of else None
    if clinic is None:
        raise _no_time()
    return Chosen(starts, clinic)


def _no_time() -> Refused:
    return Refused("no-time", "Choose one of the times.")
