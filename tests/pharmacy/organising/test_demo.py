"""The demo's pharmacy."""

import pytest

from bot.accounts.demo import demo_accounts
from bot.database import Database
from bot.demo import load_demo
from bot.pharmacy.organising.listing import list_pharmacies
from bot.settings import Settings
from bot.tables.accounts import Role


@pytest.mark.parametrize("times", [1, 2])
def test_it_is_linked_and_its_account_is_on_the_sign_in_page_beside_those_that_programs_count(
    db: Database, settings: Settings, times: int
) -> None:
    for _ in range(times):
        answer = load_demo(db, settings, 60)
    assert "pharmacy" not in {account["role"] for account in answer["accounts"]}
    assert len(answer["accounts"]) == 4
    assert [each.email for each in demo_accounts(db, settings) if each.role == Role.PHARMACY] == [
        "pharmacy@demo.example"
    ]
    with db.read() as session:
        [line] = list_pharmacies(session)
    assert (line.code, line.name, line.ods, line.offers) == ("PRIORY", "Priory Pharmacy", "FA123", ["delivery"])
    assert line.practices == ["STATION"]
    assert line.hours
