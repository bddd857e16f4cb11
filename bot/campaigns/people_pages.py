"""The practice's pages of people who were referred: all of them, one, a new one, and moving one to another partner."""

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, request
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_actor, own_code, own_practice_id
from bot.campaigns.people_referred import (
    PersonReferred,
    being_asked,
    one_referred,
    partners_of_practice,
    referred_by,
)
from bot.partners.erasing import KEPT, REMOVED
from bot.partners.purposes import purposes
from bot.partners.referring import STATE_WORDS
from bot.partners.staff_referring import (
    LONGEST_SAID,
    SAID_YES,
    Made,
    Wanted,
    refer_person,
    reroute_referral,
    what_to_read_out,
)
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import ConsentHow, Referral
from bot.web import SUCCESS, database, here, one_page, page_number, render, settings

blueprint = Blueprint("people_referred", __name__)
PEOPLE_PER_PAGE = 50
_FIELDS = {
    "unknown-person": "nhs_number",
    "too-long": "said",
    "no-choice": "said_yes-text",
    "cannot-text": "said_yes-text",
}
_for_practice = for_roles(Role.PRACTICE, Role.LEAD)


@blueprint.get("/people-referred")
@_for_practice
def list_page() -> Response:
    """Everybody the practice has referred, the newest first, and whom it is asking."""
    number, asked = page_number(), request.args.get("state")
    state = asked if asked in STATE_WORDS else None
    with database().read() as session:
        chosen = referred_by(own_practice_id(), state).offset((number - 1) * PEOPLE_PER_PAGE)
        people = [PersonReferred(*row) for row in session.execute(chosen.limit(PEOPLE_PER_PAGE + 1))]
        proposals = being_asked(session, own_practice_id())
    return render(
        "campaigns/people.html",
        page=one_page(people, number, PEOPLE_PER_PAGE),
        proposals=proposals,
        states=[(code, words.capitalize()) for code, words in STATE_WORDS.items()],
        state=state,
        query=urlencode({"state": state} if state else {}),
    )


@blueprint.get("/people-referred/new")
@_for_practice
def new_page() -> Response:
    """The form to refer a person."""
    return _form()


@blueprint.post("/people-referred")
@_for_practice
def refer() -> AnyResponse:
    """Refer a person, or have them asked."""
    form = request.form
    try:
        wanted = Wanted(
            practice=own_code(),
            nhs_number=form.get("nhs_number", ""),
            partner=form.get("partner", ""),
            purpose=form.get("purpose", ""),
            said=form.get("said", ""),
            said_yes=_said_yes(),
        )
        made = refer_person(database(), settings(), wanted, own_actor())
    except Refused as refused:
        return _form(refused)
    return _done(made)


@blueprint.get("/people-referred/<code>")
@_for_practice
def one_page_of(code: str) -> Response:
    """One referral: how it stands, what was agreed to, and what may be done."""
    return _one(code)


@blueprint.post("/people-referred/<code>/move")
@_for_practice
def move(code: str) -> AnyResponse:
    """Move a person to another partner, with a new consent."""
    with database().read() as session:
        if one_referred(session, own_practice_id(), code) is None:
            abort(404)
    try:
        partner = request.form.get("partner", "")
        made = reroute_referral(database(), settings(), code, partner, _said_yes(), own_actor())
    except Refused as refused:
        return _one(code, refused)
    return _done(made)


def _said_yes() -> ConsentHow | None:
    """How the person said yes; None to ask them by text. :raises Refused: `no-choice`, nothing was chosen."""
    chosen = request.form.get("said_yes", "")
    if chosen == ConsentHow.TEXT:
        return None
    if chosen not in list(SAID_YES):
        raise Refused("no-choice", "Choose how they agree: by a text we send, or because they told you so.")
    return ConsentHow(chosen)


def _done(made: Made) -> AnyResponse:
    flash(made.words, SUCCESS)
    return redirect(here(f"/people-referred/{made.referral.code}" if made.referral else "/people-referred"), 303)


def _form(refused: Refused | None = None) -> Response:
    values = request.form if request.method == "POST" else request.args
    with database().read() as session:
        partners = partners_of_practice(session, own_practice_id())
        to_read = _to_read_out(session, partners, None)
    return render(
        "campaigns/refer.html",
        400 if refused else 200,
        refused=refused,
        field=_FIELDS.get(refused.code, "partner") if refused else "",
        values=values,
        partners=partners,
        to_read=to_read,
        purposes=[purpose for purpose in purposes().values() if purpose.has_partner],
        longest=LONGEST_SAID,
    )


def _one(code: str, refused: Refused | None = None) -> Response:
    with database().read() as session:
        one = one_referred(session, own_practice_id(), code) or abort(404)
        partners = partners_of_practice(session, own_practice_id())
        others = [partner for partner in partners if partner.id != one.partner.id]
        to_read = _to_read_out(session, others, one.referral)
    return render(
        "campaigns/person-referred.html",
        400 if refused else 200,
        refused=refused,
        field=_FIELDS.get(refused.code, "partner") if refused else "",
        one=one,
        others=others,
        to_read=to_read,
        values=request.form,
        removed=REMOVED,
        kept=KEPT,
    )


def _to_read_out(session: Session, partners: list[Partner], instead_of: Referral | None) -> list[tuple[Partner, str]]:
    """What staff read out of each partner before they record a yes."""
    practice = session.get_one(Practice, own_practice_id())
    asked = ((one, what_to_read_out(session, settings(), practice, one, instead_of)) for one in partners)
    return [(partner, words) for partner, words in asked if words]
