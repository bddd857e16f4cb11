"""What every page shares: database and settings, pages of a list, addresses that stay here, errors."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Flask, Response, current_app, flash, redirect, render_template, request
from flask.sansio.app import App
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from bot.clock import LONDON, utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.spreadsheets import csv_text
from bot.texts.dates_in_words import format_date, format_time

LAST_PAGE = 10_000
_NHS_NUMBER_LENGTH = 10
_TYPED_AT_LENGTH = ("words", "body", "note")
"""The fields of forms in which people write whole sentences."""
LARGEST_FORM = 1024 * 1024
"""Bytes of what somebody signed in may send, save where a view takes more."""
LARGEST_OF_STRANGERS = 64 * 1024
"""Bytes of what anybody else may send."""
KEYS_BEGIN = "etr_"
"""What every key begins with, so that one that was left somewhere is known for what it is."""
DATABASE, SETTINGS, ERRORS = "easy-to-reach-database", "easy-to-reach-settings", "easy-to-reach-errors"
SUCCESS, ERROR = "success", "error"
"""Categories for `flask.flash`: what was done, and what was refused."""

ErrorPage = Callable[[int, str, str], AnyResponse]
"""Makes an answer of a status, what happened, and what to do about it."""
Row = TypeVar("Row")
View = TypeVar("View", bound=Callable[..., Any])


def takes_up_to(size: int) -> Callable[[View], View]:
    """Let a view take a body of that many bytes from somebody who is signed in, or from a program that shows a key."""

    def mark(view: View) -> View:
        setattr(view, "takes_up_to", size)  # noqa: B010 - mypy knows no such attribute
        return view

    return mark


def largest_body(view: object) -> int:
    """How many bytes somebody who is signed in may send to a view."""
    size: int = getattr(view, "takes_up_to", LARGEST_FORM)
    return size


def largest_of_programs(view: object) -> int:
    """How many bytes a program that shows a key may send to a view which needs no session."""
    size: int = getattr(view, "takes_up_to", LARGEST_OF_STRANGERS)
    return size


def shows_a_key(authorization: str) -> bool:
    """Whether a header looks like the key of a pharmacy's system; whether it opens anything is not asked."""
    scheme, _, shown = authorization.strip().partition(" ")
    return scheme.lower() == "bearer" and shown.strip().startswith(KEYS_BEGIN)


@dataclass(frozen=True)
class Card:
    """One thing to look at on the home page. `urgency` is red, amber or None."""

    heading: str
    words: str
    path: str
    urgency: str | None = None


@dataclass(frozen=True)
class Place:
    """A page in the header and the roles that see it there.

    `waiting` counts what waits there, from a session and what somebody acts for; the number stands beside the label.
    """

    label: str
    path: str
    roles: frozenset[str]
    waiting: Callable[[Any, Any], int] | None = None


def counted(number: int, one: str, many: str) -> str:
    """A number with its word, such as `1 message waits`, `2 messages wait`."""
    return f"{number} {one if number == 1 else many}"


def span_in_words(span: timedelta) -> str:
    """A length of time in its largest whole unit: "10 minutes", "90 seconds", "2 hours"."""
    seconds = int(span.total_seconds())
    for length, one in ((3600, "hour"), (60, "minute")):
        if seconds and seconds % length == 0:
            return counted(seconds // length, one, f"{one}s")
    return counted(seconds, "second", "seconds")


_log = structlog.get_logger("web")
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\s\x00-\x20\x7f]*")

_WORDS = {
    400: ("We did not understand that request", "Go back, check what you entered, and try again."),
    403: (
        "You cannot open this page",
        "Your account does not have access to it. Ask your manager if you need it.",
    ),
    404: ("Page not found", "Check the web address, or start again from the home page."),
    405: ("That cannot be done here", "Go back to the page before and use the button there."),
    413: (
        "That file is too large",
        "Send a smaller file: split the list into parts and send them one by one.",
    ),
    429: ("Too many tries", "Wait 15 minutes, then try again."),
    500: (
        "Sorry, something went wrong on our side",
        "What you did may not have been saved. Go back and check, then try again.",
    ),
    503: (
        "Nothing can be stored just now",
        "Nothing was changed. Try again in a few minutes. If it stays like this, tell whoever runs this service that "
        "its database cannot be used.",
    ),
}


def database() -> Database:
    """The database of this application."""
    found: Database = current_app.extensions[DATABASE]
    return found


def settings() -> Settings:
    """The settings of this application."""
    found: Settings = current_app.extensions[SETTINGS]
    return found


def render(template: str, status: int = 200, **context: Any) -> Response:
    """A page from templates/pages."""
    return current_app.make_response((render_template(template, **context), status))


def as_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A spreadsheet to save; what a spreadsheet would run as a formula is kept as text."""
    answer = Response(csv_text(header, rows), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def here(path: str = "") -> str:
    """An address of this service, such as `/inbox`, for the organisation that this request is for."""
    return f"{request.script_root}{path}"


def local_path(candidate: str | None, otherwise: str = "/") -> str:
    """An address within this service, or `otherwise`: what a stranger puts into a link never leads away."""
    if candidate and _LOCAL_PATH.fullmatch(candidate) and not urlsplit(candidate).netloc:
        return candidate
    return otherwise


def referring_path() -> str | None:
    """The page of this service that the request came from, if the browser told."""
    came_from = urlsplit(request.referrer or "")
    if not came_from.netloc or came_from.netloc != request.host:
        return None
    query = f"?{came_from.query}" if came_from.query else ""
    return local_path(f"{came_from.path or '/'}{query}")


def csrf_field() -> Markup:
    """The hidden field that every form which changes something must carry."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list. `number` starts at 1; `more` tells whether another follows."""

    rows: Sequence[Row]
    number: int
    more: bool

    def links(self) -> dict[str, Any]:
        """What the design system's pagination needs; keeps the other words of the query."""
        links: dict[str, Any] = {}
        if self.number > 1:
            links |= {
                "previousUrl": self._address(self.number - 1),
                "previousPage": f"Page {self.number - 1}",
            }
        if self.more:
            links |= {"nextUrl": self._address(self.number + 1), "nextPage": f"Page {self.number + 1}"}
        return links

    @staticmethod
    def _address(number: int) -> str:
        return f"{here(request.path)}?{urlencode(request.args.to_dict() | {'page': str(number)})}"


def page_number() -> int:
    """The page asked for with ?page=, from 1 to `LAST_PAGE`."""
    return min(max(1, request.args.get("page", default=1, type=int)), LAST_PAGE)


def one_page(rows: Sequence[Row], number: int, size: int) -> Page[Row]:
    """A page from `size` + 1 rows read: the one too many only tells that there are more."""
    return Page(rows[:size], number, len(rows) > size)


def when(moment: datetime) -> str:
    """A moment on the wall in England, as the NHS content style guide writes it: 9:30am, or the day too."""
    local = moment.astimezone(LONDON)
    clock = format_time(local.time(), "en")
    if local.date() == utc_now().astimezone(LONDON).date():
        return f"today at {clock}"
    return f"{format_date(local.date(), 'en')} at {clock}"


def clock_on_the_wall(moment: datetime) -> str:
    """The time of a moment in England: 9:30am."""
    return format_time(moment.astimezone(LONDON).time(), "en")


def whole_date(day: date) -> str:
    """A day with its weekday: Thursday 3 December 2026."""
    return format_date(day, "en")


def day_and_time(moment: datetime) -> str:
    """A moment on the wall in England as a spreadsheet sorts it: 2026-11-24 09:30."""
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def day_in_words(day: date) -> str:
    """A day as people read it in a record: 12 May 1960."""
    return f"{day.day} {day:%B} {day.year}"


_SPANS = (("week", 7 * 24 * 3600), ("day", 24 * 3600), ("hour", 3600), ("minute", 60))


def age(moment: datetime) -> str:
    """How long ago a moment was, in whole units: "3 hours"; less than a minute is "just now"."""
    seconds = (utc_now() - moment).total_seconds()
    for unit, length in _SPANS:
        if seconds >= length:
            return counted(int(seconds // length), unit, f"{unit}s")
    return "just now"


def nhs_number_for_people(number: str) -> str:
    """An NHS number in groups, as it stands on letters: 999 000 0018."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == _NHS_NUMBER_LENGTH else number


def phone_for_people(phone: str) -> str:
    """A UK number in groups, as people read it aloud; anything else as it came."""
    match = re.fullmatch(r"\+44(\d{4})(\d{3})(\d{3})", phone)
    return f"0{match[1]} {match[2]} {match[3]}" if match else phone


def show_errors_as(app: App, beginning: str, page: ErrorPage) -> None:
    """Answer errors under addresses that begin so in a form of their own: it is programs that read them."""
    app.extensions.setdefault(ERRORS, {})[beginning] = page


def _form_of_errors() -> ErrorPage | None:
    forms: dict[str, ErrorPage] = current_app.extensions.get(ERRORS, {})
    return next((page for beginning, page in forms.items() if request.path.startswith(beginning)), None)


def handle_errors(app: Flask) -> None:
    """Show every error as a page of this service."""
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(CSRFError, _page_too_old)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(OperationalError, _cannot_store)
    app.register_error_handler(Exception, _fault)


def _wrong_host(_error: Exception) -> AnyResponse:
    words = "This service does not answer to that web address. Check it, or PUBLIC_URL in the settings."
    form = _form_of_errors()
    return form(400, _WORDS[400][0], words) if form else Response(f"{words}\n", 400, mimetype="text/plain")


def _page_too_old(_error: Exception) -> AnyResponse:
    return error_page(
        400,
        "This page was open for too long",
        "Nothing was changed. Go back, open the page again and repeat it.",
        typed=[words for name in _TYPED_AT_LENGTH if (words := request.form.get(name, "").strip())],
    )


def _http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    heading, advice = _WORDS.get(error.code, _WORDS[500 if error.code >= 500 else 400])
    answer = error_page(error.code, heading, advice)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _refused(refused: Refused) -> AnyResponse:
    """Show a refusal on the page where the button was; without one, on a page of its own."""
    back = referring_path() if request.method == "POST" and _form_of_errors() is None else None
    if back is not None:
        flash(refused.message, ERROR)
        return redirect(back, 303)
    return error_page(409, "This could not be done", refused.message)


def _fault(error: Exception) -> AnyResponse:
    _log.error("fault", kind=type(error).__name__, exc_info=error)
    return error_page(500, *_WORDS[500])


def _cannot_store(error: OperationalError) -> AnyResponse:
    """The database is not there, or its disk is full; the transaction in hand was taken back."""
    _log.error("fault", kind=type(error).__name__, exc_info=error)
    return error_page(503, *_WORDS[503])


def error_page(status: int, heading: str, advice: str, typed: Sequence[str] = ()) -> AnyResponse:
    """A page that says what happened and what to do; `typed` is what would be lost otherwise."""
    form = _form_of_errors()
    if form is not None:
        return form(status, heading, advice)
    return render("errors/error.html", status, heading=heading, advice=advice, typed=typed)
