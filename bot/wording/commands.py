"""`texts`, as far as they need the database: how wordings stand, who stands by them, PO files out and in."""

from pathlib import Path
from typing import Any, BinaryIO

import click

from bot.accounts.second_factor import confirm_by_code
from bot.console import Console, as_option, code_option, json_option, pass_console, say, say_lines
from bot.refusals import Refused
from bot.texts.catalogue import catalogue
from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts
from bot.texts.wording import example_values, fill
from bot.wording.approvals import Approved, approve_wordings, withdraw_approval
from bot.wording.po_files import LARGEST_PO, PoImport, export_po, import_po
from bot.wording.rights import require_known
from bot.wording.standing import read_standing, read_standings
from bot.wording.text_commands import texts
from bot.wording.waiting import people_by_language, people_waiting

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
    with console.database.read() as session:
        standing = read_standing(session, key, tag)
    words = standing.in_force or (standing.candidate and standing.candidate.wording)
    if not words:
        raise Refused("no-wording", f"{key} has no wording in {tag}. See: texts list")
    body = fill(text, tag, words.body, example_values(text))
    return {
        "text": key,
        "language": tag,
        "body": body,
        "parts": count_parts(body).parts,
        "approved": standing.in_force is not None,
    }


@texts.command("review")
@language_option
@json_option
@pass_console
def review(console: Console, tag: str, as_json: bool) -> None:
    """Say how each text stands in a language, and how many people wait for it."""
    require_known((), tag)
    with console.database.read() as session:
        people = people_by_language(session)
        lines = [
            {
                "text": standing.text.key,
                "language": tag,
                "state": str(standing.state),
                "people_waiting": people_waiting(standing, people),
            }
            for standing in read_standings(session, [tag])
        ]
    say_lines(lines, as_json, ("text", "language", "state", "people_waiting"))


@texts.command("export")
@click.argument("tag", metavar="LANGUAGE")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@pass_console
def export_command(console: Console, tag: str, file: Path, as_json: bool) -> None:
    """Write a language's wordings to a PO file, for Weblate or Poedit; what is not approved is fuzzy."""
    with console.database.read() as session:
        content, number = export_po(session, tag)
    try:
        file.write_bytes(content)
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}). Name a file in a folder that can."
        raise Refused("cannot-write", message) from None
    say({"texts": number}, as_json, f"{number} texts are in {file}.")


@texts.command("import")
@click.argument("file", type=click.File("rb"))
@as_option
@json_option
@pass_console
def import_command(console: Console, file: BinaryIO, email: str | None, as_json: bool) -> None:
    """Read wordings from a PO file; each is a draft until people approve it."""
    result = import_po(console.database, file.read(LARGEST_PO + 1), console.actor(email))
    say(result.answer(), as_json, _imported(result))


def _imported(result: PoImport) -> str:
    lines = [f"line {problem.row}, {problem.column}: {problem.message}" for problem in result.problems]
    counts = f"{result.stored} new, {result.duplicates} known already, {result.rejected} rejected"
    return "\n".join([*lines, f"{result.rows} wordings in {LANGUAGES[result.language].english}: {counts}."])


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
    done = approve_wordings(console.database, None if everything else [key or ""], tag, account)
    say({**_answer(done, key), "language": tag}, as_json, _sentence(done, tag))


def _answer(done: Approved, key: str | None) -> dict[str, Any]:
    """For one text that waits for another reader, that it is not approved; else the keys newly approved."""
    if key in done.needs:
        return {"approved": False, "needs": done.needs[key]}
    return (
        {"approved": done.keys}
        | ({"needs": done.needs} if done.needs else {})
        | ({"own": done.own} if done.own else {})
    )


def _sentence(done: Approved, tag: str) -> str:
    sentences = [f"{len(done.keys)} text(s) newly approved in {tag}."]
    if done.needs:
        sentences.append(f"Another person has to approve: {', '.join(done.needs)}.")
    if done.own:
        sentences.append(f"Somebody else has to approve what you wrote yourself: {', '.join(done.own)}.")
    return " ".join(sentences)
