"""The application: one factory, the pages of every capability, and what holds for all of them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import jinja2
from flask import Flask, Response, request
from flask.sansio.app import App
from flask.templating import Environment
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from bot import capabilities, home
from bot.accounts.access import SessionsOfBrowsers, load_account, refuse_unmarked_views
from bot.accounts.acting import CHOOSER, OrganisationInAddress
from bot.accounts.sessions import SESSION_LASTS
from bot.assets import assets_version
from bot.bodies import limit_bodies, refuse_malformed
from bot.capability import in_use, use
from bot.database import LARGEST_ID, Database
from bot.logs import log_requests
from bot.operations.pages import FOR_MACHINES
from bot.settings import Settings, is_loopback, session_secret
from bot.web import (
    DATABASE,
    LARGEST_OF_STRANGERS,
    SETTINGS,
    age,
    clock_on_the_wall,
    counted,
    csrf_field,
    day_in_words,
    handle_errors,
    here,
    nhs_number_for_people,
    phone_for_people,
    when,
    whole_date,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
DESIGN_SYSTEM = "nhsuk/"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
ONE_YEAR_OF_HTTPS = "max-age=31536000; includeSubDomains"


class PagesEnvironment(Environment):
    """Our own templates are strict about names that do not exist; the design system's cannot be.

    They ask for parameters that were not given, so they live in an environment of their own.
    """

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, **options)
        self.undefined = jinja2.StrictUndefined

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> jinja2.Template:
        """Load a template, the design system's from its own environment."""
        if isinstance(name, str) and name.startswith(DESIGN_SYSTEM):
            return _design_system().get_template(name)
        return super().get_template(name, parent, globals)


@cache
def _design_system() -> jinja2.Environment:
    loader = jinja2.PackageLoader("nhsuk_frontend_jinja")
    return jinja2.Environment(loader=loader, undefined=jinja2.ChainableUndefined, autoescape=True)


class RowNumber(IntegerConverter):
    """A number in an address; one larger than any row's is no page of ours."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


class EasyToReach(Flask):
    """Flask with our templates."""

    jinja_environment = PagesEnvironment


def create_app(settings: Settings, database: Database, brought_by: Sequence[str] | None = None) -> Flask:
    """Build the application for these settings and this database.

    :param brought_by: the capabilities whose pages it has; those of the service, if none are given.

    :raises RuntimeError: a view does not say who may open it.
    """
    use(brought_by or capabilities.CAPABILITIES).check()
    app = EasyToReach(
        __name__,
        template_folder=str(TEMPLATES / "pages"),
        static_folder=str(TEMPLATES / "static"),
        static_url_path="/static",
    )
    app.url_map.converters["int"] = RowNumber
    app.config.update(_flask_settings(settings))
    app.wsgi_app = OrganisationInAddress(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = SessionsOfBrowsers()
    app.extensions |= {DATABASE: database, SETTINGS: settings}
    log_requests(app)
    app.before_request(load_account)
    limit_bodies(app)
    refuse_malformed(app)
    _add_blueprints(app, CSRFProtect(app))
    add_headers(app, settings)
    handle_errors(app)
    _stand_behind_proxies(app, settings)
    _prepare_templates(app, settings)
    refuse_unmarked_views(app)
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": session_secret(settings),
        "SESSION_COOKIE_NAME": _cookie_name(settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https://"),
        "PERMANENT_SESSION_LIFETIME": SESSION_LASTS,
        "MAX_CONTENT_LENGTH": LARGEST_OF_STRANGERS,
        "TRUSTED_HOSTS": trusted_hosts(settings),
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _cookie_name(settings: Settings) -> str:
    """Over https a name with which browsers take the cookie from this very host only."""
    return "__Host-easy-to-reach" if settings.base_url.startswith("https://") else "easy-to-reach"


def _stand_behind_proxies(app: Flask, settings: Settings) -> None:
    """Take addresses from as many proxies as are ours, and answer machines under any host name."""
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    inner, known_host = app.wsgi_app, trusted_hosts(settings)[0]

    def with_known_host(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") in FOR_MACHINES:
            environ = environ | {"HTTP_HOST": known_host}
        return inner(environ, start_response)

    app.wsgi_app = with_known_host  # type: ignore[method-assign]


def trusted_hosts(settings: Settings) -> list[str]:
    """The names under which we may be asked: that of PUBLIC_URL, HOST, and this machine's own."""
    public = urlsplit(settings.base_url).hostname or ""
    return sorted({public, settings.host, "localhost", "127.0.0.1"} - {"", "0.0.0.0"})


def _add_blueprints(app: Flask, csrf: CSRFProtect) -> None:
    app.register_blueprint(home.blueprint)
    for blueprint in in_use().bring("pages"):
        app.register_blueprint(blueprint)
    for blueprint in in_use().bring("machine_pages"):
        app.register_blueprint(blueprint)
        csrf.exempt(blueprint)  # these carry a signature instead of a token


def _prepare_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.filters |= {
        "when": when,
        "age": age,
        "clock": clock_on_the_wall,
        "date_in_words": whole_date,
        "day": day_in_words,
        "nhs_number": nhs_number_for_people,
        "phone": phone_for_people,
        "count_of": counted,
    }
    app.jinja_env.globals |= {
        "csrf_field": csrf_field,
        "navigation": home.navigation_for,
        "waiting_at": home.waiting_at,
        "here": here,
        "chooser": CHOOSER,
        "assets_version": assets_version(),
        "demo": not settings.live,
        "demo_for_all": settings.demo_for_all and not settings.live,
        "phones_url": settings.api_url if is_loopback(settings.base_url) and not settings.live else "",
        "rehearsal": settings.rehearsal,
    }


def add_headers(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer; no cache keeps one that does not say so, since it may show patients."""

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.base_url.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", ONE_YEAR_OF_HTTPS)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
