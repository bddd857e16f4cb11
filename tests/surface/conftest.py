"""Installations to be tried from outside, on both databases."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.forks import Forks, shared_forks
from tests.surface.console import Console
from tests.world import World

ON_BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def forks() -> Forks:
    """Commands as processes of their own."""
    return shared_forks()


def database_url(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """The address of an empty database of that kind."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/var/easy-to-reach.db"
    url: str = request.getfixturevalue("postgres").new_database()
    return url


@pytest.fixture(scope="session")
def install(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, forks: Forks
) -> Callable[[str], Console]:
    """Give the one installation on a kind of database, with the demo practice of 600 people."""

    @cache
    def install(kind: str) -> Console:
        folder = tmp_path_factory.mktemp(f"installation-{kind}")
        console = Console(World(folder, database_url(request, kind, folder)), forks)
        assert console.run("migrate").status == 0
        assert console.ask("demo", "load")["patients"] == 600
        return console

    return install


@pytest.fixture(params=ON_BOTH)
def console(request: pytest.FixtureRequest, install: Callable[[str], Console]) -> Console:
    """The installation on each database, for what asks the database."""
    return install(request.param)


@pytest.fixture
def embedded(install: Callable[[str], Console]) -> Console:
    """The installation on SQLite, for what would be the same on any database."""
    return install("sqlite")


@pytest.fixture
def empty(tmp_path: Path, forks: Forks) -> Console:
    """A folder in which nothing was set up yet, and no setting made."""
    console = Console(World(tmp_path, ""), forks)
    console.world.environment = {"PATH": console.world.environment["PATH"]}
    return console
