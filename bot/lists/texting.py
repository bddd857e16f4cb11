"""How many people of a list could be texted once it is stored, and why others could not, as far as can be known."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlmodel import Session, col

from bot.database import Database
from bot.lists.judging.grouping import ListedPeople, PersonInShort
from bot.lists.reading.columns import Field
from bot.patients.eligibility import Reason
from bot.patients.kept_opt_outs import opted_out_phones
from bot.patients.optouts import opted_out_scope_sql
from bot.rows import among, chunks
from bot.settings import Settings
from bot.tables.patients import FROM_PATIENT, Patient, PhoneStatus

YES = "yes"
_NOT_INVITED = frozenset((Field.DIED, Field.REGISTRATION, Field.CONSENT))
_ORDER = tuple(Reason)
_NOT_THEIRS = (PhoneStatus.FAILED, PhoneStatus.UNSAFE)
_STATED: Mapping[Reason, Field] = {
    Reason.DECEASED: Field.DIED,
    Reason.NOT_REGISTERED: Field.REGISTRATION,
    Reason.TEXTING_REFUSED: Field.CONSENT,
}
"""What takes a reason away that was stored: a column of the list that says otherwise."""


@dataclass(frozen=True)
class _Known:
    """What is stored of somebody."""

    phone: str | None
    phone_status: str
    phone_source: str
    reasons: frozenset[Reason]


class Reach:
    """Counts, for one practice, the people of a list. `answered`: of which fields a blank cell is an answer."""

    def __init__(
        self, db: Database, settings: Settings, practice_id: int, people: ListedPeople, answered: frozenset[Field]
    ) -> None:
        self._db, self._settings, self._practice_id = db, settings, practice_id
        self._people, self._answered = people, answered
        self._shared = people.shared_phones()

    def count(self) -> dict[str, int]:
        """How many could be texted (`yes`), and how many not by the first reason, in the order in which it is asked.

        Of people about whom rows disagree on the date of birth nothing is stored, so they are not counted.
        """
        found: Counter[str] = Counter()
        for piece in chunks(self._people.in_short()):
            found.update(self._of_piece([person for person in piece if Field.BORN not in person.disputed]))
        return {reason: found[reason] for reason in (YES, *map(str, _ORDER)) if found[reason]}

    def _of_piece(self, piece: Sequence[PersonInShort]) -> Iterator[str]:
        with self._db.read() as session:
            known = self._known(session, [person.nhs_number for person in piece])
            phones = {phone for person in piece if (phone := self._phone(person, known))}
            elsewhere = self._on_other_records(session, phones)
            opted_out = opted_out_phones(session, self._settings, self._practice_id, phones)
        for person in piece:
            phone, stored = self._phone(person, known), known.get(person.nhs_number)
            reasons = set(self._of_list(person, phone, stored)) | set(self._of_stored(phone, stored))
            if phone in elsewhere and not _is_theirs(stored, phone):
                reasons.add(Reason.SHARED_PHONE)
            if phone in opted_out:
                reasons.add(Reason.OPTED_OUT)
            yield min(reasons, key=_ORDER.index).value if reasons else YES

    def _phone(self, person: PersonInShort, known: Mapping[str, _Known]) -> str | None:
        """The number that will be on the record."""
        stored = known.get(person.nhs_number)
        if stored and (stored.phone_source == FROM_PATIENT or Field.PHONE not in self._answered):
            return stored.phone
        return None if Field.PHONE in person.disputed else person.phone

    def _of_list(self, person: PersonInShort, phone: str | None, stored: _Known | None) -> Iterator[Reason]:
        theirs = _is_theirs(stored, phone)
        for reason in person.reasons:
            if reason is not Reason.NO_MOBILE and not (reason is Reason.UNSAFE_PHONE and theirs):
                yield reason
        if phone is None:
            yield Reason.NO_MOBILE
        if phone in self._shared and not theirs:
            yield Reason.SHARED_PHONE
        if _NOT_INVITED.intersection(person.disputed):
            yield Reason.UNSAFE_PHONE

    def _of_stored(self, phone: str | None, stored: _Known | None) -> Iterator[Reason]:
        if stored is None:
            return
        for reason in stored.reasons:
            if reason is Reason.OPTED_OUT or _STATED[reason] not in self._answered:
                yield reason
        if stored.phone == phone and stored.phone_status in _NOT_THEIRS:
            yield Reason.UNSAFE_PHONE

    def _known(self, session: Session, numbers: Sequence[str]) -> dict[str, _Known]:
        scope = opted_out_scope_sql().label("scope")
        statement = select(
            col(Patient.nhs_number),
            col(Patient.phone),
            col(Patient.phone_status),
            col(Patient.phone_source),
            or_(col(Patient.deceased), col(Patient.died_on).is_not(None)).label("dead"),
            col(Patient.registered),
            col(Patient.texting_refused),
            scope,
        ).where(col(Patient.practice_id) == self._practice_id, among(session, col(Patient.nhs_number), numbers))
        return {
            row.nhs_number: _Known(row.phone, row.phone_status, row.phone_source, frozenset(_stored_reasons(row)))
            for row in session.execute(statement)
        }

    def _on_other_records(self, session: Session, phones: set[str]) -> set[str]:
        """Which of these numbers stand on the record of somebody who is not in the list."""
        statement = select(col(Patient.phone), col(Patient.nhs_number)).where(
            col(Patient.practice_id) == self._practice_id, among(session, col(Patient.phone), phones)
        )
        stays = Field.PHONE not in self._answered
        return {
            phone for phone, number in session.execute(statement) if phone and (stays or number not in self._people)
        }


def _stored_reasons(row: Row[Any]) -> Iterator[Reason]:
    if row.dead:
        yield Reason.DECEASED
    if not row.registered:
        yield Reason.NOT_REGISTERED
    if row.texting_refused:
        yield Reason.TEXTING_REFUSED
    if row.scope:
        yield Reason.OPTED_OUT


def _is_theirs(stored: _Known | None, phone: str | None) -> bool:
    """Whether the person told us that the number is theirs."""
    confirmed = stored is not None and stored.phone_status == PhoneStatus.CONFIRMED
    return confirmed and stored is not None and stored.phone == phone
