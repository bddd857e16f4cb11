"""A pharmacy learns which language a person needs when they have agreed to it, and reports what it found out."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.clock import utc_now
from bot.patients.person_codes import check_sign
from bot.pharmacy.notices.telling import BY_TEXT, note_may_tell
from bot.tables.patients import Patient
from bot.tables.pharmacy import LanguageReport
from tests.factories import make_patient, make_practice
from tests.pharmacy.api.program import Program, code_of, problem, statements
from tests.pharmacy.notices.world import Town

CODE_OF_NOBODY = "1111111" + check_sign("1111111")


def path(code: str) -> str:
    return f"/api/v1/people/{code}/language"


def agree(town: Town, *, yes: bool = True, person: Patient | None = None) -> None:
    with town.db.write() as session:
        number = (person or town.person).id or 0
        note_may_tell(session, number, town.pharmacy.id, yes=yes, source=BY_TEXT, now=utc_now())


def reports(town: Town) -> list[LanguageReport]:
    with town.db.read() as session:
        return list(session.exec(select(LanguageReport).order_by(col(LanguageReport.id))))


def test_who_agreed_is_a_flag_and_nothing_else(town: Town, program: Program) -> None:
    agree(town)
    answer = program.ask(path(program.code))
    assert answer.status_code == 200
    assert answer.get_json() == {"language": "pl", "script": "Latn", "interpreter": None, "mode": "read"}


def test_everybody_else_looks_like_nobody(town: Town, program: Program) -> None:
    refused, silent = town.somebody(), town.somebody()
    agree(town, yes=False, person=refused)
    dead, elsewhere = town.somebody(deceased=True), make_patient(town.db, make_practice(town.db, "ELSEWHERE"))
    for person in (dead, elsewhere):
        agree(town, person=person)
    codes = [code_of(town.db, person) for person in (refused, silent, dead, elsewhere)]
    told, asked = [], []
    program.ask(path("nothing"))  # from now on for a minute the use of the key is noted
    for code in [*codes, CODE_OF_NOBODY]:
        with statements(town.db) as seen:
            told.append(problem(program.ask(path(code)), 404) | {"instance": ""})
        asked.append(len(seen))
    assert told == [told[0]] * 5
    assert asked == [asked[0]] * 5
    assert problem(program.ask(path("nothing")), 404) | {"instance": ""} == told[0]


def test_a_report_waits_for_the_practice_and_changes_nothing_before(town: Town, program: Program) -> None:
    answer = program.ask(path(program.code), {"language": "uk", "interpreter": True})
    assert (answer.status_code, answer.get_json()) == (
        202,
        {"language": "uk", "interpreter": True, "state": "waiting"},
    )
    [report] = reports(town)
    assert (report.language, report.interpreter, report.state) == ("uk", True, "waiting")
    assert (report.practice_id, report.patient_id) == (town.practice.id, town.person.id)
    with town.db.read() as session:
        assert session.get_one(Patient, town.person.id).language == "pl"


def test_a_report_of_somebody_who_is_not_theirs_is_answered_alike_and_kept_nowhere(
    town: Town, program: Program
) -> None:
    elsewhere = make_patient(town.db, make_practice(town.db, "ELSEWHERE"))
    body = {"language": "uk"}
    known = program.ask(path(program.code), body)
    before = reports(town)
    for code in (code_of(town.db, elsewhere), CODE_OF_NOBODY):
        answer = program.ask(path(code), body)
        assert (answer.status_code, answer.data) == (known.status_code, known.data)
    assert reports(town) == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"language": None},
        {"language": "xx"},
        {"language": "Urdu"},
        {"language": ["ur"]},
        {"language": "ur", "interpreter": "yes"},
        {"language": "ur", "interpreter": 1},
        {"language": "ur", "name": "Ownperson"},
        [],
    ],
)
def test_a_report_is_a_language_of_ours(town: Town, program: Program, body: Any) -> None:
    assert problem(program.ask(path(program.code), body), 422)["errors"]
    assert reports(town) == []


def test_the_same_report_sent_again_is_the_same(town: Town, program: Program) -> None:
    for _ in range(2):
        assert program.ask(path(program.code), {"language": "uk"}, once="r1").status_code == 202
        program.ask(path(program.code), {"language": "uk"})
    assert len(reports(town)) == 1
