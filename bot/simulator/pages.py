"""The page of phones: pick one, read it, answer as the person who holds it."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.simulator.options import is_about_a_visit, options_of
from bot.simulator.phone_numbers import as_read, read_number
from bot.simulator.phrases import PHRASES, guess_language
from bot.simulator.records import Message, iso
from bot.simulator.rest import BODY_LIMIT, network

blueprint = Blueprint("pages", __name__)
PHONES_LISTED = 120
"""More than one batch, so that those who stay silent can be found too."""

_INVITED = (("1", "yes"), ("2", "no"), ("0", "no more texts"), ("9", "another language"))
_ALWAYS = {"4": "other times", "5": "please phone me", "0": "no more texts"}
_ON_THE_WAY = {
    "queued": "On its way",
    "accepted": "On its way",
    "sending": "On its way",
    "sent": "On its way",
}
_WEBHOOK_FAILED = "Not delivered: the service did not answer."


@dataclass(frozen=True)
class QuickAnswer:
    """A button with an answer a patient might give, and what it means: in English, or in the words of the text."""

    body: str
    meaning: str
    lang: str
    meaning_lang: str = "en"


@dataclass(frozen=True)
class Bubble:
    """One message as the phone shows it."""

    message: Message
    lang: str
    note: str
    when: str


@blueprint.get("/")
def phones() -> ResponseReturnValue:
    """The list of phones; with `number`, off to that phone."""
    wanted = request.args.get("number")
    if wanted is None:
        return _render("phones.html")
    number = read_number(wanted)
    if number is None:
        problem = "Enter a phone number, like 07700 900123"
        return _render("phones.html", wanted=wanted, problem=problem), 400
    return redirect(url_for("pages.phone", number=number))


@blueprint.get("/phones/<number>")
def phone(number: str) -> ResponseReturnValue:
    """One phone with its conversation and the answers at hand."""
    known = read_number(number)
    if known is None:
        return redirect(url_for("pages.phones", number=number))
    return _render("phone.html", **_phone(known))


@blueprint.post("/phones/<number>")
def send(number: str) -> ResponseReturnValue:
    """The person sends a text."""
    known = read_number(number)
    if known is None:
        return redirect(url_for("pages.phones", number=number))
    body = request.form.get("quick") or request.form.get("body", "")
    problem = _problem_with(body)
    if problem:
        return _render("phone.html", **_phone(known), problem=problem, written=body), 400
    network().handset_sends(known, body)
    return redirect(url_for("pages.phone", number=known, _anchor="answer"), 303)


@blueprint.get("/phones/<number>/conversation")
def conversation(number: str) -> ResponseReturnValue:
    """The conversation and the answers alone, for the page to refresh itself."""
    shown = _phone(read_number(number) or number)
    return render_template("pages/simulator/_conversation.html", **shown)


@blueprint.get("/phones")
def phone_list() -> ResponseReturnValue:
    """The list alone, for the page to refresh itself."""
    return _render("_list.html", number=request.args.get("number"))


def _render(template: str, **values: object) -> str:
    handsets = network().store.handsets(limit=PHONES_LISTED)
    return render_template(
        f"pages/simulator/{template}", handsets=handsets, as_read=as_read, guess=guess_language, **values
    )


def _problem_with(body: str) -> str | None:
    if not body.strip():
        return "Write a text first, or press one of the answers"
    if len(body) > BODY_LIMIT:
        return f"A text can have {BODY_LIMIT} characters at most, and this one has {len(body)}"
    return None


def _phone(number: str) -> dict[str, object]:
    messages = network().store.conversation(number)
    received = [message for message in messages if not message.inbound and not message.network]
    tag = guess_language(received[-1].body) if received else "en"
    return {
        "number": number,
        "bubbles": [_bubble(message) for message in messages],
        "language": PHRASES[tag].name,
        "quick_answers": _quick_answers(tag, received[-1].body if received else ""),
    }


def _quick_answers(tag: str, asked: str) -> list[QuickAnswer]:
    says = PHRASES[tag]
    words = ((says.yes, "yes"), (says.no, "no"), (says.stop, "please stop"), (says.urgent, "urgent"))
    return [
        *_numbers(tag, asked),
        *(QuickAnswer(body, meaning, tag) for body, meaning in words),
        QuickAnswer("STOP", "the network's own word", "en"),
    ]


def _numbers(tag: str, asked: str) -> list[QuickAnswer]:
    """The numbers the last text offers; about a visit a number has the text's own meaning, or one it always has."""
    if not is_about_a_visit(asked):
        return [QuickAnswer(body, meaning, "en") for body, meaning in _INVITED]
    return [
        QuickAnswer(number, _ALWAYS[number], "en") if number in _ALWAYS else QuickAnswer(number, words, "en", tag)
        for number, words in options_of(asked)
    ]


def _bubble(message: Message) -> Bubble:
    return Bubble(message, guess_language(message.body), _note(message), iso(message.created_at))


def _note(message: Message) -> str:
    if message.network:
        return "From the phone network"
    if not message.inbound:
        if message.error_code:
            return f"Never arrived: error {message.error_code}"
        return _ON_THE_WAY.get(message.status, "Read aloud: this is a landline" if message.spoken else "")
    if message.webhook_status is None:
        return _WEBHOOK_FAILED
    if not 200 <= message.webhook_status < 300:
        return f"Not delivered: the service answered {message.webhook_status}."
    return ""
