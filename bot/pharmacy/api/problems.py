"""Errors as programs read them: problem details for HTTP APIs (RFC 9457), with what is wrong where in the body.

What is asked about that is not there, and what is another pharmacy's, are one and the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

BEGINNING = "/api/"
PROBLEM_JSON = "application/problem+json"
NO_TYPE = "about:blank"
"""A problem about which its status says all there is to say."""
MOST_ERRORS = 100
"""Of a body with more things wrong the first ones are named."""
_KINDS = "https://easy-to-reach.example/problems/"
_DETAILS: Mapping[int, str] = MappingProxyType(
    {
        400: "The request cannot be read. Check the address, the headers and that the body is JSON in UTF-8.",
        401: "Send one of the pharmacy's keys: Authorization: Bearer etr_…. A key that was revoked opens nothing.",
        404: "There is nothing at this address, or it is not yours.",
        405: "This address does not take that method. The Allow header names those it takes.",
        413: "The body is too long. Send fewer notices in one request.",
        415: "Send the body as Content-Type: application/json.",
        429: "Too many requests with this key. Wait as many seconds as Retry-After says, then go on.",
        500: "Something went wrong on our side. Ask for what you sent before you send it again.",
        503: "Nothing can be stored just now, and nothing was changed. Try again in a few minutes.",
    }
)


class FieldError(BaseModel):
    """Something wrong in a body: a JSON Pointer (RFC 6901) to it, and what to do about it."""

    model_config = ConfigDict(extra="forbid")
    pointer: str
    detail: str


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="What kind of problem it is; about:blank where the status says it all.")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do.")
    instance: str = Field(description="The address that was asked for.")
    errors: list[FieldError] = Field(description="What is wrong in the body, and where.")


@dataclass(frozen=True)
class Trouble:
    """A problem before it is put into an answer. `kind` is the end of its type, if it has one of its own."""

    status: int
    detail: str
    kind: str | None = None
    errors: Sequence[FieldError] = ()

    def at(self, instance: str) -> Problem:
        """The problem of what is at that address."""
        return Problem(
            type=f"{_KINDS}{self.kind}" if self.kind else NO_TYPE,
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            instance=instance,
            errors=list(self.errors),
        )

    def inside(self, place: str) -> "Trouble":
        """The same, of what stands at a place in a larger body."""
        moved = [FieldError(pointer=place + error.pointer, detail=error.detail) for error in self.errors]
        return replace(self, errors=moved)


NOT_FOUND = Trouble(404, _DETAILS[404])


def of_status(status: int) -> Trouble:
    """A problem about which nothing more is known than its status."""
    return Trouble(status, _DETAILS.get(status, HTTPStatus(status).phrase + "."))


def of_error(status: int, advice: str) -> Trouble:
    """A problem of an error with advice of its own; where we know better what a program can do, that is said."""
    return of_status(status) if status in _DETAILS else Trouble(status, advice)


def of_validation(error: ValidationError, wrong: str = "What was sent is not what is asked for here.") -> Trouble:
    """What pydantic found wrong, each with its place in the body; a body that is no JSON is a 400."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in found):
        return Trouble(400, "The body is not JSON, or not in UTF-8. Nothing was stored.", "not-json")
    errors = [FieldError(pointer=pointer(each["loc"]), detail=_in_words(each["msg"])) for each in found[:MOST_ERRORS]]
    return Trouble(422, f"{wrong} Nothing of it was stored.", "not-valid", errors)


def pointer(place: Sequence[str | int]) -> str:
    """The JSON Pointer to a place; names in brackets are our own names of choices, and are in no body."""
    parts = [str(part) for part in place if not str(part).startswith("<")]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _in_words(message: str) -> str:
    """A sentence of ours as it is; one of pydantic's without what it puts before."""
    return message.removeprefix("Value error, ").rstrip(".") + "."
