"""Texts that handsets send, and the words the network answers by itself."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.simulator.config import SimulatorConfig
from bot.simulator.keywords import STOP_WORDS, keyword
from bot.simulator.server import Simulator
from tests.simulator.conftest import NUMBER, PATIENT, SERVICE, TOKEN, Phones, Service


def test_the_webhook_has_been_called_when_the_answer_comes(phones: Phones, service: Service) -> None:
    service.answer = 200
    answer = phones.text("ji haan, مدد")
    assert answer == {"sid": answer["sid"], "delivered": True, "status": 200}
    [hook] = service.received
    assert hook.path == "/twilio/inbound"
    assert hook.fields["MessageSid"] == hook.fields["SmsMessageSid"] == answer["sid"]
    assert (hook.fields["From"], hook.fields["To"]) == (PATIENT, NUMBER)
    assert (hook.fields["Body"], hook.fields["NumSegments"]) == ("ji haan, مدد", "1")
    assert (hook.fields["NumMedia"], hook.fields["SmsStatus"]) == ("0", "received")
    validator = RequestValidator(TOKEN)
    assert validator.validate(service.url + hook.path, hook.fields, hook.headers["X-Twilio-Signature"])


def test_a_service_that_fails_is_told_honestly(phones: Phones, service: Service) -> None:
    service.answer = 500
    answer = phones.text("hello")
    assert (answer["delivered"], answer["status"]) == (False, 500)
    assert len(service.received) == 1


def test_an_answer_goes_to_the_sender_that_last_texted_the_handset(
    twilio: Client, phones: Phones, service: Service
) -> None:
    twilio.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello")
    phones.text("1")
    assert service.received[-1].fields["MessagingServiceSid"] == SERVICE
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    phones.text("1")
    assert "MessagingServiceSid" not in service.received[-1].fields


def test_a_script_may_name_the_sender(phones: Phones, service: Service) -> None:
    phones.text("1", to=SERVICE)
    assert service.received[-1].fields["MessagingServiceSid"] == SERVICE
    answer = phones.post("/control/inbound", {"from": PATIENT, "body": "1", "to": "+447700900999"})
    assert answer.status == 400


@pytest.mark.parametrize("given", [{"from": "12", "body": "x"}, {"from": PATIENT}, {"from": PATIENT, "body": 1}])
def test_what_is_no_text_is_refused(phones: Phones, given: dict[str, object]) -> None:
    answer = phones.post("/control/inbound", given)
    assert answer.status == 400
    assert "must be" in answer.json()["error"]


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_a_bare_stop_word_is_a_keyword_in_any_case(word: str) -> None:
    assert keyword(f" {word.lower()}\n") == "STOP"


@pytest.mark.parametrize("text", ["STOP please", "STOP.", "NO", "no stop", ""])
def test_anything_else_is_an_ordinary_text(text: str) -> None:
    assert keyword(text) is None


def test_stop_blocks_the_pair_and_is_answered_in_english(twilio: Client, phones: Phones, service: Service) -> None:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    phones.text("Stop")
    assert service.received[-1].fields["OptOutType"] == "STOP"
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello again")
    assert (caught.value.code, caught.value.status) == (21610, 400)
    twilio.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="From another sender")
    twilio.messages.create(to="+447700900124", from_=NUMBER, body="To another handset")
    assert len(phones.ledger()) == 3
    [answer] = [line for line in phones.ledger("?all=1") if line["network"]]
    assert answer["body"].startswith("You have successfully been unsubscribed.")


def test_the_networks_answer_is_not_among_the_services_messages(twilio: Client, phones: Phones) -> None:
    phones.text("STOP")
    phones.text("HELP")
    assert phones.ledger() == []
    assert [message.direction for message in twilio.messages.list()] == ["inbound", "inbound"]


def test_start_lifts_the_block_and_yes_without_one_is_only_yes(
    twilio: Client, phones: Phones, service: Service
) -> None:
    phones.text("yes")
    assert "OptOutType" not in service.received[-1].fields
    phones.text("STOP")
    phones.text("unstop")
    assert service.received[-1].fields["OptOutType"] == "START"
    assert twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello").sid


def test_help_is_answered_each_time_and_stop_once(phones: Phones, service: Service) -> None:
    for word in ("HELP", "info", "STOP", "STOP"):
        phones.text(word)
    assert [hook.fields.get("OptOutType") for hook in service.received] == ["HELP", "HELP", "STOP", "STOP"]
    assert len(phones.ledger("?all=1")) == 3


@pytest.fixture
def plain_network(config: SimulatorConfig) -> Iterator[Phones]:
    config = replace(config, own_opt_out=False)
    simulator = Simulator(config)
    thread = simulator.start()
    yield Phones(simulator, config)
    simulator.close()
    thread.join(10)


def test_an_account_that_handles_stop_itself_gets_it_as_a_text(plain_network: Phones, service: Service) -> None:
    plain_network.text("STOP")
    assert "OptOutType" not in service.received[-1].fields
    assert plain_network.ledger("?all=1") == []


def test_a_handset_shows_both_directions(twilio: Client, phones: Phones) -> None:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    phones.text("tak")
    messages = phones.get(f"/control/handset/{PATIENT}").json()["messages"]
    assert [(one["direction"], one["body"]) for one in messages] == [
        ("outbound-api", "Hello"),
        ("inbound", "tak"),
    ]
