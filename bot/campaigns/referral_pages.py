"""The practice's side of referrals: whom a campaign has referred, and taking one back."""

from flask import Blueprint, Response, abort, flash, redirect, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from bot.accounts.access import for_roles, own_actor, own_practice_id
from bot.partners.purposes import find_purpose
from bot.partners.referring import OPEN_STATES, STATE_WORDS, withdraw_referral
from bot.tables.accounts import Role
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner
from bot.tables.partners import Referral
from bot.tables.patients import Patient
from bot.web import SUCCESS, database, one_page, page_number, render, settings

blueprint = Blueprint("referred", __name__)
PEOPLE_PER_PAGE = 50


@blueprint.get("/campaigns/<int:campaign_id>/referrals")
@for_roles(Role.PRACTICE, Role.LEAD)
def people_page(campaign_id: int) -> Response:
    """Everybody this campaign has referred, the newest first."""
    number = page_number()
    with database().read() as session:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None or campaign.practice_id != own_practice_id():
            abort(404)
        partner = session.get_one(Partner, campaign.partner_id)
        statement = (
            select(Referral, Patient)
            .join(Patient, col(Patient.id) == col(Referral.patient_id))
            .where(Referral.campaign_id == campaign_id)
            .order_by(col(Referral.id).desc())
        )
        offset = (number - 1) * PEOPLE_PER_PAGE
        rows = session.exec(statement.offset(offset).limit(PEOPLE_PER_PAGE + 1)).all()
    return render(
        "campaigns/referred.html",
        campaign=campaign,
        title=find_purpose(campaign.purpose).title,
        partner=partner,
        page=one_page(rows, number, PEOPLE_PER_PAGE),
        open_states=OPEN_STATES,
        state_words=STATE_WORDS,
        outcomes=find_purpose(campaign.purpose).outcomes,
    )


@blueprint.post("/campaigns/referrals/<code>/withdraw")
@for_roles(Role.PRACTICE, Role.LEAD)
def withdraw(code: str) -> AnyResponse:
    """The person does not want it any more."""
    with database().read() as session:
        own = select(Referral.id).where(Referral.code == code, Referral.practice_id == own_practice_id())
        if session.exec(own).first() is None:
            abort(404)
    referral = withdraw_referral(database(), settings(), code, own_actor())
    flash(f"Referral {code} is withdrawn. The partner no longer sees this person.", SUCCESS)
    if referral.campaign_id is None:
        return redirect(url_for("campaigns.list_page"), 303)
    return redirect(url_for("referred.people_page", campaign_id=referral.campaign_id), 303)
