"""The commands about texts: what there is, what is wrong with it, how many parts a text takes."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

import click

from bot.texts.catalogue import CatalogueError, Text, catalogue
from bot.texts.check import ALL_LANGUAGES, Problem, check_wordings
from bot.texts.compiling import compile_wordings
from bot.texts.languages import WORDED
from bot.texts.parts import PartCount, count_parts
from bot.texts.wording import LOCALES_DIR, WordingError, read_wording
from bot.understanding.compiled import compile_lists

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON alone.")

_UNIT = {"GSM-7": "units", "UCS-2": "16-bit units"}


@click.group()
def texts() -> None:
    """The texts people get: list them, check them, count their parts."""


def print_json(answer: object) -> None:
    """Print one JSON value on a line of its own and send it off at once."""
    click.echo(json.dumps(answer, ensure_ascii=False))


def _refuse(code: str, message: str, as_json: bool) -> None:
    if as_json:
        print_json({"refused": code, "message": message})
    else:
        click.echo(message, err=True)
    sys.exit(1)


def refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Answer a file that a person must mend with a sentence or a refusal in JSON, and exit 1."""

    @wraps(command)
    def wrapped(*args: Any, as_json: bool, **kwargs: Any) -> None:
        try:
            command(*args, as_json=as_json, **kwargs)
        except CatalogueError as error:
            _refuse("catalogue-unreadable", str(error), as_json)
        except WordingError as error:
            _refuse("wording-unreadable", str(error), as_json)

    return wrapped


def _listing(text: Text) -> dict[str, Any]:
    return {
        "text": text.key,
        "purpose": text.purpose,
        "kind": text.kind,
        "lifeline": text.lifeline,
        "slots": list(text.slots),
        "cap": text.cap,
        "languages": [tag for tag in ALL_LANGUAGES if read_wording(text, tag, LOCALES_DIR)],
    }


@texts.command("list")
@json_option
@refusing
def list_texts(as_json: bool) -> None:
    """List every text with its purpose, its slots, its cap and the languages that have wording."""
    for listing in [_listing(text) for text in catalogue().values()]:
        if as_json:
            print_json(listing)
            continue
        click.echo(f"{listing['text']} ({listing['kind']}, at most {_parts(listing['cap'])})")
        click.echo(f"    {listing['purpose']}")
        click.echo(f"    slots: {' '.join(listing['slots']) or 'none'}")
        click.echo(f"    languages: {' '.join(listing['languages'])}")


def _parts(number: int) -> str:
    return f"{number} part" if number == 1 else f"{number} parts"


def _print_problems(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.text or 'all texts'} [{problem.language}] {problem.code}: {problem.message}")
    if problems:
        click.echo(f"{len(problems)} to mend.")
    else:
        languages = f"{len(WORDED)} languages, the lifelines in {len(ALL_LANGUAGES)}"
        click.echo(f"{len(catalogue())} texts in {languages}: nothing to mend.")


@texts.command("check")
@json_option
@refusing
def check_texts(as_json: bool) -> None:
    """Look for faults in every wording of every text; exit 1 when there are some."""
    problems = check_wordings(locales_dir=LOCALES_DIR)
    if as_json:
        counts = {"languages": len(ALL_LANGUAGES), "texts": len(catalogue())}
        print_json({"problems": [asdict(problem) for problem in problems], **counts})
    else:
        _print_problems(problems)
    sys.exit(1 if problems else 0)


def _count_line(line: bytes) -> dict[str, Any]:
    refusal = {"refused": "not-json", "message": 'Give one JSON string a line, such as "Hello".'}
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return refusal
    return asdict(count_parts(body)) if isinstance(body, str) else refusal


def _converse() -> None:
    refused = False
    for line in sys.stdin.buffer:
        answer = _count_line(line)
        refused = refused or "refused" in answer
        print_json(answer)
    sys.exit(1 if refused else 0)


def _sentence(count: PartCount) -> str:
    return f"{_parts(count.parts)}: {count.units} {_UNIT[count.encoding]} in {count.encoding}"


@texts.command("count")
@click.argument("text", required=False)
@json_option
def count_text(text: str | None, as_json: bool) -> None:
    """Count the SMS parts of TEXT, or of each line on standard input, a JSON string a line."""
    if text is None:
        _converse()
        return
    count = count_parts(text)
    if as_json:
        print_json(asdict(count))
    else:
        click.echo(_sentence(count))


@texts.command("compile")
@json_option
@refusing
def compile_texts(as_json: bool) -> None:
    """Compile the wording of every language, so that it can be sent, and the words of replies, to be loaded quickly."""
    compiled, read = compile_wordings(LOCALES_DIR), compile_lists(LOCALES_DIR)
    if as_json:
        print_json({"compiled": compiled, "reply_lists": read})
    else:
        click.echo(f"The wording of {compiled} languages is compiled, and the reply words of {read}.")
