"""The code of a person who needs an interpreter: told to staff, sent to the person, printed, or made anew."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.conversations.about_people import CHANGE_PEOPLE, Whom
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.organisations.finding import practice_by_code
from bot.patients.eligibility import IN_WORDS, why_not
from bot.patients.person_codes import make_person_code, replace_person_code, show_code
from bot.patients.told import person_to_change
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.wording.composing import NotApprovedError, load_wordings

_TEXT = "person-code"


@dataclass(frozen=True)
class GivenCode:
    """A code as people read it, and the words to hand out with it, in the language of the person."""

    code: str
    words: str
    language: str


def give_code(db: Database, settings: Settings, whom: Whom, actor: Actor, *, replace: bool = False) -> GivenCode:
    """The code of a person; one who has none gets one.

    :param replace: the one there was stands for nobody from now on: it was lost, or used by somebody else.
    :raises Refused: `unknown-practice`, `not-allowed`, `unknown-person`, `wording-not-approved`.
    """
    with db.write() as session:
        practice, patient, actor = _whom(session, whom, actor)
        if replace:
            code = replace_person_code(session, patient.id or 0)
            record(session, actor, "person-code-replaced", f"patient:{patient.id}", practice_id=practice.id)
        else:
            code = make_person_code(session, patient.id or 0)
        return _given(session, settings, practice, patient, code)


def text_code(db: Database, settings: Settings, whom: Whom, actor: Actor) -> GivenCode:
    """Send a person their code, in their language, when texts may go.

    :raises Refused: as `give_code`; `cannot-text`, their number is not safe, or they want no texts.
    """
    with db.write() as session:
        practice, patient, actor = _whom(session, whom, actor)
        code = make_person_code(session, patient.id or 0)
        given = _given(session, settings, practice, patient, code)
        _refuse_unsafe(session, practice, patient)
        queue_text(
            session,
            settings,
            text_key=_TEXT,
            language=patient.language,
            values={"code": given.code},
            phone=patient.phone or "",
            practice=practice,
            patient_id=patient.id,
            automatic=False,
        )
        record(session, actor, "person-code-sent", f"patient:{patient.id}", practice_id=practice.id)
        return given


def _whom(session: Session, whom: Whom, actor: Actor) -> tuple[Practice, Patient, Actor]:
    practice = practice_by_code(session, whom.practice_code)
    actor = require(session, actor, CHANGE_PEOPLE, practice)
    return practice, person_to_change(session, practice, whom.nhs_number), actor


def _given(session: Session, settings: Settings, practice: Practice, patient: Patient, code: str) -> GivenCode:
    shown = show_code(code)
    values = {"practice": practice.name, "code": shown}
    try:
        wordings = load_wordings(session, settings, _TEXT, [patient.language])
        composed = wordings.compose(_TEXT, patient.language, values)
    except NotApprovedError:
        raise Refused("wording-not-approved", "The words for this have not been approved yet.") from None
    return GivenCode(shown, composed.body, composed.language)


def _refuse_unsafe(session: Session, practice: Practice, patient: Patient) -> None:
    reason = why_not(session, Kind.NOTICE, practice.id or 0, patient.phone or "", patient.id)
    if reason is not None:
        raise Refused("cannot-text", f"The code was not sent. {IN_WORDS[reason]}. Print it, or tell the person.")
