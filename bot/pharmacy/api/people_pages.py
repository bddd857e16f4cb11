"""`/api/v1/people/{code}/language`: which language a person needs, told with consent; and what a pharmacy found out."""

from typing import Any

from flask import Response
from sqlmodel import Session

from bot.accounts.access import public
from bot.clock import utc_now
from bot.patients.person_codes import read_code
from bot.pharmacy.api.openapi_pages import (
    JSON,
    OF_A_BODY,
    answered,
    answers,
    api,
    not_found,
    once,
    own_key,
    own_pharmacy,
)
from bot.pharmacy.api.replaying import Answered
from bot.pharmacy.api.shapes import LanguageReported, NeedOut, PersonPath, ReportOut, RetryHeader, only_named
from bot.pharmacy.counter.languages import language_need, report_language
from bot.pharmacy.notices.finding import people_by_codes
from bot.refusals import Refused
from bot.tables.patients import Patient
from bot.web import database

_NOBODY: dict[str, Any] = {"id": 0}
"""Looked at where there is nobody, so that both take the same statements."""


@api.get("/people/<code>/language", responses=answers({200: NeedOut}))
@public
def language_of(path: PersonPath) -> Response:
    """The language a person needs. 404 for everybody who has not agreed to it, and for codes of nobody."""
    with database().read() as session:
        person = _person(session, path.code)
        need = language_need(session, own_pharmacy(), person or Patient(**_NOBODY))
    if person is None or need is None:
        not_found()
    return Response(only_named(NeedOut, need.as_json()).model_dump_json(), content_type=JSON)


@api.post("/people/<code>/language", responses=answers({202: ReportOut}, *OF_A_BODY))
@public
def report(path: PersonPath, header: RetryHeader, body: LanguageReported) -> Response:
    """Report which language a person needs; their practice confirms it before anything changes."""

    def work(session: Session) -> Answered:
        person = _person(session, path.code)
        if person is not None:
            report_language(
                session,
                own_pharmacy(),
                person,
                body.language,
                interpreter=body.interpreter,
                actor=own_key(),
                now=utc_now(),
            )
        return answered(202, ReportOut(language=body.language, interpreter=body.interpreter, state="waiting"))

    return once(header, work)


def _person(session: Session, written: str) -> Patient | None:
    """Whom a code stands for at the practices this pharmacy is linked to; what is no code is nobody's."""
    try:
        code = read_code(written)
    except Refused:
        not_found()
    return people_by_codes(session, own_pharmacy(), [code]).get(code)
