"""The demo's clinics, and people who need an interpreter with a visit booked.

Nobody is texted when it is loaded, and no reminder is due for days: those who come soonest have no mobile.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.accounts.demo import DemoAccount
from bot.appointments.finding_by_code import clinic_by_code
from bot.appointments.joint.booking import book_in
from bot.appointments.joint.finding import Wish, find_times, first_of
from bot.appointments.timetable.clinics import ClinicRules, add_clinic, add_clinician, add_site, set_travel
from bot.appointments.timetable.sessions import Hours, add_session
from bot.appointments.written_times import read_weekdays
from bot.audit import CONSOLE
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.interpreters.demo import add_demo_interpreters
from bot.lists.demo_list import BREATHING
from bot.organisations.finding import practice_by_code
from bot.patients.eligibility import ON_RECORD, Reason, reason_sql
from bot.patients.person_codes import person_code_of
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClinicPurpose, ClinicSession, Visit
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PatientCode

STATION_ROAD, HARBOUR = "STATION-ROAD", "HARBOUR"
DOCTOR, NURSE = "DR-WARD", "NURSE-ADEYEMI"
GENERAL, WOMENS = "STATION-GENERAL", "HARBOUR-WOMEN"
LANGUAGES = ("ur", "pa-Guru", "ar", "ckb")
"""What the demo's interpreters speak."""
_ADULT_BEFORE, _SCREENED_SINCE = date(2008, 1, 1), date(1965, 1, 1)
_NO_REMINDER_FOR = timedelta(days=6)
_LATER = timedelta(days=10)
_LATEST = timedelta(days=14)
_SESSIONS = (
    (GENERAL, DOCTOR, "mon-fri", time(9), time(12)),
    (GENERAL, NURSE, "mon,wed,fri", time(14), time(16, 30)),
    (GENERAL, DOCTOR, "sat", time(9), time(11)),
    (WOMENS, NURSE, "tue,thu", time(13, 30), time(16, 30)),
)


def add_demo_clinics(db: Database, settings: Settings, practice_code: str, people: Sequence[DemoAccount]) -> None:
    """Sites, clinicians, a clinic with held slots and one for women, sessions for the coming weeks, and some visits.

    The interpreters are added first, wherever they stand in the list of capabilities. Again it changes nothing.
    """
    add_demo_interpreters(db, settings, practice_code, people)
    _add_clinics(db, practice_code)
    _add_sessions(db, london_today())
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        if session.exec(select(Visit.id).where(Visit.practice_id == practice.id).limit(1)).first() is None:
            _book_visits(session, settings, practice, utc_now())


def _add_clinics(db: Database, practice: str) -> None:
    add_site(db, STATION_ROAD, practice, "Station Practice", "12 Station Road, Hastings", CONSOLE)
    add_site(db, HARBOUR, practice, "Harbour Health Centre", "3 Harbour Lane, Hastings", CONSOLE)
    set_travel(db, STATION_ROAD, HARBOUR, 15, CONSOLE)
    add_clinician(db, DOCTOR, practice, "Dr Tom Ward", "M", CONSOLE)
    add_clinician(db, NURSE, practice, "Nurse Ruth Adeyemi", "F", CONSOLE)
    add_clinic(db, GENERAL, practice, STATION_ROAD, ClinicRules(slot_minutes=10, held=6), CONSOLE)
    women = ClinicRules(slot_minutes=20, purpose=ClinicPurpose.CERVICAL, women_only=True, held=4)
    add_clinic(db, WOMENS, practice, HARBOUR, women, CONSOLE)


def _add_sessions(db: Database, today: date) -> None:
    with db.read() as session:
        clinic = clinic_by_code(session, GENERAL)
        if session.exec(select(ClinicSession.id).where(ClinicSession.clinic_id == clinic.id).limit(1)).first():
            return
    for clinic_code, clinician, days, opens, closes in _SESSIONS:
        add_session(db, clinic_code, clinician, Hours(read_weekdays(days), opens, closes, today), CONSOLE)


def _book_visits(session: Session, settings: Settings, practice: Practice, now: datetime) -> None:
    general, womens = clinic_by_code(session, GENERAL), clinic_by_code(session, WOMENS)
    for language in LANGUAGES:
        for patient in _people(session, practice, language, Reason.NO_MOBILE)[:1]:
            _book(session, settings, Wish(patient, general), now)
        texted = _people(session, practice, language, None)
        for patient, ahead in zip(texted, (_NO_REMINDER_FOR, _LATER), strict=False):
            _book(session, settings, Wish(patient, general), now + ahead)
        for patient in [each for each in texted if each.sex == "F" and each.born > _SCREENED_SINCE][:1]:
            _book(session, settings, Wish(patient, womens, clinician_sex="F"), now + _LATEST)


def _people(session: Session, practice: Practice, language: str, reason: str | None) -> Sequence[Patient]:
    """Two adults who need an interpreter, and whom for that reason nobody may text, or everybody may.

    :param reason: None is for those who may be texted. Nobody whom the demo's campaign looks for is among them.
    """
    this_reason = reason_sql(ON_RECORD, Kind.OUTREACH)
    statement = select(Patient).where(
        Patient.practice_id == practice.id,
        Patient.language == language,
        col(Patient.interpreter).is_(True),
        col(Patient.born) < _ADULT_BEFORE,
        this_reason.is_(None) if reason is None else this_reason == reason,
        ~select(PatientCode.code)
        .where(col(PatientCode.patient_id) == col(Patient.id), col(PatientCode.code).in_(BREATHING))
        .exists(),
    )
    return session.exec(statement.order_by(col(Patient.id)).limit(2)).all()


def _book(session: Session, settings: Settings, wish: Wish, from_: datetime) -> None:
    """The first time from then on that suits, if there is one."""
    person_code_of(session, wish.patient_id)
    with suppress(Refused):
        time = first_of(find_times(session, wish, utc_now(), limit=1, from_=from_))
        if time is not None:
            book_in(session, settings, wish, time.starts, CONSOLE, told=True)
