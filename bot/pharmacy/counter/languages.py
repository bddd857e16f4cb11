"""Which language a person needs, as their pharmacy may know it: with consent, and no more than that.

What a pharmacy reports back changes nothing until the practice has confirmed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.about_people import CHANGE_PEOPLE, Whom
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.patients.told import known_language, note_language_by_staff, person_to_change
from bot.pharmacy.notices.telling import BY_RECORD, may_tell, note_may_tell
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.patients import Patient
from bot.tables.pharmacy import LanguageReport, TellPharmacy
from bot.texts.languages import LANGUAGES
from bot.understanding.scripts import script_of

READ, SPOKEN = "read", "spoken"
WAITING, CONFIRMED, DECLINED = "waiting", "confirmed", "declined"
_ENGLISH = Locale("en")


@dataclass(frozen=True)
class LanguageNeed:
    """What a pharmacy may know of a person's language, and nothing else.

    `language` is a BCP 47 tag, `script` an ISO 15924 code or None where it is not written in one, `mode` says whether
    the language is read or only spoken, `interpreter` whether one is needed, None where nobody has said.
    """

    language: str
    script: str | None
    interpreter: bool | None
    mode: str

    def as_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "language": self.language,
            "script": self.script,
            "interpreter": self.interpreter,
            "mode": self.mode,
        }

    @property
    def name(self) -> str:
        """The language by its English name."""
        return LANGUAGES[self.language].english

    @property
    def script_name(self) -> str | None:
        """The script by its English name, such as Gurmukhi."""
        return _ENGLISH.scripts.get(self.script, self.script) if self.script else None


def language_need(session: Session, pharmacy: Pharmacy, patient: Patient) -> LanguageNeed | None:
    """What a pharmacy may know of a person; None where they have not agreed, and where no language is known, alike."""
    known = LANGUAGES.get(patient.language or "")
    if not may_tell(session, patient.id or 0, pharmacy.id) or known is None:
        return None
    spoken = known.reads is not None or known.tag == "bfi"
    script = None if spoken else script_of(known.native)
    return LanguageNeed(known.tag, script, patient.interpreter, SPOKEN if spoken else READ)


def note_consent(db: Database, whom: Whom, *, yes: bool, actor: Actor) -> None:
    """The practice's record says whether the person's pharmacy may know which language they need.

    The same again changes nothing.
    :raises Refused: `unknown-practice`, `not-allowed`, `unknown-person`.
    """
    with db.write() as session:
        practice = practice_by_code(session, whom.practice_code)
        acting = require(session, actor, CHANGE_PEOPLE, practice)
        patient = person_to_change(session, practice, whom.nhs_number)
        own = select(TellPharmacy).where(TellPharmacy.patient_id == patient.id)
        told = session.exec(own.order_by(col(TellPharmacy.said_at).desc()).limit(1)).first()
        if told is not None and told.pharmacy_id is None and told.yes is yes:
            return
        note_may_tell(session, patient.id or 0, None, yes=yes, source=BY_RECORD, now=utc_now())
        record(session, acting, "pharmacy-may-know", f"patient:{patient.id}", practice_id=practice.id, yes=yes)


def report_language(
    session: Session,
    pharmacy: Pharmacy,
    patient: Patient,
    language: str,
    *,
    interpreter: bool | None = None,
    actor: Actor,
    now: datetime,
) -> LanguageReport:
    """A pharmacy has learned which language a person needs; it waits until the practice has looked at it.

    Said again while it waits, it is the same report with what was said last. What is recorded already waits for
    nobody, and looks no different to the pharmacy. In the transaction in hand.
    :param language: BCP 47; `interpreter`: None where the pharmacy does not know.
    :raises Refused: `unknown-language`.
    """
    tag = known_language(language)
    _lock(session, patient)
    report = _waiting_of(session, pharmacy, patient) or LanguageReport(
        pharmacy_id=pharmacy.id or 0,
        practice_id=patient.practice_id,
        patient_id=patient.id or 0,
        language=tag,
        said_at=now,
    )
    report.language, report.interpreter, report.said_at = tag, interpreter, now
    if _is_recorded(patient, report):
        report.state, report.settled_at = CONFIRMED, now
    session.add(report)
    session.flush()
    practice_id = patient.practice_id
    record(session, actor, "language-reported", f"patient:{patient.id}", practice_id=practice_id, language=tag)
    return report


def _lock(session: Session, patient: Patient) -> None:
    """Two who report at once write one report; SQLite has one writer anyway."""
    session.exec(select(Patient.id).where(Patient.id == patient.id).with_for_update(key_share=True)).one()


def _waiting_of(session: Session, pharmacy: Pharmacy, patient: Patient) -> LanguageReport | None:
    waiting = select(LanguageReport).where(
        LanguageReport.patient_id == patient.id,
        LanguageReport.pharmacy_id == pharmacy.id,
        LanguageReport.state == WAITING,
    )
    return session.exec(waiting).first()


def _is_recorded(patient: Patient, report: LanguageReport) -> bool:
    return patient.language == report.language and report.interpreter in (None, patient.interpreter)


@dataclass(frozen=True)
class Reported:
    """A report that waits for the practice, with whom it is about and which pharmacy says so."""

    report: LanguageReport
    patient: Patient
    pharmacy: Pharmacy


def waiting_reports(session: Session, practice_id: int, limit: int, skip: int = 0) -> Sequence[Reported]:
    """The reports that wait for a practice, the oldest first."""
    statement = (
        select(LanguageReport, Patient, Pharmacy)
        .join(Patient, col(Patient.id) == col(LanguageReport.patient_id))
        .join(Pharmacy, col(Pharmacy.id) == col(LanguageReport.pharmacy_id))
        .where(LanguageReport.practice_id == practice_id, LanguageReport.state == WAITING)
        .order_by(col(LanguageReport.id))
        .offset(skip)
        .limit(limit)
    )
    return [Reported(*row) for row in session.exec(statement)]


def count_reports(session: Session, practice_id: int) -> int:
    """How many reports wait for a practice."""
    waiting = select(func.count()).where(
        col(LanguageReport.practice_id) == practice_id, col(LanguageReport.state) == WAITING
    )
    return session.exec(waiting).one()


def settle_report(db: Database, practice_code: str, report_id: int, *, confirm: bool, actor: Actor) -> Reported:
    """The practice confirms what a pharmacy reported, and texts go in that language from now on; or declines it.

    The same answer again changes nothing.
    :raises Refused: `unknown-practice`, `not-allowed`; `unknown-report`, the practice has no such report;
        `report-settled`, a colleague has answered otherwise.
    """
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        acting = require(session, actor, CHANGE_PEOPLE, practice)
        reported = _report_of(session, practice, report_id)
        state = CONFIRMED if confirm else DECLINED
        if reported.report.state == state:
            return reported
        if reported.report.state != WAITING:
            raise Refused("report-settled", "A colleague has answered this already. Look at the person's record.")
        _settle(session, reported, state, acting)
        return reported


def _report_of(session: Session, practice: Practice, report_id: int) -> Reported:
    """The person is locked first, as when it was reported: of two colleagues at once, the second sees the first."""
    report = session.get(LanguageReport, report_id)
    if report is None or report.practice_id != practice.id:
        raise Refused("unknown-report", "There is no such report here. Go back to the list.")
    patient = person_to_change(session, practice, session.get_one(Patient, report.patient_id).nhs_number)
    session.refresh(report)
    return Reported(report, patient, session.get_one(Pharmacy, report.pharmacy_id))


def _settle(session: Session, reported: Reported, state: str, actor: Actor) -> None:
    report, patient = reported.report, reported.patient
    report.state, report.settled_at, report.settled_by = state, utc_now(), actor.user_id
    session.add(report)
    about, practice_id = f"patient:{patient.id}", patient.practice_id
    if state == DECLINED:
        record(session, actor, "language-report-declined", about, practice_id=practice_id)
    else:
        record(session, actor, "language-report-confirmed", about, practice_id=practice_id)
        note_language_by_staff(session, patient, report.language, actor)
        patient.interpreter = patient.interpreter if report.interpreter is None else report.interpreter
        session.add(patient)
