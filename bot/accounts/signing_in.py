"""Signing in with an address and a password."""

from sqlmodel import select

from bot.accounts.passwords import password_fits
from bot.accounts.rights import practice_of
from bot.accounts.tries import Tried, count_try, try_succeeded
from bot.audit import record
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import UserAccount, actor_of


def sign_in(db: Database, settings: Settings, email: str, password: str, address: str, device: str = "") -> UserAccount:
    """The account these words open.

    A try is counted before its password is looked at, so that many at once cannot slip past the count; an
    unknown account takes as long as a wrong password.

    :param address: where the request came from; kept, like the email, only as a keyed hash.
    :param device: what a browser on which this account has signed in before is known by.
    :raises Refused: `too-many-tries` says how long to wait; `not-signed-in` not which of the two is wrong.
    """
    email = email.strip().lower()
    attempt_id = count_try(db, settings, Tried.PASSWORD, email, address, device)
    with db.read() as reading:
        account = reading.exec(select(UserAccount).where(UserAccount.email == email)).first()
    right = password_fits(account.password_hash if account else None, password)
    if account is None or not right or not account.active or (account.demo and settings.live):
        raise Refused("not-signed-in", "The email address or the password is not right. Check both and try again.")
    deed = "password-given" if needs_code(settings, account) else "signed-in"
    with db.write() as session:
        try_succeeded(session, attempt_id)
        record(session, actor_of(account), deed, f"account:{account.id}", practice_id=practice_of(session, account.id))
    return account


def needs_code(settings: Settings, account: UserAccount) -> bool:
    """Whether a password alone does not sign in: always in live, in demo only for who has set up codes."""
    return settings.live or account.totp_since is not None
