"""Accounts: invitations, one-time links, passwords people would guess, and closing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bot.accounts.accounts import invite_account, renew_link, set_password
from bot.accounts.closing import close_account
from bot.accounts.commands import users
from bot.accounts.demo import DEMO_PASSWORD, create_demo_accounts
from bot.accounts.memberships import all_acting
from bot.accounts.passwords import check_password
from bot.accounts.signing_in import sign_in
from bot.audit import CONSOLE, AuditEntry
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Membership, PasswordLink, Role, UserAccount, actor_of
from tests.accounts.conftest import SignIn, World, post

GOOD = "kettle anchor violet"


def _invite(db: Database, settings: Settings, role: Role = Role.PRACTICE, code: str | None = "STATION") -> str:
    link = invite_account(db, settings, "New.Person@Example.org", role, code, CONSOLE)
    assert link is not None
    return link.rsplit("/", 1)[1]


def test_an_invited_person_sets_a_password_and_signs_in(db: Database, settings: Settings, world: World):
    set_password(db, settings, _invite(db, settings), GOOD)
    account = sign_in(db, settings, "new.person@example.org", GOOD, "192.0.2.1")
    assert works_as(db, account) == [("STATION", {Role.PRACTICE})]


def test_the_link_is_ours_and_its_token_is_not_kept(db: Database, settings: Settings, world: World):
    link = invite_account(db, settings, "a@example.org", Role.ADMIN, None, CONSOLE)
    token = (link or "").removeprefix(f"{settings.base_url}/set-password/")
    assert len(token) > 40
    with db.read() as session:
        assert session.exec(select(PasswordLink)).one().token_hash != token


def test_a_link_works_once(db: Database, settings: Settings, world: World):
    token = _invite(db, settings)
    set_password(db, settings, token, GOOD)
    with pytest.raises(Refused, match="used or is too old"):
        set_password(db, settings, token, GOOD)


def test_a_link_ends_after_48_hours(db: Database, settings: Settings, world: World):
    with time_machine.travel(datetime(2026, 12, 3, 12, tzinfo=UTC), tick=False) as clock:
        token = _invite(db, settings)
        clock.shift(timedelta(hours=48))
        with pytest.raises(Refused):
            set_password(db, settings, token, GOOD)


def test_using_one_link_spends_the_others_of_the_account(db: Database, settings: Settings, world: World):
    first, second = _invite(db, settings), _invite(db, settings)
    set_password(db, settings, second, GOOD)
    with pytest.raises(Refused):
        set_password(db, settings, first, GOOD)


def test_a_refused_password_does_not_spend_the_link(db: Database, settings: Settings, world: World):
    token = _invite(db, settings)
    with pytest.raises(Refused):
        set_password(db, settings, token, "short")
    assert set_password(db, settings, token, GOOD)


@pytest.mark.parametrize(
    ("role", "code", "refused"),
    [
        (Role.LEAD, None, "needs-practice"),
        (Role.PRACTICE, "CAB", "needs-practice"),
        (Role.PARTNER, "STATION", "needs-partner"),
        (Role.PARTNER, None, "needs-partner"),
        (Role.PHARMACY, "STATION", "needs-pharmacy"),
        (Role.PHARMACY, None, "needs-pharmacy"),
        (Role.LEAD, "NOWHERE", "unknown-organisation"),
        (Role.REVIEWER, "NOWHERE", "unknown-organisation"),
    ],
)
def test_a_role_belongs_to_the_right_kind_of_organisation(
    db: Database, settings: Settings, world: World, role: Role, code: str | None, refused: str
):
    with pytest.raises(Refused) as caught:
        _invite(db, settings, role, code)
    assert caught.value.code == refused


def test_who_is_invited_again_has_the_other_role_too(db: Database, settings: Settings, world: World):
    _invite(db, settings)
    _invite(db, settings, Role.LEAD)
    account = set_password(db, settings, _invite(db, settings, Role.LEAD, "BRIDGE"), GOOD)
    assert works_as(db, account) == [("STATION", {Role.PRACTICE, Role.LEAD}), ("BRIDGE", {Role.LEAD})]


def test_inviting_again_to_the_same_changes_nothing_and_gives_another_link(
    db: Database, settings: Settings, world: World
):
    assert _invite(db, settings) != _invite(db, settings)
    with db.read() as session:
        account = session.exec(select(UserAccount).where(UserAccount.email == "new.person@example.org")).one()
    assert works_as(db, account) == [("STATION", {Role.PRACTICE})]


@pytest.mark.parametrize(("role", "code"), [(Role.PRACTICE, "STATION"), (Role.LEAD, "BRIDGE"), (Role.ADMIN, None)])
def test_who_has_a_password_gets_no_link_and_signs_in_as_before(
    db: Database, settings: Settings, world: World, role: Role, code: str | None
):
    account = set_password(db, settings, _invite(db, settings), GOOD)
    assert invite_account(db, settings, account.email, role, code, CONSOLE) is None
    assert invite_account(db, settings, account.email, role, code, CONSOLE) is None
    assert sign_in(db, settings, account.email, GOOD, "192.0.2.1").session_epoch == account.session_epoch
    assert len([place for place, roles in works_as(db, account) if place == code and role in roles]) == 1


def test_a_closed_account_gets_no_role(db: Database, settings: Settings, world: World):
    close_account(db, world.accounts[Role.LEAD].id or 0, CONSOLE)
    with pytest.raises(Refused) as caught:
        invite_account(db, settings, "lead@example.org", Role.LEAD, "BRIDGE", CONSOLE)
    assert caught.value.code == "account-closed"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_an_administrator_gives_roles(db: Database, settings: Settings, world: World, role: Role):
    somebody = actor_of(world.accounts[role])
    with pytest.raises(Refused, match="Only an administrator"):
        invite_account(db, settings, "friend@example.org", role, "STATION", somebody)
    with pytest.raises(Refused, match="Only an administrator"):
        close_account(db, world.accounts[Role.ADMIN].id or 0, somebody)


def test_an_administrator_acts_for_the_whole_service_alone(db: Database, settings: Settings, world: World):
    invite_account(db, settings, "a@example.org", Role.ADMIN, "STATION", CONSOLE)
    with db.read() as session:
        account = session.exec(select(UserAccount).where(UserAccount.email == "a@example.org")).one()
    assert works_as(db, account) == [(None, {Role.ADMIN})]
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(Membership(user_id=account.id, role=Role.ADMIN, organisation="STATION"))


def works_as(db: Database, account: UserAccount) -> list[tuple[str | None, set[Role]]]:
    with db.read() as session:
        return [(acting.code, set(acting.roles)) for acting in all_acting(session, account.id or 0)]


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.org", "a@example.org, b@example.org"])
def test_what_is_not_an_email_address_is_refused(db: Database, settings: Settings, world: World, email: str):
    with pytest.raises(Refused) as caught:
        invite_account(db, settings, email, Role.ADMIN, None, CONSOLE)
    assert caught.value.code == "bad-email"


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "password1234",
        "Password123456",
        "P@ssw0rd1234",
        "qwertyuiop123",
        "letmeinletmein",
        "aaaaaaaaaaaa",
        "abababababab",
        "123456789012",
        "abcdefghijklm",
        "easy-to-reach-2026",
        "Easy to Reach!",
        "samira.khan.1980",
        "samira.khan@example.org",
        "x" * 201,
    ],
)
def test_a_password_others_would_guess_is_refused(password: str):
    with pytest.raises(Refused):
        check_password(password, "samira.khan@example.org")


@pytest.mark.parametrize("password", [GOOD, "зимний чайник тёплый", "correct staple river 9", DEMO_PASSWORD])
def test_three_words_in_any_script_are_a_good_password(password: str):
    check_password(password, "samira.khan@example.org")


def test_a_closed_account_gets_no_new_link(db: Database, settings: Settings, world: World):
    account_id = world.accounts[Role.LEAD].id or 0
    close_account(db, account_id, CONSOLE)
    with pytest.raises(Refused):
        renew_link(db, settings, account_id, CONSOLE)


def test_every_deed_is_in_the_audit_trail_without_the_email(db: Database, settings: Settings, world: World):
    set_password(db, settings, _invite(db, settings), GOOD)
    with db.read() as session:
        entries = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    assert [entry.action for entry in entries] == ["account-created", "password-link-made", "password-set"]
    assert "example.org" not in str([(entry.actor, entry.subject, entry.detail) for entry in entries])


def test_demo_accounts_sign_in_with_the_demo_password(db: Database, settings: Settings, world: World):
    with db.write() as session:
        create_demo_accounts(session, settings, world.practice, world.partner)
    assert sign_in(db, settings, "lead@demo.example", DEMO_PASSWORD, "192.0.2.1").demo


def test_demo_accounts_cannot_be_made_in_live(db: Database, settings: Settings, world: World):
    live = settings.model_copy(update={"mode": "live"})
    with pytest.raises(Refused), db.write() as session:
        create_demo_accounts(session, live, world.practice, world.partner)
    with db.read() as session:
        assert not session.exec(select(UserAccount).where(UserAccount.demo)).all()


def test_the_sign_in_page_of_the_demo_names_its_accounts(
    client: FlaskClient, db: Database, settings: Settings, world: World
):
    with db.write() as session:
        create_demo_accounts(session, settings, world.practice, world.partner)
    page = client.get("/sign-in").get_data(as_text=True)
    assert "partner@demo.example" in page
    assert DEMO_PASSWORD in page
    assert "lead@example.org" not in page


def test_the_page_of_a_link_sets_the_password_and_signs_in(
    client: FlaskClient, db: Database, settings: Settings, world: World
):
    path = f"/set-password/{_invite(db, settings)}"
    assert post(client, path, {"password": GOOD, "again": "another"}).status_code == 400
    assert post(client, path, {"password": GOOD, "again": GOOD}).status_code == 303
    assert client.get("/").status_code == 200


def test_the_administrator_invites_and_sees_the_link_once(signed_in: SignIn, world: World):
    client = signed_in(Role.ADMIN)
    data = {"email": "n@example.org", "role": "lead", "organisation": "STATION"}
    page = post(client, "/accounts", data).get_data(as_text=True)
    assert "/set-password/" in page
    assert "/set-password/" not in client.get("/accounts").get_data(as_text=True)


def test_the_administrator_closes_an_account_but_not_the_own(signed_in: SignIn, world: World):
    client, lead = signed_in(Role.ADMIN), signed_in(Role.LEAD)
    post(client, f"/accounts/{world.accounts[Role.LEAD].id}/close")
    assert lead.get("/").status_code == 303
    post(client, f"/accounts/{world.accounts[Role.ADMIN].id}/close")
    assert client.get("/accounts").status_code == 200


def test_a_refusal_is_shown_on_the_page_where_the_button_was(signed_in: SignIn):
    client = signed_in(Role.ADMIN)
    answer = post(
        client,
        "/accounts",
        {"email": "nobody", "role": "lead", "organisation": "STATION"},
        headers={"Referer": "http://localhost/accounts"},
        follow_redirects=True,
    )
    assert "is not an email address" in answer.get_data(as_text=True)


def test_a_lead_sees_the_deeds_of_the_own_practice_only(
    db: Database, settings: Settings, signed_in: SignIn, world: World
):
    invite_account(db, settings, "b@example.org", Role.LEAD, "BRIDGE", CONSOLE)
    admin, lead = signed_in(Role.ADMIN), signed_in(Role.LEAD)
    assert "made an account for" in admin.get("/audit").get_data(as_text=True)
    assert "made an account for" not in lead.get("/audit").get_data(as_text=True)


def test_users_add_prints_the_link_as_json(db: Database, settings: Settings, world: World):
    console = Console()
    console.__dict__ |= {"settings": settings, "database": db}
    arguments = ["add", "C@example.org", "--role", "lead", "--organisation", "STATION", "--json"]
    result = CliRunner().invoke(users, arguments, obj=console)
    answer = json.loads(result.stdout)
    assert answer["email"] == "c@example.org"
    assert answer["role"] == "lead"
    assert answer["link"].startswith(f"{settings.base_url}/set-password/")


def test_users_add_says_that_who_has_a_password_needs_no_link(db: Database, settings: Settings, world: World):
    console = Console()
    console.__dict__ |= {"settings": settings, "database": db}
    arguments = ["add", "lead@example.org", "--role", "partner", "--organisation", "CAB"]
    assert "signs in as before" in CliRunner().invoke(users, arguments, obj=console).stdout
    answer = json.loads(CliRunner().invoke(users, [*arguments, "--json"], obj=console).stdout)
    assert answer == {"email": "lead@example.org", "role": "partner", "link": None}
