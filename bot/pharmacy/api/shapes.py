"""What programs send and get, as pydantic models: the document at `/api/v1/openapi.json` is made of these.

A body holds what is named here and nothing else. No notice has a place for a drug's name or words of one's own.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    SkipValidation,
    StrictBool,
    StringConstraints,
    Tag,
    WithJsonSchema,
)

from bot.clock import london_today
from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.person_codes import read_code
from bot.pharmacy.api.problems import Problem
from bot.refusals import Refused
from bot.tables.pharmacy import NoticeState
from bot.texts.languages import LANGUAGES

LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")
MOST_NOTICES = 500
"""In one batch."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EARLIEST = date(1880, 1, 1)
_PLAIN_KINDS = ("ready", "part-ready", "on-its-way", "collected")


class Closed(BaseModel):
    """A shape that holds what it names and nothing else, each of the JSON type it names."""

    model_config = ConfigDict(extra="forbid")


def _said(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A reader of ours whose refusal is what is wrong with the field."""

    def check(written: str) -> Any:
        try:
            return read(written)
        except Refused as refused:
            raise ValueError(refused.message) from None

    return check


def _number(written: str) -> str:
    reading = read_nhs_number(written)
    if reading.number is None:
        raise ValueError(reading.message)
    return reading.number


def _birth_date(written: Any) -> date:
    """A day as ISO 8601 writes it, and no other JSON type."""
    if not isinstance(written, str) or not _DAY.fullmatch(written):
        raise ValueError("Write the birth date as YYYY-MM-DD.")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ValueError("There is no such day. Write the birth date as YYYY-MM-DD.") from None
    if not _EARLIEST <= day <= london_today():
        raise ValueError("Nobody who is alive was born on that day. Check the birth date.")
    return day


def _known_language(written: str) -> str:
    if written not in LANGUAGES:
        raise ValueError("That is no language of this service. Send its BCP 47 tag, such as ur or pa-Guru.")
    return written


Code = Annotated[
    str,
    Field(min_length=8, max_length=40, description="The opaque code on a label.", examples=["K4M9-27T7"]),
    AfterValidator(_said(read_code)),
]
NhsNumber = Annotated[
    str,
    Field(min_length=10, max_length=14, description="Ten digits, the last a check digit.", examples=["9990000018"]),
    AfterValidator(_number),
]
BirthDate = Annotated[
    date,
    BeforeValidator(_birth_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["1960-05-12"]}),
]
Prescription = Annotated[
    str,
    Field(
        max_length=40,
        pattern=r"^[0-9A-Za-z+-]*[0-9][0-9A-Za-z+-]*$",
        description="The number of the prescription: letters, digits, dashes. Never what is on it.",
        examples=["24F5DA-A83008-7EFE6Z"],
    ),
]
LanguageTag = Annotated[
    str,
    AfterValidator(_known_language),
    WithJsonSchema({"type": "string", "enum": sorted(LANGUAGES), "description": "A BCP 47 tag."}),
]


class PersonByCode(Closed):
    """A person by the opaque code that their pharmacy has on a label."""

    code: Code


class PersonByNumber(Closed):
    """A person by NHS number and birth date; by the number alone nobody is looked up."""

    nhs_number: NhsNumber
    born: BirthDate


def _how_named(person: Any) -> str:
    named = "code" in person if isinstance(person, dict) else isinstance(person, PersonByCode)
    return "<by-code>" if named else "<by-number>"


Person = Annotated[
    Annotated[PersonByCode, Tag("<by-code>")] | Annotated[PersonByNumber, Tag("<by-number>")],
    Discriminator(_how_named),
]


class _Notice(Closed):
    person: Person
    prescription: Prescription | None = None
    send_anyway: StrictBool = Field(
        default=False, description="Send although the same was said to this person within 24 hours."
    )


def _known_kind(written: Any) -> Any:
    """Anything but a problem; what is no kind at all is told of all of them."""
    if written not in _PLAIN_KINDS:
        raise ValueError(f"A notice is one of: {', '.join([*_PLAIN_KINDS, 'problem'])}.")
    return written


class PlainNotice(_Notice):
    """Something is ready, part of it is, it is on its way, or it was collected."""

    kind: Annotated[Literal["ready", "part-ready", "on-its-way", "collected"], BeforeValidator(_known_kind)]
    reason: None = None


class ProblemNotice(_Notice):
    """Something is wrong, and the person should not travel yet."""

    kind: Literal["problem"]
    reason: Literal["out-of-stock", "needs-doctor", "cannot-read", "please-phone"]


def _which_notice(asked: Any) -> str:
    kind = asked.get("kind") if isinstance(asked, dict) else getattr(asked, "kind", None)
    return "<problem>" if kind == "problem" else "<plain>"


NoticeAsked = Annotated[
    Annotated[PlainNotice, Tag("<plain>")] | Annotated[ProblemNotice, Tag("<problem>")],
    Discriminator(_which_notice),
]


class GiveNotice(RootModel[NoticeAsked]):
    """A notice for one person."""


class GiveNotices(Closed):
    """Notices for many people. One that is not as it should be has a verdict that says so, and the others go."""

    notices: list[Annotated[GiveNotice | Any, SkipValidation]] = Field(min_length=1, max_length=MOST_NOTICES)


class Told(Closed):
    """What is answered when all is well; it comes with what the key may still ask for."""

    model_config = ConfigDict(
        extra="forbid",
        openapi_extra={"headers": {name: {"schema": {"type": "string"}} for name in LIMIT_HEADERS}},  # type: ignore[typeddict-unknown-key]
    )


Shape = TypeVar("Shape", bound=Told)


def only_named(shape: type[Shape], values: Mapping[str, Any]) -> Shape:
    """An answer with what the document names, and nothing that a row may have beside it."""
    return shape.model_validate({name: values[name] for name in shape.model_fields})


class TextOut(Closed):
    """The text that says a notice: its language and in how many parts it goes."""

    language: str
    parts: int


class NoticeOut(Told):
    """A notice as it stands."""

    id: str
    kind: str
    state: NoticeState
    created: datetime = Field(description="UTC")
    text: TextOut | None
    why_none: str | None = Field(
        description="Why no text goes, or why it waits: held-duplicate until it is sent with send_anyway. "
        "no-text-possible says nothing about whether anybody is registered anywhere."
    )


class HeldOut(NoticeOut):
    """A notice that waits: the same was said to this person within 24 hours."""

    detail: str = Field(description="When that was, and how to send it all the same.")


class Verdict(Closed):
    """What became of one notice of a batch: the notice, or why it is none."""

    status: Literal[201, 202, 422]
    notice: NoticeOut | None
    problem: Problem | None


class VerdictsOut(Told):
    """A verdict for each notice of the batch, in their order."""

    verdicts: list[Verdict]


class NeedOut(Told):
    """The language a person needs, and nothing else of them; only where they have agreed to it."""

    language: str = Field(description="A BCP 47 tag.")
    script: str | None = Field(description="An ISO 15924 code, or null where it is not written.")
    interpreter: bool | None = Field(description="Whether one is needed; null where nobody has said.")
    mode: Literal["read", "spoken"]


class LanguageReported(Closed):
    """What a pharmacy found out of a person's language."""

    language: LanguageTag
    interpreter: StrictBool | None = None


class ReportOut(Told):
    """A report has been taken in. It says so for every code, whether or not there is somebody whose practice asks."""

    language: str
    interpreter: bool | None
    state: Literal["waiting"]


class NoticePath(Closed):
    """Which notice."""

    id: str = Field(description="The id that the notice was given.")


class PersonPath(Closed):
    """Which person."""

    code: str = Field(description="The opaque code on a label, such as K4M9-27T7.")


class RetryHeader(BaseModel):
    """So that a request that is sent again does nothing a second time."""

    idempotency_key: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$"),
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}),
    ] = Field(
        default_factory=lambda: None,
        alias="Idempotency-Key",
        description="A name for this request. Sent again with the same body within 24 hours, it gets the same answer.",
    )
