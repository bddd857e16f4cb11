"""The demo's campaign of cervical screening, planned and not begun, and a Saturday clinic with a poster on the wall.

Nobody is texted when it is loaded.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.accounts.demo import DemoAccount
from bot.appointments.demo import NURSE, STATION_ROAD, WOMENS
from bot.appointments.finding_by_code import clinic_by_code
from bot.appointments.inviting.clinics_invited_to import SCREENING
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.timetable.clinics import ClinicRules, add_clinic
from bot.appointments.timetable.sessions import Hours, add_session
from bot.appointments.written_times import read_weekdays
from bot.appointments.youth.posters import add_poster
from bot.audit import CONSOLE
from bot.campaigns.planning import plan_campaign
from bot.clock import born_by, london_today, utc_now
from bot.database import Database
from bot.lists.importing import import_list
from bot.lists.reading.columns import Field
from bot.organisations.finding import practice_by_code
from bot.partners.purposes import Terms
from bot.settings import Settings
from bot.tables.appointments import ClinicPurpose, ClinicSession, Poster
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Practice
from bot.tables.patients import CervicalScreening, Patient, ScreeningStatus

YOUNG = "STATION-YOUNG"
_COLUMNS = (Field.NHS_NUMBER, Field.BORN, Field.CERVICAL)
_STATUSES = (
    ScreeningStatus.DUE,
    ScreeningStatus.NOT_DUE,
    ScreeningStatus.OVERDUE,
    ScreeningStatus.NOT_DUE,
    ScreeningStatus.DUE,
)
_POSTERS_TIMES = 3
_FROM = timedelta(days=7)


def add_demo_campaigns(db: Database, settings: Settings, practice_code: str, _people: Sequence[DemoAccount]) -> None:
    """A list of who is due, the campaign for them, and a poster with three times. Again it changes nothing."""
    with db.read() as session:
        practice = practice_by_code(session, practice_code)
        listed = session.exec(select(CervicalScreening.patient_id).limit(1)).first()
        planned = session.exec(select(Campaign.id).where(Campaign.purpose == SCREENING)).first()
        due = _who_is_due(session, practice, london_today())
    if listed is None:
        name = "screening.csv"
        import_list(db, settings, practice_code, due, selected_for=None, dry_run=False, actor=CONSOLE, file_name=name)
    if planned is None:
        plan_campaign(db, settings, practice_code, SCREENING, None, None, CONSOLE, terms=Terms(clinic=WOMENS))
    _hang_a_poster(db, practice_code)


def _who_is_due(session: Session, practice: Practice, today: date) -> bytes:
    """The list of the screening programme, as a practice would bring it in beside its own."""
    women = select(Patient).where(
        Patient.practice_id == practice.id,
        Patient.sex == "F",
        col(Patient.born) <= born_by(25, today),
        col(Patient.born) > born_by(65, today),
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.value for column in _COLUMNS)
    for place, woman in enumerate(session.exec(women.order_by(col(Patient.id)))):
        writer.writerow((woman.nhs_number, f"{woman.born:%d/%m/%Y}", _STATUSES[place % len(_STATUSES)].value))
    return text.getvalue().encode()


def _hang_a_poster(db: Database, practice_code: str) -> None:
    rules = ClinicRules(slot_minutes=20, purpose=ClinicPurpose.YOUTH)
    add_clinic(db, YOUNG, practice_code, STATION_ROAD, rules, CONSOLE)
    with db.read() as session:
        clinic = clinic_by_code(session, YOUNG)
        has_sessions = session.exec(select(ClinicSession.id).where(ClinicSession.clinic_id == clinic.id)).first()
        has_poster = session.exec(select(Poster.code).where(Poster.clinic_id == clinic.id)).first()
    if has_sessions is None:
        saturdays = Hours(read_weekdays("sat"), time(10), time(13), london_today())
        add_session(db, YOUNG, NURSE, saturdays, CONSOLE)
    if has_poster is None:
        with db.read() as session:
            starts = _free_starts(session)
        add_poster(db, YOUNG, starts, CONSOLE)


def _free_starts(session: Session) -> list[datetime]:
    now = utc_now()
    wish = Wish(None, clinic_by_code(session, YOUNG))
    found = find_times(session, wish, now, limit=_POSTERS_TIMES, from_=now + _FROM)
    return [each.starts for each in found.times]
