"""Pages for a practice's list: upload, look at every row, then store it or not."""

import io
import threading
from collections.abc import Callable

import structlog
from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy.orm import defer
from sqlmodel import col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account, own_actor, own_practice_id
from bot.clock import utc_now
from bot.database import LARGEST_ID
from bot.lists import conflict_pages
from bot.lists.conflicts import count_open_conflicts
from bot.lists.headings import columns_of, save_column_meanings
from bot.lists.importing import (
    begin_looking,
    begin_storing,
    look_through,
    preview_rows,
    receive_list,
    store_list,
)
from bot.lists.judging.judging import ImportResult
from bot.lists.judging.verdicts import Verdict
from bot.lists.reading.columns import Field
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.lists.rejects import write_rejects_of
from bot.lists.waiting import discard_import
from bot.patients.criteria import list_criteria
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.lists import ListImport, ListState
from bot.web import SUCCESS, database, one_page, page_number, render, settings, takes_up_to

blueprint = Blueprint("people", __name__)
blueprint.register_blueprint(conflict_pages.blueprint)
SMALL_LIST = 512 * 1024
"""Bytes; the page waits until a list up to this was looked at or stored, which takes about a second."""

_WAIT = 5  # seconds; a small file may cost much all the same

ROWS_PER_PAGE = 100
LISTS_SHOWN = 10
_ROOM_FOR_OTHER_FIELDS = 64 * 1024
_LOOK_AGAIN = 2  # seconds
_log = structlog.get_logger("lists")
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.get("/lists")
@_for_practice
def lists() -> Response:
    """The form to upload a list, and the lists before."""
    return _upload_page()


@blueprint.post("/lists")
@_for_practice
@takes_up_to(LARGEST_LIST + _ROOM_FOR_OTHER_FIELDS)
def upload() -> Response:
    """Look at a list; nobody is stored yet."""
    file = request.files.get("list")
    try:
        if file is None or not file.filename:
            raise Refused("no-file", "Choose the file with your list.")
        content = file.read()
        selected_for = request.form.get("selected_for") or None
        practice_id, user_id = own_practice_id(), own_account().id
        keep = request.form.get("ethnic_category") == "keep"
        import_id = receive_list(
            database(), practice_id, content, file.filename, selected_for, user_id, keep_ethnic_category=keep
        )
        _look_at(import_id)
    except Refused as refused:
        return _upload_page(400, refused)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.get("/lists/<int:import_id>")
@_for_practice
def list_page(import_id: int) -> Response:
    """What would become of each row, how far the work is, or what became of the list."""
    waiting = _own(import_id)
    if waiting.state == ListState.COLUMNS:
        return redirect(url_for("people.columns_page", import_id=import_id), 303)
    if waiting.state in (ListState.READING, ListState.STORING):
        return _working_page(waiting)
    if waiting.state != ListState.PREVIEWED:
        with database().read() as session:
            unsettled = count_open_conflicts(session, own_practice_id())
        return render("lists/result.html", list=waiting, unsettled=unsettled)
    verdict, number = _verdict_asked_for(), page_number()
    skip = (number - 1) * ROWS_PER_PAGE
    header, rows = preview_rows(database(), settings(), waiting, verdict, skip=skip, most=ROWS_PER_PAGE + 1)
    page = one_page(rows, number, ROWS_PER_PAGE)
    return render("lists/preview.html", list=waiting, page=page, shown=verdict, header=header, verdicts=Verdict)


def _working_page(waiting: ListImport) -> Response:
    """How far it is; the page asks again by itself while somebody is at it."""
    busy = waiting.busy_until is not None and waiting.busy_until > utc_now()
    page = render("lists/working.html", list=waiting, busy=busy)
    if busy:
        page.headers["Refresh"] = str(_LOOK_AGAIN)
    return page


@blueprint.post("/lists/<int:import_id>/look")
@_for_practice
def look(import_id: int) -> Response:
    """Take up reading that was broken off."""
    _own(import_id)
    _look_at(import_id)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.get("/lists/<int:import_id>/columns")
@_for_practice
def columns_page(import_id: int) -> Response:
    """Which column is which."""
    return _columns_page(_own(import_id))


@blueprint.post("/lists/<int:import_id>/columns")
@_for_practice
def name_columns(import_id: int) -> Response:
    """Remember what the columns are, and look at the list anew."""
    waiting = _own(import_id)
    columns = columns_of(database(), waiting)
    stated = {column.heading: _field_asked_for(request.form.get(f"column-{column.place}")) for column in columns}
    try:
        save_column_meanings(database(), waiting, stated, own_actor())
    except Refused as refused:
        return _columns_page(waiting, 400, refused)
    _look_at(import_id)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.get("/lists/<int:import_id>/rejects.csv")
@_for_practice
def rejects(import_id: int) -> Response:
    """The rejected rows with the reasons, to be corrected in a spreadsheet."""
    waiting = _own(import_id)
    text = io.StringIO()
    write_rejects_of(database(), settings(), waiting, text)
    page = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    page.headers["Content-Disposition"] = f'attachment; filename="rejected-rows-{import_id}.csv"'
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/lists/<int:import_id>/confirm")
@_for_practice
def confirm(import_id: int) -> Response:
    """Store the people of the list."""
    _own(import_id)
    waiting, actor, db, our_settings = begin_storing(database(), import_id), own_actor(), database(), settings()
    result = ImportResult(keep_problems=False)
    if _run(lambda: store_list(db, our_settings, waiting, actor, result), waiting.content):
        flash(f"The list is stored. {result.stored:,} people are new or changed.", SUCCESS)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.post("/lists/<int:import_id>/discard")
@_for_practice
def discard(import_id: int) -> Response:
    """Forget the list."""
    _own(import_id)
    discard_import(database(), import_id, own_actor())
    flash("The list is discarded. Nothing was stored.", SUCCESS)
    return redirect(url_for("people.lists"), 303)


def _look_at(import_id: int) -> None:
    waiting, db, our_settings = _own(import_id), database(), settings()
    if waiting.state in (ListState.READING, ListState.PREVIEWED):
        taken_up = begin_looking(db, import_id)
        _run(lambda: look_through(db, our_settings, taken_up), waiting.content)


def _upload_page(status: int = 200, refused: Refused | None = None) -> Response:
    with database().read() as session:
        statement = select(ListImport).where(ListImport.practice_id == own_practice_id())
        # The files themselves stay where they are: ten of them may be large.
        statement = statement.options(defer(ListImport.content))  # type: ignore[arg-type]
        before = session.exec(statement.order_by(col(ListImport.id).desc()).limit(LISTS_SHOWN)).all()
        unsettled = count_open_conflicts(session, own_practice_id())
    criteria = [{"value": "", "text": "No: this is our whole list"}]
    criteria += [{"value": found.name, "text": found.title} for found in list_criteria()]
    return render("lists/upload.html", status, refused=refused, before=before, criteria=criteria, unsettled=unsettled)


def _columns_page(waiting: ListImport, status: int = 200, refused: Refused | None = None) -> Response:
    columns = columns_of(database(), waiting)
    choices = [{"value": "", "text": "Not used"}, *({"value": field.value, "text": field.value} for field in Field)]
    return render("lists/columns.html", status, list=waiting, columns=columns, choices=choices, refused=refused)


def _field_asked_for(word: str | None) -> Field | None:
    return Field(word) if word in list(Field) else None


def _own(import_id: int) -> ListImport:
    with database().read() as session:
        found = session.get(ListImport, import_id) if import_id <= LARGEST_ID else None
    if found is None or found.practice_id != own_practice_id():
        abort(404)
    return found


def _verdict_asked_for() -> Verdict | None:
    asked = request.args.get("show", "")
    return Verdict(asked) if asked in list(Verdict) else None


def _run(work: Callable[[], object], content: bytes | None) -> bool:
    """Do the work in a thread of its own, and wait a little if the list is small; whether it is done already.

    A thread that dies with its process leaves a list that can be taken up again.

    :raises Refused: the work was refused while we waited.
    """
    outcome: list[Refused | None] = []
    thread = threading.Thread(target=_run_quietly, args=(work, outcome), name="list", daemon=True)
    thread.start()
    if len(content or b"") > SMALL_LIST:
        return False
    thread.join(_WAIT)
    if outcome and outcome[0] is not None:
        raise outcome[0]
    return bool(outcome)


def _run_quietly(work: Callable[[], object], outcome: list[Refused | None]) -> None:
    try:
        work()
        outcome.append(None)
    except Refused as refused:
        outcome.append(refused)
        _log.info("list-refused", code=refused.code)
    except Exception as error:
        _log.error("list-failed", kind=type(error).__name__)
