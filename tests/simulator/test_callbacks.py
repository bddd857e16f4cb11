"""Status callbacks: what the service is told, how it is signed and how it goes wrong."""

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.simulator.webhooks import Overrides, Try, read_overrides, sign
from tests.simulator.conftest import NUMBER, PATIENT, SERVICE, TOKEN, Phones, Service, wait_until


def send(twilio: Client, service: Service, fragment: str = "", **given: str) -> str:
    address = f"{service.url}/twilio/status/ref1{fragment}"
    message = twilio.messages.create(
        **{"to": PATIENT, "from_": NUMBER, "body": "Hello", "status_callback": address, **given}
    )
    return str(message.sid)


def callbacks(phones: Phones) -> list[tuple[str, int | None]]:
    return [(one["status"], one["outcome"]) for one in phones.ledger()[0]["callbacks"]]


def test_the_signature_is_the_one_twilio_publishes() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signature = sign("https://mycompany.com/myapp.php?foo=1&bar=2", fields, "12345")
    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_every_status_but_the_first_is_told_in_order_and_kept_in_the_ledger(
    twilio: Client, service: Service, phones: Phones
) -> None:
    sid = send(twilio, service)
    wait_until(lambda: len(service.received) == 3)
    assert service.statuses() == ["sending", "sent", "delivered"]
    assert {hook.fields["MessageSid"] for hook in service.received} == {sid}
    assert {hook.path for hook in service.received} == {"/twilio/status/ref1"}
    wait_until(lambda: len(callbacks(phones)) == 3)
    assert callbacks(phones) == [("sending", 204), ("sent", 204), ("delivered", 204)]


def test_a_callback_is_signed_and_carries_a_token(twilio: Client, service: Service) -> None:
    send(twilio, service, fragment="#rc=1", messaging_service_sid=SERVICE, from_="")
    wait_until(lambda: len(service.received) == 3)
    validator = RequestValidator(TOKEN)
    for hook in service.received:
        assert validator.validate(service.url + hook.path, hook.fields, hook.headers["X-Twilio-Signature"])
        assert hook.headers["I-Twilio-Idempotency-Token"]
        assert hook.fields["MessagingServiceSid"] == SERVICE


def test_a_callback_that_fails_is_not_repeated_unless_asked(twilio: Client, service: Service, phones: Phones) -> None:
    service.answer = 500
    send(twilio, service)
    wait_until(lambda: len(callbacks(phones)) == 3)
    assert callbacks(phones) == [("sending", 500), ("sent", 500), ("delivered", 500)]


def test_the_addresss_fragment_asks_for_repetitions(twilio: Client, service: Service, phones: Phones) -> None:
    service.answer = 503
    send(twilio, service, fragment="#rc=2&rp=all")
    wait_until(lambda: len(callbacks(phones)) == 9)
    tokens = {hook.headers["I-Twilio-Idempotency-Token"] for hook in service.received}
    assert (len(service.received), len(tokens)) == (9, 3)


def test_a_service_that_is_down_gets_one_repetition(twilio: Client, phones: Phones) -> None:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body="Hello", status_callback="http://127.0.0.1:9/x")
    wait_until(lambda: len(callbacks(phones)) == 6)
    assert {outcome for _, outcome in callbacks(phones)} == {None}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Overrides()),
        ("rc=9&rp=5xx,rt", Overrides(retries=5, retry_on=frozenset({"5xx", "rt"}))),
        ("ct=1&rt=99999&rc=x", Overrides(connect=0.1, read=15.0)),
    ],
)
def test_overrides_are_read_within_twilios_bounds(fragment: str, expected: Overrides) -> None:
    assert read_overrides(fragment) == expected


def test_a_success_is_never_repeated() -> None:
    assert not read_overrides("rp=all").repeats(Try(0.0, 204).reason)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("callbacks-repeated", ["sending", "sending", "sent", "sent", "delivered", "delivered"]),
        ("callbacks-reversed", ["delivered", "sent", "sending"]),
        ("30003", ["sending", "sent", "undelivered"]),
        ("30007", ["sending", "failed"]),
    ],
)
def test_callbacks_go_wrong_on_request(
    twilio: Client, service: Service, phones: Phones, fault: str, statuses: list[str]
) -> None:
    phones.fault(fault)
    send(twilio, service)
    wait_until(lambda: len(service.received) == len(statuses))
    assert service.statuses() == statuses


def test_a_failed_message_names_its_error(twilio: Client, service: Service, phones: Phones) -> None:
    phones.fault("30005")
    sid = send(twilio, service)
    wait_until(lambda: len(service.received) == 3)
    assert service.received[-1].fields["ErrorCode"] == "30005"
    message = twilio.messages(sid).fetch()
    assert (message.status, message.error_code) == ("undelivered", 30005)
    assert message.error_message == "Unknown destination handset"


def test_lost_callbacks_are_never_sent_and_marked_in_the_ledger(
    twilio: Client, service: Service, phones: Phones
) -> None:
    phones.fault("callbacks-lost", every=3)
    send(twilio, service)
    wait_until(lambda: len(service.received) == 2)
    assert service.statuses() == ["sending", "sent"]
    assert [one["problem"] for one in phones.ledger()[0]["callbacks"]][-1] == "lost"


def test_late_callbacks_come_after_their_seconds(twilio: Client, service: Service, phones: Phones) -> None:
    phones.fault("callbacks-late", every=3, seconds=0.5)
    sid = send(twilio, service)
    wait_until(lambda: twilio.messages(sid).fetch().status == "delivered")
    assert service.statuses() == ["sending", "sent"]
    wait_until(lambda: len(service.received) == 3)


def test_callbacks_can_come_before_the_answer(twilio: Client, service: Service, phones: Phones) -> None:
    phones.fault("callbacks-first")
    send(twilio, service)
    assert service.statuses() == ["sending", "sent", "delivered"]
