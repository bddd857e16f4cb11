"""Queueing: a text becomes a row of the outbox in the same transaction as what it speaks of."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TypedDict, Unpack

from sqlalchemy import String, insert, literal, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.messaging.from_practice import practice_values
from bot.messaging.hours import known_hours
from bot.messaging.policy import RULES
from bot.messaging.questions import drop_questions_of, known_questions
from bot.messaging.subjects import known_subject
from bot.rows import insert_row, insert_unless_known
from bot.settings import Settings
from bot.tables.free_texts import FreeTextRelease
from bot.tables.messaging import Direction, Kind, Message, OpenQuestion, QuestionState, State, Subject
from bot.tables.organisations import Practice
from bot.texts.catalogue import Value, catalogue
from bot.texts.parts import count_parts
from bot.texts.wording import body_digest
from bot.wording.composing import Composed, NotApprovedError, load_wordings

Values = Mapping[str, Value]
NO_MORE: Values = MappingProxyType({})
"""The values of a text whose slots all speak of the practice."""


class Addressee(NamedTuple):
    """A person to whom one of many texts goes, with the number and language it goes by."""

    patient_id: int
    phone: str
    language: str | None


class OwnWords(NamedTuple):
    """What a person wrote themselves, as it will be sent; `digest` covers exactly that.

    `line_digest`: the wording of the line under it, if there is one.
    """

    body: str
    language: str
    digest: str
    parts: int
    line_digest: str | None = None


class Release(NamedTuple):
    """Who lets a free text go and what stands for it; see `FreeTextRelease`."""

    released_by: int
    checks: Sequence[str]
    back_seen: bool
    model: str | None


class About(TypedDict, total=False):
    """Whom a text is about, what it answers and when it may go: columns of its message.

    `dedupe_key` names it: queueing it again gives the message that is there. `not_before`: now, where nothing is said.
    """

    patient_id: int | None
    answers_id: int | None
    dedupe_key: str | None
    automatic: bool
    subject_sequence: int | None
    not_before: datetime
    at_once_until: datetime | None
    use_by: datetime | None


def queue_text(
    session: Session,
    settings: Settings,
    *,
    text_key: str,
    language: str | None,
    values: Values = NO_MORE,
    phone: str,
    practice: Practice,
    kind: str | None = None,
    subject: Subject | None = None,
    question: str | None = None,
    detail: str | None = None,
    **about: Unpack[About],
) -> Message:
    """Add one text to the outbox, in the person's language where its wording may be sent.

    A `question` opens when the text is claimed for sending, not before: nobody answers what they have not read.

    :param values: those of the slots that do not speak of the practice.
    :raises NotApprovedError: no wording of the text may be sent.
    :raises Refused: `no-practice-phone`.
    """
    values = {**values, **practice_values(practice, text_key, kind)}
    try:
        composed = load_wordings(session, settings, text_key, [language]).compose(text_key, language, values)
        row = row_of(composed, text_key, kind or catalogue()[text_key].kind, practice, phone)
        whole: dict[str, Any] = row | _of_subject(subject) | about
        message = insert_unless_known(session, Message, "dedupe_key", **whole)
    except NotApprovedError:
        message = None
    if message is None:
        return _known(session, text_key, about.get("dedupe_key"))
    if question and message.patient_id:
        _ask(session, message, question, message.patient_id, detail)
    return message


def _known(session: Session, text_key: str, dedupe_key: str | None) -> Message:
    """What was queued for that deed before.

    :raises NotApprovedError: nothing was, so it was the wording that kept the text back.
    """
    known = session.exec(select(Message).where(Message.dedupe_key == dedupe_key)).first() if dedupe_key else None
    if known is None:
        raise NotApprovedError(text_key)
    return known


def row_of(
    composed: Composed | OwnWords, text_key: str | None, kind: str, practice: Practice, phone: str
) -> dict[str, Any]:
    """The columns of a text that is queued now, without those that say whom and what it is about."""
    now = utc_now()
    return {
        "direction": Direction.OUT,
        "kind": kind,
        "state": State.QUEUED,
        "priority": RULES[kind].priority,
        "practice_id": practice.id,
        "sender_id": practice.sender_id,
        "phone": phone,
        "body": composed.body,
        "text_key": text_key,
        "language": composed.language,
        "wording_digest": composed.digest,
        "line_digest": composed.line_digest,
        "parts": composed.parts,
        "not_before": now,
        "created_at": now,
        "updated_at": now,
    }


def queue_free_text(
    session: Session,
    words: OwnWords,
    release: Release,
    *,
    phone: str,
    practice: Practice,
    **about: Unpack[About],
) -> Message:
    """Add a text of no catalogue to the outbox, with the release without which no claim lets it go."""
    message = insert_row(session, Message, **row_of(words, None, Kind.NOTICE, practice, phone), **about)
    released = release._asdict() | {"checks": json.dumps(release.checks)}
    insert_row(session, FreeTextRelease, message_id=message.id, digest=words.digest, at=utc_now(), **released)
    return message


def own_words(body: str, language: str, line_digest: str | None = None) -> OwnWords:
    """Words as they will be sent, counted and hashed."""
    return OwnWords(body, language, body_digest(body), count_parts(body).parts, line_digest)


def _of_subject(subject: Subject | None) -> dict[str, Any]:
    return {} if subject is None else {"subject_kind": known_subject(subject.kind), "subject_id": subject.id}


def _ask(session: Session, message: Message, question: str, patient_id: int, detail: str | None) -> None:
    insert_row(
        session,
        OpenQuestion,
        sender_id=message.sender_id,
        practice_id=message.practice_id or 0,
        phone=message.phone,
        patient_id=patient_id,
        subject_kind=message.subject_kind,
        subject_id=message.subject_id,
        kind=known_questions()[question].name,
        message_id=message.id or 0,
        detail=detail,
    )


def queue_to_many(
    session: Session,
    settings: Settings,
    *,
    text_key: str,
    values: Values,
    practice: Practice,
    subject: Subject,
    batch_id: int,
    question: str,
    addressees: Sequence[Addressee],
    detail: str | None = None,
    hours: str | None = None,
) -> int:
    """Queue one text to many, each in their language and with its question; gives their parts.

    The wording is pinned now. The same person gets the same text about the same subject once.

    :param values: those of the slots that do not speak of the practice.
    :param detail: what the question keeps of what was offered.
    :param hours: the name of the hours in which alone they go (`messaging.hours`).
    :raises NotApprovedError: no wording of the text may be sent.
    :raises Refused: `no-practice-phone`.
    """
    values = {**values, **practice_values(practice, text_key)}
    languages = {one.language for one in addressees}
    wordings = load_wordings(session, settings, text_key, languages)
    by_language = {tag: wordings.compose(text_key, tag, values) for tag in languages}
    shared = _of_subject(subject) | {"batch_id": batch_id, "hours": known_hours(hours)}
    key = f"{text_key}:{subject.kind}:{subject.id}"
    rows = [
        row_of(by_language[one.language], text_key, catalogue()[text_key].kind, practice, one.phone)
        | shared
        | {"patient_id": one.patient_id, "dedupe_key": f"{key}:{one.patient_id}"}
        for one in addressees
    ]
    if not rows:
        return 0
    session.execute(insert(Message), rows)
    _ask_all(session, batch_id, known_questions()[question].name, detail)
    return sum(by_language[one.language].parts for one in addressees)


def _ask_all(session: Session, batch_id: int, question: str, detail: str | None) -> None:
    copied = ("sender_id", "practice_id", "phone", "patient_id", "subject_kind", "subject_id")
    asked = sqlalchemy_select(
        *(getattr(Message, name) for name in copied),
        col(Message.id),
        literal(question),
        literal(str(QuestionState.PENDING)),
        literal(detail, String()),
    ).where(col(Message.batch_id) == batch_id, col(Message.kind) == Kind.OUTREACH)
    session.execute(insert(OpenQuestion).from_select([*copied, "message_id", "kind", "state", "detail"], asked))


def hold_messages(session: Session, subject: Subject, kind: str) -> int:
    """Keep back the queued texts of a kind about a subject; gives how many."""
    return _move(session, subject, [kind], (State.QUEUED,), State.HELD, None)


def release_held_messages(session: Session, subject: Subject, kind: str) -> int:
    """Let the held texts of a kind about a subject go again; gives how many."""
    return _move(session, subject, [kind], (State.HELD,), State.QUEUED, None)


def cancel_unsent_messages(session: Session, subject: Subject, kinds: Sequence[str], reason: str) -> int:
    """Cancel the texts of these kinds about a subject that have not gone out; gives how many."""
    return _move(session, subject, kinds, (State.QUEUED, State.HELD), State.CANCELLED, reason)


def cancel_unsent_of_batch(session: Session, batch_id: int, reason: str) -> Sequence[int]:
    """Cancel the invitations of a batch that have not gone out; gives whom they were for.

    A claim at the same moment has either taken a text, which then goes, or finds it cancelled. What the texts would
    have asked is dropped, and the same may be queued for these people again.
    """
    cancelled = session.execute(
        update(Message)
        .where(
            col(Message.batch_id) == batch_id,
            col(Message.kind) == Kind.OUTREACH,
            col(Message.state).in_((State.QUEUED, State.HELD)),
        )
        .values(state=State.CANCELLED, reason=reason, updated_at=utc_now())
        .returning(col(Message.id), col(Message.patient_id))
    ).all()
    drop_questions_of(session, [row[0] for row in cancelled])
    people = [row[1] for row in cancelled if row[1] is not None]
    theirs = update(Message).where(col(Message.batch_id) == batch_id, col(Message.patient_id).in_(people))
    session.execute(theirs.values(dedupe_key=None))
    return people


def _move(
    session: Session,
    subject: Subject,
    kinds: Sequence[str],
    states: Sequence[State],
    target: State,
    reason: str | None,
) -> int:
    moved = session.execute(
        update(Message)
        .where(
            col(Message.subject_kind) == subject.kind,
            col(Message.subject_id) == subject.id,
            col(Message.kind).in_(kinds),
            col(Message.state).in_(states),
        )
        .values(state=target, reason=reason, updated_at=utc_now())
    )
    return int(moved.rowcount)  # type: ignore[attr-defined]
