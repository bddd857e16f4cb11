"""The practice's side of referrals: whom a campaign has referred, and taking one back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, request
from sqlalchemy import Select
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.partners.in_order import partners_in_order
from bot.partners.purposes import find_purpose
from bot.partners.referring import STATE_WORDS, withdraw_referral
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner
from bot.tables.partners import OPEN_STATES, Referral, ReferralState
from bot.tables.patients import Patient
from bot.web import (
    SUCCESS,
    as_csv,
    database,
    day_and_time,
    here,
    one_page,
    page_number,
    phone_for_people,
    render,
    settings,
)

blueprint = Blueprint("referred", __name__)
PEOPLE_PER_PAGE = 50
COLUMNS = ("Referral", "NHS Number", "Name", "Phone", "Partner", "State", "Outcome", "Since", "Said yes")


@dataclass(frozen=True)
class Referred:
    """A person who was referred. State and outcome are all the practice needs: the partner's notes stay with it."""

    referral: Referral
    patient: Patient
    partner: Partner

    @property
    def name(self) -> str:
        """The person's name."""
        return f"{self.patient.given_name} {self.patient.surname}".strip()

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        return STATE_WORDS[self.referral.state].capitalize()

    @property
    def outcome(self) -> str:
        """How it ended, in words; empty when the partner did not say."""
        return find_purpose(self.referral.purpose).outcome_in_words(self.referral.outcome)

    @property
    def is_open(self) -> bool:
        """Whether it may be withdrawn."""
        return self.referral.state in OPEN_STATES

    @property
    def since(self) -> datetime:
        """Since when it has stood there, in UTC."""
        return self.referral.updated_at


@blueprint.get("/campaigns/<int:campaign_id>/referrals")
@for_roles(Role.PRACTICE, Role.LEAD)
def people_page(campaign_id: int) -> Response:
    """Everybody this campaign has referred, the newest first; of one state, if the address says so."""
    number, state = page_number(), _state()
    with database().read() as session:
        campaign = _own(session, campaign_id)
        partners = partners_in_order(session, campaign)
        skip = (number - 1) * PEOPLE_PER_PAGE
        people = _people(session, _of(campaign_id, state).offset(skip).limit(PEOPLE_PER_PAGE + 1))
    return render(
        "campaigns/referred.html",
        campaign=campaign,
        title=find_purpose(campaign.purpose).title,
        partners=partners,
        page=one_page(people, number, PEOPLE_PER_PAGE),
        states=[(code, words.capitalize()) for code, words in STATE_WORDS.items()],
        state=state,
        query=urlencode({"state": state} if state else {}),
    )


@blueprint.get("/campaigns/<int:campaign_id>/referrals.csv")
@for_roles(Role.PRACTICE, Role.LEAD)
def people_csv(campaign_id: int) -> Response:
    """The same people as a spreadsheet."""
    with database().read() as session:
        _own(session, campaign_id)
        people = _people(session, _of(campaign_id, _state()))
    return as_csv(f"campaign-{campaign_id}-referrals.csv", COLUMNS, ([*_cells(one)] for one in people))


@blueprint.post("/campaigns/referrals/<code>/withdraw")
@for_roles(Role.PRACTICE, Role.LEAD)
def withdraw(code: str) -> AnyResponse:
    """The person does not want it any more."""
    with database().read() as session:
        own = select(Referral.id).where(Referral.code == code, Referral.practice_id == own_practice_id())
        if session.exec(own).first() is None:
            abort(404)
    referral = withdraw_referral(database(), settings(), code, own_actor())
    flash(_what_was_done(referral), SUCCESS)
    return redirect(here(f"/people-referred/{code}"), 303)


def _what_was_done(referral: Referral) -> str:
    if referral.state == ReferralState.WITHDRAWN:
        return f"Referral {referral.code} is withdrawn. The partner no longer sees this person."
    return f"Referral {referral.code} had ended already. What the person had told the partner is erased."


def _own(session: Session, campaign_id: int) -> Campaign:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.practice_id != own_practice_id():
        abort(404)
    return campaign


def _state() -> str | None:
    """The state the address asks for; a word that is none chooses nothing."""
    asked = request.args.get("state")
    return asked if asked in STATE_WORDS else None


def _of(campaign_id: int, state: str | None) -> Select[Referral, Patient, Partner]:
    statement = (
        sqlalchemy_select(Referral, Patient, Partner)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Partner, col(Partner.id) == col(Referral.partner_id))
        .where(col(Referral.campaign_id) == campaign_id)
        .order_by(col(Referral.id).desc())
    )
    return statement.where(col(Referral.state) == state) if state else statement


def _people(session: Session, chosen: Select[Referral, Patient, Partner]) -> list[Referred]:
    return [Referred(referral, patient, partner) for referral, patient, partner in session.execute(chosen)]


def _cells(one: Referred) -> Iterator[str]:
    yield from (one.referral.code, one.patient.nhs_number, one.name, phone_for_people(one.patient.phone or ""))
    yield from (one.partner.name, one.state, one.outcome)
    yield from (day_and_time(one.since), day_and_time(one.referral.created_at))
