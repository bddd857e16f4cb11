"""A pharmacy's system: it has a key, asks, and is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from bot.audit import CONSOLE
from bot.database import Database
from bot.patients.person_codes import person_code_of, show_code
from bot.pharmacy.organising.keys import make_key
from bot.tables.patients import Patient
from tests.applications import application
from tests.pharmacy.notices.world import Town

NOTICES, BATCH = "/api/v1/notices", "/api/v1/notices/batch"


def code_of(db: Database, person: Patient) -> str:
    """The code of a person as it stands on a label."""
    with db.write() as session:
        return show_code(person_code_of(session, person.id or 0) or "")


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class Program:
    """What a pharmacy runs."""

    def __init__(self, town: Town, pharmacy: str | None = None) -> None:
        self.town = town
        self.app: Flask = application(town.settings, town.db)
        self.client = self.app.test_client()
        self.key = make_key(town.db, pharmacy or town.pharmacy.code, CONSOLE)
        self.code = code_of(town.db, town.person)

    def ask(self, path: str, body: Any = None, *, once: str | None = None, **more: Any) -> TestResponse:
        """GET without a body, POST with one; `once` is the Idempotency-Key."""
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": once} if once else {})
        if body is None and not more:
            return self.client.get(path, headers=headers)
        sent = {"json": body} if body is not None else {}
        return self.client.post(path, headers=headers | more.pop("headers", {}), **sent, **more)

    def notice(self, kind: str = "ready", **changes: Any) -> dict[str, Any]:
        """The body of a notice to the person of the town."""
        return {"kind": kind, "person": {"code": self.code}} | changes

    def give(self, kind: str = "ready", *, once: str | None = None, **changes: Any) -> TestResponse:
        """Tell the person of the town something."""
        return self.ask(NOTICES, self.notice(kind, **changes), once=once)


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem an answer holds."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    found: dict[str, Any] = answer.get_json()
    assert set(found) == {"type", "title", "status", "detail", "instance", "errors"}
    assert found["status"] == status
    return found
