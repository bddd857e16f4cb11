from datetime import date

import pytest
import time_machine
from sqlmodel import col, select

from bot.campaigns.cohort import classify
from bot.campaigns.fuel_poverty import COLD_HOME_RESPIRATORY, CONDITIONS
from bot.clock import born_by, london_today, utc_now
from bot.database import Database
from bot.patients.criteria import find_criteria, list_criteria
from bot.patients.optouts import record_opt_out
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import CampaignMember
from bot.tables.patients import OptOutScope, Patient, PatientSelection, PhoneStatus
from tests.campaigns.helpers import plan
from tests.factories import ASTHMA, COPD, make_partner, make_patient, make_practice

TODAY = date(2026, 11, 23)
FOUR_YEAR_OLD = date(2022, 5, 1)


def reason_for(db: Database, patient: Patient, today: date = TODAY) -> str | None:
    with db.read() as session:
        verdicts = classify(COLD_HOME_RESPIRATORY, patient.practice_id, today)
        rows = session.execute(verdicts.where(col(Patient.id) == patient.id)).all()
    assert len(rows) == 1
    return rows[0].reason


@pytest.mark.parametrize("code", [code for group in CONDITIONS.values() for code in group])
def test_every_coded_asthma_or_copd_concept_counts(db: Database, code: str):
    assert reason_for(db, make_patient(db, make_practice(db), codes=(code,))) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codes": ("44054006",)}, "no-condition"),
        ({"codes": ()}, "no-condition"),
        ({"born": FOUR_YEAR_OLD}, "under-age"),
        ({"deceased": True}, "deceased"),
        ({"died_on": date(2026, 1, 3)}, "deceased"),
        ({"registered": False}, "not-registered"),
        ({"phone": None, "phone_status": PhoneStatus.NONE}, "no-mobile"),
        ({"phone": None, "phone_status": PhoneStatus.NOT_MOBILE}, "no-mobile"),
        ({"phone": None, "phone_status": PhoneStatus.NOT_UK}, "no-mobile"),
        ({"phone": None, "phone_status": PhoneStatus.UNREADABLE}, "no-mobile"),
        ({"phone_status": PhoneStatus.SHARED}, "shared-phone"),
        ({"phone_status": PhoneStatus.UNSAFE}, "unsafe-phone"),
        ({"phone_status": PhoneStatus.FAILED}, "unsafe-phone"),
        ({"texting_refused": True}, "texting-refused"),
        ({"phone_status": PhoneStatus.CONFIRMED}, None),
        ({"codes": (ASTHMA, COPD)}, None),
    ],
)
def test_each_reason_leaves_a_person_out(db: Database, changes: dict[str, object], reason: str | None):
    assert reason_for(db, make_patient(db, make_practice(db), **changes)) == reason


@pytest.mark.parametrize("scope", list(OptOutScope))
def test_an_opt_out_of_any_scope_leaves_a_person_out(db: Database, scope: OptOutScope):
    patient = make_patient(db, make_practice(db))
    with db.write() as session:
        record_opt_out(session, practice_id=patient.practice_id, phone=patient.phone or "", scope=scope, source="reply")
    assert reason_for(db, patient) == "opted-out"


def test_a_person_is_counted_under_the_first_reason_that_applies(db: Database):
    practice = make_practice(db)
    everything: dict[str, dict[str, object]] = {
        "no-condition": {"codes": ()},
        "under-age": {"born": FOUR_YEAR_OLD},
        "deceased": {"deceased": True},
        "not-registered": {"registered": False},
        "shared-phone": {"phone_status": PhoneStatus.SHARED},
        "texting-refused": {"texting_refused": True},
    }
    reasons = list(everything)
    for first in range(len(reasons)):
        changes: dict[str, object] = {}
        for reason in reasons[first:]:
            changes |= everything[reason]
        assert reason_for(db, make_patient(db, practice, **changes)) == reasons[first]


def test_a_person_chosen_by_the_practices_own_search_has_the_condition(db: Database):
    patient = make_patient(db, make_practice(db), codes=())
    with db.write() as session:
        session.add(PatientSelection(patient_id=patient.id, criteria=COLD_HOME_RESPIRATORY.name, selected_at=utc_now()))
    assert reason_for(db, patient) is None


def test_a_search_for_other_criteria_does_not_choose_anybody(db: Database):
    patient = make_patient(db, make_practice(db), codes=())
    with db.write() as session:
        session.add(PatientSelection(patient_id=patient.id, criteria="another", selected_at=utc_now()))
    assert reason_for(db, patient) == "no-condition"


@pytest.mark.parametrize(
    ("born", "today", "of_age"),
    [
        (date(2008, 11, 23), date(2026, 11, 23), True),
        (date(2008, 11, 24), date(2026, 11, 23), False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (date(2010, 2, 28), date(2028, 2, 29), True),
        (date(2010, 3, 1), date(2028, 2, 29), False),
    ],
)
def test_people_come_of_age_on_their_birthday(born: date, today: date, of_age: bool):
    assert (born <= born_by(18, today)) is of_age


@time_machine.travel("2026-06-30 23:30:00+00:00", tick=False)
def test_ages_are_counted_on_the_calendar_in_london(db: Database):
    patient = make_patient(db, make_practice(db), born=date(2008, 7, 1))
    assert reason_for(db, patient, london_today()) is None


def test_people_of_another_practice_are_not_looked_at(db: Database, settings: Settings):
    station, harold = make_practice(db), make_practice(db, "HAROLD")
    make_partner(db, station, harold)
    make_patient(db, harold)
    assert plan(db, settings).matched == 0


def test_every_reason_is_named_and_the_numbers_add_up(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    make_patient(db, practice)
    make_patient(db, practice, codes=())
    make_patient(db, practice, deceased=True)
    planned = plan(db, settings)
    assert list(planned.excluded) == list(COLD_HOME_RESPIRATORY.reasons)
    left_out = sum(people for reason, people in planned.excluded.items() if reason != "no-condition")
    assert (planned.matched, planned.cohort, left_out, planned.excluded["no-condition"]) == (2, 1, 1, 1)


def test_criteria_are_found_by_name():
    assert find_criteria("cold-home-respiratory") in list_criteria()
    with pytest.raises(Refused, match="cold-home-respiratory"):
        find_criteria("warm-home")


def test_members_are_kept_with_the_language_recorded_and_the_one_they_get(db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    for tag in ("pl", "syl", "am", None):
        make_patient(db, practice, language=tag)
    plan(db, settings)
    with db.read() as session:
        members = session.exec(select(CampaignMember).order_by(col(CampaignMember.id))).all()
    assert [(member.recorded_language, member.language) for member in members] == [
        ("pl", "pl"),
        ("syl", "bn"),
        ("am", "en"),
        (None, "en"),
    ]
