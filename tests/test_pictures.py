"""The documents show what the command takes: every picture is there, is named by it, and is small."""

import re
from pathlib import Path

import pytest

from tests.browser.pictures import LARGEST, OTHERS, PICTURES
from tests.browser.small_png import make_small

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"


def shown_in(document: Path) -> list[Path]:
    return [(document.parent / name).resolve() for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text())]


def test_every_picture_of_a_document_is_there_and_taken_by_the_command() -> None:
    shown = {picture for document in (ROOT / "README.md", *DOCS.glob("*.md")) for picture in shown_in(document)}
    assert {picture.relative_to(DOCS).name for picture in shown} == {f"{name}.png" for name in PICTURES}
    assert sorted(DOCS.rglob("*.png")) == sorted(shown)
    assert "python -m tests.browser.pictures docs" in (ROOT / "Makefile").read_text()


def test_the_first_day_shows_its_pictures_in_the_order_in_which_they_are_taken() -> None:
    shown = [picture.stem for picture in shown_in(DOCS / "first-day.md")]
    assert shown == [name for name in PICTURES if name.startswith("first-day")]


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_is_small(name: str) -> None:
    assert (DOCS / f"{name}.png").stat().st_size <= LARGEST.get(name, OTHERS)


def test_a_picture_is_made_small_once_and_for_all(tmp_path: Path) -> None:
    taken = (DOCS / "first-day-inbox.png").read_bytes()
    (tmp_path / "again.png").write_bytes(taken)
    with pytest.raises(AssertionError, match="another kind of picture"):
        make_small(tmp_path / "again.png")
    assert taken[25] == 3  # a palette


@pytest.mark.parametrize("heading", ["administrator", "lead", "Reception", "nurse", "partner"])
def test_the_first_day_says_what_each_of_them_does(heading: str) -> None:
    headings = re.findall(r"^## (.*)$", (DOCS / "first-day.md").read_text(), re.MULTILINE)
    assert any(heading in line for line in headings)
