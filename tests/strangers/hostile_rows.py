"""Words of somebody hostile in every column of the database that takes them."""

from collections.abc import Iterator

from sqlalchemy import Column, String, Table, text
from sqlalchemy.exc import DBAPIError

import bot.tables
from bot.database import Database
from tests.operations.test_audit import behind_the_triggers

CODES = {
    *("chosen", "code", "criteria", "digest", "intent", "kind", "language", "limited_by", "nhs_number", "organisation"),
    *("password_hash", "purpose", "recorded_language", "role", "rule", "scope", "selected_for", "stage", "state"),
    *("origin", "source_hash", "subject_kind", "text_key", "totp_secret", "urgency", "urgent", "wording_digest"),
    *("translation.checks", "translation.failure", "translation.kept", "source_language", "target_language"),
    *("inbox_item.reason", "death_source", "language_source", "phone_source", "signed_as"),
}
"""Columns, some of one table alone, that hold what the service looks up by: a page relies on them."""
OF_THE_MACHINE = {
    "account_session",
    "attempt",
    "audit_entry",
    "audit_seal",
    "heartbeat",
    "open_question",
    "remembered_device",
}
"""Tables of which no page shows words."""


def store_everywhere(db: Database, words: str) -> set[str]:
    """Put words into every column that takes them; gives which. What the database itself refuses stays as it was."""
    done = set()
    for table in bot.tables.metadata.sorted_tables:
        for column in _free(table):
            if _takes(db, table, column, words):
                done.add(f"{table.name}.{column.name}")
    escaped = words.replace("'", "''")
    behind_the_triggers(db, f"UPDATE audit_entry SET actor = '{escaped}', subject = '{escaped}'")
    return done | {"audit_entry.actor", "audit_entry.subject"}


def _free(table: Table) -> "Iterator[Column[str]]":
    for column in table.columns if table.name not in OF_THE_MACHINE else ():
        named = {column.name, f"{table.name}.{column.name}"}
        if _holds_text(column) and not column.primary_key and named.isdisjoint(CODES):
            yield column


def _holds_text(column: "Column[str]") -> bool:
    return isinstance(getattr(column.type, "impl", column.type), String)


def _takes(db: Database, table: Table, column: "Column[str]", words: str) -> bool:
    longest = getattr(column.type, "length", None)
    statement = text(f"UPDATE {table.name} SET {column.name} = :words")
    try:
        with db.engine.begin() as connection:
            return connection.execute(statement, {"words": words[:longest]}).rowcount > 0
    except DBAPIError:
        return False
