"""A text that Twilio has is recognised in its list however little the entry says: otherwise it would go twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.messaging.twilio.entries import code_of, is_inbound, may_be, moment_of

PATIENT, BODY = "+447700900123", "The surgery can help."
TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WHOLE = {
    "sid": "SM1",
    "to": PATIENT,
    "body": BODY,
    "direction": "outbound-api",
    "status": "sent",
    "num_segments": "1",
    "date_created": "Tue, 24 Nov 2026 10:00:05 +0000",
    "date_sent": "Tue, 24 Nov 2026 10:00:06 +0000",
    "date_updated": "Tue, 24 Nov 2026 10:00:07 +0000",
}


def entry(*without: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (WHOLE | changes).items() if name not in without}


def is_ours(listed: dict[str, Any]) -> bool:
    return may_be(listed, PATIENT, BODY, 1, TEN)


@pytest.mark.parametrize(
    "listed",
    [
        entry(),
        entry("date_created"),
        entry("date_created", "date_sent"),
        entry("date_created", "date_sent", "date_updated"),
        entry("direction"),
        entry("direction", "status", "date_created", "date_sent", "date_updated"),
        entry("to"),
        entry(to="447700900123"),
        entry(date_created=None, direction=None),
        entry(date_created="yesterday", date_sent=5),
        entry(direction="outbound"),
        entry(news={"from": ["the", "future"]}),
    ],
)
def test_an_entry_that_leaves_fields_out_is_still_our_text(listed: dict[str, Any]) -> None:
    assert is_ours(listed)


@pytest.mark.parametrize(
    "written",
    [
        "Tue, 24 Nov 2026 02:00:05 -0800",
        "Tue, 24 Nov 2026 10:00:05 -0000",
        "Tue, 24 Nov 2026 10:00:05 GMT",
        "2026-11-24T10:00:05Z",
        "2026-11-24T11:00:05+01:00",
        "2026-11-24 10:00:05",
    ],
)
def test_a_date_is_the_same_moment_in_any_zone_and_either_form(written: str) -> None:
    assert moment_of(entry(date_created=written)) == TEN + timedelta(seconds=5)


@pytest.mark.parametrize(
    "listed",
    [
        entry(body="Another text."),
        entry(to="+447700900124"),
        entry(direction="inbound"),
        entry("direction", status="received"),
        entry(date_created="Tue, 24 Nov 2026 09:59:59 +0000"),
        entry("date_created", date_sent="Tue, 24 Nov 2026 09:59:59 +0000"),
    ],
)
def test_what_an_entry_does_say_can_rule_it_out(listed: dict[str, Any]) -> None:
    assert not is_ours(listed)


@pytest.mark.parametrize(("parts", "ours"), [("1", True), (1, True), ("0", True), (None, True), ("3", False)])
def test_words_that_twilio_does_not_keep_are_known_by_their_length(parts: object, ours: bool) -> None:
    assert is_ours(entry(body="", num_segments=parts)) is ours
    assert is_ours(entry("body", num_segments=parts)) is ours


@pytest.mark.parametrize(
    ("written", "code"),
    [(30007, 30007), ("30007", 30007), ("", None), (None, None), ("E1", None), (10**14, None), (-1, None), ("٣", None)],
)
def test_a_code_is_a_number_however_it_is_written(written: object, code: int | None) -> None:
    assert code_of(written) == code


@pytest.mark.parametrize(("direction", "inbound"), [("inbound", True), ("outbound-reply", False), (None, False)])
def test_without_a_direction_the_status_says_who_wrote(direction: str | None, inbound: bool) -> None:
    assert is_inbound(entry(direction=direction)) is inbound
    assert is_inbound(entry("direction", status="received"))
