"""Who may open what: every view says it, and the application does not start while one does not."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Flask, Request, abort, after_this_request, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response

from bot.accounts.acting import CHOOSER, acted_for, asked_for, links_to
from bot.accounts.devices import KNOWN_FOR, known_as, with_account
from bot.accounts.memberships import Acting, all_acting
from bot.accounts.rights import under
from bot.accounts.sessions import account_of_session, close_session, open_session
from bot.audit import Actor
from bot.clock import utc_now
from bot.database import Database
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.web import database, error_page, here, local_path, settings

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC: frozenset[Role] = frozenset()
_MARK = "open_to"
PASSWORD_GIVEN = timedelta(minutes=10)
"""How long the code may come after the password; time enough to set up an app."""
_KEY, _EPOCH, _BEGAN, _HALF, _ONWARD = "key", "epoch", "began", "half", "onward"
WHICH_ORGANISATION = "You work for several organisations. Nothing was changed."
_HOW_TO_SAY_WHICH = "Go to the home page, choose the organisation, and do it again from there."
SIGN_IN = "/sign-in"
"""Never under the address of an organisation: a stranger has none yet."""
_WITHOUT_ACCOUNT = frozenset(
    [
        "static",
        "calendar.calendar",
        "done.page_in_english",
        "done.page_in",
        "operations.healthz",
        "operations.readyz",
        "operations.metrics",
        "status-wire.update",
        "webhooks.inbound",
        "webhooks.status",
    ]
)


_WITHOUT_SESSION = (
    *("/twilio/", "/fhir/", "/api/", "/static/", "/calendar/", "/done/"),
    *("/healthz", "/readyz", "/metrics"),
)
"""Beginnings of addresses at which no browser is known, and no cookie is set."""


class SessionsOfBrowsers(SecureCookieSessionInterface):
    """A signed cookie for each browser; what machines post and what everybody may load has no session."""

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
    """Open a view to who has one of these roles in the organisation the request is for.

    Others are told so (403), strangers are asked to sign in, and who works for several organisations and has not
    said which is asked that.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            if g.get("account") is None:
                return _to_sign_in()
            if g.acting is None and asked_for() is None and len(g.choices) > 1:
                return _ask_which(frozenset(roles))
            used = [role for role in roles if role in own_roles()]
            if not used:
                abort(403)
            g.role = used[0]
            return view(*args, **kwargs)

        setattr(guarded, _MARK, frozenset(roles))
        return guarded

    return decorate


def for_everyone_signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Open a view to every account: it belongs to the person, or asks itself which organisation is meant."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if g.get("account") is None:
            return _to_sign_in()
        if g.acting is None and asked_for() is not None:
            abort(403)
        return view(*args, **kwargs)

    setattr(guarded, _MARK, frozenset(Role))
    return guarded


def _to_sign_in() -> Response:
    return redirect(f"{SIGN_IN}?{urlencode({'next': _wanted_path()}, safe='/')}", 303)


def _ask_which(roles: frozenset[Role]) -> Response:
    """Go on to the one organisation in which this page opens, or ask; what would change something is refused."""
    if request.method not in ("GET", "HEAD"):
        return error_page(409, "Say which organisation this is for", f"{WHICH_ORGANISATION} {_HOW_TO_SAY_WHICH}")
    fitting = [choice for choice in g.choices if choice.roles & roles]
    if not fitting:
        abort(403)
    if len(fitting) == 1:
        return redirect(links_to(fitting, _own_path())[0]["href"], 303)
    return redirect(f"{CHOOSER}?{urlencode({'next': _own_path()}, safe='/')}", 303)


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
    key = open_session(database(), settings(), account, former=session.get(_KEY))
    session.clear()
    session.permanent = True
    session[_KEY] = key
    _remember_browser(account)


def _remember_browser(account: UserAccount) -> None:
    """Leave a cookie with which this browser is known to the account when it signs in the next time."""
    cookie = with_account(settings(), request.cookies.get(_device_cookie()), account.email)

    @after_this_request
    def leave(response: Response) -> Response:
        config = current_app.config
        response.set_cookie(
            _device_cookie(),
            cookie,
            max_age=KNOWN_FOR,
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite=config["SESSION_COOKIE_SAMESITE"],
        )
        return response


def known_browser(email: str) -> str:
    """What this browser is known by to the account of that email; nothing when it has never signed in here."""
    return known_as(settings(), request.cookies.get(_device_cookie()), email)


def _device_cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def address_of_request() -> str:
    """Where this request came from, as far as proxies of ours tell."""
    return request.remote_addr or "unknown"


def begin_half_session(account: UserAccount, onward: str) -> None:
    """The password was right, and a code is still to come; nothing opens yet.

    :param onward: the page the person wanted.
    """
    end_session()
    session[_HALF], session[_EPOCH], session[_BEGAN] = account.id, account.session_epoch, utc_now().timestamp()
    session[_ONWARD] = onward


def half_signed_in() -> UserAccount | None:
    """The account whose password was given a short while ago on this browser, and whose code is not yet."""
    if _HALF not in session:
        return None
    account = _account_half_signed_in(database(), session[_HALF])
    if account is None:
        session.clear()
    return account


def _account_half_signed_in(db: Database, account_id: int) -> UserAccount | None:
    with db.read() as reading:
        account = reading.get(UserAccount, account_id)
    began = datetime.fromtimestamp(session.get(_BEGAN, 0), UTC)
    stale = account is None or account.session_epoch != session.get(_EPOCH) or utc_now() - began > PASSWORD_GIVEN
    usable = account is not None and account.active and not (account.demo and settings().live)
    return account if usable and not stale else None


def wanted_page() -> str:
    """Where a person who is half signed in wanted to go."""
    return local_path(session.get(_ONWARD))


def end_session() -> None:
    """Sign out on this browser; whoever has a copy of its cookie is signed out as well."""
    if _KEY in session:
        close_session(database(), settings(), session[_KEY])
    session.clear()
    _nobody()


def names_an_account(session: Mapping[str, Any]) -> bool:
    """Whether a session, whose cookie was signed by us, is somebody's; whether it still counts is not asked."""
    return _KEY in session


def load_account() -> None:
    """Put the signed-in account into `g.account`, or None, and what it acts for; runs before every request."""
    _nobody()
    if request.endpoint not in _WITHOUT_ACCOUNT and _KEY in session:
        welcome(_account_signed_in(database(), session[_KEY]))


def _nobody() -> None:
    g.account, g.choices, g.acting = None, [], None


def welcome(account: UserAccount | None) -> None:
    """Let this request be that account's, with the organisation it acts for."""
    g.account = account
    if account is not None:
        with database().read() as reading:
            g.choices = all_acting(reading, account.id or 0)
        g.acting = acted_for(g.choices)


def _account_signed_in(db: Database, key: str) -> UserAccount | None:
    with db.read() as reading:
        account = account_of_session(reading, settings(), key)
    if account is None or (account.demo and settings().live):
        session.clear()
        return None
    return account


def own_account() -> UserAccount:
    """The signed-in account."""
    account: UserAccount = g.account
    return account


def own_acting() -> Acting | None:
    """What this request acts for; None when nobody has chosen, or the account has nothing to do there."""
    acting: Acting | None = g.get("acting")
    return acting


def own_choices() -> list[Acting]:
    """Everything the signed-in account may act for."""
    choices: list[Acting] = g.get("choices", [])
    return choices


def own_roles() -> frozenset[Role]:
    """The roles of the signed-in account in the organisation this request is for."""
    acting = own_acting()
    return acting.roles if acting else frozenset()


def own_actor() -> Actor:
    """The signed-in account as the audit trail names it, with the role that opened this page."""
    actor = actor_of(own_account())
    return under(actor, g.role) if "role" in g else actor


def own_account_id() -> int:
    """The id of the signed-in account."""
    return _or_forbidden(own_account().id)


def own_practice_id() -> int:
    """The practice this request is for; 403 when it is for none."""
    acting = own_acting()
    return _or_forbidden(acting.practice_id if acting else None)


def own_partner_id() -> int:
    """The partner this request is for; 403 when it is for none."""
    acting = own_acting()
    return _or_forbidden(acting.partner_id if acting else None)


def own_pharmacy_id() -> int:
    """The pharmacy this request is for; 403 when it is for none."""
    acting = own_acting()
    return _or_forbidden(acting.pharmacy_id if acting else None)


def own_code() -> str:
    """The code of the organisation this request is for; 403 when it is for none."""
    acting = own_acting()
    if acting is None or acting.code is None:
        abort(403)
    return acting.code


def _or_forbidden(number: int | None) -> int:
    if number is None:
        abort(403)
    return number


def _wanted_path() -> str:
    return here(_own_path()) if request.method == "GET" else "/"


def _own_path() -> str:
    """Path and query of this request, without the organisation in it."""
    return request.full_path.rstrip("?")
