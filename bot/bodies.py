"""What a request may hold, and how much: little for strangers, a form for people, a list where one is taken.

Programs that show a key may send many things in one request where a view takes them.

Asked twice: by the server for a header that has just come in, from what the cookie says, so that nothing of a long
body is read; and by the application for a request, when it knows who asks.
"""

from collections.abc import Callable, Iterator, Mapping

from flask import Flask, abort, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from bot.accounts.access import PUBLIC, names_an_account, open_to
from bot.accounts.acting import inside_organisation
from bot.web import LARGEST_OF_STRANGERS, largest_body, largest_of_programs, shows_a_key

_OF_MACHINES = ("/twilio/", "/fhir/")
"""Beginnings of addresses at which no browser posts a form."""
_OF_PROGRAMS = ("/fhir/", "/api/")
"""Beginnings of addresses that refuse what is too long in a form of their own, which the server does not know."""
READ_TO_BE_REFUSED = 2 * 1024 * 1024
"""Bytes up to which a program that shows a key is read there, so that it hears what it understands."""


def limit_by_header(app: Flask) -> Callable[[Mapping[str, str]], int]:
    """The limit for a header of which no more is known than what it says itself; asks no database."""

    addresses = app.url_map.bind("localhost")

    def limit(environ: Mapping[str, str]) -> int:
        view = _view_of(app, addresses, environ)
        if view is not None and open_to(view) == PUBLIC:
            return _let_in_from_outside(view, environ)
        if view is None or not _carries_session(app, environ):
            return LARGEST_OF_STRANGERS
        return largest_body(view)

    return limit


def _let_in_from_outside(view: object, environ: Mapping[str, str]) -> int:
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    taken = _from_outside(view, authorization)
    explained = environ["PATH_INFO"].startswith(_OF_PROGRAMS) and shows_a_key(authorization)
    return max(taken, READ_TO_BE_REFUSED) if explained else taken


def _from_outside(view: object, authorization: str) -> int:
    """The limit where no session is needed: a program that shows a key may send more where a view takes more."""
    return largest_of_programs(view) if shows_a_key(authorization) else LARGEST_OF_STRANGERS


def _view_of(app: Flask, addresses: MapAdapter, environ: Mapping[str, str]) -> object | None:
    path = inside_organisation(environ["PATH_INFO"])[1].encode("latin-1").decode(errors="replace")
    try:
        endpoint, _ = addresses.match(path, environ["REQUEST_METHOD"])
    except HTTPException:  # not found, not with this method, or a little elsewhere
        return None
    return app.view_functions[endpoint]


def _carries_session(app: Flask, environ: Mapping[str, str]) -> bool:
    session = app.session_interface.open_session(app, app.request_class({"wsgi.url_scheme": "http", **environ}))
    return session is not None and names_an_account(session)


def limit_bodies(app: Flask) -> None:
    """Refuse what is too long before anything, such as the check of a form's token, reads it."""

    @app.before_request
    def limit() -> None:
        request.max_content_length = _limit_of_request(app)
        if (request.content_length or 0) > request.max_content_length:
            abort(413)


def refuse_malformed(app: Flask) -> None:
    """Refuse what no browser sends: another form of address, and the NUL that no text of a database can hold.

    Twilio's texts may hold one; they are read without it. What machines post as JSON is no form, whatever they say.
    """

    @app.before_request
    def refuse() -> None:
        asked = [request.environ.get(name) or "/" for name in ("RAW_URI", "REQUEST_URI")]
        if not all(str(address).startswith("/") for address in asked):
            abort(400)
        if not request.path.startswith(_OF_MACHINES) and any("\0" in word for word in _words()):
            abort(400)


def _words() -> Iterator[str]:
    """Everything a browser has entered."""
    yield request.path
    for fields in (request.args, request.form):
        for name, value in fields.items(multi=True):
            yield from (name, value)
    yield from (file.filename or "" for file in request.files.values())


def _limit_of_request(app: Flask) -> int:
    view = app.view_functions.get(request.endpoint or "")
    if view is not None and open_to(view) == PUBLIC:
        return _from_outside(view, request.headers.get("Authorization", ""))
    if view is None or g.acting is None or g.acting.roles.isdisjoint(open_to(view) or ()):
        return LARGEST_OF_STRANGERS
    return largest_body(view)
