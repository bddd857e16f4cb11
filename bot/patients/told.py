"""What is learned of one person outside any list: that they have died, whose their number is, their language.

It outweighs lists. Each of these acts in the transaction in hand, on a person that `person_to_change` has locked.
"""

import re
from datetime import date, datetime

from sqlmodel import Session, col, exists, select

from bot.audit import Actor, record
from bot.clock import born_by, london_today, utc_now
from bot.patients.events import tell_of_deaths
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.phone_safety import ADULT_FOR_TEXTING
from bot.refusals import Refused
from bot.tables.organisations import Practice
from bot.tables.patients import FROM_STAFF, TOLD, Patient, PhoneStatus
from bot.texts.languages import find_language

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""How a BCP 47 tag looks; names of languages are for lists."""


def person_to_change(session: Session, practice: Practice, nhs_number: str) -> Patient:
    """A person of the practice, locked against a list or a text that would change them meanwhile.

    :param nhs_number: spaced in any way.
    :raises Refused: `unknown-person`.
    """
    reading = read_nhs_number(nhs_number)
    statement = select(Patient).where(Patient.practice_id == practice.id, Patient.nhs_number == reading.number)
    # Not the strongest lock: texts that speak of the person may be queued meanwhile.
    locked = statement.with_for_update(key_share=True)
    found = session.exec(locked, execution_options={"populate_existing": True}).first()
    if found is None:
        words = reading.message or f"Nobody on the list of {practice.name} has that NHS number."
        raise Refused("unknown-person", f"{words} Check the number.")
    return found


def note_death(session: Session, patient: Patient, died_on: date | None, actor: Actor) -> None:
    """The person has died. A list without a date of death does not undo it; one with a date gives the day.

    :param died_on: None where the day is not known; a day that is known already stays then.
    :raises Refused: `future-date`, or `before-birth`.
    """
    _refuse_impossible(patient, died_on)
    told = (True, died_on or patient.died_on, FROM_STAFF)
    if told == (patient.deceased, patient.died_on, patient.death_source):
        return
    lived = not patient.deceased
    patient.deceased, patient.died_on, patient.death_source = told
    _keep(session, patient, actor, "death-recorded", day=patient.died_on is not None)
    if lived:
        tell_of_deaths(session, [patient.id or 0])


def _refuse_impossible(patient: Patient, died_on: date | None) -> None:
    if died_on is not None and died_on > london_today():
        raise Refused("future-date", "That day has not come yet. Enter the day on which they died, or leave it out.")
    if died_on is not None and died_on < patient.born:
        raise Refused("before-birth", "That is before they were born. Enter the day on which they died.")


def take_back_death(session: Session, patient: Patient, actor: Actor) -> None:
    """Staff recorded a death by mistake: the person lives, until a list says otherwise. Again changes nothing.

    :raises Refused: `list-says-so`, it was not staff who recorded it.
    """
    if not patient.deceased:
        return
    if patient.death_source != FROM_STAFF:
        raise Refused("list-says-so", "The practice's list says so. Put it right there, then bring in the list again.")
    patient.deceased, patient.died_on, patient.death_source = False, None, "list"
    _keep(session, patient, actor, "death-taken-back")


def confirm_number(session: Session, patient: Patient, actor: Actor) -> None:
    """The number is this person's own, whoever else a list gives it to.

    :raises Refused: `no-mobile`; `under-16`, only the young person confirms theirs; `number-of-another`, somebody
        else's it is for certain.
    """
    _refuse_without_number(patient)
    if is_under_16(patient):
        raise Refused("under-16", "They are under 16, so only they themselves can confirm that a number is their own.")
    if _is_anothers(session, patient):
        raise Refused(
            "number-of-another",
            "This number is recorded as another person's own. Say first, of that person, that it is not theirs.",
        )
    if patient.phone_status == PhoneStatus.CONFIRMED and patient.phone_source in TOLD:
        return
    patient.phone_status, patient.phone_source = PhoneStatus.CONFIRMED, FROM_STAFF
    _keep(session, patient, actor, "number-confirmed")


def is_under_16(patient: Patient) -> bool:
    """Whether the person is too young today for anybody else to say that a number is theirs."""
    return patient.born > born_by(ADULT_FOR_TEXTING, london_today())


def _is_anothers(session: Session, patient: Patient) -> bool:
    other = exists().where(
        col(Patient.practice_id) == patient.practice_id,
        col(Patient.phone) == patient.phone,
        col(Patient.id) != patient.id,
        col(Patient.phone_status) == PhoneStatus.CONFIRMED,
        col(Patient.phone_source).in_(TOLD),
    )
    return bool(session.scalar(select(other)))


def disown_number(session: Session, patient: Patient, *, wrong: bool, actor: Actor) -> None:
    """The number is not this person's own; with `wrong`, it does not lead to them at all. Until a list has another.

    :raises Refused: `no-mobile`.
    """
    _refuse_without_number(patient)
    status = PhoneStatus.FAILED if wrong else PhoneStatus.UNSAFE
    if (patient.phone_status, patient.phone_source) == (status, FROM_STAFF):
        return
    patient.phone_status, patient.phone_source = status, FROM_STAFF
    _keep(session, patient, actor, "number-wrong" if wrong else "number-not-theirs")


def _refuse_without_number(patient: Patient) -> None:
    if patient.phone is None:
        raise Refused("no-mobile", "No mobile number is recorded for this person. The practice's list brings it.")


def known_language(tag: str) -> str:
    """The language somebody names by its BCP 47 tag, in any case, as we write it.

    :raises Refused: `unknown-language`.
    """
    found = find_language(tag) if _TAG.fullmatch(tag) else None
    if found is None:
        raise Refused("unknown-language", f"We know no language {tag}. Choose one of the languages.")
    return found


def note_language(session: Session, patient: Patient, language: str, source: str, at: datetime) -> None:
    """Texts go in this language from now on, whatever a list says.

    :param language: a tag of `LANGUAGES`; `source`: one of `TOLD`; `at`: UTC.
    """
    patient.language, patient.language_source, patient.updated_at = language, source, at
    session.add(patient)


def note_language_by_staff(session: Session, patient: Patient, language: str, actor: Actor) -> None:
    """`note_language`, recorded by staff. The same again, or what the person said themselves, changes nothing."""
    if patient.language == language and patient.language_source in TOLD:
        return
    note_language(session, patient, language, FROM_STAFF, utc_now())
    _keep(session, patient, actor, "language-recorded", language=language)


def _keep(session: Session, patient: Patient, actor: Actor, action: str, **detail: str | bool) -> None:
    patient.updated_at = utc_now()
    session.add(patient)
    record(session, actor, action, f"patient:{patient.id}", practice_id=patient.practice_id, **detail)
