"""The Messages resource as the real Twilio library sees it."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.simulator.conftest import ACCOUNT, NUMBER, PATIENT, SERVICE, Phones, wait_until


def refusal(client: Client, **given: str) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**{"to": PATIENT, "from_": NUMBER, "body": "Hello", **given})
    return caught.value


def test_a_message_from_a_number_is_queued_and_comes_back_whole(twilio: Client) -> None:
    message = twilio.messages.create(to=PATIENT, from_=NUMBER, body="Zażółć gęślą jaźń")
    assert (message.status, message.direction, message.num_segments) == ("queued", "outbound-api", "1")
    assert (message.to, message.from_, message.body) == (PATIENT, NUMBER, "Zażółć gęślą jaźń")
    assert message.sid is not None
    assert len(message.sid) == 34
    assert message.price is None
    assert message.date_sent is None
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_messaging_service_accepts_first_and_picks_its_number_when_it_sends(twilio: Client) -> None:
    message = twilio.messages.create(to=PATIENT, messaging_service_sid=SERVICE, body="Hello")
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    wait_until(lambda: message.fetch().status == "delivered")
    sent = message.fetch()
    assert (sent.from_, sent.num_segments, sent.messaging_service_sid) == (NUMBER, "1", SERVICE)
    assert sent.date_sent is not None


def test_a_message_is_delivered_within_about_a_second(twilio: Client) -> None:
    message = twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    wait_until(lambda: message.fetch().status == "delivered", seconds=1.5)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "+4477009"}, 21211),
        ({"to": "07700900123"}, 21211),
        ({"to": "+448001111111"}, 21614),
        ({"from_": "+447700900999"}, 21606),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"status_callback": "not an address"}, 21609),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    twilio: Client, phones: Phones, given: dict[str, str], code: int
) -> None:
    error = refusal(twilio, **given)
    assert (error.code, error.status) == (code, 400)
    assert phones.ledger() == []


def test_a_messaging_service_of_somebody_else_is_not_found(twilio: Client) -> None:
    assert refusal(twilio, from_="", messaging_service_sid="MG" + "9" * 32).code == 20404


def test_a_wrong_token_is_401_and_another_account_404(phones: Phones) -> None:
    stranger = Client(ACCOUNT, "wrong", environment={"_": ""})
    stranger.api.base_url = phones.simulator.url
    error = refusal(stranger)
    assert (error.status, error.code) == (401, 20003)
    other = Client(ACCOUNT, phones.config.auth_token, account_sid="AC" + "9" * 32, environment={"_": ""})
    other.api.base_url = phones.simulator.url
    assert refusal(other).code == 20404


def test_an_unknown_message_is_404_with_twilios_body(twilio: Client) -> None:
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_landline_is_accepted_and_read_aloud(twilio: Client, phones: Phones) -> None:
    twilio.messages.create(to="+442079460018", from_=NUMBER, body="Hello")
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    assert [line["spoken"] for line in phones.ledger()] == [True, False]


def test_the_list_pages_through_everything_newest_first(twilio: Client) -> None:
    sids = [twilio.messages.create(to=PATIENT, from_=NUMBER, body=str(n)).sid for n in range(7)]
    assert [message.sid for message in twilio.messages.list(page_size=3)] == sids[::-1]
    assert [message.sid for message in twilio.messages.list(page_size=3, limit=4)] == sids[:2:-1]


def test_the_list_filters_by_both_ends(twilio: Client, phones: Phones) -> None:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="one")
    twilio.messages.create(to="+447700900124", from_=NUMBER, body="two")
    phones.text("three", sender="+447700900124")
    assert [message.body for message in twilio.messages.list(to=PATIENT)] == ["one"]
    assert [message.body for message in twilio.messages.list(from_=NUMBER)] == ["two", "one"]
    inbound = twilio.messages.list(to=NUMBER)
    assert [(message.body, message.direction) for message in inbound] == [("three", "inbound")]


def test_the_list_filters_by_the_day_and_moment_of_sending(twilio: Client) -> None:
    message = twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello")
    wait_until(lambda: message.fetch().date_sent)
    now, hour = datetime.now(UTC), timedelta(hours=1)
    assert len(twilio.messages.list(date_sent=message.fetch().date_sent)) == 1
    assert len(twilio.messages.list(date_sent_after=now - hour)) == 1
    assert twilio.messages.list(date_sent_after=now + hour) == []
    assert twilio.messages.list(date_sent_before=now - hour) == []
    assert twilio.messages.list(date_sent=now - timedelta(days=2)) == []
