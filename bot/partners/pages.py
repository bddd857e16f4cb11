"""The partner's own pages: people to help, its places, and the criteria it has agreed to."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, request
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_account, own_account_id, own_actor, own_code, own_partner_id
from bot.partners.capacity import count_holding, taken_in_words
from bot.partners.cases import ENDED, OPEN, SHOWN, Choice, count_waiting, list_cases, one_case, withdrawn_lately
from bot.partners.exporting import COLUMNS, csv_rows
from bot.partners.noting import LONGEST, NO_ANSWER, add_note
from bot.partners.places import set_places
from bot.partners.purposes import purposes
from bot.partners.referring import accept_referral, close_referral, decline_full
from bot.partners.telling import text_when_full
from bot.partners.words import ask_for_english, report_gist_of_referral, said_in
from bot.patients.criteria import CriteriaState, criteria_state, sign_criteria
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, PartnerPractice, Practice
from bot.tables.partners import Referral
from bot.web import (
    SUCCESS,
    as_csv,
    database,
    here,
    one_page,
    page_number,
    referring_path,
    render,
    settings,
)

blueprint = Blueprint("partners", __name__)

CASES_PER_PAGE = 100
ENDED_SHOWN = 20


@blueprint.get("/referrals")
@for_roles(Role.PARTNER)
def referrals_page() -> Response:
    """The partner's referrals; nobody who still waits in line is shown by name, nor who has ended."""
    return _page()


@blueprint.get("/referrals.csv")
@for_roles(Role.PARTNER)
def referrals_csv() -> Response:
    """The referrals that are chosen on the page, as a spreadsheet."""
    with database().read() as session:
        rows = list(csv_rows(session, own_partner_id(), _choice()))
    return as_csv("referrals.csv", COLUMNS, rows)


@blueprint.get("/referrals/<code>")
@for_roles(Role.PARTNER)
def case_page(code: str) -> Response:
    """One referral: whom to phone, what they said, the notes, and how it goes on."""
    ask_for_english(database(), settings(), own_partner_id(), code)
    return _case_page(code)


@blueprint.post("/referrals/<code>/accept")
@for_roles(Role.PARTNER)
def accept(code: str) -> AnyResponse:
    """Take a person on."""
    _require_own(code)
    accept_referral(database(), own_partner_id(), code, own_actor())
    return _back(f"You have accepted referral {code}. No text was sent: phone the person.", referring_path())


@blueprint.post("/referrals/<code>/note")
@for_roles(Role.PARTNER)
def note(code: str) -> AnyResponse:
    """Keep a note with a referral."""
    _require_own(code)
    words = request.form.get("words", "")
    try:
        add_note(database(), own_partner_id(), code, words, own_actor())
    except Refused as refused:
        return _case_page(code, refused, "words")
    return _back(f"Your note on referral {code} is kept.", referring_path())


@blueprint.post("/referrals/<code>/gists/<int:translation_id>/wrong")
@for_roles(Role.PARTNER)
def gist_wrong(code: str, translation_id: int) -> AnyResponse:
    """Say that the English of what the person wrote is wrong: the practice sees that, and it is counted."""
    return _report_gist(code, translation_id, wrong=True)


@blueprint.post("/referrals/<code>/gists/<int:translation_id>/not-wrong")
@for_roles(Role.PARTNER)
def gist_not_wrong(code: str, translation_id: int) -> AnyResponse:
    """Take that back."""
    return _report_gist(code, translation_id, wrong=False)


def _report_gist(code: str, translation_id: int, *, wrong: bool) -> AnyResponse:
    _require_own(code)
    report_gist_of_referral(database(), own_partner_id(), code, translation_id, own_actor(), wrong=wrong)
    return redirect(here(f"/referrals/{code}#gist-{translation_id}"), 303)


@blueprint.post("/referrals/<code>/close")
@for_roles(Role.PARTNER)
def close(code: str) -> AnyResponse:
    """Close a referral with its outcome."""
    _require_own(code)
    outcome = request.form.get("outcome", "")
    if not outcome:
        return _case_page(code, Refused("unknown-outcome", "Choose how it ended."), "outcome")
    close_referral(database(), settings(), own_partner_id(), code, outcome, own_actor())
    return _back(f"Referral {code} is closed.")


@blueprint.post("/referrals/<code>/full")
@for_roles(Role.PARTNER)
def full(code: str) -> AnyResponse:
    """Say that this person cannot be taken; the places stay as many as they are, unless the form says otherwise."""
    _require_own(code)
    none_left = request.form.get("no_places_left") == "yes"
    decline_full(database(), settings(), own_partner_id(), code, own_actor(), no_places_left=none_left)
    places = "You have no free places now: set them under Change your places when there are some again."
    done = f"Referral {code} is sent back. The practice looks for other help."
    return _back(f"{done} {places}" if none_left else f"{done} Your places stay as they are.")


@blueprint.post("/referrals/places")
@for_roles(Role.PARTNER)
def change_places() -> AnyResponse:
    """Set how many people the partner can help at a time."""
    entered = request.form.get("places", "").strip()
    if not entered.isascii() or not entered.isdigit():
        return _page(Refused("bad-places", "Enter your places as a whole number, such as 30."), "places")
    try:
        places = set_places(database(), settings(), own_code(), int(entered), own_actor())
    except Refused as refused:
        return _page(refused, "places")
    return _back(f"You have {places.places} places now. People from the waiting list who got one: {places.promoted}.")


@blueprint.post("/referrals/criteria/<practice_code>/<name>/sign")
@for_roles(Role.PARTNER)
def sign(practice_code: str, name: str) -> AnyResponse:
    """Sign the criteria a practice works by."""
    with database().read() as session:
        if practice_code not in {practice.code for practice in _practices(session, own_partner_id())}:
            abort(404)
    sign_criteria(database(), practice_code, name, own_account(), own_code())
    return _back("You have signed the criteria.")


def _choice() -> Choice:
    """What the address asks for; a word that is none of ours chooses nothing."""
    state = request.args.get("state", OPEN)
    return Choice(
        state=state if state in SHOWN else OPEN,
        purpose=request.args.get("purpose") or None,
        practice=request.args.get("practice") or None,
    )


def _page(refused: Refused | None = None, field: str = "") -> Response:
    """The partner's page; with what was refused in the form field of that id."""
    choice, number = _choice(), page_number()
    with database().read() as session:
        partner = session.get_one(Partner, own_partner_id())
        skip = (number - 1) * CASES_PER_PAGE
        cases = list_cases(session, own_partner_id(), choice, skip=skip, limit=CASES_PER_PAGE + 1)
        return render(
            "partners/referrals.html",
            400 if refused else 200,
            refused=refused,
            field=field,
            partner=partner,
            taken=taken_in_words(count_holding(session, partner), partner.places),
            waiting=count_waiting(session, own_partner_id()),
            withdrawn=withdrawn_lately(session, own_partner_id()),
            page=one_page(cases, number, CASES_PER_PAGE),
            choice=choice,
            states=SHOWN,
            query=urlencode({name: value for name, value in vars(choice).items() if value}),
            purposes=[(purpose.name, purpose.title) for purpose in purposes().values() if purpose.has_partner],
            practices=[(practice.code, practice.name) for practice in _practices(session, own_partner_id())],
            ended=list_cases(session, own_partner_id(), Choice(ENDED), limit=ENDED_SHOWN),
            no_answer=NO_ANSWER,
            agreements=_agreements(session, partner),
        )


def _case_page(code: str, refused: Refused | None = None, field: str = "") -> Response:
    with database().read() as session:
        case = one_case(session, own_partner_id(), code)
        if case is None:
            abort(404)
        said = said_in(session, settings(), case.referral, own_account_id())
        return render(
            "partners/referral.html",
            400 if refused else 200,
            refused=refused,
            field=field,
            case=case,
            said=said,
            waits=any(each.gist and each.gist.waits for each in said),
            goes=text_when_full(session, settings(), case.referral) if case.is_open else None,
            no_answer=NO_ANSWER,
            longest=LONGEST,
            words=request.form.get("words", ""),
        )


def _back(done: str, page: str | None = None) -> AnyResponse:
    """Say it, on the page where the button was or on that of all referrals."""
    flash(done, SUCCESS)
    return redirect(page or here("/referrals"), 303)


def _require_own(code: str) -> None:
    """Another partner's referral does not exist for this one."""
    with database().read() as session:
        own = select(Referral.id).where(Referral.code == code, Referral.partner_id == own_partner_id())
        if session.exec(own).first() is None:
            abort(404)


def _practices(session: Session, partner_id: int) -> Sequence[Practice]:
    statement = (
        select(Practice)
        .join(PartnerPractice, col(PartnerPractice.practice_id) == col(Practice.id))
        .where(PartnerPractice.partner_id == partner_id)
        .order_by(col(Practice.name))
    )
    return session.exec(statement).all()


def _agreements(session: Session, partner: Partner) -> list[tuple[Practice, CriteriaState]]:
    return [
        (practice, criteria_state(session, practice.id or 0, purpose.criteria))
        for practice in _practices(session, partner.id or 0)
        for purpose in purposes().values()
        if purpose.has_partner
    ]
