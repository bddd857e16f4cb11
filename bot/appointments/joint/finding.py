"""Times that a person could have: clinician, interpreter and person free at once. Nothing is claimed here.

What is found is read in at most three statements, however many slots and interpreters there are; who books it claims
it, and may still be told that somebody was quicker.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlmodel import Session, col

from bot.appointments.joint.choosing import (
    FOR_INTERPRETED,
    Asked,
    Found,
    FreeSlot,
    FreeTime,
    Picture,
    Place,
    SeenBy,
    Within,
    choose,
    first_of,
    need_of,
)
from bot.appointments.joint.needs import Needs, needs_of
from bot.clock import LONDON
from bot.interpreters.reading import candidates
from bot.interpreters.suiting import Busy, Candidate, Travel, first_failing
from bot.refusals import Refused
from bot.rows import one_of_given
from bot.tables.appointments import (
    ClaimedTime,
    Clinic,
    Clinician,
    ClinicPurpose,
    Offer,
    OfferState,
    Site,
    SiteTravel,
    Slot,
    SlotKind,
    Visit,
    VisitState,
    Whose,
)
from bot.tables.interpreters import Interpreter, Mode
from bot.tables.patients import Patient

__all__ = ["Found", "FreeTime", "Wish", "find_times", "first_of"]
UNKNOWN_TRAVEL = 30
"""Minutes between two sites of which nobody has said how far apart they are."""
NOBODY = -1
"""An id that no row has."""
_MOMENT = Slot.__table__.c.starts.type  # type: ignore[attr-defined]
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
_BEFORE = timedelta(hours=12)
"""How much of what is before is read along, so that a free run is seen from its start."""
_A_WEEK_AND_A_DAY = timedelta(days=8)
"""From any moment past the end of its week, and as far again as somebody may have to travel."""


@dataclass(frozen=True)
class Wish:
    """Who wants to be seen where, and what they asked for. A sex is `F` or `M`, None where it does not matter.

    `moving`: the visit that would move there, whose own time is in nobody's way. `keeping`: the id of the interpreter
    who should come if that can be; `interpreter_id`: this interpreter alone. `clinician_id`: by this clinician alone.
    `prefers_sex`: the interpreter's, where there is a choice; None is what goes with the clinic. `campaign_id`: the
    campaign that a visit is booked for. `phone`: whoever has it, of whom no more is known; there is no patient then.
    """

    patient: Patient | None
    clinic: Clinic
    clinician_sex: str | None = None
    interpreter_sex: str | None = None
    longer: bool = False
    moving: Visit | None = None
    keeping: int | None = None
    clinician_id: int | None = None
    interpreter_id: int | None = None
    prefers_sex: str | None = None
    campaign_id: int | None = None
    phone: str | None = None

    @property
    def patient_id(self) -> int:
        """The person's id; nobody's where only a phone is known."""
        return (self.patient.id if self.patient else None) or NOBODY

    @property
    def needs(self) -> Needs:
        """What the visit needs. An event is as long as it is, for everybody."""
        if self.patient is None:
            return Needs(interpreter=False, language=None, double=self.longer and self.clinic.places is None)
        needs = needs_of(self.patient, longer=self.longer)
        return needs if self.clinic.places is None else Needs(needs.interpreter, needs.language, double=False)


def find_times(
    session: Session,
    wish: Wish,
    now: datetime,
    *,
    limit: int = 3,
    from_: datetime | None = None,
    until: datetime | None = None,
    only_starts: Collection[datetime] | None = None,
    leaving_out: Collection[datetime] = (),
) -> Found:
    """The first free times that suit, by start, never two of one start.

    :param now: UTC; nothing earlier, nor within the clinic's notice, is found.
    :param only_starts: look at these starts alone.
    :param leaving_out: starts that are not wanted, such as those a person has been offered.
    :raises Refused: `not-suited`, this clinic sees no such person at any time.
    """
    refuse_unfit(wish)
    within = Within(from_, until, None if only_starts is None else frozenset(only_starts), frozenset(leaving_out))
    return choose(_look(session, wish, now, within), asked_of(wish, now), limit, within)


def may_still_come(session: Session, wish: Wish, time: FreeTime, now: datetime) -> bool:
    """Whether the interpreter of a time that was found can still come, seen again once their days are locked."""
    candidate = time.interpreter
    if candidate is None:
        return True
    around = _Around(session, _whose(wish), (time.starts, time.starts), [candidate], now, again=True)
    need = need_of(asked_of(wish, now), time.starts, time.ends, time.site.id)
    return first_failing(need, around.complete(candidate), around.travel) is None


def look(session: Session, wish: Wish, now: datetime, starts: datetime) -> tuple[Picture, Asked]:
    """What there is around one start, and what is asked of it: to say why it cannot be had."""
    return _look(session, wish, now, Within(only=frozenset([starts]))), asked_of(wish, now)


def refuse_unfit(wish: Wish) -> None:
    """:raises Refused: `not-suited`, the person cannot be seen in that clinic, whatever the time."""
    patient, clinic = wish.patient, wish.clinic
    if patient is None:
        return
    if patient.practice_id != clinic.practice_id:
        raise Refused("not-suited", "That clinic is another practice's. Choose a clinic of the person's own practice.")
    if patient.deceased:
        raise Refused("not-suited", "This person is recorded as having died. If that is wrong, put it right first.")
    if clinic.women_only and patient.sex != "F":
        raise Refused("not-suited", "That clinic is for women only. Choose another clinic.")


def earliest_start(clinic: Clinic, now: datetime) -> datetime:
    """From when on a time in the clinic can be booked, in UTC."""
    return now + timedelta(hours=clinic.notice_hours)


def asked_of(wish: Wish, now: datetime) -> Asked:
    """What a wish asks of a time."""
    needs = wish.needs
    return Asked(
        interpreted=needs.interpreter,
        double=needs.double,
        speaks=needs.language,
        clinician_sex=wish.clinician_sex,
        interpreter_sex=wish.interpreter_sex,
        mode=Mode.IN_PERSON,
        now=now,
        clinician_id=wish.clinician_id,
        keeping=wish.keeping,
        prefers_sex=wish.prefers_sex or preferred_sex(wish.clinic),
    )


def preferred_sex(clinic: Clinic) -> str | None:
    """The sex of interpreter that is sought first for a clinic: a woman at cervical screening."""
    return "F" if clinic.purpose == ClinicPurpose.CERVICAL else None


class _Whose(NamedTuple):
    """For whom is looked: what is held for them, and the visit that moves, are in nobody's way."""

    clinic: Clinic
    patient_id: int = NOBODY
    moving_id: int = NOBODY


def look_for_all(session: Session, clinic: Clinic, now: datetime, until: datetime) -> Picture:
    """What is free for anybody until then, and every interpreter who serves the practice, whatever they speak.

    What one person alone can tell is left out: whom they know or do not want, and what they do else.
    """
    session.flush()
    slots = _free_slots(session, _Whose(clinic), now, Within(until=until))
    people = [each for each in candidates(session, clinic.practice_id) if each.linked] if slots else []
    return _picture(session, _Whose(clinic), slots, people, now)


def _look(session: Session, wish: Wish, now: datetime, within: Within) -> Picture:
    """Read everything that decides: free slots, who could interpret, and what stands around them."""
    session.flush()
    slots = _free_slots(session, _whose(wish), now, within)
    return _picture(session, _whose(wish), slots, _interpreters(session, wish) if slots else [], now)


def _whose(wish: Wish) -> _Whose:
    moving = wish.moving.id if wish.moving else None
    return _Whose(wish.clinic, wish.patient_id, moving or NOBODY)


def _picture(
    session: Session, whose: _Whose, slots: Sequence[FreeSlot], people: Sequence[Candidate], now: datetime
) -> Picture:
    span = (slots[0].starts, slots[-1].starts) if slots else (now, now)
    around = _Around(session, whose, span, people, now)
    return Picture(
        clinic_id=whose.clinic.id or 0,
        site=around.sites[whose.clinic.site_id],
        slots=slots,
        clinicians=around.clinicians,
        candidates=[around.complete(each) for each in people],
        travel=around.travel,
        theirs=around.theirs,
        without_language=around.interpreters - len(people),
    )


def _interpreters(session: Session, wish: Wish) -> list[Candidate]:
    needs = wish.needs
    if not needs.interpreter or needs.language is None:
        return []
    practice_id, patient_id = wish.clinic.practice_id, wish.patient_id
    only = None if wish.interpreter_id is None else [wish.interpreter_id]
    return candidates(session, practice_id, patient_id=patient_id, language=needs.language, only=only)


def _free_slots(session: Session, whose: _Whose, now: datetime, within: Within) -> list[FreeSlot]:
    clinic = whose.clinic
    step = timedelta(minutes=clinic.slot_minutes)
    lower, upper = earliest_start(clinic, now), within.until or _END_OF_TIME
    if within.only is not None:
        lower = max(lower, min(within.only, default=_END_OF_TIME))
        upper = min(upper, max(within.only, default=lower) + step * 2)
    elif within.from_ is not None:
        lower = max(lower, within.from_ - _BEFORE)
    given = {
        "clinic": clinic.id,
        "now": now,
        "after": now,
        "lower": lower,
        "upper": upper + step if within.only is None and within.until is not None else upper,
        "moving": whose.moving_id,
        "patient": whose.patient_id,
        "places": clinic.places,
    }
    rows = session.connection().execute(_FREE_AT_EVENT if clinic.places is not None else _FREE, given)
    return [FreeSlot._make(row) for row in rows]


def _live() -> Any:
    """A claim that is in the way: not one that ran out, not that of the visit that moves, none held for the person."""
    theirs = exists().where(col(Offer.id) == col(ClaimedTime.offer_id), col(Offer.patient_id) == bindparam("patient"))
    of_a_visit = and_(col(ClaimedTime.visit_id).is_not(None), col(ClaimedTime.visit_id) != bindparam("moving"))
    return or_(of_a_visit, and_(col(ClaimedTime.held_until) > bindparam("now", type_=_MOMENT), ~theirs))


def _slots() -> Select[Any]:
    kept = and_(col(Slot.kind) == SlotKind.HELD, col(Slot.released_at).is_(None))
    return (
        select(
            col(Slot.id),
            col(Slot.session_id),
            col(Slot.clinician_id),
            col(Slot.starts),
            col(Slot.ends),
            case((kept, func.coalesce(col(Slot.language), FOR_INTERPRETED))),
        )
        .where(
            col(Slot.clinic_id) == bindparam("clinic"),
            col(Slot.starts) > bindparam("after", type_=_MOMENT),
            col(Slot.starts) >= bindparam("lower", type_=_MOMENT),
            col(Slot.starts) < bindparam("upper", type_=_MOMENT),
            col(Slot.withdrawn_at).is_(None),
        )
        .order_by(col(Slot.starts), col(Slot.id))
    )


_FREE = _slots().where(
    ~exists().where(
        col(ClaimedTime.kind) == Whose.CLINICIAN,
        col(ClaimedTime.whose) == col(Slot.clinician_id),
        col(ClaimedTime.cell) >= col(Slot.first_cell),
        col(ClaimedTime.cell) < col(Slot.end_cell),
        _live(),
    )
)
_FREE_AT_EVENT = _slots().where(
    select(func.count())
    .select_from(ClaimedTime)
    .where(col(ClaimedTime.kind) == Whose.PLACE, col(ClaimedTime.whose) == col(Slot.id), _live())
    .scalar_subquery()
    < bindparam("places")
)


class _Around:
    """Sites, clinicians, what interpreters and the person do else, in one statement."""

    def __init__(
        self,
        session: Session,
        whose: _Whose,
        span: tuple[datetime, datetime],
        people: Sequence[Candidate],
        now: datetime,
        *,
        again: bool = False,
    ) -> None:
        """Of what interpreters do, only the weeks of `span` are read: the first and the last start looked at.

        :param again: only what decides whether they can still come.
        """
        self.sites: dict[int, Place] = {}
        self.clinicians: dict[int, SeenBy] = {}
        self.theirs: list[tuple[datetime, datetime]] = []
        self.interpreters = 0
        self._busy: dict[int, list[Busy]] = {}
        self._known: set[int] = set()
        self._minutes: dict[tuple[int, int], int] = {}
        given = {
            "clinic": whose.clinic.id,
            "site": whose.clinic.site_id,
            "practice": whose.clinic.practice_id,
            "patient": whose.patient_id,
            "moving": whose.moving_id,
            "now": now,
            "week": _monday(span[0]),
            "weeks_end": span[1] + _A_WEEK_AND_A_DAY,
            "whom": [each.id for each in people],
        }
        connection = session.connection()
        for row in connection.execute(_around(connection.dialect.name, again), given).all():
            self._take(row)

    def _take(self, row: Any) -> None:
        what, one, other, number, starts, ends, first, second, third = row
        if what == "busy":
            self._busy.setdefault(one, []).append(Busy(starts, ends, other, first))
        elif what == "known":
            self._known.add(one)
        elif what == "theirs":
            self.theirs.append((starts, ends))
        elif what == "travel":
            self._minutes[one, other] = number
        elif what == "site":
            self.sites[one] = Place(one, first, second, third)
        elif what == "clinician":
            self.clinicians[one] = SeenBy(one, first, second, third)
        else:
            self.interpreters = number

    def complete(self, candidate: Candidate) -> Candidate:
        """An interpreter with what visits alone can tell."""
        busy = self._busy.get(candidate.id, ())
        return _with(candidate, busy=tuple(busy), known=candidate.id in self._known)

    @property
    def travel(self) -> Travel:
        """Minutes between two sites."""
        return travel_by(self._minutes)


def travel_by(minutes: dict[tuple[int, int], int]) -> Travel:
    """Minutes between two sites, by those that were said (the smaller id first)."""

    def between(one: int | None, other: int | None) -> int:
        if one is None or other is None:
            return UNKNOWN_TRAVEL
        return 0 if one == other else minutes.get((min(one, other), max(one, other)), UNKNOWN_TRAVEL)

    return between


def _with(candidate: Candidate, **changes: Any) -> Candidate:
    """`dataclasses.replace` without looking at each field."""
    made = object.__new__(Candidate)
    made.__dict__.update(candidate.__dict__, **changes)
    return made


def _monday(moment: datetime) -> datetime:
    """When the week of that moment begins in London, or a little earlier."""
    day = moment.astimezone(LONDON)
    return (day - timedelta(days=day.weekday() + 1)).astimezone(UTC)


def _line(
    what: str,
    *,
    one: Any = None,
    other: Any = None,
    number: Any = None,
    starts: Any = None,
    ends: Any = None,
    words: Sequence[Any] = (),
) -> Select[Any]:
    texts = [*words, *(cast(null(), String) for _ in range(3 - len(words)))]
    nothing = cast(null(), Interpreter.__table__.c.id.type)  # type: ignore[attr-defined]
    never = cast(null(), _MOMENT)
    return select(
        literal_column(f"'{what}'").label("what"),
        (nothing if one is None else one).label("one"),
        (nothing if other is None else other).label("other"),
        (nothing if number is None else number).label("number"),
        (never if starts is None else starts).label("starts"),
        (never if ends is None else ends).label("ends"),
        *(each.label(name) for each, name in zip(texts, ("first", "second", "third"), strict=True)),
    )


@cache
def _around(dialect: str, again: bool) -> CompoundSelect[Any]:
    on_their_way = (
        _visits_of_interpreters(dialect),
        _offers_of_interpreters(dialect),
        _line(
            "travel", one=col(SiteTravel.one_id), other=col(SiteTravel.other_id), number=col(SiteTravel.minutes)
        ).where(or_(col(SiteTravel.one_id) == bindparam("site"), col(SiteTravel.other_id) == bindparam("site"))),
    )
    if again:
        return union_all(*on_their_way)
    return union_all(
        *on_their_way,
        _who_knows_them(dialect),
        _their_visits(),
        _line("site", one=col(Site.id), words=(col(Site.code), col(Site.name), col(Site.address))).where(
            col(Site.practice_id) == bindparam("practice")
        ),
        _line(
            "clinician", one=col(Clinician.id), words=(col(Clinician.code), col(Clinician.name), col(Clinician.sex))
        ).where(col(Clinician.practice_id) == bindparam("practice")),
        _line("interpreters", number=func.count(col(Interpreter.id))).where(col(Interpreter.left_at).is_(None)),
    )


def _visits_of_interpreters(dialect: str) -> Select[Any]:
    return _line(
        "busy",
        one=col(Visit.interpreter_id),
        other=col(Visit.site_id),
        starts=col(Visit.starts),
        ends=col(Visit.ends),
        words=(col(Visit.interpreter_mode),),
    ).where(
        one_of_given(col(Visit.interpreter_id), "whom", dialect),
        col(Visit.starts) >= bindparam("week", type_=_MOMENT),
        col(Visit.starts) < bindparam("weeks_end", type_=_MOMENT),
        col(Visit.state) != VisitState.CANCELLED,
        col(Visit.id) != bindparam("moving"),
    )


def _offers_of_interpreters(dialect: str) -> Select[Any]:
    return (
        _line(
            "busy",
            one=col(Offer.interpreter_id),
            other=col(Clinic.site_id),
            starts=col(Offer.starts),
            ends=col(Offer.ends),
            words=(literal(Mode.IN_PERSON.value),),
        )
        .join(Clinic, col(Clinic.id) == col(Offer.clinic_id))
        .where(
            one_of_given(col(Offer.interpreter_id), "whom", dialect),
            col(Offer.state) == OfferState.HELD,
            col(Offer.held_until) > bindparam("now", type_=_MOMENT),
            col(Offer.patient_id) != bindparam("patient"),
        )
    )


def _who_knows_them(dialect: str) -> Select[Any]:
    return (
        _line("known", one=col(Visit.interpreter_id))
        .where(
            col(Visit.patient_id) == bindparam("patient"),
            one_of_given(col(Visit.interpreter_id), "whom", dialect),
            col(Visit.starts) <= bindparam("now", type_=_MOMENT),
            col(Visit.state).in_((VisitState.BOOKED, VisitState.ARRIVED, VisitState.ATTENDED)),
        )
        .distinct()
    )


def _their_visits() -> Select[Any]:
    return _line("theirs", starts=col(Visit.starts), ends=col(Visit.ends)).where(
        col(Visit.patient_id) == bindparam("patient"),
        col(Visit.ends) > bindparam("now", type_=_MOMENT),
        col(Visit.state) != VisitState.CANCELLED,
        col(Visit.id) != bindparam("moving"),
    )
