"""Requests that go wrong on request."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from bot.simulator.faults import FAULTS, FaultBoard
from tests.simulator.conftest import NUMBER, PATIENT, Phones


def send(twilio: Client) -> None:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        ("429", 429, 0),
        ("500-before", 500, 0),
        ("503-before", 503, 0),
        ("500-after", 500, 1),
        ("21610", 400, 0),
    ],
)
def test_an_error_says_nothing_about_acceptance_but_the_ledger_does(
    twilio: Client, phones: Phones, fault: str, status: int, accepted: int
) -> None:
    phones.fault(fault)
    with pytest.raises(TwilioRestException) as caught:
        send(twilio)
    assert caught.value.status == status
    assert len(phones.ledger()) == accepted


@pytest.mark.parametrize(("fault", "accepted"), [("drop-before", 0), ("drop-after", 1)])
def test_the_connection_is_cut_before_or_after_accepting(
    twilio: Client, phones: Phones, fault: str, accepted: int
) -> None:
    phones.fault(fault)
    with pytest.raises(requests.ConnectionError):
        send(twilio)
    assert len(phones.ledger()) == accepted
    phones.fault(fault, every=0)
    send(twilio)


def test_latency_holds_the_answer_back(twilio: Client, phones: Phones) -> None:
    phones.fault("latency", seconds=0.3)
    began = time.monotonic()
    send(twilio)
    assert time.monotonic() - began >= 0.3


def test_every_third_request_fails_and_the_others_do_not(twilio: Client, phones: Phones) -> None:
    phones.fault("429", every=3)
    refused = 0
    for _ in range(9):
        try:
            send(twilio)
        except TwilioRestException:
            refused += 1
    assert (refused, len(phones.ledger())) == (3, 6)
    [active] = phones.get("/control/faults").json()["active"]
    assert (active["seen"], active["hits"]) == (9, 3)


def test_an_unknown_fault_is_refused_with_the_list_of_names(phones: Phones) -> None:
    answer = phones.post("/control/faults", {"fault": "gremlins", "every": 1})
    assert answer.status == 400
    assert answer.json()["faults"] == list(FAULTS)


@pytest.mark.parametrize("given", [{"every": -1}, {"every": "x"}, {"every": 1, "seconds": "x"}])
def test_a_fault_with_a_wrong_measure_is_refused(phones: Phones, given: dict[str, object]) -> None:
    assert phones.post("/control/faults", {"fault": "latency", **given}).status == 400


def test_switching_a_fault_on_again_starts_counting_again() -> None:
    board = FaultBoard()
    board.set("429", 2)
    assert not board.strikes("429")
    board.set("429", 2)
    assert [board.strikes("429") for _ in range(4)] == [False, True, False, True]
    board.set("429", 0)
    assert not board.strikes("429")
