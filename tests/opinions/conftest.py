"""Somebody who writes, phones on duty, and a reader that thinks what a test tells it."""

from collections.abc import Callable, Iterator

import pytest
from sqlmodel import col, select

from bot.database import Database
from bot.opinions import reader
from bot.opinions.head import Head, Layer
from bot.opinions.reader import SecondReader
from bot.settings import Settings
from bot.tables.opinions import SecondOpinion
from bot.translation.apart import Apart
from tests.duty.conftest import Duty, duty
from tests.opinions.stand_in_child import COMMAND
from tests.world import ROOT

__all__ = ["Duty", "duty"]
HEAD = Head("a" * 64, "b" * 64, 0.5, 0.9, 0.5, Layer([], 0), Layer([], 0))

Rounds = Callable[[], int]


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Apart]:  # settings: before its folder
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(reader, "kept_head", lambda: HEAD)
    child = Apart(COMMAND, seconds=2.0)
    yield child
    child.close()


@pytest.fixture
def read_all(db: Database, settings: Settings, child: Apart) -> Rounds:
    """Let the reader do all that waits; gives in how many rounds."""
    second = SecondReader(db, settings, child)

    def go_on() -> int:
        rounds = 0
        while second.round():
            rounds += 1
        return rounds

    return go_on


def opinions(db: Database) -> list[SecondOpinion]:
    with db.read() as session:
        return list(session.exec(select(SecondOpinion).order_by(col(SecondOpinion.message_id))))
