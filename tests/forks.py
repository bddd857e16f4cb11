"""Processes of the service, quickly started: one process has imported it all and forks for each."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
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
    """The forking process; see tests/forking.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, order: dict[str, Any]) -> Any:
        """Hand over one order; gives the answer."""
        with self._one_at_a_time:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def start(
        self, words: tuple[str, ...], folder: Path, environment: dict[str, str], files: dict[str, Path], **more: str
    ) -> Process:
        """Start a process; `files` are its stdin, stdout and stderr, `die_at` a point of tests/faults/dying.py."""
        order = {"words": words, "folder": str(folder), "environment": environment, **more}
        return Process(self, self.ask(order | {name: str(path) for name, path in files.items()}))

    def run(self, words: tuple[str, ...], folder: Path, environment: dict[str, str], stdin: bytes) -> Done:
        """Run one command to its end."""
        files = {name: self._folder / name for name in ("stdin", "stdout", "stderr")}
        for name, path in files.items():
            path.write_bytes(stdin if name == "stdin" else b"")
        status = self.start(words, folder, environment, files).wait(timeout=600)
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
