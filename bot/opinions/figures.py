"""The second opinion for those who run the service: whether there is one, and figures without a word of any reply."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.figures import family
from bot.messaging.heartbeats import last_runs
from bot.opinions.claiming import oldest_waiting
from bot.opinions.reader import FAULTS, beat_of
from bot.refusals import Fault
from bot.settings import Settings
from bot.tables.opinions import SecondOpinion

SILENT_AFTER = timedelta(seconds=60)
"""A reader that has said nothing for so long is taken for dead."""
_WHY: Mapping[str | None, str] = {
    None: "no translator is at work",
    "missing": "its model is not installed here (there is none for every machine)",
    "changed": "its model is another one than its head was made for",
    "unreadable": "its head is missing or damaged",
    "died": "its process dies or hangs",
}
_TITLE = "Replies are read by rules alone, without a second opinion."
_RULES_ALONE = "Danger is looked for by rules as ever. What to do about it stands in the operating guide."


def opinion_notes(session: Session, settings: Settings) -> Iterator[Fault]:
    """Why replies are read by rules alone, if they are. The service works all the same."""
    if not settings.has_second_opinion:
        yield Fault("The second opinion is off: replies are read by rules alone.", _TITLE, _RULES_ALONE)
    elif (why := _why_there_is_none(session)) is not None:
        yield Fault(f"There is no second opinion, and replies are read by rules alone: {why}.", _TITLE, _RULES_ALONE)
    elif waits := _waits_long(session):
        yield Fault(f"A reply has waited {waits} minutes for a second opinion.", _TITLE, _RULES_ALONE)


def _why_there_is_none(session: Session) -> str | None:
    """What the reader said last; None when it is at work."""
    beats, now = last_runs(session), utc_now()
    fresh = {fault: at for fault in (None, *FAULTS) if (at := beats.get(beat_of(fault))) and now - at < SILENT_AFTER}
    last = max(fresh, key=lambda fault: fresh[fault], default=None)
    return _WHY[last] if last is not None or not fresh else None


def _waits_long(session: Session) -> int:
    oldest = oldest_waiting(session)
    return int((utc_now() - oldest).total_seconds() // 60) if oldest else 0


def opinion_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Replies by what became of their second opinion, and how long the oldest has waited."""
    outcome = func.coalesce(SecondOpinion.raised, "none")
    counted = select(SecondOpinion.state, outcome, func.count()).group_by(col(SecondOpinion.state), outcome)
    rows = [((state, raised), float(count)) for state, raised, count in session.exec(counted)]
    yield family("second_opinions", "Replies by state and what they were raised to", ["state", "raised"], rows)
    oldest = oldest_waiting(session)
    age = 0.0 if oldest is None else max(0.0, (utc_now() - oldest).total_seconds())
    yield GaugeMetricFamily("second_opinion_age_seconds", "The oldest reply that waits to be read again", value=age)
