"""The reply words as plain data in one file beside the lists: loaded in a tenth of the time they take to be made.

The file counts for nothing when a list, the code that reads it or the Python differs from those it was made with: then
the lists are made in memory, as in a checkout that has no such file.
"""

import gc
import marshal
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.texts import languages
from bot.understanding.building import DANGER, INTENTS, LISTED, NAMED, build
from bot.understanding.word_lists import Lexicon, Plain

NAME = "replies.compiled"
_SEAL = 32


def compile_lists(locales: Path) -> int:
    """Keep the lists under this folder as plain data; gives of how many languages.

    A running service never sees half a file.

    :raises WordingError: a list cannot be read; it is named.
    """
    content = marshal.dumps(_each_once(dict(build(locales)), {}))
    unfinished = locales / f"{NAME}.part"
    unfinished.write_bytes(_seal(locales, content) + content)
    unfinished.chmod(0o644)  # may be made by one user and read by another; there is nothing secret in it
    unfinished.replace(locales / NAME)
    return len(_lists(locales))


def _each_once(value: Any, kept: dict[tuple[type, Any], Any]) -> Any:
    """The same, with one object for all that is equal: it is written, read and held once."""
    if isinstance(value, Mapping):
        return {_each_once(key, kept): _each_once(held, kept) for key, held in value.items()}
    if isinstance(value, tuple | frozenset):
        value = type(value)(_each_once(part, kept) for part in value)
    return kept.setdefault((type(value), value), value)


def load_lists(locales: Path) -> Lexicon:
    """The lists under this folder: as they were kept, or made anew when what was kept is missing or out of date."""
    with _all_kept():
        kept = kept_lists(locales)
        return Lexicon.of(build(locales) if kept is None else kept)


@contextmanager
def _all_kept() -> Iterator[None]:
    """Nothing is garbage of what is made here: to look for it again and again takes a third of the time.

    Nor is it ever afterwards, so the collector looks at none of it again, and forked processes go on sharing it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
        gc.freeze()


def kept_lists(locales: Path) -> Plain | None:
    """What was kept of the lists as they are now, if anything."""
    try:
        file = (locales / NAME).read_bytes()
    except OSError:
        return None
    content = memoryview(file)[_SEAL:]
    if file[:_SEAL] != _seal(locales, content):
        return None
    kept: Plain = marshal.loads(content)  # noqa: S302 - sealed by us, and no more trusted than the code beside it
    return kept


def _seal(locales: Path, content: bytes | memoryview) -> bytes:
    """Fits this content alone, made from these very lists by this very code and Python."""
    made_from = sha256(f"{sys.version} {sys.byteorder} {marshal.version} {unicodedata.unidata_version}".encode())
    for path in read_from(locales):
        made_from.update(sha256(path.read_bytes()).digest())
    made_from.update(sha256(content).digest())
    return made_from.digest()


def read_from(locales: Path) -> Iterator[Path]:
    """The files whose change makes what was kept count for nothing: `make install` compiles after it."""
    yield Path(languages.__file__)
    yield from sorted(Path(__file__).parent.glob("*.py"))
    yield from _lists(locales)
    for name in (DANGER, INTENTS):
        yield from sorted(locales.glob(f"*/{name}"))
    yield from locales.glob(NAMED)


def _lists(locales: Path) -> list[Path]:
    return sorted(locales.glob(f"*/{LISTED}"))
