"""Answering from the inbox, with approved texts only: chosen, seen in both languages, then sent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from bot.accounts.rights import require
from bot.attention.rights import WORK_INBOX
from bot.audit import Actor, record
from bot.clock import LONDON, utc_now
from bot.conversations.inbox import InboxEntry, find_item, finish_in, in_conversation, items_of_conversation
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.patients.eligibility import Reason, why_not
from bot.patients.phone_safety import language_of_all
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Practice
from bot.texts.catalogue import Value, catalogue
from bot.texts.languages import LANGUAGES
from bot.wording.composing import Composed, NotApprovedError, load_wordings

MOVED_ON = "conversation-moved-on"
NOW_MEANS = timedelta(minutes=30)
ANSWERS: Mapping[str, str] = {
    "staff-will-call": "We will phone you (date and time)",
    "staff-please-call": "Please phone us",
    "staff-please-text": "Please answer by text",
    "staff-it-is-us": "Yes, it is really us, and how to check",
    "staff-changed-it": "We have changed it",
    "staff-thank-you": "Thank you, we have dealt with it",
    "staff-other-people": "We cannot talk about other people by text",
}
"""What may be answered from the inbox, as staff choose it."""

_OTHERWISE = "Reach them in another way, and ask for their number."
KEPT_BACK: Mapping[Reason, str] = {
    Reason.DECEASED: "It is recorded that this person has died, so no text goes to this phone.",
    Reason.NO_MOBILE: f"No mobile number is recorded for this person, so no text goes to it. {_OTHERWISE}",
    Reason.SHARED_PHONE: f"This number is on more than one person's record, so no text goes to it. {_OTHERWISE}",
    Reason.UNSAFE_PHONE: (
        "This number does not count as the person's own, or does not work any more, so no text goes to it. "
        + _OTHERWISE
    ),
    Reason.TEXTING_REFUSED: "The practice's list says that this person refuses texts. Phone them.",
    Reason.OPTED_OUT: "This person asked us not to text. Phone them instead.",
}
"""What to do instead, by the reason for which a claim would keep an answer back."""


@dataclass(frozen=True)
class Draft:
    """An answer before it is sent. `language` is a tag, or None when nobody knows the person's.

    `seen` is the newest message the writer had read; `at_once` does not wait for the sending window.
    """

    key: str
    language: str | None
    day: date | None = None
    clock: time | None = None
    at_once: bool = False
    seen: int = 0


@dataclass(frozen=True)
class AnswerPreview:
    """How an answer will read: as it is sent, and in English beside it."""

    sent: Composed
    english: Composed


def preview_answer(session: Session, settings: Settings, practice_id: int, draft: Draft) -> AnswerPreview:
    """Compose an answer without sending it.

    :raises Refused: something is missing, or the text has no approved wording.
    """
    practice = session.get_one(Practice, practice_id)
    values = _values(practice, draft)
    wordings = load_wordings(session, settings, draft.key, [draft.language])
    try:
        return AnswerPreview(
            wordings.compose(draft.key, draft.language, values), wordings.compose(draft.key, "en", values)
        )
    except NotApprovedError:
        raise Refused("not-approved", "Nobody has approved this text yet. Choose another one, or phone.") from None


def send_answer(
    db: Database,
    settings: Settings,
    item_id: int,
    practice_id: int,
    draft: Draft,
    actor: Actor,
    *,
    finish: bool,
    also: Collection[int] = (),
) -> Message:
    """Queue an answer to an item's phone and, if asked, mark the item as done.

    :param also: other items of the same conversation that are done with it, as far as they are open and not urgent.
    :raises Refused: the conversation has moved on since it was read (a reply, a colleague's answer), no text
        may go to that phone, something is missing, the item is done already, or `not-allowed`.
    """
    with db.write() as session:
        # A row lock where the database has one: two colleagues answer one after the other.
        practice = session.get_one(Practice, practice_id, with_for_update=True)
        actor = require(session, actor, WORK_INBOX, practice)
        entry = find_item(session, practice_id, item_id)
        if entry is None:
            raise Refused("unknown-item", "There is no such item in your inbox.")
        refuse_unread(session, entry, practice_id, draft.seen)
        if refused := why_no_text_may_go(session, practice_id, entry):
            raise refused
        preview_answer(session, settings, practice_id, draft)
        message = _queue(session, settings, entry, practice, draft)
        if finish:
            finish_with(session, entry, practice_id, actor, also)
        record(session, actor, "inbox-answered", f"inbox:{item_id}", practice_id=practice_id, text=draft.key)
    return message


def finish_with(
    session: Session, entry: InboxEntry, practice_id: int, actor: Actor, also: Collection[int] = ()
) -> None:
    """Mark an item as done in the transaction in hand, and those of `also` that may be settled with it.

    :raises Refused: it is done already.
    """
    item_id = entry.item.id or 0
    finish_in(session, item_id, practice_id, actor)
    for other in also_done(items_of_conversation(session, practice_id, entry.item), item_id):
        if other in also:
            finish_in(session, other, practice_id, actor)


def also_done(entries: Iterable[InboxEntry], item_id: int) -> list[int]:
    """The items of a conversation that an answer to one of them may settle too; an urgent one is settled by itself."""
    items = [entry.item for entry in entries]
    return [item.id or 0 for item in items if item.state == "open" and not item.urgency and item.id != item_id]


def needs_day(key: str) -> bool:
    """Whether a text says a day and a time."""
    return "date" in catalogue()[key].slots


def language_of(entry: InboxEntry, wrote_in: str | None) -> str | None:
    """The language to answer in: the one on record, else the one they wrote in, else None."""
    return language_of_all(entry.people) or (wrote_in if wrote_in in LANGUAGES else None)


def _queue(session: Session, settings: Settings, entry: InboxEntry, practice: Practice, draft: Draft) -> Message:
    return queue_text(
        session,
        settings,
        text_key=draft.key,
        language=draft.language,
        values=_values(practice, draft),
        phone=entry.item.phone,
        practice=practice,
        kind=Kind.NOTICE,
        patient_id=entry.person_id,
        at_once_until=utc_now() + NOW_MEANS if draft.at_once else None,
        answers_id=entry.item.message_id,
        automatic=False,
    )


def _values(practice: Practice, draft: Draft) -> dict[str, Value]:
    known: dict[str, Value | None] = {
        "practice": practice.name,
        "practice_phone": practice.phone,
        "date": draft.day,
        "time": draft.clock,
    }
    if draft.key not in ANSWERS:
        raise Refused("unknown-text", "Choose which text to send.")
    missing = [name for name in catalogue()[draft.key].slots if known.get(name) is None]
    if "practice_phone" in missing:
        raise Refused(
            "no-practice-phone",
            "Your practice has no phone number here yet. Choose another text, or ask an administrator to enter the "
            "number under Organisations.",
        )
    if missing:
        raise Refused("no-date", "Enter the day and the time at which you will phone.")
    if needs_day(draft.key):
        _refuse_past(draft)
    return {name: value for name in catalogue()[draft.key].slots if (value := known[name]) is not None}


def refuse_unread(session: Session, entry: InboxEntry, practice_id: int, seen: int) -> None:
    """Nobody answers what they have not read.

    :param seen: the newest message the writer had read.
    :raises Refused: `conversation-moved-on`.
    """
    theirs_and_ours = select(func.max(Message.id)).where(in_conversation(practice_id, entry.item.phone))
    newest = session.exec(theirs_and_ours).one()
    if newest and newest > seen:
        raise moved_on()


def moved_on() -> Refused:
    """That an answer was not sent, as its writer had not read all."""
    told = "Nothing was sent: there is a newer message in this conversation. Read it, then answer."
    return Refused(MOVED_ON, told)


def _refuse_past(draft: Draft) -> None:
    if draft.day and draft.clock and datetime.combine(draft.day, draft.clock, LONDON) < utc_now():
        raise Refused("past-date", "That time is past. Enter the day and the time at which you will phone.")


def why_no_text_may_go(session: Session, practice_id: int, entry: InboxEntry) -> Refused | None:
    """Why an answer would be kept back when it is claimed, in words that say what to do; None when it may go."""
    reason = why_not(session, Kind.NOTICE, practice_id, entry.item.phone, entry.person_id)
    return Refused(reason, KEPT_BACK[reason]) if reason else None
