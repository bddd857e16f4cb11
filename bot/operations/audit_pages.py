"""The audit trail, for the administrator and the lead."""

from flask import Blueprint
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from bot.accounts.access import for_roles, own_practice_id, own_roles
from bot.audit import AuditEntry
from bot.tables.accounts import Role, UserAccount
from bot.web import database, one_page, page_number, render

blueprint = Blueprint("audit", __name__)
ENTRIES_PER_PAGE = 50


@blueprint.get("/audit")
@for_roles(Role.ADMIN, Role.LEAD)
def audit_trail() -> Response:
    """Who did what: a lead sees the own practice, an administrator everything."""
    number = page_number()
    practice_id = None if Role.ADMIN in own_roles() else own_practice_id()
    with database().read() as session:
        rows = _entries(session, practice_id, number)
    return render("operations/audit.html", page=one_page(rows, number, ENTRIES_PER_PAGE))


def _entries(session: Session, practice_id: int | None, number: int) -> list[tuple[AuditEntry, UserAccount | None]]:
    statement = (
        select(AuditEntry, UserAccount)
        .outerjoin(UserAccount, col(UserAccount.id) == AuditEntry.user_id)
        .order_by(col(AuditEntry.id).desc())
        .offset((number - 1) * ENTRIES_PER_PAGE)
        .limit(ENTRIES_PER_PAGE + 1)
    )
    if practice_id is not None:
        statement = statement.where(AuditEntry.practice_id == practice_id)
    return list(session.exec(statement))
