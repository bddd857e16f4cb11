"""How long an interpreter is sought for a visit. Pure."""

from datetime import UTC, datetime, time, timedelta

from bot.clock import LONDON

EVENING = time(18)
"""On the day before, in London: by then a person has to know whether an interpreter will be there."""
AT_THE_LATEST = timedelta(hours=2)
"""Before the visit, where it was lost after that evening."""
_TIME_TO_ANSWER = timedelta(hours=1)


def sought_until(starts: datetime, since: datetime) -> datetime:
    """When seeking ends without success (UTC): 18:00 the day before, or 2 hours before.

    :param since: when it began, UTC.
    """
    day_before = starts.astimezone(LONDON).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, LONDON).astimezone(UTC)
    return evening if since < evening else starts - AT_THE_LATEST


def answered_until(starts: datetime, asked_at: datetime) -> datetime:
    """Until when a person can say what they want instead (UTC): 2 hours before; who hears it late, until the start."""
    usual = starts - AT_THE_LATEST
    return usual if usual - asked_at >= _TIME_TO_ANSWER else starts
