"""A patient's reply in Urdu gets its English on a page that is open, by the translator itself and without a reload."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.audit import CONSOLE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.translation.installing import install_package
from bot.translation.translator import Translator
from tests.accounts.conftest import World
from tests.browser.chromium import assert_accessible
from tests.browser.conftest import SignInAs
from tests.factories import make_patient, text_in
from tests.gists.helpers import newest_item
from tests.translation.helpers import TO_ENGLISH

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
PHONE = "+447700900123"


@pytest.fixture
def with_argos(db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with the Urdu package installed."""
    monkeypatch.chdir(ROOT)
    here = settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos")})
    install_package(db, here, TO_ENGLISH, CONSOLE)
    return here


@pytest.fixture
def begin(db: Database, with_argos: Settings) -> Iterator[threading.Event]:
    """Set it, and a translator begins to work."""
    begin, stop = threading.Event(), threading.Event()

    def work() -> None:
        begin.wait()
        Translator(db, with_argos).run(stop)

    thread = threading.Thread(target=work)
    thread.start()
    yield begin
    stop.set()
    begin.set()
    thread.join()


def test_a_reply_gets_its_english_on_an_open_page(
    page: Page, sign_in_as: SignInAs, db: Database, world: World, with_argos: Settings, begin: threading.Event
) -> None:
    make_patient(db, world.practice, phone=PHONE, given_name="Noor", language="ur")
    text_in(db, with_argos, PHONE, "مجھے بخار ہے")
    sign_in_as(Role.PRACTICE)
    page.goto(f"/inbox/{newest_item(db).id}")
    expect(page.get_by_text("English by computer is being made.")).to_be_visible()
    assert_accessible(page)
    begin.set()
    expect(page.get_by_text("English by computer, may be wrong")).to_be_visible(timeout=30_000)
    expect(page.locator(".etr-gist__words")).to_contain_text("fever")
    assert_accessible(page)
    page.get_by_role("button", name="This English is wrong").click()
    expect(page.get_by_text("You said that this English is wrong.")).to_be_visible()
    page.get_by_role("button", name="Take that back").click()
    expect(page.get_by_role("button", name="This English is wrong")).to_be_visible()
    page.goto("/inbox")
    expect(page.get_by_text("English by computer, may be wrong")).to_be_visible()
    assert_accessible(page)
