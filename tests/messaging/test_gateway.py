"""What we make of each answer a server can give to a POST, against a real one on loopback."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from bot.clock import utc_now
from bot.messaging.twilio.errors import ERRORS, Remedy, explain
from bot.messaging.twilio.gateway import Gateway, signed_by_twilio
from bot.settings import Settings
from bot.tables.messaging import Outcome
from tests.messaging.helpers import with_changes
from tests.messaging.stand_in import CREATED, NUMBER, PATIENT, Server, claimed


def test_a_text_that_was_taken_has_a_sid(gateway: Gateway, server: Server) -> None:
    server.says(201, CREATED)
    result = gateway.send(claimed())
    assert (result.outcome, result.sid, result.status) == (Outcome.ACCEPTED, "SM1", "queued")


def test_a_sid_or_code_of_another_type_is_read_as_what_it_says(gateway: Gateway, server: Server) -> None:
    server.says(201, {"sid": 901, "status": "failed", "error_code": "30007"})
    result = gateway.send(claimed())
    assert (result.sid, result.error_code) == ("901", 30007)


def test_a_post_names_the_phone_the_words_the_sender_and_where_to_call_back(gateway: Gateway, server: Server) -> None:
    server.says(201, CREATED)
    gateway.send(claimed())
    [asked] = server.asked
    assert asked["To"] == PATIENT
    assert asked["Body"] == "سلام"
    assert asked["From"] == NUMBER
    assert "MessagingServiceSid" not in asked
    assert asked["StatusCallback"] == "http://127.0.0.1:8000/twilio/status/a-reference"
    assert asked["SmartEncoded"].lower() == "false"
    assert asked["ValidityPeriod"] == "36000"


def test_a_messaging_service_is_named_instead_of_a_number(gateway: Gateway, server: Server) -> None:
    server.says(201, CREATED)
    gateway.send(claimed(sender_number=None, sender_service="MG1"))
    assert server.asked[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in server.asked[0]


def test_the_network_keeps_a_text_no_longer_than_it_is_of_use(gateway: Gateway, server: Server) -> None:
    server.says(201, CREATED)
    gateway.send(claimed(use_by=utc_now() + timedelta(minutes=10)))
    assert 590 <= int(server.asked[0]["ValidityPeriod"]) <= 600


def test_a_region_in_the_environment_moves_nothing_elsewhere(
    settings: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.says(201, CREATED)
    gateway = Gateway(with_changes(settings, twilio_api_url=server.url))
    assert gateway.send(claimed()).outcome == Outcome.ACCEPTED


REFUSALS = [
    (400, {"code": 21610, "message": "no", "status": 400}, Outcome.REFUSED, 21610),
    (400, {"message": "no"}, Outcome.REFUSED, 400),
    (400, {"code": "21610", "message": "no"}, Outcome.REFUSED, 21610),
    (400, {"code": "invalid_number", "message": "no"}, Outcome.REFUSED, 400),
    (400, {"code": 10**14, "message": "no"}, Outcome.REFUSED, 400),
    (400, {"type": "t", "title": "t", "status": "400", "code": 21211}, Outcome.REFUSED, 21211),
    (429, {"code": "slow", "message": "slow"}, Outcome.NOT_SENT, 20429),
    (500, {"type": "t", "title": "t", "status": "oh", "code": "oh"}, Outcome.UNKNOWN, None),
    (400, {"type": "t", "title": "t", "status": 400, "code": 21211}, Outcome.REFUSED, 21211),
    (401, {"code": 20003, "message": "no", "status": 401}, Outcome.REFUSED, 20003),
    (401, "not what one expects", Outcome.REFUSED, 401),
    (404, {"code": 20404, "message": "no"}, Outcome.REFUSED, 20404),
    (429, {"code": 20429, "message": "slow"}, Outcome.NOT_SENT, 20429),
    (429, "slow", Outcome.NOT_SENT, 20429),
    (429, {"type": "t", "title": "t", "status": 429, "code": 20429}, Outcome.NOT_SENT, 20429),
    (500, {"code": 20500, "message": "oh"}, Outcome.UNKNOWN, None),
    (503, "<html>busy</html>", Outcome.UNKNOWN, None),
    (408, {}, Outcome.UNKNOWN, None),
]


@pytest.mark.parametrize(("status", "body", "outcome", "code"), REFUSALS)
def test_what_a_refusal_means(
    gateway: Gateway, server: Server, status: int, body: object, outcome: Outcome, code: int | None
) -> None:
    server.says(status, body)
    result = gateway.send(claimed())
    assert (result.outcome, result.error_code, result.sid) == (outcome, code, None)


@pytest.mark.parametrize("raw", [b"", b"{", b"<html>", b"[]", b"null", b"7", b"{}", b'{"sid": null}', b"\xff\xfe"])
def test_an_answer_that_cannot_be_read_is_unknown_and_not_lost(gateway: Gateway, server: Server, raw: bytes) -> None:
    server.says(201, raw=raw)
    assert gateway.send(claimed()).outcome == Outcome.UNKNOWN


@contextmanager
def silent_until_we_give_up(server: Server) -> Iterator[None]:
    """The server answers only after the block: who waits for its answer waits for ever."""
    given_up = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        given_up.wait()

    server.answer = answer
    try:
        yield
    finally:
        given_up.set()


def test_a_server_that_never_answers_is_unknown(gateway: Gateway, server: Server) -> None:
    with silent_until_we_give_up(server):
        assert gateway.send(claimed()).outcome == Outcome.UNKNOWN


def test_a_connection_that_breaks_after_sending_is_unknown(gateway: Gateway, server: Server) -> None:
    def reset(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    server.answer = reset
    assert gateway.send(claimed()).outcome == Outcome.UNKNOWN
    assert len(server.asked) == 1


def test_an_answer_cut_short_is_unknown(gateway: Gateway, server: Server) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(201)
        handler.send_header("Content-Length", "400")
        handler.end_headers()
        handler.wfile.write(b'{"sid": "SM')
        handler.close_connection = True

    server.answer = cut
    assert gateway.send(claimed()).outcome == Outcome.UNKNOWN


def test_nobody_listening_means_that_nothing_was_sent(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert Gateway(with_changes(settings, twilio_api_url=url)).send(claimed()).outcome == Outcome.NOT_SENT


def test_a_name_that_does_not_resolve_means_that_nothing_was_sent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    earnest = {"mode": "live", "twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_from": NUMBER}
    nowhere = with_changes(settings, **earnest, twilio_api_url="http://nowhere.invalid")
    assert Gateway(nowhere).send(claimed()).outcome == Outcome.NOT_SENT


def test_a_post_never_outlives_its_claim(settings: Settings, server: Server) -> None:
    patient = Gateway(with_changes(settings, twilio_api_url=server.url, twilio_timeout_seconds=600))
    with silent_until_we_give_up(server):
        sent = patient.send(claimed(lease_until=utc_now() + timedelta(seconds=3)))
    assert sent.outcome == Outcome.UNKNOWN


def test_a_claim_that_has_run_out_is_not_posted(gateway: Gateway, server: Server) -> None:
    assert gateway.send(claimed(lease_until=utc_now())).outcome == Outcome.NOT_SENT
    assert server.asked == []


# Signatures.


def test_a_signature_is_what_twilio_documents_in_its_example(settings: Settings) -> None:
    twelve = with_changes(settings, twilio_auth_token="12345")
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signed_by_twilio(twelve, url, MultiDict(fields), signature)
    assert not signed_by_twilio(twelve, url, MultiDict(fields | {"Digits": "1235"}), signature)
    assert not signed_by_twilio(twelve, url, MultiDict(fields), "")


def test_while_the_token_changes_both_are_good_and_no_other(settings: Settings) -> None:
    both = with_changes(settings, twilio_auth_token="new", twilio_auth_token_previous="old")
    for token, good in (("new", True), ("old", True), ("older", False)):
        signature = RequestValidator(token).compute_signature("https://a.example/x", {"A": "1"})
        assert signed_by_twilio(both, "https://a.example/x", MultiDict({"A": "1"}), signature) is good


# The table of errors.

REMEDIES = {
    20003: Remedy.STOP_SENDER,
    20005: Remedy.STOP_SENDER,
    20429: Remedy.RETRY_SOON,
    21211: Remedy.NUMBER_FAILED,
    21408: Remedy.STOP_SENDER,
    21606: Remedy.STOP_SENDER,
    21610: Remedy.OPTED_OUT,
    21611: Remedy.RETRY_SOON,
    21612: Remedy.STAFF,
    21614: Remedy.NUMBER_FAILED,
    21659: Remedy.STOP_SENDER,
    30001: Remedy.RETRY_LATER,
    30002: Remedy.STOP_SENDER,
    30003: Remedy.RETRY_LATER,
    30004: Remedy.NUMBER_FAILED,
    30005: Remedy.NUMBER_FAILED,
    30006: Remedy.NUMBER_FAILED,
    30007: Remedy.STAFF,
    30008: Remedy.RETRY_LATER,
    30042: Remedy.STOP_SENDER,
    401: Remedy.STOP_SENDER,
}


@pytest.mark.parametrize(("code", "remedy"), REMEDIES.items())
def test_each_known_error_has_its_remedy(code: int, remedy: Remedy) -> None:
    assert explain(code).remedy == remedy


@pytest.mark.parametrize("code", [None, 0, 99999, 400])
def test_an_error_nobody_knows_goes_to_staff_and_is_not_tried_again(code: int | None) -> None:
    assert explain(code).remedy == Remedy.STAFF


def test_every_error_is_explained_in_words() -> None:
    assert all(len(error.meaning) > 10 for error in ERRORS.values())
