"""The audit trail as people read it: who did what, chosen and saved, and no action without words."""

import ast
import csv
import io
from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from bot.audit import CONSOLE, SERVICE, record
from bot.campaigns.batches import hold_campaign, release_batch
from bot.database import Database
from bot.operations.audit_pages import ENTRIES_PER_PAGE
from bot.operations.deeds import DEEDS, deed_in_words
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Practice
from tests.campaigns.conftest import Browser
from tests.campaigns.conftest import app as app
from tests.campaigns.conftest import browser as browser
from tests.campaigns.helpers import make_cohort, plan
from tests.factories import make_account, make_partner, make_practice
from tests.test_structure import of_the_service


@pytest.fixture
def practice(db: Database) -> Practice:
    practice = make_practice(db)
    make_partner(db, practice)
    return practice


@pytest.fixture
def lead(db: Database, practice: Practice) -> UserAccount:
    return make_account(db, Role.LEAD, practice=practice, name="A. Lead", email="lead@example.org")


@pytest.fixture
def page(browser: Browser, lead: UserAccount) -> FlaskClient:
    return browser(lead)


def saved(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/audit.csv{query}").text.removeprefix("\ufeff"))))


def sentences(client: FlaskClient, query: str = "") -> list[str]:
    return [row["What happened"] for row in saved(client, query)]


def test_a_lead_reads_what_happened_in_a_sentence(
    db: Database, settings: Settings, practice: Practice, lead: UserAccount, page: FlaskClient
) -> None:
    people = make_cohort(db, practice, 3, surname="Secretname")
    campaign = plan(db, settings).campaign
    release_batch(db, settings, campaign, actor_of(lead))
    hold_campaign(db, campaign, CONSOLE)
    about = f"Help with a cold home (campaign {campaign})"
    assert sentences(page) == [
        f"Somebody at the console put {about} on hold; 3 texts are held back",
        f"A. Lead released batch 1 of {about}, 3 people",
        f"Somebody at the console planned {about} for 3 people",
    ]
    shown = page.get("/audit").text
    assert f"A. Lead released batch 1 of {about}, 3 people" in shown
    assert "lead@example.org" in shown
    assert "as lead" in shown
    for secret in ("Secretname", people[0].phone or "", people[0].nhs_number):
        assert secret not in shown + page.get("/audit.csv").text


def test_entries_are_chosen_by_action_person_and_day_in_london(
    db: Database, practice: Practice, lead: UserAccount, page: FlaskClient
) -> None:
    for moment, actor, action in (
        ("2026-07-01T22:59:00Z", SERVICE, "referral-made"),
        ("2026-07-01T23:01:00Z", actor_of(lead), "referral-accepted"),
        ("2026-07-02T12:00:00Z", actor_of(lead), "referral-noted"),
    ):
        with time_machine.travel(moment), db.write() as session:
            record(session, actor, action, "referral:RABC", practice_id=practice.id)
    accepted, noted = "A. Lead accepted referral RABC", "A. Lead wrote a note about referral RABC"
    made = "The service made referral RABC, after a recorded yes"
    assert sentences(page) == [noted, accepted, made]
    assert sentences(page, "?day=2026-07-01") == [made]
    assert sentences(page, "?day=2026-07-02") == [noted, accepted]
    assert sentences(page, "?action=referral-noted") == [noted]
    assert sentences(page, f"?by={lead.id}&day=2026-07-02&action=referral-accepted") == [accepted]
    assert sentences(page, "?by=service") == [made]
    assert sentences(page, "?by=x&day=yesterday&action=nonsense") == [noted, accepted, made]
    assert saved(page, "?action=referral-accepted")[0]["When"] == "2026-07-02 00:01"
    assert "No entry is like that" in page.get("/audit?day=2020-01-01").text


def test_pages_keep_what_was_chosen(db: Database, practice: Practice, lead: UserAccount, page: FlaskClient) -> None:
    with db.write() as session:
        for _ in range(ENTRIES_PER_PAGE + 1):
            record(session, actor_of(lead), "referral-noted", "referral:RABC", practice_id=practice.id)
    first = page.get("/audit?action=referral-noted").text
    assert "/audit?action=referral-noted&amp;page=2" in first
    assert page.get("/audit?action=referral-noted&page=2").text.count("wrote a note about") == 1


def test_another_practices_entries_and_people_are_nobodys_business(
    db: Database, practice: Practice, page: FlaskClient
) -> None:
    other = make_practice(db, "BRIDGE")
    stranger = make_account(db, Role.LEAD, practice=other, name="Somebody Else")
    with db.write() as session:
        record(session, actor_of(stranger), "referral-noted", "referral:RXYZ", practice_id=other.id)
    shown = page.get("/audit").text + page.get("/audit.csv").text + page.get(f"/audit?by={stranger.id}").text
    assert "RXYZ" not in shown
    assert "Somebody Else" not in shown


def test_the_spreadsheet_runs_nothing(db: Database, practice: Practice, browser: Browser) -> None:
    named = make_account(db, Role.LEAD, practice=practice, name="=1+1")
    with db.write() as session:
        record(session, actor_of(named), "referral-noted", "referral:RABC", practice_id=practice.id, words="@SUM(A1)")
    [row] = saved(browser(named))
    assert (row["Who"], row["What happened"][:5]) == ("'=1+1", "'=1+1")


def test_an_entry_of_before_lacks_a_value_and_is_read_all_the_same() -> None:
    assert deed_in_words("batch-released", "campaign 1", {}) == "released batch ? of campaign 1, some people"
    assert deed_in_words("batch-released", "it", {"batch": 2, "size": 1}) == "released batch 2 of it, 1 person"
    assert deed_in_words("account-created", "Jo", {"role": "admin", "organisation": None}) == (
        "made an account for Jo, as administrator of the service itself"
    )
    assert deed_in_words("something-new", "thing 1", {}) == "something new: thing 1"


@pytest.mark.parametrize("action", sorted(DEEDS))
def test_every_sentence_can_be_filled_and_is_plain(action: str) -> None:
    words = deed_in_words(action, "it", {})
    assert "{" not in words
    assert "--" not in words
    assert not words.endswith(".")


def actions_of(name: str, tree: ast.Module) -> Iterator[str]:
    """Every action that a module hands to a function with a parameter of that name; one made of pieces with a `*`."""
    own = {function.name: _place_of_action(function) for function in _functions(tree)}
    for function in _functions(tree):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            called = getattr(call.func, "id", "")
            at = own[called] if called in own else TAKES_ACTION.get(called)
            if at is None:
                continue
            given = [word.value for word in call.keywords if word.arg == "action"] or call.args[at : at + 1]
            assert given, f"{name} line {call.lineno}: no action"
            yield from resolved(given[0], function, f"{name} line {call.lineno}")


def resolved(value: ast.expr, function: ast.FunctionDef, where: str) -> Iterator[str]:
    if isinstance(value, ast.Constant):
        yield str(value.value)
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in value.values)
    elif isinstance(value, ast.IfExp):
        yield from resolved(value.body, function, where)
        yield from resolved(value.orelse, function, where)
    elif isinstance(value, ast.Name):
        if value.id in {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}:
            assert value.id == "action", f"{where}: call the parameter action, so that its callers are looked at"
            return
        assigned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == value.id for target in node.targets)
        ]
        assert assigned, f"{where}: nobody can tell which action {value.id} is"
        for one in assigned:
            yield from resolved(one, function, where)
    else:
        raise AssertionError(f"{where}: nobody can tell which action this is")


def functions_with_action() -> dict[str, int]:
    """Functions that are told who did which action, with the place it has among what they take."""
    functions = (function for tree in of_the_service().values() for function in _functions(tree))
    places = {function.name: place for function in functions if (place := _place_of_action(function)) is not None}
    return {name: place for name, place in places.items() if not name.startswith("_")}


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _place_of_action(function: ast.FunctionDef) -> int | None:
    names = [argument.arg for argument in function.args.args]
    if {"actor", "action"} <= set(names) and _is_text(function.args.args[names.index("action")]):
        return names.index("action")
    return None


def _is_text(argument: ast.arg) -> bool:
    return getattr(argument.annotation, "id", "") == "str"


TAKES_ACTION = functions_with_action()


def test_every_action_that_is_written_has_words() -> None:
    written = {action for name, tree in of_the_service().items() for action in actions_of(name, tree)}
    assert {"batch-released", "signed-in", "account-created", "referral-made", "restart-sender"} <= written
    pieces = {action for action in written if "*" in action}
    assert pieces == {"campaign-*"}, "write actions out, so that they can be found"
    assert sorted(written - pieces - set(DEEDS)) == []
