"""A child whose model does what its sentences say: hangs, dies, eats memory, prints; else it writes them backwards.

`python -m tests.translation.stand_in_child` is what tests start in the place of Argos.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

from bot.translation.child import serve_parent
from bot.translation.engines import Model, ModelUnusable, Translated

COMMAND = [sys.executable, "-m", "tests.translation.stand_in_child"]


class StandIn:
    """An engine that is as bad as it is told to be."""

    def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
        return [self._translate(model, sentence) for sentence in sentences]

    def _translate(self, model: Model, sentence: str) -> Translated:
        if "hang" in sentence:
            time.sleep(600)
        if "die" in sentence:
            os.kill(os.getpid(), signal.SIGKILL)
        if "eat" in sentence:
            bytearray(16 * 1024**3)
        if "print" in sentence:
            print("a library says something")
        if "secret" in sentence:
            raise ValueError(sentence)
        if "altered" in sentence:
            raise ModelUnusable(model, "changed")
        if "slow" in sentence:
            time.sleep(0.6)
        return Translated(sentence[::-1], -0.1)


if __name__ == "__main__":
    serve_parent(StandIn)
