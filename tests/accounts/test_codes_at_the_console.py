"""Nobody signs for somebody else: in live, what a person stands for takes a code of that person's app."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import select

from bot.accounts.closing import close_account
from bot.accounts.second_factor import check_second_factor, confirm_by_code, confirm_second_factor
from bot.accounts.tries import FREE_FAILURES
from bot.audit import CONSOLE, AuditEntry
from bot.campaigns.commands import campaign, criteria
from bot.console import Console
from bot.database import Database
from bot.organisations.commands import practices
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.wording.commands import texts
from tests.accounts.conftest import World
from tests.accounts.test_second_factor import ELSEWHERE, LIVE
from tests.authenticators import Authenticator, set_up_app

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)
NAME = "cold-home-respiratory"
Refusal = Callable[..., str]


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def app(db: Database, world: World, clock: time_machine.Traveller) -> Authenticator:
    """The app of the lead."""
    return set_up_app(db, LIVE, world.accounts[Role.LEAD])


@pytest.fixture
def refusal(db: Database, world: World) -> Refusal:
    """How it is refused that a person acts with a code, or without one."""

    def refusal(code: str | None, role: Role | None = Role.LEAD) -> str:
        with pytest.raises(Refused) as refused:
            confirm_by_code(db, LIVE, known(db, world, role), code)
        return refused.value.code

    return refusal


def known(db: Database, world: World, role: Role | None) -> UserAccount | None:
    if role is None:
        return None
    with db.read() as session:
        return session.get_one(UserAccount, world.accounts[role].id)


def stand_by(db: Database, world: World, code: str) -> None:
    confirm_by_code(db, LIVE, known(db, world, Role.LEAD), code)


def test_in_the_demo_a_name_is_enough(db: Database, settings: Settings, world: World) -> None:
    confirm_by_code(db, settings, world.accounts[Role.LEAD], None)
    confirm_by_code(db, settings, None, None)


@pytest.mark.parametrize("code", [None, "", "000000", "12", "٠٠٠٠٠٠", "x" * 500])
def test_without_a_code_or_with_a_wrong_one_it_is_refused(refusal: Refusal, app: Authenticator, code: str) -> None:
    assert refusal(code) == "needs-code"


def test_somebody_has_to_be_named(refusal: Refusal, app: Authenticator) -> None:
    assert refusal(app.code(), None) == "needs-code"


def test_who_has_never_signed_in_can_stand_for_nothing(refusal: Refusal, app: Authenticator) -> None:
    assert refusal(app.code(), Role.PARTNER) == "needs-code"
    assert refusal(None, Role.PARTNER) == "needs-code"


def test_a_code_of_somebody_else_is_no_code(db: Database, world: World, refusal: Refusal, app: Authenticator) -> None:
    another = set_up_app(db, LIVE, world.accounts[Role.PARTNER])
    assert refusal(another.code()) == "needs-code"


def test_a_code_counts_once_here_and_at_signing_in(
    db: Database, world: World, refusal: Refusal, app: Authenticator
) -> None:
    code, lead = app.code(), world.accounts[Role.LEAD].id or 0
    stand_by(db, world, code)
    assert refusal(code) == "needs-code"
    with pytest.raises(Refused, match="used already"):
        check_second_factor(db, LIVE, lead, code, ELSEWHERE)
    check_second_factor(db, LIVE, lead, code := app.code(), ELSEWHERE)
    assert refusal(code) == "needs-code"


def test_a_code_may_be_written_with_a_space(db: Database, world: World, app: Authenticator) -> None:
    code = app.code()
    stand_by(db, world, f"{code[:3]} {code[3:]}")


def test_a_recovery_code_signs_nothing(db: Database, world: World, refusal: Refusal, app: Authenticator) -> None:
    lead = world.accounts[Role.LEAD]
    with db.write() as session:
        session.get_one(UserAccount, lead.id).totp_since = None
    recovery = confirm_second_factor(db, LIVE, lead.id or 0, app.code(), ELSEWHERE)
    assert refusal(recovery[0]) == "needs-code"
    assert check_second_factor(db, LIVE, lead.id or 0, recovery[0], ELSEWHERE)


def test_wrong_codes_are_counted_as_at_signing_in(
    db: Database, world: World, refusal: Refusal, app: Authenticator, clock: time_machine.Traveller
) -> None:
    assert [refusal("000000") for _ in range(FREE_FAILURES + 1)] == ["needs-code"] * (FREE_FAILURES + 1)
    assert refusal(app.code()) == "too-many-tries"
    clock.shift(timedelta(seconds=1))
    stand_by(db, world, app.code())


def test_failing_at_the_console_keeps_nobody_from_signing_in(
    db: Database, world: World, refusal: Refusal, app: Authenticator
) -> None:
    for _ in range(FREE_FAILURES + 2):
        refusal("000000")
    assert check_second_factor(db, LIVE, world.accounts[Role.LEAD].id or 0, app.code(), ELSEWHERE)


def test_a_closed_account_stands_for_nothing(db: Database, world: World, app: Authenticator) -> None:
    lead = known(db, world, Role.LEAD)
    close_account(db, world.accounts[Role.LEAD].id or 0, CONSOLE)
    with pytest.raises(Refused, match="closed"):
        confirm_by_code(db, LIVE, lead, app.code())


def test_that_a_code_was_given_is_in_the_audit_trail(
    db: Database, world: World, refusal: Refusal, app: Authenticator
) -> None:
    refusal("000000")
    stand_by(db, world, app.code())
    with db.read() as session:
        entry = session.exec(select(AuditEntry)).one()
    assert (entry.action, entry.user_id) == ("code-given", world.accounts[Role.LEAD].id)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (texts, ("approve", "emergency", "--language", "en")),
        (texts, ("approve", "--all", "--language", "en")),
        (texts, ("approve", "emergency", "--withdraw", "--language", "en")),
        (criteria, ("sign", NAME, "--practice", "STATION")),
        (practices, ("change", "STATION", "--free-text", "on")),
    ],
)
def test_each_command_that_signs_asks_for_the_code(
    db: Database, world: World, app: Authenticator, group, words: tuple[str, ...]
) -> None:
    console = Console()
    console.database, console.settings = db, LIVE
    words = (*words, "--as", "lead@example.org")
    done = CliRunner().invoke(group, words, obj=console)
    assert isinstance(done.exception, Refused)
    assert done.exception.code == "needs-code"
    assert "--code DIGITS" in str(done.exception)
    assert CliRunner().invoke(group, (*words, "--code", app.code()), obj=console).exit_code == 0
    assert isinstance(CliRunner().invoke(group, (*words, "--code", "000000"), obj=console).exception, Refused)


def test_releasing_a_batch_asks_for_the_code_before_anything_else(
    db: Database, world: World, app: Authenticator
) -> None:
    console = Console()
    console.database, console.settings = db, LIVE
    as_lead = ("--as", "lead@example.org", "--code", app.code())
    codes = [
        CliRunner().invoke(campaign, ("approve", "1", *words), obj=console).exception.code
        for words in ((), as_lead[:2], as_lead)
    ]
    assert codes == ["needs-code", "needs-code", "unknown-campaign"]
