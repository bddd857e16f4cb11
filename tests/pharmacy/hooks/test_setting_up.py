"""Where a system listens is said by its own people, an administrator or the console; the secret is shown once."""

import base64

import pytest
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.pharmacy.hooks.setting_up import (
    drop_former_secret,
    end_webhook,
    rotate_secret,
    send_test,
    set_address,
    try_again,
)
from bot.pharmacy.hooks.signing import unseal
from bot.pharmacy.organising.commands import pharmacies
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Pharmacy, Practice
from bot.tables.pharmacy import Webhook
from tests.factories import make_account, make_practice
from tests.messaging.helpers import live, with_changes
from tests.organisations.conftest import Ask
from tests.organisations.conftest import ask as ask
from tests.pharmacy.organising.making import make_pharmacy

URL = "https://system.example.com/notices"


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def pharmacy(db: Database, practice: Practice) -> Pharmacy:
    return make_pharmacy(db, practice)


@pytest.fixture
def dispenser(db: Database, pharmacy: Pharmacy) -> UserAccount:
    return make_account(db, Role.PHARMACY, pharmacy=pharmacy)


def kept(db: Database, pharmacy: Pharmacy) -> Webhook:
    with db.read() as session:
        return session.get_one(Webhook, pharmacy.id)


def test_the_secret_is_given_once_and_kept_encrypted(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    secret = set_address(db, settings, "PRIORY", URL, CONSOLE)
    assert secret is not None
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    [sealed] = kept(db, pharmacy).secrets
    assert secret not in sealed
    assert unseal(settings, sealed) == secret
    assert unseal(with_changes(settings, secret_key="z" * 40), sealed) is None


def test_another_address_keeps_the_secret(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    set_address(db, settings, "PRIORY", URL, CONSOLE)
    before = kept(db, pharmacy)
    assert set_address(db, settings, "PRIORY", f" {URL}/new ", CONSOLE) is None
    after = kept(db, pharmacy)
    assert (after.url, after.secrets) == (f"{URL}/new", before.secrets)


def test_of_three_secrets_the_oldest_is_gone(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    set_address(db, settings, "PRIORY", URL, CONSOLE)
    made = [rotate_secret(db, settings, "PRIORY", CONSOLE) for _ in range(2)]
    assert [unseal(settings, each) for each in kept(db, pharmacy).secrets] == made[::-1]
    drop_former_secret(db, "PRIORY", CONSOLE)
    assert [unseal(settings, each) for each in kept(db, pharmacy).secrets] == made[1:]


def test_what_is_ended_begins_anew_with_another_secret(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    first = set_address(db, settings, "PRIORY", URL, CONSOLE)
    end_webhook(db, "PRIORY", CONSOLE)
    assert kept(db, pharmacy).secrets == []
    second = set_address(db, settings, "PRIORY", URL, CONSOLE)
    assert second not in (None, first)
    assert kept(db, pharmacy).ended_at is None


def test_without_one_there_is_nothing_to_change(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    for change in (
        lambda: rotate_secret(db, settings, "PRIORY", CONSOLE),
        lambda: drop_former_secret(db, "PRIORY", CONSOLE),
        lambda: end_webhook(db, "PRIORY", CONSOLE),
        lambda: send_test(db, "PRIORY", CONSOLE),
        lambda: try_again(db, "PRIORY", CONSOLE),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "no-webhook"


def test_one_test_at_a_time(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    set_address(db, settings, "PRIORY", URL, CONSOLE)
    send_test(db, "PRIORY", CONSOLE)
    with pytest.raises(Refused) as refused:
        send_test(db, "PRIORY", CONSOLE)
    assert refused.value.code == "test-waits"


def test_its_own_people_and_administrators_alone(
    db: Database, settings: Settings, pharmacy: Pharmacy, practice: Practice, dispenser: UserAccount
) -> None:
    for who in (dispenser, make_account(db, Role.ADMIN)):
        set_address(db, settings, "PRIORY", URL, actor_of(who))
    other = make_pharmacy(db, code="HILL")
    strangers = [
        make_account(db, Role.PHARMACY, pharmacy=other, email="hill@example.org"),
        make_account(db, Role.LEAD, practice=practice, email="lead2@example.org"),
    ]
    for stranger in strangers:
        with pytest.raises(Refused) as refused:
            end_webhook(db, "PRIORY", actor_of(stranger))
        assert refused.value.code == "not-allowed"


def test_the_trail_has_every_deed_and_no_address(db: Database, settings: Settings, pharmacy: Pharmacy) -> None:
    set_address(db, settings, "PRIORY", URL, CONSOLE)
    rotate_secret(db, settings, "PRIORY", CONSOLE)
    drop_former_secret(db, "PRIORY", CONSOLE)
    send_test(db, "PRIORY", CONSOLE)
    try_again(db, "PRIORY", CONSOLE)
    end_webhook(db, "PRIORY", CONSOLE)
    with db.read() as session:
        about = select(AuditEntry).where(col(AuditEntry.action).startswith("webhook")).order_by(col(AuditEntry.id))
        entries = session.exec(about).all()
    assert [entry.action.removeprefix("webhook-") for entry in entries] == [
        "set",
        "secret-made",
        "secret-dropped",
        "tested",
        "tried-again",
        "ended",
    ]
    assert not any("example" in repr(entry) for entry in entries)


@pytest.mark.parametrize("url", ["http://system.example.com/", "https://10.0.0.1/", "http://127.0.0.1/", "x"])
def test_in_live_only_an_address_of_the_internet(
    db: Database, settings: Settings, pharmacy: Pharmacy, url: str
) -> None:
    with pytest.raises(Refused) as refused:
        set_address(db, live(settings), "PRIORY", url, CONSOLE)
    assert refused.value.code == "bad-url"


def test_the_command_sets_rotates_tells_and_ends(ask: Ask, pharmacy: Pharmacy) -> None:
    [first] = ask(pharmacies, "webhook", "PRIORY", "--url", URL)
    assert set(first) == {"url", "secret"}
    assert first["url"] == URL
    assert first["secret"].startswith("whsec_")
    assert ask(pharmacies, "webhook", "PRIORY", "--url", URL) == [{"url": URL, "secret": None}]
    assert ask(pharmacies, "webhook", "PRIORY") == [{"url": URL, "secret": None}]
    [rotated] = ask(pharmacies, "webhook", "PRIORY", "--rotate")
    assert rotated["secret"] not in (None, first["secret"])
    assert ask(pharmacies, "webhook", "PRIORY", "--end") == [{"url": None, "secret": None}]
    with pytest.raises(Refused):
        ask(pharmacies, "webhook", "PRIORY", "--end")
