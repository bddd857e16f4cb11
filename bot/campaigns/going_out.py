"""When the texts of a campaign go out, and why they wait: in sentences for the practice."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from bot.clock import LONDON, is_bank_holiday, is_sending_day, next_opening
from bot.messaging.heartbeats import last_runs
from bot.messaging.hours import minutes_of, next_opening_in
from bot.partners.asked import CAMPAIGN
from bot.partners.purposes import find_purpose
from bot.settings import WEEKDAYS, Settings
from bot.tables.campaigns import Campaign, CampaignState
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice, Sender
from bot.texts.dates_in_words import format_time
from bot.web import counted, when

SILENT_AFTER = timedelta(seconds=60)
"""A worker that has said nothing for so long sends nothing."""
TELL = "Tell whoever runs the service."


def why_texts_wait(session: Session, settings: Settings, campaign: Campaign, now: datetime) -> list[str]:
    """Why texts of a campaign that were released have not gone yet, a sentence for each reason; empty when none do.

    Those on hold, and those that are tried again later, are not meant.
    """
    if campaign.state != CampaignState.RUNNING:
        return []
    waiting = _count_ready(session, campaign, now)
    if not waiting:
        return []
    texts = counted(waiting, "text waits", "texts wait")
    hours = _hours(campaign)
    opening = opens(now, settings, hours)
    closed = [f"{texts} until {when(opening)}: {why_closed(now, settings, hours)}."] if opening > now else []
    return [*closed, *(f"{texts}: {fault}" for fault in _faults(session, campaign, now))]


def when_the_first_goes(session: Session, settings: Settings, campaign: Campaign, now: datetime) -> list[str]:
    """When the first text of a batch goes that is released now, in sentences."""
    hours = _hours(campaign)
    opening = opens(now, settings, hours)
    closed = opening > now
    first = "The first goes at once."
    if closed:
        first = f"The first text waits until {when(opening)}: {why_closed(now, settings, hours)}."
    faults = [f"Not yet: {fault}" for fault in _faults(session, campaign, now)]
    return faults if faults and not closed else [first, *faults]


def opens(moment: datetime, settings: Settings, hours: str | None) -> datetime:
    """The first moment from `moment` on, in UTC, at which an invitation may go.

    :param hours: the name of hours of its own (`messaging.hours`), if it has some.
    """
    return next_opening_in(hours, moment, settings) if hours else next_opening(moment, settings, outreach=True)


def _hours(campaign: Campaign) -> str | None:
    return find_purpose(campaign.purpose).hours


def why_closed(moment: datetime, settings: Settings, hours: str | None = None) -> str:
    """Why no invitation goes at a moment at which its hours are shut, in words that follow a colon."""
    day = moment.astimezone(LONDON).date()
    go_out = f"Invitations go out {own_hours_in_words(settings, hours) if hours else hours_in_words(settings)}"
    if is_sending_day(day, settings):
        return f"it is outside the sending hours. {go_out}"
    if day.weekday() in settings.sending_weekdays and is_bank_holiday(day):
        return f"today is a bank holiday. {go_out}"
    return f"today is {WEEKDAYS[day.weekday()].capitalize()}. {go_out}"


def own_hours_in_words(settings: Settings, hours: str) -> str:
    """Hours of their own, such as `from 3:30pm to 8pm, Monday to Friday, and from 10am to 4pm, Saturday`."""
    days: dict[tuple[int, int], set[int]] = {}
    for day, pieces in minutes_of(hours, settings).items():
        for piece in pieces:
            days.setdefault(piece, set()).add(day)
    each = (f"{_from_to(*piece)}, {_days(frozenset(found))}" for piece, found in days.items())
    and_so = "" if settings.send_every_day else ", but not on bank holidays"
    return f"{', and '.join(each)}{and_so}"


def hours_in_words(settings: Settings) -> str:
    """The hours and days on which invitations go, such as `from 8am to 8pm, Monday to Saturday`."""
    opens, closes = settings.window_minutes
    whole_day = (opens, closes) == (0, 24 * 60)
    hours = "at any hour" if whole_day else _from_to(opens, closes)
    if settings.send_every_day:
        return f"{hours}, every day"
    return f"{hours}, {_days(settings.sending_weekdays)}, but not on bank holidays"


def _from_to(opens: int, closes: int) -> str:
    return f"from {_clock(opens)} to {_clock(closes)}"


def _clock(minute: int) -> str:
    if minute == 24 * 60:
        return "midnight"
    return format_time(datetime(2000, 1, 1, minute // 60, minute % 60).time(), "en")  # noqa: DTZ001 - no day is meant


def _days(days: frozenset[int]) -> str:
    names = [WEEKDAYS[day].capitalize() for day in sorted(days)]
    if len(days) > 2 and max(days) - min(days) == len(days) - 1:
        return f"{names[0]} to {names[-1]}"
    return ", ".join(names[:-1]) + (" and " if names[1:] else "") + names[-1]


def _count_ready(session: Session, campaign: Campaign, now: datetime) -> int:
    """Texts that would go now if nothing kept them back."""
    ready = select(func.count()).where(
        col(Message.subject_kind) == CAMPAIGN,
        col(Message.subject_id) == campaign.id,
        col(Message.kind) == Kind.OUTREACH,
        col(Message.state) == State.QUEUED,
        or_(col(Message.not_before) <= now, col(Message.waits_for_window)),
    )
    texts: int = session.execute(ready).scalar_one()
    return texts


def _faults(session: Session, campaign: Campaign, now: datetime) -> Iterator[str]:
    """What keeps all texts back, whatever the hour."""
    sender = session.get_one(Sender, session.get_one(Practice, campaign.practice_id).sender_id)
    if sender.stopped_code is not None:
        yield f"the phone network refuses our texts, so sending is stopped. {TELL}"
        return
    at = last_runs(session).get("worker")
    if at is None:
        yield f"the part of the service that sends texts has not been started. {TELL}"
    elif abs(now - at) > SILENT_AFTER:
        yield f"the part of the service that sends texts has not been at work since {when(at)}. {TELL}"
