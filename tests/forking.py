"""A process that has imported the whole service and forks for each command asked of it: quickly started processes.

`python -m tests.forking SOCKET OWNER` listens at the socket for as long as the process OWNER lives.
"""

import gc
import importlib
import json
import os
import pkgutil
import socketserver
import sys
import traceback
from typing import Any

FILES = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY | os.O_CREAT), ("stderr", os.O_WRONLY | os.O_CREAT))
DRIVERS = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite", "jobs.clock")
LATE = ("twilio.rest.api", "phonenumbers.data.region_GB", "encodings.utf_8_sig")
SERVERS = ("waitress", "gunicorn.workers.base", "apscheduler.executors.pool", "tests.faults.dying")


def preload() -> None:
    """Import what processes import when they begin, so that a fork has it already."""
    import bot
    from bot.capabilities import CAPABILITIES
    from bot.capability import use

    use(CAPABILITIES)
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(("bot.__main__", "bot.migrations")):
            importlib.import_module(module.name)
    for name in (*DRIVERS, *LATE, *SERVERS):
        importlib.import_module(name)
    _warm_up()


def _warm_up() -> None:
    """Read word lists, catalogue and pages, as a process does that has been up for a while."""
    from sqlalchemy.orm import configure_mappers

    from bot.app import create_app
    from bot.database import Database
    from bot.patients.phones import read_phone
    from bot.settings import Settings
    from bot.texts.catalogue import catalogue
    from bot.understanding.reading import read_reply
    from tests.applications import keep_compiled_pages

    configure_mappers()
    read_reply("1")
    read_phone("07700 900123", test_numbers=False)
    catalogue()
    keep_compiled_pages()
    pages = create_app(Settings(secret_key="x"), Database("sqlite://")).jinja_env
    for name in pages.list_templates():
        pages.get_template(name)


def become(order: dict[str, Any]) -> int:
    """Become `python -m bot …`: own folder, environment and files, the real entry, the real exit status."""
    from bot.cli import main
    from tests.faults.dying import OF_A_BOOKING, OF_A_BUNDLE, OF_A_WEBHOOK, POINTS

    if order.get("own_session"):
        os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    os.closerange(3, 64)
    for number, (name, flags) in enumerate(FILES):
        os.dup2(os.open(order[name], flags), number)
    sys.argv = ["bot", *order["words"]]
    try:
        if point := order.get("die_at"):
            (POINTS | OF_A_BOOKING | OF_A_BUNDLE | OF_A_WEBHOOK)[point]()
        main()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def start(order: dict[str, Any]) -> int:
    """Fork, and give the id of the process."""
    child = os.fork()
    if child == 0:
        status = become(order)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return child


def ended(child: int) -> int | None:
    """How the process ended, if it has."""
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


class Orders(socketserver.StreamRequestHandler):
    """One order a connection, a JSON object in a line; answered with a number or null."""

    def handle(self) -> None:
        order = json.loads(self.rfile.readline())
        answer = ended(order["ended"]) if "ended" in order else start(order)
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class Forking(socketserver.UnixStreamServer):
    """Takes orders one by one, from every process that runs tests, until the one that owns it has gone."""

    request_queue_size = 64

    def __init__(self, path: str, owner: int) -> None:
        super().__init__(f"{path}.new", Orders)
        os.rename(f"{path}.new", path)
        self._owner = owner

    def service_actions(self) -> None:
        try:
            os.kill(self._owner, 0)
        except ProcessLookupError:
            sys.exit(0)


if __name__ == "__main__":
    preload()
    gc.freeze()
    Forking(sys.argv[1], int(sys.argv[2])).serve_forever()
