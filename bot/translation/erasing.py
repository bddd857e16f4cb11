"""Words that were translated are kept no longer than the text they belong to."""

import json
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.rows import CHUNK
from bot.settings import Settings
from bot.tables.translation import Failure, Translation, TranslationState

WORDS_FOR = timedelta(days=90)
UNFINISHED = (TranslationState.QUEUED, TranslationState.WORKING)


def erase_translations(session: Session, message_ids: Collection[int]) -> None:
    """Empty the words of what was translated for these messages; which model, and which checks held, stays."""
    _erase(session, col(Translation.message_id).in_(message_ids))


def erase_old_translations(db: Database, _settings: Settings) -> int:
    """Empty words that belong to no text, after 90 days; gives how many."""
    old = (col(Translation.message_id).is_(None), col(Translation.requested_at) < utc_now() - WORDS_FOR)
    total = 0
    while True:
        with db.write() as session:
            erased = _erase(session, *old, limit=CHUNK)
        total += erased
        if erased < CHUNK:
            return total


def _erase(session: Session, *which: ColumnElement[bool], limit: int | None = None) -> int:
    statement = select(Translation).where(*which, col(Translation.erased_at).is_(None)).limit(limit)
    found = session.exec(statement).all()
    for translation in found:
        _empty(translation)
    session.add_all(found)
    return len(found)


def _empty(translation: Translation) -> None:
    """What nobody has translated yet never will be."""
    translation.source, translation.text, translation.back, translation.kept = "", None, None, None
    translation.checks = _without_words(translation.checks)
    translation.erased_at = utc_now()
    if translation.state in UNFINISHED:
        translation.state, translation.failure = TranslationState.FAILED, Failure.NOTHING_TO_TRANSLATE
        translation.claim_ref = None


def _without_words(checks: str | None) -> str | None:
    """A check says why in the words of the text."""
    return None if checks is None else json.dumps([check | {"why": ""} for check in json.loads(checks)])
