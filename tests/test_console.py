"""A command as its own process finds it: nothing is loaded but what it loads itself."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.console import Console, json_option, run

OPENS_THE_DATABASE = """
from bot.console import Console
from sqlmodel import SQLModel
Console().database
print(*(table.name for table in SQLModel.metadata.sorted_tables))
"""


def test_whoever_opens_the_database_knows_the_tables_that_rows_refer_to(tmp_path: Path) -> None:
    """Processes in the other tests are forked from one that has loaded everything."""
    words = (sys.executable, "-c", OPENS_THE_DATABASE)
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "DATABASE_URL": f"sqlite:///{tmp_path}/service.db"}
    told = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert {"practice", "audit_entry", "wording_approval"} <= set(told.stdout.split())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "var/easy-to-reach.db"), "not-permitted"),
        (OSError(errno.ENOSPC, "No space left on device", "copy.db"), "cannot-write"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_is_no_fault_of_ours(
    capsys: pytest.CaptureFixture[str], error: OSError, code: str
) -> None:
    @click.command()
    @json_option
    def command(as_json: bool) -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        run(command, Console(), ["--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (ended.value.code, answer["refused"]) == (1, code)
    assert error.filename in answer["message"]
