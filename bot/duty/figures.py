"""Whether somebody is on duty everywhere, for those who run the service; no practice is named."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from sqlmodel import Session

from bot.clock import utc_now
from bot.duty.rota import practices_without
from bot.duty.telling import AGAIN, FIRST
from bot.refusals import Fault
from bot.settings import Settings
from bot.web import counted
from bot.wording.composing import load_wordings


def nobody_on_duty(session: Session, settings: Settings) -> Iterator[Fault]:
    """What keeps people from being told of what cannot wait. The service works all the same."""
    without = practices_without(session, utc_now())
    if without:
        line = f"{counted(without, 'practice has', 'practices have')} nobody on duty who can be told by text."
        yield Fault(line, line, "A lead of the practice puts a phone on duty, under On duty on the home page.")
    if not may_be_told(session, settings):
        line = f"{FIRST} and {AGAIN} have no approved wording: nobody on duty is told by text."
        yield Fault(line, "The text to who is on duty is not approved.", "Somebody approves it, under Wording.")


def may_be_told(session: Session, settings: Settings) -> bool:
    """Whether the texts to who is on duty have wording that may be sent."""
    return all(load_wordings(session, settings, key, ["en"]).allowed(key, "en") for key in (FIRST, AGAIN))


def duty_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Practices where nobody on duty can be told."""
    without = practices_without(session, utc_now())
    yield GaugeMetricFamily("practices_without_duty", "Practices with nobody on duty who can be told", value=without)
