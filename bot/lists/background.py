"""Long work on a list beside the request that asked for it: the list's own row tells how far it is."""

import threading
from collections.abc import Callable

import structlog

from bot.refusals import Refused

SMALL_LIST = 512 * 1024
"""Bytes; a list up to this is looked at or stored while the page loads, which takes about a second."""

_log = structlog.get_logger("lists")


def soon(work: Callable[[], object], content: bytes | None) -> bool:
    """Do the work now if the list is small, else in a thread of its own; whether it is done already.

    A thread that dies with its process leaves a list that can be taken up again.
    """
    if len(content or b"") <= SMALL_LIST:
        work()
        return True
    threading.Thread(target=_quietly, args=(work,), name="list", daemon=True).start()
    return False


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except Refused as refused:
        _log.info("list-refused", code=refused.code)
    except Exception as error:
        _log.error("list-failed", kind=type(error).__name__)
