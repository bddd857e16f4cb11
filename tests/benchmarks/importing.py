"""Importing a list, against reading the same file with csv and phonenumbers alone."""

import csv
import re
from itertools import cycle
from pathlib import Path

import phonenumbers
from sqlmodel import func, select

from bot.audit import CONSOLE
from bot.lists.demo_list import demo_csv
from bot.lists.importing import import_list
from bot.tables.patients import Patient
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.factories import make_practice

ROUNDS = 3
_RANGES = ("7400", "7415", "7446", "7511", "7733", "7802", "7860", "7890", "7912", "7950", "7973")
"""Of ordinary mobiles, whom nobody texts here: those kept for tests take a way of their own."""


def run(made: Databases, sizes: Sizes) -> Section:
    """Rows a second."""
    file = made.folder / "list.csv"
    file.write_bytes(with_ordinary_mobiles(demo_csv(sizes.imported)))
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        ours, theirs = side_by_side(
            ROUNDS,
            lambda _, kind=kind: apart(import_it, made.new(kind), file, sizes.imported),
            lambda _: apart(read_it, file, sizes.imported),
        )
        size, baseline = f"{sizes.imported:,} rows", "csv.DictReader and phonenumbers"
        figures.append(Figure("import", size, kind, baseline, ours, theirs))
    text = (
        "Ours judges every cell, compares the rows with each other and with the people stored, keeps what it found "
        "and stores the people some hundreds a transaction. The baseline reads each row as a dict and parses, checks "
        "and types its phone number. The list has mobiles of ordinary ranges."
    )
    return section_of("import", "Import", text, figures)


def with_ordinary_mobiles(content: bytes) -> bytes:
    """The same list with mobiles of ordinary ranges in place of those kept for tests, as many of them alike."""
    ranges = cycle(_RANGES)
    return re.sub(rb"07700 (?=\d{6})", lambda _: f"0{next(ranges)} ".encode(), content)


def import_it(url: str, file: Path, rows: int) -> Timed:
    """The whole import into an empty database."""
    with opened(url) as db:
        make_practice(db)
        content, settings = file.read_bytes(), settings_for(url)
        with stopwatch() as watch:
            result = import_list(db, settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)
        assert result.rows == result.accepted + result.fixed + result.rejected + result.duplicates == rows
        with db.read() as session:
            assert session.exec(select(func.count()).select_from(Patient)).one() == result.stored > rows * 0.9
    return rows, watch.seconds


def read_it(file: Path, rows: int) -> Timed:
    """The least one would do with such a file."""
    with stopwatch() as watch, file.open(encoding="utf-8-sig", newline="") as lines:
        seen = mobiles = 0
        for row in csv.DictReader(lines):
            seen += 1
            try:
                number = phonenumbers.parse(row["Mobile Telephone"], "GB")
            except phonenumbers.NumberParseException:
                continue
            phonenumbers.is_valid_number(number)
            mobiles += phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    assert seen == rows
    return rows, watch.seconds
