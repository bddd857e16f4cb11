"""What scripts and tests steer: handsets that text, faults, answers, the ledger."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.faults import FAULTS
from bot.simulator.phone_numbers import read_number
from bot.simulator.phrases import guess_language
from bot.simulator.records import CallbackTry, Message, iso
from bot.simulator.rest import BODY_LIMIT, network

blueprint = Blueprint("control", __name__, url_prefix="/control")


@blueprint.post("/inbound")
def inbound() -> ResponseReturnValue:
    """A handset sends a text. The service's webhook has been called when this answers."""
    given = _given()
    handset = read_number(str(given.get("from", "")))
    body, to = given.get("body"), given.get("to")
    if handset is None:
        return _wrong('"from" must be a phone number such as +447700900123.')
    if not isinstance(body, str) or len(body) > BODY_LIMIT:
        return _wrong(f'"body" must be text of at most {BODY_LIMIT} characters.')
    try:
        message, last = network().handset_sends(handset, body, str(to) if to else None)
    except LookupError:
        return _wrong('"to" is none of this account\'s senders.')
    return jsonify(sid=message.sid, delivered=last.delivered, status=last.status)


@blueprint.get("/ledger")
def ledger() -> ResponseReturnValue:
    """Every message accepted from the service, one JSON object a line, in order of acceptance.

    With `?all=1` also the network's own answers to STOP, START and HELP, marked `"network": true`.
    """
    everything = request.args.get("all") == "1"
    entries = network().store.ledger()

    def lines() -> Iterator[str]:
        for message, tries in entries:
            if everything or not message.network:
                yield json.dumps(_ledger_entry(message, tries), ensure_ascii=False) + "\n"

    return Response(lines(), mimetype="application/x-ndjson")


@blueprint.get("/handset/<number>")
def handset(number: str) -> ResponseReturnValue:
    """Both directions of one handset, oldest first."""
    known = read_number(number)
    if known is None:
        return _wrong("That is not a phone number.")
    messages = [_handset_entry(message) for message in network().store.conversation(known)]
    return jsonify(number=known, messages=messages)


@blueprint.post("/answers")
def answers() -> ResponseReturnValue:
    """Let handsets answer by themselves, or not."""
    on = _given().get("on")
    if not isinstance(on, bool):
        return _wrong('"on" must be true or false.')
    network().set_answers(on)
    return jsonify(on=on)


@blueprint.get("/answers")
def show_answers() -> ResponseReturnValue:
    """Whether handsets answer by themselves."""
    return jsonify(on=network().answers_on)


@blueprint.post("/faults")
def set_fault() -> ResponseReturnValue:
    """Make every n-th request, message or callback go wrong; `every` 0 ends it."""
    given = _given()
    every, seconds = given.get("every", 1), given.get("seconds")
    if not isinstance(every, int) or not isinstance(seconds, int | float | None):
        return _wrong('"every" must be a whole number and "seconds" a number.')
    try:
        network().faults.set(str(given.get("fault", "")), every, seconds)
    except ValueError as error:
        return jsonify(error=str(error), faults=FAULTS), 400
    return show_faults()


@blueprint.get("/faults")
def show_faults() -> ResponseReturnValue:
    """The faults there are, and those switched on."""
    return jsonify(faults=FAULTS, active=network().faults.active())


def _given() -> dict[str, Any]:
    given = request.get_json(silent=True, force=True)
    return given if isinstance(given, dict) else request.form.to_dict()


def _wrong(why: str) -> ResponseReturnValue:
    return jsonify(error=why), 400


def _ledger_entry(message: Message, tries: list[CallbackTry]) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "to": message.handset,
        "from": message.sender,
        "body": message.body,
        "parts": message.parts,
        "status": message.status,
        "error_code": message.error_code,
        "spoken": message.spoken,
        "network": message.network,
        "accepted_at": iso(message.created_at),
        "callbacks": [
            {"status": one.status, "at": iso(one.at), "outcome": one.outcome, "problem": one.problem} for one in tries
        ],
    }


def _handset_entry(message: Message) -> dict[str, Any]:
    ends = (message.handset, message.sender) if message.inbound else (message.sender, message.handset)
    return {
        "sid": message.sid,
        "direction": message.direction,
        "from": ends[0],
        "to": ends[1],
        "body": message.body,
        "language": guess_language(message.body),
        "status": message.status,
        "webhook_status": message.webhook_status,
        "network": message.network,
        "at": iso(message.created_at),
    }
