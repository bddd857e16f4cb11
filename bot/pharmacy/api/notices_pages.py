"""`/api/v1/notices`: a pharmacy says something to one person or to many, asks what became of it, takes it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, request
from pydantic import ValidationError
from sqlmodel import Session, select

from bot.accounts.access import public
from bot.clock import utc_now
from bot.pharmacy.api import problems
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
from bot.pharmacy.api.problems import Trouble
from bot.pharmacy.api.replaying import Answered
from bot.pharmacy.api.shapes import (
    GiveNotice,
    GiveNotices,
    HeldOut,
    NoticeOut,
    NoticePath,
    PersonByCode,
    PersonByNumber,
    PlainNotice,
    ProblemNotice,
    RetryHeader,
    Verdict,
    VerdictsOut,
    only_named,
)
from bot.pharmacy.notices.finding import people_by_codes, people_by_numbers
from bot.pharmacy.notices.giving import Wanted, give_notices
from bot.pharmacy.notices.states import notices_as_json
from bot.pharmacy.notices.withdrawing import withdraw_notice
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState
from bot.web import age, database, settings, takes_up_to

LARGEST_BATCH = 512 * 1024
"""Bytes: a thousand for each of 500 notices."""
SOURCE = "api"
Asked = PlainNotice | ProblemNotice


@api.post("/notices", responses=answers({201: NoticeOut, 202: HeldOut}, *OF_A_BODY))
@public
def give(header: RetryHeader, body: GiveNotice) -> Response:
    """Tell one person something; 202 when the same was said within 24 hours, until it is sent with send_anyway."""

    def work(session: Session) -> Answered:
        [notice] = _give(session, [body.root])
        [shown] = _shown(session, [notice])
        if not _is_duplicate(notice):
            return answered(201, shown)
        return answered(202, HeldOut(**shown.model_dump(), detail=_why_held(session, notice)))

    return once(header, work)


@api.post("/notices/batch", responses=answers({200: VerdictsOut}, *OF_A_BODY))
@public
@takes_up_to(LARGEST_BATCH)
def give_many(header: RetryHeader, body: GiveNotices) -> Response:
    """Tell many people something, up to 500 in one request, with a verdict for each, in their order."""
    read = [_read(each) for each in body.notices]

    def work(session: Session) -> Answered:
        given = _give(session, [each for each in read if not isinstance(each, Trouble)])
        shown = zip(given, _shown(session, given), strict=True)
        verdicts = [
            _refused(at, each) if isinstance(each, Trouble) else _said(*next(shown)) for at, each in enumerate(read)
        ]
        return answered(200, VerdictsOut(verdicts=verdicts))

    return once(header, work)


@api.get("/notices/<id>", responses=answers({200: NoticeOut}))
@public
def look_at(path: NoticePath) -> Response:
    """A notice as it stands now."""
    with database().read() as session:
        notice = _find(session, path.id) or not_found()
        [shown] = _shown(session, [notice])
    return Response(shown.model_dump_json(), content_type=JSON)


@api.post("/notices/<id>/withdraw", responses=answers({200: NoticeOut}, 409, 422))
@public
def withdraw(path: NoticePath, header: RetryHeader) -> Response:
    """Take a notice back, if its text has not gone yet; 409 when it has."""

    def work(session: Session) -> Answered:
        notice = _find(session, path.id) or not_found()
        [shown] = _shown(session, [withdraw_notice(session, notice, own_key(), utc_now())])
        return answered(200, shown)

    return once(header, work)


def _read(each: Any) -> Asked | Trouble:
    try:
        return GiveNotice.model_validate(each).root
    except ValidationError as error:
        return problems.of_validation(error, "This notice is not what is asked for here.")


def _give(session: Session, asked: Sequence[Asked]) -> list[Notice]:
    people = _people(session, [each.person for each in asked])
    wanted = [
        Wanted(person, each.kind, each.reason, each.prescription, each.send_anyway)
        for each, person in zip(asked, people, strict=True)
    ]
    return give_notices(session, settings(), own_pharmacy(), wanted, source=SOURCE, actor=own_key(), now=utc_now())


def _people(session: Session, named: Sequence[PersonByCode | PersonByNumber]) -> list[Patient | None]:
    """Whom they name, in their order, by two statements whether or not there is anybody."""
    codes = {person.code for person in named if isinstance(person, PersonByCode)}
    numbers = {(person.nhs_number, person.born) for person in named if isinstance(person, PersonByNumber)}
    by_code = people_by_codes(session, own_pharmacy(), codes)
    by_number = people_by_numbers(session, own_pharmacy(), list(numbers))
    return [
        by_code.get(person.code)
        if isinstance(person, PersonByCode)
        else by_number.get((person.nhs_number, person.born))
        for person in named
    ]


def _find(session: Session, public_id: str) -> Notice | None:
    """A notice of this pharmacy; one of another is not found by the same statement."""
    wanted = select(Notice).where(Notice.public == public_id, Notice.pharmacy_id == own_pharmacy().id)
    return session.exec(wanted).first()


def _shown(session: Session, notices: Sequence[Notice]) -> list[NoticeOut]:
    lines = notices_as_json(session, notices) if notices else []
    return [only_named(NoticeOut, line) for line in lines]


def _is_duplicate(notice: Notice) -> bool:
    return notice.state == NoticeState.HELD and notice.duplicate_of is not None


def _why_held(session: Session, notice: Notice) -> str:
    before: datetime = session.get_one(Notice, notice.duplicate_of).created_at
    return (
        f"The same was said to this person ({notice.kind}, {_ago(before)}). Nothing was sent now. "
        "Send it again with send_anyway: true if it should go all the same."
    )


def _ago(before: datetime) -> str:
    span = age(before)
    return span if span == "just now" else f"{span} ago"


def _said(notice: Notice, shown: NoticeOut) -> Verdict:
    return Verdict(status=202 if _is_duplicate(notice) else 201, notice=shown, problem=None)


def _refused(at: int, trouble: Trouble) -> Verdict:
    place = f"/notices/{at}"
    return Verdict(status=422, notice=None, problem=trouble.inside(place).at(f"{request.path}#{place}"))
