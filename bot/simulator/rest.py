"""Twilio's Messages resource (twilio.com/docs/messaging/api/message-resource)."""

import hmac
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bot.simulator import errors
from bot.simulator.message_list import read_search, show_page
from bot.simulator.network import Network, Sender
from bot.simulator.phone_numbers import can_be_texted, read_number
from bot.simulator.resource import as_resource

BODY_LIMIT = 1600
blueprint = Blueprint("rest", __name__, url_prefix="/2010-04-01")


def network() -> Network:
    """The network of the running application."""
    found: Network = current_app.extensions["network"]
    return found


@blueprint.errorhandler(errors.TwilioError)
def refuse(error: errors.TwilioError) -> ResponseReturnValue:
    """Answer with Twilio's error body."""
    return error.as_json(), error.status


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> ResponseReturnValue:
    """Answer what the framework refuses the way Twilio would."""
    if isinstance(error, MethodNotAllowed):
        return refuse(errors.TwilioError(20004, "Method not allowed", 405))
    return refuse(errors.TwilioError(20001, error.description or "Bad request", error.code or 400))


@blueprint.before_request
def check_account() -> None:
    """Only the account's own sid and token come in, and only to its own resources."""
    config, given = network().config, request.authorization
    known = (
        given is not None
        and hmac.compare_digest((given.username or "").encode(), config.account_sid.encode())
        and hmac.compare_digest((given.password or "").encode(), config.auth_token.encode())
    )
    if not known:
        raise errors.not_authenticated()
    if (request.view_args or {}).get("account_sid", config.account_sid) != config.account_sid:
        raise errors.not_found(request.path)
    if network().faults.strikes("latency"):
        time.sleep(network().faults.seconds("latency"))


@blueprint.post("/Accounts/<account_sid>/Messages.json")
def create_message(account_sid: str) -> ResponseReturnValue:
    """Take a message, or refuse it with Twilio's code."""
    faults = network().faults
    if faults.strikes("drop-before"):
        return drop_connection()
    if faults.strikes("429"):
        raise errors.too_many_requests()
    for status in (500, 503):
        if faults.strikes(f"{status}-before"):
            raise errors.server_error(status)
    sender, handset, body, callback_url = _read_message(request.form)
    message = network().accept(sender, handset, body, callback_url)
    if faults.strikes("drop-after"):
        return drop_connection()
    if faults.strikes("500-after"):
        raise errors.server_error(500)
    return as_resource(message, account_sid), 201


@blueprint.get("/Accounts/<account_sid>/Messages/<sid>.json")
def fetch_message(account_sid: str, sid: str) -> ResponseReturnValue:
    """One message."""
    message = network().store.message(sid)
    if message is None or message.network:
        raise errors.not_found(request.path)
    return as_resource(message, account_sid)


@blueprint.get("/Accounts/<account_sid>/Messages.json")
def list_messages(account_sid: str) -> ResponseReturnValue:
    """The messages that match the filters, newest first, a page at a time."""
    return show_page(network().store, read_search(request.args), request.args, account_sid)


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
def nothing_here(rest: str) -> ResponseReturnValue:
    """Any other resource of Twilio's is not simulated."""
    raise errors.not_found(request.path)


def _read_message(form: Mapping[str, str]) -> tuple[Sender, str, str, str | None]:
    handset = _read_recipient(form.get("To", ""))
    sender = _read_sender(form)
    body = form.get("Body", "")
    if not body.strip():
        raise errors.TwilioError(21602, "Message body is required.")
    if len(body) > BODY_LIMIT:
        raise errors.TwilioError(21617, "The concatenated message body exceeds the 1600 character limit")
    callback_url = form.get("StatusCallback") or None
    if callback_url and not _is_web_address(callback_url):
        raise errors.TwilioError(21609, f"The StatusCallback URL {callback_url} is not a valid URL.")
    blocked = network().store.is_blocked(sender.service_sid or sender.number, handset)
    if blocked or network().faults.strikes("21610"):
        raise errors.opted_out()
    return sender, handset, body, callback_url


def _read_recipient(given: str) -> str:
    if not given.strip():
        raise errors.TwilioError(21604, "A 'To' phone number is required.")
    number = read_number(given) if given.strip().startswith("+") else None
    if number is None:
        raise errors.TwilioError(21211, f"The 'To' number {given} is not a valid phone number.")
    if not can_be_texted(number):
        raise errors.TwilioError(21614, f"'To' number: {given}, is not a valid mobile number")
    return number


def _read_sender(form: Mapping[str, str]) -> Sender:
    name = form.get("MessagingServiceSid") or form.get("From", "")
    if not name:
        raise errors.TwilioError(21603, "A 'From' phone number is required.")
    try:
        return network().sender(name)
    except LookupError:
        pass
    if form.get("MessagingServiceSid"):
        raise errors.not_found(f"/Services/{name}")
    raise errors.TwilioError(
        21606,
        f"The From phone number {name} is not a valid, SMS-capable inbound phone number or short code "
        "for your account.",
    )


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 4000
    except ValueError:
        return False


def drop_connection() -> Response:
    """Close the connection without an answer. What is returned is never seen.

    Waitress hands out no socket, but a method of the channel that holds it.
    """
    channel = request.environ["waitress.client_disconnected"].__self__
    channel.socket.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
