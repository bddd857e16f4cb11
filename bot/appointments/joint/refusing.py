"""Why one start cannot be had: somebody else has it (`taken`), or it was never there for this person (`not-suited`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.appointments.joint.choosing import (
    CLINICIAN_SEX,
    NO_DOUBLE,
    Asked,
    FreeSlot,
    Picture,
    failing_of,
    need_at,
    starts_of,
)
from bot.appointments.joint.claims import TakenError
from bot.appointments.joint.finding import Wish, earliest_start, look
from bot.clock import LONDON
from bot.interpreters.suiting import Rule, first_failing
from bot.refusals import Refused
from bot.tables.appointments import Slot, SlotKind, Visit, VisitState

_RULES = {
    CLINICIAN_SEX: "No clinician of the sex that was asked for is there then. Choose another time or another clinic.",
    "held": "That time is held for people who need an interpreter, or for one language. Choose another time.",
    NO_DOUBLE: "This visit takes two slots that follow each other, and only one is there. Choose another time.",
}
_INTERPRETERS = {
    Rule.LANGUAGE: "no interpreter speaks the person's language",
    Rule.SEX: "no interpreter of the sex that was asked for speaks it",
    Rule.MODE: "no interpreter comes in person",
    Rule.NOTICE: "it is too soon for every interpreter who could come",
    Rule.HOURS: "no interpreter who could come works then",
    Rule.TRAVEL: "no interpreter could get there in time",
    Rule.BLOCKED: "the person does not want the interpreters who could come",
    Rule.AGENCY: "the agency of those who could come does not work for this practice",
}


def refuse_moment(wish: Wish, starts: datetime, now: datetime) -> None:
    """:raises Refused: `past`, or `too-late` for the notice the clinic wants."""
    if starts <= now:
        raise Refused("past", "That time is past. Choose a time to come.")
    if starts < earliest_start(wish.clinic, now):
        hours = wish.clinic.notice_hours
        raise Refused("too-late", f"This clinic is booked at least {hours} hours ahead. Choose a later time.")


def why_refused(session: Session, wish: Wish, starts: datetime, now: datetime) -> Refused:
    """Why a start to come cannot be had; asked once it was not found."""
    ends = ends_of(wish, starts)
    if is_seen_then(session, wish, starts, ends):
        return already_booked()
    there = _slots_around(session, wish, starts, ends)
    picture, asked = look(session, wish, now, starts)
    return (
        _why_no_slot(there, starts)
        or _why_not_these(picture, asked, there, starts)
        or _why_no_interpreter(picture, asked, starts)
    )


def ends_of(wish: Wish, starts: datetime) -> datetime:
    """When a visit that begins then would be over."""
    return starts + timedelta(minutes=wish.clinic.slot_minutes) * (2 if wish.needs.double else 1)


def is_seen_then(session: Session, wish: Wish, starts: datetime, ends: datetime) -> bool:
    """Whether the person has another visit in that time."""
    another = select(Visit.id).where(
        _of_the_same(wish),
        Visit.state != VisitState.CANCELLED,
        col(Visit.starts) < ends,
        col(Visit.ends) > starts,
    )
    if wish.moving is not None:
        another = another.where(Visit.id != wish.moving.id)
    return session.exec(another.limit(1)).first() is not None


def _of_the_same(wish: Wish) -> ColumnElement[bool]:
    """Visits of whoever wishes it: of the person, else of the phone alone at that practice."""
    if wish.patient is not None:
        return col(Visit.patient_id) == wish.patient_id
    alone = col(Visit.patient_id).is_(None) & (col(Visit.practice_id) == wish.clinic.practice_id)
    return alone & (col(Visit.phone) == wish.phone)


def is_of(visit: Visit, wish: Wish) -> bool:
    """Whether a visit is of whoever wishes it."""
    if wish.patient is not None:
        return visit.patient_id == wish.patient_id
    return visit.patient_id is None and visit.phone == wish.phone


def already_booked() -> Refused:
    """The refusal for a person who is seen at that time already."""
    return Refused("already-booked", "This person has another visit at that time. Move it first, or choose another.")


def nothing_free(why_none: Counter[str] | None = None) -> Refused:
    """The refusal for a clinic in which nothing is left for this person; where it is interpreters, it says so."""
    reached = [rule for rule in Rule if why_none and why_none[rule.value]]
    why = f": {_INTERPRETERS[reached[-1]]}" if reached else ""
    return Refused(
        "nothing-free", f"No time that suits is left in this clinic{why}. Ask for less, or try another clinic."
    )


def _slots_around(session: Session, wish: Wish, starts: datetime, ends: datetime) -> Sequence[Slot]:
    """Slots of the clinic that touch that time, free or not."""
    statement = select(Slot).where(
        Slot.clinic_id == wish.clinic.id,
        col(Slot.withdrawn_at).is_(None),
        col(Slot.starts) < ends,
        col(Slot.ends) > starts,
        *([Slot.clinician_id == wish.clinician_id] if wish.clinician_id else []),
    )
    return session.exec(statement.order_by(col(Slot.starts), col(Slot.id))).all()


def _why_no_slot(there: Sequence[Slot], starts: datetime) -> Refused | None:
    if any(slot.starts == starts for slot in there):
        return None
    within = next((slot for slot in there if slot.starts < starts), None)
    if within is None:
        return Refused("not-suited", "The clinic is not held at that time. Choose one of its free times.")
    clocks = " or ".join(f"{moment.astimezone(LONDON):%H:%M}" for moment in (within.starts, within.ends))
    return Refused("not-suited", f"No time of this clinic begins then. Choose {clocks}, or another of its free times.")


def _why_not_these(picture: Picture, asked: Asked, there: Sequence[Slot], starts: datetime) -> Refused | None:
    """None when a visit of that length could begin then."""
    if any(start.first.starts == starts for start in starts_of(picture, asked)):
        return None
    everything = replace(picture, slots=[as_if_free(slot) for slot in there])
    failing = [failing_of(everything, asked, slot) for slot in everything.slots if slot.starts == starts]
    if None not in failing:
        return Refused("not-suited", _RULES[str(failing[0])])
    if not any(start.first.starts == starts for start in starts_of(everything, asked)):
        return Refused("not-suited", _RULES[NO_DOUBLE])
    return TakenError()


def as_if_free(slot: Slot) -> FreeSlot:
    """A slot as one that nobody has."""
    held = slot.kind == SlotKind.HELD and slot.released_at is None
    kept = (slot.language or "") if held else None
    return FreeSlot(slot.id or 0, slot.session_id, slot.clinician_id, slot.starts, slot.ends, kept)


def _why_no_interpreter(picture: Picture, asked: Asked, starts: datetime) -> Refused:
    """Somebody who would suit but for what they have been booked for is `taken`."""
    begin = next(start for start in starts_of(picture, asked) if start.first.starts == starts)
    need = need_at(picture, asked, begin)
    if any(first_failing(need, replace(each, busy=()), picture.travel) is None for each in picture.candidates):
        return Refused("taken", "The interpreters who could come have all been booked then. Choose another time.")
    rules = [rule for each in picture.candidates if (rule := first_failing(need, each, picture.travel))]
    furthest = max(rules, key=list(Rule).index, default=Rule.LANGUAGE)
    return Refused("not-suited", f"No interpreter for that time: {_INTERPRETERS[furthest]}. Choose another time.")
