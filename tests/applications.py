"""Applications made once and page templates compiled once for all tests of a process."""

from functools import cache

import jinja2
from flask import Flask
from jinja2.bccache import Bucket

from bot.app import EasyToReach, create_app
from bot.database import Database
from bot.settings import Settings


def application(settings: Settings, database: Database, *, tokens: bool = True) -> Flask:
    """The application for these settings and this database, as it serves many requests; with or without form tokens."""
    return _made(settings.model_copy(update={"database_url": ""}), database, tokens)


@cache
def _made(settings: Settings, database: Database, tokens: bool) -> Flask:
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = tokens
    return app


class Kept(jinja2.BytecodeCache):
    """Compiled templates by name and content, for as long as this process lives."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def keep_compiled_pages() -> None:
    """From now on applications share what was compiled."""
    EasyToReach.jinja_options = {**EasyToReach.jinja_options, "bytecode_cache": Kept()}
