"""What comes to staff about a visit leads to the visit."""

import pytest
from flask import Flask
from sqlmodel import select

from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from tests.accounts.conftest import app as app
from tests.applications import browser_of
from tests.appointments.talking import Talk
from tests.factories import make_account


@pytest.mark.parametrize("words", [["CANCEL"], ["2", "5"]])
def test_staff_see_which_visit_it_is_about_and_come_to_it(talk: Talk, app: Flask, words: list[str]) -> None:
    visit = talk.opens("2026-12-01 09:00-10:00").booked("2026-12-01 09:00")
    for said in words:
        talk.says(said)
    with talk.db.read() as session:
        [item] = session.exec(select(InboxItem.id)).all()
    browser = browser_of(app, make_account(talk.db, Role.PRACTICE, practice=talk.practice))
    page = browser.get(f"/inbox/{item}").text
    assert "Appointment on Tuesday 1 December 2026 at 9am" in page
    assert f'href="/visits/{visit.code}"' in page or f'/visits/{visit.code}"' in page
    assert browser.get(f"/visits/{visit.code}").status_code == 200
