"""`backup` and `restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.accounts.rights import require
from bot.audit import Actor
from bot.console import Console, as_option, json_option, pass_console, say
from bot.messaging.twilio.gateway import LookUpFailed
from bot.operations.backup import back_up
from bot.operations.locking import only_serve
from bot.operations.restoring import Restored, restore, settle_after_restore
from bot.operations.rights import RESTORE


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_console
def backup(console: Console, file: Path, as_json: bool) -> None:
    """Write everything into a new FILE. The service may go on meanwhile. Keep it as safe as the database."""
    note, rows = back_up(console.database, file)
    answer = {"file": str(file), "at": note.at.isoformat(), "database": note.database, "rows": rows}
    say(answer, as_json, f"{rows} rows are in {file}. It holds patients' data: keep it as safe as the database.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--force", is_flag=True, help="Replace what the database holds.")
@click.option("--unsealed", is_flag=True, help="You know where FILE comes from, though its seal cannot be checked.")
@click.option(
    "--put-back-to",
    "moment",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]),
    help="Instead of FILE: the database was put back to this moment by other means (2026-12-03T09:00+00:00).",
)
@as_option
@json_option
@pass_console
def restore_command(
    console: Console,
    file: Path | None,
    force: bool,
    unsealed: bool,
    moment: datetime | None,
    email: str | None,
    as_json: bool,
) -> None:
    """Put a backup back. Nothing goes twice: what may have gone out since is looked up at Twilio first."""
    if (file is None) == (moment is None):
        raise click.UsageError("Name a FILE, or say with --put-back-to at which moment the database stands.")
    with console.database.read() as session:
        actor = require(session, console.actor(email), RESTORE, None)
    with only_serve(console.settings):
        if file is not None:
            # A demo has made its key by itself, and nobody keeps it.
            trusted = unsealed or not console.settings.live
            done = restore(console.database, file, actor, force=force, trusted=trusted)
        else:
            done = settle_after_restore(console.database, _aware(moment), actor)
        answer = _answer(done) | _catch_up(console, done, actor)
    say(answer, as_json, _sentences(answer))


def _aware(moment: datetime | None) -> datetime:
    if moment is None:
        raise click.UsageError("Say at which moment the database stands.")
    return moment.astimezone(UTC)


def _answer(done: Restored) -> dict[str, Any]:
    return {
        "backup_at": done.backup_at.isoformat(),
        "rows": done.rows,
        "uncertain": done.uncertain,
        "held_campaigns": done.held_campaigns,
    }


def _catch_up(console: Console, done: Restored, actor: Actor) -> dict[str, Any]:
    """What Twilio knows of the time since; without it the restore stands, and says what to do."""
    from bot.messaging.twilio.gateway import Gateway
    from bot.operations.catching_up import catch_up

    try:
        caught = catch_up(console.database, console.settings, Gateway(console.settings), done.backup_at)
    except LookUpFailed:
        return {"caught_up": False, "received": 0, "set_aside": 0}
    again = settle_after_restore(console.database, done.backup_at, actor)
    return {
        "caught_up": True,
        "received": caught.received,
        "set_aside": caught.set_aside,
        "uncertain": again.uncertain,
        "held_campaigns": done.held_campaigns + again.held_campaigns,
    }


def _sentences(answer: dict[str, Any]) -> str:
    lines = [
        f"{answer['rows']} rows stand as they were at {answer['backup_at']}.",
        f"{answer['uncertain']} texts may have gone out since: they are looked up at Twilio before any goes again.",
        f"{answer['held_campaigns']} campaigns are on hold. Resume them once you have looked.",
    ]
    if answer["caught_up"]:
        lines.append(f"{answer['received']} texts from people since then are in again; {answer['set_aside']} waiting ")
        lines[-1] += "people were texted since and are not invited again."
    else:
        lines.append(
            "Twilio could not be asked what happened since. Before you resume a campaign, run again: "
            f"python -m bot restore --put-back-to {answer['backup_at'][:16]}+00:00"
        )
    return "\n".join(lines)
