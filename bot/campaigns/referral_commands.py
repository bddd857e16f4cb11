"""Commands about referrals."""

from collections.abc import Iterator
from typing import Any

import click
from sqlmodel import Session, col, select

from bot.campaigns.finding import unknown_campaign
from bot.console import Console, RowNumber, as_option, json_option, pass_console, say, say_lines
from bot.partners.erasing import KEPT, REMOVED
from bot.partners.referring import withdraw_referral
from bot.partners.staff_referring import SAID_YES, Wanted, refer_person, reroute_referral
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import ConsentHow, Referral
from bot.tables.patients import Patient


@click.group()
def referrals() -> None:
    """Make, move, list and take back referrals."""


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
    """The person does not want it any more: what they said is erased, the place goes to whoever waits longest."""
    referral = withdraw_referral(console.database, console.settings, code, console.actor(email))
    answer = {"referral": referral.code, "state": referral.state, "removed": REMOVED, "kept": KEPT}
    say(answer, as_json, f"Referral {referral.code} is {referral.state}. {REMOVED} {KEPT}")


_SAID_YES = click.option(
    "--said-yes",
    type=click.Choice([str(how) for how in SAID_YES]),
    help="How they agreed, told to staff. Without it they are asked by text.",
)


@referrals.command("make")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--nhs", "nhs_number", required=True, metavar="NUMBER")
@click.option("--partner", "partner_code", required=True, metavar="CODE")
@click.option("--purpose", required=True, help="What for, such as fuel-poverty.")
@click.option("--said", default="", metavar="TEXT", help="What they told you, for the partner to read.")
@_SAID_YES
@as_option
@json_option
@pass_console
def make_command(
    console: Console,
    practice_code: str,
    nhs_number: str,
    partner_code: str,
    purpose: str,
    said: str,
    said_yes: str | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Refer a person into the partner's line, or ask them by text whether they want it."""
    how = ConsentHow(said_yes) if said_yes else None
    wanted = Wanted(practice_code, nhs_number, partner_code, purpose, said, how)
    made = refer_person(console.database, console.settings, wanted, console.actor(email))
    say(made.as_json(), as_json, made.words)


@referrals.command("reroute")
@click.argument("code")
@click.option("--partner", "partner_code", required=True, metavar="CODE", help="Who helps instead.")
@_SAID_YES
@as_option
@json_option
@pass_console
def reroute_command(
    console: Console, code: str, partner_code: str, said_yes: str | None, email: str | None, as_json: bool
) -> None:
    """Move a person to another partner, once they have agreed to that one."""
    how = ConsentHow(said_yes) if said_yes else None
    made = reroute_referral(console.database, console.settings, code, partner_code, how, console.actor(email))
    say(made.as_json(), as_json, made.words)
