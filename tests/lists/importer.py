"""Imports lists into one practice and looks at what is stored."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.database import Database
from bot.lists.importing import import_list
from bot.lists.judging.judging import ImportResult
from bot.patients.listing import list_people
from bot.settings import Settings
from bot.tables.organisations import Practice
from bot.tables.patients import Patient


class Importer:
    """Imports into one practice and looks at what is stored."""

    def __init__(self, db: Database, settings: Settings, practice: Practice) -> None:
        self.db, self.settings, self.practice = db, settings, practice

    def __call__(self, content: bytes, **changes: Any) -> ImportResult:
        options = {"selected_for": None, "dry_run": False, "actor": CONSOLE} | changes
        return import_list(self.db, self.settings, "STATION", content, **options)

    def people(self) -> list[dict[str, Any]]:
        with self.db.read() as session:
            return list(list_people(session, self.practice.id or 0))

    def patient(self, number: str = "9990000077") -> Patient:
        with self.db.read() as session:
            return session.exec(select(Patient).where(Patient.nhs_number == number)).one()

    def change(self, number: str = "9990000077", **values: Any) -> None:
        with self.db.write() as session:
            session.execute(update(Patient).where(col(Patient.nhs_number) == number).values(**values))
