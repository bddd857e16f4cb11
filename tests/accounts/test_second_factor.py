"""The second factor: asked for in live, set up at the first sign-in, each code once."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from bot.accounts.accounts import renew_link
from bot.accounts.second_factor import (
    check_second_factor,
    confirm_second_factor,
    prepare_second_factor,
    recovery_codes_left,
    reset_second_factor,
    secret_of,
)
from bot.accounts.tries import FAILED_CODES_PER_ACCOUNT, FREE_FAILURES, TooManyTries, wait_after
from bot.audit import CONSOLE
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from tests.accounts.conftest import PASSWORD, World, csrf_token
from tests.applications import application, form_token

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
FAILURES = FREE_FAILURES + 1
NOON = datetime(2025, 12, 3, 12, tzinfo=UTC)
LIVE = Settings(
    mode="live",
    secret_key="a-long-secret-for-tests-of-no-value",
    twilio_account_sid="AC1",
    twilio_auth_token="token",
    twilio_from="+441632960001",
    twilio_api_url="http://127.0.0.1:9",
)


def account(db: Database, world: World) -> UserAccount:
    with db.read() as session:
        return session.get_one(UserAccount, world.accounts[Role.LEAD].id)


def code_at(db: Database, world: World, moment: datetime) -> str:
    return pyotp.TOTP(secret_of(LIVE, account(db, world))).at(moment)


@pytest.fixture
def lead(db: Database, world: World) -> int:
    """A lead who has set up an app at noon; gives the number of the account."""
    lead_id = world.accounts[Role.LEAD].id or 0
    prepare_second_factor(db, LIVE, lead_id)
    with time_machine.travel(NOON, tick=False):
        confirm_second_factor(db, LIVE, lead_id, code_at(db, world, NOON), HERE)
    return lead_id


@pytest.mark.parametrize(("off", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_wrong(db: Database, world: World, lead: int, off: int, right: bool) -> None:
    later = NOON + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        code = code_at(db, world, later + timedelta(seconds=off))
        if right:
            assert check_second_factor(db, LIVE, lead, code, HERE).id == lead
            return
        with pytest.raises(Refused) as refused:
            check_second_factor(db, LIVE, lead, code, HERE)
        assert refused.value.code == "wrong-code"


def test_a_code_counts_once(db: Database, world: World, lead: int) -> None:
    later = NOON + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        check_second_factor(db, LIVE, lead, code_at(db, world, later), HERE)
        with pytest.raises(Refused):
            check_second_factor(db, LIVE, lead, code_at(db, world, later), HERE)
        with pytest.raises(Refused):
            check_second_factor(db, LIVE, lead, code_at(db, world, later - timedelta(seconds=30)), HERE)
        assert check_second_factor(db, LIVE, lead, code_at(db, world, later + timedelta(seconds=30)), HERE)


def test_the_code_that_set_the_app_up_does_not_sign_in_as_well(db: Database, world: World, lead: int) -> None:
    with time_machine.travel(NOON, tick=False), pytest.raises(Refused):
        check_second_factor(db, LIVE, lead, code_at(db, world, NOON), HERE)


def test_after_five_wrong_codes_the_account_waits(db: Database, world: World, lead: int) -> None:
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False) as clock:
        for _ in range(FAILURES):
            with pytest.raises(Refused) as refused:
                check_second_factor(db, LIVE, lead, "000000", HERE)
            assert refused.value.code == "wrong-code"
        with pytest.raises(Refused) as refused:
            check_second_factor(db, LIVE, lead, code_at(db, world, NOON + timedelta(minutes=5)), HERE)
        assert refused.value.code == "too-many-tries"
        clock.shift(timedelta(minutes=16))
        assert check_second_factor(db, LIVE, lead, code_at(db, world, NOON + timedelta(minutes=21)), HERE)


def test_wrong_codes_at_one_place_do_not_keep_the_owner_out_from_another(db: Database, world: World, lead: int) -> None:
    later = NOON + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        for _ in range(FAILURES):
            with pytest.raises(Refused):
                check_second_factor(db, LIVE, lead, "000000", HERE)
        with pytest.raises(TooManyTries) as refused:
            check_second_factor(db, LIVE, lead, code_at(db, world, later), HERE)
        assert refused.value.seconds == 1
        assert check_second_factor(db, LIVE, lead, code_at(db, world, later), ELSEWHERE)


def test_recovery_codes_are_counted_like_those_of_the_app(db: Database, world: World, lead: int) -> None:
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False) as clock:
        for failures in range(10):
            clock.shift(wait_after(failures))
            with pytest.raises(Refused, match="not right"):
                check_second_factor(db, LIVE, lead, "aaaa-bbbb-cccc-dddd", HERE)
        with pytest.raises(TooManyTries) as refused:
            check_second_factor(db, LIVE, lead, "aaaa-bbbb-cccc-dddd", HERE)
        assert refused.value.seconds == 32


def test_who_guesses_codes_from_many_places_waits_after_twenty(db: Database, world: World, lead: int) -> None:
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        for host in range(FAILED_CODES_PER_ACCOUNT):
            with pytest.raises(Refused, match="not right"):
                check_second_factor(db, LIVE, lead, "000000", f"198.51.100.{host}")
        with pytest.raises(TooManyTries, match="60 minutes"):
            check_second_factor(db, LIVE, lead, "000000", HERE)


def test_a_recovery_code_signs_in_once(db: Database, world: World) -> None:
    lead_id = world.accounts[Role.LEAD].id or 0
    prepare_second_factor(db, LIVE, lead_id)
    with time_machine.travel(NOON, tick=False):
        first, *others = confirm_second_factor(db, LIVE, lead_id, code_at(db, world, NOON), HERE)
    assert check_second_factor(db, LIVE, lead_id, first.upper(), HERE).id == lead_id
    with pytest.raises(Refused):
        check_second_factor(db, LIVE, lead_id, first, HERE)
    with db.read() as session:
        assert recovery_codes_left(session, lead_id) == len(others) == 7


def test_the_secret_is_not_readable_in_the_database(db: Database, world: World, lead: int) -> None:
    stored = account(db, world).totp_secret or ""
    assert secret_of(LIVE, account(db, world)) not in stored
    with pytest.raises(Refused) as refused:
        secret_of(LIVE.model_copy(update={"secret_key": "another"}), account(db, world))
    assert refused.value.code == "second-factor-unreadable"


def test_an_administrator_resets_it_and_the_sessions_end(db: Database, world: World, lead: int) -> None:
    epoch = account(db, world).session_epoch
    reset_second_factor(db, LIVE, lead, CONSOLE)
    after = account(db, world)
    assert (after.totp_secret, after.totp_since, after.session_epoch) == (None, None, epoch + 1)
    with db.read() as session:
        assert recovery_codes_left(session, lead) == 0


def test_who_waits_after_wrong_codes_of_a_lost_phone_sets_up_a_new_one_at_once(
    db: Database, world: World, lead: int
) -> None:
    later = NOON + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        for _ in range(FAILURES + 1):
            with pytest.raises(Refused):
                check_second_factor(db, LIVE, lead, "000000", HERE)
        reset_second_factor(db, LIVE, lead, CONSOLE)
        prepare_second_factor(db, LIVE, lead)
        assert confirm_second_factor(db, LIVE, lead, code_at(db, world, later), HERE)
        with pytest.raises(Refused) as refused:
            check_second_factor(db, LIVE, lead, "000000", HERE)
        assert refused.value.code == "wrong-code"


@pytest.fixture
def live(db: Database, world: World) -> Flask:
    return application(LIVE, db)


def password_given(client: FlaskClient, next_page: str = "/campaigns") -> str:
    """Where the right password leads."""
    form = {"csrf_token": form_token(client), "email": "lead@example.org", "password": PASSWORD, "next": next_page}
    return client.post("/sign-in", data=form).location


def enter(client: FlaskClient, path: str, code: str):
    return client.post(path, data={"csrf_token": csrf_token(client, path), "code": code})


def test_in_live_the_password_alone_opens_nothing(live: Flask) -> None:
    client = live.test_client()
    assert password_given(client) == "/second-factor"
    assert client.get("/inbox").location.startswith("/sign-in")
    assert client.get("/second-factor").location == "/second-factor/set-up"


def test_the_first_sign_in_sets_up_an_app_and_shows_recovery_codes_once(live: Flask) -> None:
    client = live.test_client()
    password_given(client)
    page = client.get("/second-factor/set-up").get_data(as_text=True)
    assert "<svg" in page
    assert "style=" not in page.split("<svg", 1)[1].split("</svg>", 1)[0]
    letters = re.search(r'etr-secret">([A-Z2-7 ]+)<', page)
    assert letters
    shown = enter(client, "/second-factor/set-up", pyotp.TOTP(letters[1].replace(" ", "")).now())
    assert len(re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", shown.get_data(as_text=True))) == 8
    assert 'href="/campaigns"' in shown.get_data(as_text=True)
    assert client.get("/inbox").status_code == 200
    assert client.get("/second-factor/set-up").status_code == 303
    assert "8 recovery codes are left" in client.get("/account").get_data(as_text=True)


def test_the_next_sign_in_asks_for_a_code_and_goes_where_the_person_wanted(
    live: Flask, db: Database, world: World, lead: int
) -> None:
    client = live.test_client()
    password_given(client)
    assert enter(client, "/second-factor", "123456").status_code == 400
    moment = datetime.now(UTC)
    assert enter(client, "/second-factor", code_at(db, world, moment)).location == "/campaigns"
    assert client.get("/inbox").status_code == 200


def test_a_browser_where_somebody_signed_in_before_guesses_no_codes(
    live: Flask, db: Database, world: World, lead: int
) -> None:
    client = live.test_client()
    password_given(client)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        enter(client, "/second-factor", code_at(db, world, datetime.now(UTC)))
        assert client.get_cookie("easy-to-reach-device")
        password_given(client)
        for _ in range(FAILURES):
            assert enter(client, "/second-factor", "000000").status_code == 400
        answer = enter(client, "/second-factor", code_at(db, world, datetime.now(UTC) + timedelta(seconds=30)))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert "Wait 1 second, then try again." in answer.text
        clock.shift(timedelta(seconds=1))
        code = code_at(db, world, datetime.now(UTC) + timedelta(seconds=30))
        assert enter(client, "/second-factor", code).status_code == 303


def test_a_password_alone_makes_no_browser_known(live: Flask, lead: int) -> None:
    client = live.test_client()
    password_given(client)
    assert client.get_cookie("easy-to-reach-device") is None


def test_giving_the_password_again_ends_the_session_this_browser_had(
    live: Flask, db: Database, world: World, lead: int
) -> None:
    mine, thief = live.test_client(), live.test_client()
    password_given(mine)
    enter(mine, "/second-factor", code_at(db, world, datetime.now(UTC)))
    thief.set_cookie("easy-to-reach", mine.get_cookie("easy-to-reach").value)
    assert thief.get("/inbox").status_code == 200
    password_given(mine)
    assert thief.get("/inbox").status_code == 303


def test_the_code_must_come_within_ten_minutes_of_the_password(live: Flask, lead: int) -> None:
    client = live.test_client()
    password_given(client)
    token = csrf_token(client, "/second-factor")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        answer = client.post("/second-factor", data={"csrf_token": token, "code": "123456"})
    assert answer.status_code == 409
    assert "Sign in again" in answer.get_data(as_text=True)


def test_a_new_password_does_not_go_round_the_second_factor(live: Flask, db: Database, lead: int) -> None:
    link = renew_link(db, LIVE, lead, CONSOLE)
    path = link.removeprefix(LIVE.base_url)
    client = live.test_client()
    form = {"csrf_token": csrf_token(client, path), "password": "kettle anchor violet", "again": "kettle anchor violet"}
    assert client.post(path, data=form).location == "/second-factor"
    assert client.get("/inbox").status_code == 303


def test_nothing_planted_in_a_session_survives_either_step(live: Flask, db: Database, world: World, lead: int) -> None:
    client = live.test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    password_given(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        session["planted"] = "again"
    enter(client, "/second-factor", code_at(db, world, datetime.now(UTC)))
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "half" not in session


def test_the_demo_asks_for_no_code(app: Flask, world: World) -> None:
    assert password_given(app.test_client()) == "/campaigns"
