"""`pharmacies` at the console, and the accounts of their people."""

import pytest

from bot.accounts.commands import users
from bot.accounts.memberships import all_acting
from bot.database import Database
from bot.pharmacy.organising.commands import pharmacies
from bot.pharmacy.organising.keys import key_of
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.tables.organisations import Pharmacy, Practice
from tests.organisations.conftest import Ask

NEW = (
    "add",
    "HILL",
    "--name",
    "Hill Pharmacy",
    "--ods",
    "fh001",
    "--address",
    "1 Hill Road",
    "--phone",
    "01632 960510",
)


def test_a_pharmacy_is_added_and_listed(ask: Ask) -> None:
    assert ask(pharmacies, *NEW, "--hours", "mon-tue 09:00-18:00", "--offers", "delivery") == [{"code": "HILL"}]
    assert ask(pharmacies, "add", "HILL", "--name", "Hill Chemist") == [{"code": "HILL"}]
    assert ask(pharmacies, "list") == [
        {
            "code": "HILL",
            "name": "Hill Chemist",
            "ods": "FH001",
            "address": "1 Hill Road",
            "phone": "+441632960510",
            "hours": "mon 09:00-18:00; tue 09:00-18:00",
            "offers": ["delivery"],
            "practices": [],
        }
    ]


def test_a_link_says_who_has_still_to_say_yes(
    ask: Ask, practice: Practice, pharmacy: Pharmacy, lead: UserAccount, dispenser: UserAccount
) -> None:
    link = ("link", "PRIORY", "--practice", "STATION", "--as")
    [answer] = ask(pharmacies, *link, lead.email)
    assert answer == {"pharmacy": "PRIORY", "practice": "STATION", "linked": False, "waits_for": ["pharmacy"]}
    [answer] = ask(pharmacies, *link, dispenser.email)
    assert (answer["linked"], answer["waits_for"]) == (True, [])


def test_the_console_links_at_once(ask: Ask, practice: Practice, pharmacy: Pharmacy) -> None:
    [answer] = ask(pharmacies, "link", "PRIORY", "--practice", "STATION")
    assert answer["linked"]
    assert ask(pharmacies, "list")[0]["practices"] == ["STATION"]


def test_a_link_and_every_key_end_by_a_command(ask: Ask, db: Database, practice: Practice, pharmacy: Pharmacy) -> None:
    ask(pharmacies, "link", "PRIORY", "--practice", "STATION")
    [key] = ask(pharmacies, "key", "PRIORY")
    assert ask(pharmacies, "unlink", "PRIORY", "--practice", "STATION")[0]["linked"] is False
    assert ask(pharmacies, "list")[0]["practices"] == []
    assert ask(pharmacies, "revoke", "PRIORY") == [{"revoked": 1}]
    with db.read() as session:
        assert key_of(session, f"Bearer {key['key']}") is None


def test_a_key_is_all_that_is_said(ask: Ask, db: Database, pharmacy: Pharmacy) -> None:
    [answer] = ask(pharmacies, "key", "PRIORY", "--ods", "FA123,FA124")
    assert set(answer) == {"key"}
    with db.read() as session:
        assert key_of(session, f"Bearer {answer['key']}")


def test_an_account_of_the_pharmacy_acts_for_it(
    ask: Ask, db: Database, settings: Settings, pharmacy: Pharmacy, practice: Practice
) -> None:
    who = ("add", "counter@example.org", "--role", "pharmacy", "--organisation")
    assert ask(users, *who, "PRIORY")[0]["role"] == "pharmacy"
    with db.read() as session:
        [acting] = all_acting(session, 1)
    assert (acting.pharmacy_id, acting.practice_id, acting.name) == (pharmacy.id, None, "Priory Pharmacy")
    for place in ((*who, "STATION"), who[:-1]):
        with pytest.raises(Refused) as refused:
            ask(users, *place)
        assert refused.value.code == "needs-pharmacy"
