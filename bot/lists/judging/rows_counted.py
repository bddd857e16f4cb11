"""What became of the rows of a file, whatever they are about."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bot.lists.judging.row_reading import CellProblem


@dataclass
class RowsCounted:
    """accepted + fixed + rejected + duplicates = rows; `stored` are new or changed."""

    rows: int = 0
    accepted: int = 0
    fixed: int = 0
    rejected: int = 0
    duplicates: int = 0
    stored: int = 0
    problems: list[CellProblem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What the command that read the file answers."""
        return {**vars(self), "problems": [asdict(problem) for problem in self.problems]}
