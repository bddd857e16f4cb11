"""A process that has imported the whole service and forks for each command asked of it: quickly started processes."""

import gc
import importlib
import json
import os
import pkgutil
import sys
import traceback
from typing import Any

FILES = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY | os.O_CREAT), ("stderr", os.O_WRONLY | os.O_CREAT))
DRIVERS = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite", "jobs.clock")
SERVERS = ("waitress", "gunicorn.workers.gthread", "apscheduler.executors.pool", "tests.faults.dying")


def preload() -> None:
    """Import what processes import when they begin, so that a fork has it already."""
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(("bot.__main__", "bot.migrations")):
            importlib.import_module(module.name)
    for name in (*DRIVERS, *SERVERS):
        importlib.import_module(name)
    _warm_up()


def _warm_up() -> None:
    """Read word lists, catalogue and pages, as a process does that has been up for a while."""
    from sqlalchemy.orm import configure_mappers

    from bot.app import create_app
    from bot.database import Database
    from bot.people.phones import read_phone
    from bot.replies.understanding import read_reply
    from bot.settings import Settings
    from bot.texts.catalogue import catalogue
    from tests.pages_once import keep_compiled_pages

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
    from tests.faults.dying import POINTS

    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, (name, flags) in enumerate(FILES):
        os.dup2(os.open(order[name], flags), number)
    sys.argv = ["bot", *order["words"]]
    try:
        if point := order.get("die_at"):
            POINTS[point]()
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


def serve() -> None:
    """Do what each line of standard input asks, a JSON object a line; answer with a number or null."""
    preload()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        answer = ended(order["ended"]) if "ended" in order else start(order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
