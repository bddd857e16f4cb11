"""Pages for a practice's list: upload, look at every row, then store it or not."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.campaigns.criteria import list_criteria
from bot.people.importing import confirm_import, discard_import, preview_list, preview_rows
from bot.people.list_reading import LARGEST_LIST
from bot.people.tables import ListImport
from bot.people.verdicts import Verdict
from bot.refusals import Refused
from bot.staff.access import for_roles, load_account, own_account, own_actor, own_practice_id
from bot.staff.tables import Role
from bot.web import SUCCESS, database, one_page, page_number, render, settings

blueprint = Blueprint("people", __name__)
ROWS_PER_PAGE = 100
LISTS_SHOWN = 10
_ROOM_FOR_OTHER_FIELDS = 64 * 1024
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.url_value_preprocessor
def _allow_a_long_list(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Only here, and only for somebody signed in, may a request be long.

    The check of the form's token reads the whole request before any view does, so it cannot wait for that.
    """
    if endpoint == "people.upload":
        load_account()
        if g.account is not None:
            request.max_content_length = LARGEST_LIST + _ROOM_FOR_OTHER_FIELDS


@blueprint.get("/lists")
@_for_practice
def lists() -> Response:
    """The form to upload a list, and the lists before."""
    return _upload_page()


@blueprint.post("/lists")
@_for_practice
def upload() -> Response:
    """Look at a list; nobody is stored yet."""
    file = request.files.get("list")
    try:
        if file is None or not file.filename:
            raise Refused("no-file", "Choose the file with your list.")
        preview = preview_list(
            database(),
            settings(),
            own_practice_id(),
            file.read(),
            file.filename,
            request.form.get("selected_for") or None,
            own_account().id,
        )
    except Refused as refused:
        return _upload_page(400, refused)
    return redirect(url_for("people.list_page", import_id=preview.import_id), 303)


@blueprint.get("/lists/<int:import_id>")
@_for_practice
def list_page(import_id: int) -> Response:
    """What would become of each row, or what became of the list."""
    verdict, number = _verdict_asked_for(), page_number()
    with database().read() as session:
        waiting = _own(session, import_id)
        if waiting.state != "previewed":
            return render("people/result.html", list=waiting)
        skip = (number - 1) * ROWS_PER_PAGE
        header, rows = preview_rows(session, settings(), waiting, verdict, skip=skip, most=ROWS_PER_PAGE + 1)
    page = one_page(rows, number, ROWS_PER_PAGE)
    return render("people/preview.html", list=waiting, page=page, shown=verdict, header=header, verdicts=Verdict)


@blueprint.post("/lists/<int:import_id>/confirm")
@_for_practice
def confirm(import_id: int) -> Response:
    """Store the people of the list."""
    with database().read() as session:
        _own(session, import_id)
    result = confirm_import(database(), settings(), import_id, own_actor())
    flash(f"The list is stored. {result.stored:,} people are new or changed.", SUCCESS)
    return redirect(url_for("people.list_page", import_id=import_id), 303)


@blueprint.post("/lists/<int:import_id>/discard")
@_for_practice
def discard(import_id: int) -> Response:
    """Forget the list."""
    with database().read() as session:
        _own(session, import_id)
    discard_import(database(), import_id, own_actor())
    flash("The list is discarded. Nothing was stored.", SUCCESS)
    return redirect(url_for("people.lists"), 303)


def _upload_page(status: int = 200, refused: Refused | None = None) -> Response:
    with database().read() as session:
        statement = select(ListImport).where(ListImport.practice_id == own_practice_id())
        # The files themselves stay where they are: ten of them may be large.
        statement = statement.options(defer(ListImport.content))  # type: ignore[arg-type]
        before = session.exec(statement.order_by(col(ListImport.id).desc()).limit(LISTS_SHOWN)).all()
    criteria = [{"value": "", "text": "No: this is our whole list"}]
    criteria += [{"value": found.name, "text": found.title} for found in list_criteria()]
    return render("people/upload.html", status, refused=refused, before=before, criteria=criteria)


def _own(session: Session, import_id: int) -> ListImport:
    found = session.get(ListImport, import_id)
    if found is None or found.practice_id != own_practice_id():
        abort(404)
    return found


def _verdict_asked_for() -> Verdict | None:
    asked = request.args.get("show", "")
    return Verdict(asked) if asked in list(Verdict) else None
