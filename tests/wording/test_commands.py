"""`texts show`, `texts review` and `texts approve`."""

import json
from collections.abc import Callable
from pathlib import Path
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
from tests.factories import make_account, make_patient, make_practice
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
    shown = said(run("show", "call-offer", "--language", "ur", "--json"))
    assert set(shown) == {"text", "language", "body", "parts", "approved"}
    assert (shown["text"], shown["language"], shown["parts"], shown["approved"]) == ("call-offer", "ur", 1, False)
    run("approve", "call-offer", "--language", "ur", "--as", reviewer.email, "--json")
    assert said(run("show", "call-offer", "--language", "ur", "--json"))["approved"]


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_the_lifelines_of_a_language_that_has_no_more_are_shown_and_approved(
    run: Run, reviewer: UserAccount, second: UserAccount, tag: str
) -> None:
    lifelines = {text.key for text in catalogue().values() if text.lifeline}
    for key in lifelines:
        shown = said(run("show", key, "--language", tag, "--json"))
        assert (shown["language"], shown["approved"]) == (tag, False)
        assert 1 <= shown["parts"] <= catalogue()[key].cap
    approve = ("approve", "--all", "--language", tag, "--json", "--as")
    approved = [said(run(*approve, person.email))["approved"] for person in (reviewer, second)]
    assert {key for keys in approved for key in keys} == lifelines


def test_approve_takes_one_text_or_all_of_them(run: Run, reviewer: UserAccount, second: UserAccount) -> None:
    one = said(run("approve", "call-offer", "--language", "ur", "--as", reviewer.email, "--json"))
    assert one == {"approved": ["call-offer"], "language": "ur"}
    rest = said(run("approve", "--all", "--language", "ur", "--as", reviewer.email, "--json"))
    assert len(rest["approved"]) > 5
    assert rest["needs"]["emergency"] == 1
    last = said(run("approve", "--all", "--language", "ur", "--as", second.email, "--json"))
    assert last == {"approved": list(rest["needs"]), "language": "ur"}
    assert run("approve", "--language", "ur", "--as", reviewer.email).exit_code == 2
    assert run("approve", "help", "--all", "--language", "ur").exit_code == 2


def test_a_first_approval_of_a_text_about_care_says_that_another_is_needed(
    run: Run, reviewer: UserAccount, second: UserAccount
) -> None:
    approve = ("approve", "emergency", "--language", "ur", "--json", "--as")
    waiting = {"approved": False, "needs": 1, "language": "ur"}
    assert [said(run(*approve, reviewer.email)), said(run(*approve, reviewer.email))] == [waiting, waiting]
    assert said(run(*approve, second.email)) == {"approved": ["emergency"], "language": "ur"}


def test_review_says_how_each_text_stands_and_who_waits(run: Run, db: Database, reviewer: UserAccount) -> None:
    practice = make_practice(db)
    for language in ("ur", "ur", "pl"):
        make_patient(db, practice, language=language)
    make_patient(db, practice, language="ur", deceased=True)
    run("approve", "call-offer", "--language", "ur", "--as", reviewer.email)
    run("approve", "emergency", "--language", "ur", "--as", reviewer.email)
    lines = [json.loads(line) for line in run("review", "--language", "ur", "--json").stdout.splitlines()]
    assert {line["text"] for line in lines} == set(catalogue())
    assert all(set(line) == {"text", "language", "state", "people_waiting"} for line in lines)
    stands = {line["text"]: (line["state"], line["people_waiting"]) for line in lines}
    assert stands["call-offer"] == ("approved", 0)
    assert stands["emergency"] == ("needs-one-more", 2)
    assert stands["staff-thank-you"] == ("draft", 2)
    assert refused(run("review", "--language", "xx", "--json")) == "unknown-language"


def test_wordings_go_out_to_a_po_file_and_come_back_as_drafts(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ur.po"
    assert said(run("export", "ur", str(file), "--json")) == {"texts": len(catalogue())}
    offer = "اردو میں مدد کے لیے 9 لکھ کر بھیجیں۔"
    file.write_text(file.read_text().replace(offer, "مدد کے لیے 9 لکھ کر بھیجیں۔").replace("999", "99"))
    answer = said(run("import", str(file), "--json"))
    assert set(answer) == {"rows", "accepted", "fixed", "rejected", "duplicates", "stored", "problems"}
    assert answer["rows"] == answer["accepted"] + answer["fixed"] + answer["rejected"] + answer["duplicates"]
    assert answer["stored"] == 1
    assert answer["rejected"] >= 1
    assert all(set(problem) == {"row", "column", "code", "message"} for problem in answer["problems"])
    assert said(run("show", "call-offer", "--language", "ur", "--json"))["body"].startswith("مدد")


def test_a_file_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    assert refused(run("export", "ur", str(tmp_path / "nowhere" / "ur.po"))) == "cannot-write"
    assert refused(run("export", "xx", str(tmp_path / "xx.po"))) == "unknown-language"


def test_an_approval_is_taken_back_by_name(run: Run, db: Database, reviewer: UserAccount) -> None:
    run("approve", "call-offer", "--language", "ur", "--as", reviewer.email)
    take_back = ("approve", "--withdraw", "--language", "ur", "--as", reviewer.email)
    assert run(*take_back, "--all").exit_code == 2
    assert said(run(*take_back, "call-offer", "--json")) == {"withdrawn": 1, "language": "ur"}
    assert in_force(db) == set()


def test_approval_needs_a_person_who_may(run: Run, db: Database) -> None:
    partner = make_account(db, Role.PARTNER)
    for somebody, code in (((), "needs-person"), (("--as", partner.email), "not-allowed")):
        result = run("approve", "emergency", "--language", "ur", "--json", *somebody)
        assert refused(result) == code
    assert in_force(db) == set()


@pytest.mark.parametrize(
    ("key", "tag", "code"), [("x", "ur", "unknown-text"), ("appointment-reminder", "cs", "no-wording")]
)
def test_what_is_not_there_cannot_be_shown(run: Run, key: str, tag: str, code: str) -> None:
    result = run("show", key, "--language", tag, "--json")
    assert refused(result) == code
