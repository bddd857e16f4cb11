"""A child that thinks what its texts say: `python -m tests.opinions.stand_in_child` in the place of the model.

"red" and "may" in a text are its danger, "harm" that somebody else does it; it hangs and dies where it is told to.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from bot.translation.child import answer_parent

COMMAND = [sys.executable, "-m", "tests.opinions.stand_in_child"]
FAULTY = [*COMMAND, "missing"]


def opinion_of(text: str) -> list[float]:
    """How likely it is danger, and harm by another."""
    if "hangs" in text:
        time.sleep(600)
    if "dies" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "secret" in text:
        raise ValueError(text)
    danger = 1.0 if "red" in text else 0.0
    if "may" in text:
        danger = 0.7
    return [danger, 1.0 if "harm" in text else 0.0]


def read(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """An opinion of each text."""
    return {"fault": sys.argv[1]} if sys.argv[1:] else {"opinions": [opinion_of(text) for text in asked["texts"]]}


if __name__ == "__main__":
    answer_parent(lambda: read)
