"""Closing an account asks first, and can be undone; somebody who can manage accounts is always left."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlmodel import select

from bot.accounts.accounts import invite_account, set_password
from bot.accounts.closing import close_account, held_by_nobody_else, reopen_account
from bot.accounts.commands import users
from bot.accounts.second_factor import check_second_factor
from bot.accounts.signing_in import sign_in
from bot.audit import CONSOLE, AuditEntry
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from tests.accounts.conftest import PASSWORD, SignIn, World, post
from tests.accounts.test_accounts import GOOD, works_as
from tests.accounts.test_second_factor import HERE, LIVE
from tests.applications import browser_of
from tests.authenticators import set_up_app
from tests.factories import join, make_account

LEAD = "lead@example.org"


def state(db: Database, world: World, role: Role) -> UserAccount:
    with db.read() as session:
        return session.get_one(UserAccount, world.accounts[role].id)


def refusal(verb, *arguments) -> str:
    with pytest.raises(Refused) as refused:
        verb(*arguments)
    return refused.value.code


def test_the_page_says_what_closing_does_and_nothing_happens_before_it_is_confirmed(
    db: Database, signed_in: SignIn, world: World
) -> None:
    admin, lead = signed_in(Role.ADMIN), world.accounts[Role.LEAD].id
    assert f'href="/accounts/{lead}/close"' in admin.get("/accounts").text
    page = admin.get(f"/accounts/{lead}/close").text
    for words in (
        "Close this account?",
        LEAD,
        "Lead, Station Practice",
        "signed out everywhere",
        "open the account again",
        f'action="/accounts/{lead}/close"',
    ):
        assert words in page
    assert state(db, world, Role.LEAD).active


def test_the_page_names_roles_that_nobody_else_has(db: Database, app: Flask, signed_in: SignIn, world: World) -> None:
    address = f"/accounts/{world.accounts[Role.LEAD].id}/close"
    assert "Nobody else has this role." in signed_in(Role.ADMIN).get(address).text
    join(db, world.accounts[Role.LEAD], Role.LEAD, world.other)
    make_account(db, Role.LEAD, practice=world.practice, email="second@example.org")
    page = signed_in(Role.ADMIN).get(address).text
    assert "<li>Lead, Bridge Practice</li>" in page
    assert "<li>Lead, Station Practice</li>" not in page


def test_a_role_whose_other_holder_is_closed_is_held_by_nobody_else(db: Database, world: World) -> None:
    lead = world.accounts[Role.LEAD].id or 0
    second = make_account(db, Role.LEAD, practice=world.practice)
    with db.read() as session:
        assert held_by_nobody_else(session, lead) == []
    close_account(db, second.id or 0, CONSOLE)
    with db.read() as session:
        assert [held.role for held in held_by_nobody_else(session, lead)] == [Role.LEAD]


def test_a_closed_account_is_open_again_as_it_was(db: Database, app: Flask, signed_in: SignIn, world: World) -> None:
    admin, lead = signed_in(Role.ADMIN), world.accounts[Role.LEAD]
    before = browser_of(app, lead)
    set_up_app(db, LIVE, lead)
    answer = post(admin, f"/accounts/{lead.id}/close", follow_redirects=True)
    assert f"The account {LEAD} is closed." in answer.text
    assert f'action="/accounts/{lead.id}/reopen"' in answer.text
    answer = post(admin, f"/accounts/{lead.id}/reopen", follow_redirects=True)
    assert f"The account {LEAD} is open again." in answer.text
    assert works_as(db, lead) == [("STATION", {Role.LEAD})]
    assert before.get("/").status_code == 303


def test_who_is_open_again_signs_in_with_the_same_password_and_codes(
    db: Database, settings: Settings, world: World
) -> None:
    lead = world.accounts[Role.LEAD].id or 0
    phone = set_up_app(db, LIVE, world.accounts[Role.LEAD])
    close_account(db, lead, CONSOLE)
    assert refusal(sign_in, db, LIVE, LEAD, PASSWORD, HERE) == "not-signed-in"
    reopen_account(db, lead, CONSOLE)
    assert sign_in(db, LIVE, LEAD, PASSWORD, HERE).id == lead
    assert check_second_factor(db, LIVE, lead, phone.code(), HERE).id == lead


def test_both_are_in_the_audit_trail_of_who_did_it(db: Database, world: World) -> None:
    admin, lead = actor_of(world.accounts[Role.ADMIN]), world.accounts[Role.LEAD].id or 0
    close_account(db, lead, admin)
    reopen_account(db, lead, admin)
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    assert [(entry.action, entry.actor, entry.subject, entry.practice_id) for entry in entries] == [
        (action, f"admin:{admin.user_id}", f"account:{lead}", world.practice.id)
        for action in ("account-closed", "account-reopened")
    ]


def test_closing_what_is_closed_and_opening_what_is_open_change_nothing(
    db: Database, signed_in: SignIn, world: World
) -> None:
    admin, lead = signed_in(Role.ADMIN), world.accounts[Role.LEAD].id
    assert "or it is open already" in post(admin, f"/accounts/{lead}/reopen", follow_redirects=True).text
    post(admin, f"/accounts/{lead}/close")
    epoch = state(db, world, Role.LEAD).session_epoch
    assert "or it was closed" in post(admin, f"/accounts/{lead}/close", follow_redirects=True).text
    assert "is closed already" in admin.get(f"/accounts/{lead}/close", follow_redirects=True).text
    assert state(db, world, Role.LEAD).session_epoch == epoch
    assert refusal(reopen_account, db, 999, CONSOLE) == "not-closed"
    assert admin.get("/accounts/999/close").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_an_administrator_opens_an_account_again(
    db: Database, signed_in: SignIn, world: World, role: Role
) -> None:
    closed = make_account(db, Role.LEAD, practice=world.practice, active=False)
    assert refusal(reopen_account, db, closed.id, actor_of(world.accounts[role])) == "not-allowed"
    assert post(signed_in(role), f"/accounts/{closed.id}/reopen").status_code == 403
    assert signed_in(role).get(f"/accounts/{closed.id}/close").status_code == 403


def test_the_last_administrator_cannot_be_closed(db: Database, settings: Settings, world: World) -> None:
    admin = world.accounts[Role.ADMIN].id or 0
    assert refusal(close_account, db, admin, CONSOLE) == "last-administrator"
    assert refusal(close_account, db, admin, actor_of(world.accounts[Role.ADMIN])) == "own-account"
    link = invite_account(db, settings, "second@example.org", Role.ADMIN, None, CONSOLE) or ""
    assert refusal(close_account, db, admin, CONSOLE) == "last-administrator"
    second = set_password(db, settings, link.rsplit("/", 1)[1], GOOD)
    assert close_account(db, admin, actor_of(second)).active is False
    assert refusal(close_account, db, second.id, CONSOLE) == "last-administrator"


def test_two_administrators_who_close_each_other_leave_one(db: Database, world: World) -> None:
    one = world.accounts[Role.ADMIN]
    two = make_account(db, Role.ADMIN, password_hash=one.password_hash)

    def close(pair: tuple[UserAccount, UserAccount]) -> str:
        try:
            close_account(db, pair[1].id or 0, actor_of(pair[0]))
        except Refused as refused:
            return refused.code
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(close, [(one, two), (two, one)])) == ["closed", "not-allowed"]


def test_an_account_is_closed_and_opened_by_command(db: Database, settings: Settings, world: World) -> None:
    console = Console()
    console.database, console.settings = db, settings

    def run(*words: str):
        return CliRunner().invoke(users, [*words, "--json"], obj=console)

    assert json.loads(run("close", " Lead@Example.org ").stdout) == {"email": LEAD, "open": False}
    assert not state(db, world, Role.LEAD).active
    assert json.loads(run("reopen", LEAD).stdout) == {"email": LEAD, "open": True}
    assert state(db, world, Role.LEAD).active
    codes = [run(*words).exception.code for words in (("close", "nobody@example.org"), ("reopen", LEAD))]
    assert codes == ["unknown-account", "not-closed"]
    assert run("close", LEAD, "--as", "partner@example.org").exception.code == "not-allowed"
