"""Asking a machine for a translation: rows that the translator takes, and what can be asked for."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.rows import insert_row
from bot.settings import Settings
from bot.tables.translation import (
    FREE_TEXT,
    Failure,
    LanguageSwitch,
    Translation,
    TranslationModel,
    TranslationState,
)

ENGLISH = "en"
PRIORITY = {FREE_TEXT: 1}
"""Somebody sits before the page and waits for a free text; everything else comes after it."""
USUAL_PRIORITY = 5
TRY_AGAIN_AFTER = timedelta(minutes=10)
"""A translation that the machine failed at is asked for again when somebody looks, but not at every look."""
_MAY_BE_TRIED_AGAIN = (Failure.NO_MODEL, Failure.TIMED_OUT, Failure.ENGINE_FAILED)


def ask_for_translation(
    session: Session,
    words: str,
    *,
    source: str,
    target: str,
    purpose: str,
    practice_id: int | None,
    message_id: int | None = None,
    requested_by: int | None = None,
    back: bool = False,
    kept: Sequence[str] = (),
) -> Translation:
    """Have words translated by the translator, whenever it comes to them; the row has its id.

    :param back: also translate the result back, for whoever cannot read it.
    :param kept: names and places that stay as they are written.
    """
    return insert_row(
        session,
        Translation,
        purpose=purpose,
        message_id=message_id,
        practice_id=practice_id,
        source_language=source,
        target_language=target,
        source=words,
        kept=json.dumps(list(kept), ensure_ascii=False) if kept else None,
        wants_back=back,
        priority=PRIORITY.get(purpose, USUAL_PRIORITY),
        requested_by=requested_by,
        requested_at=utc_now(),
    )


def can_translate(session: Session, source: str, target: str) -> bool:
    """Whether there is a model that may be used from one language to the other, or one each to and from English."""
    usable = select(TranslationModel.from_language, TranslationModel.to_language).where(
        col(TranslationModel.fault).is_(None)
    )
    return bool(path(set(session.exec(usable)), source, target))


def path(directions: Collection[tuple[str, str]], source: str, target: str) -> tuple[tuple[str, str], ...]:
    """The directions that lead from one language to the other, by English where no model does; empty when none do."""
    ways = (((source, target),), ((source, ENGLISH), (ENGLISH, target)))
    return next((way for way in ways if all(step in directions for step in way)), ())


def is_on(session: Session, settings: Settings, tag: str) -> bool:
    """Whether a machine may translate from and to a language here; English needs none.

    In demo wherever there is a model, in live once a person has switched it on.
    """
    if tag == ENGLISH:
        return True
    if not settings.live:
        return can_translate(session, tag, ENGLISH) or can_translate(session, ENGLISH, tag)
    switch = session.get(LanguageSwitch, tag)
    return switch is not None and switch.on


def may_be_translated(session: Session, settings: Settings, language: str) -> bool:
    """Whether there is a model into English for a language, and it is switched on here."""
    return can_translate(session, language, ENGLISH) and is_on(session, settings, language)


def is_for_tests(session: Session, source: str, target: str) -> bool:
    """Whether what translates from one language into the other was trained for tests, not for patients."""
    way = (col(TranslationModel.from_language) == source, col(TranslationModel.to_language) == target)
    return session.exec(select(TranslationModel.trial).where(*way)).first() or False


def stands(asked: Translation | None, now: datetime) -> bool:
    """Whether a translation need not be asked for again: it is there or being made, or failed just now."""
    if asked is None:
        return False
    failed = asked.state == TranslationState.FAILED and asked.failure in _MAY_BE_TRIED_AGAIN
    return not failed or (asked.done_at or now) > now - TRY_AGAIN_AFTER
