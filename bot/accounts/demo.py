"""The demo's accounts: one password for all, shown on the sign-in page, impossible in live."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.accounts.accounts import create_account
from bot.accounts.passwords import hash_password
from bot.accounts.rights import least
from bot.audit import SERVICE
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Membership, Role, UserAccount
from bot.tables.organisations import Partner, Practice

DEMO_PASSWORD = "warm-homes-in-winter"  # noqa: S105 - shown to everybody, opens made-up data only


@dataclass(frozen=True)
class DemoAccount:
    """Somebody a visitor to the demo can play."""

    account: UserAccount
    role: Role

    @property
    def email(self) -> str:
        """What it signs in with."""
        return self.account.email

    @property
    def name(self) -> str:
        """What it is called."""
        return self.account.name


def create_demo_accounts(session: Session, settings: Settings, practice: Practice, partner: Partner) -> None:
    """Add one account of each role the demo plays.

    :raises Refused: in live, or when they exist already.
    """
    password_hash = hash_password(DEMO_PASSWORD)
    people: tuple[tuple[Role, str, str | None], ...] = (
        (Role.LEAD, "Lead clinician", practice.code),
        (Role.PRACTICE, "Care coordinator", practice.code),
        (Role.PARTNER, "Citizens Advice adviser", partner.code),
        (Role.ADMIN, "Administrator", None),
    )
    for role, name, organisation in people:
        create_account(
            session,
            settings,
            email=f"{role}@demo.example",
            name=name,
            role=role,
            actor=SERVICE,
            organisation=organisation,
            password_hash=password_hash,
            demo=True,
        )


def demo_accounts(db: Database, settings: Settings) -> list[DemoAccount]:
    """The demo accounts that can sign in, for the sign-in page; none in live."""
    if settings.live:
        return []
    statement = (
        select(UserAccount, Membership.role)
        .join(Membership, col(Membership.user_id) == col(UserAccount.id))
        .where(col(UserAccount.demo), col(UserAccount.active))
        .order_by(col(UserAccount.id), col(Membership.id))
    )
    roles: dict[int | None, tuple[UserAccount, list[str]]] = {}
    with db.read() as session:
        for account, role in session.exec(statement):
            roles.setdefault(account.id, (account, []))[1].append(role)
    return [DemoAccount(account, least(held)) for account, held in roles.values()]
