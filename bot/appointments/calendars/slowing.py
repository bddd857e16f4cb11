"""How often something may be asked of this process: counted in memory, for what costs little and guards no secret."""

import threading
from collections import Counter
from datetime import datetime, timedelta


class Slowing:
    """So many times within a stretch of time for each key; a new stretch begins anew."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._seconds = within.total_seconds()
        self._stretch = -1
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def allows(self, key: str, now: datetime) -> bool:
        """Count one more; whether it is still within what may be.

        :param now: UTC.
        """
        stretch = int(now.timestamp() // self._seconds)
        with self._lock:
            if stretch != self._stretch:
                self._stretch, self._counts = stretch, Counter()
            self._counts[key] += 1
            return self._counts[key] <= self._most
