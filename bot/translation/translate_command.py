"""`translate`: a text through the models on this machine, with what the checks say; nothing is sent or stored."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from bot.console import Console, json_option, pass_console, say
from bot.database import Database
from bot.refusals import Refused
from bot.texts.languages import LANGUAGES
from bot.translation.commands import engine_of_command, from_option, to_option
from bot.translation.engines import Engine, Fault, Model
from bot.translation.judging import IN_WORDS
from bot.translation.models import note_fault, note_token_form, usable_models
from bot.translation.packages import TRIAL_LABEL
from bot.translation.pipeline import Pipeline, Result, Wanted
from bot.translation.switching import known_language


@click.command("translate")
@from_option
@to_option
@json_option
@click.argument("text", required=False)
@pass_console
def translate(console: Console, source: str, target: str, as_json: bool, text: str | None) -> None:
    """Translate TEXT and back, with what the checks say. Without TEXT, one JSON object a line, one answer a line."""
    direction = (known_language(source), known_language(target))
    with engine_of_command(console) as engine:
        pipeline = pipeline_of(console.database, engine)
        if text is None:
            sys.exit(_answer_lines(pipeline, *direction))
        result = _translate(pipeline, text, *direction)
    if result.failure:
        raise Refused(result.failure, IN_WORDS[result.failure])
    say(_answer(result), as_json, _sentences(result))


def pipeline_of(db: Database, engine: Engine) -> Pipeline:
    """A pipeline with the models that are recorded."""

    def keep_form(model: Model, form: str) -> None:
        with db.write() as session:
            note_token_form(session, model, form)

    def keep_fault(model: Model, fault: Fault) -> None:
        with db.write() as session:
            note_fault(session, model, fault)

    with db.read() as session:
        models = usable_models(session)
    return Pipeline(engine, models, note_form=keep_form, note_fault=keep_fault)


def _translate(pipeline: Pipeline, text: str, source: str, target: str) -> Result:
    [(_, result)] = pipeline.translate([Wanted(text, source, target, back=True)])
    return result


def _answer_lines(pipeline: Pipeline, source: str, target: str) -> int:
    """Answer every line of standard input, at once; 1 when a line was refused, else 0."""
    status = 0
    for line in sys.stdin.buffer:
        answer = _answer_line(pipeline, line, source, target)
        status = max(status, int("refused" in answer))
        click.echo(json.dumps(answer, ensure_ascii=False))
        sys.stdout.flush()
    return status


def _answer_line(pipeline: Pipeline, line: bytes, source: str, target: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return _refusal("bad-line", "This line is not JSON. Send one JSON object a line.")
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        return _refusal("bad-line", 'This line has no text. Send {"text": "..."}, with "from" and "to" if others.')
    if any("\ud800" <= char <= "\udfff" for char in given["text"]):
        return _refusal("bad-line", "The text of this line has half a character (a lone surrogate).")
    tags = [given.get("from") or source, given.get("to") or target]
    unknown = next((tag for tag in tags if not isinstance(tag, str) or tag not in LANGUAGES), None)
    if unknown is not None:
        return _refusal("unknown-language", f"There is no language {unknown}. Give a tag such as ur, pa-Guru or pl.")
    result = _translate(pipeline, given["text"], *tags)
    return _refusal(result.failure, IN_WORDS[result.failure]) if result.failure else _answer(result)


def _refusal(code: str, message: str) -> dict[str, Any]:
    return {"refused": code, "message": message}


def _answer(result: Result) -> dict[str, Any]:
    return {
        "text": result.text,
        "back": result.back,
        "checks": list(result.checks),
        "ok": result.ok,
        "model": result.model,
        "trial": result.trial,
    }


def _sentences(result: Result) -> str:
    wrong = [f"{check['check']}: {check['why']}" for check in result.checks if not check["ok"]]
    told = "\n".join(wrong) if wrong else "Every check holds."
    back = f"\nBack: {result.back}" if result.back else ""
    model = f"{result.model}, {TRIAL_LABEL}" if result.trial else result.model
    return f"{result.text}{back}\n{told}\nBy a machine ({model}); nobody has read it."
