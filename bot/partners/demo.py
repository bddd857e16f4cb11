"""The demo's second partner, which a campaign can offer when the first is full, with an account of its own."""

from collections.abc import Sequence

from sqlmodel import Session, select

from bot.accounts.accounts import create_account
from bot.accounts.demo import DEMO_PASSWORD, DemoAccount
from bot.accounts.passwords import hash_password
from bot.audit import CONSOLE, SERVICE
from bot.database import Database
from bot.organisations.partners import add_partner
from bot.partners.purposes import purposes
from bot.patients.criteria import sign_criteria
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.organisations import Partner

SECOND, ADVISER = "HOMES", "partner2@demo.example"
_NAME, _PHONE, _PLACES = "Warm Homes Hastings", "01632 960300", 10


def add_second_partner(db: Database, settings: Settings, practice_code: str, _people: Sequence[DemoAccount]) -> None:
    """Add it, linked to the practice, with its criteria signed; a second time nothing changes."""
    with db.read() as session:
        if session.exec(select(Partner.id).where(Partner.code == SECOND)).first() is not None:
            return
    added = add_partner(db, SECOND, practice_code, CONSOLE, name=_NAME, places=_PLACES, phone=_PHONE)
    with db.write() as session:
        session.get_one(Partner, added.id).demo = True
        account = _account(session, settings)
    for criteria in sorted({purpose.criteria for purpose in purposes().values() if purpose.has_partner}):
        sign_criteria(db, practice_code, criteria, account)


def _account(session: Session, settings: Settings) -> UserAccount:
    create_account(
        session,
        settings,
        email=ADVISER,
        name="Warm Homes adviser",
        role=Role.PARTNER,
        actor=SERVICE,
        organisation=SECOND,
        password_hash=hash_password(DEMO_PASSWORD),
        demo=True,
    )
    session.flush()
    return session.exec(select(UserAccount).where(UserAccount.email == ADVISER)).one()
