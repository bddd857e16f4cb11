"""The key of the audit trail's seals, and its head outside the database.

Whoever has the database alone can take rows away and compute a chain anew. They have neither the key, nor the file
in which the newest seal stands.
"""

import fcntl
import hashlib
import hmac
import json
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bot.private_files import FILE, FOLDER

HEAD_FILE = "audit-head"
_LENGTH = 1024
"""Bytes of the head's file: always all of them are written, so that it is never half."""
_log = logging.getLogger("audit")


@dataclass(frozen=True)
class Head:
    """The newest seal of the trail that this machine knows of.

    `restored` is when a backup was put in the place of a trail, whose newest seal was number `before`.
    """

    number: int
    hash: str
    restored: str | None = None
    before: int | None = None


Change = Callable[[Head | None], Head]


class Sealing:
    """A key, those before it, and the folder in which the head stands."""

    def __init__(self, key: str, former: tuple[str, ...] = (), folder: Path | None = None) -> None:
        self.id = key_id(key)
        self._keys = {key_id(one): one for one in (key, *former) if one}
        self.file = folder / HEAD_FILE if folder else None
        self._complained = False

    def without_head(self) -> "Sealing":
        """The same keys, for a copy of the database that is not yet in its place."""
        return Sealing(self._keys[self.id], tuple(self._keys.values()))

    def mac(self, words: str, key: str | None = None) -> str | None:
        """The keyed hash of something; None when the key of that id is not known."""
        known = self._keys.get(key or self.id)
        return None if known is None else hmac.new(known.encode(), words.encode(), hashlib.sha256).hexdigest()

    def note(self, number: int, hash_: str, *, begins: bool) -> None:
        """Write down the newest seal, unless a newer one stands there. A disk that is full holds nobody up.

        :param begins: none may have been written down yet. Else one that is gone or not ours stays so, to be found.
        """
        _log.info("audit-head number=%d head=%s", number, hash_)
        self._write(lambda there: replace(there or Head(0, ""), number=number, hash=hash_), begins=begins)

    def note_restored(self, head: Head) -> None:
        """Write down the head of a trail that was put in the place of another."""
        _log.warning("audit-head number=%d head=%s restored=%s", head.number, head.hash, head.restored)
        self._write(lambda there: replace(head, before=there.number if there else None), anew=True)

    def _write(self, change: Change, *, begins: bool = False, anew: bool = False) -> None:
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
            self._change(self.file, change, begins=begins or anew, anew=anew)
        except OSError as error:
            if not self._complained:
                _log.error("audit-head-not-written %s (%s)", self.file, error.strerror)
            self._complained = True

    def _change(self, path: Path, change: Change, *, begins: bool, anew: bool) -> None:
        file = os.open(path, os.O_RDWR | (os.O_CREAT if begins else 0), FILE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            content = os.pread(file, _LENGTH, 0)
            there = self._understood(content)
            head = change(there)
            newer = head.number > there.number if there else begins and not content
            if anew or newer:
                os.pwrite(file, self._written(head), 0)
        finally:
            os.close(file)

    def _written(self, head: Head) -> bytes:
        words = json.dumps(asdict(head), sort_keys=True)
        line = json.dumps({**asdict(head), "key": self.id, "mac": self.mac(f"head:{words}")})
        return line.encode().ljust(_LENGTH - 1) + b"\n"

    def read_head(self) -> Head | None:
        """The head that stands outside the database; None when there is none.

        :raises ValueError: it is not as this service has written it.
        """
        if self.file is None:
            return None
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return None
        head = self._understood(content)
        if head is None:
            raise ValueError("the head of the audit trail is not as it was written")
        return head

    def _understood(self, content: bytes) -> Head | None:
        with suppress(ValueError, TypeError, AttributeError):
            read: Mapping[str, object] = json.loads(content)
            values = {name: read.get(name) for name in Head.__dataclass_fields__}
            expected = self.mac(f"head:{json.dumps(values, sort_keys=True)}", str(read.get("key")))
            if expected and hmac.compare_digest(expected, str(read.get("mac"))):
                return Head(**values)  # type: ignore[arg-type]
        return None


def key_id(key: str) -> str:
    """What a key is known by, without giving it away."""
    return hashlib.sha256(f"easy-to-reach-audit:{key}".encode()).hexdigest()[:16]
