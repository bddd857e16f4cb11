"""Codes that stand for a person: what is read as one, and that each stands for one person once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database import Database
from bot.patients.person_codes import (
    SIGNS,
    check_sign,
    make_person_code,
    new_code,
    person_by_code,
    person_code_of,
    read_code,
    replace_person_code,
    show_code,
)
from bot.refusals import Refused
from tests.factories import make_patient, make_practice

sevens = st.text(SIGNS, min_size=7, max_size=7)


def refusal(written: str) -> str:
    with pytest.raises(Refused) as refused:
        read_code(written)
    assert refused.value.code == "bad-code"
    return refused.value.message


@given(sevens)
def test_a_code_is_read_as_it_is_shown_in_any_case_with_spaces_or_hyphens(signs: str) -> None:
    code = signs + check_sign(signs)
    for written in (code, show_code(code), show_code(code).lower(), f" {code[:2]} {code[2:5]}–{code[5:]}\n"):
        assert read_code(written) == code


@given(sevens, st.integers(0, 7), st.sampled_from(SIGNS))
def test_one_wrong_sign_always_shows(signs: str, at: int, other: str) -> None:
    code = signs + check_sign(signs)
    if code[at] != other:
        assert "not right" in refusal(code[:at] + other + code[at + 1 :])


@given(sevens, st.integers(0, 6))
def test_two_neighbours_that_were_swapped_always_show(signs: str, at: int) -> None:
    code = signs + check_sign(signs)
    if code[at] != code[at + 1]:
        assert "not right" in refusal(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


def test_i_and_l_are_read_as_one() -> None:
    code = "1K4M911"
    code += check_sign(code)
    assert read_code(code.replace("1", "I")) == read_code(code.replace("1", "l")) == code


@pytest.mark.parametrize("sign", ["O", "0", "u"])
def test_signs_that_are_never_used_are_named(sign: str) -> None:
    assert sign.upper() in refusal(f"K4M9-27{sign}7")


@pytest.mark.parametrize("written", ["", "K4M9", "K4M9-27T77", "K4M9-27É7", "٤٤٤٤٤٤٤٤"])
def test_what_is_no_code_is_said_to_be_none(written: str) -> None:
    assert "eight letters and figures" in refusal(written)


def test_new_codes_are_codes_and_differ() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(read_code(code) == code for code in codes)


def test_a_person_has_one_code_however_often_it_is_asked_for(db: Database) -> None:
    patient = make_patient(db, make_practice(db))
    assert patient.id is not None
    with db.write() as session:
        assert person_code_of(session, patient.id, make=False) is None
        code = person_code_of(session, patient.id)
        assert code == make_person_code(session, patient.id) == person_code_of(session, patient.id)
    with db.read() as session:
        assert code is not None
        assert person_by_code(session, code) == patient


def test_a_code_that_was_replaced_stands_for_nobody(db: Database) -> None:
    patient = make_patient(db, make_practice(db))
    assert patient.id is not None
    with db.write() as session:
        before = make_person_code(session, patient.id)
        after = replace_person_code(session, patient.id)
        assert before != after == person_code_of(session, patient.id)
        assert person_by_code(session, before) is None
        assert person_by_code(session, after) == patient
