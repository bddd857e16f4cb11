"""Files for their owner alone: they hold patients' data, or the keys to it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OURS = ("*.db", "*.db-*", "*.db.*", "secret-key", "audit-head*", "last-fault.txt")
"""What the service makes in a folder that may hold other things too."""


def make_private_from_now_on() -> None:
    """Whatever this process makes is its owner's alone, SQLite's files and their like too."""
    os.umask(0o077)


def keep_private(folder: Path, *more: str) -> None:
    """Take from others what an earlier version or another umask gave them.

    A folder named `var` is the service's own, with everything in it. In any other, which may be somebody's home or
    the machine's, only what the service makes is touched.

    :param more: names of other files there that are the service's.
    """
    own = folder.name == "var" and folder.parent != Path(folder.anchor)
    if own:
        _take_from_others(folder)
    found = all_in(folder) if own else _of_names(folder, (*OURS, *more))
    for path in found:
        _take_from_others(path)


def write_private(path: Path, words: str, *, once: bool = False) -> None:
    """Write a whole file, or leave what was there: never half of it.

    :param once: leave what is there, also when another process has just written it.
    :raises OSError: it cannot be written.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE), "w", encoding="utf-8") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())
        if once:
            with suppress(FileExistsError):
                os.link(new, path)
        else:
            new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def all_in(folder: Path) -> Iterator[Path]:
    """Everything under it; what another process takes away meanwhile is passed over, folders too (`rglob` raises)."""
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in (*folders, *files))


def _of_names(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        yield from folder.glob(name)


def _take_from_others(path: Path) -> None:
    with suppress(OSError):  # gone meanwhile, or somebody else's
        status = path.lstat()
        wanted = FOLDER if stat.S_ISDIR(status.st_mode) else FILE
        plain = stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)
        if plain and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) & 0o077:
            path.chmod(stat.S_IMODE(status.st_mode) & wanted)
