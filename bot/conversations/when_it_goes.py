"""When a text that staff let go reaches the outbox, in the words of the pages."""

from bot.clock import next_opening, utc_now
from bot.settings import Settings
from bot.web import when


def when_it_goes(settings: Settings, *, at_once: bool) -> str:
    """When a text goes that is let go now; `at_once` does not wait for the sending hours."""
    if at_once:
        return "Goes now, whatever the hour."
    until = _waits_until(settings)
    return f"Waits until {until}, when the sending hours begin." if until else "Goes now."


def on_its_way(what: str, settings: Settings, *, at_once: bool) -> str:
    """What became of a text that was let go now: `what` is its name, such as "Your text"."""
    until = None if at_once else _waits_until(settings)
    return f"{what} waits until {until}, when the sending hours begin." if until else f"{what} is on its way."


def _waits_until(settings: Settings) -> str | None:
    now = utc_now()
    opening = next_opening(now, settings, outreach=False)
    return when(opening) if opening > now else None
