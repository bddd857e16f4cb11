"""Languages people told us: the practice records each with its code and ticks it off."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, func, select

from bot.attention.items import ask_a_person, of_practice
from bot.clock import LONDON
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.patients import Patient
from bot.texts.languages import LANGUAGES, record_code

LANGUAGE_TOLD = "language-told"
"""The reason of their items."""
HEADING = ("NHS Number", "Name", "Date of Birth", "Phone", "Language", "SNOMED CT", "Term", "Told", "State")


def tell_of_language(session: Session, message: Message) -> None:
    """Put before the practice what a person's text tells of their language; what waits of that person already will do.

    Whoever reads the item sees the language that is recorded then, so a change of mind needs no second one.
    """
    waits = select(InboxItem.id).where(
        InboxItem.patient_id == message.patient_id, InboxItem.reason == LANGUAGE_TOLD, InboxItem.state == "open"
    )
    if session.exec(waits.limit(1)).first() is None:
        ask_a_person(session, message, LANGUAGE_TOLD)


def count_told(session: Session, practice_id: int) -> int:
    """How many languages wait to be recorded by the practice."""
    waiting = select(func.count()).where(
        of_practice(practice_id), InboxItem.reason == LANGUAGE_TOLD, InboxItem.state == "open"
    )
    return session.exec(waiting).one()


def told_rows(session: Session, practice_id: int, state: str) -> Iterator[Sequence[str]]:
    """Who told us which language, with the code for the record, the oldest first.

    :param state: of their items: `open`, `done` or `all`.
    """
    told = (
        select(InboxItem, Patient)
        .join(Patient, col(Patient.id) == col(InboxItem.patient_id))
        .where(col(InboxItem.practice_id) == practice_id, InboxItem.reason == LANGUAGE_TOLD)
        .order_by(col(InboxItem.id))
    )
    if state != "all":
        told = told.where(InboxItem.state == state)
    for item, patient in session.exec(told.execution_options(yield_per=1000)):
        yield _row(item, patient)


def _row(item: InboxItem, patient: Patient) -> Sequence[str]:
    code = record_code(patient.language)
    return (
        patient.nhs_number,
        f"{patient.given_name} {patient.surname}".strip(),
        patient.born.isoformat(),
        patient.phone or "",
        LANGUAGES[patient.language].english if patient.language in LANGUAGES else "",
        code.concept if code else "",
        code.term if code else "",
        item.opened_at.astimezone(LONDON).date().isoformat(),
        item.state,
    )
