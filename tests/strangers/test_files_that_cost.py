"""Small files that cost much: each comes to its end within some seconds of the processor, and most at once."""

from contextlib import suppress
from datetime import date
from time import process_time

import pytest

from bot.lists.judging.grouping import ListedPeople
from bot.lists.judging.row_reading import ReadingRules
from bot.lists.judging.verdicts import judge_rows
from bot.lists.reading.tables_of_files import read_table
from bot.refusals import Refused
from tests.strangers.costly_files import COSTLY

MOST_SECONDS = 20
"""Of a slow and busy processor; each takes a fraction of it, and took more than forty, or would have for ever."""


@pytest.mark.parametrize("kind", COSTLY)
def test_no_small_file_costs_much(kind: str) -> None:
    content, today = COSTLY[kind](), date(2026, 11, 24)
    before = process_time()
    with suppress(Refused):
        table = read_table(content)
        rules = ReadingRules(table.header, today, True, table.epoch)
        for _ in ListedPeople(table.header, today).group(judge_rows(table.rows(), rules)):
            pass
    assert process_time() - before < MOST_SECONDS
