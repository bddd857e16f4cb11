"""Queueing many texts that each say something of their own, in a few statements however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from bot.messaging.from_practice import practice_values
from bot.messaging.outbox import row_of
from bot.messaging.questions import known_questions
from bot.messaging.subjects import known_subject
from bot.refusals import Refused
from bot.rows import chunks, insert_many
from bot.settings import Settings
from bot.tables.messaging import Message, OpenQuestion, QuestionState, Subject
from bot.tables.organisations import Practice
from bot.texts.catalogue import Value
from bot.wording.composing import NotApprovedError, Wordings, load_wordings


class OneOfMany(NamedTuple):
    """A text to one person. `values`: those of the slots that do not speak of the practice; times are UTC.

    `patient_id` is None where only a phone is known, and then it asks nothing. `detail`: what its question keeps of
    what was offered. `offers_languages`: see `Wordings.compose`.
    """

    text_key: str
    language: str | None
    values: Mapping[str, Value]
    phone: str
    practice: Practice
    patient_id: int | None
    kind: str
    subject: Subject
    dedupe_key: str
    sequence: int | None = None
    question: str | None = None
    use_by: datetime | None = None
    detail: str | None = None
    offers_languages: bool = False


def queue_each(session: Session, settings: Settings, texts: Sequence[OneOfMany]) -> int:
    """Queue these texts, each in its person's language and once for its `dedupe_key`; gives how many are new.

    One that may not be said, or that needs a number the practice has not set, is left out.
    """
    wordings = _wordings(session, settings, texts)
    rows = {text.dedupe_key: row for text in texts if (row := _row(wordings[text.text_key], text))}
    asked = {text.dedupe_key: text for text in texts if text.question and text.patient_id is not None}
    return sum(_insert(session, some, rows, asked) for some in chunks(rows))


def _wordings(session: Session, settings: Settings, texts: Iterable[OneOfMany]) -> Mapping[str, Wordings]:
    languages: dict[str, set[str | None]] = defaultdict(set)
    for text in texts:
        languages[text.text_key].add(text.language)
    return {key: load_wordings(session, settings, key, readers) for key, readers in languages.items()}


def _row(wordings: Wordings, text: OneOfMany) -> dict[str, Any] | None:
    try:
        values = {**text.values, **practice_values(text.practice, text.text_key, text.kind)}
        composed = wordings.compose(text.text_key, text.language, values, offers_languages=text.offers_languages)
    except (NotApprovedError, Refused):
        return None
    return row_of(composed, text.text_key, text.kind, text.practice, text.phone) | {
        "patient_id": text.patient_id,
        "subject_kind": known_subject(text.subject.kind),
        "subject_id": text.subject.id,
        "subject_sequence": text.sequence,
        "dedupe_key": text.dedupe_key,
        "use_by": text.use_by,
    }


def _insert(
    session: Session, keys: Sequence[str], rows: Mapping[str, dict[str, Any]], asked: Mapping[str, OneOfMany]
) -> int:
    session.flush()
    connection = session.connection()
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    table: Any = Message.__table__  # type: ignore[attr-defined]
    inserting = insert(table).on_conflict_do_nothing(index_elements=["dedupe_key"])
    inserted = inserting.returning(table.c.id, table.c.dedupe_key)
    new = connection.execute(inserted, [rows[key] for key in keys]).all()
    insert_many(
        session, OpenQuestion, [_question(rows[key], number, asked[key]) for number, key in new if key in asked]
    )
    return len(new)


def _question(row: Mapping[str, Any], message_id: int, text: OneOfMany) -> dict[str, Any]:
    copied = ("sender_id", "practice_id", "phone", "patient_id", "subject_kind", "subject_id")
    own = {
        "kind": known_questions()[text.question or ""].name,
        "state": str(QuestionState.PENDING),
        "message_id": message_id,
        "detail": text.detail,
    }
    return {name: row[name] for name in copied} | own
