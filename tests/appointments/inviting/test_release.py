"""A screening campaign from its plan to its visits: nobody is invited beyond the times of their language."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select

from bot.appointments.inviting.free_times import EVERYBODY
from bot.appointments.inviting.groups import count_groups
from bot.appointments.waiting.freed_times import offer_freed_times
from bot.audit import CONSOLE
from bot.campaigns.batches import release_batch
from bot.campaigns.pacing import Learned, next_batch_size
from bot.campaigns.planning import plan_campaign
from bot.campaigns.progress import campaign_status
from bot.clock import utc_now
from bot.database import Database
from bot.partners.purposes import Terms
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClinicPurpose, Slot, Visit, WaitingRequest
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.interpreters import Interpreter, InterpreterLanguage
from bot.tables.messaging import Message
from bot.tables.patients import CervicalScreening, Patient, ScreeningStatus
from tests.appointments.clinics import DAY, Ground, make_agency, make_ground, make_interpreter, make_session
from tests.appointments.inviting.campaigns import for_screening
from tests.appointments.talking import Talk
from tests.factories import make_patient, text_in

LANGUAGES = ("ur", "bn", "so")


def due(db: Database, ground: Ground, language: str | None, interpreter: bool, phone: int) -> Patient:
    """Somebody whose screening is due by the list."""
    person = make_patient(
        db,
        ground.practice,
        language=language,
        interpreter=interpreter,
        sex="F",
        born=date(1985, 1, 1),
        phone=f"+447700900{phone:03d}",
    )
    with db.write() as session:
        session.add(CervicalScreening(patient_id=person.id or 0, status=ScreeningStatus.DUE, listed_at=utc_now()))
    return person


def planned(db: Database, settings: Settings, ground: Ground) -> int:
    terms = Terms(clinic=ground.clinic.code)
    practice = ground.practice.code
    return plan_campaign(db, settings, practice, "cervical-screening", None, None, CONSOLE, terms=terms).campaign


def invited(db: Database, campaign_id: int) -> Counter[str]:
    """How many of each group have been invited."""
    members = select(Patient.language, Patient.interpreter).join(
        CampaignMember, col(CampaignMember.patient_id) == col(Patient.id)
    )
    with db.read() as session:
        rows = session.exec(
            members.where(CampaignMember.campaign_id == campaign_id, col(CampaignMember.batch_id).is_not(None))
        ).all()
    return Counter(f"{language or 'unknown'}:interpreter" if needs else EVERYBODY for language, needs in rows)


def free_of(db: Database, campaign_id: int) -> dict[str, float]:
    with db.read() as session:
        groups = count_groups(session, session.get_one(Campaign, campaign_id), utc_now())
    return {group.key: group.free for group in groups}


@pytest.fixture
def ground(db: Database) -> Ground:
    """A clinic of thirty slots on a day, with people of four kinds, none of whom has an interpreter yet."""
    ground = make_ground(db, purpose=ClinicPurpose.CERVICAL)
    make_session(db, ground.clinic, ground.clinician, "09:00", "14:00")
    kinds = [("ur", True), ("bn", True), ("so", True), ("en", False), (None, True)]
    for number in range(60):
        due(db, ground, *kinds[number % 5], phone=100 + number)
    agency = make_agency(db, ground.practice)
    for language in LANGUAGES:
        make_interpreter(db, agency, (language,))
    return ground


@given(
    slots=st.sets(st.integers(0, 29)),
    away=st.sets(st.sampled_from(LANGUAGES)),
    batches=st.integers(1, 3),
)
@run(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_is_invited_beyond_the_times_of_their_language(
    db: Database, settings: Settings, ground: Ground, slots: set[int], away: set[str], batches: int
) -> None:
    _world(db, slots, away)
    campaign = planned(db, settings, ground)
    free = free_of(db, campaign)
    assert free["unknown:interpreter"] == 0
    assert sum(2 * n if key != EVERYBODY else n for key, n in free.items()) <= len(slots)
    for number in range(batches):
        released = _release(db, settings, campaign)
        for key, n in invited(db, campaign).items():
            assert free[key] > 0
            assert n * 0.2 <= free[key]
            if number == 0:
                assert n <= next_batch_size(1000, free[key], Learned(prior=(20, 80)))[0]
        if not released:
            break
    _over(db, campaign)


def _release(db: Database, settings: Settings, campaign: int) -> bool:
    try:
        release_batch(db, settings, campaign, CONSOLE)
    except Refused as refused:
        return {"no-times": False, "nobody-waiting": False}[refused.code]
    return True


def _world(db: Database, slots: set[int], away: set[str]) -> None:
    """Only these slots are there, and interpreters of these languages have left."""
    with db.write() as session:
        every = session.exec(select(Slot.id).order_by(col(Slot.starts))).all()
        kept = [slot for n, slot in enumerate(every) if n in slots]
        session.execute(update(Slot).values(withdrawn_at=utc_now()))
        session.execute(update(Slot).where(col(Slot.id).in_(kept)).values(withdrawn_at=None))
        gone = select(InterpreterLanguage.interpreter_id).where(col(InterpreterLanguage.language).in_(away))
        session.execute(update(Interpreter).values(left_at=None))
        session.execute(update(Interpreter).where(col(Interpreter.id).in_(gone)).values(left_at=utc_now()))


def _over(db: Database, campaign_id: int) -> None:
    """The campaign's texts are of long ago, so that the next one may ask the same people."""
    with db.write() as session:
        session.execute(update(Message).values(state="cancelled"))
        its = update(CampaignMember).where(col(CampaignMember.campaign_id) == campaign_id)
        session.execute(its.values(answer="no"))


@pytest.mark.parametrize(("times", "batch"), [(2, 5), (6, 19), (10, 34)])
def test_how_many_are_invited_for_how_many_times(db: Database, settings: Settings, times: int, batch: int) -> None:
    ground = make_ground(db, purpose=ClinicPurpose.CERVICAL)
    make_interpreter(db, make_agency(db, ground.practice), ("ur",))
    opens = DAY
    for _ in range(times):
        make_session(db, ground.clinic, ground.clinician, "09:00", "09:20", opens)
        opens += timedelta(days=1)
    for number in range(40):
        due(db, ground, "ur", True, phone=100 + number)
    due(db, ground, "bn", True, phone=200)
    campaign = planned(db, settings, ground)
    released = release_batch(db, settings, campaign, CONSOLE)
    assert (released.size, released.limited_by) == (batch, "slots")
    assert invited(db, campaign) == {"ur:interpreter": batch}
    with db.read() as session:
        status = campaign_status(session, campaign)
    assert [line["n"] for line in status["free_times"]] == [0, times, 0]


def test_where_nothing_is_free_the_refusal_says_for_whom_and_what_would_help(db: Database, settings: Settings) -> None:
    ground = make_ground(db, purpose=ClinicPurpose.CERVICAL)
    make_session(db, ground.clinic, ground.clinician)
    due(db, ground, "bn", True, phone=200)
    campaign = planned(db, settings, ground)
    with pytest.raises(Refused, match=r"Bengali, with an interpreter .*Hours of an interpreter for Bengali would help"):
        release_batch(db, settings, campaign, CONSOLE)


def test_while_one_person_chooses_the_others_wait_and_what_is_given_back_is_offered_to_them(talk: Talk) -> None:
    talk = for_screening(talk).opens("2026-12-01 09:00-09:40")
    ground = Ground(talk.practice, talk.site, talk.clinician, talk.clinic, talk.patient)
    make_interpreter(talk.db, make_agency(talk.db, talk.practice), ("ur",))
    people = [due(talk.db, ground, "ur", True, phone=300 + number) for number in range(3)]
    campaign = planned(talk.db, talk.settings, ground)
    assert release_batch(talk.db, talk.settings, campaign, CONSOLE).size == 3
    talk.sent().clock.shift(60)
    for person in people:
        _answer(talk, person, "1")
    assert [request.patient_id for request in talk.all(WaitingRequest)] == [people[1].id, people[2].id]
    _answer(talk, people[0], "1")
    talk.clock.shift(timedelta(hours=2))
    assert offer_freed_times(talk.db, talk.settings) == 1
    talk.sent().clock.shift(60)
    _answer(talk, people[1], "1")
    booked = {visit.patient_id: visit.campaign_id for visit in talk.all(Visit)}
    assert booked == {people[0].id: campaign, people[1].id: campaign}
    with talk.db.read() as session:
        status = campaign_status(session, campaign)
    assert (status["booked"], status["waiting_list"], status["replies"]["yes"]) == (2, 1, 3)


def _answer(talk: Talk, person: Patient, body: str) -> None:
    text_in(talk.db, talk.settings, person.phone, body)
    talk.clock.shift(5)
    talk.sent().clock.shift(60)
