"""Twilio: the one module that imports its library. Send, look up, and check signatures."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from bot.clock import utc_now
from bot.messaging.claiming import Claim
from bot.messaging.tables import Outcome
from bot.settings import Settings

LONGEST_VALIDITY = 36_000
"""Seconds Twilio may keep a text in its own queue."""
PAGE = 1000
OUT_OF_ORDER_BY = timedelta(hours=1)
"""How far Twilio's list, the newest first, may be from the order in which texts were made."""
_UNREADABLE = (ValueError, TypeError, AttributeError, KeyError)
"""What the library raises for an answer that is not the JSON it should be: somebody answered, who knows what."""


@dataclass(frozen=True)
class SendResult:
    """How a POST ended: `outcome` is `accepted`, `refused` (with a code), `not-sent` or `unknown`."""

    outcome: Outcome
    sid: str | None = None
    status: str | None = None
    error_code: int | None = None


@dataclass(frozen=True)
class Found:
    """A message that Twilio has."""

    sid: str
    status: str
    body: str
    created_at: datetime
    error_code: int | None


@dataclass(frozen=True)
class Passed:
    """A text that passed through the account; `phone` is the person's, `to` where it went."""

    sid: str
    inbound: bool
    phone: str
    to: str
    service_sid: str | None
    body: str
    created_at: datetime


class _BoundedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's HTTP client with a pool as large as the worker, and a timeout that a claim can shorten."""

    def __init__(self, timeout: float, pool: int) -> None:
        super().__init__(timeout=timeout)
        self._bounds = threading.local()
        self.session.trust_env = False
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=pool))

    def bound(self, seconds: float) -> None:
        """Wait at most so long in this thread's next request."""
        self._bounds.seconds = seconds

    def request(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = self._bounds.__dict__.pop("seconds", self.timeout)
        return super().request(*args, **kwargs)


class Gateway:
    """One Twilio account on one server; safe to use from many threads."""

    def __init__(self, settings: Settings, *, pool: int = 16) -> None:
        self._settings = settings
        self._http = _BoundedHttpClient(settings.twilio_timeout_seconds, pool)
        self._client = Client(settings.account_sid, settings.auth_token, http_client=self._http, environment={"_": ""})
        self._client.api.base_url = settings.api_url

    def send(self, claim: Claim) -> SendResult:
        """POST one message, waiting no longer than the claim's lease; never raises for what the network does."""
        left = (claim.lease_until - utc_now()).total_seconds()
        if left <= 0:
            return SendResult(Outcome.NOT_SENT)
        # Connecting and reading each have their own limit, and both together must end before the lease does.
        self._http.bound(min(self._settings.twilio_timeout_seconds, left / 2))
        fields = self._fields(claim)
        try:
            created = self._client.messages.create(**fields)
        except (TwilioRestException, TwilioServiceException) as error:
            return _refusal(error)
        except RequestException as error:
            return SendResult(Outcome.NOT_SENT if _never_connected(error) else Outcome.UNKNOWN)
        except (TwilioException, *_UNREADABLE):
            return SendResult(Outcome.UNKNOWN)
        if not created.sid:
            return SendResult(Outcome.UNKNOWN)
        return SendResult(Outcome.ACCEPTED, created.sid, created.status, created.error_code)

    def _fields(self, claim: Claim) -> dict[str, Any]:
        sender = (
            {"messaging_service_sid": claim.sender_service} if claim.sender_service else {"from_": claim.sender_number}
        )
        validity = LONGEST_VALIDITY
        if claim.use_by:
            validity = max(1, min(validity, int((claim.use_by - utc_now()).total_seconds())))
        return sender | {
            "to": claim.to,
            "body": claim.body,
            "status_callback": f"{self._settings.base_url}/twilio/status/{claim.ref}",
            "smart_encoded": False,
            "validity_period": validity,
        }

    def find(self, to: str, body: str, since: datetime) -> list[Found]:
        """Messages of ours to a number with that text, made since then; what else the server lists is left out.

        :raises LookUpFailed: Twilio did not answer; look again later.
        """
        try:
            return [
                Found(item.sid, item.status, item.body, item.date_created, item.error_code)
                for item in self._client.messages.list(to=to, limit=200)
                if (item.to in (to, None) and item.direction.startswith("outbound"))
                and (item.body == body and item.date_created >= since)
            ]
        except (TwilioException, RequestException, *_UNREADABLE) as error:
            raise LookUpFailed from error

    def since(self, moment: datetime) -> list[Passed]:
        """Every text of the account since then, in and out, oldest first.

        :raises LookUpFailed: Twilio did not answer, or not to the end.
        """
        passed: list[Passed] = []
        try:
            for item in self._client.messages.stream(page_size=PAGE):  # the newest first, in about that order
                if item.date_created < moment - OUT_OF_ORDER_BY:
                    break
                if item.date_created >= moment:
                    passed.append(_passed(item))
        except (TwilioException, RequestException, *_UNREADABLE) as error:
            raise LookUpFailed from error
        return sorted(passed, key=lambda text: text.created_at)


def _passed(item: Any) -> Passed:
    inbound = item.direction == "inbound"
    return Passed(
        item.sid,
        inbound,
        item.from_ if inbound else item.to,
        item.to,
        item.messaging_service_sid,
        item.body,
        item.date_created,
    )


class LookUpFailed(Exception):
    """Twilio could not be asked."""


def _refusal(error: TwilioRestException | TwilioServiceException) -> SendResult:
    if error.status == 429:
        return SendResult(Outcome.NOT_SENT, error_code=max(error.code or 0, 20429))
    if error.status >= 500 or error.status == 408:
        return SendResult(Outcome.UNKNOWN)
    return SendResult(Outcome.REFUSED, error_code=error.code or error.status)


def _never_connected(error: RequestException) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    if not isinstance(error, RequestsConnectionError) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def signed_by_twilio(settings: Settings, url: str, fields: Mapping[str, Any], signature: str) -> bool:
    """Whether a webhook carries the signature of one of our tokens over its address and every field."""
    return any(RequestValidator(token).validate(url, fields, signature) for token in settings.auth_tokens)
