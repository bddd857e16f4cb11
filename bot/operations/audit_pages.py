"""The audit trail, for the administrator and the lead."""

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_practice_id, own_roles
from bot.database import LARGEST_ID
from bot.operations.audit_reading import NOBODY, Asked, people_of_trail, read_trail
from bot.operations.deeds import DEEDS, deed_in_short
from bot.tables.accounts import Role
from bot.web import as_csv, database, day_and_time, one_page, page_number, render

blueprint = Blueprint("audit", __name__)
ENTRIES_PER_PAGE = 50
LONGEST_EXPORT = 20_000
"""Entries of a spreadsheet; who needs older ones asks for a day."""
COLUMNS = ("Number", "When", "Who", "Email", "As", "What happened", "Details")


@blueprint.get("/audit")
@for_roles(Role.ADMIN, Role.LEAD)
def audit_trail() -> Response:
    """Who did what: a lead sees the own practice, an administrator everything."""
    number, asked, practice_id = page_number(), _asked(), _practice_id()
    with database().read() as session:
        skip = (number - 1) * ENTRIES_PER_PAGE
        deeds = read_trail(session, practice_id, asked, skip=skip, limit=ENTRIES_PER_PAGE + 1)
        people = [(str(one.id), one.name or one.email) for one in people_of_trail(session, practice_id)]
    return render(
        "operations/audit.html",
        page=one_page(deeds, number, ENTRIES_PER_PAGE),
        asked=asked,
        actions=sorted(((action, deed_in_short(action)) for action in DEEDS), key=lambda option: option[1]),
        people=[*people, *NOBODY.items()],
        longest=LONGEST_EXPORT,
        query=urlencode({name: value for name, value in vars(asked).items() if value}),
    )


@blueprint.get("/audit.csv")
@for_roles(Role.ADMIN, Role.LEAD)
def audit_csv() -> Response:
    """The entries that are chosen on the page, as a spreadsheet; the newest, when there are very many."""
    with database().read() as session:
        deeds = read_trail(session, _practice_id(), _asked(), limit=LONGEST_EXPORT)
    rows = (
        (str(deed.number), day_and_time(deed.at), deed.who, deed.email, deed.role, deed.sentence, deed.detail)
        for deed in deeds
    )
    return as_csv("audit.csv", COLUMNS, rows)


def _practice_id() -> int | None:
    return None if Role.ADMIN in own_roles() else own_practice_id()


def _asked() -> Asked:
    """What the address asks for; what is no action, account or day chooses nothing."""
    action, by = request.args.get("action", ""), request.args.get("by", "")
    is_account = by.isascii() and by.isdigit() and int(by) <= LARGEST_ID
    return Asked(
        action=action if action in DEEDS else None,
        by=by if by in NOBODY or is_account else None,
        day=_day(request.args.get("day", "")),
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
