"""A text in own words to a reader of Urdu, from the form to the outbox, with the two packages for tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.audit import CONSOLE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.translation.apart import engine_apart
from bot.translation.installing import install_package
from bot.translation.translator import Translator
from tests.accounts.conftest import World
from tests.browser.chromium import assert_accessible
from tests.browser.conftest import SignInAs
from tests.conversations.own_words import outgoing, releases
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import make_patient

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "tests" / "data" / "argos"
SAID = "مجھے سمجھ نہیں آیا، مجھے کیا کرنا ہے؟"


@pytest.fixture
def item(db: Database, world: World) -> int:
    """A reader of Urdu has written."""
    person = make_patient(db, world.practice, phone=PHONE, given_name="Zainab", surname="Example", language="ur")
    return write_in(db, world.practice, SAID, patient_id=person.id)


@pytest.fixture
def translator(
    db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Translator]:
    """A translator with the packages for tests, which works when the test says so."""
    monkeypatch.chdir(ROOT)  # its child finds the code here
    own = settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos")})
    for package in sorted(PACKAGES.glob("*.argosmodel")):
        install_package(db, own, package, CONSOLE)
    engine = engine_apart(own)
    yield Translator(db, own, engine=engine)
    engine.close()


def write(page: Page, item: int, words: str) -> None:
    page.goto(f"/inbox/{item}")
    expect(page.get_by_text("for trying this out, not for patients")).to_be_visible()
    page.get_by_role("link", name="Write to them").click()
    page.get_by_label("What do you want to tell them").fill(words)
    page.get_by_role("button", name="Translate it and look").click()
    expect(page.get_by_role("heading", name="The computer is translating it into Urdu")).to_be_visible()


def test_one_that_goes(page: Page, sign_in_as: SignInAs, db: Database, item: int, translator: Translator) -> None:
    sign_in_as(Role.PRACTICE)
    write(page, item, "Your test results are normal.")
    assert_accessible(page)
    assert translator.round()
    expect(page.get_by_role("heading", name="This is what will be sent. It has not gone yet.")).to_be_visible()
    expect(page.get_by_text("آپ کے ٹیسٹ کے نتائج نارمل ہیں۔")).to_be_visible()
    expect(page.get_by_text("Translated back, it says much the same.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Send and keep open").click()
    expect(page.get_by_role("alert")).to_contain_text("tick that you have read it")
    assert outgoing(db) == []
    assert_accessible(page)
    page.get_by_label("I have read what it says, translated back").check()
    page.get_by_role("button", name="Send and keep open").click()
    expect(page.get_by_role("status")).to_contain_text("Your text is on its way.")
    expect(page.get_by_text("Translated by computer. A colleague wrote in English:")).to_be_visible()
    assert_accessible(page)
    [message], [release] = outgoing(db), releases(db)
    assert message.body.startswith("Station Practice:\nآپ کے ٹیسٹ کے نتائج نارمل ہیں۔\n")
    assert (release.message_id, release.digest, release.back_seen) == (message.id, message.wording_digest, True)


def test_one_that_a_check_stops(
    page: Page, sign_in_as: SignInAs, db: Database, item: int, translator: Translator
) -> None:
    words = "Do not eat before your blood test."
    sign_in_as(Role.PRACTICE)
    write(page, item, words)
    assert translator.round()
    expect(page.get_by_role("heading", name="It was not sent, and does not go like this")).to_be_visible()
    expect(page.get_by_text("is missing from the translation").first).to_be_visible()
    expect(page.get_by_role("button", name="Send and keep open")).to_be_hidden()
    expect(page.get_by_label("What do you want to tell them")).to_have_value(words)
    expect(page.get_by_role("link", name="Phone 07700 900 123")).to_have_attribute("href", f"tel:{PHONE}")
    assert_accessible(page)
    page.get_by_role("link", name="Send the text: Please phone us").click()
    expect(page.get_by_label("Please phone us")).to_be_checked()
    assert outgoing(db) == []


def test_the_lead_finds_the_switch(page: Page, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.LEAD)
    page.goto("/free-text")
    expect(page.get_by_text("In the demo they are always on.")).to_be_visible()
    assert_accessible(page)
