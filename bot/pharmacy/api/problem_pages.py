"""Problems as answers to the request in hand."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

from flask import Response, abort, request

from bot.pharmacy.api.problems import PROBLEM_JSON, Trouble, of_error

_NO_MORE: Mapping[str, str] = MappingProxyType({})


def answer(trouble: Trouble, headers: Mapping[str, str] = _NO_MORE) -> Response:
    """A problem as the answer to this request."""
    body = trouble.at(request.path).model_dump_json()
    return Response(body, trouble.status, headers, content_type=PROBLEM_JSON)


def stop(trouble: Trouble, headers: Mapping[str, str] = _NO_MORE) -> NoReturn:
    """Answer with a problem, and do nothing more."""
    abort(answer(trouble, headers))


def as_problem(status: int, _heading: str, advice: str) -> Response:
    """An error that no view of ours answered, such as an address that is none (`web.show_errors_as`)."""
    return answer(of_error(status, advice))
