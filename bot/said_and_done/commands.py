"""`campaign publish` and `campaign unpublish`."""

from dataclasses import asdict
from typing import Any

import click

from bot.appointments.visits import written
from bot.console import Console, RowNumber, as_option, json_option, pass_console, say
from bot.said_and_done.campaign_languages import page_languages
from bot.said_and_done.page_words import keys_of
from bot.said_and_done.publishing import Published, publish_page, take_back_page, told_back
from bot.tables.campaigns import Campaign


@click.command()
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@click.option("--changed", metavar="KEY", multiple=True, help="A sentence on what changed; can be given again.")
@as_option
@json_option
@pass_console
def publish_command(
    console: Console, campaign_id: int, changed: tuple[str, ...], email: str | None, as_json: bool
) -> None:
    """Show everybody what came of a campaign, on a page of its own."""
    published = publish_page(console.database, console.settings, campaign_id, changed, console.actor(email))
    answer = _as_json(console, published) | _languages(console, published)
    again = "" if not published.counted or not published.counted.stay else " The numbers stay as they were counted."
    left_out = f" Not in: {', '.join(answer['left_out'])}." if answer["left_out"] else ""
    say(answer, as_json, f"Campaign {campaign_id} can be read at {answer['url']}.{again}{left_out}")


@click.command()
@click.argument("campaign_id", metavar="ID", type=RowNumber("campaign"))
@as_option
@json_option
@pass_console
def unpublish_command(console: Console, campaign_id: int, email: str | None, as_json: bool) -> None:
    """Take the public page of a campaign back; its address then shows nothing."""
    taken = take_back_page(console.database, campaign_id, console.actor(email))
    say(_as_json(console, taken), as_json, f"Campaign {campaign_id} has no public page now.")


def _as_json(console: Console, published: Published) -> dict[str, Any]:
    url = f"{console.settings.base_url}/done/{published.code}" if published.published else None
    answer: dict[str, Any] = {"campaign": published.campaign, "published": published.published, "url": url}
    if published.counted is None:
        return answer
    return answer | {
        "counted": written(published.counted.counted_at),
        "counted_anew": not published.counted.stay,
        "figures": asdict(published.counted.figures),
        "changed": list(published.changed),
    }


def _languages(console: Console, published: Published) -> dict[str, list[str]]:
    """The languages the page is in, and those of the campaign's people that it is not in."""
    with console.database.read() as session:
        campaign = session.get_one(Campaign, published.campaign)
        keys = keys_of(told_back(campaign), published.changed)
        languages = page_languages(session, console.settings, campaign, keys)
    return {
        "languages": sorted(one.tag for one in languages if not one.left_out),
        "left_out": sorted(one.tag for one in languages if one.left_out and one.people),
    }
