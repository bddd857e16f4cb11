"""The demo's accounts: one password for all, shown on the sign-in page, impossible in live."""

from sqlmodel import Session, col, select

from bot.accounts.accounts import create_account
from bot.accounts.passwords import hash_password
from bot.audit import SERVICE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Partner, Practice

DEMO_PASSWORD = "warm-homes-in-winter"  # noqa: S105 - shown to everybody, opens made-up data only


def create_demo_accounts(
    session: Session, settings: Settings, practice: Practice, partner: Partner
) -> list[UserAccount]:
    """Add one account of each role the demo plays.

    :raises Refused: in live, or when they exist already.
    """
    password_hash = hash_password(DEMO_PASSWORD)
    people: tuple[tuple[Role, str, int | None, int | None], ...] = (
        (Role.LEAD, "Lead clinician", practice.id, None),
        (Role.PRACTICE, "Care coordinator", practice.id, None),
        (Role.PARTNER, "Citizens Advice adviser", None, partner.id),
        (Role.ADMIN, "Administrator", None, None),
    )
    return [
        create_account(
            session,
            settings,
            email=f"{role}@demo.example",
            name=name,
            role=role,
            actor=SERVICE,
            practice_id=practice_id,
            partner_id=partner_id,
            password_hash=password_hash,
            demo=True,
        )
        for role, name, practice_id, partner_id in people
    ]


def demo_accounts(db: Database, settings: Settings) -> list[UserAccount]:
    """The demo accounts that can sign in, for the sign-in page; none in live."""
    if settings.live:
        return []
    with db.read() as session:
        statement = select(UserAccount).where(col(UserAccount.demo), col(UserAccount.active))
        return list(session.exec(statement.order_by(col(UserAccount.id))))
