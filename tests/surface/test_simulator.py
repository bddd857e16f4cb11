"""The phone network as its own process: Twilio's wire through Twilio's library and by hand, and its controls."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.settings import DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN, DEMO_SENDER
from tests.world import World

PATIENT = "+447700900123"


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("phones")
    world = World(folder, f"sqlite:///{folder}/var/easy-to-reach.db")
    world.start_phones()
    yield world
    world.stop()


def client(phones: World, token: str = DEMO_AUTH_TOKEN) -> Client:
    made = Client(DEMO_ACCOUNT_SID, token, http_client=TwilioHttpClient(timeout=10), environment={"_": ""})
    made.api.base_url = phones.phones_url
    return made


def test_twilios_own_library_creates_fetches_and_pages(phones: World) -> None:
    made = [client(phones).messages.create(to=PATIENT, from_=DEMO_SENDER, body=f"سلام {n}") for n in range(5)]
    assert client(phones).messages(made[0].sid).fetch().body == "سلام 0"
    listed = client(phones).messages.list(to=PATIENT, page_size=2)
    assert [message.sid for message in listed] == [message.sid for message in reversed(made)]
    entries = {entry["sid"]: entry for entry in phones.ledger()}
    assert set(entries[made[0].sid]) >= {"sid", "to", "body", "parts", "accepted_at", "callbacks"}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "07700900123"}, 21211),
        ({"to": "nobody"}, 21211),
        ({"body": " "}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": "+447700900999"}, 21606),
        ({"from_": "EasyReach"}, 21606),
        ({"status_callback": "not an address"}, 21609),
    ],
)
def test_it_refuses_what_twilio_would_refuse_with_twilios_code(
    phones: World, fields: dict[str, str], code: int
) -> None:
    given: dict[str, Any] = {"to": PATIENT, "from_": DEMO_SENDER, "body": "hello"} | fields
    with pytest.raises(TwilioRestException) as refused:
        client(phones).messages.create(**given)
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_a_wrong_token_or_account_is_not_let_in(phones: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client(phones, "wrong").messages("SM1").fetch()
    assert (refused.value.code, refused.value.status) == (20003, 401)
    url = f"{phones.phones_url}/2010-04-01/Accounts/AC{'9' * 32}/Messages.json"
    assert requests.get(url, auth=(DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN), timeout=10).status_code == 404
    assert requests.get(url, timeout=10).status_code == 401


def test_a_message_that_is_not_there_is_twilios_404(phones: World) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client(phones).messages("SM" + "0" * 32).fetch()
    assert (refused.value.code, refused.value.status) == (20404, 404)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("inbound", {}),
        ("inbound", {"from": "nobody", "body": "1"}),
        ("inbound", {"from": PATIENT, "body": 1}),
        ("inbound", {"from": PATIENT, "body": "x" * 1601}),
        ("inbound", {"from": PATIENT, "body": "1", "to": "+447700900999"}),
        ("faults", {"fault": "nothing", "every": 1}),
        ("faults", {"fault": "429", "every": -1}),
        ("faults", {"fault": "429", "every": "often"}),
        ("faults", {"fault": "latency", "every": 1, "seconds": 1e9}),
        ("faults", [1]),
        ("answers", {"on": "yes"}),
        ("answers", {}),
    ],
)
def test_a_control_that_makes_no_sense_is_explained(phones: World, path: str, given: Any) -> None:
    answer = requests.post(f"{phones.phones_url}/control/{path}", json=given, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_faults_strike_by_name_and_can_be_ended(phones: World) -> None:
    phones.fault("429", 1)
    with pytest.raises(TwilioRestException) as refused:
        client(phones).messages.create(to=PATIENT, from_=DEMO_SENDER, body="hello")
    assert (refused.value.code, refused.value.status) == (20429, 429)
    phones.fault("429", 0)
    assert client(phones).messages.create(to=PATIENT, from_=DEMO_SENDER, body="hello").sid


def test_answers_are_switched_and_the_page_of_phones_is_there(phones: World) -> None:
    for on in (True, False):
        told = requests.post(f"{phones.phones_url}/control/answers", json={"on": on}, timeout=10)
        assert told.json() == {"on": on}
    assert requests.get(phones.phones_url, timeout=10).headers["Content-Type"].startswith("text/html")


def test_pages_of_other_sites_and_other_host_names_do_not_drive_the_phones(phones: World) -> None:
    url = f"{phones.phones_url}/control/answers"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert requests.post(url, json={"on": True}, headers=headers, timeout=10).status_code == 403
    assert requests.get(phones.phones_url, headers={"Host": "evil.example"}, timeout=10).status_code == 400
