"""Pages for a practice's list: upload, look at every row, then store it or not."""

import codecs
import threading
from collections.abc import Callable
from itertools import chain

import structlog
from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_account, own_actor, own_practice_id
from bot.clock import utc_now
from bot.database import LARGEST_ID
from bot.lists import conflict_pages
from bot.lists.conflicts import count_open_conflicts
from bot.lists.headings import columns_of, save_column_meanings
from bot.lists.importing import begin_looking, begin_storing, counted_before, receive_list, store_list
from bot.lists.judging.verdicts import Verdict
from bot.lists.kept import kept_page, rejects_of
from bot.lists.reader import look_apart
from bot.lists.reading.columns import Field, absent_fields
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.lists.texting import YES
from bot.lists.waiting import discard_import, find_list, lists_of, require_waiting, who_uploaded
from bot.patients.criteria import list_criteria
from bot.patients.eligibility import IN_WORDS
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.lists import LIST_MOVES, ListImport, ListState
from bot.web import SUCCESS, Page, database, page_number, render, settings, takes_up_to

blueprint = Blueprint("people", __name__)
blueprint.register_blueprint(conflict_pages.blueprint)
SMALL_LIST = 512 * 1024
"""Bytes; the page waits a moment until a list up to this was looked at, which takes about a second."""
FEW_ROWS = 2000
"""The page waits a moment until a list of so many rows is stored."""

_WAIT = 5  # seconds; a small file may cost much all the same

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
        _look_at(import_id, wait=len(content) <= SMALL_LIST)
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
    return _preview(waiting)


def _preview(waiting: ListImport) -> Response:
    verdict, number = _verdict_asked_for(), page_number()
    kept = kept_page(database(), waiting.id or 0, verdict, number)
    return render(
        "lists/preview.html",
        list=waiting,
        page=Page(kept.rows, number, kept.more),
        shown=verdict,
        verdicts=Verdict,
        absent=absent_fields(frozenset(map(Field, waiting.fields))),
        can_be_texted=waiting.reach.get(YES, 0),
        others=[(IN_WORDS[why], people) for why, people in waiting.reach.items() if why != YES],
    )


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
    require_waiting(_own(import_id))
    page = Response(chain([codecs.BOM_UTF8], rejects_of(database(), import_id)), mimetype="text/csv")
    page.headers["Content-Disposition"] = f'attachment; filename="rejected-rows-{import_id}.csv"'
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/lists/<int:import_id>/confirm")
@_for_practice
def confirm(import_id: int) -> Response:
    """Store the people of the list."""
    _own(import_id)
    waiting, actor, db, our_settings = begin_storing(database(), import_id), own_actor(), database(), settings()
    result = counted_before(waiting)
    if _run(lambda: store_list(db, our_settings, waiting, actor, result), wait=result.rows <= FEW_ROWS):
        flash(f"The list is stored. {result.in_words}", SUCCESS)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.post("/lists/<int:import_id>/discard")
@_for_practice
def discard(import_id: int) -> Response:
    """Forget the list."""
    _own(import_id)
    discard_import(database(), import_id, own_actor())
    flash("The list is discarded. Nothing was stored.", SUCCESS)
    return redirect(url_for("people.lists"), 303)


def _look_at(import_id: int, *, wait: bool = True) -> None:
    """Have the list read beside this request, in a process of its own: whatever is in it, no page waits for it long."""
    waiting, db, our_settings = _own(import_id), database(), settings()
    if waiting.state in (ListState.READING, ListState.PREVIEWED):
        taken_up = begin_looking(db, import_id)
        _run(lambda: look_apart(db, our_settings, taken_up), wait=wait)


def _upload_page(status: int = 200, refused: Refused | None = None) -> Response:
    with database().read() as session:
        lists = lists_of(session, own_practice_id(), LISTS_SHOWN)
        by = who_uploaded(session, lists)
        unsettled = count_open_conflicts(session, own_practice_id())
    criteria = [{"value": "", "text": "No: this is our whole list"}]
    criteria += [{"value": found.name, "text": found.title} for found in list_criteria()]
    unconfirmed = [found for found in lists if found.state not in LIST_MOVES.ends]
    return render(
        "lists/upload.html",
        status,
        refused=refused,
        unconfirmed=unconfirmed,
        ended=lists[len(unconfirmed) :],
        by=by,
        criteria=criteria,
        unsettled=unsettled,
    )


def _columns_page(waiting: ListImport, status: int = 200, refused: Refused | None = None) -> Response:
    columns = columns_of(database(), waiting)
    choices = [{"value": "", "text": "Not used"}, *({"value": field.value, "text": field.value} for field in Field)]
    return render("lists/columns.html", status, list=waiting, columns=columns, choices=choices, refused=refused)


def _field_asked_for(word: str | None) -> Field | None:
    return Field(word) if word in list(Field) else None


def _own(import_id: int) -> ListImport:
    with database().read() as session:
        found = find_list(session, import_id) if import_id <= LARGEST_ID else None
    if found is None or found.practice_id != own_practice_id():
        abort(404)
    return found


def _verdict_asked_for() -> Verdict | None:
    asked = request.args.get("show", "")
    return Verdict(asked) if asked in list(Verdict) else None


def _run(work: Callable[[], object], *, wait: bool) -> bool:
    """Do the work in a thread of its own, and wait a little for a small list; whether it is done already.

    A thread that dies with its process leaves a list that can be taken up again.

    :raises Refused: the work was refused while we waited.
    """
    outcome: list[Refused | None] = []
    thread = threading.Thread(target=_run_quietly, args=(work, outcome), name="list", daemon=True)
    thread.start()
    if not wait:
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
