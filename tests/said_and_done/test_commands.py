"""`campaign publish` and `campaign unpublish`, beside the other commands of a campaign."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import bot
from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount
from bot.texts.languages import WORDED
from tests.said_and_done.campaigns import Ground, answer_no


@pytest.fixture
def console(db: Database, settings: Settings) -> Console:
    console = Console()
    console.database, console.settings = db, settings
    return console


def run(console: Console, *words: str) -> Result:
    return CliRunner().invoke(bot, ["campaign", *words], obj=console)


def answer(console: Console, *words: str) -> dict[str, Any]:
    done: dict[str, Any] = json.loads(run(console, *words, "--json").stdout)
    return done


def test_publishing_answers_where_it_can_be_read_and_what_it_shows(
    db: Database, console: Console, ground: Ground, lead: UserAccount
) -> None:
    answer_no(db, ground.campaign, 12)
    chosen = ("--changed", "done-now-we-phone", "--changed", "done-now-interpreter")
    done = answer(console, "publish", str(ground.campaign), *chosen, "--as", lead.email)
    address = done.pop("url")
    assert address.startswith("http://127.0.0.1:8000/done/")
    languages = done.pop("languages")
    assert done.pop("counted").startswith("2026-11-24T09:00:0")
    assert len(languages) == len(WORDED)
    assert done == {
        "campaign": ground.campaign,
        "published": True,
        "counted_anew": True,
        "figures": {
            "asked": 40,
            "answered": 12,
            "helped": None,
            "not_reached": None,
            "helped_with": dict.fromkeys(("energy-cost-cut", "money-for-heating", "home-improvement", "advice-given")),
        },
        "changed": ["done-now-interpreter", "done-now-we-phone"],
        "left_out": [],
    }


def test_to_people_it_is_a_sentence(console: Console, ground: Ground) -> None:
    said = run(console, "publish", str(ground.campaign)).stdout
    assert said.startswith(f"Campaign {ground.campaign} can be read at http://127.0.0.1:8000/done/")
    assert run(console, "unpublish", str(ground.campaign)).stdout == (
        f"Campaign {ground.campaign} has no public page now.\n"
    )


def test_taking_back_answers_that_it_is_off(console: Console, ground: Ground, lead: UserAccount) -> None:
    answer(console, "publish", str(ground.campaign))
    off = {"campaign": ground.campaign, "published": False, "url": None}
    assert answer(console, "unpublish", str(ground.campaign), "--as", lead.email) == off


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("publish", "999"), "unknown-campaign"),
        (("unpublish", "999"), "unknown-campaign"),
        (("publish", "1", "--changed", "emergency"), "unknown-sentence"),
    ],
)
def test_what_cannot_be_done_is_refused(console: Console, ground: Ground, words: tuple[str, ...], code: str) -> None:
    refused = run(console, *words).exception
    assert isinstance(refused, Refused)
    assert refused.code == code


def test_they_are_listed_with_the_others_and_not_at_the_top() -> None:
    inner = CliRunner().invoke(bot, ["campaign", "--help"]).stdout
    assert "approve" in inner
    assert "  publish " in inner
    assert "  unpublish " in inner
    outer = CliRunner().invoke(bot, ["--help"]).stdout
    assert "publish" not in outer
