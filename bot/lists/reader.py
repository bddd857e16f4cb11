"""A list is looked at in a process of its own, which may be ended: no file holds up or brings down the service.

`python -m bot.lists.reader` gets one line of JSON on its standard input and answers with one. It ends with the process
that started it, whose end of the pipe is then closed.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

import bot
from bot.database import Database
from bot.lists.importing import begin_looking, look_through
from bot.lists.limits import takes_too_long, takes_too_much
from bot.lists.waiting import end, find_list, let_go, lists_left, still_at_it
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.lists import ListImport, ListState

AT_ONCE = 2
"""Lists that one process of the service lets be read at the same time; others wait."""

MODULE = "bot.lists.reader"
_SIGN_OF_LIFE = 20.0  # seconds
_MOST_WAITING = 1800.0  # seconds on the wall, however little the processor has to do
_BY_ITS_TIME = frozenset((signal.SIGXCPU, signal.SIGPROF))
_BY_ITS_CONTENT = frozenset((signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS))
_FAULT = 70
_places = threading.BoundedSemaphore(AT_ONCE)
_log = structlog.get_logger("lists")


def look_apart(db: Database, settings: Settings, waiting: ListImport) -> None:
    """Do what `begin_looking` took up, in a process of its own; comes back when it is done.

    A process that is killed leaves a list that is taken up again.

    :raises Refused: the list cannot be read to its end, and is not kept.
    :raises RuntimeError: a fault of ours, or the process was ended from outside.
    """
    import_id = waiting.id or 0
    with _a_place(db, import_id), _started() as child:
        answer = _answer_of(child, db, settings, import_id)
        status = child.wait()
    if "refused" in answer:
        raise Refused(answer["refused"]["code"], answer["refused"]["message"])
    if status < 0 and -status in _BY_ITS_TIME | _BY_ITS_CONTENT:
        refused = takes_too_long() if -status in _BY_ITS_TIME else takes_too_much()
        end(db, import_id, ListState.REFUSED, refusal=refused.message)
        raise refused
    if status:
        let_go(db, import_id)
        raise RuntimeError(answer.get("fault") or f"the reader ended with {status}")


@contextmanager
def _a_place(db: Database, import_id: int) -> Iterator[None]:
    while not _places.acquire(timeout=_SIGN_OF_LIFE):
        still_at_it(db, import_id)
    try:
        yield
    finally:
        _places.release()


@contextmanager
def _started() -> Iterator["subprocess.Popen[bytes]"]:
    """The process, which does not outlive the block. It hears nothing of a Ctrl-C at our terminal."""
    root = str(Path(bot.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    child = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    try:
        yield child
    finally:
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()


def _answer_of(child: "subprocess.Popen[bytes]", db: Database, settings: Settings, import_id: int) -> dict[str, Any]:
    """What it says; while it works the list tells that somebody is at it. Of a list that was discarded nothing."""
    order = {"list": import_id, "settings": settings.model_dump(mode="json") | {"database_url": db.url}}
    heard: list[bytes] = []
    listener = threading.Thread(target=_converse, args=(child, json.dumps(order).encode(), heard), daemon=True)
    listener.start()
    until = time.monotonic() + _MOST_WAITING
    while listener.is_alive():
        listener.join(_SIGN_OF_LIFE)
        if listener.is_alive() and not (still_at_it(db, import_id) and time.monotonic() < until):
            child.kill()
    answer: dict[str, Any] = json.loads(heard[0]) if heard and heard[0] else {}
    return answer


def _converse(child: "subprocess.Popen[bytes]", order: bytes, heard: list[bytes]) -> None:
    if child.stdin is None or child.stdout is None:
        return
    with suppress(BrokenPipeError):
        child.stdin.write(order + b"\n")
        child.stdin.flush()
    heard.append(child.stdout.readline())


def take_up_lists_left(db: Database, settings: Settings) -> None:
    """Look at lists of which the reading was cut short, beside whoever asks for it."""
    for import_id in lists_left(db):
        try:
            waiting = begin_looking(db, import_id)
        except Refused as refused:
            _log.info("list-refused", code=refused.code)
            continue
        threading.Thread(target=_look_quietly, args=(db, settings, waiting), name="list", daemon=True).start()


def _look_quietly(db: Database, settings: Settings, waiting: ListImport) -> None:
    try:
        look_apart(db, settings, waiting)
    except Refused as refused:
        _log.info("list-refused", code=refused.code)
    except Exception as error:
        _log.error("list-failed", kind=type(error).__name__)


def main() -> int:
    """The process of its own: one order, one answer. Gives its exit status."""
    import bot.tables  # noqa: F401 - rows of one room refer to those of others

    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    answer: dict[str, Any] = {}
    try:
        _look(order)
    except Refused as refused:
        answer = {"refused": {"code": refused.code, "message": refused.message}}
    except Exception as error:
        answer = {"fault": type(error).__name__}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return _FAULT if "fault" in answer else 0


def _look(order: dict[str, Any]) -> None:
    settings = Settings(**order["settings"])
    db = Database(settings.database_url, pool_size=1)
    with db.read() as session:
        waiting = find_list(session, order["list"])
    if waiting is not None:
        look_through(db, settings, waiting)
    db.dispose()


def _end_with_who_asked() -> None:
    while os.read(sys.stdin.fileno(), 1):  # past the buffer, whose lock Python would want back at its end
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
