"""What the service keeps is its owner's alone, whatever umask it was started with and whatever was there before."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from bot.console import _fault
from bot.private_files import all_in, keep_private, write_private
from tests.forks import Forks
from tests.surface.console import Console
from tests.world import World


def open_to_others(folder: Path) -> dict[str, str]:
    """Everything in a folder, and itself, that is not for the owner alone."""
    found = {}
    for path in (folder, *all_in(folder)):
        with suppress(FileNotFoundError):  # a running service takes its passing files away again
            found[str(path)] = stat.S_IMODE(path.lstat().st_mode)
    return {path: oct(mode) for path, mode in found.items() if mode & 0o077}


@pytest.fixture
def console(tmp_path: Path, forks: Forks) -> Console:
    """An installation whose `var` an earlier version made for everybody."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name in ("easy-to-reach.db.lock", "last-fault.txt", "old-backup.db"):
        (folder / name).touch(0o644)
        (folder / name).chmod(0o644)
    world = World(tmp_path, "sqlite:///var/easy-to-reach.db")
    del world.environment["SECRET_KEY"], world.environment["TWILIO_API_URL"]
    return Console(world, forks)


def test_everything_under_var_is_the_owners_alone(console: Console) -> None:
    world, var = console.world, console.world.folder / "var"
    console.run("migrate")
    world.start("serve", "--prepare")
    world.wait_for_pages()
    try:
        names = {path.name for path in var.iterdir()}
        database = "easy-to-reach.db"
        assert names >= {database, f"{database}-wal", f"{database}-shm", f"{database}.lock", "secret-key"}
        assert any(name.startswith("simulator-") for name in names)
        assert open_to_others(var) == {}
        console.run("backup", "var/a-backup.db")
        assert open_to_others(var) == {}
    finally:
        world.stop()
    console.run("restore", "var/a-backup.db", "--force")
    console.run("audit", "verify")
    assert open_to_others(var) == {}


def test_what_went_wrong_is_told_to_the_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for before in (None, 0o644):
        if before:
            (tmp_path / "var" / "last-fault.txt").chmod(before)
        with pytest.raises(SystemExit):
            _fault(RuntimeError("something of a patient"))
        assert open_to_others(tmp_path / "var") == {}
        assert "something of a patient" in (tmp_path / "var" / "last-fault.txt").read_text()


def test_a_key_is_made_once_however_many_need_it(tmp_path: Path) -> None:
    for words in ("first", "second"):
        write_private(tmp_path / "secret-key", words, once=True)
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    assert (tmp_path / "secret-key").read_text() == "first"


def test_in_a_folder_of_somebody_else_only_our_files_are_touched(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("list.csv", "service.sqlite", "service.sqlite-wal", "secret-key"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    keep_private(tmp_path, "service.sqlite", "service.sqlite-*")
    assert {Path(path).name for path in open_to_others(tmp_path)} == {tmp_path.name, "list.csv"}


def test_what_a_link_points_at_is_left_alone(tmp_path: Path) -> None:
    var, outside = tmp_path / "var", tmp_path / "outside"
    var.mkdir()
    outside.touch()
    outside.chmod(0o644)
    os.symlink(outside, var / "link")
    keep_private(var)
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_folder_that_another_process_takes_away_meanwhile_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    var = tmp_path / "var"
    unpacked = var / "argos" / ".new-1-abc"
    unpacked.mkdir(parents=True)
    look = os.scandir

    def look_too_late(path: str | int) -> object:
        if str(path) == str(unpacked):
            shutil.rmtree(unpacked)
        return look(path)

    monkeypatch.setattr("os.scandir", look_too_late)
    keep_private(var)
    assert not unpacked.exists()
