"""What every engine is given and must be able to do. Pure: the process that translates knows no database.

Argos is one engine. Another, such as Firefox's models under Marian, would be another class with this one method.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Fault = Literal["missing", "changed", "trial", "unreadable"]
"""Why a model is not used: its files are not there, are not what was installed, are for tests, or cannot be read."""


@dataclass(frozen=True)
class Model:
    """One direction. `folder` lies in the folder of packages and holds `contents` (`bot.translation.packages`).

    `token_form`: the name of what stands for a value, empty when nothing comes through, None when it was not tried.
    """

    from_language: str
    to_language: str
    version: str
    sha256: str
    contents: str
    folder: str
    token_form: str | None = None
    trial: bool = False

    @property
    def direction(self) -> tuple[str, str]:
        """From and to."""
        return self.from_language, self.to_language

    @property
    def name(self) -> str:
        """What a translation is marked with: the direction, the version, the beginning of the package's sha256."""
        return f"{self.from_language}-{self.to_language} {self.version} {self.sha256[:8]}"


@dataclass(frozen=True)
class Translated:
    """What became of a sentence, and the mean log-probability of its tokens: the nearer to 0 the surer."""

    text: str
    score: float


class Engine(Protocol):
    """Whatever translates sentences on this machine."""

    def translate(self, model: Model, sentences: Sequence[str]) -> list[Translated]:
        """Translate in one batch, in the order given.

        :raises ModelUnusable: its files are not what was installed, or cannot be read.
        :raises TimedOut: it took too long.
        :raises EngineFailed: it died, or could not do it.
        """


class TimedOut(Exception):
    """A model took longer than a text may."""


class EngineFailed(Exception):
    """A model died, or ran out of memory."""


class ModelUnusable(Exception):
    """A model is not loaded, and why."""

    def __init__(self, model: Model, fault: Fault) -> None:
        super().__init__(f"{model.name}: {fault}")
        self.model = model
        self.fault = fault
