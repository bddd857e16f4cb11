"""The process that reads a list, with tight limits and a reading that goes wrong as `ODD_READER` says."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.lists import importing, limits, reader

WAY = "ODD_READER"


def spin() -> None:
    while True:
        pass


def hang() -> None:
    """A single step that never comes to an end, and hears of nothing."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def eat() -> None:
    kept = []
    while True:
        kept.append(bytes(1 << 20))


def wait() -> None:
    time.sleep(600)


def fail() -> None:
    raise ValueError("Alex Example 9990000077")


def end_by(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


WAYS: Mapping[str, Callable[[], None]] = {
    "spins": spin,
    "hangs": hang,
    "eats": eat,
    "waits": wait,
    "fails": fail,
    "crashes": end_by(signal.SIGSEGV),
    "is killed": end_by(signal.SIGKILL),
    "is ended": end_by(signal.SIGTERM),
}

if __name__ == "__main__":
    limits.MOST_SECONDS, limits._SECONDS_OF_GRACE, limits.MOST_BYTES = 1, 1, 64 << 20

    def look(*_: Any) -> Any:
        WAYS[os.environ[WAY]]()

    importing._look = look
    sys.exit(reader.main())
