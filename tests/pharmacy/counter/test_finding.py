"""Whom an entry at the counter means, and what a wrong one tells: nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.patients.person_codes import new_code, show_code
from bot.pharmacy.counter.searching import (
    KEPT_FOR,
    NOBODY,
    WRONG_ENTRIES,
    forget_searches,
    found_before,
)
from bot.pharmacy.organising.links import end_link
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.patients import OptOut, OptOutScope, Patient, PhoneStatus
from bot.tables.pharmacy import CounterSearch, TellPharmacy
from tests.factories import make_account, make_patient, make_practice
from tests.pharmacy.counter.counters import Counter, make_counter, words
from tests.pharmacy.notices.world import Town


def who(counter: Counter, public: str | None) -> int | None:
    with counter.db.read() as session:
        found = found_before(session, counter.town.pharmacy.id or 0, counter.account.id, public or "", utc_now())
    return found.person.id if found else None


def opted_out(town: Town) -> Patient:
    person = town.somebody()
    with town.db.write() as session:
        session.add(
            OptOut(
                practice_id=town.practice.id,
                patient_id=person.id,
                phone=person.phone,
                scope=OptOutScope.ALL,
                source="staff",
                recorded_at=utc_now(),
            )
        )
    return person


def elsewhere(town: Town) -> Patient:
    return make_patient(town.db, make_practice(town.db, "OTHER"), language="pl")


NOBODIES: dict[str, Callable[[Town], Patient]] = {
    "deregistered": lambda town: town.somebody(registered=False),
    "deceased": lambda town: town.somebody(deceased=True),
    "unlinked": elsewhere,
    "opted out": opted_out,
    "without a safe phone": lambda town: town.somebody(phone_status=PhoneStatus.UNSAFE),
}


@pytest.mark.parametrize("written", [show_code, str.lower, lambda code: f" {code[:3]} {code[3:]}"])
def test_a_code_finds_its_person_however_it_is_written(counter: Counter, written: Callable[[str], str]) -> None:
    public = counter.looks_for(code=written(counter.code_of()))
    assert who(counter, public) == counter.town.person.id


@pytest.mark.parametrize("born", ["12/5/1960", "12051960", "12 May 1960", "1960-05-12"])
def test_number_and_birth_date_find_their_person(counter: Counter, born: str) -> None:
    number = counter.town.person.nhs_number
    public = counter.looks_for(nhs_number=f"{number[:3]} {number[3:6]} {number[6:]}", born=born)
    assert who(counter, public) == counter.town.person.id


def test_a_number_without_the_right_birth_date_finds_nobody(counter: Counter) -> None:
    assert counter.looks_for(nhs_number=counter.town.person.nhs_number, born="13/5/1960") is None


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        ({}, "bad-code"),
        ({"code": "K4M9-2710"}, "bad-code"),
        ({"nhs_number": "9990000010", "born": "12/5/1960"}, "bad-number"),
        ({"nhs_number": "9990000018"}, "bad-born"),
        ({"born": "12/5/1960"}, "bad-number"),
    ],
)
def test_a_slip_is_told_before_anything_is_looked_up(counter: Counter, entered: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        counter.looks_for(**entered)
    assert refused.value.code == code
    with counter.db.read() as session:
        assert session.exec(select(CounterSearch)).all() == []


@pytest.mark.parametrize("kind", NOBODIES)
def test_whoever_cannot_be_told_anything_is_nobody(counter: Counter, kind: str) -> None:
    person = NOBODIES[kind](counter.town)
    shown = [
        counter.posts("/pharmacy/find", code=counter.code_of(person)),
        counter.posts("/pharmacy/find", nhs_number=person.nhs_number, born="12/5/1960"),
        counter.posts("/pharmacy/find", code=new_code()),
    ]
    assert [answer.status_code for answer in shown] == [400] * 3
    assert all(NOBODY in answer.text for answer in shown)
    with counter.db.read() as session:
        assert [search.patient_id for search in session.exec(select(CounterSearch))] == [None] * 3


def test_nobody_takes_the_same_statements_whoever_it_is(counter: Counter) -> None:
    codes = {kind: counter.code_of(make(counter.town)) for kind, make in NOBODIES.items() if kind != "opted out"}
    taken = {kind: statements(counter, code) for kind, code in codes.items()}
    assert {tuple(asked) for asked in taken.values()} == {tuple(statements(counter, new_code()))}


def statements(counter: Counter, code: str) -> list[str]:
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(counter.db.engine, "before_cursor_execute", keep)
    counter.looks_for(code=code)
    event.remove(counter.db.engine, "before_cursor_execute", keep)
    return seen


def test_who_agreed_that_the_pharmacy_may_know_is_found_without_a_phone(counter: Counter) -> None:
    person = counter.town.somebody(phone=None, phone_status=PhoneStatus.NONE)
    with counter.db.write() as session:
        session.add(TellPharmacy(patient_id=person.id or 0, yes=True, source="record", said_at=utc_now()))
    page = counter.client.get(f"/pharmacy/tell/{counter.finds(person)}")
    assert NOBODY in page.text
    assert "Polish" in words(page)
    assert "Ready to collect" not in page.text


def test_so_many_wrong_entries_lock_the_account_for_an_hour(counter: Counter) -> None:
    with time_machine.travel(utc_now(), tick=False) as clock:
        for _ in range(WRONG_ENTRIES):
            assert counter.looks_for(code=new_code()) is None
        with pytest.raises(Refused) as refused:
            counter.finds()
        assert refused.value.code == "counter-locked"
        assert "10am" in refused.value.message
        clock.shift(timedelta(minutes=61))
        assert counter.finds()
    with counter.db.read() as session:
        told = session.exec(select(AuditEntry).where(AuditEntry.action == "counter-locked")).all()
    assert [entry.practice_id for entry in told] == [counter.town.practice.id]


def test_another_account_of_the_counter_is_not_locked(counter: Counter, settings: Any) -> None:
    for _ in range(WRONG_ENTRIES):
        counter.looks_for(code=new_code())
    assert make_counter(counter.db, settings, counter.town).finds()


def test_a_search_is_of_one_account_for_a_quarter_of_an_hour(counter: Counter, settings: Any) -> None:
    public = counter.finds()
    other = make_counter(counter.db, settings, counter.town)
    assert who(counter, public) is not None
    assert who(other, public) is None
    assert other.client.get(f"/pharmacy/tell/{public}").status_code == 404
    with time_machine.travel(utc_now() + timedelta(minutes=16)):
        assert who(counter, public) is None


def test_a_search_ends_with_the_link_to_the_practice(counter: Counter) -> None:
    public = counter.finds()
    end_link(counter.db, counter.town.pharmacy.code, counter.town.practice.code, CONSOLE)
    assert who(counter, public) is None


def test_only_people_of_the_pharmacy_look_for_anybody(counter: Counter) -> None:
    stranger = make_account(counter.db, Role.LEAD, practice=counter.town.practice)
    counter.account = stranger
    with pytest.raises(Refused) as refused:
        counter.looks_for(code=new_code())
    assert refused.value.code == "not-allowed"


def test_searches_are_forgotten(counter: Counter, settings: Any) -> None:
    counter.finds()
    with time_machine.travel(utc_now() + KEPT_FOR + timedelta(days=1)):
        forget_searches(counter.db, settings)
    with counter.db.read() as session:
        assert session.exec(select(CounterSearch)).all() == []


def test_the_birth_date_may_be_todays(counter: Counter) -> None:
    """A baby is nobody to text, and no error either."""
    baby = counter.town.somebody(born=date(2026, 11, 24))
    assert counter.looks_for(nhs_number=baby.nhs_number, born="24112026") is not None
