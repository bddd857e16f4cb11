"""Before the first text comes, one was answered and taken back: nothing of it is left but what it warmed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine.interfaces import CacheStats
from sqlmodel import SQLModel
from structlog.testing import capture_logs

from bot import serving
from bot.conversations import warming
from bot.conversations.warming import warm_up
from bot.database import Database
from bot.settings import Settings
from bot.tables.messaging import QuestionState
from bot.understanding.lexicon import lexicon
from tests.conversations.conftest import Conversation
from tests.factories import make_practice, text_in


@pytest.fixture
def just_started(db: Database) -> Iterator[Database]:
    """The same database in a process that has run no statement yet."""
    fresh = Database(db.url)
    yield fresh
    fresh.dispose()


def counted(db: Database) -> dict[str, int]:
    tables = SQLModel.metadata.tables
    with db.read() as session:
        return {name: session.execute(select(func.count()).select_from(tables[name])).scalar_one() for name in tables}


def built_in(db: Database) -> list[str]:
    """The statements that have to be built from now on."""
    built: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        if context.compiled is not None and context.cache_hit is not CacheStats.CACHE_HIT:
            built.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    return built


def test_nothing_of_it_is_kept(talk: Conversation, just_started: Database) -> None:
    talk.invited()
    before = counted(talk.db)
    warm_up(just_started, talk.settings)
    assert counted(talk.db) == before
    assert talk.states() == [("invitation", QuestionState.OPEN)]
    assert talk.answer() is None


def test_the_first_answer_after_a_start_builds_no_statement(talk: Conversation, just_started: Database) -> None:
    talk.person(phone="+447700900124").invited()
    talk.invited()
    lexicon.cache_clear()
    warm_up(just_started, talk.settings)
    built = built_in(just_started)
    text_in(just_started, talk.settings, "+447700900124", "1")
    assert built == []
    assert lexicon.cache_info().misses == 1


def test_it_is_what_keeps_statements_from_being_built(talk: Conversation, just_started: Database) -> None:
    talk.invited()
    built = built_in(just_started)
    text_in(just_started, talk.settings, talk.phone, "1")
    assert len(built) > 5


@pytest.mark.parametrize("practices", [0, 1])
def test_nobody_need_have_been_asked(db: Database, settings: Settings, practices: int) -> None:
    for _ in range(practices):
        make_practice(db)
    before = counted(db)
    with capture_logs() as logs:
        warm_up(db, settings)
    assert counted(db) == before
    assert logs == []


def test_a_service_that_cannot_be_warmed_up_starts_all_the_same(settings: Settings) -> None:
    with capture_logs() as logs:
        warm_up(Database("sqlite://"), settings)
    assert [log["event"] for log in logs] == ["not-warmed-up"]


def test_gunicorn_loads_the_lists_before_it_forks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    did: list[str] = []
    monkeypatch.setattr("bot.logs.set_up_logging", lambda _settings: None)
    monkeypatch.setattr(warming, "load_word_lists", lambda: did.append("lists"))
    monkeypatch.setattr(warming, "warm_up", lambda db, _settings: did.append("warmed up"))
    monkeypatch.setattr(serving._Gunicorn, "run", lambda self: did.append("forks") or self.load())
    serving.run_gunicorn(settings)
    assert did == ["lists", "forks", "warmed up"]
