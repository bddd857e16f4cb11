"""Sites, clinicians, clinics and closures: said once, changed where that harms nobody, refused with a sentence."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.appointments.timetable.clinic_commands import clinicians, clinics, closures, sites
from bot.appointments.timetable.clinics import add_closure, add_site, set_travel
from bot.audit import CONSOLE
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import Clinic, ClinicSession, Site, SiteTravel, Slot, Visit
from bot.tables.organisations import Practice
from tests.appointments.conftest import Ask
from tests.appointments.world import (
    TOMORROW,
    listed,
    make_clinic,
    make_clinician,
    make_session,
    make_site,
    put_visit,
    slots_of,
)
from tests.factories import make_account, make_patient, make_practice

SITE = ("add", "HALL", "--practice", "STATION", "--name", "Village Hall", "--address", "12 Station Road, Leeds")
CLINIC = ("add", "GENERAL", "--practice", "STATION", "--site", "HALL", "--purpose", "general", "--slot-minutes", "10")


def refusal(ask: Ask, *words: Any) -> str:
    with pytest.raises(Refused) as caught:
        ask(*words)
    assert len(caught.value.message) > 15
    return caught.value.code


def test_a_site_a_clinician_and_a_clinic_are_there_by_their_codes(ask: Ask, practice: Practice):
    assert ask(sites, *SITE) == [{"code": "HALL"}]
    khan = ("KHAN", "--practice", "STATION", "--name", "Dr Amina Khan", "--sex", "F")
    assert ask(clinicians, "add", *khan) == [{"code": "KHAN"}]
    assert ask(clinics, *CLINIC, "--held", "all", "--held-language", "Urdu") == [{"code": "GENERAL"}]


def test_a_site_added_again_has_another_name(ask: Ask, db: Database, practice: Practice):
    ask(sites, *SITE)
    ask(sites, "add", "HALL", "--practice", "STATION", "--name", "Old Hall", "--address", "12 Station Road")
    with db.read() as session:
        assert [site.name for site in session.exec(select(Site))] == ["Old Hall"]


def test_codes_of_another_practice_are_refused(ask: Ask, db: Database, practice: Practice):
    make_practice(db, "BRIDGE")
    ask(sites, *SITE)
    ask(clinics, *CLINIC)
    other = ("--practice", "BRIDGE", "--name", "Bridge Hall", "--address", "1 Bridge Street")
    assert refusal(ask, sites, "add", "HALL", *other) == "code-taken"
    mixed = ("--practice", "BRIDGE", "--site", "HALL", "--purpose", "general", "--slot-minutes", "10")
    assert refusal(ask, clinics, "add", "OTHER", *mixed) == "another-practice"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--slot-minutes", "12"), "bad-clinic"),
        (("--slot-minutes", "0"), "bad-clinic"),
        (("--purpose", "dental"), "bad-clinic"),
        (("--purpose", "event"), "bad-clinic"),
        (("--places", "10"), "bad-clinic"),
        (("--held", "some"), "bad-clinic"),
        (("--held", "-1"), "bad-clinic"),
        (("--held-language", "ur"), "bad-clinic"),
        (("--held", "2", "--held-language", "klingon"), "unknown-language"),
        (("--release-days", "99"), "bad-clinic"),
        (("--notice", "-1"), "bad-clinic"),
        (("--site", "NOWHERE"), "unknown-site"),
        (("--practice", "NOWHERE"), "unknown-practice"),
    ],
)
def test_rules_that_cannot_be_are_refused_and_nothing_is_stored(
    ask: Ask, db: Database, practice: Practice, words: tuple[str, ...], code: str
):
    ask(sites, *SITE)
    assert refusal(ask, clinics, *CLINIC, *words) == code
    with db.read() as session:
        assert session.exec(select(Clinic)).all() == []


def test_sites_and_clinicians_that_cannot_be_are_refused(ask: Ask, practice: Practice):
    assert refusal(ask, sites, *SITE, "--address", " ") == "bad-site"
    assert refusal(ask, sites, *SITE, "--name", "x" * 101) == "bad-site"
    who = ("KHAN", "--practice", "STATION", "--name", "Dr Khan")
    assert refusal(ask, clinicians, "add", *who, "--sex", "female") == "bad-clinician"


def test_a_clinic_whose_page_nobody_could_open_is_refused(ask: Ask, practice: Practice):
    ask(sites, "add", "HALL", "--practice", "STATION", "--name", "Hall", "--address", "1 Road")
    rest = ("--practice", "STATION", "--site", "HALL", "--purpose", "general", "--slot-minutes", "10")
    assert refusal(ask, clinics, "add", "A/B", *rest) == "bad-clinic"


def test_travel_is_the_same_both_ways_and_said_again_it_is_changed(ask: Ask, db: Database, practice: Practice):
    bridge = make_practice(db, "BRIDGE")
    make_site(db, bridge, "A"), make_site(db, practice, "B")
    assert ask(sites, "travel", "B", "A", "25") == [{"code": "B", "to": "A", "minutes": 25}]
    ask(sites, "travel", "A", "B", "20")
    with db.read() as session:
        assert [travel.minutes for travel in session.exec(select(SiteTravel))] == [20]
    assert refusal(ask, sites, "travel", "A", "A", "5") == "bad-travel"
    assert refusal(ask, sites, "travel", "A", "B", "601") == "bad-travel"
    assert refusal(ask, sites, "travel", "A", "C", "5") == "unknown-site"


def test_staff_of_another_practice_change_nothing(db: Database, practice: Practice):
    outsider = actor_of(make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")))
    with pytest.raises(Refused, match="Only staff or a lead of Station Practice"):
        add_site(db, "HALL", "STATION", "Hall", "1 Road", outsider)
    make_site(db, practice, "A"), make_site(db, practice, "B")
    with pytest.raises(Refused, match="Only staff"):
        set_travel(db, "A", "B", 5, outsider)


def test_another_slot_length_makes_the_slots_anew_and_is_refused_under_visits(
    ask: Ask, db: Database, practice: Practice
):
    ask(sites, *SITE)
    ask(clinics, *CLINIC)
    with db.read() as session:
        clinic = session.exec(select(Clinic)).one()
    make_session(db, clinic, until=TOMORROW)
    ask(clinics, *CLINIC, "--slot-minutes", "30")
    assert len(slots_of(db, clinic)) == 6
    put_visit(db, slots_of(db, clinic)[0], make_patient(db, practice))
    assert refusal(ask, clinics, *CLINIC, "--slot-minutes", "20") == "has-visits"
    assert len(slots_of(db, clinic)) == 6
    assert refusal(ask, clinics, *CLINIC, "--slot-minutes", "30", "--purpose", "cervical") == "has-visits"


def test_a_slot_length_that_does_not_go_into_the_sessions_is_refused(ask: Ask, db: Database, practice: Practice):
    ask(sites, *SITE)
    ask(clinics, *CLINIC)
    with db.read() as session:
        make_session(db, session.exec(select(Clinic)).one(), until=TOMORROW)
    assert refusal(ask, clinics, *CLINIC, "--slot-minutes", "25") == "does-not-fit"


def test_another_held_rule_changes_the_free_slots_at_once_but_not_those_released(
    ask: Ask, db: Database, practice: Practice
):
    ask(sites, *SITE)
    ask(clinics, *CLINIC)
    with db.read() as session:
        clinic = session.exec(select(Clinic)).one()
    make_session(db, clinic, until=TOMORROW)
    ask(clinics, *CLINIC, "--held", "2", "--held-language", "ur")
    kinds = [(slot.kind, slot.language) for slot in slots_of(db, clinic)]
    assert kinds == [("held", "ur")] * 2 + [("open", None)] * 16


def test_a_closure_withdraws_free_slots_and_marks_visits_to_be_moved(ask: Ask, db: Database, practice: Practice):
    clinic = make_clinic(db, practice)
    make_session(db, clinic, until=date(2026, 11, 26))
    visit = put_visit(db, slots_of(db, clinic)[3], make_patient(db, practice))
    with db.read() as session:
        site = session.get_one(Site, clinic.site_id)
    day = str(TOMORROW)
    closed = ask(closures, "add", "--site", site.code, "--from", day, "--to", day)
    assert closed == [{"code": site.code, "withdrawn": 18, "to_move": 1}]
    assert {line["state"] for line in listed(db, clinic, TOMORROW)} == {"withdrawn"}
    assert len(slots_of(db, clinic)) == 18
    with db.read() as session:
        found = session.get_one(Visit, visit.id)
        assert found.to_move_since is not None
        assert found.state == "booked"
        whys = set(session.exec(select(Slot.withdrawn_why).where(col(Slot.withdrawn_at).is_not(None))))
    assert whys == {"The site is closed that day."}


def test_a_closure_that_cannot_be_is_refused(ask: Ask, db: Database, practice: Practice):
    make_site(db, practice, "HALL")
    for first, last in (("2026-12-02", "2026-12-01"), ("2026-11-01", "2026-11-02")):
        assert refusal(ask, closures, "add", "--site", "HALL", "--from", first, "--to", last) == "bad-date"
    assert refusal(ask, closures, "add", "--site", "HALL", "--from", "tomorrow", "--to", "2026-12-01") == "bad-date"


def test_slots_made_after_a_closure_leave_its_days_out(db: Database, practice: Practice):
    site = make_site(db, practice)
    add_closure(db, site.code, TOMORROW, date(2026, 11, 26), CONSOLE)
    clinic = make_clinic(db, practice, site=site)
    make_session(db, clinic, until=date(2026, 11, 27))
    assert {slot.starts.date() for slot in slots_of(db, clinic)} == {date(2026, 11, 27)}


def test_a_clinic_nobody_used_is_taken_away_and_one_with_visits_stays(ask: Ask, db: Database, practice: Practice):
    clinic = make_clinic(db, practice, "GENERAL")
    make_session(db, clinic, until=TOMORROW)
    visit = put_visit(db, slots_of(db, clinic)[0], make_patient(db, practice))
    assert refusal(ask, clinics, "remove", "GENERAL") == "has-visits"
    other = make_clinic(db, practice, "OTHER")
    make_session(db, other, until=TOMORROW)
    assert ask(clinics, "remove", "OTHER") == [{"code": "OTHER"}]
    with db.read() as session:
        assert session.get_one(Visit, visit.id).clinic_id == clinic.id
        assert [found.code for found in session.exec(select(Clinic))] == ["GENERAL"]
        assert len(session.exec(select(ClinicSession)).all()) == 1


def test_the_sex_of_a_clinician_stays_while_somebody_asked_for_it(ask: Ask, db: Database, practice: Practice):
    clinician = make_clinician(db, practice, "KHAN")
    clinic = make_clinic(db, practice)
    make_session(db, clinic, clinician, until=TOMORROW)
    put_visit(db, slots_of(db, clinic)[0], make_patient(db, practice), clinician_sex="F")
    words = ("add", "KHAN", "--practice", "STATION", "--name", "Dr Khan", "--sex")
    assert refusal(ask, clinicians, *words, "M") == "has-visits"
    assert ask(clinicians, *words, "F") == [{"code": "KHAN"}]
