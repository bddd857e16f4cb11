"""Which organisation a request is for: said in its address, `/for/STATION/inbox`, so that each tab keeps its own."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from flask import request

from bot.accounts.memberships import Acting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/for/"
SERVICE_CODE = "-"
"""Stands for the service itself; no organisation has it as its code."""
WITHOUT_PREFIX = ("twilio", "api", "static", "calendar", "healthz", "readyz", "metrics")
"""What these addresses begin with belongs to no organisation."""
CHOOSER = "/"
"""Where who works for several organisations chooses one."""
_ASKED_FOR = "easy-to-reach.organisation"


class OrganisationInAddress:
    """Takes `/for/<CODE>` off an address and keeps it as SCRIPT_NAME, so that every address made from it carries it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        code, path = inside_organisation(environ.get("PATH_INFO", ""))
        if code is not None:
            environ = environ | {"SCRIPT_NAME": prefix_of(code), "PATH_INFO": path, _ASKED_FOR: code}
        return self._inner(environ, start_response)


def inside_organisation(path: str) -> tuple[str | None, str]:
    """The organisation an address is for, if it says one, and the rest of the address; `path` as WSGI has it."""
    code, _, rest = path.removeprefix(PREFIX).partition("/")
    if not path.startswith(PREFIX) or not code or rest.partition("/")[0] in WITHOUT_PREFIX:
        return None, path
    return unquote(code.encode("latin-1").decode("utf-8", "replace")), f"/{rest}"


def prefix_of(code: str | None) -> str:
    """What the addresses of an organisation begin with.

    A server undoes quoting once, so a code with a slash in it has to be quoted twice; most read as they are.
    """
    return PREFIX + quote(quote(code or SERVICE_CODE, safe=""), safe="")


def asked_for() -> str | None:
    """The code in the address of this request, if there is one."""
    code: str | None = request.environ.get(_ASKED_FOR)
    return code


def acted_for(choices: list[Acting]) -> Acting | None:
    """What a request acts for, of all that the account may: what its address says, or the only one there is.

    None when the address names something else, or when nobody has chosen between several.
    """
    code = asked_for()
    if code is None:
        return choices[0] if len(choices) == 1 else None
    return next((choice for choice in choices if (choice.code or SERVICE_CODE) == code), None)


def links_to(choices: list[Acting], path: str) -> list[dict[str, Any]]:
    """For each organisation its name, one's roles in it, and the address of a page of this service there."""
    return [
        {"name": choice.name, "roles": sorted(choice.roles), "href": f"{prefix_of(choice.code)}{path}"}
        for choice in choices
    ]
