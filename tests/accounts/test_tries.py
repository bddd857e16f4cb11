"""How often one may try: by account and place together, with a wait that grows, and nobody locked out elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.accounts import signing_in
from bot.accounts.devices import KNOWN_FOR, known_as, with_account
from bot.accounts.signing_in import sign_in
from bot.accounts.tries import (
    COUNTED_FOR,
    FAILURES_PER_PLACE,
    FREE_FAILURES,
    TooManyTries,
    in_words,
    place_of,
    wait_after,
)
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, SignInAttempt
from tests.accounts.conftest import PASSWORD, World, post
from tests.applications import application, form_token

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)
LEAD = "lead@example.org"
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
AFTER_TEN = timedelta(seconds=32)


@pytest.fixture(autouse=True)
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting does not depend on how long a hash takes."""
    monkeypatch.setattr(signing_in, "password_fits", lambda _hash, password: password == PASSWORD)


def fail(db: Database, settings: Settings, email: str = LEAD, address: str = HERE, device: str = "") -> str:
    with pytest.raises(Refused) as refused:
        sign_in(db, settings, email, "wrong", address, device)
    return refused.value.code


def fail_ten_times(
    db: Database, settings: Settings, clock: time_machine.Traveller, email: str = LEAD, device: str = ""
) -> None:
    """Ten wrong passwords, each as soon as it is taken."""
    for failures in range(10):
        clock.shift(wait_after(failures))
        assert fail(db, settings, email, device=device) == "not-signed-in"


def wait_of(db: Database, settings: Settings, address: str = HERE, device: str = "") -> int:
    """How many seconds the right password has to wait."""
    with pytest.raises(TooManyTries) as refused:
        sign_in(db, settings, LEAD, PASSWORD, address, device)
    return refused.value.seconds


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (12, 60), (5000, 60)]
)
def test_the_wait_grows_from_one_second_to_sixty(failures: int, seconds: int) -> None:
    assert wait_after(failures).total_seconds() == seconds


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (8, "8 seconds"), (60, "1 minute"), (61, "2 minutes"), (900, "15 minutes")]
)
def test_a_wait_is_said_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words
    assert f"Wait {words}, then try again." in TooManyTries(timedelta(seconds=seconds)).message


def test_who_mistypes_a_few_times_waits_for_nothing(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(FREE_FAILURES):
            assert fail(db, settings) == "not-signed-in"
        assert sign_in(db, settings, LEAD, PASSWORD, HERE).email == LEAD


def test_after_ten_failures_even_the_right_password_waits_there_and_not_elsewhere(
    db: Database, settings: Settings, world: World
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        assert wait_of(db, settings) == 32
        assert sign_in(db, settings, LEAD, PASSWORD, ELSEWHERE).email == LEAD
        clock.shift(AFTER_TEN - timedelta(seconds=1))
        assert wait_of(db, settings) == 1
        clock.shift(timedelta(seconds=1))
        assert sign_in(db, settings, LEAD, PASSWORD, HERE).email == LEAD


def test_an_address_without_an_account_waits_like_any_other(db: Database, settings: Settings, world: World) -> None:
    told = []
    for email in (LEAD, "nobody@example.org"):
        with time_machine.travel(NOON, tick=False) as clock:
            fail_ten_times(db, settings, clock, email)
            with pytest.raises(TooManyTries) as refused:
                sign_in(db, settings, email, "wrong", HERE)
        told.append((refused.value.seconds, refused.value.message))
    assert told[0] == told[1]


def test_an_early_try_does_not_make_the_wait_longer(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        for _ in range(5):
            clock.shift(timedelta(seconds=6))
            assert fail(db, settings) == "too-many-tries"
        clock.shift(timedelta(seconds=2))
        assert sign_in(db, settings, LEAD, PASSWORD, HERE)


def test_the_right_password_starts_the_count_anew(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        clock.shift(AFTER_TEN)
        sign_in(db, settings, LEAD, PASSWORD, HERE)
        assert fail(db, settings) == "not-signed-in"
        assert sign_in(db, settings, LEAD, PASSWORD, HERE)


def test_failures_are_forgotten_after_fifteen_minutes(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        clock.shift(COUNTED_FOR)
        for _ in range(FREE_FAILURES):
            assert fail(db, settings) == "not-signed-in"


def test_a_clock_that_was_set_back_lets_nobody_wait_longer(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        clock.shift(-timedelta(hours=1))
        assert wait_of(db, settings) == 32


def test_fifty_failures_from_one_address_stop_it_for_every_account(
    db: Database, settings: Settings, world: World
) -> None:
    with time_machine.travel(NOON, tick=False):
        for index in range(FAILURES_PER_PLACE):
            assert fail(db, settings, f"person-{index}@example.org") == "not-signed-in"
        assert fail(db, settings) == "too-many-tries"
        assert sign_in(db, settings, LEAD, PASSWORD, ELSEWHERE).email == LEAD


def test_attempts_keep_neither_email_nor_address(db: Database, settings: Settings, world: World) -> None:
    fail(db, settings)
    with db.read() as session:
        attempt = session.exec(select(SignInAttempt)).one()
    assert "lead" not in attempt.account_hash
    assert "192.0.2.1" not in attempt.address_hash
    assert attempt.both_hash not in (attempt.account_hash, attempt.address_hash)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("[", "["),
    ],
)
def test_a_place_is_an_address_or_the_network_of_an_office(address: str, place: str) -> None:
    assert place_of(address) == place


def test_another_address_of_one_ipv6_network_is_no_other_place(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        for host in range(FREE_FAILURES + 1):
            assert fail(db, settings, address=f"2001:db8:1:2::{host}") == "not-signed-in"
        assert wait_of(db, settings, "2001:db8:1:2:ffff::1") == 1
        assert sign_in(db, settings, LEAD, PASSWORD, "2001:db8:1:3::1")


def test_of_many_tries_at_one_moment_only_the_free_ones_are_looked_at(
    db: Database, settings: Settings, world: World
) -> None:
    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(lambda _: fail(db, settings), range(12)))
    assert codes.count("not-signed-in") == FREE_FAILURES + 1
    assert codes.count("too-many-tries") == 12 - FREE_FAILURES - 1


def test_a_known_browser_is_let_through_and_has_a_count_of_its_own(
    db: Database, settings: Settings, world: World
) -> None:
    cookie = with_account(settings, None, LEAD)
    known = known_as(settings, cookie, LEAD)
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        assert sign_in(db, settings, LEAD, PASSWORD, HERE, known)
        assert wait_of(db, settings) == 32
        fail_ten_times(db, settings, clock, device=known)
        assert wait_of(db, settings, device=known) == 32
        assert wait_of(db, settings, ELSEWHERE, known) == 32


def test_fifty_failures_of_a_place_stop_a_known_browser_as_well(db: Database, settings: Settings, world: World) -> None:
    known = known_as(settings, with_account(settings, None, LEAD), LEAD)
    with time_machine.travel(NOON, tick=False):
        for index in range(FAILURES_PER_PLACE):
            fail(db, settings, f"person-{index}@example.org")
        assert wait_of(db, settings, device=known) == COUNTED_FOR.total_seconds()


def test_a_browser_is_known_to_those_who_signed_in_on_it_and_to_nobody_else(settings: Settings) -> None:
    cookie = with_account(settings, with_account(settings, None, LEAD), "adviser@example.org")
    assert known_as(settings, cookie, " Lead@Example.org ")
    assert known_as(settings, cookie, LEAD) != known_as(settings, cookie, "adviser@example.org")
    assert known_as(settings, cookie, "admin@example.org") == ""
    assert "lead" not in cookie
    for nothing in (None, "", "x", cookie[:-2], cookie + "x", f"{'a' * 5000}"):
        assert known_as(settings, nothing, LEAD) == ""
    assert known_as(settings.model_copy(update={"secret_key": "another"}), cookie, LEAD) == ""
    with time_machine.travel(datetime.now(UTC) + KNOWN_FOR + timedelta(days=1)):
        assert known_as(settings, cookie, LEAD) == ""


def test_of_many_who_share_a_browser_the_last_ten_are_known(settings: Settings) -> None:
    cookie = None
    for index in range(12):
        cookie = with_account(settings, cookie, f"person-{index}@example.org")
    known = [bool(known_as(settings, cookie, f"person-{index}@example.org")) for index in range(12)]
    assert known == [False] * 2 + [True] * 10
    assert len(cookie or "") < 1000


def enter(client: FlaskClient, password: str, address: str = HERE, **data: str):
    """Try to sign in, from an address."""
    form = {"csrf_token": form_token(client), "email": LEAD, "password": password} | data
    return client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": address})


def test_the_page_says_in_words_and_in_a_header_how_long_to_wait(app: Flask, world: World) -> None:
    client = app.test_client()
    with time_machine.travel(NOON, tick=False) as clock:
        for failures in range(6):
            clock.shift(wait_after(failures))
            assert enter(client, "wrong").status_code == 400
        answer = enter(client, PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert "Too many tries. Wait 2 seconds, then try again." in answer.text
    assert f'value="{LEAD}"' in answer.text


def test_who_signed_in_on_this_browser_before_gets_in_where_a_colleague_guesses(
    app: Flask, db: Database, settings: Settings, world: World
) -> None:
    mine, guessing = app.test_client(), app.test_client()
    assert enter(mine, PASSWORD).status_code == 303
    post(mine, "/sign-out")
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        assert enter(guessing, PASSWORD).status_code == 429
        assert enter(mine, "wrong").status_code == 400
        assert enter(mine, PASSWORD).status_code == 303


def test_the_cookie_of_a_known_browser_is_for_the_service_alone(settings: Settings, db: Database, world: World) -> None:
    answer = enter(application(settings, db).test_client(), PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("easy-to-reach-device="))
    for flag in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={int(KNOWN_FOR.total_seconds())}"):
        assert flag in cookie
    assert "Domain" not in cookie


def test_a_wrong_password_leaves_no_such_cookie(app: Flask, world: World) -> None:
    cookies = enter(app.test_client(), "wrong").headers.getlist("Set-Cookie")
    assert not [cookie for cookie in cookies if "device" in cookie]


def test_over_https_the_cookie_of_a_known_browser_belongs_to_this_very_host(
    settings: Settings, db: Database, world: World
) -> None:
    app = application(settings.model_copy(update={"public_url": "https://texts.example.org"}), db)
    client, https = app.test_client(), {"base_url": "https://texts.example.org"}
    token = client.get("/sign-in", **https).text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "email": LEAD, "password": PASSWORD}
    answer = client.post("/sign-in", data=form, headers={"Referer": "https://texts.example.org/sign-in"}, **https)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "-device=" in c)
    assert cookie.startswith("__Host-easy-to-reach-device=")
    assert "Secure" in cookie


def test_guessing_never_touches_the_account_of_another(db: Database, settings: Settings, world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        fail_ten_times(db, settings, clock)
        assert sign_in(db, settings, f"{Role.ADMIN}@example.org", PASSWORD, HERE)
