"""Commands about campaigns and the criteria they follow."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from bot.accounts.second_factor import confirm_by_code
from bot.audit import Actor
from bot.campaigns.batches import Change, hold_campaign, release_batch, resume_campaign, stop_campaign
from bot.campaigns.left_out import left_out_of
from bot.campaigns.planning import plan_campaign
from bot.campaigns.progress import campaign_status
from bot.campaigns.taking_back import take_back_batch
from bot.console import Console, RowNumber, as_option, code_option, json_option, pass_console, say, say_lines
from bot.database import Database
from bot.partners.purposes import Terms
from bot.patients.criteria import Criteria, find_criteria, list_criteria, sign_criteria
from bot.refusals import Refused
from bot.tables.campaigns import CampaignState


@click.group()
def campaign() -> None:
    """Plan a campaign, release its batches, watch, hold or stop it."""


@campaign.command("plan")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--purpose", required=True, help="What people are invited for, such as fuel-poverty.")
@click.option(
    "--partner",
    "partner_codes",
    metavar="CODE",
    multiple=True,
    help="Who helps; not every purpose needs one. Again: who is asked when those before are full.",
)
@click.option("--clinic", metavar="CODE", help="The clinic that people are invited to, for a purpose with one.")
@click.option("--event", metavar="CODE", help="An event beside its appointments.")
@click.option("--neutral", is_flag=True, help="The invitation does not say what the appointment is for.")
@click.option("--criteria", "criteria_name", metavar="NAME", help="Otherwise the purpose's own.")
@click.option("--list", "list_id", type=RowNumber("list"), metavar="ID", help="Only people on that list.")
@click.option("--leave-out-invited", is_flag=True, help="Nobody who was invited for this in the last 180 days.")
@click.option("--states-care", is_flag=True, help="The lead states: these texts are care and no marketing.")
@as_option
@json_option
@pass_console
def plan_command(
    console: Console,
    practice_code: str,
    purpose: str,
    partner_codes: tuple[str, ...],
    clinic: str | None,
    event: str | None,
    neutral: bool,
    criteria_name: str | None,
    list_id: int | None,
    leave_out_invited: bool,
    states_care: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Freeze a cohort and count it; nothing is sent."""
    plan = plan_campaign(
        console.database,
        console.settings,
        practice_code,
        purpose,
        partner_codes[0] if partner_codes else None,
        criteria_name,
        console.actor(email),
        others=partner_codes[1:],
        terms=Terms(clinic, event, neutral),
        leave_out_invited=leave_out_invited,
        states_care=states_care,
        list_id=list_id,
    )
    if plan.already_invited:
        click.echo(
            f"{plan.already_invited} of them were invited for this before, or wait in another campaign. "
            "To leave them out, stop this campaign and plan again with --leave-out-invited.",
            err=True,
        )
    say(
        plan.as_json(),
        as_json,
        f"Campaign {plan.campaign}: {plan.matched} people {plan.who_match}, {plan.cohort} will be invited. "
        f"Nothing was sent. Release the first batch with: campaign approve {plan.campaign}",
    )


@campaign.command("approve")
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@as_option
@code_option
@json_option
@pass_console
def approve_command(console: Console, campaign_id: int, email: str | None, code: str | None, as_json: bool) -> None:
    """Release the next batch, as many people as the partner's places or the free times allow."""
    account = None if email is None else console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    release = release_batch(console.database, console.settings, campaign_id, console.actor(email))
    queued = "text" if release.size == 1 else "texts"
    sentence = f"Batch {release.batch}: {release.size} {queued} queued (limited by {release.limited_by})."
    say(release.as_json(), as_json, sentence)


@campaign.command("take-back")
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@click.option("--batch", type=RowNumber("batch"), metavar="NUMBER", help="Otherwise the newest.")
@as_option
@json_option
@pass_console
def take_back_command(console: Console, campaign_id: int, batch: int | None, email: str | None, as_json: bool) -> None:
    """Take back a batch in the minute after its release: what has not gone never goes."""
    taken = take_back_batch(console.database, campaign_id, console.actor(email), batch)
    say(taken.as_json(), as_json, f"Batch {taken.batch}: {taken.words}")


@campaign.command("left-out")
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@json_option
@pass_console
def left_out_command(console: Console, campaign_id: int, as_json: bool) -> None:
    """Who is not reached, and why; the criteria's first reason apart."""
    with console.database.read() as session:
        rows = left_out_of(session, campaign_id)
        say_lines(rows if as_json else list(rows), as_json, ("nhs_number", "name", "reason", "stage", "language"))


@campaign.command("status")
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@json_option
@pass_console
def status_command(console: Console, campaign_id: int, as_json: bool) -> None:
    """Show how a campaign stands."""
    with console.database.read() as session:
        status = campaign_status(session, campaign_id)
    say(status, as_json, _status_sentence(status))


def _status_sentence(status: dict[str, Any]) -> str:
    state = "planned" if status["state"] == CampaignState.RUNNING and not status["sent_any"] else status["state"]
    replies = ", ".join(f"{answer} {people}" for answer, people in status["replies"].items())
    return (
        f"Campaign {status['campaign']} is {state}: {status['waiting']} of {status['cohort']} "
        f"people wait, {len(status['batches'])} batches released, {status['silent']} silent. "
        f"Replies: {replies}.{_places_sentence(status['partners'])}"
    )


def _places_sentence(partners: Sequence[Mapping[str, Any]]) -> str:
    counted = [partner for partner in partners if "places" in partner]
    if len(counted) == 1:
        return f" The partner has {counted[0]['free']} of {counted[0]['places']} places free."
    return "".join(f" {one['code']} has {one['free']} of {one['places']} places free." for one in counted)


def _change_command(name: str, change: Callable[[Database, int, Actor], Change], summary: str) -> None:
    @campaign.command(name, help=summary)
    @click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
    @as_option
    @json_option
    @pass_console
    def command(console: Console, campaign_id: int, email: str | None, as_json: bool) -> None:
        changed = change(console.database, campaign_id, console.actor(email))
        sentence = f"Campaign {campaign_id} is {changed.state}: {changed.held} texts held"
        say(changed.as_json(), as_json, f"{sentence}, {changed.cancelled} cancelled.")


_change_command("hold", hold_campaign, "Keep back the texts that have not gone out.")
_change_command("resume", resume_campaign, "Let held texts go again.")
_change_command("stop", stop_campaign, "End a campaign for good; texts that have not gone out are cancelled.")


@click.group()
def criteria() -> None:
    """Look at the criteria, and sign them."""


def _describe(found: Criteria) -> dict[str, Any]:
    return {
        "name": found.name,
        "version": found.version,
        "title": found.title,
        "description": found.description,
        "minimum_age": found.minimum_age,
        "conditions": {group: list(codes) for group, codes in found.conditions.items()},
    }


@criteria.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List all criteria."""
    say_lines(map(_describe, list_criteria()), as_json, ("name", "version", "title"))


@criteria.command("show")
@click.argument("name")
@json_option
def show_command(name: str, as_json: bool) -> None:
    """Show who meets the criteria of that name."""
    found = find_criteria(name)
    groups = "; ".join(f"{group}: {', '.join(codes)}" for group, codes in found.conditions.items())
    sentence = f"{found.name} version {found.version}: {found.title}. {found.description}"
    sentence += f" SNOMED CT {groups}." if groups else ""
    say(_describe(found), as_json, sentence)


@criteria.command("sign")
@click.argument("name")
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--organisation", metavar="CODE", help="For which you sign, when it could be several.")
@as_option
@code_option
@json_option
@pass_console
def sign_command(
    console: Console,
    name: str,
    practice_code: str,
    organisation: str | None,
    email: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Sign the criteria for a practice, as its lead or as its partner."""
    if email is None:
        raise Refused("who-signs", "A person signs criteria: say who with --as EMAIL.")
    account = console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    state = sign_criteria(console.database, practice_code, name, account, organisation)
    signed = state.as_json() | {"practice": practice_code}
    names = " and ".join(signed["signed"])
    say(signed, as_json, f"{name} version {signed['version']} for {practice_code}: signed by {names}.")
