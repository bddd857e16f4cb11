"""Calling the service's webhooks the way Twilio does: signed, with its time limits and its few repetitions.

Limits and their overrides in the fragment of an address, such as `#rc=3&rp=all`:
twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import parse_qs, urldefrag, urlencode, urlsplit


@dataclass(frozen=True)
class Overrides:
    """How patient one webhook call is. Times in seconds; `retry_on` holds 4xx, 5xx, ct, rt or all."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    def repeats(self, reason: str) -> bool:
        """Whether a failure of this kind is worth another try."""
        return reason in self.retry_on or (bool(reason) and "all" in self.retry_on)


@dataclass(frozen=True)
class Try:
    """One POST: when, the HTTP status it got, or the problem that kept it from getting one."""

    at: float
    status: int | None
    problem: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the service took it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """The kind of failure in Twilio's retry policy; empty when there is none."""
        if self.status is None:
            return "ct" if self.problem == "no connection" else "rt"
        return {4: "4xx", 5: "5xx"}.get(self.status // 100, "")


def read_overrides(fragment: str) -> Overrides:
    """The overrides in an address's fragment, within Twilio's bounds; what is not understood is left out."""
    given = {name: values[-1] for name, values in parse_qs(fragment).items()}
    known = Overrides()
    policy = frozenset(given["rp"].split(",")) if "rp" in given else known.retry_on
    return Overrides(
        connect=_bounded(given.get("ct"), 100, 10_000, known.connect * 1000) / 1000,
        read=_bounded(given.get("rt"), 100, 15_000, known.read * 1000) / 1000,
        total=_bounded(given.get("tt"), 100, 15_000, known.total * 1000) / 1000,
        retries=int(_bounded(given.get("rc"), 0, 5, known.retries)),
        retry_on=policy,
    )


def _bounded(text: str | None, least: float, most: float, otherwise: float) -> float:
    if text is None or not text.isdecimal():
        return otherwise
    return min(max(float(text), least), most)


class WebhookCaller:
    """Posts signed forms to the service.

    Each call has a connection of its own: a kept one may be closed by the service in the very moment of its
    next use, and a text must not be lost by that.
    """

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token

    def call(self, address: str, fields: Mapping[str, str]) -> list[Try]:
        """POST a form until it is taken or the retries are used up. Returns every try, at least one."""
        url, fragment = urldefrag(address)
        overrides = read_overrides(fragment)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "Connection": "close",
            "X-Twilio-Signature": sign(url, fields, self._auth_token),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        body = urlencode(fields)
        deadline = time.monotonic() + overrides.total
        tries = [self._post(url, body, headers, overrides)]
        while len(tries) <= overrides.retries and overrides.repeats(tries[-1].reason):
            if time.monotonic() >= deadline:
                break
            tries.append(self._post(url, body, headers, overrides))
        return tries

    def _post(self, url: str, body: str, headers: Mapping[str, str], overrides: Overrides) -> Try:
        parts = urlsplit(url)
        connection_type = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = connection_type(parts.hostname or "", parts.port, timeout=overrides.connect)
        try:
            connection.connect()
        except OSError:
            return Try(time.time(), None, "no connection")
        try:
            connection.sock.settimeout(overrides.read)
            connection.request("POST", target, body, dict(headers))
            return Try(time.time(), connection.getresponse().status)
        except (OSError, HTTPException):
            return Try(time.time(), None, "no answer")
        finally:
            connection.close()


def sign(url: str, fields: Mapping[str, str], auth_token: str) -> str:
    """`X-Twilio-Signature` for a form POST: base64 of HMAC-SHA1 over the address and the sorted fields."""
    material = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(auth_token.encode(), material.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
