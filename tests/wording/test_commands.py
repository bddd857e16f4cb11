"""`texts show` and `texts approve`."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.texts.catalogue import catalogue
from bot.texts.languages import LIFELINES_ONLY
from bot.wording.commands import texts
from tests.factories import make_account
from tests.wording.test_approvals import in_force

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, settings: Settings) -> Run:
    console = Console()
    console.database, console.settings = db, settings

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(texts, list(words), obj=console)

    return invoke


def said(result: Result) -> Any:
    return json.loads(result.stdout)


def refused(result: Result) -> str:
    assert isinstance(result.exception, Refused)
    return result.exception.code


def test_show_gives_the_words_with_examples_parts_and_whether_they_are_approved(
    run: Run, reviewer: UserAccount
) -> None:
    shown = said(run("show", "emergency", "--language", "ur", "--json"))
    assert set(shown) == {"text", "language", "body", "parts", "approved"}
    assert (shown["text"], shown["language"], shown["parts"], shown["approved"]) == ("emergency", "ur", 1, False)
    run("approve", "emergency", "--language", "ur", "--as", reviewer.email, "--json")
    assert said(run("show", "emergency", "--language", "ur", "--json"))["approved"]


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_the_lifelines_of_a_language_that_has_no_more_are_shown_and_approved(
    run: Run, reviewer: UserAccount, tag: str
) -> None:
    lifelines = {text.key for text in catalogue().values() if text.lifeline}
    for key in lifelines:
        shown = said(run("show", key, "--language", tag, "--json"))
        assert (shown["language"], shown["approved"]) == (tag, False)
        assert 1 <= shown["parts"] <= catalogue()[key].cap
    approved = said(run("approve", "--all", "--language", tag, "--as", reviewer.email, "--json"))
    assert set(approved["approved"]) == lifelines


def test_approve_takes_one_text_or_all_of_them(run: Run, db: Database, reviewer: UserAccount) -> None:
    one = said(run("approve", "emergency", "--language", "ur", "--as", reviewer.email, "--json"))
    assert one == {"approved": ["emergency"], "language": "ur"}
    rest = said(run("approve", "--all", "--language", "ur", "--as", reviewer.email, "--json"))
    assert len(rest["approved"]) > 5
    assert run("approve", "--language", "ur", "--as", reviewer.email).exit_code == 2
    assert run("approve", "help", "--all", "--language", "ur").exit_code == 2


def test_an_approval_is_taken_back_by_name(run: Run, db: Database, reviewer: UserAccount) -> None:
    run("approve", "emergency", "--language", "ur", "--as", reviewer.email)
    take_back = ("approve", "--withdraw", "--language", "ur", "--as", reviewer.email)
    assert run(*take_back, "--all").exit_code == 2
    assert said(run(*take_back, "emergency", "--json")) == {"withdrawn": 1, "language": "ur"}
    assert in_force(db) == set()


def test_approval_needs_a_person_who_may(run: Run, db: Database) -> None:
    partner = make_account(db, Role.PARTNER)
    for somebody, code in (((), "needs-person"), (("--as", partner.email), "not-allowed")):
        result = run("approve", "emergency", "--language", "ur", "--json", *somebody)
        assert refused(result) == code
    assert in_force(db) == set()


@pytest.mark.parametrize(("key", "tag", "code"), [("x", "ur", "unknown-text"), ("help", "hu", "no-wording")])
def test_what_is_not_there_cannot_be_shown(run: Run, key: str, tag: str, code: str) -> None:
    result = run("show", key, "--language", tag, "--json")
    assert refused(result) == code
