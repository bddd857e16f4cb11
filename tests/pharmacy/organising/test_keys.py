"""Keys are shown once, open what they should, and two of them at most are alive."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.organising.keys import (
    REQUESTS_A_MINUTE,
    key_of,
    keys_of,
    live_keys_of_all,
    make_key,
    note_use,
    ods_of,
    pharmacy_of_key,
    revoke_keys,
)
from bot.pharmacy.organising.pharmacies import Told, add_pharmacy
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Pharmacy
from bot.tables.pharmacy import PharmacyKey
from tests.factories import make_account
from tests.pharmacy.organising.making import make_pharmacy


def opens(db: Database, key: str | None) -> PharmacyKey | None:
    with db.read() as session:
        return key_of(session, None if key is None else f"Bearer {key}")


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_key_opens_for_its_pharmacy_and_only_a_hash_of_it_is_kept(db: Database, pharmacy: Pharmacy) -> None:
    shown = make_key(db, "PRIORY", CONSOLE)
    assert re.fullmatch(r"etr_[0-9a-f]+_[0-9a-f]{64}", shown)
    with db.read() as session:
        found = key_of(session, f"Bearer {shown}")
        assert found is not None
        assert pharmacy_of_key(session, found).code == "PRIORY"
        stored = repr(session.exec(select(PharmacyKey)).one().model_dump())
        trail = repr([entry.model_dump() for entry in session.exec(select(AuditEntry))])
    assert ods_of(found) == {"FA123"}
    assert found.tokens == REQUESTS_A_MINUTE
    secret = shown.rpartition("_")[2]
    assert secret not in stored
    assert shown.split("_")[1] not in trail
    assert shown != make_key(db, "PRIORY", CONSOLE)


@pytest.mark.parametrize("header", ["bearer {}", "BEARER   {}", " Bearer {} "])
def test_the_scheme_is_read_without_case(db: Database, pharmacy: Pharmacy, header: str) -> None:
    shown = make_key(db, "PRIORY", CONSOLE)
    with db.read() as session:
        assert key_of(session, header.format(shown))


def test_what_is_no_key_is_none_and_every_kind_of_it_takes_the_same_statement(db: Database, pharmacy: Pharmacy) -> None:
    shown = make_key(db, "PRIORY", CONSOLE)
    other = make_key(db, "PRIORY", CONSOLE)
    unknown = f"etr_{'0' * 16}_{'0' * 64}"
    wrong = f"{shown[:-64]}{other[-64:]}"
    revoke_keys(db, "PRIORY", CONSOLE)
    headers = [None, "", "Bearer", f"Basic {shown}", shown, "Bearer etr__", "Bearer etr_ä_ö", f"Bearer {shown}x"]
    headers += [f"Bearer {key}" for key in (unknown, wrong, shown)]
    for header in headers:
        with db.read() as session, statements(db) as asked:
            assert key_of(session, header) is None
        assert len([each for each in asked if each.startswith("SELECT")]) == 1, header


def test_a_new_key_leaves_the_one_before_alive_and_ends_the_oldest(db: Database, pharmacy: Pharmacy) -> None:
    keys = [make_key(db, "PRIORY", CONSOLE) for _ in range(4)]
    assert [bool(opens(db, key)) for key in keys] == [False, False, True, True]
    with db.read() as session:
        assert len(keys_of(session, pharmacy.id or 0)) == 2
        assert live_keys_of_all(session) == {"PRIORY": 2}
    assert revoke_keys(db, "PRIORY", CONSOLE) == 2
    assert not any(opens(db, key) for key in keys)


def test_keys_of_another_pharmacy_live_on(db: Database, pharmacy: Pharmacy) -> None:
    make_pharmacy(db, code="OTHER")
    others = make_key(db, "OTHER", CONSOLE)
    for _ in range(3):
        make_key(db, "PRIORY", CONSOLE)
    found = opens(db, others)
    assert found is not None
    assert ods_of(found) == {"FOTHER"}


def test_two_new_keys_at_once_leave_two_alive(db: Database, pharmacy: Pharmacy) -> None:
    make_key(db, "PRIORY", CONSOLE)
    start = Barrier(3)

    def make() -> None:
        start.wait()
        make_key(db, "PRIORY", CONSOLE)

    threads = [Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as session:
        assert live_keys_of_all(session) == {"PRIORY": 2}


def test_a_key_speaks_for_the_codes_named_and_so_does_the_one_after_it(db: Database, pharmacy: Pharmacy) -> None:
    for ods in (" fa123, fa124 ,,FA124", None):
        found = opens(db, make_key(db, "PRIORY", CONSOLE, ods=ods))
        assert found is not None
        assert ods_of(found) == {"FA123", "FA124"}
    found = opens(db, make_key(db, "PRIORY", CONSOLE, ods="FA123"))
    assert found is not None
    assert ods_of(found) == {"FA123"}


@pytest.mark.parametrize("ods", ["", " , ", "FA-1", ",".join(f"F{number}" for number in range(21))])
def test_codes_that_are_none_are_refused(db: Database, pharmacy: Pharmacy, ods: str) -> None:
    with pytest.raises(Refused) as refused:
        make_key(db, "PRIORY", CONSOLE, ods=ods)
    assert refused.value.code == "bad-ods"


def test_use_is_noted_once_a_minute(db: Database, pharmacy: Pharmacy) -> None:
    shown, now = make_key(db, "PRIORY", CONSOLE), utc_now()
    noted = []
    for seconds in (0, 1, 59, 60, 61, 125):
        with db.write() as session, statements(db) as asked:
            key = key_of(session, f"Bearer {shown}")
            assert key is not None
            note_use(session, key, now + timedelta(seconds=seconds))
        noted.append(any("UPDATE" in statement for statement in asked))
    assert noted == [True, False, False, True, False, True]
    found = opens(db, shown)
    assert found is not None
    assert found.used_at == now + timedelta(seconds=125)


def test_only_an_administrator_makes_and_ends_keys(
    db: Database, pharmacy: Pharmacy, lead: UserAccount, dispenser: UserAccount
) -> None:
    for account in (lead, dispenser):
        for deed in (make_key, revoke_keys):
            with pytest.raises(Refused) as refused:
                deed(db, "PRIORY", actor_of(account))
            assert refused.value.code == "not-allowed"
    assert opens(db, make_key(db, "PRIORY", actor_of(make_account(db, Role.ADMIN))))


def test_a_pharmacy_with_another_ods_code_gets_keys_for_it_when_it_is_named(db: Database, pharmacy: Pharmacy) -> None:
    add_pharmacy(db, "PRIORY", Told(ods="FB200"), CONSOLE)
    found = opens(db, make_key(db, "PRIORY", CONSOLE))
    assert found is not None
    assert ods_of(found) == {"FB200"}
