"""Somebody at a terminal who types what a page of the documents says."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.world import ROOT, wait_until

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks_of(document: str, heading: str) -> list[str]:
    """What a part of a document says to type, in its order."""
    part = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", (ROOT / document).read_text(), re.DOTALL | re.MULTILINE)
    assert part is not None, f"{document} has no part {heading}"
    found = [(match[1], match[2]) for match in _BLOCK.finditer(part[1])]
    return ["\n".join(line.removeprefix(indent) for line in text.splitlines()) for indent, text in found]


def filled(block: str, table: Mapping[str, str]) -> str:
    """A block with something in the place of each placeholder."""
    for placeholder, value in table.items():
        block = block.replace(placeholder, value)
    return block


class Shell:
    """A terminal in which somebody types one block after the other; a line that fails ends it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._log, self._typed = folder.parent / "terminal.txt", 0
        self._file = self._log.open("wb")
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=self._file,
            start_new_session=True,
        )

    def type(self, lines: str, within: float = 60) -> str:
        """Type lines and wait until they are done; gives what was said meanwhile."""
        assert self._bash.stdin is not None
        before, self._typed = len(self.said), self._typed + 1
        end = f"done {self._typed}"
        self._bash.stdin.write(f"{lines}\necho '{end}'\n".encode())
        self._bash.stdin.flush()
        wait_until(lambda: end in self.said[before:] or self._bash.poll() is not None, within)
        assert end in self.said[before:], self.said
        return self.said[before:]

    @property
    def said(self) -> str:
        return self._log.read_text()

    def close(self) -> None:
        """End what runs in it, and it."""
        if self._bash.poll() is None:
            assert self._bash.stdin is not None
            self._bash.stdin.write(b"kill $(jobs -p) && wait\nexit 0\n")
            self._bash.stdin.close()
        self._bash.wait(timeout=30)
        self._file.close()
