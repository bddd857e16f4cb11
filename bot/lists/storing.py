"""People of a list into the database, a thousand at a time: never a query per row.

What a person told us themselves (their language, their number, that it is theirs) outweighs what a list says, and so
does what staff recorded here (the language, whose a number is, a death); opt-outs are kept elsewhere and no list
touches them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, update
from sqlmodel import Session, col, select

from bot.clock import LONDON
from bot.lists.judging.row_reading import PersonIn
from bot.lists.reading.columns import Field
from bot.lists.storing_screening import SCREENING, store_screening
from bot.patients.events import tell_of_changed_numbers, tell_of_deaths
from bot.rows import among, chunks, insert_many
from bot.tables.patients import FROM_PATIENT, FROM_STAFF, TOLD, Patient, PatientCode, PatientSelection, PhoneStatus

_KEPT_FOR_SAME_NUMBER = (
    PhoneStatus.OWN,
    PhoneStatus.SHARED,
    PhoneStatus.UNSAFE,
    PhoneStatus.CONFIRMED,
    PhoneStatus.FAILED,
)
_ABSENT: Mapping[str, Any] = {
    "surname": "",
    "given_name": "",
    "sex": "U",
    "phone": None,
    "phone_status": PhoneStatus.NONE.value,
    "language": None,
    "language_as_written": None,
    "interpreter": None,
    "registered": True,
    "deceased": False,
    "died_on": None,
    "texting_refused": False,
    "imd_decile": None,
    "ethnic_category": None,
}
_SOURCES = ("language_source", "phone_source", "death_source")
_STORED = tuple(getattr(Patient, name) for name in ("id", "nhs_number", "phone_since", *_ABSENT, *_SOURCES))
ATTRIBUTES: Mapping[Field, tuple[str, ...]] = {
    Field.SURNAME: ("surname",),
    Field.GIVEN_NAME: ("given_name",),
    Field.FULL_NAME: ("surname", "given_name"),
    Field.SEX: ("sex",),
    Field.PHONE: ("phone", "phone_status"),
    Field.LANGUAGE: ("language", "language_as_written"),
    Field.INTERPRETER: ("interpreter",),
    Field.REGISTRATION: ("registered",),
    Field.DIED: ("deceased", "died_on"),
    Field.CONSENT: ("texting_refused",),
    Field.IMD_DECILE: ("imd_decile",),
    Field.ETHNIC_CATEGORY: ("ethnic_category",),
    Field.CERVICAL: ("cervical_status",),
    Field.DEFERRED_UNTIL: ("cervical_deferred_until",),
    Field.CERVICAL_DECLINED: ("cervical_declined_on",),
}
"""What of a person each column of a list is about."""
_NOT_YET_SAFE = PhoneStatus.SHARED.value


@dataclass(frozen=True, slots=True)
class PersonToStore:
    """A person to store, and the attributes of which nothing is stored now."""

    person: PersonIn
    withheld: frozenset[str] = frozenset()


def attributes_of(fields: Iterable[Field]) -> frozenset[str]:
    """What a list with these columns says about a person."""
    return frozenset(attribute for field in fields for attribute in ATTRIBUTES.get(field, ()))


@dataclass
class Storing:
    """A piece of one list on its way into one practice, of which `said` are the attributes it has columns for.

    `touched` are the NHS numbers of people new or changed. A number that is new counts as shared, and is not
    texted, until `refresh_phone_safety` has looked at everybody's.
    """

    session: Session
    practice_id: int
    stated: frozenset[str]
    now: datetime
    touched: set[str] = field(default_factory=set)
    _known: dict[str, int] = field(default_factory=dict)
    _fresh: set[str] = field(default_factory=set)

    def store(self, entries: Sequence[PersonToStore]) -> None:
        """Insert those who are new and update those who differ."""
        stored = self._stored([entry.person.nhs_number for entry in entries])
        fresh = [self._new(entry) for entry in entries if entry.person.nhs_number not in stored]
        changed: list[dict[str, Any]] = []
        for entry in entries:
            present = stored.get(entry.person.nhs_number)
            if present is not None and (changes := self._changes(entry, present)):
                changed.append({"id": present.id, "updated_at": self.now, **changes})
                self.touched.add(entry.person.nhs_number)
        self._known |= {number: present.id for number, present in stored.items()}
        self._fresh |= {row["nhs_number"] for row in fresh}
        insert_many(self.session, Patient, fresh)
        if changed:
            # Rows with the same changes next to each other are one statement.
            self.session.execute(update(Patient), sorted(changed, key=lambda row: sorted(row)))
            tell_of_deaths(self.session, [row["id"] for row in changed if row.get("deceased")])
            tell_of_changed_numbers(self.session, [row["id"] for row in changed if "phone" in row])
        self.touched |= self._fresh
        self._store_screening(entries)

    def _store_screening(self, entries: Sequence[PersonToStore]) -> None:
        said = {
            entry.person.nhs_number: {column: getattr(entry.person, name) for name, column in stated.items()}
            for entry in entries
            if (stated := {name: SCREENING[name] for name in self.stated - entry.withheld if name in SCREENING})
        }
        if said:
            ids = self._ids(list(said))
            changed = store_screening(self.session, {ids[number]: said[number] for number in ids}, self.now)
            self.touched.update(number for number, patient_id in ids.items() if patient_id in changed)

    def replace_codes(self, codes: Mapping[str, frozenset[str]]) -> None:
        """Make the codes of these people those of the list; others are left alone."""
        for piece in chunks(codes):
            ids = self._ids(piece)
            present: dict[str, set[str]] = {number: set() for number in ids}
            numbers = {patient_id: number for number, patient_id in ids.items() if number not in self._fresh}
            rows = select(PatientCode.patient_id, PatientCode.code).where(
                among(self.session, col(PatientCode.patient_id), numbers)
            )
            for patient_id, code in self.session.exec(rows) if numbers else ():
                present[numbers[patient_id]].add(code)
            self._exchange(ids, present, codes)

    def _exchange(
        self, ids: Mapping[str, int], present: Mapping[str, set[str]], wanted: Mapping[str, frozenset[str]]
    ) -> None:
        gone = [(number, code) for number in ids for code in present[number] - wanted[number]]
        new = [(number, code) for number in ids for code in sorted(wanted[number] - present[number])]
        if gone:
            statement = delete(PatientCode).where(
                col(PatientCode.patient_id) == bindparam("of_patient"),
                col(PatientCode.code) == bindparam("of_code"),
            )
            rows = [{"of_patient": ids[number], "of_code": code} for number, code in gone]
            self.session.connection().execute(statement, rows)
        insert_many(self.session, PatientCode, [{"patient_id": ids[number], "code": code} for number, code in new])
        self.touched.update(number for number, _ in (*gone, *new))

    def select_for(self, criteria: str, numbers: Iterable[str]) -> None:
        """Note that the practice's own search chose these people for those criteria."""
        for piece in chunks(numbers):
            ids = self._ids(piece)
            chosen = select(PatientSelection.patient_id).where(
                PatientSelection.criteria == criteria,
                among(self.session, col(PatientSelection.patient_id), ids.values()),
            )
            already = set(self.session.exec(chosen))
            fresh = {number: patient_id for number, patient_id in ids.items() if patient_id not in already}
            chosen_now = {"criteria": criteria, "selected_at": self.now}
            rows = [{"patient_id": patient_id, **chosen_now} for patient_id in fresh.values()]
            insert_many(self.session, PatientSelection, rows)
            self.touched.update(fresh)

    def _stored(self, numbers: Sequence[str]) -> dict[str, Row[Any]]:
        statement = select(*_STORED).where(
            Patient.practice_id == self.practice_id, among(self.session, col(Patient.nhs_number), numbers)
        )
        return {row.nhs_number: row for row in self.session.execute(statement)}

    def _ids(self, numbers: Sequence[str]) -> dict[str, int]:
        """Of those who are stored; a piece is looked up once."""
        unknown = [number for number in numbers if number not in self._known]
        if unknown:
            statement = select(Patient.nhs_number, Patient.id).where(
                Patient.practice_id == self.practice_id, among(self.session, col(Patient.nhs_number), unknown)
            )
            self._known |= {number: patient_id for number, patient_id in self.session.exec(statement) if patient_id}
        return {number: self._known[number] for number in numbers if number in self._known}

    def _new(self, entry: PersonToStore) -> dict[str, Any]:
        return {
            **_ABSENT,
            **_provisional(self._stated(entry)),
            "practice_id": self.practice_id,
            "nhs_number": entry.person.nhs_number,
            "born": entry.person.born,
            "language_source": "list",
            "phone_source": "list",
            "phone_since": self._today if self._stated(entry).get("phone") else None,
            "created_at": self.now,
            "updated_at": self.now,
        }

    def _stated(self, entry: PersonToStore) -> dict[str, Any]:
        """What the list says: a blank cell is an answer, a column that is not there is none."""
        stated: dict[str, Any] = {}
        for attribute in self.stated - entry.withheld - SCREENING.keys():
            value = getattr(entry.person, attribute)
            stated[attribute] = _ABSENT[attribute] if value is None else value
        if entry.person.texting_refused and "texting_refused" not in entry.withheld:
            stated["texting_refused"] = True  # also of a list whose blank cells say nothing about it
        return stated

    def _changes(self, entry: PersonToStore, stored: Row[Any]) -> dict[str, Any]:
        stated = self._stated(entry)
        if stored.language_source in TOLD:
            stated = _without(stated, "language", "language_as_written")
        if stored.death_source == FROM_STAFF:
            stated = _without(stated, *_unsaid_of_a_death(stated))
        if _we_know_better(stated, stored):
            stated = _without(stated, "phone", "phone_status")
        elif stated.get("phone") and stated["phone"] == stored.phone and stored.phone_status in _KEPT_FOR_SAME_NUMBER:
            stated = _without(stated, "phone_status")
        if "phone" in stated:
            stated["phone_source"] = "list"
        if stated.get("phone") and stated["phone"] != stored.phone:
            stated["phone_since"] = self._since(stored)
        return {name: value for name, value in _provisional(stated).items() if value != getattr(stored, name)}

    def _since(self, stored: Row[Any]) -> date:
        """Since when a person has the number that is new to their record.

        Of one that comes after none, nobody knows that it is not the one that was there before: it keeps that day.
        """
        came_back = stored.phone is None and stored.phone_since is not None
        return stored.phone_since if came_back else self._today

    @property
    def _today(self) -> date:
        return self.now.astimezone(LONDON).date()


def _we_know_better(stated: Mapping[str, Any], stored: Row[Any]) -> bool:
    """Whether what was told of the number outweighs the list.

    A number that a person gave stays, unless it turned out to be wrong and the list has another. What staff said of a
    number holds while it is on the list; one that is not theirs stays known when the list leaves it out.
    """
    number = stated.get("phone", stored.phone)
    another = number not in (None, stored.phone)
    if stored.phone_source == FROM_PATIENT:
        return not (another and stored.phone_status == PhoneStatus.FAILED)
    kept = number == stored.phone or (number is None and stored.phone_status != PhoneStatus.CONFIRMED)
    return bool(stored.phone_source == FROM_STAFF and kept)


def _unsaid_of_a_death(stated: Mapping[str, Any]) -> tuple[str, ...]:
    """What a list leaves open of a death that staff recorded: it may give the day, and bring nobody back."""
    if not stated.get("deceased"):
        return ("deceased", "died_on")
    return ("died_on",) if stated.get("died_on") is None else ()


def _provisional(stated: dict[str, Any]) -> dict[str, Any]:
    return stated | {"phone_status": _NOT_YET_SAFE} if stated.get("phone_status") == PhoneStatus.OWN else stated


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
