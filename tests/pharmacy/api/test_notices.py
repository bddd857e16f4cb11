"""A program tells people something, asks what became of it, and takes it back."""

from datetime import timedelta

import time_machine

from bot.clock import utc_now
from bot.patients.person_codes import check_sign
from bot.pharmacy.notices.listing import lines_of, notices_of
from bot.tables.pharmacy import NoticeState
from tests.factories import make_patient, make_practice
from tests.pharmacy.api.program import BATCH, NOTICES, Program, code_of, problem, statements
from tests.pharmacy.notices.world import Town
from tests.pharmacy.organising.making import make_pharmacy

CODE_OF_NOBODY = "1111111" + check_sign("1111111")
SHAPE = {"id", "kind", "state", "created", "text", "why_none"}


def test_a_notice_is_a_text_in_the_persons_language(town: Town, program: Program) -> None:
    answer = program.give("ready", prescription="24F5DA-A83008-7EFE6Z")
    assert answer.status_code == 201
    told = answer.get_json()
    assert set(told) == SHAPE
    assert (told["kind"], told["state"], told["why_none"]) == ("ready", "queued", None)
    assert told["text"]["parts"] >= 1
    [text] = town.texts()
    assert told["text"]["language"] == text.language
    assert program.ask(f"{NOTICES}/{told['id']}").get_json() == told


def test_a_line_of_the_list_says_letter_by_letter_what_is_answered(town: Town, program: Program) -> None:
    told = program.give("ready").get_json()
    with town.db.read() as session:
        [line] = lines_of(session, notices_of(session, town.pharmacy))
    assert line | told == line


def test_a_person_is_named_by_number_and_birth_date_too(town: Town, program: Program) -> None:
    person = {"nhs_number": town.person.nhs_number, "born": town.person.born.isoformat()}
    assert program.ask(NOTICES, program.notice(person=person)).get_json()["state"] == "queued"
    assert len(town.texts()) == 1


def test_nobody_is_found_by_number_alone_or_with_another_birth_date(town: Town, program: Program) -> None:
    number = town.person.nhs_number
    told = problem(program.ask(NOTICES, program.notice(person={"nhs_number": number})), 422)
    assert [error["pointer"] for error in told["errors"]] == ["/person/born"]
    other = (town.person.born + timedelta(days=1)).isoformat()
    answer = program.ask(NOTICES, program.notice(person={"nhs_number": number, "born": other}))
    assert (answer.status_code, answer.get_json()["why_none"]) == (201, "no-text-possible")
    assert town.texts() == []


def test_the_pharmacy_learns_nothing_of_who_is_registered_dead_or_elsewhere(town: Town, program: Program) -> None:
    people = [
        town.somebody(deceased=True),
        town.somebody(registered=False),
        town.somebody(texting_refused=True),
        make_patient(town.db, make_practice(town.db, "ELSEWHERE"), language="pl"),
    ]
    codes = [*(code_of(town.db, person) for person in people), CODE_OF_NOBODY]
    answers = [program.ask(NOTICES, program.notice(person={"code": code})) for code in codes]
    assert {answer.status_code for answer in answers} == {201}
    said = [{**answer.get_json(), "id": "", "created": ""} for answer in answers]
    assert said == [said[0]] * 5
    assert said[0]["why_none"] == "no-text-possible"
    assert town.texts() == []


def test_who_is_not_there_takes_as_many_statements_as_who_is_not_theirs(town: Town, program: Program) -> None:
    elsewhere = make_patient(town.db, make_practice(town.db, "ELSEWHERE"), language="pl")
    code = code_of(town.db, elsewhere)
    program.ask(f"{NOTICES}/none")  # from now on for a minute the use of the key is noted
    with statements(town.db) as theirs:
        program.ask(NOTICES, program.notice(person={"code": code}))
    with statements(town.db) as nobodys:
        program.ask(NOTICES, program.notice(person={"code": CODE_OF_NOBODY}))
    assert len(nobodys) == len(theirs) > 0


def test_the_same_again_within_a_day_is_held_until_it_is_sent_anyway(town: Town, program: Program) -> None:
    first = program.give()
    with time_machine.travel(utc_now() + timedelta(minutes=5)):
        held = program.give()
        told = held.get_json()
        assert (held.status_code, told["state"], told["why_none"]) == (202, "held", "held-duplicate")
        assert "5 minutes ago" in told["detail"]
        assert "send_anyway" in told["detail"]
        assert len(town.texts()) == 1
        seen = program.ask(f"{NOTICES}/{told['id']}").get_json()
        assert seen == {name: told[name] for name in SHAPE}
        sent = program.give(send_anyway=True)
    assert (sent.status_code, sent.get_json()["state"]) == (201, "queued")
    assert first.get_json()["id"] != sent.get_json()["id"]
    assert len(town.texts()) == 2


def test_another_kind_is_no_duplicate(town: Town, program: Program) -> None:
    program.give("ready")
    answer = program.give("problem", reason="out-of-stock")
    assert (answer.status_code, answer.get_json()["kind"]) == (201, "problem")
    assert len(town.texts()) == 2


def test_a_problem_has_a_reason_and_nothing_else_has_one(program: Program) -> None:
    assert problem(program.give("problem"), 422)["errors"][0]["pointer"] == "/reason"
    assert problem(program.give("ready", reason="out-of-stock"), 422)["errors"][0]["pointer"] == "/reason"


def test_a_notice_is_taken_back_before_its_text_has_gone(town: Town, program: Program) -> None:
    number = program.give().get_json()["id"]
    for _ in range(2):
        answer = program.ask(f"{NOTICES}/{number}/withdraw", {})
        assert (answer.status_code, answer.get_json()["state"]) == (200, "withdrawn")
    assert program.ask(f"{NOTICES}/{number}/withdraw", data=b"").status_code == 200


def test_what_has_gone_cannot_be_taken_back(town: Town, program: Program) -> None:
    number = program.give().get_json()["id"]
    with town.db.write() as session:
        [notice] = town.notices()
        notice.state = NoticeState.SENT
        session.merge(notice)
    told = problem(program.ask(f"{NOTICES}/{number}/withdraw", {}), 409)
    assert told["type"].endswith("notice-gone")


def test_a_notice_of_another_pharmacy_looks_like_none(town: Town, program: Program) -> None:
    number = program.give().get_json()["id"]
    make_pharmacy(town.db, town.practice, code="OTHER")
    other = Program(town, "OTHER")
    for path in (f"{NOTICES}/{{}}", f"{NOTICES}/{{}}/withdraw"):
        body = {} if path.endswith("withdraw") else None
        theirs = problem(other.ask(path.format(number), body), 404)
        nobodys = problem(other.ask(path.format("0" * 36), body), 404)
        assert {**theirs, "instance": ""} == {**nobodys, "instance": ""}
    assert program.ask(f"{NOTICES}/{number}").get_json()["state"] == "queued"


def test_a_batch_has_a_verdict_for_each_in_their_order(town: Town, program: Program) -> None:
    second = {"code": code_of(town.db, town.somebody())}
    batch = [
        program.notice(),
        program.notice("ready", person=second),
        program.notice("ready"),
        program.notice("lost"),
        "nothing",
        program.notice("collected", person=second),
    ]
    answer = program.ask(BATCH, {"notices": batch})
    assert answer.status_code == 200
    verdicts = answer.get_json()["verdicts"]
    assert [verdict["status"] for verdict in verdicts] == [201, 201, 202, 422, 422, 201]
    assert verdicts[2]["notice"]["why_none"] == "held-duplicate"
    assert verdicts[3]["problem"]["errors"][0]["pointer"] == "/notices/3/kind"
    assert verdicts[3]["notice"] is None
    assert len(town.notices()) == 4


def test_a_batch_is_one_to_five_hundred(program: Program, town: Town) -> None:
    assert problem(program.ask(BATCH, {"notices": []}), 422)["errors"][0]["pointer"] == "/notices"
    assert problem(program.ask(BATCH, {"notices": [program.notice()] * 501}), 422)
    assert town.notices() == []
    answer = program.ask(BATCH, {"notices": [program.notice()] * 500})
    assert [verdict["status"] for verdict in answer.get_json()["verdicts"]] == [201] + [202] * 499
    assert len(town.texts()) == 1


def test_no_text_and_no_answer_has_words_of_the_pharmacys_own(town: Town, program: Program) -> None:
    for field in ("drug", "note", "text", "message"):
        told = problem(program.ask(NOTICES, program.notice(**{field: "Amoxicillin 500mg"})), 422)
        assert told["errors"][0]["pointer"] == f"/{field}"
    problem(program.ask(NOTICES, program.notice(prescription="Amoxicillin 500mg capsules")), 422)
    assert town.notices() == []
