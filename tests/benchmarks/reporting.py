"""Figures as Markdown, on the terminal and in docs/speed.md."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.measuring import Figure, Sample

PAGE = Path(__file__).resolve().parents[2] / "docs" / "speed.md"
HEADINGS = (
    "what", "database", "size", "ours, a second", "baseline, a second", "share of the baseline", "aim", "peak MB"
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A table of the report; `name` marks its place on the page."""

    name: str
    title: str
    text: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_markdown(self) -> str:
        lines = [f"## {self.title}", "", self.text, "", _row(self.headings), _row(["---"] * len(self.headings))]
        return "\n".join([*lines, *(_row(row) for row in self.rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def section_of(name: str, title: str, text: str, figures: Sequence[Figure]) -> Section:
    """A table of ratios, with what each was compared with below the title."""
    return Section(name, title, text, HEADINGS, [_cells(figure) for figure in figures])


def _cells(figure: Figure) -> list[str]:
    ratios = figure.ratios
    return [
        f"{figure.what}, against {figure.baseline}",
        figure.database,
        figure.size,
        number(_rate(figure.ours)),
        number(_rate(figure.theirs)),
        f"**{figure.ratio:.2f}** ({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} rounds)",
        "" if figure.aim is None else f"{figure.aim} {'met' if figure.ratio >= figure.aim else 'missed'}",
        f"{_peak(figure.ours):.0f} against {_peak(figure.theirs):.0f}",
    ]


def _rate(samples: Sequence[Sample]) -> float:
    return median(sample.rate for sample in samples)


def _peak(samples: Sequence[Sample]) -> float:
    return max(sample.peak_mb for sample in samples)


def number(value: float) -> str:
    """Three figures that count, with commas."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def write_page(sections: Sequence[Section], page: Path = PAGE) -> None:
    """Put these tables into the page; tables that were not measured this time stay as they are."""
    text = page.read_text(encoding="utf-8")
    for section in sections:
        begin, end = f"<!-- {section.name} -->", f"<!-- end of {section.name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
        piece = f"{begin}\n{section.as_markdown()}\n\n{_conditions()}\n{end}"
        text = pattern.sub(lambda _, piece=piece: piece, text) if pattern.search(text) else f"{text}\n{piece}\n"
    page.write_text(text, encoding="utf-8")


def _conditions() -> str:
    today = datetime.now(UTC).date()
    load = os.getloadavg()[1]
    return f"Measured {today}, Python {platform.python_version()}, {os.cpu_count()} cores, load at the end {load:.1f}."
