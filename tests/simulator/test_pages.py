"""The page of phones and the guard around it."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from twilio.rest import Client

from bot.simulator.app import create_simulator
from bot.simulator.config import SimulatorConfig
from tests.simulator.conftest import NUMBER, PATIENT, Phones, Service

URDU = "سٹیشن پریکٹس۔ 1 = مدد، 2 = نہیں، 0 = بند"


@pytest.fixture
def browser(phones: Phones, twilio: Client) -> FlaskClient:
    twilio.messages.create(to=PATIENT, from_=NUMBER, body=URDU)
    app = create_simulator(phones.config)
    return app.test_client()


def test_the_page_says_that_nothing_reaches_a_real_phone(browser: FlaskClient) -> None:
    for path in ("/", f"/phones/{PATIENT}"):
        assert "Simulated phones. Nothing here reaches a real phone." in browser.get(path).text


def test_the_list_has_the_newest_phone_first(browser: FlaskClient, twilio: Client) -> None:
    twilio.messages.create(to="+447700900124", from_=NUMBER, body="Hello")
    assert re.findall(r'number">([\d ]+)<', browser.get("/").text) == ["07700 900124", "07700 900123"]


def test_any_number_opens_its_phone_and_nonsense_is_explained(browser: FlaskClient) -> None:
    assert browser.get("/?number=07700 900199").location == "/phones/+447700900199"
    answer = browser.get("/?number=abc")
    assert answer.status_code == 400
    assert "Enter a phone number, like 07700 900123" in answer.text


def test_a_phone_shows_its_text_with_its_language_and_answers_in_it(browser: FlaskClient) -> None:
    page = browser.get(f"/phones/{PATIENT}").text
    assert f'dir="auto" lang="ur">{URDU}</p>' in page
    assert "ji haan" in page
    assert "Words in Urdu" in page


def test_a_text_about_a_visit_brings_its_own_numbers(browser: FlaskClient, twilio: Client) -> None:
    body = "Station Practice: Reply:\n1 = Thursday, 9:30am\n2 = 2pm\n4 = other times\n5 = please phone me\n0 = no more"
    twilio.messages.create(to=PATIENT, from_=NUMBER, body=body)
    page = browser.get(f"/phones/{PATIENT}").text
    assert re.findall(r'name="quick" value="(\d)"', page) == ["1", "2", "4", "5", "0"]
    assert 'dir="auto">Thursday, 9:30am</span>' in page


def test_an_answer_is_sent_and_the_phone_shown_again(browser: FlaskClient, service: Service) -> None:
    answer = browser.post(f"/phones/{PATIENT}", data={"body": "جی"})
    assert (answer.status_code, answer.location) == (303, f"/phones/{PATIENT}#answer")
    assert service.received[-1].fields["Body"] == "جی"
    browser.post(f"/phones/{PATIENT}", data={"quick": "1", "body": "half written"})
    assert service.received[-1].fields["Body"] == "1"


def test_a_text_the_service_did_not_take_says_so(browser: FlaskClient, service: Service) -> None:
    service.answer = 503
    browser.post(f"/phones/{PATIENT}", data={"body": "hello"})
    assert "Not delivered: the service answered 503." in browser.get(f"/phones/{PATIENT}").text


def test_an_empty_answer_is_explained(browser: FlaskClient) -> None:
    answer = browser.post(f"/phones/{PATIENT}", data={"body": "  "})
    assert answer.status_code == 400
    assert "Write a text first" in answer.text
    assert "<title>Error:" in answer.text


def test_what_a_text_says_is_never_read_as_markup(browser: FlaskClient) -> None:
    browser.post(f"/phones/{PATIENT}", data={"body": "<script>alert(1)</script>"})
    page = browser.get(f"/phones/{PATIENT}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_page_loads_nothing_from_elsewhere_and_holds_no_inline_code(browser: FlaskClient) -> None:
    answer = browser.get(f"/phones/{PATIENT}")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "style=" not in answer.text
    assert all('src="/' in tag for tag in re.findall(r"<script[^>]*>", answer.text))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"},
    ],
)
def test_a_page_of_another_site_cannot_drive_the_phones(
    browser: FlaskClient, service: Service, headers: dict[str, str]
) -> None:
    for path in (f"/phones/{PATIENT}", "/control/inbound", "/control/faults"):
        assert browser.post(path, data={"body": "1"}, headers=headers).status_code == 403
    assert service.received == []


def test_the_simulators_own_page_may(browser: FlaskClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.post(f"/phones/{PATIENT}", data={"body": "1"}, headers=headers).status_code == 303


def test_a_foreign_name_for_this_machine_is_refused(browser: FlaskClient) -> None:
    assert browser.get("/", headers={"Host": "rebound.example"}).status_code == 400


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::"])
def test_it_listens_on_this_machine_only(config: SimulatorConfig, host: str) -> None:
    with pytest.raises(ValueError, match="only on this machine"):
        replace(config, host=host)
