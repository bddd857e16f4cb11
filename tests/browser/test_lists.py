"""Lists in a browser: columns are named, rows that disagree are settled, and axe finds nothing at either width."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.clock import utc_now
from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.lists import ListImport, ListState
from tests.accounts.conftest import World
from tests.browser.chromium import assert_accessible
from tests.browser.conftest import SignInAs
from tests.lists.lists import cells, plain_list

pytestmark = pytest.mark.browser


def upload(page: Page, content: bytes) -> None:
    page.goto("/lists")
    page.locator("input[type=file]").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at the list").click()


def test_columns_are_named_on_the_page(page: Page, sign_in_as: SignInAs, world: World) -> None:
    sign_in_as(Role.LEAD)
    upload(page, b"Identifier,Born,Nickname\n9990000077,12/05/1960,Al\n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is which?")
    assert_accessible(page)
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("alert")).to_contain_text("Say which column is NHS Number")
    assert_accessible(page)
    page.get_by_label("What the column Identifier holds").select_option("NHS Number")
    page.get_by_label("What the column Born holds").select_option("Date of Birth")
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the list before it is stored")
    assert_accessible(page)


def test_rows_that_disagree_are_settled_side_by_side(page: Page, sign_in_as: SignInAs, world: World) -> None:
    sign_in_as(Role.LEAD)
    upload(page, plain_list(cells(), cells(Mobile_Telephone="07700 900200", Surname="Łukasz")))
    page.get_by_role("button", name="Store this list").click()
    assert_accessible(page)
    page.get_by_role("link", name="See which").click()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("9990000077")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which row is right?")
    assert_accessible(page)
    page.get_by_role("button", name="Use row 3").click()
    expect(page.get_by_text("No rows disagree.")).to_be_visible()


def test_the_page_of_a_list_that_is_worked_on(page: Page, sign_in_as: SignInAs, db: Database, world: World) -> None:
    with db.write() as session:
        waiting = ListImport(
            practice_id=world.practice.id or 0,
            file_name="long.csv",
            content=b"x",
            state=ListState.STORING,
            rows_done=35_000,
            created_at=utc_now(),
        )
        session.add(waiting)
    sign_in_as(Role.LEAD)
    page.goto(f"/lists/{waiting.id}")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    assert_accessible(page)
