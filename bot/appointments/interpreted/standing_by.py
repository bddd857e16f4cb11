"""Who could interpret at one visit that has lost its interpreter: everything the matcher asks, read for that visit."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select as columns
from sqlmodel import Session, col, or_, select

from bot.clock import LONDON
from bot.interpreters.reading import candidates
from bot.interpreters.suiting import Busy, Candidate, Need, Rule, Travel, clashes, static_failing, suit
from bot.tables.appointments import TAKES_TIME, Clinic, Offer, OfferState, SiteTravel, Visit
from bot.tables.interpreters import Mode

UNKNOWN_TRAVEL = 30
"""Minutes between two sites of which nobody has said how far apart they are."""
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class StandingBy:
    """Interpreters with what else they do around a visit, and how long they need from site to site."""

    visit: Visit
    people: list[Candidate]
    travel: Travel
    now: datetime

    def need(self, mode: str) -> Need:
        """What the visit needs of somebody who interprets in that way."""
        visit = self.visit
        return Need(
            language=visit.language or "",
            sex=visit.interpreter_sex,
            mode=mode,
            starts=visit.starts,
            ends=visit.ends,
            site_id=visit.site_id,
            now=self.now,
        )

    def suitable(self, mode: str) -> tuple[Candidate, ...]:
        """Who can be asked to interpret in that way, the best first."""
        return suit(self.need(mode), self.people, self.travel).suitable

    def failing(self, interpreter_id: int, mode: str) -> Rule | None:
        """Why somebody who says yes cannot have it all the same; their own hours and notice they have just waived."""
        person = next((each for each in self.people if each.id == interpreter_id), None)
        if person is None:
            return Rule.AGENCY
        return static_failing(self.need(mode), person) or clashes(self.need(mode), person.busy, self.travel)


def standing_by(session: Session, visit: Visit, now: datetime, *, only: Collection[int] | None = None) -> StandingBy:
    """Read them.

    :param only: the ids of those who are wanted.
    """
    people = candidates(
        session, visit.practice_id, patient_id=visit.patient_id, only=only, language=visit.language or ""
    )
    busy = _busy(session, visit, now, only)
    known = _known(session, visit, now)
    complete = [replace(each, busy=tuple(busy.get(each.id, ())), known=each.id in known) for each in people]
    return StandingBy(visit, complete, _travel(session, visit), now)


def _busy(session: Session, visit: Visit, now: datetime, only: Collection[int] | None) -> dict[int, list[Busy]]:
    """What they do in the week of the visit: other visits, and times that are held for somebody."""
    monday = visit.starts.astimezone(LONDON).date() - timedelta(days=visit.starts.astimezone(LONDON).weekday())
    begins = datetime.combine(monday, time(), LONDON).astimezone(UTC)
    visits = columns(
        col(Visit.interpreter_id), col(Visit.starts), col(Visit.ends), col(Visit.site_id), col(Visit.interpreter_mode)
    ).where(
        col(Visit.interpreter_id).is_not(None),
        col(Visit.starts).between(begins, begins + _A_WEEK),
        col(Visit.state).in_(TAKES_TIME),
        col(Visit.id) != visit.id,
    )
    offers = (
        select(Offer.interpreter_id, Offer.starts, Offer.ends, Clinic.site_id)
        .join(Clinic, col(Clinic.id) == col(Offer.clinic_id))
        .where(
            col(Offer.interpreter_id).is_not(None),
            col(Offer.starts).between(begins, begins + _A_WEEK),
            Offer.state == OfferState.HELD,
            col(Offer.held_until) > now,
        )
    )
    if only is not None:
        visits = visits.where(col(Visit.interpreter_id).in_(only))
        offers = offers.where(col(Offer.interpreter_id).in_(only))
    found: dict[int, list[Busy]] = {}
    for whose, starts, ends, site_id, mode in session.execute(visits):
        found.setdefault(whose, []).append(Busy(starts, ends, site_id, mode or Mode.IN_PERSON))
    for whose, starts, ends, site_id in session.exec(offers):
        found.setdefault(whose or 0, []).append(Busy(starts, ends, site_id, Mode.IN_PERSON))
    return found


def _known(session: Session, visit: Visit, now: datetime) -> set[int | None]:
    """Who has interpreted for this person."""
    if visit.patient_id is None:
        return set()
    before = select(Visit.interpreter_id).where(
        Visit.patient_id == visit.patient_id, col(Visit.starts) <= now, col(Visit.state).in_(TAKES_TIME)
    )
    return set(session.exec(before))


def _travel(session: Session, visit: Visit) -> Travel:
    minutes: dict[frozenset[int | None], int] = {}
    if visit.site_id is not None:
        here = or_(SiteTravel.one_id == visit.site_id, SiteTravel.other_id == visit.site_id)
        for row in session.exec(select(SiteTravel).where(here)):
            minutes[frozenset((row.one_id, row.other_id))] = row.minutes

    def between(one: int | None, other: int | None) -> int:
        if one is not None and one == other:
            return 0
        return minutes.get(frozenset((one, other)), UNKNOWN_TRAVEL)

    return between
