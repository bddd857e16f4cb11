"""`texts show` and `texts approve`: wording with its approval."""

from typing import Any

import click

from bot.accounts.second_factor import confirm_by_code
from bot.console import Console, as_option, code_option, json_option, pass_console, say
from bot.refusals import Refused
from bot.texts.catalogue import catalogue
from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts
from bot.texts.wording import example_values, fill, wording_for
from bot.wording.approvals import approve_wordings, withdraw_approval
from bot.wording.composing import approvals_in_force
from bot.wording.text_commands import texts

language_option = click.option("--language", "tag", required=True, metavar="TAG", help="Such as ur or pa-Guru.")


@texts.command("show")
@click.argument("key")
@language_option
@json_option
@pass_console
def show(console: Console, key: str, tag: str, as_json: bool) -> None:
    """Show one text in one language with example values, its parts, and whether it is approved."""
    shown = _shown(console, key, tag)
    mark = "approved" if shown["approved"] else "DRAFT, not approved"
    parts = f"{shown['parts']} part{'' if shown['parts'] == 1 else 's'}"
    say(shown, as_json, f"{shown['body']}\n\n{key} [{tag}]: {parts}, {mark}")


def _shown(console: Console, key: str, tag: str) -> dict[str, Any]:
    text = catalogue().get(key)
    if text is None:
        raise Refused("unknown-text", f"There is no text {key}. See: texts list")
    if tag not in LANGUAGES:
        raise Refused("unknown-language", f"There is no language {tag}. See: texts list")
    wording = wording_for(key, tag)
    if wording is None:
        raise Refused("no-wording", f"{key} has no wording in {tag}. See: texts list")
    body = fill(text, tag, wording.body, example_values(text))
    with console.database.read() as session:
        approved = (key, tag, wording.digest) in approvals_in_force(session)
    return {
        "text": key,
        "language": tag,
        "body": body,
        "parts": count_parts(body).parts,
        "approved": approved,
    }


@texts.command("approve")
@click.argument("key", required=False)
@click.option("--all", "everything", is_flag=True, help="Every text that has wording in the language.")
@click.option("--withdraw", is_flag=True, help="Take the approval back instead.")
@language_option
@as_option
@code_option
@json_option
@pass_console
def approve(
    console: Console,
    key: str | None,
    everything: bool,
    withdraw: bool,
    tag: str,
    email: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """Stand by the wording of a text in a language; live sends nothing that is not approved."""
    if (key is None) != everything:
        raise click.UsageError("Name one text, or say --all.")
    if withdraw and everything:
        raise click.UsageError("Name the text whose approval is taken back.")
    if email is None:
        raise Refused("needs-person", "Wording is approved by a person: add --as EMAIL.")
    account = console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    if withdraw:
        taken = withdraw_approval(console.database, key or "", tag, account)
        say({"withdrawn": taken, "language": tag}, as_json, f"{taken} approval(s) taken back.")
        return
    approved = approve_wordings(console.database, None if everything else [key or ""], tag, account)
    say({"approved": approved, "language": tag}, as_json, f"{len(approved)} text(s) newly approved in {tag}.")
