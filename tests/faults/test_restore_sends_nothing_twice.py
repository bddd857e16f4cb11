"""A whole installation goes back to a backup made while texts waited: the phone network has none of them twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.world import World, a_world, wait_until

PROCESSES = {"sqlite": [("serve",)], "postgresql": [("web",), ("clock",), ("worker",)]}


@pytest.fixture(params=list(PROCESSES))
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, new_database(request.param)) as world:
        yield world


def start(world: World) -> None:
    for words in PROCESSES["sqlite" if world.database.is_sqlite else "postgresql"]:
        world.start(*words)
    world.wait_for_pages()


def stop(world: World) -> None:
    """Stop the service; the phone network, which was started first, goes on."""
    for process in world.processes[1:]:
        process.terminate()
        process.wait(timeout=20)
    del world.processes[1:]


def forget_heartbeats(world: World) -> None:
    """As if a minute had passed since the processes were stopped."""
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM heartbeat")


def texts_a_phone(world: World) -> Counter[tuple[str, str]]:
    return Counter((entry["to"], entry["body"]) for entry in world.ledger())


def test_what_went_out_after_the_backup_does_not_go_again(world: World) -> None:
    world.command("demo", "load", "--patients", "300")
    world.command("partners", "places", "CAB", "20")
    planned = world.command(
        "campaign", "plan", "--practice", "STATION", "--purpose", "fuel-poverty", "--partner", "CAB"
    )
    campaign = str(planned["campaign"])
    first = world.command("campaign", "approve", campaign)["size"]
    copy = str(world.folder / "copy")
    world.command("backup", copy)
    start(world)
    wait_until(lambda: len(world.ledger()) == first and world.settled())
    world.command("partners", "places", "CAB", "60")
    second = world.command("campaign", "approve", campaign)["size"]
    wait_until(lambda: len(world.ledger()) == first + second and world.settled())
    stopped = world.ledger()[0]["to"]
    world.text_in(stopped, "STOP prosze nie pisac wiecej")
    wait_until(world.settled)
    before = texts_a_phone(world)
    if world.database.is_sqlite:
        assert world.command("restore", copy, "--force", expect=1)["refused"] == "already-serving"
    stop(world)
    forget_heartbeats(world)

    done = world.command("restore", copy, "--force")

    assert done["caught_up"] is True
    assert (done["received"], done["held_campaigns"]) == (1, 2), "the demo's own campaign is held too"
    assert done["set_aside"] >= second, "somebody of both campaigns is set aside in both"
    start(world)
    wait_until(world.settled)
    assert texts_a_phone(world) == before
    world.command("campaign", "resume", campaign)
    world.command("partners", "places", "CAB", "100")
    refused = world.command("campaign", "status", campaign)["waiting"]
    if refused:
        world.command("campaign", "approve", campaign)
        wait_until(world.settled)
    assert max(texts_a_phone(world).values()) == 1
    people = world.command("patients", "list", "--practice", "STATION")
    assert stopped in {person["phone"] for person in people if person["opted_out"]}
    known = {message["sid"] for message in world.messages("--direction", "out")}
    assert len(known & {entry["sid"] for entry in world.ledger()}) >= first
    assert world.command("audit", "verify")["ok"] is True
