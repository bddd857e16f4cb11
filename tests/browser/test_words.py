"""Words of lists in a browser: one reader proposes a word on a phone, a second looks at what it does and agrees."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.tables.accounts import Role
from bot.understanding.added import put_beside
from bot.understanding.sentences import Sentence
from bot.wording.words import judging, lit, words_pages
from tests.browser.chromium import PHONE, assert_accessible, assert_in_the_window
from tests.browser.conftest import SignInAs

pytestmark = pytest.mark.browser
WORDS = "/texts/ur/words/danger"


@pytest.fixture(autouse=True)
def _as_it_came() -> Iterator[None]:
    yield
    put_beside((), None)


@pytest.fixture(autouse=True)
def _sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    written = (Sentence("red", "chest", "میرے سینے میں kwakwalg ہے"), Sentence("ordinary", "", "1"))
    for module in (judging, lit, words_pages):
        monkeypatch.setattr(module, "sentences_of", lambda tag: written)


def test_a_word_goes_from_one_reader_to_the_next_and_into_use(page: Page, sign_in_as: SignInAs) -> None:
    page.set_viewport_size(PHONE)
    sign_in_as(Role.ADMIN)
    page.goto(WORDS)
    page.get_by_label("A sentence in Urdu").fill("میرے سینے میں درد ہے")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#tried")).to_contain_text("Found to be: Red")
    assert_in_the_window(page)
    page.get_by_role("link", name="Pain", exact=True).click()
    page.get_by_label("The word in Urdu").fill("kwakwalg")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_role("main")).to_contain_text("Your word is proposed")
    assert_accessible(page)

    sign_in_as(Role.LEAD)
    page.goto("/texts/ur")
    expect(page.get_by_role("main")).to_contain_text("1 proposed word waits for you")
    page.get_by_role("link", name="Words of danger").click()
    page.get_by_role("link", name=re.compile("kwakwalg")).click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"More danger found\s*1"))
    assert_accessible(page)
    assert_in_the_window(page)
    page.get_by_role("button", name="Yes, it belongs there").click()
    expect(page.get_by_role("main")).to_contain_text("Replies are read with this word from now on")
    page.get_by_role("link", name="Pain in Urdu").click()
    expect(page.get_by_role("link", name=re.compile("added by readers"))).to_be_visible()
