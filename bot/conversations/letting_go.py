"""Letting a text in own words go: every check holds, and its sender has read what it says.

What is queued carries its release, without which no claim lets it go (`bot.tables.free_texts`).
"""

from collections.abc import Collection

from sqlmodel import Session

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.answering import NOW_MEANS, finish_with, refuse_unread
from bot.conversations.free_texts import (
    FreeText,
    Held,
    Ready,
    Typed,
    find_free_text,
    find_reader,
    hold_item_of,
    preview_own_words,
)
from bot.database import Database
from bot.messaging.outbox import Release, queue_free_text
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.texts.wording import body_digest


def send_free_text(
    db: Database,
    settings: Settings,
    item_id: int,
    practice_id: int,
    translation_id: int,
    actor: Actor,
    *,
    read: bool,
    shown: str,
    finish: bool,
    also: Collection[int] = (),
) -> Message:
    """Let a translation go that was asked for an item, and if asked mark the item as done.

    :param read: the sender says that they have read what it says, translated back.
    :param shown: the digest of what they had before them.
    :raises Refused: a check does not hold, the sender has not said so or saw other words, it has gone already, the
        conversation has moved on, or no such text may go to this person any more.
    """
    with db.write() as session:
        held = hold_item_of(session, item_id, practice_id, actor)
        found = find_free_text(session, settings, held.practice, item_id, translation_id)
        if found is None:
            raise Refused("unknown-free-text", "There is no such text for this message. Write it again.")
        ready = _may_go(session, settings, held, found)
        typed = Typed(found.translation.source, found.request.seen, found.request.at_once)
        message = _release(session, held, typed, ready, read=read, shown=shown)
        found.translation.message_id = message.id
        session.add(found.translation)
        if finish:
            finish_with(session, held.entry, practice_id, held.actor, also)
    return message


def _may_go(session: Session, settings: Settings, held: Held, found: FreeText) -> Ready:
    if found.sent:
        raise Refused("sent-already", "This text has gone already.")
    reader = find_reader(session, settings, held.practice, held.entry)
    if reader.reads != found.translation.target_language:
        told = f"They read {reader.language} now, and this was translated into another language. Write it again."
        raise Refused("language-changed", told)
    if found.stopped:
        raise found.stopped
    if found.ready is None:
        raise Refused("not-translated", "It is not translated yet. Wait for it, then read it.")
    return found.ready


def send_own_words(
    db: Database,
    settings: Settings,
    item_id: int,
    practice_id: int,
    typed: Typed,
    actor: Actor,
    *,
    read: bool,
    shown: str,
    finish: bool,
    also: Collection[int] = (),
) -> Message:
    """Send words to a reader of English, who gets them as they were written, and if asked mark the item as done.

    :param read: the sender says that they have read it as it will be sent.
    :param shown: the digest of what they had before them.
    :raises Refused: as `send_free_text`.
    """
    with db.write() as session:
        held = hold_item_of(session, item_id, practice_id, actor)
        words = preview_own_words(session, settings, held.practice, held.entry, typed)
        message = _release(session, held, typed, Ready(words, typed.words), read=read, shown=shown)
        if finish:
            finish_with(session, held.entry, practice_id, held.actor, also)
    return message


def _release(session: Session, held: Held, typed: Typed, ready: Ready, *, read: bool, shown: str) -> Message:
    if not read:
        raise Refused("not-read", "Read what it says, and tick that you have read it.")
    if shown != ready.words.digest:
        raise Refused("reads-otherwise", "Nothing was sent: it would read otherwise than you saw it. Read it again.")
    refuse_unread(session, held.entry, held.practice_id, typed.seen)
    message = queue_free_text(
        session,
        ready.words,
        Release(held.actor.user_id or 0, ready.checks, read, ready.model),
        phone=held.entry.item.phone,
        practice=held.practice,
        patient_id=held.entry.person_id,
        at_once_until=utc_now() + NOW_MEANS if typed.at_once else None,
        answers_id=held.entry.item.message_id,
        automatic=False,
    )
    _note(session, held, message, ready)
    return message


def _note(session: Session, held: Held, message: Message, ready: Ready) -> None:
    """Which words went, by their hashes; the words themselves stand in no trail."""
    record(
        session,
        held.actor,
        "free-text-sent",
        f"message:{message.id}",
        practice_id=held.practice_id,
        item=held.entry.item.id,
        language=ready.words.language,
        body=ready.words.digest,
        source=body_digest(ready.source),
        checks=" ".join(ready.checks),
        model=ready.model,
    )
