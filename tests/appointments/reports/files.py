"""Appointment reports as practices export them, and the visits that come of them."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select

from bot.appointments.reports.importing import ReportResult, import_report
from bot.audit import CONSOLE
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import OwnSystemTask, Visit

COLUMNS = (
    "Appointment ID",
    "NHS Number",
    "Date",
    "Time",
    "Duration",
    "Clinician",
    "Clinic",
    "Location",
    "Status",
    "Slot Type",
)


def row(nhs_number: str, ref: str = "", **changes: str) -> dict[str, str]:
    """A row of a report: Dr Ahmed, 1 December 2026 at 9:30 for 20 minutes, with what is said otherwise."""
    usual = {
        "Appointment ID": ref,
        "NHS Number": nhs_number,
        "Date": "01/12/2026",
        "Time": "09:30",
        "Duration": "20",
        "Clinician": "Dr A Ahmed",
        "Clinic": "Morning surgery",
        "Location": "Station Practice",
        "Status": "Booked",
        "Slot Type": "Face to face",
    }
    return usual | {name.replace("_", " "): value for name, value in changes.items()}


def report(*rows: Mapping[str, str], columns: Sequence[str] = COLUMNS) -> bytes:
    """A report as CSV."""
    target = io.StringIO()
    writer = csv.DictWriter(target, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def without_ids(*rows: Mapping[str, str]) -> bytes:
    """The same without a column of ids."""
    return report(*rows, columns=COLUMNS[1:])


def imported(
    db: Database, settings: Settings, content: bytes, practice: str = "STATION", **changes: Any
) -> ReportResult:
    """Import a report as the command does."""
    options: dict[str, Any] = {"file_name": "report.csv", "dry_run": False, "confirmation": False, "actor": CONSOLE}
    return import_report(db, settings, practice, content, **(options | changes))


def visits(db: Database) -> list[Visit]:
    """All visits by start."""
    with db.read() as session:
        return list(session.exec(select(Visit).order_by(col(Visit.starts), col(Visit.id))))


def tasks(db: Database) -> list[tuple[str, int]]:
    """What is open, and of which visit."""
    with db.read() as session:
        waiting = select(OwnSystemTask).where(col(OwnSystemTask.done_at).is_(None)).order_by(col(OwnSystemTask.id))
        return [(task.what, task.visit_id) for task in session.exec(waiting)]
