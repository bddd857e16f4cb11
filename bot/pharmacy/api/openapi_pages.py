"""The API as one blueprint: who is let in, how a request is read, and the document that describes all of it.

The document is made by flask-openapi3 from the models that requests are read with, so neither can say what the other
does not. It is asked for at `/api/v1/openapi.json`, by anybody; there are no pages beside it.
"""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from hashlib import sha256
from typing import Any, NoReturn

from flask import Response, g, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import APISpec
from flask_openapi3.models.components import Components
from flask_openapi3.models.info import Info
from flask_openapi3.models.schema import Schema
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from bot.accounts.access import public
from bot.audit import Actor
from bot.clock import utc_now
from bot.pharmacy.api import problems
from bot.pharmacy.api.limiting import take_token
from bot.pharmacy.api.problem_pages import answer, as_problem, stop
from bot.pharmacy.api.problems import PROBLEM_JSON, Problem, Trouble
from bot.pharmacy.api.replaying import Answered, Asked, OtherRequestError, StillAtWorkError, answer_once
from bot.pharmacy.api.shapes import LIMIT_HEADERS, RetryHeader
from bot.pharmacy.organising.keys import key_of, note_use, pharmacy_of_key
from bot.refusals import Refused
from bot.tables.organisations import Pharmacy
from bot.web import database, show_errors_as

PREFIX = "/api/v1"
JSON = "application/json"
VERSION = "1.0.0"
_CHALLENGE = 'Bearer realm="easy-to-reach"'
_OTHER_REQUEST = Trouble(
    422,
    "This Idempotency-Key was sent with another request within 24 hours. Nothing was stored. Use a new key for it.",
    "idempotency-key-reused",
)
_AT_WORK = Trouble(
    409, "The first request with this Idempotency-Key is still at work. Send it again in a second.", "still-at-work"
)
_ABOUT = (
    "A pharmacy tells people of their prescriptions, in the language they read. Times are UTC. No request and no "
    "answer has a drug in it, and no answer tells whether anybody is registered, has died or has refused texts."
)
_PROBLEM_HEADERS = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    409: ("Retry-After",),
    429: ("Retry-After", *LIMIT_HEADERS),
}
EVERY_PROBLEM = (400, 401, 404, 405, 413, 429, 500, 503)
OF_A_BODY = (409, 415, 422)


class Machines(APIBlueprint):
    """A blueprint whose views get what was asked as models, read and refused in our own way."""

    @staticmethod
    def create_view_func(
        func: Any,
        header: Any,
        cookie: Any,
        path: Any,
        query: Any,
        form: Any,
        body: Any,
        raw: Any,
        view_class: Any = None,
        view_kwargs: Any = None,
        responses: Any = None,
        validate_response: bool | None = None,
    ) -> Callable[..., Response]:
        """What Flask calls: the models are filled, then the view."""

        @wraps(func)
        def view(**kwargs: Any) -> Response:
            asked: dict[str, Any] = {}
            if path is not None:
                asked["path"] = path.model_construct(**kwargs)
            if header is not None:
                asked["header"] = _header(header)
            if body is not None:
                asked["body"] = _body(body)
            answered_with: Response = func(**asked)
            return answered_with

        return view


def _header(model: type[BaseModel]) -> BaseModel:
    name = "Idempotency-Key"
    try:
        return model.model_validate({name: request.headers.get(name)})
    except ValidationError:
        detail = f"{name} is 1 to 255 visible ASCII characters, without spaces."
        stop(Trouble(400, detail, "bad-idempotency-key"))


def _body(model: type[BaseModel]) -> BaseModel:
    """:raises HTTPException: with the problem."""
    if request.mimetype != JSON:
        stop(problems.of_status(415))
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        stop(problems.of_validation(error))


def answers(good: Mapping[int, type[BaseModel]], *bad: int) -> Any:
    """The answers of an operation, for the document: when all is well, its own problems and those of every one."""
    return {**good, **{status: _described(status) for status in sorted({*EVERY_PROBLEM, *bad})}}


def _described(status: int) -> dict[str, Any]:
    headers = {name: {"schema": {"type": "string"}} for name in _PROBLEM_HEADERS.get(status, ())}
    return {
        "description": problems.of_status(status).detail,
        "headers": headers,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _operation_id(*, name: str, path: str, method: str) -> str:
    """An operation is called like its view, whatever its address."""
    return name


api = Machines(
    "pharmacy_api",
    __name__,
    url_prefix=PREFIX,
    abp_security=[{"key": []}],
    operation_id_callback=_operation_id,
)
api.record(lambda state: show_errors_as(state.app, problems.BEGINNING, as_problem))


@api.before_request
def let_in() -> Response | None:
    """Whoever shows a key, as often as it may; anybody may read the document."""
    if request.endpoint == f"{api.name}.{document.__name__}":
        return None
    now = utc_now()
    with database().read() as session:
        key = key_of(session, request.headers.get("Authorization"))
        if key is None:
            return answer(problems.of_status(401), {"WWW-Authenticate": _CHALLENGE})
        g.pharmacy, g.actor = pharmacy_of_key(session, key), Actor(None, f"key {key.public}")
    with database().write() as session:
        g.allowance = take_token(session, key.id or 0, now)
        note_use(session, key, now)
    return None if g.allowance.allowed else answer(problems.of_status(429))


@api.after_request
def say_what_is_left(response: Response) -> Response:
    """How often the key may still ask."""
    if "allowance" in g:
        response.headers.update(g.allowance.headers())
    return response


def own_pharmacy() -> Pharmacy:
    """Whose key the request shows."""
    pharmacy: Pharmacy = g.pharmacy
    return pharmacy


def own_key() -> Actor:
    """The key the request shows, as the audit trail names it."""
    actor: Actor = g.actor
    return actor


def once(header: RetryHeader, work: Callable[[Session], Answered]) -> Response:
    """The answer to a request that changes something: what it did, or what it was answered the first time."""
    try:
        answered = _worked(header.idempotency_key, work)
    except OtherRequestError:
        stop(_OTHER_REQUEST)
    except StillAtWorkError:
        stop(_AT_WORK, {"Retry-After": "1"})
    except Refused as refused:
        stop(Trouble(409, refused.message, refused.code))
    return Response(answered.body, answered.status, content_type=JSON)


def _worked(key: str | None, work: Callable[[Session], Answered]) -> Answered:
    if key is None:
        return database().write_with_retry(work)
    what = f"{request.method} {request.path}\n".encode() + request.get_data()
    return answer_once(database(), Asked(own_pharmacy().id or 0, key, sha256(what).hexdigest()), work)


def answered(status: int, shape: BaseModel) -> Answered:
    """What is answered, and kept for a request that is sent again."""
    return Answered(status, shape.model_dump_json())


def not_found() -> NoReturn:
    """What is not there and what is another pharmacy's get the same answer."""
    stop(problems.NOT_FOUND)


@api.get("/openapi.json", doc_ui=False)
@public
def document() -> Response:
    """The document that describes all of this."""
    return Response(_document(), content_type=JSON)


@cache
def _document() -> str:
    """Made once all views are there."""
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    nested = problem.pop("$defs")
    shapes = {name: Schema(**shape) for name, shape in {"Problem": problem, **nested}.items()}
    key = {"type": "http", "scheme": "bearer", "description": "A key of the pharmacy: etr_…"}
    spec = APISpec(
        openapi="3.1.0",
        info=Info(title="Easy to Reach for pharmacies", version=VERSION, description=_ABOUT),
        paths=api.paths,
        components=Components(schemas={**api.components_schemas, **shapes}, securitySchemes={"key": key}),
    )
    return spec.model_dump_json(by_alias=True, exclude_unset=True, warnings=False)
