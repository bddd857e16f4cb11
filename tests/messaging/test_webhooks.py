"""Twilio's webhooks through the application: signed over the raw address and every field, small, and safe to repeat."""

import base64
import hashlib
import hmac
import threading
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import EnvironBuilder, TestResponse

from bot.database import Database
from bot.settings import DEMO_AUTH_TOKEN, DEMO_SENDER, Settings
from bot.tables.messaging import Message, State, StatusEvent
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.applications import application
from tests.messaging.helpers import claim_one, inbox, queue, reload, rows, with_changes

PUBLIC = "https://texts.example.org"
Fields = list[tuple[str, str]]


@pytest.fixture
def served(settings: Settings) -> Settings:
    return with_changes(settings, public_url=PUBLIC, twilio_auth_token_previous="the-token-before")


@pytest.fixture
def client(db: Database, served: Settings) -> FlaskClient:
    return application(served, db).test_client()


def sign(path: str, fields: Fields, token: str = DEMO_AUTH_TOKEN) -> str:
    """X-Twilio-Signature as Twilio documents it, worked out by hand."""
    signed = PUBLIC + path + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def post(
    client: FlaskClient, path: str, fields: Fields, signature: str | None = None, raw: str | None = None
) -> TestResponse:
    return client.post(
        path,
        data=urlencode(fields) if raw is None else raw,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": sign(path, fields) if signature is None else signature},
        base_url="http://127.0.0.1",
    )


def text_from(phone: str | None, body: str, sid: str = "SM1") -> Fields:
    return [("MessageSid", sid), ("From", phone or ""), ("To", DEMO_SENDER), ("Body", body), ("NumMedia", "0")]


def _stored(db: Database) -> list[Message]:
    with db.read() as session:
        return [message for message in rows(session, Message) if message.state == State.RECEIVED]


def test_a_signed_text_is_stored_and_answered_with_empty_twiml(
    db: Database, client: FlaskClient, alice: Patient
) -> None:
    answer = post(client, "/twilio/inbound", text_from(alice.phone, "hello there"))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    [message] = _stored(db)
    assert (message.body, message.patient_id, message.sid) == ("hello there", alice.id, "SM1")


def test_the_same_text_twice_is_stored_once_and_answered_twice(
    db: Database, client: FlaskClient, alice: Patient
) -> None:
    answers = [post(client, "/twilio/inbound", text_from(alice.phone, "hello there")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(_stored(db)) == 1
    assert inbox(db) == ["not-understood"]


def test_the_same_text_several_times_at_once_is_stored_once(db: Database, served: Settings, alice: Patient) -> None:
    app = application(served, db)
    start, statuses = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        answer = post(app.test_client(), "/twilio/inbound", text_from(alice.phone, "hello there"))
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert len(_stored(db)) == 1
    assert inbox(db) == ["not-understood"]


FORGERIES = {
    "no signature": "",
    "nonsense": "x",
    "another token": sign("/twilio/inbound", text_from("+447700900123", "0"), "somebody-elses"),
    "another address": sign("/twilio/inbound/", text_from("+447700900123", "0")),
    "another body": sign("/twilio/inbound", text_from("+447700900123", "1")),
    "letters no signature has": "é",
}


@pytest.mark.parametrize("signature", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_text_is_refused_and_not_stored(
    db: Database, client: FlaskClient, practice: Practice, signature: str
) -> None:
    answer = post(client, "/twilio/inbound", text_from("+447700900123", "0"), signature.encode().decode("latin-1"))
    assert answer.status_code == 403
    assert _stored(db) == []


def test_a_text_without_the_header_is_refused(client: FlaskClient, practice: Practice) -> None:
    assert client.post("/twilio/inbound", data={"Body": "0"}, base_url="http://127.0.0.1").status_code == 403


def test_a_field_added_on_the_way_is_noticed(db: Database, client: FlaskClient, practice: Practice) -> None:
    fields = text_from("+447700900123", "0")
    answer = post(client, "/twilio/inbound", [*fields, ("Extra", "1")], sign("/twilio/inbound", fields))
    assert answer.status_code == 403


def test_fields_from_the_future_and_repeated_ones_are_part_of_the_signature(
    client: FlaskClient, practice: Practice
) -> None:
    fields = [*text_from("+447700900123", "0"), ("New", "b"), ("New", "a"), ("Empty", "")]
    assert post(client, "/twilio/inbound", fields).status_code == 200


def test_while_the_token_changes_the_previous_one_is_good(client: FlaskClient, practice: Practice) -> None:
    fields = text_from("+447700900123", "0")
    signature = sign("/twilio/inbound", fields, "the-token-before")
    assert post(client, "/twilio/inbound", fields, signature).status_code == 200


@pytest.mark.parametrize("path", ["/twilio/inbound?a=%c3%b8&b=1", "/twilio/inbound?a=%C3%B8"])
def test_the_address_is_signed_as_it_was_written(client: FlaskClient, practice: Practice, path: str) -> None:
    assert post(client, path, text_from("+447700900123", "0")).status_code == 200


def test_the_name_we_were_asked_under_plays_no_part(client: FlaskClient, practice: Practice) -> None:
    fields = text_from("+447700900123", "0")
    headers = {"X-Twilio-Signature": sign("/twilio/inbound", fields), "X-Forwarded-Host": "evil.example"}
    answer = client.post("/twilio/inbound", data=dict(fields), headers=headers, base_url="http://localhost:1234")
    assert answer.status_code == 200


def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(client: FlaskClient, practice: Practice) -> None:
    fields = text_from("+447700900123", "x")
    room = 64 * 1024 - len(urlencode(fields))
    for more, status in ((room, 200), (room + 1, 413)):
        padded = text_from("+447700900123", "x" * (1 + more))
        assert post(client, "/twilio/inbound", padded).status_code == status


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_that_says_neither_what_nor_from_whom_is_not_ours(
    client: FlaskClient, practice: Practice, missing: str
) -> None:
    fields = [(name, value) for name, value in text_from("+447700900123", "0") if name != missing]
    assert post(client, "/twilio/inbound", fields).status_code == 400


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        ("a%00b", "ab"),
        ("%00", ""),
        ("a%ED%A0%80b", None),
        ("%FF%FE", None),
        ("%F0%9F%91%8D", "👍"),
        ("", ""),
        ("%E2%80%AE1", "\u202e1"),
    ],
)
def test_any_letters_can_be_stored(
    db: Database, client: FlaskClient, alice: Patient, raw: str, body: str | None
) -> None:
    form = urlencode(text_from(alice.phone, "")).replace("Body=", f"Body={raw}")
    builder = EnvironBuilder(method="POST", data=form, content_type="application/x-www-form-urlencoded")
    read = list(builder.get_request().form.items(multi=True))
    answer = post(client, "/twilio/inbound", read, raw=form)
    assert answer.status_code == 200
    [message] = _stored(db)
    assert body is None or message.body == body


def test_a_body_longer_than_a_text_can_be_is_cut(db: Database, client: FlaskClient, alice: Patient) -> None:
    assert post(client, "/twilio/inbound", text_from(alice.phone, "x" * 5000)).status_code == 200
    assert len(_stored(db)[0].body) == 1600


def test_a_status_callback_moves_the_text_and_needs_no_session(
    db: Database, client: FlaskClient, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue(db, settings, practice, alice)
    claimed = claim_one(db, settings)
    fields = [("MessageSid", "SM7"), ("MessageStatus", "delivered"), ("To", alice.phone or "")]
    for _ in range(2):
        answer = post(client, f"/twilio/status/{claimed.ref}", fields)
        assert (answer.status_code, answer.data) == (204, b"")
    assert reload(db, message).state == State.DELIVERED


@pytest.mark.parametrize("ref", ["nobody-knows", "%00", "x" * 300, "%C3%B8"])
def test_a_reference_nobody_knows_is_answered_with_success(
    db: Database, client: FlaskClient, practice: Practice, ref: str
) -> None:
    fields = [("MessageSid", "SM7"), ("MessageStatus", "delivered")]
    assert post(client, f"/twilio/status/{ref}", fields).status_code == 204
    with db.read() as session:
        assert len(session.exec(select(StatusEvent)).all()) == 1


def test_a_forged_callback_changes_nothing(
    db: Database, client: FlaskClient, settings: Settings, practice: Practice, alice: Patient
) -> None:
    message = queue(db, settings, practice, alice)
    claimed = claim_one(db, settings)
    fields = [("MessageSid", "SM7"), ("MessageStatus", "delivered")]
    assert post(client, f"/twilio/status/{claimed.ref}", fields, "forged").status_code == 403
    assert reload(db, message).state == State.SENDING


def test_a_callback_that_says_nothing_is_answered_and_not_kept(
    db: Database, client: FlaskClient, practice: Practice
) -> None:
    assert post(client, "/twilio/status/ref", []).status_code == 204
    with db.read() as session:
        assert rows(session, StatusEvent) == []


def test_a_webhook_has_no_session_and_what_goes_wrong_there_is_still_said(
    client: FlaskClient, alice: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = post(client, "/twilio/inbound", text_from(alice.phone, "yes"))
    assert (taken.status_code, "Set-Cookie" in taken.headers, "Vary" in taken.headers) == (200, False, False)
    assert client.post("/twilio/nothing-here", base_url="http://127.0.0.1").status_code == 404

    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("bot.conversations.webhooks.receive_text", fail)
    assert post(client, "/twilio/inbound", text_from(alice.phone, "yes", "SM2")).status_code == 500


def test_webhooks_are_post_only(client: FlaskClient) -> None:
    assert client.get("/twilio/inbound", base_url="http://127.0.0.1").status_code in (403, 405)
