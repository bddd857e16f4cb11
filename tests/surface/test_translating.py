"""Translating as an operator does it, on a machine where the network is refused."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.tables.translation import Translation
from bot.translation.requests import ask_for_translation
from tests.forks import Forks
from tests.surface.console import Console
from tests.translation.helpers import TO_ENGLISH, TO_URDU
from tests.world import ROOT, World, wait_until

NO_NETWORK = '''
"""Every socket that is not of this machine is refused, in whatever Python starts with this on its path."""
import socket

def refuse(*_args, **_more):
    raise OSError("the network is refused")

class Refusing(socket.socket):
    def connect(self, address):
        refuse() if self.family != socket.AF_UNIX else super().connect(address)

    connect_ex = connect

socket.socket = Refusing
socket.getaddrinfo = socket.create_connection = refuse
'''
PAIRS = "I have a fever\tمجھے بخار ہے\nYour test results are not normal.\tآپ کے ٹیسٹ کے نتائج نارمل نہیں ہیں۔\n"


class Offline:
    """Commands, each a Python of its own, on a machine whose network is refused."""

    def __init__(self, world: World, refusing: Path) -> None:
        self._folder = world.folder
        more = {"PYTHONPATH": f"{refusing}:{ROOT}", "ARGOS_PACKAGES_DIR": str(world.folder / "packages")}
        self._environment = world.environment | more

    def __call__(self, *words: str, expect: int = 0) -> Any:
        command = [sys.executable, "-m", "bot", *words, "--json"]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (expect, ""), (words, done)
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def offline(tmp_path: Path) -> Offline:
    world = World(tmp_path, f"sqlite:///{tmp_path}/var/easy-to-reach.db")
    world.migrate()
    refusing = tmp_path / "refusing"
    refusing.mkdir()
    (refusing / "sitecustomize.py").write_text(NO_NETWORK)
    return Offline(world, refusing)


def test_install_score_and_translate_work_with_the_network_refused(offline: Offline, tmp_path: Path) -> None:
    assert offline("languages", "install", "pl", expect=1)["refused"] == "no-internet"
    assert offline("languages", "install", str(TO_URDU))["to"] == "ur"
    assert offline("languages", "install", str(TO_ENGLISH))["to"] == "en"
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    scored = offline("languages", "score", "pairs.tsv", "--from", "en", "--to", "ur")
    assert scored == {"from": "en", "to": "ur", "lines": 2, "chrf": 100.0}
    answer = offline("translate", "--from", "en", "--to", "ur", "Your test results are not normal.")
    assert (answer["ok"], answer["back"]) == (True, "Your test results are not normal.")


def test_a_package_that_is_not_one_of_the_two_is_tried_out_before_it_is_installed(
    offline: Offline, tmp_path: Path
) -> None:
    again = tmp_path / "translate-en_ur.argosmodel"
    with zipfile.ZipFile(TO_URDU) as good, zipfile.ZipFile(again, "w") as made:
        for name in good.namelist():
            made.writestr(name, good.read(name) + (b"\n" if name.endswith("README.md") else b""))
    assert offline("languages", "install", str(again))["trial"], "known by its model"
    said = offline("translate", "--from", "en", "--to", "ur", "I have a fever")
    assert (said["text"], said["trial"]) == ("مجھے بخار ہے", True)


@pytest.fixture
def installation(tmp_path: Path, forks: Forks) -> Iterator[Console]:
    world = World(tmp_path, f"sqlite:///{tmp_path}/var/easy-to-reach.db")
    yield Console(world, forks)
    world.stop()


def test_translator_alone_on_sqlite_names_serve(installation: Console) -> None:
    installation.world.migrate()
    done = installation.run("translator")
    assert (done.status, done.out) == (1, "")
    assert "translator needs PostgreSQL" in done.err
    assert "python -m bot serve" in done.err


def test_serve_translates_what_is_asked_for_and_starts_no_model_before(installation: Console) -> None:
    world = installation.world
    world.migrate()
    serve = world.start("serve")
    world.wait_for_pages()
    wait_until(lambda: (world.folder / "var" / "argos").is_dir())
    assert not children_of(serve.pid, "bot.translation.child")
    with world.database.write() as session:
        asked = ask_for_translation(session, "مجھے بخار ہے", source="ur", target="en", purpose="gist", practice_id=None)

    def done() -> Translation | None:
        with world.database.read() as session:
            found = session.exec(select(Translation).where(Translation.id == asked.id)).one()
        return found if found.state in ("done", "failed") else None

    assert wait_until(done, within=20).text == "I have a fever"
    [child] = children_of(serve.pid, "bot.translation.child")
    serve.kill()
    wait_until(lambda: not Path(f"/proc/{child}").exists(), within=10)


def children_of(parent: int, what: str) -> list[int]:
    """The processes that a process has started, by what stands in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                words = (path.parent / "cmdline").read_text()
                found += [int(path.parent.name)] if what in words else []
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
