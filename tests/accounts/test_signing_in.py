"""Signing in: who may, how often one may try, and what a session survives."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.accounts import signing_in
from bot.accounts.accounts import end_all_sessions
from bot.accounts.closing import close_account
from bot.accounts.sessions import account_of_session, open_session
from bot.accounts.signing_in import sign_in
from bot.accounts.tries import FREE_FAILURES
from bot.audit import AuditEntry
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import AccountSession, Role
from tests.accounts.conftest import PASSWORD, SignIn, World, post
from tests.factories import make_account

LEAD = "lead@example.org"


def _fail(db: Database, settings: Settings, email: str = LEAD, address: str = "192.0.2.1") -> str:
    with pytest.raises(Refused) as refused:
        sign_in(db, settings, email, "wrong", address)
    return refused.value.code


def test_the_right_password_signs_in_whatever_the_case_of_the_email(db: Database, settings: Settings, world: World):
    account = sign_in(db, settings, " Lead@Example.org ", PASSWORD, "192.0.2.1")
    assert account.id == world.accounts[Role.LEAD].id
    with db.read() as session:
        assert session.exec(select(AuditEntry.action)).all() == ["signed-in"]


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(db: Database, settings: Settings, world: World):
    answers = []
    for email in (LEAD, "nobody@example.org"):
        with pytest.raises(Refused) as refused:
            sign_in(db, settings, email, "wrong", "192.0.2.1")
        answers.append((refused.value.code, refused.value.message))
    assert answers[0] == answers[1]


def test_an_unknown_account_costs_a_hash_like_any_other(
    db: Database, settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str | None] = []
    monkeypatch.setattr(signing_in, "password_fits", lambda hashed, _password: asked.append(hashed) or False)
    _fail(db, settings, "nobody@example.org")
    assert asked == [None]


def test_a_closed_account_cannot_sign_in(db: Database, settings: Settings, world: World):
    from bot.audit import CONSOLE

    close_account(db, world.accounts[Role.LEAD].id or 0, CONSOLE)
    with pytest.raises(Refused):
        sign_in(db, settings, LEAD, PASSWORD, "192.0.2.1")


def test_a_demo_account_cannot_sign_in_in_live(db: Database, world: World):
    live = Settings(
        mode="live",
        secret_key="a-long-secret-for-tests-of-no-value",
        twilio_account_sid="AC1",
        twilio_auth_token="token",
        twilio_from="+441632960001",
        public_url="https://texts.example.org",
    )
    known = world.accounts[Role.LEAD].password_hash
    make_account(db, Role.LEAD, practice=world.practice, email="d@demo.example", password_hash=known, demo=True)
    with pytest.raises(Refused):
        sign_in(db, live, "d@demo.example", PASSWORD, "192.0.2.1")


def test_signing_in_starts_a_new_session(app: Flask, world: World):
    client = app.test_client()
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    post(client, "/sign-in", {"email": LEAD, "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert set(session) == {"_permanent", "key"}
    assert client.get("/").status_code == 200


def test_a_wrong_password_is_told_at_the_top_and_at_the_field(client: FlaskClient, world: World):
    answer = post(client, "/sign-in", {"email": LEAD, "password": "wrong"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "nhsuk-error-summary" in page
    assert f'value="{LEAD}"' in page


def test_signing_out_ends_the_session_here(signed_in: SignIn):
    client = signed_in(Role.LEAD)
    post(client, "/sign-out")
    assert client.get("/").status_code == 303


def test_a_copied_cookie_is_worth_nothing_once_somebody_has_signed_out(app: Flask, signed_in: SignIn):
    mine = signed_in(Role.LEAD)
    stolen = copy_of(app, mine)
    assert stolen.get("/").status_code == 200
    post(mine, "/sign-out")
    assert stolen.get("/").status_code == 303
    assert post(stolen, "/account", {"old": PASSWORD}).status_code == 303


def test_signing_out_here_leaves_another_browser_alone(signed_in: SignIn):
    here, there = signed_in(Role.LEAD), signed_in(Role.LEAD)
    post(here, "/sign-out")
    assert there.get("/").status_code == 200


def test_signing_out_for_one_organisation_ends_the_session_everywhere(app: Flask, signed_in: SignIn):
    mine = signed_in(Role.LEAD)
    stolen = copy_of(app, mine)
    assert post(mine, "/for/STATION/sign-out").status_code == 303
    assert stolen.get("/for/STATION/").status_code == 303


def test_signing_in_again_ends_the_session_this_browser_had(app: Flask, signed_in: SignIn):
    mine = signed_in(Role.LEAD)
    stolen = copy_of(app, mine)
    post(mine, "/sign-in", {"email": LEAD, "password": PASSWORD})
    assert mine.get("/").status_code == 200
    assert stolen.get("/").status_code == 303


def test_signing_out_is_in_the_audit_trail_once(db: Database, signed_in: SignIn, world: World):
    mine = signed_in(Role.LEAD)
    post(mine, "/sign-out")
    post(mine, "/sign-out")
    with db.read() as session:
        entry = session.exec(select(AuditEntry)).one()
    lead = world.accounts[Role.LEAD].id
    assert (entry.action, entry.user_id, entry.subject) == ("signed-out", lead, f"account:{lead}")


def test_a_session_is_kept_as_a_hash_until_it_ends(db: Database, settings: Settings, world: World):
    key = open_session(db, settings, world.accounts[Role.LEAD])
    with db.read() as session:
        row = session.exec(select(AccountSession)).one()
        assert key not in str(row)
        assert account_of_session(session, settings, key)
        assert account_of_session(session, settings, row.key_hash) is None
    with time_machine.travel(row.ends_at + timedelta(minutes=1), tick=False), db.read() as session:
        assert account_of_session(session, settings, key) is None


def copy_of(app: Flask, browser: FlaskClient) -> FlaskClient:
    """Somebody who has got hold of the cookie."""
    thief, cookie = app.test_client(), browser.get_cookie("easy-to-reach")
    assert cookie is not None
    thief.set_cookie("easy-to-reach", cookie.value)
    return thief


def test_signing_out_everywhere_ends_a_copied_session_too(app: Flask, signed_in: SignIn):
    mine, copied = signed_in(Role.LEAD), signed_in(Role.LEAD)
    post(mine, "/sign-out", {"everywhere": "yes"})
    assert copied.get("/").status_code == 303


def test_ending_the_sessions_of_one_account_leaves_others_alone(db: Database, signed_in: SignIn, world: World):
    lead, admin = signed_in(Role.LEAD), signed_in(Role.ADMIN)
    end_all_sessions(db, world.accounts[Role.LEAD].id or 0)
    assert lead.get("/").status_code == 303
    assert admin.get("/").status_code == 200


def test_the_present_password_cannot_be_guessed_by_who_has_got_hold_of_a_session(signed_in: SignIn):
    words = {"password": "kettle anchor violet", "again": "kettle anchor violet"}
    with time_machine.travel("2026-12-03T12:00:00Z", tick=False):
        thief = signed_in(Role.LEAD)
        for _ in range(FREE_FAILURES + 1):
            assert post(thief, "/account", words | {"old": "wrong"}).status_code == 400
        answer = post(thief, "/account", words | {"old": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "Wait 1 second" in answer.text


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(signed_in: SignIn):
    here, there = signed_in(Role.LEAD), signed_in(Role.LEAD)
    words = {"old": PASSWORD, "password": "kettle anchor violet", "again": "kettle anchor violet"}
    assert post(here, "/account", words).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
