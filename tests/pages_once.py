"""Compile each page template once for all applications that tests make."""

import jinja2
from jinja2.bccache import Bucket

from bot.app import EasyToReach


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
