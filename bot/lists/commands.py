"""`patients`: the same verbs as the pages, for the console."""

import os
from pathlib import Path
from typing import Any, BinaryIO

import click

from bot.console import Console, as_option, json_option, pass_console, say, say_lines
from bot.lists.importing import import_list
from bot.lists.judging.judging import ImportResult, Progress, meanings_of
from bot.lists.judging.rows_counted import NOTHING_STORED, result_in_words
from bot.lists.limits import limited
from bot.lists.person_commands import ABOUT_ONE_PERSON
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.lists.reading.tables_of_files import read_table
from bot.lists.rejects import write_rejects
from bot.organisations.finding import practice_by_code
from bot.patients.listing import COLUMNS, list_people
from bot.refusals import Refused

_REPORT_EVERY = 10_000  # rows


@click.group()
def patients() -> None:
    """A practice's list of patients."""


@patients.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--selected-for", metavar="CRITERIA", help="The practice's own search chose these people.")
@click.option("--ethnic-category", is_flag=True, help="Keep the column of ethnic categories; else it is not read.")
@click.option("--dry-run", is_flag=True, help="Look at the list and store nothing.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Write rejected rows here, as CSV.")
@as_option
@json_option
@pass_console
def import_command(
    console: Console,
    file: BinaryIO,
    practice_code: str,
    selected_for: str | None,
    ethnic_category: bool,
    dry_run: bool,
    rejects: Path | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Import a list of patients (CSV, .xlsx, FHIR JSON); importing it again changes nothing."""
    if rejects is not None:
        _require_writable(rejects, file.name)
    content = file.read(LARGEST_LIST + 1)
    result = import_list(
        console.database,
        console.settings,
        practice_code,
        content,
        selected_for=selected_for,
        keep_ethnic_category=ethnic_category,
        dry_run=dry_run,
        actor=console.actor(email),
        progress=progress_line("rows read"),
        file_name=Path(file.name).name,
    )
    if rejects is not None:
        with console.database.read() as session:
            meanings = meanings_of(session, practice_by_code(session, practice_code).id or 0)
        with limited(), rejects.open("w", encoding="utf-8-sig", newline="") as target:
            write_rejects(read_table(content, meanings), result, target)
    say(_answer(result), as_json, _sentences(result, dry_run))


def _require_writable(rejects: Path, source: str) -> None:
    """Said before anybody is stored, not after.

    :raises Refused: the file for rejected rows cannot be written, or is the list itself.
    """
    if rejects.exists() and Path(source).exists() and rejects.samefile(source):
        raise Refused("rejects-is-the-list", "Rejected rows would replace the list itself. Name another file.")
    if not os.access(rejects if rejects.exists() else rejects.parent, os.W_OK):
        raise Refused("cannot-write", f"{rejects} cannot be written. Name a file in a folder that can.")


@patients.command("list")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@json_option
@pass_console
def list_command(console: Console, practice_code: str, as_json: bool) -> None:
    """Everybody on a practice's list."""
    with console.database.read() as session:
        practice = practice_by_code(session, practice_code)
        say_lines(list_people(session, practice.id or 0), as_json, COLUMNS)


for _command in ABOUT_ONE_PERSON:
    patients.add_command(_command)


def progress_line(what: str) -> Progress:
    """A line on stderr for every ten thousand, so that short lists stay quiet."""
    reported = 0

    def report(rows: int) -> None:
        nonlocal reported
        if rows // _REPORT_EVERY > reported:
            reported = rows // _REPORT_EVERY
            click.echo(f"{reported * _REPORT_EVERY:,} {what}", err=True)

    return report


def _answer(result: ImportResult) -> dict[str, Any]:
    problems = [
        {"row": problem.row, "column": problem.column, "code": problem.code, "message": problem.message}
        for problem in result.problems
    ]
    return {"list": result.list_id, **result.counts(), "problems": problems, "notes": result.notes}


def _sentences(result: ImportResult, dry_run: bool) -> str:
    return result_in_words(result, NOTHING_STORED if dry_run else result.in_words, result.notes)
