"""Trouble on request: every n-th request, message or callback goes wrong in a named way."""

import threading
from dataclasses import asdict, dataclass

from bot.simulator.errors import DELIVERY_ERRORS

REQUEST_FAULTS = (
    "latency",
    "429",
    "500-before",
    "503-before",
    "500-after",
    "drop-before",
    "drop-after",
    "21610",
)
CALLBACK_FAULTS = (
    "callbacks-lost",
    "callbacks-repeated",
    "callbacks-late",
    "callbacks-reversed",
    "callbacks-first",
)
FAULTS = (*REQUEST_FAULTS, *CALLBACK_FAULTS, *(str(code) for code in DELIVERY_ERRORS))
DEFAULT_SECONDS = {"latency": 1.0, "callbacks-late": 5.0}


@dataclass
class Fault:
    """One fault: every n-th occasion is hit. `seconds` says how long, `hits` how often so far."""

    fault: str
    every: int
    seconds: float | None = None
    seen: int = 0
    hits: int = 0


class FaultBoard:
    """The faults that are switched on. Safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def set(self, name: str, every: int, seconds: float | None = None) -> None:
        """Switch a fault on, or off with `every` 0. Counting starts again. Raises `ValueError`."""
        if name not in FAULTS:
            raise ValueError(f"There is no fault called {name}.")
        if every < 0 or (seconds is not None and not 0 <= seconds <= 600):
            raise ValueError("every must be 0 or more, and seconds from 0 to 600.")
        with self._lock:
            self._faults.pop(name, None)
            if every:
                self._faults[name] = Fault(name, every, DEFAULT_SECONDS.get(name) if seconds is None else seconds)

    def strikes(self, name: str) -> bool:
        """Count one more occasion for this fault, and say whether this is one that goes wrong."""
        with self._lock:
            fault = self._faults.get(name)
            if fault is None:
                return False
            fault.seen += 1
            struck = fault.seen % fault.every == 0
            fault.hits += struck
            return struck

    def seconds(self, name: str) -> float:
        """How long a fault lasts; 0 when it is off."""
        with self._lock:
            fault = self._faults.get(name)
            return (fault.seconds or 0.0) if fault else 0.0

    def active(self) -> list[dict[str, object]]:
        """The faults that are on, with how often each was seen and struck."""
        with self._lock:
            return [asdict(fault) for fault in self._faults.values()]
