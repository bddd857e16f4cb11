"""A process that has imported every command and forks for each one asked of it: real processes, quickly started."""

import gc
import importlib
import json
import os
import sys
import traceback
from typing import Any


def preload() -> None:
    """Import what commands import when they begin, so that a fork has it already."""
    from bot.cli import COMMANDS

    for driver in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite.pysqlite"):
        importlib.import_module(driver)
    for target in COMMANDS.values():
        importlib.import_module(target.partition(":")[0])


def run_here(order: dict[str, Any]) -> int:
    """Become `python -m bot …`: own folder, environment and files, the real entry, the real exit status."""
    from bot.cli import main

    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, (name, flags) in enumerate(
        (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY | os.O_CREAT), ("stderr", os.O_WRONLY | os.O_CREAT))
    ):
        os.dup2(os.open(order[name], flags), number)
    sys.argv = ["bot", *order["words"]]
    try:
        main()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def serve() -> None:
    """Fork for each order on standard input, a JSON object a line; answer with its exit status."""
    preload()
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = run_here(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _, ended = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)


if __name__ == "__main__":
    serve()
