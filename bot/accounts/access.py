"""Who may open what: every view says it, and the application does not start while one does not."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, abort, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response

from bot.audit import Actor
from bot.clock import utc_now
from bot.database import Database
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.web import database, local_path, settings

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC: frozenset[Role] = frozenset()
_MARK = "open_to"
SESSION_LASTS = timedelta(hours=12)
"""From signing in, however busy the session is."""
PASSWORD_GIVEN = timedelta(minutes=10)
"""How long the code may come after the password; time enough to set up an app."""
_USER, _EPOCH, _BEGAN, _HALF, _ONWARD = "user", "epoch", "began", "half", "onward"
_WITHOUT_ACCOUNT = frozenset(
    ["static", "operations.healthz", "operations.readyz", "operations.metrics", "webhooks.inbound", "webhooks.status"]
)


_WITHOUT_SESSION = ("/twilio/", "/static/", "/healthz", "/readyz", "/metrics")
"""Beginnings of addresses at which no browser is known, and no cookie is set."""


class SessionsOfBrowsers(SecureCookieSessionInterface):
    """A signed cookie for each browser; what Twilio posts and what everybody may load has no session."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request; None where there is none to be read or kept."""
        if request.path.startswith(_WITHOUT_SESSION):
            return None
        return super().open_session(app, request)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that needs no session (it may check a signature or a token of its own)."""
    setattr(view, _MARK, PUBLIC)
    return view


def for_roles(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Open a view to accounts of these roles: others are told so (403), strangers are asked to sign in."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            account = g.get("account")
            if account is None:
                return redirect(url_for("staff.sign_in_page", next=_wanted_path()), 303)
            if account.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        setattr(guarded, _MARK, frozenset(roles))
        return guarded

    return decorate


def for_everyone_signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Open a view to every account."""
    return for_roles(*Role)(view)


def open_to(view: object) -> frozenset[Role] | None:
    """The roles a view is open to, `PUBLIC` when it needs no session, None when it does not say."""
    found: frozenset[Role] | None = getattr(view, _MARK, None)
    return found


def refuse_unmarked_views(app: Flask) -> None:
    """Stop the start when a view does not say who may open it.

    :raises RuntimeError: names the views.
    """
    unmarked = [name for name, view in app.view_functions.items() if name != "static" and open_to(view) is None]
    if unmarked:
        raise RuntimeError(f"Not marked with @for_roles or @public: {', '.join(sorted(unmarked))}")


def begin_session(account: UserAccount) -> None:
    """Start a new session for this account; nothing of the one before it survives (session fixation)."""
    session.clear()
    session.permanent = True
    session[_USER], session[_EPOCH], session[_BEGAN] = account.id, account.session_epoch, utc_now().timestamp()


def begin_half_session(account: UserAccount, onward: str) -> None:
    """The password was right, and a code is still to come; nothing opens yet.

    :param onward: the page the person wanted.
    """
    session.clear()
    session[_HALF], session[_EPOCH], session[_BEGAN] = account.id, account.session_epoch, utc_now().timestamp()
    session[_ONWARD] = onward


def half_signed_in() -> UserAccount | None:
    """The account whose password was given a short while ago on this browser, and whose code is not yet."""
    if _HALF not in session:
        return None
    return _account_of_session(database(), session[_HALF], PASSWORD_GIVEN)


def wanted_page() -> str:
    """Where a person who is half signed in wanted to go."""
    return local_path(session.get(_ONWARD))


def end_session() -> None:
    """Forget who is signed in on this browser."""
    session.clear()
    g.account = None


def names_an_account(session: Mapping[str, Any]) -> bool:
    """Whether a session, whose cookie was signed by us, is somebody's; whether it still counts is not asked."""
    return _USER in session


def load_account() -> None:
    """Put the signed-in account into `g.account`, or None; runs before every request."""
    g.account = None
    if request.endpoint not in _WITHOUT_ACCOUNT and _USER in session:
        g.account = _account_of_session(database(), session[_USER], SESSION_LASTS)


def _account_of_session(db: Database, account_id: int, lasts: timedelta) -> UserAccount | None:
    with db.read() as reading:
        account = reading.get(UserAccount, account_id)
    began = datetime.fromtimestamp(session.get(_BEGAN, 0), UTC)
    stale = account is None or account.session_epoch != session.get(_EPOCH) or utc_now() - began > lasts
    if account is None or stale or not account.active or (account.demo and settings().live):
        session.clear()
        return None
    return account


def own_account() -> UserAccount:
    """The signed-in account."""
    account: UserAccount = g.account
    return account


def own_actor() -> Actor:
    """The signed-in account as the audit trail names it."""
    return actor_of(own_account())


def own_account_id() -> int:
    """The id of the signed-in account."""
    return _or_forbidden(own_account().id)


def own_practice_id() -> int:
    """The practice of the signed-in account; 403 when it has none."""
    return _or_forbidden(own_account().practice_id)


def own_partner_id() -> int:
    """The partner of the signed-in account; 403 when it has none."""
    return _or_forbidden(own_account().partner_id)


def _or_forbidden(number: int | None) -> int:
    if number is None:
        abort(403)
    return number


def _wanted_path() -> str:
    if request.method != "GET":
        return "/"
    return request.full_path.rstrip("?")
