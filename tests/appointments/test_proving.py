"""A person is there when they read out the number on their phone; who tries codes learns nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from time import thread_time
from typing import Any

import pytest
import time_machine
from sqlalchemy import event
from sqlmodel import func, select

from bot.appointments.portal.proving import (
    NUMBER_LASTS,
    PRESENCE_LASTS,
    ask_for_presence,
    end_presence,
    forget_proofs,
    locked_until,
    present_person,
    prove_presence,
    waits_for_number,
)
from bot.audit import AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import check_sign, replace_person_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Proof, WrongCode
from bot.tables.patients import Patient, PhoneStatus
from bot.tables.wording import WordingDraft
from bot.texts.catalogue import catalogue
from bot.wording.standing import hash_of
from tests.appointments.interpreting import Booth, make_booth, make_person, number_in, texts_of
from tests.factories import make_account, make_patient, make_practice

NOBODY = "2345678"
NOBODYS_CODE = NOBODY + check_sign(NOBODY)


@pytest.fixture
def booth(db: Database) -> Booth:
    return make_booth(db)


def ask(db: Database, settings: Settings, booth: Booth, code: str, key: str | None = None) -> None:
    ask_for_presence(db, settings, booth.me, code, booth.actor, key=key)


def prove(db: Database, settings: Settings, booth: Booth, number: str) -> datetime:
    return prove_presence(db, settings, booth.me, number, booth.actor)


def present_code(db: Database, booth: Booth) -> str | None:
    with db.read() as session:
        found = present_person(session, booth.me, utc_now())
        return found.code if found else None


def rows(db: Database, table: Any) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def later(**by: float) -> Any:
    return time_machine.travel(utc_now() + timedelta(**by))


def another(number: str) -> str:
    return f"{(int(number) + 1) % 10**6:06d}"


def refusal(deed: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def write_in_urdu(db: Database, booth: Booth) -> None:
    with db.write() as session:
        session.add(
            WordingDraft(
                text_key="person-there",
                language="ur",
                body="{practice}: اپنے ترجمان کو یہ نمبر بتائیں\n{number}",
                source_hash=hash_of(catalogue()["person-there"].source),
                origin="edit",
                made_by=booth.account.id or 0,
                made_at=utc_now(),
            )
        )


def test_the_number_goes_to_the_persons_phone_in_their_language(db: Database, settings: Settings, booth: Booth) -> None:
    patient, code = make_person(db, booth.practice)
    write_in_urdu(db, booth)
    ask(db, settings, booth, f" {code[:4].lower()}-{code[4:]} ")
    [text] = texts_of(db)
    assert (text.phone, text.language, text.kind) == (patient.phone, "ur", "receipt")
    assert text.use_by is not None
    assert timedelta(0) <= utc_now() + NUMBER_LASTS - text.use_by < timedelta(seconds=10)
    until = prove(db, settings, booth, number_in(text))
    assert timedelta(0) <= utc_now() + PRESENCE_LASTS - until < timedelta(seconds=10)
    assert present_code(db, booth) == code


def test_a_number_may_be_typed_as_people_see_it(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = number_in(texts_of(db)[0])
    urdu = "".join(chr(0x06F0 + int(digit)) for digit in number)
    prove(db, settings, booth, f"{urdu[:3]} {urdu[3:]}")


def test_neither_number_nor_its_plain_hash_is_kept(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    with db.read() as session:
        proof = session.exec(select(Proof)).one()
    assert number_in(texts_of(db)[0]) not in str(vars(proof))
    assert len(proof.number_hash) == 64


def test_a_slip_in_a_code_is_said_before_anything_is_looked_up(db: Database, settings: Settings, booth: Booth) -> None:
    _, code = make_person(db, booth.practice)
    slip = ("2" if code[0] != "2" else "3") + code[1:]
    assert refusal(lambda: ask(db, settings, booth, slip)) == "bad-code"
    assert rows(db, Proof) == rows(db, WrongCode) == 0


SILENT: dict[str, dict[str, Any]] = {
    "no phone": {"phone": None, "phone_status": PhoneStatus.NONE},
    "shared": {"phone_status": PhoneStatus.SHARED},
    "unsafe": {"phone_status": PhoneStatus.UNSAFE},
    "under 16, not confirmed": {"phone_status": PhoneStatus.UNSAFE, "born": date(2014, 1, 1)},
    "refuses texts": {"texting_refused": True},
    "gone": {"registered": False},
    "dead": {"deceased": True},
}


@pytest.mark.parametrize("changes", SILENT.values(), ids=SILENT.keys())
def test_who_must_not_be_texted_is_not_and_the_answer_is_the_same(
    db: Database, settings: Settings, booth: Booth, changes: dict[str, Any]
) -> None:
    ask(db, settings, booth, make_person(db, booth.practice, **changes)[1])
    assert texts_of(db) == []
    with db.read() as session:
        assert waits_for_number(session, booth.me, utc_now())
    assert refusal(lambda: prove(db, settings, booth, "123456")) == "wrong-number"


def test_a_phone_on_two_records_gets_nothing(db: Database, settings: Settings, booth: Booth) -> None:
    patient, code = make_person(db, booth.practice)
    make_patient(db, booth.practice, phone=patient.phone)
    ask(db, settings, booth, code)
    assert texts_of(db) == []


def test_a_code_of_nobody_answers_like_a_right_one(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, NOBODYS_CODE)
    with db.read() as session:
        assert waits_for_number(session, booth.me, utc_now())
    assert texts_of(db) == []
    assert refusal(lambda: prove(db, settings, booth, "123456")) == "wrong-number"


def test_at_a_practice_the_agency_does_not_serve_a_code_is_nobodys(
    db: Database, settings: Settings, booth: Booth
) -> None:
    ask(db, settings, booth, make_person(db, make_practice(db, "ELSEWHERE"))[1])
    assert texts_of(db) == []
    assert rows(db, WrongCode) == 1


def test_where_no_number_went_none_is_right(
    db: Database, settings: Settings, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.appointments.portal.proving.secrets.randbelow", lambda _most: 123456)
    ask(db, settings, booth, NOBODYS_CODE)
    assert refusal(lambda: prove(db, settings, booth, "123456")) == "wrong-number"


def test_the_sixth_try_is_refused_were_it_right(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = number_in(texts_of(db)[0])
    tried = [refusal(lambda: prove(db, settings, booth, another(number))) for _ in range(5)]
    assert tried == ["wrong-number"] * 4 + ["too-many-tries"]
    assert refusal(lambda: prove(db, settings, booth, number)) == "too-many-tries"
    assert present_code(db, booth) is None


def at_once(deeds: list[Callable[[], Any]]) -> list[str]:
    """Do all of these at one moment; gives how each ended."""

    def ended(deed: Callable[[], Any]) -> str:
        try:
            deed()
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(ended, deeds))


def test_of_many_tries_at_once_five_count(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = another(number_in(texts_of(db)[0]))
    ended = at_once([lambda: prove(db, settings, booth, number)] * 9)
    assert ended == ["too-many-tries"] * 5 + ["wrong-number"] * 4
    with db.read() as session:
        assert session.exec(select(Proof.tries)).one() == 5


def test_a_number_that_is_sent_twice_at_once_counts_once(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = number_in(texts_of(db)[0])
    assert at_once([lambda: prove(db, settings, booth, number)] * 4) == ["done"] + ["no-number"] * 3


def test_of_many_codes_at_once_ten_are_taken_and_three_texts_go(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    ended = at_once([lambda: ask(db, settings, booth, code)] * 12)
    assert ended == ["done"] * 10 + ["too-many-starts"] * 2
    assert len(texts_of(db)) == 3


def test_of_two_interpreters_at_once_a_phone_hears_three_times(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    mate = make_account(db, Role.INTERPRETER, agency=booth.agency)
    other = Booth(booth.practice, booth.agency, booth.interpreter, mate)
    at_once([lambda each=each: ask(db, settings, each, code) for each in (booth, other) * 4])  # type: ignore[misc]
    assert len(texts_of(db)) == 3


def test_a_number_lasts_ten_minutes(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = number_in(texts_of(db)[0])
    with later(minutes=10):
        assert refusal(lambda: prove(db, settings, booth, number)) == "no-number"
    with later(minutes=9, seconds=59):
        prove(db, settings, booth, number)


def test_a_number_counts_once(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    number = number_in(texts_of(db)[0])
    prove(db, settings, booth, number)
    assert refusal(lambda: prove(db, settings, booth, number)) == "no-number"


def test_one_number_lives_at_a_time(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    ask(db, settings, booth, code)
    ask(db, settings, booth, code)
    first, second = map(number_in, texts_of(db))
    assert refusal(lambda: prove(db, settings, booth, first if first != second else another(second))) == "wrong-number"
    prove(db, settings, booth, second)


def test_the_same_form_sent_twice_sends_one_text(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    ask(db, settings, booth, code, key="a")
    ask(db, settings, booth, code, key="a")
    assert len(texts_of(db)) == 1
    prove(db, settings, booth, number_in(texts_of(db)[0]))


def test_a_number_is_no_use_to_another_interpreter(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    ask(db, settings, booth, code)
    number = number_in(texts_of(db)[0])
    mate = make_account(db, Role.INTERPRETER, agency=booth.agency)
    other = Booth(booth.practice, booth.agency, booth.interpreter, mate)
    assert refusal(lambda: prove(db, settings, other, number)) == "no-number"


def test_a_phone_gets_three_numbers_a_day(db: Database, settings: Settings, booth: Booth) -> None:
    code = make_person(db, booth.practice)[1]
    for _ in range(4):
        ask(db, settings, booth, code)
    assert len(texts_of(db)) == 3
    with later(hours=24, seconds=1):
        ask(db, settings, booth, code)
    assert len(texts_of(db)) == 4


def test_an_interpreter_starts_ten_times_an_hour(db: Database, settings: Settings, booth: Booth) -> None:
    for _ in range(10):
        ask(db, settings, booth, make_person(db, booth.practice)[1])
    code = make_person(db, booth.practice)[1]
    assert refusal(lambda: ask(db, settings, booth, code)) == "too-many-starts"
    with later(hours=1):
        ask(db, settings, booth, code)


def test_five_wrong_codes_within_an_hour_lock_joining_for_an_hour(
    db: Database, settings: Settings, booth: Booth
) -> None:
    code = make_person(db, booth.practice)[1]
    for _ in range(5):
        ask(db, settings, booth, NOBODYS_CODE)
    assert refusal(lambda: ask(db, settings, booth, code)) == "joining-locked"
    with db.read() as session:
        told = session.exec(select(AuditEntry).where(AuditEntry.action == "joining-locked")).all()
    assert [entry.practice_id for entry in told] == [booth.practice.id]
    with later(minutes=60):
        ask(db, settings, booth, code)


def test_five_wrong_codes_over_a_day_lock_nothing() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    hourly = [now - timedelta(hours=hours) for hours in range(5)]
    assert locked_until(hourly, now) is None
    assert locked_until([now - timedelta(minutes=12 * step) for step in range(5)], now) == now + timedelta(hours=1)


def test_presence_ends_after_twenty_minutes_and_when_the_interpreter_says_so(
    db: Database, settings: Settings, booth: Booth
) -> None:
    ask(db, settings, booth, make_person(db, booth.practice)[1])
    prove(db, settings, booth, number_in(texts_of(db)[0]))
    with later(minutes=20):
        assert present_code(db, booth) is None
    end_presence(db, booth.me)
    assert present_code(db, booth) is None


def test_several_people_come_one_after_another(db: Database, settings: Settings) -> None:
    practices = [make_practice(db, code) for code in ("ONE", "TWO", "THREE")]
    booth = make_booth(db, *practices)
    for practice in practices:
        patient, code = make_person(db, practice)
        ask(db, settings, booth, code)
        prove(db, settings, booth, number_in(texts_of(db)[-1]))
        with db.read() as session:
            found = present_person(session, booth.me, utc_now())
        assert found is not None
        assert (found.patient.id, found.practice.id) == (patient.id, practice.id)


def test_a_code_that_is_replaced_stands_for_nobody_at_once(db: Database, settings: Settings, booth: Booth) -> None:
    patient, code = make_person(db, booth.practice)
    ask(db, settings, booth, code)
    prove(db, settings, booth, number_in(texts_of(db)[0]))
    with db.write() as session:
        replace_person_code(session, patient.id or 0)
    assert present_code(db, booth) is None
    ask(db, settings, booth, code)
    assert len(texts_of(db)) == 1


def test_who_leaves_the_list_is_not_there_any_more(db: Database, settings: Settings, booth: Booth) -> None:
    patient, code = make_person(db, booth.practice)
    ask(db, settings, booth, code)
    prove(db, settings, booth, number_in(texts_of(db)[0]))
    with db.write() as session:
        session.get_one(Patient, patient.id).registered = False
    assert present_code(db, booth) is None


def test_old_codes_and_numbers_are_forgotten(db: Database, settings: Settings, booth: Booth) -> None:
    ask(db, settings, booth, NOBODYS_CODE)
    forget_proofs(db, settings)
    assert rows(db, Proof) == 1
    with later(days=31):
        forget_proofs(db, settings)
    assert rows(db, Proof) == rows(db, WrongCode) == 0


@pytest.fixture
def codes(db: Database, booth: Booth, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A code of each kind, and nothing that stops who tries them often."""
    monkeypatch.setattr("bot.appointments.portal.proving.STARTS_AN_HOUR", 10**6)
    monkeypatch.setattr("bot.appointments.portal.proving.TEXTS_A_DAY", 10**6)
    monkeypatch.setattr("bot.appointments.portal.proving.locked_until", lambda _wrong, _now: None)
    return {
        "right": make_person(db, booth.practice)[1],
        "no phone": make_person(db, booth.practice, phone=None, phone_status=PhoneStatus.NONE)[1],
        "shared": make_person(db, booth.practice, phone_status=PhoneStatus.SHARED)[1],
        "nobody": NOBODYS_CODE,
    }


def test_right_wrong_and_silent_codes_take_the_same_work(
    db: Database, settings: Settings, booth: Booth, codes: dict[str, str]
) -> None:
    """The statements, whatever else the machine does."""
    asked: dict[str, list[str]] = {}
    for name, code in codes.items():
        seen = asked[name] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(" ".join(statement.split()[:3]))

        event.listen(db.engine, "before_cursor_execute", note)
        ask(db, settings, booth, code)
        event.remove(db.engine, "before_cursor_execute", note)
    counts = {name: len(seen) for name, seen in asked.items()}
    assert max(counts.values()) - min(counts.values()) <= 1, asked


def test_right_wrong_and_silent_codes_take_like_time(
    db: Database, settings: Settings, booth: Booth, codes: dict[str, str]
) -> None:
    """Our own time alone, the best of many: other work of the machine counts for nothing."""
    took: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(25):
        for name, code in codes.items():
            began = thread_time()
            ask(db, settings, booth, code)
            took[name].append(thread_time() - began)
    best = {name: min(times) for name, times in took.items()}
    assert max(best.values()) < 1.3 * min(best.values()), best
