"""Commands about referrals."""

from collections.abc import Iterator
from typing import Any

import click
from sqlmodel import Session, col, select

from bot.campaigns.finding import unknown_campaign
from bot.console import Console, RowNumber, as_option, json_option, pass_console, say, say_lines
from bot.partners.referring import withdraw_referral
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral
from bot.tables.patients import Patient


@click.group()
def referrals() -> None:
    """Look at referrals, and take one back."""


@referrals.command("list")
@click.option("--campaign", "campaign_id", type=RowNumber("campaign"), help="Only those of one campaign.")
@json_option
@pass_console
def list_(console: Console, campaign_id: int | None, as_json: bool) -> None:
    """One referral a line, oldest first."""
    with console.database.read() as session:
        if campaign_id is not None and session.get(Campaign, campaign_id) is None:
            raise unknown_campaign(campaign_id)
        rows = list(_rows(session, campaign_id))
    say_lines(rows, as_json, ("referral", "campaign", "practice", "partner", "state", "created"))


def _rows(session: Session, campaign_id: int | None) -> Iterator[dict[str, Any]]:
    statement = (
        select(Referral, Patient.nhs_number, Practice.code, Partner.code)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Practice, col(Practice.id) == col(Referral.practice_id))
        .join(Partner, col(Partner.id) == col(Referral.partner_id))
        .order_by(col(Referral.id))
    )
    if campaign_id is not None:
        statement = statement.where(Referral.campaign_id == campaign_id)
    for referral, nhs_number, practice, partner in session.exec(statement):
        yield {
            "referral": referral.code,
            "campaign": referral.campaign_id,
            "practice": practice,
            "partner": partner,
            "nhs_number": nhs_number,
            "state": referral.state,
            "outcome": referral.outcome,
            "created": referral.created_at.isoformat(),
            "updated": referral.updated_at.isoformat(),
        }


@referrals.command("withdraw")
@click.argument("code")
@as_option
@json_option
@pass_console
def withdraw_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """The person does not want it any more; the place goes to whoever waits longest."""
    referral = withdraw_referral(console.database, console.settings, code, console.actor(email))
    answer = {"referral": referral.code, "state": referral.state}
    say(answer, as_json, f"Referral {referral.code} is {referral.state}.")
