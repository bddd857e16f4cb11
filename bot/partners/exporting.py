"""A partner's own referrals as a table to be saved: of who has ended, no more than how."""

from collections.abc import Iterator

from sqlmodel import Session

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.database import Database
from bot.organisations.finding import partner_by_code
from bot.partners.cases import Case, Choice, list_cases
from bot.tables.accounts import Role
from bot.web import day_and_time, phone_for_people

READ = declare_right("read-referrals", Role.PARTNER)
COLUMNS = (
    "Referral",
    "Name",
    "Phone",
    "Language",
    "Interpreter",
    "For",
    "Practice",
    "State",
    "Since",
    "Last note",
    "Noted by",
    "Noted",
)


def csv_rows(session: Session, partner_id: int, choice: Choice) -> Iterator[list[str]]:
    """The partner's referrals of that choice, in the order of the page."""
    for case in list_cases(session, partner_id, choice):
        yield [*_cells(case)]


def export_referrals(db: Database, partner_code: str, choice: Choice, actor: Actor) -> list[list[str]]:
    """`csv_rows` for whoever may have them; that they were taken out is recorded.

    :raises Refused: `unknown-partner`, `not-allowed`: they are nobody else's.
    """
    with db.write() as session:
        partner = partner_by_code(session, partner_code)
        actor = require(session, actor, READ, partner)
        rows = list(csv_rows(session, partner.id or 0, choice))
        record(session, actor, "referrals-exported", f"partner:{partner.id}", rows=len(rows))
        return rows


def _cells(case: Case) -> Iterator[str]:
    newest = next(iter(case.notes), None)
    yield from (case.referral.code, case.name, phone_for_people(case.phone or ""), case.language, case.interpreter)
    yield from (case.purpose.title, case.practice.name, case.state, day_and_time(case.since))
    yield from (newest.words, newest.by, day_and_time(newest.at)) if newest else ("", "", "")
