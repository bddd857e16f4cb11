"""Threads that work until the network ends."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
_log = logging.getLogger(__name__)


class Desk(Generic[Item]):
    """A queue with threads that take one item after another. A failed item is logged."""

    def __init__(self, name: str, work: Callable[[Item], None], threads: int = 1) -> None:
        self._name = name
        self._work = work
        self._waiting: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"network-{name}", daemon=True) for _ in range(threads)
        ]

    def start(self) -> None:
        """Open the desk."""
        for thread in self._threads:
            thread.start()

    def put(self, item: Item) -> None:
        """Leave an item to be worked on."""
        self._waiting.put(item)

    def stop(self) -> None:
        """Close the desk once what is in hand is done, or after two seconds."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=2)

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                self._work(item)
            except Exception:
                _log.exception("The simulated network failed at its %s and goes on", self._name)
