"""A child as its parent sees it: on a pipe, started when there is something to do, killed when it hangs."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from bot.settings import Settings
from bot.translation.engines import EngineFailed, Model, ModelUnusable, TimedOut, Translated

START_SECONDS = 60.0
"""How long the child may take to be there; no text is to blame for that."""
LOOK_UP = 0.25
"""Seconds between two looks at whether to go on waiting."""
_ENDS_WITHIN = 5.0
_PIECE = 64 * 1024


def _go_on() -> None:
    """Nobody else needs to know that we wait."""


class Apart:
    """A child on a pipe that answers one batch at a time, whoever asks.

    :param command: what to start as the child.
    :param seconds: how long a batch may take.
    """

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._command = list(command)
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._one_at_a_time = threading.Lock()
        self.while_waiting: Callable[[], None] = _go_on
        """Called again and again while a batch takes its time; what it raises ends the batch, and the child."""

    def ask(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have the child do a batch, and give its answer.

        :raises TimedOut: it took too long; the child is gone.
        :raises EngineFailed: the child died, or could not do it.
        """
        with self._one_at_a_time:
            answer = self._ask(batch)
        if "failed" in answer:
            raise EngineFailed(answer["failed"])
        return answer

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child, self._read = self._child, None, b""
        if child is None:
            return
        child.kill()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_ENDS_WITHIN)
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    @property
    def child_id(self) -> int | None:
        """The process number of the child, while there is one."""
        return self._child.pid if self._child else None

    def _ask(self, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            child = self._started()
            child.stdin.write(json.dumps(batch).encode() + b"\n")  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
            return self._answer(child, self._seconds)
        except BaseException as error:
            self.close()
            if isinstance(error, BrokenPipeError):
                raise EngineFailed("died") from error
            raise

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - ourselves
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_without_secrets()
            )
            self._answer(self._child, START_SECONDS)
        return self._child

    def _answer(self, child: "subprocess.Popen[bytes]", seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        pipe, poll = child.stdout.fileno(), select.poll()  # type: ignore[union-attr]
        poll.register(pipe, select.POLLIN)
        while b"\n" not in self._read:
            left = until - time.monotonic()
            if left <= 0:
                raise TimedOut
            if poll.poll(1000 * min(left, LOOK_UP)):
                self._read += self._more(pipe)
            self.while_waiting()
        line, self._read = self._read.split(b"\n", 1)
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _more(pipe: int) -> bytes:
        if piece := os.read(pipe, _PIECE):
            return piece
        raise EngineFailed("died")


class EngineApart(Apart):
    """Translates in a child process."""

    def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
        """Translate in one batch, in the order given; a NUL, which no database takes, is left out.

        :raises ModelUnusable: its files are not what was installed, or cannot be read.
        :raises TimedOut: it took too long; the child is gone.
        :raises EngineFailed: the child died, or could not do it.
        """
        if not sentences:
            return []
        answer = self.ask({"model": asdict(model), "sentences": list(sentences)})
        if "fault" in answer:
            raise ModelUnusable(model, answer["fault"])
        return [Translated(text.replace("\0", ""), score) for text, score in answer["translated"]]


def _without_secrets() -> dict[str, str]:
    """The environment of the child: it needs no key, no password and no database."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED", "VIRTUAL_ENV")
    more = (name for name in os.environ if name.startswith(("ARGOS_INT", "OMP_", "LD_")))
    found = {name: os.environ[name] for name in (*names, *more) if name in os.environ}
    return {"HOME": "/"} | found  # Argos asks for one as it is imported, and uses it for nothing


def engine_apart(settings: Settings) -> EngineApart:
    """Argos in a child, with the packages and the time limit of the settings."""
    folder, mode = str(settings.argos_folder), settings.mode
    command = [sys.executable, "-m", "bot.translation.child", folder, mode]
    return EngineApart(command, settings.translation_seconds)
