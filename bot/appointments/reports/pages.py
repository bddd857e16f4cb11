"""Pages for an appointment report: upload, look at every row and at what is missing, then store it or not."""

from typing import NamedTuple

import structlog
from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account_id, own_actor, own_practice_id
from bot.appointments.reports.example import HEADER, example_people, example_rows, may_try
from bot.appointments.reports.importing import (
    WAITING,
    confirm_report,
    discard_report,
    find_report,
    preview_report,
    receive_report,
    reports_of,
)
from bot.appointments.reports.judging import RowOutcome
from bot.appointments.reports.looking import Looked
from bot.appointments.reports.matching import Change, Matched
from bot.appointments.reports.reading import LARGEST_REPORT
from bot.clock import london_today
from bot.database import LARGEST_ID
from bot.lists.judging.verdicts import Verdict
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.appointments import AppointmentReport
from bot.web import SUCCESS, Page, as_csv, counted, database, page_number, render, settings, takes_up_to

blueprint = Blueprint("visit_reports", __name__)
REPORTS_SHOWN = 10
ROWS_PER_PAGE = 100
_ROOM_FOR_OTHER_FIELDS = 64 * 1024
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)
_log = structlog.get_logger("reports")


class ShownRow(NamedTuple):
    """A row of the preview: whom it names, the verdict, and what it would change."""

    outcome: RowOutcome
    name: str
    matched: Matched | None


@blueprint.get("/visits/import")
@_for_practice
def reports() -> Response:
    """The form to upload a report, and the reports before."""
    return _upload_page()


@blueprint.get("/visits/import/example.csv")
@_for_practice
def example() -> Response:
    """A made-up report of the practice's own people; in live there is none."""
    if not may_try(settings()):
        abort(404)
    with database().read() as session:
        numbers = example_people(session, own_practice_id())
    return as_csv("appointments.csv", HEADER, example_rows(numbers, london_today()))


@blueprint.post("/visits/import")
@_for_practice
@takes_up_to(LARGEST_REPORT + _ROOM_FOR_OTHER_FIELDS)
def upload() -> Response:
    """Keep a report to look at it; nothing of it is stored yet, and nobody is texted."""
    file = request.files.get("report")
    try:
        if file is None or not file.filename:
            raise Refused("no-file", "Choose the file with your appointment report.")
        report_id = receive_report(database(), own_practice_id(), file.read(), file.filename, own_account_id())
    except Refused as refused:
        _log.info("report-refused", code=refused.code)
        return _upload_page(400, refused)
    return redirect(url_for("visit_reports.report_page", report_id=report_id), 303)


@blueprint.get("/visits/import/<int:report_id>")
@_for_practice
def report_page(report_id: int) -> Response:
    """What would become of each row, or what became of the report."""
    report = _own(report_id)
    if report.state != WAITING:
        return render("appointments/report-result.html", report=report)
    looked = preview_report(database(), report)
    shown, number = _asked_for(), page_number()
    rows = [row for row in _rows(looked) if _is_shown(row, shown)]
    start = (number - 1) * ROWS_PER_PAGE
    page = Page(rows[start : start + ROWS_PER_PAGE], number, len(rows) > start + ROWS_PER_PAGE)
    return render(
        "appointments/report-preview.html",
        report=report,
        counts=looked.counts(),
        coverage=looked.coverage,
        notes=looked.notes,
        page=page,
        shown=shown,
        choices=[*Verdict, Change.NEW, Change.MOVED, Change.CHANGED],
        missing=looked.matching.missing,
        doubtful=[*looked.matching.unclear, *looked.matching.again],
    )


@blueprint.post("/visits/import/<int:report_id>/confirm")
@_for_practice
def confirm(report_id: int) -> Response:
    """Store the visits of the report."""
    _own(report_id)
    tell = request.form.get("tell") == "yes"
    result = confirm_report(database(), settings(), report_id, own_actor(), confirmation=tell)
    counts = result.counts
    told = f" {counted(result.told, 'text waits to go', 'texts wait to go')}." if result.told else ""
    words = f"{counted(counts['new'], 'new visit', 'new visits')}, {counts['moved']} moved."
    flash(f"The report is stored. {words}{told}", SUCCESS)
    return redirect(url_for("visit_reports.report_page", report_id=report_id), 303)


@blueprint.post("/visits/import/<int:report_id>/discard")
@_for_practice
def discard(report_id: int) -> Response:
    """Forget the report."""
    _own(report_id)
    discard_report(database(), report_id, own_actor())
    flash("The report is discarded. Nothing was stored, and nobody was texted.", SUCCESS)
    return redirect(url_for("visit_reports.reports"), 303)


def _upload_page(status: int = 200, refused: Refused | None = None) -> Response:
    with database().read() as session:
        found = reports_of(session, own_practice_id(), REPORTS_SHOWN)
    example = may_try(settings())
    return render("appointments/report-upload.html", status, refused=refused, reports=found, example=example)


def _own(report_id: int) -> AppointmentReport:
    with database().read() as session:
        found = find_report(session, report_id) if report_id <= LARGEST_ID else None
    if found is None or found.practice_id != own_practice_id():
        abort(404)
    return found


def _asked_for() -> str:
    asked = request.args.get("show", "")
    return asked if asked in (*Verdict, *Change) else ""


def _rows(looked: Looked) -> list[ShownRow]:
    matched = {found.visit.row: found for found in looked.matching.rows}
    return [ShownRow(o, _name(looked, o), matched.get(o.row)) for o in looked.outcomes]


def _name(looked: Looked, outcome: RowOutcome) -> str:
    person = looked.people.get(outcome.visit.nhs_number) if outcome.visit else None
    return f"{person.given_name} {person.surname}".strip() if person else ""


def _is_shown(row: ShownRow, shown: str) -> bool:
    """By default what there is to look at: rows with a problem, and visits that move or change."""
    if not shown:
        moves = row.matched is not None and row.matched.change in (Change.MOVED, Change.CHANGED)
        return bool(row.outcome.problems) or moves
    return row.outcome.verdict == shown or (row.matched is not None and row.matched.change == shown)
