"""Twilio's list of messages: its filters and its pages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.simulator.errors import TwilioError
from bot.simulator.resource import as_resource, messages_uri
from bot.simulator.store import Search, Store

PAGE_SIZE, PAGE_SIZE_LIMIT = 50, 1000
_DAY = timedelta(days=1) - timedelta(microseconds=1)


def read_search(args: Mapping[str, str]) -> Search:
    """The filters To, From, DateSent, DateSent> and DateSent<; both bounds are inclusive, in UTC.

    DateSent alone means that whole day. Raises `TwilioError` for a date that is none.
    """
    first, last = args.get("DateSent>"), args.get("DateSent<")
    day = args.get("DateSent")
    if day:
        start = _read_moment(day).replace(hour=0, minute=0, second=0, microsecond=0)
        return Search(args.get("To"), args.get("From"), start.timestamp(), (start + _DAY).timestamp())
    return Search(
        to=args.get("To"),
        from_=args.get("From"),
        sent_from=_read_moment(first).timestamp() if first else None,
        sent_to=_end_of(last).timestamp() if last else None,
    )


def show_page(store: Store, search: Search, args: Mapping[str, str], account_sid: str) -> dict[str, Any]:
    """One page as Twilio writes it. PageToken says after which message the page begins."""
    size = _read_count(args.get("PageSize"), PAGE_SIZE, least=1, most=PAGE_SIZE_LIMIT)
    page = _read_count(args.get("Page"), 0, least=0, most=10**9)
    token = args.get("PageToken", "")
    if token:
        last_seen = store.message(token.removeprefix("PA"))
        if last_seen is None:
            raise TwilioError(20001, "Invalid PageToken")
        search = replace(search, before_id=last_seen.id)
    found = store.search(search, size + 1)
    shown, more = found[:size], len(found) > size
    filters = {name: value for name, value in args.items() if name not in ("Page", "PageToken", "PageSize")}

    def uri(number: int, after: str = "") -> str:
        place = {"PageSize": size, "Page": number} | ({"PageToken": after} if after else {})
        return f"{messages_uri(account_sid)}.json?{urlencode(filters | place)}"

    return {
        "messages": [as_resource(message, account_sid) for message in shown],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(shown) - 1, 0),
        "uri": uri(page, token),
        "first_page_uri": uri(0),
        "previous_page_uri": None,
        "next_page_uri": uri(page + 1, "PA" + shown[-1].sid) if more else None,
    }


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TwilioError(20001, f"{text} is not a date of the form YYYY-MM-DD") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _end_of(text: str) -> datetime:
    moment = _read_moment(text)
    return moment + _DAY if len(text) == len("2026-11-22") else moment


def _read_count(text: str | None, otherwise: int, least: int, most: int) -> int:
    if text is None or not text.isdecimal():
        return otherwise
    return min(max(int(text), least), most)
