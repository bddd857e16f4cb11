"""How much of the processor and of memory the reading of one list may take. What takes more ends with a sentence."""

import errno
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from types import FrameType
from typing import NoReturn
from xml.parsers.expat import ExpatError, errors

from bot.refusals import Refused

try:
    import resource
except ImportError:  # a system without such limits
    resource = None  # type: ignore[assignment]

MOST_SECONDS = 120
"""Of the processor, for one reading of a list; one of 100,000 people takes a tenth of that."""

MOST_BYTES = 512 << 20
"""Of memory, beyond what the process has when the reading begins."""

_SECONDS_OF_GRACE = 10
_OUT_OF_MEMORY = errors.codes[errors.XML_ERROR_NO_MEMORY]


def takes_too_long() -> Refused:
    """The refusal of a file that is given up."""
    return Refused(
        "takes-too-long",
        "This file takes far too long to read for a list of patients, so it was given up. "
        "Save it again as CSV UTF-8 with only the columns that are needed, or in two parts, and upload that.",
    )


def takes_too_much() -> Refused:
    """The refusal of a file for which there is not enough memory."""
    return Refused(
        "takes-too-much",
        "This file takes far more memory to read than any list of patients, so it was given up. "
        "Save it again as CSV UTF-8 with only the columns that are needed, or in two parts, and upload that.",
    )


@contextmanager
def limited() -> Iterator[None]:
    """Limit what is done in the block, where the system can and this is a thread that hears of it.

    :raises Refused: it took too long, or too much memory.
    """
    late = threading.Event()
    try:
        if resource is None or threading.current_thread() is not threading.main_thread():
            yield
        else:
            with _of_memory(), _of_the_processor(late):
                yield
    except Exception as error:
        if late.is_set():  # whatever it broke off says something else of it, a database for example
            raise takes_too_long() from None
        if _is_of_memory(error):
            raise takes_too_much() from None
        raise


def _is_of_memory(error: Exception) -> bool:
    if isinstance(error, ExpatError):
        return error.code == _OUT_OF_MEMORY
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)


@contextmanager
def _of_memory() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _taken() + MOST_BYTES
    if _is_tighter(soft, most):
        most = soft
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _taken() -> int:
    """Bytes of addresses that the process has; nothing is known of them but on Linux."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 1 << 40


@contextmanager
def _of_the_processor(late: threading.Event) -> Iterator[None]:
    """First a signal that Python hears between two steps; if it does not come to the next one, the process ends."""

    def give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
        late.set()
        raise takes_too_long()

    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(process_time()) + 1 + MOST_SECONDS
    before = signal.signal(signal.SIGXCPU, give_up)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS + _SECONDS_OF_GRACE)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if _is_tighter(soft, most) else most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGXCPU, before)


def _is_tighter(limit: int, than: int) -> bool:
    return limit != resource.RLIM_INFINITY and limit < than
