"""The seal of a backup: a keyed hash over all it holds, so that a file somebody has changed is not put back."""

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.refusals import Refused
from bot.sealing import Sealing

_ELSE = "If you know where it comes from, say so: restore --unsealed"


def refuse_damaged(path: Path) -> None:
    """:raises Refused: the file is no whole database."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise Refused("damaged-backup", f"{path} is damaged ({found}). Take another copy, or an earlier backup.")


def seal_of(path: Path, note: str, told: str, sealing: Sealing, key: str | None = None) -> str | None:
    """The keyed hash over every row and every definition; None when the key of that id is not known.

    :param note: the table that keeps the seal, which it does not cover.
    :param told: what that table says besides.
    """
    digest = hashlib.sha256(told.encode())
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        for words in _everything(copy, note):
            digest.update(words.encode())
    return sealing.mac(f"backup:{digest.hexdigest()}", key)


def _everything(copy: sqlite3.Connection, note: str) -> Iterator[str]:
    defined = copy.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> ? ORDER BY type, name", (note,)
    ).fetchall()
    for definition in defined:
        yield repr(definition)
    for name in (name for kind, name, *_ in defined if kind == "table"):
        order = _order(copy, name)
        for row in copy.execute(f'SELECT * FROM "{name}" ORDER BY {order}'):  # noqa: S608 - names of our own file
            yield repr(row)


def _order(copy: sqlite3.Connection, table: str) -> str:
    """What the rows of a table are ordered by: that they were written so, or its key where it keeps no such order."""
    columns = copy.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
    keyed = [f'"{name}"' for _, name, _, _, _, place, _ in sorted(columns, key=lambda column: column[5]) if place]
    [(without,)] = copy.execute("SELECT wr FROM pragma_table_list WHERE name = ? AND schema = 'main'", (table,))
    return ", ".join(keyed) if without else "rowid"


def refuse_changed(
    path: Path, note: str, told: str, seal: tuple[str, str] | None, sealing: Sealing, *, trusted: bool
) -> None:
    """:param seal: the id of the key, and the seal; None without one.
    :param trusted: somebody says that they know the file, though it has no seal we can check.
    :raises Refused: it was changed since it was written, or nobody can tell.
    """
    right = seal_of(path, note, told, sealing, seal[0]) if seal else None
    if seal and right:
        if not hmac.compare_digest(seal[1], right):
            raise Refused(
                "changed-backup", f"{path} was changed after it was written. Take another copy, or an earlier backup."
            )
    elif not trusted:
        raise _nobody_can_tell(path, sealed=seal is not None)


def _nobody_can_tell(path: Path, *, sealed: bool) -> Refused:
    if not sealed:
        return Refused("unsealed-backup", f"{path} has no seal: it is of an older version, or was changed. {_ELSE}")
    return Refused(
        "other-key",
        f"{path} was sealed under another key. Set AUDIT_KEY, HASH_KEY or SECRET_KEY to the one of then. {_ELSE}",
    )
