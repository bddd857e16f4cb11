"""Languages people told us: the practice records each with its code and ticks it off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from bot.attention.items import ask_a_person, of_practice
from bot.clock import LONDON
from bot.conversations.inbox import LANGUAGE_TOLD
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.patients import Patient
from bot.texts.languages import LANGUAGES, RecordCode, record_code

HEADING = ("item", "state", "nhs_number", "name", "born", "phone", "language", "language_name", "code", "term", "told")
COLUMNS = (
    "Item", "State", "NHS Number", "Name", "Date of Birth", "Phone", "Tag", "Language", "SNOMED CT", "Term", "Told",
)  # fmt: skip
"""The same as the heading of a spreadsheet."""


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


@dataclass(frozen=True)
class LanguageTold:
    """What one person told us: `item` waits for it to be recorded; `code` is None where SNOMED CT has none."""

    item: InboxItem
    patient: Patient

    @property
    def code(self) -> RecordCode | None:
        """How a record says it."""
        return record_code(self.patient.language)

    def as_json(self) -> dict[str, str | int | None]:
        """As programs read it."""
        return dict(zip(HEADING, (self.item.id, *self._values()), strict=True))

    def as_row(self) -> Sequence[str]:
        """As a spreadsheet has it."""
        return [value or "" for value in (str(self.item.id), *self._values())]

    def _values(self) -> Sequence[str | None]:
        patient, code, language = self.patient, self.code, LANGUAGES.get(self.patient.language or "")
        return (
            self.item.state,
            patient.nhs_number,
            f"{patient.given_name} {patient.surname}".strip(),
            patient.born.isoformat(),
            patient.phone,
            patient.language,
            language.english if language else None,
            code.concept if code else None,
            code.term if code else None,
            self.item.opened_at.astimezone(LONDON).date().isoformat(),
        )


def languages_told(session: Session, practice_id: int, state: str) -> Iterator[LanguageTold]:
    """Who told us which language, the oldest first.

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
        yield LanguageTold(item, patient)
