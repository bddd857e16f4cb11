"""What we find in the list of a server, against a real one on loopback."""

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from bot.clock import utc_now
from bot.messaging.twilio.gateway import Gateway, LookUpFailed
from bot.settings import Settings
from tests.messaging.helpers import with_changes
from tests.messaging.stand_in import CREATED, NUMBER, PATIENT, Server, claimed


def _listed(**changes: Any) -> dict[str, Any]:
    moment = utc_now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = {"sid": "SM1", "status": "sent", "body": "سلام", "direction": "outbound-api", "date_created": moment}
    return {"messages": [item | {"error_code": None} | changes], "next_page_uri": None}


def _find(gateway: Gateway) -> list[str | None]:
    return [item.sid for item in gateway.find(PATIENT, "سلام", utc_now() - timedelta(seconds=5))]


def test_a_look_up_finds_our_text_by_phone_words_and_time(gateway: Gateway, server: Server) -> None:
    server.says(200, _listed())
    assert _find(gateway) == ["SM1"]
    assert "To=%2B447700900123" in server.paths[0]
    server.says(200, _listed(to="+447700900999"))
    assert _find(gateway) == []


@pytest.mark.parametrize(
    "other",
    [
        {"body": "سلام!"},
        {"direction": "inbound"},
        {"date_created": "Tue, 24 Nov 2020 10:00:00 +0000"},
    ],
)
def test_a_look_up_leaves_out_what_is_not_that_text(gateway: Gateway, server: Server, other: dict[str, str]) -> None:
    server.says(200, _listed(**other))
    assert _find(gateway) == []


def test_a_scheduled_text_and_one_from_a_reply_count_as_ours(gateway: Gateway, server: Server) -> None:
    server.says(200, _listed(direction="outbound-reply"))
    assert _find(gateway) == ["SM1"]


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (500, b"{}"),
        (401, b"{}"),
        (429, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"messages": null}'),
        (200, b'{"messages": ["SM1"]}'),
        (302, b""),
    ],
)
def test_a_look_up_without_a_clear_answer_is_no_answer(
    gateway: Gateway, server: Server, status: int, raw: bytes
) -> None:
    server.says(status, raw=raw)
    with pytest.raises(LookUpFailed):
        _find(gateway)


def _pages(server: Server, *pages: dict[str, Any]) -> None:
    """Let the server show one page after the other, whatever it is asked."""
    left = list(pages)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        shown = Server()
        shown.says(200, left.pop(0))
        shown.answer(handler)

    server.answer = answer


def test_a_look_up_reads_on_to_the_last_page_also_where_none_is_named_at_the_end(
    gateway: Gateway, server: Server
) -> None:
    last = _listed()
    del last["next_page_uri"]
    _pages(server, _listed(body="another") | {"next_page_uri": "/2010-04-01/next.json?Page=1"}, last)
    assert _find(gateway) == ["SM1"]
    assert server.paths[1] == "/2010-04-01/next.json?Page=1"


@pytest.mark.parametrize("onward", ["http://127.0.0.1:1/next.json", "/round.json"])
def test_a_list_that_goes_on_elsewhere_or_in_a_circle_is_no_answer(
    gateway: Gateway, server: Server, onward: str
) -> None:
    server.says(200, _listed() | {"next_page_uri": onward})
    with pytest.raises(LookUpFailed):
        _find(gateway)
    assert len(server.paths) <= 2


def test_what_passed_since_is_read_from_entries_with_fields_left_out(gateway: Gateway, server: Server) -> None:
    bare = {"sid": "SM2", "to": NUMBER, "from": PATIENT, "body": "STOP", "status": "received"}
    server.says(200, {"messages": [bare, *_listed(to=PATIENT)["messages"]]})
    passed = gateway.since(utc_now() - timedelta(minutes=1))
    assert {(text.sid, text.inbound, text.phone, text.body) for text in passed} == {
        ("SM1", False, PATIENT, "سلام"),
        ("SM2", True, PATIENT, "STOP"),
    }


def test_what_passed_to_one_number_is_asked_for_with_how_it_went_on(gateway: Gateway, server: Server) -> None:
    server.says(200, _listed(status="Undelivered", error_code=30007))
    [text] = gateway.since(utc_now() - timedelta(minutes=1), to=PATIENT)
    assert (text.status, text.error_code) == ("undelivered", 30007)
    assert "To=%2B" in server.paths[-1]
    gateway.since(utc_now() - timedelta(minutes=1))
    assert "To=" not in server.paths[-1]


def test_a_short_claim_does_not_shorten_the_look_up_after_it(settings: Settings, server: Server) -> None:
    gateway = Gateway(with_changes(settings, twilio_api_url=server.url, twilio_timeout_seconds=5))
    server.says(201, CREATED)
    gateway.send(claimed(lease_until=utc_now() + timedelta(seconds=0.4)))
    listed = Server()
    listed.says(200, _listed())

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.4)
        listed.answer(handler)

    server.answer = slowly
    assert _find(gateway) == ["SM1"]
