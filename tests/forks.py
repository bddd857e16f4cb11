"""Processes of the service, quickly started: one process has imported it all and forks for each."""

import atexit
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = "EASY_TO_REACH_FORKS"


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


class Process:
    """A process of the service, with what tests need of `subprocess.Popen`."""

    def __init__(self, forks: "Forks", pid: int) -> None:
        self._forks = forks
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended, if it has: minus the signal's number when a signal ended it."""
        if self.returncode is None:
            self.returncode = self._forks.ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        """Wait for its end.

        :raises subprocess.TimeoutExpired: it goes on.
        """
        until, pause = time.monotonic() + timeout, 0.002
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(pause)
            pause = min(0.05, pause * 1.5)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """The forking process (tests/forking.py), shared by all processes that run tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "forking"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._socket.exists():
                self._begin()

    def _begin(self) -> None:
        words = (sys.executable, "-m", "tests.forking", str(self._socket), (self._folder / "owner").read_text())
        process = subprocess.Popen(words, cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL)
        while not self._socket.exists():
            assert process.poll() is None, "the forking process has not started"
            time.sleep(0.02)

    def ask(self, order: dict[str, Any]) -> Any:
        """Hand over one order; gives the answer."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self._socket))
            line.sendall(json.dumps(order).encode() + b"\n")
            with line.makefile() as answer:
                return json.loads(answer.readline())

    def start(
        self,
        words: tuple[str, ...],
        folder: Path,
        environment: dict[str, str],
        files: dict[str, Path],
        **more: str | bool,
    ) -> Process:
        """Start a process; `files` are its stdin, stdout and stderr.

        `die_at` is a point of tests/faults/dying.py; with `own_session` it leads a group, as from a terminal.
        """
        order = {"words": words, "folder": str(folder), "environment": environment, **more}
        return Process(self, self.ask(order | {name: str(path) for name, path in files.items()}))

    def run(self, words: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: bytes) -> Done:
        """Run one command to its end."""
        with tempfile.TemporaryDirectory(dir=self._folder) as mine:
            files = {name: Path(mine) / name for name in ("stdin", "stdout", "stderr")}
            for name, path in files.items():
                path.write_bytes(stdin if name == "stdin" else b"")
            status = self.start(words, folder, environment, files).wait(timeout=600)
            return Done(status, files["stdout"].read_text(), files["stderr"].read_text())


@cache
def shared_forks() -> Forks:
    """One forking process for a whole run of tests, or for a program that uses `World` alone."""
    if FOLDER not in os.environ:
        atexit.register(own_folder().cleanup)
    return Forks(Path(os.environ[FOLDER]))


def own_folder() -> "tempfile.TemporaryDirectory[str]":
    """Where this process and its children find the forking process, which ends with this process."""
    folder = tempfile.TemporaryDirectory(prefix="easy-forks-", ignore_cleanup_errors=True)
    (Path(folder.name) / "owner").write_text(str(os.getpid()))
    os.environ[FOLDER] = folder.name
    return folder
