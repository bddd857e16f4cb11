"""What became of a notice, in words for the counter."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bot.clock import LONDON, next_opening
from bot.pharmacy.notices.calling import (
    CALL_INSTEAD,
    NO_TEXT_POSSIBLE,
    NOT_APPROVED,
    NOT_DISPENSED,
    SPEAKS_ENGLISH,
    TOO_LATE,
)
from bot.pharmacy.notices.states import notice_as_json
from bot.pharmacy.notices.wording import DELIVER, PHONE_ME, SOMEBODY_ELSE, WILL_COLLECT, WILL_PHONE
from bot.settings import Settings
from bot.tables.pharmacy import Notice, NoticeState
from bot.texts.dates_in_words import format_date, format_time

STATES_IN_WORDS: Mapping[str, str] = {
    NoticeState.HELD: "Waits to be sent",
    NoticeState.QUEUED: "Goes out next",
    NoticeState.SENT: "Sent",
    NoticeState.DELIVERED: "On their phone",
    NoticeState.FAILED: "Did not reach their phone",
    NoticeState.WITHDRAWN: "Taken back",
    NoticeState.ANSWERED: "Answered",
    NoticeState.NOT_TEXTED: "No text went",
}
WHY_IN_WORDS: Mapping[str, str] = {
    NO_TEXT_POSSIBLE: "No text is possible.",
    CALL_INSTEAD: "Texts do not reach them any more.",
    NOT_APPROVED: "The words are not approved yet.",
    NOT_DISPENSED: "Decide what to tell them; no text says it by itself.",
    TOO_LATE: "It could not go in time.",
    SPEAKS_ENGLISH: "They have the message of the NHS in English.",
    "held-duplicate": "The same was said within a day.",
}
ANSWERS_IN_WORDS: Mapping[str, str] = {
    WILL_COLLECT: "I will collect it",
    SOMEBODY_ELSE: "Somebody else will collect it",
    DELIVER: "Please deliver it",
    WILL_PHONE: "I will phone you",
    PHONE_ME: "Please phone me",
}


def outcome(session: Session, settings: Settings, notice: Notice, now: datetime) -> tuple[str, bool]:
    """What sending has led to, and whether a text goes or went."""
    line = notice_as_json(session, notice)
    if line["state"] in (NoticeState.NOT_TEXTED, NoticeState.FAILED):
        return f"No text goes. {WHY_IN_WORDS.get(line['why_none'] or '', '')} Please phone the person.", False
    if line["state"] == NoticeState.WITHDRAWN:
        return "That text was taken back. Enter the code or number again to send another.", False
    goes = next_opening(now, settings, outreach=False)
    return ("The text goes now." if goes <= now else f"The text goes {_at(goes)}."), True


def _at(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"on {format_date(local.date(), 'en')} at {format_time(local.time(), 'en')}"
