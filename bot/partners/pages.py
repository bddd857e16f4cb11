"""The partner's own page: people to help, its places, and the criteria it has agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlalchemy import func
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_account, own_actor, own_code, own_partner_id
from bot.clock import utc_now
from bot.partners.capacity import partner_capacity
from bot.partners.places import set_places
from bot.partners.purposes import Purpose, find_purpose, outcome_words, purposes
from bot.partners.referring import accept_referral, close_referral, decline_full
from bot.patients.criteria import CriteriaState, criteria_state, sign_criteria
from bot.refusals import Refused
from bot.tables.accounts import Role
from bot.tables.organisations import Partner, PartnerPractice, Practice
from bot.tables.partners import HOLDING_A_PLACE, Consent, Referral, ReferralState
from bot.tables.patients import Patient
from bot.texts.languages import LANGUAGES
from bot.web import SUCCESS, database, render, settings

blueprint = Blueprint("partners", __name__)

ENDED_SHOWN = 50
_ENDED = (ReferralState.CLOSED, ReferralState.FULL, ReferralState.WITHDRAWN)
_INTERPRETER = {True: "Needed", False: "Not needed", None: "Not recorded"}


@dataclass(frozen=True)
class Case:
    """A person who holds one of the partner's places, with what the person agreed to have shared."""

    referral: Referral
    patient: Patient
    consent: Consent
    practice: Practice

    @property
    def language(self) -> str:
        """The language in English and as its speakers call it."""
        known = LANGUAGES.get(self.patient.language or "")
        return f"{known.english} ({known.native})" if known else "Not recorded"

    @property
    def purpose(self) -> Purpose:
        """What the person is referred for, and how it may end."""
        return find_purpose(self.referral.purpose)

    @property
    def interpreter(self) -> str:
        """Whether the person needs an interpreter, in words."""
        return _INTERPRETER[self.patient.interpreter]


@blueprint.get("/referrals")
@for_roles(Role.PARTNER)
def referrals_page() -> Response:
    """The partner's referrals; nobody who still waits in line is shown by name."""
    return _page()


@blueprint.post("/referrals/<code>/accept")
@for_roles(Role.PARTNER)
def accept(code: str) -> AnyResponse:
    """Take a person on."""
    _require_own(code)
    accept_referral(database(), own_partner_id(), code, own_actor())
    return _back(f"You have accepted referral {code}.")


@blueprint.post("/referrals/<code>/close")
@for_roles(Role.PARTNER)
def close(code: str) -> AnyResponse:
    """Close a referral with its outcome."""
    _require_own(code)
    outcome = request.form.get("outcome", "")
    if not outcome:
        return _page(Refused("unknown-outcome", "Choose how it ended."), f"outcome-{code}")
    close_referral(database(), settings(), own_partner_id(), code, outcome, own_actor())
    return _back(f"Referral {code} is closed.")


@blueprint.post("/referrals/<code>/full")
@for_roles(Role.PARTNER)
def full(code: str) -> AnyResponse:
    """Say that this person cannot be taken."""
    _require_own(code)
    fewer = request.form.get("fewer_places") == "yes"
    decline_full(database(), settings(), own_partner_id(), code, own_actor(), fewer_places=fewer)
    place = " You have one place less now: add it under Change your places when it is back." if fewer else ""
    return _back(f"The person of referral {code} is told that you are full. The practice looks for other help.{place}")


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


def _page(refused: Refused | None = None, field: str = "") -> Response:
    """The partner's page; with what was refused in the form field of that id."""
    with database().read() as session:
        partner = session.get_one(Partner, own_partner_id())
        cases = _open_cases(session, partner)
        return render(
            "partners/referrals.html",
            400 if refused else 200,
            refused=refused,
            field=field,
            partner=partner,
            capacity=partner_capacity(session, partner, utc_now()),
            waiting=_count_waiting(session, partner),
            new_cases=[case for case in cases if case.referral.state == ReferralState.SENT],
            accepted_cases=[case for case in cases if case.referral.state == ReferralState.ACCEPTED],
            ended=_ended(session, partner),
            agreements=_agreements(session, partner),
            outcome_words=outcome_words(),
        )


def _back(done: str) -> AnyResponse:
    flash(done, SUCCESS)
    return redirect(url_for("partners.referrals_page"), 303)


def _require_own(code: str) -> None:
    """Another partner's referral does not exist for this one."""
    with database().read() as session:
        own = select(Referral.id).where(Referral.code == code, Referral.partner_id == own_partner_id())
        if session.exec(own).first() is None:
            abort(404)


def _count_waiting(session: Session, partner: Partner) -> int:
    waiting = (Referral.partner_id == partner.id, Referral.state == ReferralState.WAITING)
    return session.exec(select(func.count()).select_from(Referral).where(*waiting)).one()


def _open_cases(session: Session, partner: Partner) -> list[Case]:
    statement = (
        select(Referral, Patient, Consent, Practice)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Consent, col(Consent.id) == col(Referral.consent_id))
        .join(Practice, col(Practice.id) == col(Referral.practice_id))
        .where(Referral.partner_id == partner.id, col(Referral.state).in_(HOLDING_A_PLACE))
        .order_by(col(Referral.id))
    )
    return [Case(*row) for row in session.exec(statement)]


def _ended(session: Session, partner: Partner) -> Sequence[Referral]:
    statement = (
        select(Referral)
        .where(Referral.partner_id == partner.id, col(Referral.state).in_(_ENDED))
        .order_by(col(Referral.updated_at).desc())
        .limit(ENDED_SHOWN)
    )
    return session.exec(statement).all()


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
