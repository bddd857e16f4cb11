"""The app on somebody's phone that shows codes, set up without a browser."""

import time
from dataclasses import dataclass

import pyotp

from bot.accounts.second_factor import STEP, prepare_second_factor, secret_of
from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import UserAccount

_SECONDS = STEP.total_seconds()


@dataclass
class Authenticator:
    """Gives a code that was not given before, each time; a third within half a minute has to be waited for."""

    secret: str
    last: int = 0

    def code(self) -> str:
        """Six digits that count now."""
        while self.last > self._step():
            time.sleep(0.2)
        self.last = max(self.last + 1, self._step())
        return pyotp.TOTP(self.secret).generate_otp(self.last)

    def _step(self) -> int:
        return int(utc_now().timestamp() // _SECONDS)


def set_up_app(db: Database, settings: Settings, account: UserAccount) -> Authenticator:
    """Let an account have signed in with a code already; gives the app that has its secret."""
    prepare_second_factor(db, settings, account.id or 0)
    with db.write() as session:
        known = session.get_one(UserAccount, account.id)
        known.totp_since = utc_now()
        session.add(known)
    return Authenticator(secret_of(settings, known))
