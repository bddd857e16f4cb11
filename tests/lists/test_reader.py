"""A list is read in a process of its own: what takes too much ends with a sentence, and what dies is taken up again."""

import io
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import update

from bot.clock import utc_now
from bot.database import Database
from bot.lists import reader
from bot.lists.importing import begin_looking, receive_list
from bot.lists.reader import look_apart, take_up_lists_left
from bot.lists.waiting import MOST_TRIES, lists_left
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.lists import ListImport, ListState
from bot.tables.organisations import Practice
from tests.applications import application, browser_of, form_token
from tests.factories import make_account, make_practice
from tests.lists.lists import cells, plain_list
from tests.lists.odd_readers import WAY
from tests.world import wait_until


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def import_id(db: Database, practice: Practice) -> int:
    return receive_list(db, practice.id or 0, plain_list(cells()), "list.csv", None, None)


def found(db: Database, import_id: int) -> ListImport:
    with db.read() as session:
        return session.get_one(ListImport, import_id)


def state_of(db: Database, import_id: int) -> str:
    return found(db, import_id).state


def beside(db: Database, settings: Settings, taken_up: ListImport, error: type[Exception]) -> threading.Thread:
    """Look at a list in a thread, which must end with that error."""

    def look() -> None:
        with pytest.raises(error):
            look_apart(db, settings, taken_up)

    work = threading.Thread(target=look)
    work.start()
    return work


def odd(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(reader, "MODULE", "tests.lists.odd_readers")
    monkeypatch.setenv(WAY, way)


def test_a_list_is_read_by_another_process_on_either_database(db: Database, settings: Settings, import_id: int) -> None:
    look_apart(db, settings, begin_looking(db, import_id))
    looked = found(db, import_id)
    assert (looked.state, looked.busy_until, looked.tries) == (ListState.PREVIEWED, None, 0)
    assert (looked.counts["rows"], looked.reach) == (1, {"yes": 1})


def test_a_file_that_cannot_be_read_is_refused_from_there_too(
    db: Database, settings: Settings, practice: Practice
) -> None:
    import_id = receive_list(db, practice.id or 0, b"%PDF-1.7", "list.pdf", None, None)
    with pytest.raises(Refused, match="This is a PDF") as refused:
        look_apart(db, settings, begin_looking(db, import_id))
    assert refused.value.code == "not-a-list"
    assert (state_of(db, import_id), found(db, import_id).content) == (ListState.REFUSED, None)


@pytest.mark.parametrize(
    ("way", "code"),
    [
        ("spins", "takes-too-long"),
        ("hangs", "takes-too-long"),
        ("eats", "takes-too-much"),
        ("crashes", "takes-too-much"),
    ],
)
def test_a_file_that_takes_too_much_comes_to_its_end_with_a_sentence(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch, way: str, code: str
) -> None:
    odd(monkeypatch, way)
    with pytest.raises(Refused, match="Save it again as CSV UTF-8") as refused:
        look_apart(db, settings, begin_looking(db, import_id))
    ended = found(db, import_id)
    assert (refused.value.code, ended.state, ended.content) == (code, ListState.REFUSED, None)
    assert ended.refusal == refused.value.message


@pytest.mark.parametrize("way", ["is killed", "is ended", "fails"])
def test_a_reader_that_is_ended_from_outside_leaves_a_list_that_can_be_taken_up(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with monkeypatch.context() as patched:
        odd(patched, way)
        with pytest.raises(RuntimeError) as fault:
            look_apart(db, settings, begin_looking(db, import_id))
        assert "9990000077" not in str(fault.value)
    assert (state_of(db, import_id), found(db, import_id).busy_until) == (ListState.READING, None)
    look_apart(db, settings, begin_looking(db, import_id))
    assert state_of(db, import_id) == ListState.PREVIEWED


def test_a_reader_ends_with_the_process_that_asked(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, "waits")
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(reader.subprocess, "Popen", noted)
    work = beside(db, settings, begin_looking(db, import_id), RuntimeError)
    wait_until(lambda: bool(started))
    stdin = started[0].stdin
    assert stdin is not None
    stdin.close()  # as when the process that holds it has gone
    assert started[0].wait(20) == 1
    work.join(20)
    assert lists_left(db) == []


def test_a_list_that_is_discarded_is_read_no_further(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, "waits")
    monkeypatch.setattr(reader, "_SIGN_OF_LIFE", 0.1)
    taken_up = begin_looking(db, import_id)
    with db.write() as session:
        session.execute(update(ListImport).values(state=ListState.DISCARDED.value, content=None))
    with pytest.raises(RuntimeError):
        look_apart(db, settings, taken_up)
    assert state_of(db, import_id) == ListState.DISCARDED


def test_while_a_reader_works_its_list_is_not_called_interrupted(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, "spins")
    monkeypatch.setattr(reader, "_SIGN_OF_LIFE", 0.1)
    taken_up = begin_looking(db, import_id)
    with db.write() as session:
        session.execute(update(ListImport).values(busy_until=utc_now() - timedelta(seconds=1)))
    work = beside(db, settings, taken_up, Refused)
    wait_until(lambda: (until := found(db, import_id).busy_until) is not None and until > utc_now())
    work.join(30)


def test_lists_that_a_restart_cut_short_are_taken_up_by_the_clock(
    db: Database, settings: Settings, import_id: int
) -> None:
    begin_looking(db, import_id)
    take_up_lists_left(db, settings)
    assert state_of(db, import_id) == ListState.READING, "somebody may still be at it"
    with time_machine.travel(utc_now() + timedelta(minutes=3)):
        take_up_lists_left(db, settings)
    wait_until(lambda: state_of(db, import_id) == ListState.PREVIEWED)


def test_a_file_at_which_every_reader_dies_is_given_up(
    db: Database, settings: Settings, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd(monkeypatch, "is killed")
    for _ in range(MOST_TRIES):
        with pytest.raises(RuntimeError):
            look_apart(db, settings, begin_looking(db, import_id))
    with pytest.raises(Refused, match="never came to an end"):
        begin_looking(db, import_id)
    assert (state_of(db, import_id), found(db, import_id).content) == (ListState.REFUSED, None)
    assert lists_left(db) == []


def test_a_request_waits_a_moment_for_a_short_list(db: Database, settings: Settings, practice: Practice) -> None:
    client = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=practice))
    sent = {"csrf_token": form_token(client), "list": (io.BytesIO(plain_list(cells())), "list.csv")}
    where = client.post("/lists", data=sent).location
    wait_until(lambda: "Check the list before" in client.get(where).text)


@pytest.mark.parametrize("way", ["spins", "eats"])
def test_the_command_has_the_same_limits(tmp_path: Path, way: str) -> None:
    """Within one process: signals and limits of the reading are gone when it is over."""
    script = f"""
import resource, signal
from bot.lists import limits
from bot.refusals import Refused
from tests.lists.odd_readers import WAYS
limits.MOST_SECONDS, limits.MOST_BYTES = 1, 64 << 20
before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
try:
    with limits.limited():
        WAYS[{way!r}]()
except Refused as refused:
    print(refused.code)
assert before == [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
assert signal.getsignal(signal.SIGXCPU) == signal.SIG_DFL and signal.getitimer(signal.ITIMER_PROF)[0] == 0
"""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == {"spins": "takes-too-long", "eats": "takes-too-much"}[way]
