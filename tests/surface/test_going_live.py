"""The README's "Going live", run as it is written: from a clean clone, in one shell, to an administrator signed in."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
import requests

from bot.assets import BUILT, build_assets
from bot.capabilities import CAPABILITIES
from bot.capability import imported, use
from bot.clock import london_today
from bot.settings import WEEKDAYS
from tests.postgres import PostgresServer
from tests.surface.terminal import Shell, blocks_of, filled
from tests.visitor import Visitor
from tests.world import ROOT, World, wait_until

PASSWORD = "kettle anchor violet"
ADMIN, REVIEWER = "admin@example.nhs.uk", "reader@example.org"
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
TOOLS = ("bash", "make", "curl", "openssl", "git")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a clean clone holds, and the environment that `make install` has made, for which no network is needed."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or not (ROOT / ".git").exists():
        pytest.skip(f"needs a git checkout, and {', '.join(missing) or 'git'}")
    folder = tmp_path / "easy-to-reach"
    kept = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(kept, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    for name in (name for name in names if (ROOT / name).is_file()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    link_environment(folder / ".venv")
    build_assets()
    shutil.copytree(BUILT, folder / BUILT.relative_to(ROOT))
    return folder


def link_environment(venv: Path) -> None:
    venv.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith("installed"):
            (venv / part.name).symlink_to(part)
    (venv / "installed").touch()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Ports of its own; on what days texts go, so that today is none of them."""
    another_day = WEEKDAYS[(london_today().weekday() + 2) % 7]
    world = World(tmp_path, "")
    inherited = {name: value for name, value in world.environment.items() if name in INHERITED}
    ports = {"PORT": str(world.port), "SIMULATOR_PORT": str(world.simulator_port)}
    world.environment = inherited | ports | {"SEND_DAYS": another_day}
    return world


@pytest.fixture
def shell(clone: Path, world: World) -> Iterator[Shell]:
    shell = Shell(clone, world.environment)
    yield shell
    shell.close()


def placeholders(world: World, database_url: str) -> dict[str, str]:
    """What stands for what in the README."""
    return {
        "http://127.0.0.1:8000": world.url,
        "http://127.0.0.1:8001": world.phones_url,
        "https://texts.example.nhs.uk": world.url,
        "postgresql+psycopg://easy:PASSWORD@localhost/easy": database_url,
        "ACXXXXXXXX": "AC" + "1" * 32,
        "MGXXXXXXXX": "MG" + "1" * 32,
        "XXXXXXXX": "a-token-for-tests-of-no-value",
    }


def link_for(email: str, said: str) -> str:
    """The link that a command printed for that person."""
    found = re.search(rf"Give {re.escape(email)} this link.*\n(\S+)", said)
    assert found is not None, said
    return found[1]


def set_password_and_codes(world: World, link: str) -> pyotp.TOTP:
    """What somebody does with a link; gives the app on their phone. The last page is for whoever is signed in."""
    assert link.startswith(world.url)
    person, path = Visitor(world.url), urlsplit(link).path
    person.page(path)
    page = person.press(path, password=PASSWORD, again=PASSWORD).text
    person.page("/second-factor/set-up")
    letters = re.search(r'etr-secret">([^<]+)<', page)
    assert letters is not None, page
    app = pyotp.TOTP(letters[1].replace(" ", ""))
    assert "recovery codes" in person.press("/second-factor/set-up", code=app.now()).text
    assert "Sign out" in person.page("/")
    return app


def approving(block: str, app: pyotp.TOTP) -> str:
    """The code of the reviewer's next half minute, for each counts once; left out where no code is asked for."""
    approve = imported(use(CAPABILITIES).commands["texts"].runs).commands["approve"]
    if not any(option.name == "code" for option in approve.params):
        return block.replace(" --code 123456", "")
    return block.replace("123456", app.at(time.time() + 30))


def test_from_a_clean_clone_to_an_administrator_at_work(shell: Shell, world: World, postgres: PostgresServer) -> None:
    table = placeholders(world, postgres.new_database())
    install, settings, start, people, approve, live = written = blocks_of("README.md", "Going live")
    assert [name for name in (*table, "123456", ADMIN, REVIEWER) if name not in "".join(written)] == []

    shell.type(install, within=300)
    rehearsing = shell.type(filled(settings, table))
    assert "ready" in shell.type(filled(start, table))
    wait_until(lambda: "invitations wait until" in shell.said)
    assert "Rehearsal: live rules" in shell.said
    assert requests.get(world.phones_url, timeout=10).ok
    set_password_and_codes(world, link_for(ADMIN, rehearsing))
    reviewer = set_password_and_codes(world, link_for(REVIEWER, shell.type(people)))
    assert "approved" in shell.type(approving(approve, reviewer)).lower()

    shell.type(f"export TWILIO_API_URL={world.phones_url}  # no real phone, whatever happens")
    said = shell.type(filled(live, table))
    for path in ("/healthz", "/readyz"):
        assert requests.get(world.url + path, timeout=10).status_code == 200
    assert [process for process in ("web", "worker", "clock") if f"python -m bot {process}" not in live] == []
    set_password_and_codes(world, link_for(ADMIN, said))
    assert "Traceback" not in shell.said
