"""The HTTP routes as Twilio, a monitor and a stranger meet them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from bot.settings import DEMO_ACCOUNT_SID, DEMO_AUTH_TOKEN, DEMO_SENDER
from tests.forks import Forks
from tests.surface.conftest import database_url
from tests.surface.console import Console
from tests.world import World, wait_until

PATIENT = "+447700900321"


@pytest.fixture(scope="module", params=["sqlite"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, forks: Forks
) -> Iterator[Console]:
    """The service as it runs on that database: `serve`, or `web` and `clock` beside each other."""
    folder = tmp_path_factory.mktemp(f"running-{request.param}")
    world = World(folder, database_url(request, request.param, folder), {"METRICS_TOKEN": "a-token-of-no-value"})
    console = Console(world, forks)
    console.run("migrate")
    console.ask("practices", "add", "STATION", "--name", "Station Practice")
    for process in ("serve",) if request.param == "sqlite" else ("web", "worker", "clock"):
        world.start(process)
    world.wait_for_pages()
    yield console
    world.stop()


def sign(url: str, fields: dict[str, str], token: str = DEMO_AUTH_TOKEN) -> str:
    """Twilio's signature (twilio.com/docs/usage/security): the address, then each name and value in order."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def post(running: Console, path: str, fields: dict[str, str], signature: str | None = None) -> requests.Response:
    url = requests.Request("POST", running.world.url + path).prepare().url or ""
    headers = {"X-Twilio-Signature": sign(url, fields) if signature is None else signature}
    return requests.post(url, data=fields, headers=headers, timeout=10)


def text(sid: str, body: str, **more: str) -> dict[str, str]:
    fields = {"MessageSid": sid, "AccountSid": DEMO_ACCOUNT_SID, "From": PATIENT, "To": DEMO_SENDER, "Body": body}
    return fields | {"NumMedia": "0", "NumSegments": "1"} | more


def received(running: Console) -> list[str]:
    return [message["body"] for message in running.lines("messages", "list", "--direction", "in")]


def test_a_signed_text_is_stored_once_however_often_it_comes(running: Console) -> None:
    fields = text("SM" + "1" * 32, "ہاں + ja & tak=1%")
    for _ in range(2):
        answer = post(running, "/twilio/inbound", fields)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
        assert "<Response/>" in answer.text
    assert received(running).count("ہاں + ja & tak=1%") == 1


def test_the_signature_covers_the_query_and_fields_we_do_not_know(running: Console) -> None:
    assert post(running, "/twilio/inbound?a=%C3%BC&b", text("SM" + "2" * 32, "known", NewField="x")).status_code == 200


@pytest.mark.parametrize("path", ["/twilio/inbound", "/twilio/status/unknown"])
def test_what_is_not_signed_by_twilio_is_forbidden(running: Console, path: str) -> None:
    fields = text("SM" + "3" * 32, "forged", MessageStatus="delivered")
    url = running.world.url + path
    forged = (
        "",
        "nonsense",
        "ü",
        sign(url, fields, "another-token"),
        sign(url, fields | {"Body": "another"}),
        sign(url.replace("http:", "https:"), fields),
    )
    for signature in forged:
        assert post(running, path, fields, signature.encode("latin-1").decode("latin-1")).status_code == 403
    assert requests.post(url, json=fields, timeout=10).status_code == 403
    assert "forged" not in received(running)


def test_a_body_above_64_kib_is_too_large_and_one_below_is_not(running: Console) -> None:
    large, fits = text("SM" + "4" * 32, "x" * 65_536), text("SM" + "5" * 32, "y" * 60_000)
    assert len(urlencode(fits)) < 65_536
    for path in ("/twilio/inbound", "/twilio/status/unknown"):
        assert post(running, path, large).status_code == 413
    assert post(running, "/twilio/inbound", fits).status_code == 200


ODD = (
    {"Body": "with \0 inside"},
    {"Body": ""},
    {"Body": "   \n"},
    {"Body": "😀" * 700},
    {"From": "HSBC"},
    {"From": "60777"},
    {"From": "+15005550006"},
    {"From": "whatsapp:+447700900321"},
    {"To": "+447700900888"},
    {"NumMedia": "many", "NumSegments": "-1"},
    {"OptOutType": "WHATEVER"},
)


def test_an_odd_text_is_stored_and_answered_so_that_twilio_need_not_try_again(running: Console) -> None:
    for index, fields in enumerate(ODD):
        answer = post(running, "/twilio/inbound", text(f"SM{index:032}", "odd") | fields)
        assert answer.status_code == 200, fields
    stored = {message["sid"] for message in running.lines("messages", "list", "--direction", "in")}
    assert stored >= {f"SM{index:032}" for index in range(len(ODD))}


@pytest.mark.parametrize("running", ["postgresql"], indirect=True)
def test_the_same_holds_on_postgresql_under_gunicorn(running: Console) -> None:
    test_a_signed_text_is_stored_once_however_often_it_comes(running)
    test_the_signature_covers_the_query_and_fields_we_do_not_know(running)
    test_what_is_not_signed_by_twilio_is_forbidden(running, "/twilio/inbound")
    test_a_body_above_64_kib_is_too_large_and_one_below_is_not(running)
    test_an_odd_text_is_stored_and_answered_so_that_twilio_need_not_try_again(running)
    test_a_callback_for_a_message_we_do_not_know_is_kept_and_counted(running)
    test_figures_are_for_this_machine_or_whoever_has_the_token(running)
    test_another_host_name_is_refused(running)
    test_the_service_says_that_it_lives_and_is_ready(running)
    test_no_log_holds_a_phone_number_or_what_somebody_wrote(running)


def test_a_callback_for_a_message_we_do_not_know_is_kept_and_counted(running: Console) -> None:
    before = figure(running, "unknown_callbacks")
    for status in ("sent", "delivered", "delivered", "made-up", ""):
        fields = {"MessageSid": "SM" + "6" * 32, "MessageStatus": status, "ErrorCode": "", "To": PATIENT}
        for reference in ("unknown", "x" * 500, "%00", "'; DROP TABLE message;--"):
            assert post(running, f"/twilio/status/{reference}", fields).status_code in (204, 404)
        assert post(running, "/twilio/status/unknown", fields).status_code == 204
    assert figure(running, "unknown_callbacks") > before


def figure(running: Console, name: str) -> float:
    page = requests.get(f"{running.world.url}/metrics", timeout=10).text
    return sum(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name))


def test_a_webhook_is_posted_and_not_looked_at(running: Console) -> None:
    for path in ("/twilio/inbound", "/twilio/status/unknown"):
        assert requests.get(running.world.url + path, timeout=10).status_code in (403, 405)


def test_the_service_says_that_it_lives_and_is_ready(running: Console) -> None:
    assert requests.get(f"{running.world.url}/healthz", timeout=10).status_code == 200
    wait_until(lambda: requests.get(f"{running.world.url}/readyz", timeout=10).status_code == 200)


def test_figures_are_for_this_machine_or_whoever_has_the_token(running: Console) -> None:
    url = f"{running.world.url}/metrics"
    far = {"X-Forwarded-For": "192.0.2.1"}
    assert requests.get(url, timeout=10).status_code == 200
    assert requests.get(url, headers=far, timeout=10).status_code == 403
    for given in ("a-token-of-no-value", "Basic a-token-of-no-value", "Bearer wrong", "Bearer ", "Bearer ü"):
        headers = far | {"Authorization": given.encode()}
        assert requests.get(url, headers=headers, timeout=10).status_code == 403, given
    known = far | {"Authorization": "Bearer a-token-of-no-value"}
    told = requests.get(url, headers=known, timeout=10)
    assert (told.status_code, told.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
    assert PATIENT not in told.text


def test_another_host_name_is_refused(running: Console) -> None:
    for path in ("/", "/sign-in", "/twilio/inbound"):
        answer = requests.get(running.world.url + path, headers={"Host": "evil.example"}, timeout=10)
        assert answer.status_code == 400
        assert "PUBLIC_URL" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/", "/campaigns", "/campaigns/1", "/lists", "/inbox", "/accounts", "/audit", "/inbox/2147483647"],
)
def test_everything_else_asks_a_stranger_to_sign_in(running: Console, path: str) -> None:
    answer = requests.get(running.world.url + path, timeout=10, allow_redirects=False)
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/nothing", "/campaigns/99999999999999999999", "/campaigns/-1", "/.env", "/var/"])
def test_what_is_not_there_is_not_found(running: Console, path: str) -> None:
    assert requests.get(running.world.url + path, timeout=10).status_code == 404


def test_a_form_without_its_token_changes_nothing(running: Console) -> None:
    form = {"email": "lead@demo.example", "password": "warm-homes-in-winter"}
    assert requests.post(f"{running.world.url}/sign-in", data=form, timeout=10).status_code == 400


def test_no_log_holds_a_phone_number_or_what_somebody_wrote(running: Console) -> None:
    post(running, "/twilio/inbound", text("SM" + "7" * 32, "a secret worry"))
    logs: list[Path] = list(running.world.folder.glob("log-*.txt"))
    assert logs
    for log in logs:
        said = log.read_text()
        assert "Traceback" not in said
        assert PATIENT[3:] not in said
        assert "secret worry" not in said
