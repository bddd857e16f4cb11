"""The embedded database is one process's at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.console import read_only
from bot.private_files import FOLDER, keep_private
from bot.refusals import Refused
from bot.settings import Settings


def writable_folder(settings: Settings) -> Path:
    """The folder of the service's own files, made when it is not there.

    :raises Refused: it cannot be written to.
    """
    folder = settings.var_folder
    try:
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink(missing_ok=True)  # another process may look at the same moment
    except OSError as error:
        raise read_only(folder) from error
    keep_private(folder)
    return folder


@contextmanager
def only_serve(settings: Settings) -> Iterator[None]:
    """Hold the lock of the embedded database, a file beside it, for as long as this process lives."""
    if not settings.is_sqlite:
        yield
        return
    name = Path(make_url(settings.database_url).database or "memory").name
    with (writable_folder(settings) / f"{name}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = "Another serve is running on this database. Use that one, or stop it first (Ctrl-C)."
            raise Refused("already-serving", message) from error
        yield
