"""Commands on a database of the test's own."""

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bot.console import Console
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings

Ask = Callable[..., list[Any]]


@pytest.fixture
def ask(db: Database, settings: Settings) -> Ask:
    """Run a command with --json and give what it says, a value a line; what it refuses is raised."""
    console = Console()
    console.__dict__ |= {"settings": settings, "database": db}

    def ask(command: click.Command, *words: str) -> list[Any]:
        group, *rest = words
        result = CliRunner().invoke(command, [group, "--json", *rest], obj=console)
        if isinstance(result.exception, Refused):
            raise result.exception
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return ask
