"""The second factor of live accounts: codes of six digits from an app on a phone (TOTP, RFC 6238).

The secret is kept encrypted under a key made from SECRET_KEY, so a copy of the database alone makes no codes. A code
counts once, may be one step (30 seconds) early or late, and tries are counted like those of passwords.
"""

import base64
import hmac
import re
import secrets
from datetime import timedelta

import pyotp
from cryptography.fernet import InvalidToken
from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from bot.accounts.accounts import find_open_account
from bot.accounts.keyed_hashes import box_of, keyed
from bot.accounts.rights import MANAGE_ACCOUNTS, practice_of, require
from bot.accounts.tries import Tried, count_try, forget_failures, try_succeeded
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import RecoveryCode, UserAccount, actor_of

ISSUER = "Easy to Reach"
_KIND = "second-factor"
STEP = timedelta(seconds=30)
DRIFT = 1
"""Steps by which the clock of a phone may be wrong."""
RECOVERY_CODES = 8
THE_CONSOLE = "console"
"""The place of codes that are entered with a command."""


def prepare_second_factor(db: Database, settings: Settings, account_id: int) -> None:
    """Make the secret of an account that has set up none yet; one that waits to be confirmed stays the same."""
    with db.write() as session:
        account = find_open_account(session, account_id)
        if account.totp_secret is None:
            account.totp_secret = box_of(settings, _KIND).encrypt(pyotp.random_base32().encode()).decode()
            session.add(account)


def secret_of(settings: Settings, account: UserAccount) -> str:
    """The secret of an account, in base32, as an authenticator app takes it.

    :raises Refused: there is none, or it was made under another SECRET_KEY.
    """
    try:
        return box_of(settings, _KIND).decrypt((account.totp_secret or "").encode()).decode()
    except InvalidToken:
        raise Refused(
            "second-factor-unreadable", "Your codes cannot be checked any more. Ask your administrator to reset them."
        ) from None


def app_link(settings: Settings, account: UserAccount) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret_of(settings, account)).provisioning_uri(name=account.email, issuer_name=ISSUER)


def confirm_second_factor(db: Database, settings: Settings, account_id: int, code: str, address: str) -> list[str]:
    """The first right code shows that the app works: from now on codes are asked for. Gives recovery codes, once.

    :param address: where the request came from.
    :raises Refused: the code is wrong or was tried too often, or a second factor is there already.
    """
    with db.read() as session:
        known = find_open_account(session, account_id)
    attempt_id = count_try(db, settings, Tried.CODE, known.email, address)
    with db.write() as session:
        account = find_open_account(session, account_id)
        if account.totp_since is not None:
            raise Refused("second-factor-there", "Your codes are set up already. Sign in with one.")
        if not _spend_code(session, settings, account, code):
            raise _wrong_code()
        try_succeeded(session, attempt_id)
        account.totp_since = utc_now()
        session.add(account)
        recovery = _new_recovery_codes(session, settings, account_id)
        _note(session, actor_of(account), "second-factor-set-up", account)
    return recovery


def check_second_factor(db: Database, settings: Settings, account_id: int, code: str, address: str) -> UserAccount:
    """Sign in with a code of the app, or with a recovery code. Each counts once.

    That the account has signed in before on this browser helps nobody here: codes are what a thief of it guesses.

    :param address: where the request came from.
    :raises Refused: the code is wrong or was used, or was tried too often.
    """
    with db.read() as session:
        known = find_open_account(session, account_id)
    attempt_id = count_try(db, settings, Tried.CODE, known.email, address)
    with db.write() as session:
        account = find_open_account(session, account_id)
        if account.totp_since is None:
            raise _wrong_code()
        if not _spend_code(session, settings, account, code):
            if not _spend_recovery_code(session, settings, account_id, code):
                raise _wrong_code()
            _note(session, actor_of(account), "recovery-code-used", account)
        try_succeeded(session, attempt_id)
        _note(session, actor_of(account), "signed-in", account)
    return account


def confirm_by_code(db: Database, settings: Settings, account: UserAccount | None, code: str | None) -> None:
    """What a person stands for is done in live by that person: on a page, signed in, or here with a code of their app.

    A code counts once, as at signing in; it is spent even when what follows is refused.

    :param account: who is said to act, if anybody.
    :raises Refused: `needs-code`: without one, with a wrong one, or of somebody who has no app; `too-many-tries`.
    """
    if not settings.live:
        return
    _require_app(account)
    if account is None or not code:
        raise Refused(
            "needs-code",
            "In live a person does this themselves: signed in, on a page, or with the code that their app shows now.",
            by_command="add --as EMAIL --code DIGITS",
        )
    attempt_id = count_try(db, settings, Tried.CODE, account.email, THE_CONSOLE)
    with db.write() as session:
        account = find_open_account(session, account.id or 0)
        if account.totp_since is None or not _spend_code(session, settings, account, code):
            raise Refused("needs-code", _wrong_code().message)
        try_succeeded(session, attempt_id)
        _note(session, actor_of(account), "code-given", account)


def _require_app(account: UserAccount | None) -> None:
    if account is not None and account.totp_since is None:
        raise Refused(
            "needs-code",
            f"{account.email} has never signed in with a code. They sign in first, and set up an app on their phone.",
        )


def reset_second_factor(db: Database, settings: Settings, account_id: int, actor: Actor) -> UserAccount:
    """Take an account's second factor away and end its sessions; it sets up a new one when it next signs in.

    Wrong codes were of the one that is gone, so nobody has to wait because of them.

    :raises Refused: no such account, it is closed, it is one's own, or not an administrator.
    """
    if actor.user_id == account_id:
        raise Refused("own-account", "You cannot reset your own codes. Ask another administrator.")
    with db.write() as session:
        actor = require(session, actor, MANAGE_ACCOUNTS, None)
        account = find_open_account(session, account_id)
        account.totp_secret = account.totp_since = account.totp_step = None
        account.session_epoch += 1
        session.add(account)
        session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == account_id))
        forget_failures(session, settings, Tried.CODE, account.email)
        _note(session, actor, "second-factor-reset", account)
    return account


def _wrong_code() -> Refused:
    return Refused(
        "wrong-code", "That code is not right, or was used already. Enter the six digits your app shows next."
    )


def _note(session: Session, actor: Actor, action: str, account: UserAccount) -> None:
    record(session, actor, action, f"account:{account.id}", practice_id=practice_of(session, account.id))


def _spend_code(session: Session, settings: Settings, account: UserAccount, code: str) -> bool:
    """Whether a code is right and newer than any that was used; in one statement, so that two at once cannot."""
    step = _step_of(secret_of(settings, account), re.sub(r"\s", "", code))
    if step is None:
        return False
    newer = or_(col(UserAccount.totp_step).is_(None), col(UserAccount.totp_step) < step)
    spent = session.execute(update(UserAccount).where(col(UserAccount.id) == account.id, newer).values(totp_step=step))
    return spent.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def _step_of(secret: str, code: str) -> int | None:
    """The step of the clock whose code this is, within the drift allowed."""
    codes, now = pyotp.TOTP(secret), int(utc_now().timestamp() // STEP.total_seconds())
    fitting = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(codes.generate_otp(step).encode(), code.encode())
    ]
    return max(fitting, default=None)


def _new_recovery_codes(session: Session, settings: Settings, account_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == account_id))
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=account_id, code_hash=_hash(settings, account_id, code)) for code in codes)
    return ["-".join(re.findall(".{4}", code)) for code in codes]


def _spend_recovery_code(session: Session, settings: Settings, account_id: int, code: str) -> bool:
    hashed = _hash(settings, account_id, re.sub(r"[\s-]", "", code).lower())
    spent = session.execute(
        update(RecoveryCode)
        .where(col(RecoveryCode.code_hash) == hashed, col(RecoveryCode.used_at).is_(None))
        .values(used_at=utc_now())
    )
    return spent.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def _hash(settings: Settings, account_id: int, code: str) -> str:
    return keyed(settings, "recovery", f"{account_id}:{code}")


def recovery_codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes an account has not used."""
    unused = select(RecoveryCode.id).where(RecoveryCode.user_id == account_id, col(RecoveryCode.used_at).is_(None))
    return len(session.exec(unused).all())
