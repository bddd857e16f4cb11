"""What staff change about a person after reading what they wrote: no texts, died, whose the phone is, the language.

Each verb is one transaction, sends nothing, and changes nothing when it was done before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from bot.accounts.rights import declare_right, require
from bot.audit import Actor
from bot.conversations.inbox import InboxEntry
from bot.database import Database
from bot.messaging.cancelling import cancel_waiting
from bot.messaging.questions import close_questions_to
from bot.organisations.finding import practice_by_code
from bot.patients.listing import describe_person
from bot.patients.optouts import only_patient, record_opt_out
from bot.patients.told import (
    confirm_number,
    disown_number,
    is_under_16,
    known_language,
    note_death,
    note_language_by_staff,
    person_to_change,
    take_back_death,
)
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_STAFF, OptOutScope, Patient, PhoneStatus

CHANGE_PEOPLE = declare_right("change-people", Role.PRACTICE, Role.LEAD)


class Whose(StrEnum):
    """What staff may say of the number on a person's record."""

    OWN = "own"
    NOT_OWN = "not-own"
    WRONG = "wrong"


@dataclass(frozen=True)
class Whom:
    """A person, as people name them: the code of their practice, and their NHS number, spaced in any way."""

    practice_code: str
    nhs_number: str


@dataclass(frozen=True)
class Change:
    """A change in hand: `actor` is under the role used, `patient` is locked."""

    session: Session
    practice: Practice
    patient: Patient
    actor: Actor


def opt_out_person(db: Database, whom: Whom, scope: OptOutScope, actor: Actor) -> dict[str, Any]:
    """The person wants no invitations, or no texts at all; as when they text it, but nothing is confirmed to them.

    :return: their line of `patients list`.
    :raises Refused: `unknown-practice`, `not-allowed`, `unknown-person`.
    """
    return _change(db, whom, actor, lambda change: _opt_out(change, scope))


def record_death(db: Database, whom: Whom, died_on: date | None, actor: Actor) -> dict[str, Any]:
    """The person has died; no list without a date of death brings them back.

    :param died_on: None where the day is not known.
    :return: their line of `patients list`.
    :raises Refused: as `opt_out_person`; `future-date`, `before-birth`.
    """
    return _change(db, whom, actor, lambda change: _record_death(change, died_on))


def undo_death(db: Database, whom: Whom, actor: Actor) -> dict[str, Any]:
    """A colleague recorded the death by mistake. What was cancelled stays cancelled.

    :return: their line of `patients list`.
    :raises Refused: as `opt_out_person`; `list-says-so`.
    """
    return _change(db, whom, actor, lambda change: take_back_death(change.session, change.patient, change.actor))


def say_whose_phone(db: Database, whom: Whom, whose: Whose, actor: Actor, *, seen: str | None = None) -> dict[str, Any]:
    """The number on the person's record is theirs, not theirs, or leads to somebody else altogether.

    :param seen: the number that was looked at, E.164; None where whoever acts saw none.
    :return: their line of `patients list`.
    :raises Refused: as `opt_out_person`; `no-mobile`, `under-16`, `number-of-another`, `number-changed`.
    """
    return _change(db, whom, actor, lambda change: _say_whose_phone(change, whose, seen))


def set_persons_language(db: Database, whom: Whom, tag: str, actor: Actor) -> dict[str, Any]:
    """What is queued or asked from now on goes in this language.

    :param tag: BCP 47, of a language we know, worded or not.
    :return: their line of `patients list`.
    :raises Refused: as `opt_out_person`; `unknown-language`.
    """
    language = known_language(tag)
    return _change(
        db, whom, actor, lambda change: note_language_by_staff(change.session, change.patient, language, change.actor)
    )


def _change(db: Database, whom: Whom, actor: Actor, deed: Callable[[Change], None]) -> dict[str, Any]:
    def verb(session: Session) -> dict[str, Any]:
        practice = practice_by_code(session, whom.practice_code)
        acting = require(session, actor, CHANGE_PEOPLE, practice)
        # A row lock where the database has one: two colleagues act one after the other, also about two people.
        session.refresh(practice, with_for_update={"key_share": True})
        patient = person_to_change(session, practice, whom.nhs_number)
        deed(Change(session, practice, patient, acting))
        session.flush()
        return describe_person(session, patient.id or 0)

    return db.write_with_retry(verb)


def _opt_out(change: Change, scope: OptOutScope) -> None:
    patient = change.patient
    record_opt_out(
        change.session,
        practice_id=patient.practice_id,
        phone=patient.phone if _is_theirs_alone(change) else None,
        scope=scope,
        source=FROM_STAFF,
        actor=change.actor,
        patient_id=patient.id,
    )
    _ask_no_more(change)
    cancel_waiting(change.session, patient.id or 0)


def _is_theirs_alone(change: Change) -> bool:
    """Whether the wish is one of the phone too: nobody else has it, and nobody said that it is not theirs."""
    patient = change.patient
    if patient.phone is None or only_patient(change.session, patient.practice_id, patient.phone) is None:
        return False
    return patient.phone_source != FROM_STAFF or patient.phone_status == PhoneStatus.CONFIRMED


def _record_death(change: Change, died_on: date | None) -> None:
    note_death(change.session, change.patient, died_on, change.actor)
    cancel_waiting(change.session, change.patient.id or 0)


def _say_whose_phone(change: Change, whose: Whose, seen: str | None) -> None:
    if seen is not None and change.patient.phone != seen:
        raise Refused("number-changed", "Another number is on record by now. Look at it, then say whose it is.")
    if whose is Whose.OWN:
        confirm_number(change.session, change.patient, change.actor)
        return
    disown_number(change.session, change.patient, wrong=whose is Whose.WRONG, actor=change.actor)
    _ask_no_more(change)
    cancel_waiting(change.session, change.patient.id or 0, not_to=change.patient.phone)


def _ask_no_more(change: Change) -> None:
    if change.patient.phone is not None:
        close_questions_to(change.session, change.practice.sender_id, change.patient.phone, change.patient.id or 0)


@dataclass(frozen=True)
class KnownPerson:
    """Somebody an item may be about. `has_its_phone`: the item's phone is the one on their record now.

    `opted_out`: None, or the scope of their wish.
    """

    patient: Patient
    has_its_phone: bool
    may_be_confirmed: bool
    opted_out: str | None

    @property
    def name(self) -> str:
        """As the practice's list has it."""
        return f"{self.patient.given_name} {self.patient.surname}".strip()


def people_of_item(session: Session, practice_id: int, entry: InboxEntry) -> list[KnownPerson]:
    """Everybody an item may be about: whoever has its phone, and whom it came from, should theirs be another by now."""
    people = list(entry.people)
    sender = session.get(Patient, entry.item.patient_id) if entry.item.patient_id else None
    if sender and sender.practice_id == practice_id and sender.id not in [person.id for person in people]:
        people.append(sender)
    return [_known(session, entry, person) for person in people]


def _known(session: Session, entry: InboxEntry, patient: Patient) -> KnownPerson:
    return KnownPerson(
        patient=patient,
        has_its_phone=patient.phone == entry.item.phone,
        may_be_confirmed=not is_under_16(patient),
        opted_out=describe_person(session, patient.id or 0)["opted_out"],
    )
