"""`visits` at the console: what programs read, and refusals that say what to do."""

from typing import Any

import pytest

from bot.appointments.joint.visit_commands import visits
from bot.database import Database
from bot.patients.person_codes import show_code
from bot.refusals import Refused
from tests.appointments.clinics import Ground, make_agency, make_ground, make_interpreter, make_session
from tests.appointments.conftest import Ask
from tests.factories import make_patient


@pytest.fixture
def ground(db: Database) -> Ground:
    ground = make_ground(db)
    make_interpreter(db, make_agency(db, ground.practice), code="SANA")
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    return ground


def whom(ground: Ground, **options: str) -> list[str]:
    values = {"practice": "STATION", "nhs-number": ground.patient.nhs_number, "clinic": ground.clinic.code} | options
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def refusal(ask: Ask, *words: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        ask(visits, *words)
    return caught.value


def test_times_are_found_with_clinician_site_and_interpreter(ask: Ask, ground: Ground) -> None:
    [found] = ask(visits, "find", *whom(ground), "--limit", "2")
    assert found["times"][0] == {
        "starts": "2026-12-01T09:00:00+00:00",
        "ends": "2026-12-01T09:20:00+00:00",
        "clinician": ground.clinician.code,
        "site": ground.site.code,
        "mode": "in-person",
        "interpreter": "SANA",
    }
    assert (len(found["times"]), found["why_none"]) == (2, {})


def test_why_there_is_no_time_is_counted_by_rule(ask: Ask, ground: Ground) -> None:
    [found] = ask(visits, "find", *whom(ground), "--interpreter-sex", "M")
    assert found == {"times": [], "why_none": {"sex": 1}}
    [found] = ask(visits, "find", *whom(ground), "--clinician-sex", "M")
    assert found == {"times": [], "why_none": {"clinician-sex": 6}}


def test_a_visit_is_made_moved_given_up_and_seen_by_its_code(ask: Ask, db: Database, ground: Ground) -> None:
    [made] = ask(visits, "make", *whom(ground), "--starts", "2026-12-01T09:00")
    assert (made["starts"], made["state"], made["sequence"]) == ("2026-12-01T09:00:00+00:00", "booked", 0)
    code = show_code(made["visit"]).lower()
    [moved] = ask(visits, "move", code, "--starts", "2026-12-01T09:20:00Z")
    assert (moved["visit"], moved["starts"], moved["sequence"]) == (made["visit"], "2026-12-01T09:20:00+00:00", 1)
    assert ask(visits, "show", code) == [moved]
    assert ask(visits, "list", "--practice", "STATION", "--date", "2026-12-01") == [moved]
    assert ask(visits, "list", "--practice", "STATION", "--date", "2026-12-02") == []
    [gone] = ask(visits, "give-up", code, "--by", "practice", "--reason", "The nurse is ill")
    assert (gone["state"], gone["sequence"]) == ("cancelled", 2)
    assert ask(visits, "list", "--practice", "STATION") == [gone]


def test_the_first_time_that_suits_is_booked_and_the_same_key_is_the_same_visit(ask: Ask, ground: Ground) -> None:
    [first] = ask(visits, "make", *whom(ground), "--any", "--idempotency-key", "K1")
    assert first["starts"] == "2026-12-01T09:00:00+00:00"
    assert ask(visits, "make", *whom(ground), "--any", "--idempotency-key", "K1") == [first]


def test_when_has_to_be_said_in_one_way(ask: Ask, ground: Ground) -> None:
    for words in ((), ("--any", "--starts", "2026-12-01T09:00")):
        with pytest.raises(AssertionError, match="one of --starts TIME and --any"):
            ask(visits, "make", *whom(ground), *words)


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2027-03-28T01:30", "no-such-time"),
        ("2026-11-23T09:00", "past"),
        ("2026-12-01T09:05", "not-suited"),
        ("2026-12-01T15:00", "not-suited"),
        ("2026-12-01T09:50", "not-suited"),
        ("tomorrow", "bad-time"),
        ("0001-01-01T00:00+05:00", "bad-time"),
        ("9999-12-31T23:30-05:00", "bad-time"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_what_to_do(ask: Ask, ground: Ground, time: str, code: str) -> None:
    refused = refusal(ask, "make", *whom(ground), "--starts", time)
    assert refused.code == code
    assert refused.message.count(".") >= 2, refused.message


def test_what_is_taken_or_left_is_said(ask: Ask, db: Database, ground: Ground) -> None:
    def somebody() -> list[str]:
        other = make_patient(db, ground.practice, language="ur", interpreter=True)
        return whom(ground, **{"nhs-number": other.nhs_number})

    ask(visits, "make", *somebody(), "--starts", "2026-12-01T09:00")
    assert refusal(ask, "make", *somebody(), "--starts", "2026-12-01T09:00").code == "taken"
    ask(visits, "make", *somebody(), "--any")
    ask(visits, "make", *somebody(), "--any")
    assert refusal(ask, "make", *somebody(), "--any").code == "nothing-free"


def test_a_slip_in_a_code_is_said_before_anything_is_looked_up(ask: Ask, ground: Ground) -> None:
    assert refusal(ask, "show", "K4M9-27T8").code == "bad-code"
    assert refusal(ask, "move", "K4M9-0OT8", "--starts", "2026-12-01T09:00").code == "bad-code"


def test_an_outcome_is_recorded_once_the_day_has_come(ask: Ask, ground: Ground) -> None:
    [made] = ask(visits, "make", *whom(ground), "--any")
    assert refusal(ask, "outcome", made["visit"], "did-not-attend").code == "not-yet"
