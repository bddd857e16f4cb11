"""A translator that is killed in the middle loses nothing and records nothing twice.

`TRANSLATOR_KILLS=20` kills it as often as `make faults` does. The judge is the log: whoever records a translation says
so once it is committed, and a row that were recorded twice would be said twice.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from bot.database import Database
from bot.tables.translation import Translation
from bot.translation.requests import ask_for_translation
from tests.conftest import NewDatabase
from tests.forks import Process
from tests.world import World, wait_until

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("TRANSLATOR_KILLS", "3"))
A_WAVE = 24
PROCESS = {"sqlite": "serve", "postgresql": "translator"}
SENTENCES = (
    "Your appointment is on Thursday 3 December 2026 at 9am.",
    "Your test results are not normal.",
    "I have a fever and cannot come on Monday.",
    "Please bring your tablets with you.",
)


def ask_for_some(db: Database) -> None:
    with db.write() as session:
        for at in range(A_WAVE):
            words = " ".join(SENTENCES[(at + more) % len(SENTENCES)] for more in range(at % 3 + 1))
            ask_for_translation(
                session, words, source="en", target="ur", purpose="gist", practice_id=None, back=at % 2 == 0
            )


def count(db: Database, *states: str) -> int:
    with db.read() as session:
        return session.exec(select(func.count()).where(col(Translation.state).in_(states))).one()


def recorded(world: World) -> Counter[int]:
    """How often the logs of all processes say that each translation was recorded."""
    lines = (line for path in world.folder.glob("log-*.txt") for line in path.read_text().splitlines())
    said = (json.loads(line) for line in lines if '"event": "translated"' in line)
    return Counter(each["translation_id"] for each in said if each["recorded"])


def killed_in_the_middle(world: World, process: Process) -> None:
    wait_until(lambda: count(world.database, "working") or not count(world.database, "queued"), within=120, every=0.01)
    process.kill()
    process.wait()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_translator_killed_again_and_again_loses_nothing_and_records_nothing_twice(
    kind: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    world = World(tmp_path, new_database(kind), {"LOG_FORMAT": "json", "LEASE_SECONDS": "1"})
    try:
        for _ in range(KILLS):
            ask_for_some(world.database)
            killed_in_the_middle(world, world.start(PROCESS[kind]))
        world.start(PROCESS[kind])
        wait_until(lambda: not count(world.database, "queued", "working"), within=120)
    finally:
        world.stop()
    assert count(world.database, "done") == KILLS * A_WAVE
    assert set(recorded(world).values()) == {1}
    with world.database.read() as session:
        found = session.exec(select(Translation.source, Translation.text).distinct()).all()
    assert len({source for source, _ in found}) == len(found), "the same words are translated the same way each time"
