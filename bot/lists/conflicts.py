"""Rows of one list that disagree about a person: found while storing, kept until a person settles them.

Until then nothing they disagree on is used beyond what was stored before. Where they disagree on who the person
is, nothing of them is. Where they disagree on death, registration or consent, the person is not invited.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.lists.judging.grouping import COMPARED, ListedPerson, RowVersion, person_from_json, person_to_json
from bot.lists.judging.row_reading import PersonIn
from bot.lists.reading.columns import Field
from bot.lists.storing import PersonToStore, Storing, attributes_of
from bot.patients.kept_opt_outs import recall_opt_outs
from bot.patients.phone_safety import refresh_phone_safety
from bot.refusals import Refused
from bot.rows import among
from bot.settings import Settings
from bot.tables.lists import ConflictState, ListConflict
from bot.tables.patients import Patient

_BEFORE_ANY_TEXT = {Field.DIED, Field.REGISTRATION, Field.CONSENT}
_ADDED_LATER = (
    "imd_decile",
    "ethnic_category",
    "cervical_status",
    "cervical_deferred_until",
    "cervical_declined_on",
)
_COMPARED_NAMES = tuple(name for _, name in COMPARED if name not in _ADDED_LATER)


@dataclass
class Conflicts:
    """The disagreements of one list of one practice. `columns` are the fields the list has."""

    session: Session
    practice_id: int
    columns: frozenset[Field]
    selected_for: str | None
    now: datetime

    def entries(self, piece: Sequence[ListedPerson]) -> list[PersonToStore]:
        """What may be stored of these people: what was settled before counts, what is disputed is withheld."""
        known = self._chosen_before([listed.person.nhs_number for listed in piece if listed.others])
        entries = (self._entry(listed, known) for listed in piece)
        return [entry for entry in entries if entry is not None]

    def note(self, piece: Sequence[ListedPerson]) -> None:
        """Keep what is disputed for a person to settle, and close what this list has put right."""
        numbers = [listed.person.nhs_number for listed in piece]
        open_before = self._open(numbers)
        self._supersede(listed.person.nhs_number for listed in piece if not listed.others)
        for listed in piece:
            if listed.others and _digest(listed) not in open_before.get(listed.person.nhs_number, set()):
                self._keep(listed)

    def _entry(self, listed: ListedPerson, known: Mapping[tuple[str, str], str]) -> PersonToStore | None:
        if not listed.others:
            return PersonToStore(listed.person)
        chosen = known.get((listed.person.nhs_number, _digest(listed)))
        disputed = listed.disputed()
        for version in (listed.first, *listed.others):
            if _mark(version.person) == chosen:
                codes = version.person.codes if Field.BORN in disputed else listed.person.codes
                return PersonToStore(version.person._replace(codes=codes))
        return None if Field.BORN in disputed else PersonToStore(listed.person, attributes_of(disputed))

    def _chosen_before(self, numbers: Sequence[str]) -> dict[tuple[str, str], str]:
        statement = select(ListConflict.nhs_number, ListConflict.digest, ListConflict.chosen).where(
            ListConflict.practice_id == self.practice_id,
            among(self.session, col(ListConflict.nhs_number), numbers),
            ListConflict.state == ConflictState.SETTLED,
        )
        return {(number, digest): chosen or "" for number, digest, chosen in self.session.exec(statement)}

    def _open(self, numbers: Sequence[str]) -> dict[str, set[str]]:
        """Disagreements that need no new task: still open, or settled."""
        statement = select(ListConflict.nhs_number, ListConflict.digest).where(
            ListConflict.practice_id == self.practice_id,
            among(self.session, col(ListConflict.nhs_number), numbers),
            col(ListConflict.state) != ConflictState.SUPERSEDED,
        )
        known: dict[str, set[str]] = {}
        for number, digest in self.session.exec(statement):
            known.setdefault(number, set()).add(digest)
        return known

    def _supersede(self, numbers: Iterable[str]) -> None:
        """Close open tasks about these people, if this list has every column they were about."""
        statement = select(ListConflict).where(
            ListConflict.practice_id == self.practice_id,
            among(self.session, col(ListConflict.nhs_number), numbers),
            ListConflict.state == ConflictState.OPEN,
        )
        stated = attributes_of(self.columns)
        for conflict in self.session.exec(statement).all():
            if attributes_of(Field(name) for name in conflict.fields) <= stated:
                _close(self.session, conflict, ConflictState.SUPERSEDED, self.now)

    def _keep(self, listed: ListedPerson) -> None:
        number, digest = listed.person.nhs_number, _digest(listed)
        self._supersede([number])
        disputed = listed.disputed()
        statement = select(ListConflict).where(
            ListConflict.practice_id == self.practice_id,
            ListConflict.nhs_number == number,
            ListConflict.digest == digest,
        )
        conflict = self.session.exec(statement).first() or ListConflict(
            practice_id=self.practice_id, nhs_number=number, digest=digest, found_at=self.now
        )
        conflict.state, conflict.settled_at = ConflictState.OPEN.value, None
        conflict.fields = [field.value for field in disputed]
        conflict.versions = [self._as_json(version) for version in (listed.first, *listed.others)]
        self.session.add(conflict)
        if _BEFORE_ANY_TEXT & set(disputed):
            _mark_disputed(self.session, self.practice_id, number, True)

    def _as_json(self, version: RowVersion) -> dict[str, Any]:
        return {
            "row": version.row,
            "person": person_to_json(version.person),
            "columns": sorted(field.value for field in self.columns),
            "selected_for": self.selected_for,
        }


def _mark(person: PersonIn) -> str:
    """What a version says, known again in another list, also one from before there were so many columns."""
    stated = [str(getattr(person, name) or "").casefold() for name in _COMPARED_NAMES]
    stated += [f"{name}={value}".casefold() for name in _ADDED_LATER if (value := getattr(person, name)) is not None]
    return hashlib.sha256(json.dumps(stated).encode()).hexdigest()


def _digest(listed: ListedPerson) -> str:
    marks = sorted(_mark(version.person) for version in (listed.first, *listed.others))
    return hashlib.sha256("".join(marks).encode()).hexdigest()


def _mark_disputed(session: Session, practice_id: int, number: str, disputed: bool) -> None:
    session.execute(
        update(Patient)
        .where(col(Patient.practice_id) == practice_id, col(Patient.nhs_number) == number)
        .values(disputed=disputed)
        .execution_options(synchronize_session=False)
    )


def _close(session: Session, conflict: ListConflict, state: ConflictState, now: datetime) -> None:
    conflict.state, conflict.versions, conflict.settled_at = state.value, [], now
    session.add(conflict)
    _mark_disputed(session, conflict.practice_id, conflict.nhs_number, False)


def open_conflicts(session: Session, practice_id: int, *, skip: int = 0, most: int = 100) -> Sequence[ListConflict]:
    """What waits for a person of the practice to settle, oldest first."""
    statement = select(ListConflict).where(
        ListConflict.practice_id == practice_id, ListConflict.state == ConflictState.OPEN
    )
    return session.exec(statement.order_by(col(ListConflict.id)).offset(skip).limit(most)).all()


def count_open_conflicts(session: Session, practice_id: int) -> int:
    """How many people of the practice wait for that."""
    statement = select(func.count(col(ListConflict.id))).where(
        ListConflict.practice_id == practice_id, ListConflict.state == ConflictState.OPEN
    )
    return session.exec(statement).one()


def versions_of(conflict: ListConflict) -> list[RowVersion]:
    """What each row says."""
    return [RowVersion(version["row"], person_from_json(version["person"])) for version in conflict.versions]


def settle_conflict(db: Database, settings: Settings, conflict_id: int, choice: int, actor: Actor) -> None:
    """Use one of the versions, and remember which: the same list again asks nothing.

    :param choice: which version, the first being 0.
    :raises Refused: there is no such task or version, or it was settled before.
    """
    with db.write() as session:
        conflict = session.exec(select(ListConflict).where(ListConflict.id == conflict_id).with_for_update()).first()
        if conflict is None or conflict.state != ConflictState.OPEN:
            raise Refused("conflict-settled", "This was settled already. Go back to see what is left.")
        if not 0 <= choice < len(conflict.versions):
            raise Refused("no-choice", "Choose which of the rows is right.")
        practice_id = conflict.practice_id
        conflict.chosen = _mark(versions_of(conflict)[choice].person)
        _use(session, settings, conflict, conflict.versions[choice])
        conflict.user_id = actor.user_id
        _close(session, conflict, ConflictState.SETTLED, utc_now())
        record(session, actor, "conflict-settled", f"conflict:{conflict_id}", practice_id=practice_id)
    refresh_phone_safety(db, practice_id, london_today())


def _use(session: Session, settings: Settings, conflict: ListConflict, version: Mapping[str, Any]) -> None:
    person = person_from_json(version["person"])
    recall_opt_outs(session, settings, conflict.practice_id, [person.phone] if person.phone else [])
    stated = attributes_of(Field(name) for name in version["columns"])
    storing = Storing(session, conflict.practice_id, stated, utc_now())
    if Field.BORN.value not in conflict.fields:
        disputed = attributes_of(Field(name) for name in conflict.fields)
        storing.store([PersonToStore(person, stated - disputed)])
        return
    storing.store([PersonToStore(person)])
    _set_born(session, conflict.practice_id, person)
    if Field.CODES.value in version["columns"]:
        storing.replace_codes({person.nhs_number: person.codes})
    if version["selected_for"]:
        storing.select_for(version["selected_for"], [person.nhs_number])


def _set_born(session: Session, practice_id: int, person: PersonIn) -> None:
    """Only a person's decision changes a date of birth that is stored."""
    session.execute(
        update(Patient)
        .where(col(Patient.practice_id) == practice_id, col(Patient.nhs_number) == person.nhs_number)
        .values(born=person.born)
        .execution_options(synchronize_session=False)
    )
