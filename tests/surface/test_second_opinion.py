"""A second opinion as it really runs: beside the translator, in a process of its own, within five seconds."""

import os
import signal
from pathlib import Path

import pytest
from sqlmodel import select

from bot.opinions.figures import opinion_notes
from bot.opinions.vectors import model_file
from bot.settings import Settings
from bot.tables.opinions import SecondOpinion
from tests.conftest import NewDatabase
from tests.factories import make_patient, make_practice, text_in
from tests.surface.test_translating import children_of
from tests.world import World, wait_until

pytestmark = pytest.mark.skipif(model_file() is None, reason="there is no package of the model for this machine")
PROCESS = {"sqlite": "serve", "postgresql": "translator"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_reply_is_read_within_five_seconds_also_after_its_child_was_killed(
    kind: str, new_database: NewDatabase, tmp_path: Path, settings: Settings
) -> None:
    world = World(tmp_path, new_database(kind), {"SECOND_OPINION": "on"})
    try:
        process = world.start(PROCESS[kind])

        def is_at_work() -> bool:
            with world.database.read() as session:
                return not list(opinion_notes(session, settings))

        wait_until(is_at_work)
        patient = make_patient(world.database, make_practice(world.database))
        for _ in range(2):
            message = text_in(world.database, settings, patient.phone, "I would like to know about the kettle")

            def read(message_id: int = message.id or 0) -> bool:
                with world.database.read() as session:
                    state = select(SecondOpinion.state).where(SecondOpinion.message_id == message_id)
                    return session.exec(state).one() == "read"

            wait_until(read, within=5)
            [child] = children_of(process.pid, "bot.opinions.child")
            os.kill(child, signal.SIGKILL)
    finally:
        world.stop()
