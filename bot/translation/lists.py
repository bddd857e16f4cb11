"""Lists shipped as data: a line each, `#` begins a remark."""

from collections.abc import Iterator
from pathlib import Path


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a list that say something."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if said := line.partition("#")[0].strip():
            yield said
