"""`messages list`: what went out and what came in."""

import click

from bot.campaigns.finding import unknown_campaign
from bot.console import Console, RowNumber, json_option, pass_console, say_lines
from bot.messaging.listing import list_messages
from bot.tables.campaigns import Campaign


@click.group()
def messages() -> None:
    """Texts sent and received."""


@messages.command("list")
@click.option("--campaign", "campaign_id", type=RowNumber("campaign"), help="Only those of one campaign.")
@click.option("--direction", type=click.Choice(["out", "in"]), help="Only texts sent, or only texts received.")
@json_option
@pass_console
def list_(console: Console, campaign_id: int | None, direction: str | None, as_json: bool) -> None:
    """One message a line, oldest first."""
    with console.database.read() as session:
        if campaign_id is not None and session.get(Campaign, campaign_id) is None:
            raise unknown_campaign(campaign_id)
        rows = list_messages(session, campaign_id, direction)
        columns = ("id", "direction", "kind", "state", "language", "parts", "to", "created", "body")
        say_lines(rows if as_json else list(rows), as_json, columns)
