"""`languages`: what each has, installing and scoring models, and switching them on."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.accounts.second_factor import confirm_by_code
from bot.audit import CONSOLE
from bot.console import Console, as_option, code_option, json_option, need_schema, pass_console, say, say_lines
from bot.refusals import Refused
from bot.texts.languages import LANGUAGES
from bot.translation.apart import EngineApart, engine_apart
from bot.translation.fetching import fetch_package, packages_of
from bot.translation.identify_command import identify_command
from bot.translation.installing import fill_demo_folder, install_package
from bot.translation.listing import list_languages
from bot.translation.packages import TRIAL_LABEL, Package, pair_in_words
from bot.translation.scoring import score_model
from bot.translation.switching import known_language, switch_language

PACKAGE_ENDING = ".argosmodel"
_COLUMNS = ("language", "name", "wording", "approved", "lifelines", "lists", "danger", "model", "chrf", "on")
_REPORT_EVERY = 10_000_000  # bytes
tag_argument = click.argument("tag", metavar="TAG")
from_option = click.option("--from", "source", required=True, metavar="TAG", help="Such as en or ur.")
to_option = click.option("--to", "target", required=True, metavar="TAG", help="Such as ur or en.")


@contextmanager
def engine_of_command(console: Console) -> Iterator[EngineApart]:
    """Models for the time of one command, in a child that ends with it; in demo the two test packages are there."""
    need_schema(console.database)
    fill_demo_folder(console.database, console.settings)
    engine = engine_apart(console.settings)
    try:
        yield engine
    finally:
        engine.close()


@click.group()
def languages() -> None:
    """Languages, and the models that translate them."""


languages.add_command(identify_command)


@languages.command("list")
@json_option
@pass_console
def list_command(console: Console, as_json: bool) -> None:
    """Each language with its wording, approvals, lifelines, models and scores."""
    need_schema(console.database)
    fill_demo_folder(console.database, console.settings)
    with console.database.read() as session:
        rows = list(list_languages(session, console.settings))
    say_lines(rows, as_json, _COLUMNS)
    for model in (model for row in rows for model in row["models"] if model["problem"]):
        click.echo(f"{model['from']}-{model['to']} is not used: {model['problem']}. Install it again.", err=True)


@languages.command("install")
@click.argument("what", metavar="TAG|FILE")
@json_option
@pass_console
def install_command(console: Console, what: str, as_json: bool) -> None:
    """Install a package file, or for a TAG fetch both directions from Argos's index; only this command fetches."""
    with engine_of_command(console) as engine, tempfile.TemporaryDirectory() as folder:
        for path in _package_files(what, Path(folder)):
            package = install_package(console.database, console.settings, path, CONSOLE, engine)
            say(_answer(package), as_json, _sentence(package))


def _package_files(what: str, folder: Path) -> Iterator[Path]:
    if what.endswith(PACKAGE_ENDING) or os.sep in what or Path(what).exists():
        yield Path(what)
        return
    for listed in packages_of(known_language(what)):
        yield fetch_package(listed, folder, _progress())


def _progress() -> Any:
    """A line on stderr for every ten million bytes."""
    reported = 0

    def report(name: str, so_far: int) -> None:
        nonlocal reported
        if so_far // _REPORT_EVERY > reported:
            reported = so_far // _REPORT_EVERY
            click.echo(f"{name}: {so_far // 1_000_000} MB", err=True)

    return report


def _answer(package: Package) -> dict[str, Any]:
    pair = {"from": package.from_language, "to": package.to_language}
    return pair | {"version": package.version, "sha256": package.sha256, "trial": package.trial}


def _sentence(package: Package) -> str:
    pair = pair_in_words(package.from_language, package.to_language)
    warning = f" It was {TRIAL_LABEL}." if package.trial else ""
    return f"{pair}, version {package.version}, is installed ({package.sha256[:8]}).{warning}"


@languages.command("score")
@click.argument("file", type=click.Path(path_type=Path))
@from_option
@to_option
@json_option
@pass_console
def score_command(console: Console, file: Path, source: str, target: str, as_json: bool) -> None:
    """Score a model on FILE: a source, a tab and its translation a line. chrF, 0 to 100."""
    direction = (known_language(source), known_language(target))
    with engine_of_command(console) as engine:
        score = score_model(console.database, engine, file, direction, _lines_done)
    answer = {"from": source, "to": target, "lines": score.lines, "chrf": score.chrf}
    say(answer, as_json, f"{pair_in_words(*direction)}: chrF {score.chrf} on {score.lines:,} lines.")


def _lines_done(done: int, of: int) -> None:
    if of > done and done % 320 == 0:
        click.echo(f"{done:,} of {of:,} lines", err=True)


@languages.command("on")
@tag_argument
@as_option
@code_option
@json_option
@pass_console
def on_command(console: Console, tag: str, email: str | None, code: str | None, as_json: bool) -> None:
    """Let the models translate from and to a language; in live only once they have been scored."""
    _switch(console, tag, email, code, as_json, on=True)


@languages.command("off")
@tag_argument
@as_option
@code_option
@json_option
@pass_console
def off_command(console: Console, tag: str, email: str | None, code: str | None, as_json: bool) -> None:
    """Let nothing be translated from or to a language any more."""
    _switch(console, tag, email, code, as_json, on=False)


def _switch(console: Console, tag: str, email: str | None, code: str | None, as_json: bool, *, on: bool) -> None:
    if email is None:
        raise Refused("needs-person", "A language is switched on or off by a person.", by_command="add --as EMAIL")
    name = LANGUAGES[known_language(tag)].english
    account = console.account(email)
    confirm_by_code(console.database, console.settings, account, code)
    changed = switch_language(console.database, console.settings, tag, account, on=on)
    state = "on" if on else "off"
    sentence = f"Machine translation of {name} is {state}." if changed else f"It was {state} already."
    say({"language": tag, "on": on, "changed": changed}, as_json, sentence)
