"""The process that translates: batches in on a pipe, translations out on another. It opens no database and no socket.

It ends with its parent however that ends: the pipe it reads from is closed then. Whatever goes wrong with a batch is
answered by the name of the error alone, since an error may quote the text.
"""

import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bot.translation.engines import Engine, Model, ModelUnusable

MOST_MEMORY = 3 * 1024**3
"""Bytes of data after which no more is given: it dies, and its parent goes on with the next text."""
AFTER_THE_OTHERS = 5
"""How nice it is to the pages and the sender, which share the processor."""


def translate(engine: Engine, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """What becomes of one batch."""
    try:
        translated = engine.translate(Model(**asked["model"]), asked["sentences"])
    except ModelUnusable as unusable:
        return {"fault": unusable.fault}
    return {"translated": [[each.text, each.score] for each in translated]}


def serve_parent(make_engine: Callable[[], Engine]) -> None:
    """Translate batches until the parent is gone."""
    answer_parent(lambda: partial(translate, make_engine()))


def answer_parent(prepare: Callable[[], Callable[[Mapping[str, Any]], Mapping[str, Any]]]) -> None:
    """Answer what comes on the pipe until the parent is gone.

    Standard output is the pipe: what a library prints goes to standard error.

    :param prepare: makes what answers, once this process is set up.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this one in order
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory()
    batches: SimpleQueue[bytes] = SimpleQueue()
    answer = prepare()
    threading.Thread(target=_read_batches, args=(batches,), name="pipe", daemon=True).start()
    _say(pipe, {"ready": True})
    while True:
        _say(pipe, _guarded(answer, batches.get()))


def _guarded(answer: Callable[[Mapping[str, Any]], Mapping[str, Any]], line: bytes) -> Mapping[str, Any]:
    try:
        return answer(json.loads(line))
    except Exception as error:
        return {"failed": type(error).__name__}


def _say(pipe: Any, words: Mapping[str, Any]) -> None:
    pipe.write(json.dumps(words) + "\n")
    pipe.flush()


def _read_batches(batches: "SimpleQueue[bytes]") -> None:
    """A thread of its own, so that the end of the parent is noticed in the middle of a batch too."""
    for line in sys.stdin.buffer:
        batches.put(line)
    os._exit(0)


def _limit_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    os.nice(AFTER_THE_OTHERS)


def main(folder: str, mode: str) -> None:
    """The child of a translator, with the packages in a folder."""
    from bot.translation.engine import ArgosEngine

    serve_parent(lambda: ArgosEngine(Path(folder), live=mode == "live"))


if __name__ == "__main__":
    main(*sys.argv[1:])
