"""Who a cervical screening campaign is for, at every boundary, and which reason wins."""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.appointments.screening.codes import DECLINED, NO_CERVIX, PERHAPS_NO_CERVIX, SUBTOTAL_HYSTERECTOMY
from bot.appointments.screening.criteria import CERVICAL_SCREENING, NAME, old_enough_if_born_by
from bot.campaigns.cohort import classify
from bot.clock import utc_now
from bot.database import Database
from bot.lists.judging.cell_words import read_codes
from bot.patients.criteria import find_criteria
from bot.patients.optouts import record_opt_out
from bot.patients.person_codes import unused_code
from bot.tables.appointments import Clinic, ClinicPurpose, Visit, VisitState
from bot.tables.organisations import Practice
from bot.tables.patients import CervicalScreening, OptOutScope, Patient, PatientCode, PhoneStatus
from tests.appointments.clinics import make_clinic, make_site
from tests.factories import make_patient, make_practice, nhs_number
from tests.factories import test_phone as phone_number

TODAY = date(2026, 11, 24)
"""The Tuesday on which tests run."""
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
IN_ORDER = (
    *("not-due", "ceased", "deferred", "no-cervix", "under-age", "over-age", "declined-recently", "already-booked"),
    *("deceased", "not-registered", "no-mobile", "shared-phone", "unsafe-phone", "texting-refused", "opted-out"),
)
_practices = itertools.count(1)
LISTED_AT = timedelta(days=10)
"""How long ago the list was stored."""


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def add_person(
    db: Database,
    practice: Practice,
    status: str | None = "due",
    deferred_until: date | None = None,
    declined_on: date | None = None,
    codes: tuple[str, ...] = (),
    **changes: Any,
) -> Patient:
    """A person of 36 of whom the list says so much of screening."""
    patient = make_patient(db, practice, codes=codes, **({"born": date(1990, 5, 12), "sex": "F"} | changes))
    with db.write() as session:
        listed = {"status": status, "deferred_until": deferred_until, "declined_on": declined_on}
        row = CervicalScreening(patient_id=patient.id or 0, **listed, listed_at=utc_now() - LISTED_AT)
        session.add(row)
    return patient


def add_visit(db: Database, patient: Patient, clinic: Clinic, starts: datetime, state: str) -> None:
    with db.write() as session:
        session.add(a_visit(session, patient, clinic, starts, state))


def a_visit(session: Session, patient: Patient, clinic: Clinic, starts: datetime, state: str) -> Visit:
    return Visit(
        code=unused_code(session),
        practice_id=patient.practice_id,
        patient_id=patient.id,
        clinic_id=clinic.id,
        starts=starts,
        ends=starts + timedelta(minutes=10),
        state=state,
        made_by="test",
        made_at=utc_now(),
        changed_at=utc_now(),
    )


def reason_for(db: Database, patient: Patient, today: date = TODAY) -> str | None:
    with db.read() as session:
        one_person = select(CERVICAL_SCREENING.reason_sql(today)).where(col(Patient.id) == patient.id)
        return session.exec(one_person).one()


def all_reasons(db: Database, practice: Practice) -> dict[int, str | None]:
    with db.read() as session:
        among = classify(CERVICAL_SCREENING, practice.id or 0, TODAY)
        return {row.id: row.reason for row in session.execute(among)}


def matches(db: Database, patient: Patient) -> bool:
    assert CERVICAL_SCREENING.matches is not None
    with db.read() as session:
        statement = select(CERVICAL_SCREENING.matches(TODAY)).where(col(Patient.id) == patient.id)
        return bool(session.exec(statement).one())


def test_the_reasons_are_these_in_this_order() -> None:
    assert find_criteria(NAME) is CERVICAL_SCREENING
    assert CERVICAL_SCREENING.reasons == IN_ORDER
    assert CERVICAL_SCREENING.first == "not-due"
    assert set(CERVICAL_SCREENING.words) == set(CERVICAL_SCREENING.own) == set(IN_ORDER[:8])
    assert CERVICAL_SCREENING.minimum_age == 18


@pytest.mark.parametrize(
    ("status", "until", "reason"),
    [
        ("due", None, None),
        ("overdue", None, None),
        ("not-due", None, "not-due"),
        (None, None, "not-due"),
        ("ceased", None, "ceased"),
        ("deferred", None, "deferred"),
        ("deferred", TOMORROW, "deferred"),
        ("deferred", TODAY, "not-due"),
        ("deferred", YESTERDAY, "not-due"),
        ("due", TOMORROW, "deferred"),
        ("due", TODAY, None),
        ("due", YESTERDAY, None),
        ("overdue", TOMORROW, "deferred"),
        ("overdue", TODAY, None),
        ("not-due", TOMORROW, "not-due"),
        (None, TOMORROW, "not-due"),
        ("ceased", TOMORROW, "ceased"),
        ("ceased", YESTERDAY, "ceased"),
    ],
)
def test_the_list_decides_by_status_and_deferral(
    db: Database, practice: Practice, status: str | None, until: date | None, reason: str | None
) -> None:
    patient = add_person(db, practice, status, until)
    assert reason_for(db, patient) == reason
    assert matches(db, patient) is (status in ("due", "overdue"))


def test_nobody_is_due_of_whom_no_list_said_so(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, born=date(1990, 5, 12))
    assert reason_for(db, patient) == "not-due"
    assert not matches(db, patient)


@pytest.mark.parametrize("sex", ["F", "M", "X", "U"])
def test_the_recorded_sex_keeps_nobody_out(db: Database, practice: Practice, sex: str) -> None:
    assert reason_for(db, add_person(db, practice, sex=sex)) is None


@pytest.mark.parametrize(
    ("born", "reason"),
    [
        (date(2002, 5, 23), None),
        (date(2002, 5, 24), None),
        (date(2002, 5, 25), "under-age"),
        (date(2010, 1, 1), "under-age"),
        (date(1961, 11, 25), None),
        (date(1961, 11, 24), "over-age"),
        (date(1961, 11, 23), "over-age"),
        (date(1930, 1, 1), "over-age"),
    ],
)
def test_limits_of_age_hold_to_the_day(db: Database, practice: Practice, born: date, reason: str | None) -> None:
    assert reason_for(db, add_person(db, practice, born=born)) == reason


@pytest.mark.parametrize(
    ("today", "born"),
    [
        (date(2027, 2, 28), date(2002, 8, 28)),
        (date(2027, 3, 1), date(2002, 9, 1)),
        (date(2028, 2, 29), date(2003, 8, 29)),
        (date(2028, 3, 1), date(2003, 9, 1)),
        (date(2026, 8, 29), date(2002, 2, 28)),
        (date(2026, 8, 31), date(2002, 2, 28)),
        (date(2028, 8, 29), date(2004, 2, 29)),
        (date(2026, 12, 31), date(2002, 6, 30)),
        (date(2027, 1, 31), date(2002, 7, 31)),
    ],
)
def test_half_years_end_with_the_month_where_it_is_shorter(today: date, born: date) -> None:
    assert old_enough_if_born_by(today) == born


@given(st.dates(date(1960, 1, 1), date(2040, 1, 1)))
def test_everybody_comes_of_age_on_one_day_and_stays_so(born: date) -> None:
    """On the day of the same number 294 months later, or the first of the next month where there is none."""
    first_month = date(born.year + 24 + (born.month + 6 > 12), (born.month + 5) % 12 + 1, 1)
    expected = first_month + timedelta(days=born.day - 1)
    if expected.month != first_month.month:
        expected = expected.replace(day=1)
    assert old_enough_if_born_by(expected) >= born
    assert old_enough_if_born_by(expected - timedelta(days=1)) < born


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 400))
def test_nobody_is_old_enough_who_was_not_the_day_before_but_by_growing_older(today: date, days: int) -> None:
    assert old_enough_if_born_by(today) <= old_enough_if_born_by(today + timedelta(days=days))


def test_each_code_of_no_cervix_or_of_an_unclear_one_leaves_a_person_out(db: Database, practice: Practice) -> None:
    codes = {add_person(db, practice, codes=(code,)).id: code for code in NO_CERVIX | PERHAPS_NO_CERVIX}
    assert {codes[person]: reason for person, reason in all_reasons(db, practice).items()} == dict.fromkeys(
        NO_CERVIX | PERHAPS_NO_CERVIX, "no-cervix"
    )


def test_a_subtotal_hysterectomy_leaves_a_cervix(db: Database, practice: Practice) -> None:
    for code in SUBTOTAL_HYSTERECTOMY:
        add_person(db, practice, codes=(code, "195967001"))
    assert set(all_reasons(db, practice).values()) == {None}


def test_a_subtotal_hysterectomy_does_not_outweigh_another_one(db: Database, practice: Practice) -> None:
    assert reason_for(db, add_person(db, practice, codes=("176795006", "161800001"))) == "no-cervix"


def test_the_groups_of_codes_have_none_in_common_and_every_check_digit_is_right() -> None:
    groups = (NO_CERVIX, PERHAPS_NO_CERVIX, SUBTOTAL_HYSTERECTOMY)
    codes = frozenset.union(*groups)
    assert sum(map(len, groups)) == len(codes)
    assert {"116143008", "37687000"} <= NO_CERVIX
    assert "176795006" in SUBTOTAL_HYSTERECTOMY
    for code in {*codes, DECLINED}:
        after_a_word = read_codes(f"195967001 word {code}")
        assert after_a_word == (("195967001", code), ()), "a number after words counts only with its check digit"


@pytest.mark.parametrize(
    ("declined_on", "codes", "reason"),
    [
        (TODAY, (), "declined-recently"),
        (date(2025, 11, 25), (), "declined-recently"),
        (date(2025, 11, 24), (), None),
        (date(2025, 11, 23), (), None),
        (date(2019, 1, 1), (), None),
        (None, (DECLINED,), "declined-recently"),
        (date(2025, 11, 24), (DECLINED,), None),
        (date(2025, 11, 25), (DECLINED,), "declined-recently"),
    ],
)
def test_a_decline_counts_for_twelve_months_and_without_a_day_until_somebody_looks(
    db: Database, practice: Practice, declined_on: date | None, codes: tuple[str, ...], reason: str | None
) -> None:
    patient = add_person(db, practice, declined_on=declined_on, codes=codes)
    assert reason_for(db, patient) == reason
    assert matches(db, patient)


def test_a_decline_on_a_leap_day_counts_until_1_march(db: Database, practice: Practice) -> None:
    patient = add_person(db, practice, declined_on=date(2024, 2, 29))
    assert reason_for(db, patient, date(2025, 2, 28)) == "declined-recently"
    assert reason_for(db, patient, date(2025, 3, 1)) is None


@pytest.mark.parametrize("purpose", list(ClinicPurpose))
@pytest.mark.parametrize("state", list(VisitState))
@pytest.mark.parametrize("after_the_list", [True, False])
def test_a_visit_in_a_cervical_clinic_counts_that_the_list_does_not_know_of(
    db: Database, practice: Practice, purpose: str, state: str, after_the_list: bool
) -> None:
    patient, other = add_person(db, practice), add_person(db, practice)
    clinic = make_clinic(db, practice, make_site(db, practice), purpose=purpose)
    listed = utc_now() - LISTED_AT
    add_visit(db, patient, clinic, listed + timedelta(days=1 if after_the_list else -1), state)
    counts = purpose == "cervical" and state in ("booked", "arrived", "attended") and after_the_list
    assert reason_for(db, patient) == ("already-booked" if counts else None)
    assert reason_for(db, other) is None, "a visit is one person's"


def test_a_visit_to_come_counts(db: Database, practice: Practice) -> None:
    patient = add_person(db, practice)
    clinic = make_clinic(db, practice, make_site(db, practice), purpose="cervical")
    add_visit(db, patient, clinic, utc_now() + timedelta(days=3), VisitState.BOOKED)
    assert reason_for(db, patient) == "already-booked"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"deceased": True}, "deceased"),
        ({"registered": False}, "not-registered"),
        ({"phone": None, "phone_status": PhoneStatus.NONE}, "no-mobile"),
        ({"phone_status": PhoneStatus.SHARED}, "shared-phone"),
        ({"phone_status": PhoneStatus.UNSAFE}, "unsafe-phone"),
        ({"phone_status": PhoneStatus.CONFIRMED}, None),
        ({"disputed": True}, "unsafe-phone"),
        ({"texting_refused": True}, "texting-refused"),
    ],
)
def test_the_rules_that_always_hold_come_after(
    db: Database, practice: Practice, changes: dict[str, Any], reason: str | None
) -> None:
    assert reason_for(db, add_person(db, practice, **changes)) == reason


def test_who_opted_out_comes_last(db: Database, practice: Practice) -> None:
    patient = add_person(db, practice)
    with db.write() as session:
        whose = {"practice_id": practice.id or 0, "phone": patient.phone}
        record_opt_out(session, **whose, scope=OptOutScope.OUTREACH, source="test")
    assert reason_for(db, patient) == "opted-out"


@dataclass(frozen=True)
class Somebody:
    """A person as lists, codes and visits may have left them."""

    status: str | None = "due"
    until: date | None = None
    declined_on: date | None = None
    codes: frozenset[str] = field(default_factory=frozenset)
    born: date = date(1990, 5, 12)
    visit: tuple[str, int] | None = None
    deceased: bool = False
    registered: bool = True
    phone_status: str = PhoneStatus.OWN
    refused: bool = False
    listed: bool = True


seldom = st.integers(0, 5).map(lambda drawn: drawn == 0)
somebody = st.builds(
    Somebody,
    status=st.sampled_from(["due", "due", "overdue", "not-due", "ceased", "deferred", None]),
    until=st.sampled_from([None, None, YESTERDAY, TODAY, TOMORROW]),
    declined_on=st.sampled_from([None, None, date(2025, 11, 24), date(2025, 11, 25)]),
    codes=st.frozensets(st.sampled_from([DECLINED, "116143008", "236886002", "176795006", "195967001"]), max_size=2),
    born=st.sampled_from(
        [*[date(1990, 5, 12)] * 3, date(2002, 5, 24), date(2002, 5, 25), date(1961, 11, 24), date(1961, 11, 25)]
    ),
    visit=st.one_of(st.none(), st.none(), st.tuples(st.sampled_from(list(VisitState)), st.sampled_from([-1, 1]))),
    deceased=seldom,
    registered=seldom.map(lambda drawn: not drawn),
    phone_status=st.sampled_from([PhoneStatus.OWN, PhoneStatus.CONFIRMED, PhoneStatus.UNSAFE, PhoneStatus.SHARED]),
    refused=seldom,
    listed=seldom.map(lambda drawn: not drawn),
)


def first_reason(person: Somebody) -> str | None:
    """The rules said again, one person at a time and without SQL."""
    status = person.status if person.listed else None
    later = person.listed and person.until is not None and person.until > TODAY
    deferral_over = person.until is not None and person.until <= TODAY
    declined_on = person.declined_on if person.listed else None
    found = {
        "not-due": status in (None, "not-due") or (status == "deferred" and deferral_over),
        "ceased": status == "ceased",
        "deferred": status == "deferred" or later,
        "no-cervix": bool(person.codes & {"116143008", "236886002"}),
        "under-age": person.born > date(2002, 5, 24),
        "over-age": person.born <= date(1961, 11, 24),
        "declined-recently": declined_on > date(2025, 11, 24) if declined_on else DECLINED in person.codes,
        "already-booked": person.visit is not None
        and person.visit[0] in ("booked", "arrived", "attended")
        and person.visit[1] > 0,
        "deceased": person.deceased,
        "not-registered": not person.registered,
        "no-mobile": False,
        "shared-phone": person.phone_status == PhoneStatus.SHARED,
        "unsafe-phone": person.phone_status == PhoneStatus.UNSAFE,
        "texting-refused": person.refused,
        "opted-out": False,
    }
    return next((reason for reason in IN_ORDER if found[reason]), None)


def move_in(session: Session, practice: Practice, clinic: Clinic, people: list[Somebody]) -> list[Patient]:
    now = utc_now()
    patients = [
        Patient(
            practice_id=practice.id or 0,
            nhs_number=nhs_number(index),
            born=person.born,
            phone=phone_number(index),
            phone_status=person.phone_status,
            deceased=person.deceased,
            registered=person.registered,
            texting_refused=person.refused,
            created_at=now,
            updated_at=now,
        )
        for index, person in enumerate(people)
    ]
    session.add_all(patients)
    session.flush()
    for patient, person in zip(patients, people, strict=True):
        session.add_all(PatientCode(patient_id=patient.id or 0, code=code) for code in person.codes)
        if person.listed:
            said = {"status": person.status, "deferred_until": person.until, "declined_on": person.declined_on}
            session.add(CervicalScreening(patient_id=patient.id or 0, **said, listed_at=now - LISTED_AT))
        if person.visit is not None:
            state, days = person.visit
            session.add(a_visit(session, patient, clinic, now - LISTED_AT + timedelta(days=days), state))
    session.flush()
    return patients


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(somebody, min_size=1, max_size=12))
@example([Somebody(status="deferred", until=TODAY), Somebody(status="overdue", until=TOMORROW), Somebody(listed=False)])
def test_the_first_reason_that_applies_wins_for_many_and_for_one(db: Database, people: list[Somebody]) -> None:
    practice = make_practice(db, f"P{next(_practices)}")
    clinic = make_clinic(db, practice, make_site(db, practice), purpose="cervical")
    with db.write() as session:
        patients = move_in(session, practice, clinic, people)
    expected = {patient.id: first_reason(person) for patient, person in zip(patients, people, strict=True)}
    with db.read() as session:
        among = session.execute(classify(CERVICAL_SCREENING, practice.id or 0, TODAY))
        assert {row.id: row.reason for row in among} == expected
        for patient in patients:
            alone = select(CERVICAL_SCREENING.reason_sql(TODAY)).where(col(Patient.id) == patient.id)
            assert session.exec(alone).one() == expected[patient.id]
