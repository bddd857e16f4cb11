"""Commands as real processes, quickly started: one process has imported them all and forks for each."""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Done:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output, a JSON value a line and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


class Forks:
    """The forking process; see tests/forking.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: bytes) -> Done:
        """Run one command to its end."""
        files = {name: self._folder / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_bytes(stdin if name == "stdin" else b"")
        order = {"words": words, "folder": str(folder), "environment": environment}
        order |= {name: str(path) for name, path in files.items()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Done(status, files["stdout"].read_text(), files["stderr"].read_text())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@cache
def shared_forks() -> Forks:
    """One forking process for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="easy-forks-"))
    forks = Forks(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(forks.close)
    return forks
