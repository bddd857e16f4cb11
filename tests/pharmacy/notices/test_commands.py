"""`notices`: sent and listed at the console, as programs read them."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from bot.console import Console
from bot.patients.person_codes import make_person_code
from bot.pharmacy.notices.commands import notices
from bot.refusals import Refused
from tests.pharmacy.notices.world import Town


@pytest.fixture
def console(town: Town) -> Console:
    console = Console()
    console.database, console.settings = town.db, town.settings
    return console


@pytest.fixture
def code(town: Town) -> str:
    with town.db.write() as session:
        return make_person_code(session, town.person.id or 0)


def run(console: Console, *words: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(notices, [*words, "--json"], obj=console, catch_exceptions=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_notice_is_sent_and_listed(console: Console, town: Town, code: str) -> None:
    words = ("send", "--pharmacy", "PRIORY", "--person", code, "--kind")
    [sent] = run(console, *words, "ready")
    assert {"id", "kind", "state", "created", "text", "why_none"} <= set(sent)
    assert (sent["kind"], sent["state"], sent["why_none"]) == ("ready", "queued", None)
    assert sent["text"]["parts"] >= 1
    [held] = run(console, *words, "ready")
    assert (held["state"], held["why_none"], held["text"]) == ("held", "held-duplicate", None)
    [problem] = run(console, *words, "problem", "--reason", "out-of-stock")
    listed = run(console, "list", "--pharmacy", "PRIORY")
    assert [line["id"] for line in listed] == [problem["id"], held["id"], sent["id"]]
    assert town.said() == ["pharmacy-ready", "pharmacy-out-of-stock"]


def test_a_pharmacy_that_is_not_there_is_refused(console: Console, code: str) -> None:
    with pytest.raises(Refused, match="no pharmacy"):
        run(console, "list", "--pharmacy", "NOWHERE")
