"""`visits import`: the same verb as the page, added to the group of the visits."""

from pathlib import Path
from typing import Any, BinaryIO

import click

from bot.appointments.joint.visit_commands import visits
from bot.appointments.reports.importing import ReportResult, import_report
from bot.appointments.reports.reading import LARGEST_REPORT
from bot.console import Console, as_option, json_option, pass_console, say
from bot.lists.judging.rows_counted import NOTHING_STORED, problem_lines

__all__ = ["visits"]


@visits.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--dry-run", is_flag=True, help="Look at the report and store nothing.")
@click.option("--confirmation", is_flag=True, help="Text people about visits that are new, moved or off.")
@as_option
@json_option
@pass_console
def import_command(
    console: Console,
    file: BinaryIO,
    practice_code: str,
    dry_run: bool,
    confirmation: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Import the appointment report of the practice's own system (CSV, .xlsx, FHIR R4); again changes nothing."""
    result = import_report(
        console.database,
        console.settings,
        practice_code,
        file.read(LARGEST_REPORT + 1),
        file_name=Path(file.name).name,
        dry_run=dry_run,
        confirmation=confirmation,
        actor=console.actor(email),
    )
    say(_answer(result), as_json, _sentences(result, dry_run))


def _answer(result: ReportResult) -> dict[str, Any]:
    problems = [
        {"row": problem.row, "column": problem.column, "code": problem.code, "message": problem.message}
        for problem in result.problems
    ]
    return {
        "report": result.report_id,
        **result.counts,
        "told": result.told,
        "problems": problems,
        "notes": result.notes,
    }


def _sentences(result: ReportResult, dry_run: bool) -> str:
    found = result.counts
    lines = [
        f"{found['rows']:,} rows: {found['accepted']:,} accepted, {found['fixed']:,} fixed, {found['rejected']:,} "
        f"rejected, {found['duplicates']:,} duplicates.",
        f"Visits: {found['new']:,} new, {found['moved']:,} moved, {found['changed']:,} changed, "
        f"{found['unchanged']:,} unchanged. {found['missing']:,} missing, {found['to_staff']:,} for staff to look at.",
        NOTHING_STORED if dry_run else f"{result.told:,} texts are queued.",
        *result.notes,
        *problem_lines(result.problems),
    ]
    return "\n".join(lines)
