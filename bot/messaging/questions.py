"""The open question of a phone: at most one per sender and phone, the newest."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Update, and_, bindparam, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, SQLModel, col

from bot.capability import Capabilities, in_use
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.subjects import subject_kinds
from bot.rows import columns_of, objects_of, one_of_given, update_row
from bot.settings import Settings
from bot.tables.messaging import OpenQuestion, QuestionState
from bot.understanding.questions import QuestionKind


@dataclass(frozen=True)
class Question:
    """What a text may ask: how long it can be answered, what each number means, and what follows each answer.

    `answers` are by intent, and take the exchange and the question that is open. `offers` are the numbers this very
    question offers, where these are others than those of its kind; `asked_in` is the language whose words
    answer it, where that may be another than the recorded one. `ends` gives, of questions about
    these subjects, when each can be answered no longer (UTC), where that is known of it; else `lasts` says.
    """

    means: QuestionKind
    lasts: timedelta
    answers: Mapping[str, Callable[[Any, OpenQuestion], None]]
    offers: Callable[[OpenQuestion], Collection[int]] | None = None
    asked_in: Callable[[OpenQuestion], str | None] | None = None
    ends: Callable[[Session, Sequence[int]], Mapping[int, datetime]] | None = None

    @property
    def name(self) -> str:
        """Its name, as rows keep it."""
        return self.means.name


def known_questions() -> dict[str, Question]:
    """Every question that capabilities bring, by its name."""
    return {question.name: question for question in in_use().bring("questions")}


Pending = Row[int | None, int, str, str]
"""A question whose text is about to go: its id, sender, phone and kind."""


def open_questions_of(session: Session, message_ids: Sequence[int], now: datetime) -> None:
    """Open the questions of texts that are being sent; older ones to the same phones close."""
    connection = session.connection()
    pending = connection.execute(_pending(connection.dialect.name), {"messages": message_ids}).all()
    newest = {(question.sender_id, question.phone): question for question in pending}
    if not newest:
        return
    _supersede(session, newest)
    opening = set(newest.values())
    _move(session, [question for question in pending if question not in opening], QuestionState.SUPERSEDED, now)
    _move(session, list(opening), QuestionState.OPEN, now)


@cache
def _pending(dialect: str) -> Select[int | None, int, str, str]:
    return (
        sqlalchemy_select(
            col(OpenQuestion.id), col(OpenQuestion.sender_id), col(OpenQuestion.phone), col(OpenQuestion.kind)
        )
        .where(
            one_of_given(col(OpenQuestion.message_id), "messages", dialect),
            col(OpenQuestion.state) == QuestionState.PENDING,
        )
        .order_by(col(OpenQuestion.id))
    )


def _move(session: Session, questions: Sequence[Pending], state: QuestionState, now: datetime) -> None:
    connection = session.connection()
    for kind in {question.kind for question in questions}:
        ids = [question.id for question in questions if question.kind == kind]
        changes = {"ids": ids, "state": state, "opened_at": now, "expires_at": now + known_questions()[kind].lasts}
        connection.execute(_moving(connection.dialect.name), changes)
        if known_questions()[kind].ends:
            _end_with_their_subjects(session, kind, ids)


def _end_with_their_subjects(session: Session, kind: str, ids: Sequence[int | None]) -> None:
    ends = known_questions()[kind].ends
    of_these = sqlalchemy_select(col(OpenQuestion.id), col(OpenQuestion.subject_id)).where(
        col(OpenQuestion.id).in_(ids), col(OpenQuestion.subject_id).is_not(None)
    )
    subjects = {row[0]: row[1] or 0 for row in session.execute(of_these)}
    when = ends(session, list(subjects.values())) if ends and subjects else {}
    ended = [{"of_id": number, "at": when[subject]} for number, subject in subjects.items() if subject in when]
    if ended:
        session.connection().execute(_ENDING, ended)


_ENDING = update(OpenQuestion).where(col(OpenQuestion.id) == bindparam("of_id")).values({"expires_at": bindparam("at")})


@cache
def _moving(dialect: str) -> Update:
    changes: dict[str, Any] = {name: bindparam(name) for name in ("state", "opened_at", "expires_at")}
    return update(OpenQuestion).where(one_of_given(col(OpenQuestion.id), "ids", dialect)).values(changes)


def _supersede(session: Session, newest: Iterable[tuple[int, str]]) -> None:
    connection = session.connection()
    for sender_id in {sender_id for sender_id, _ in newest}:
        phones = [phone for sender, phone in newest if sender == sender_id]
        connection.execute(_superseding(connection.dialect.name), {"of_sender": sender_id, "phones": phones})


@cache
def _superseding(dialect: str) -> Update:
    return (
        update(OpenQuestion)
        .where(
            col(OpenQuestion.sender_id) == bindparam("of_sender"),
            one_of_given(col(OpenQuestion.phone), "phones", dialect),
            col(OpenQuestion.state) == QuestionState.OPEN,
        )
        .values(state=QuestionState.SUPERSEDED)
    )


def drop_questions(session: Session, message_id: int) -> None:
    """A text that never reached the phone asks nothing: what it asked can no longer be answered."""
    drop_questions_of(session, [message_id])


def drop_questions_of(session: Session, message_ids: Sequence[int | None]) -> None:
    """`drop_questions` of several texts."""
    session.execute(_still_asked(message_ids).values(state=QuestionState.EXPIRED))


def ask_with(session: Session, message_id: int, other_id: int) -> None:
    """What a text asked that did not arrive is asked by another one, and waits until that one goes."""
    session.execute(_still_asked([message_id]).values(message_id=other_id, state=QuestionState.PENDING))


def _still_asked(message_ids: Sequence[int | None]) -> Update:
    return update(OpenQuestion).where(
        col(OpenQuestion.message_id).in_(message_ids),
        col(OpenQuestion.state).in_((QuestionState.PENDING, QuestionState.OPEN)),
    )


class Asked(NamedTuple):
    """An open question, and the rows read along with it: the session has them for as long as they are held here."""

    question: OpenQuestion
    read_along: tuple[SQLModel | None, ...]


def open_question(session: Session, sender_id: int, phone: str, now: datetime) -> Asked | None:
    """The question that phone can answer at this moment, locked: of two answers at once one comes second.

    What its answers need of its subject is read along in the same statement.
    """
    session.flush()
    statement, tables = _open(in_use())
    found = session.connection().execute(statement, {"of_sender": sender_id, "of_phone": phone}).first()
    if found is None:
        return None
    question, *read_along = objects_of(session, found, *tables)
    is_open = question.expires_at is not None and now < question.expires_at
    return Asked(question, tuple(read_along)) if is_open else None


@cache
def _open(_capabilities: Capabilities) -> tuple[Select[Any], tuple[type[SQLModel], ...]]:
    along = [(kind, *read) for kind in subject_kinds().values() for read in kind.reads_along]
    tables: tuple[type[SQLModel], ...] = (OpenQuestion, *(table for _, table, _ in along))
    statement = sqlalchemy_select(*columns_of(*tables)).select_from(OpenQuestion)
    for kind, table, is_its in along:
        of_kind = col(OpenQuestion.subject_kind) == kind.name
        statement = statement.outerjoin(table, and_(of_kind, is_its(col(OpenQuestion.subject_id))))
    statement = statement.where(
        col(OpenQuestion.sender_id) == bindparam("of_sender"),
        col(OpenQuestion.phone) == bindparam("of_phone"),
        col(OpenQuestion.state) == QuestionState.OPEN,
    )
    return statement.with_for_update(key_share=True, of=OpenQuestion), tables


def close_question(session: Session, question: OpenQuestion, now: datetime) -> None:
    """The question has been answered."""
    update_row(session, question, state=QuestionState.ANSWERED, answered_at=now)


def close_questions_to(session: Session, sender_id: int, phone: str, patient_id: int) -> None:
    """What that person can still answer on that phone is not asked any more."""
    theirs = update(OpenQuestion).where(
        col(OpenQuestion.sender_id) == sender_id,
        col(OpenQuestion.phone) == phone,
        col(OpenQuestion.patient_id) == patient_id,
        col(OpenQuestion.state) == QuestionState.OPEN,
    )
    session.execute(theirs.values(state=QuestionState.EXPIRED))


def expire_questions(db: Database, _settings: Settings) -> int:
    """Close every question that nobody answered in its time; gives how many."""
    with db.write() as session:
        expired = session.execute(
            update(OpenQuestion)
            .where(col(OpenQuestion.state) == QuestionState.OPEN, col(OpenQuestion.expires_at) <= utc_now())
            .values(state=QuestionState.EXPIRED)
        )
    return int(expired.rowcount)  # type: ignore[attr-defined]
