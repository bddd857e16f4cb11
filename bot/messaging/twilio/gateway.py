"""Twilio: the one module that imports its library. Send, look up, and check signatures."""

import json
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
from bot.messaging.twilio.entries import code_of, is_inbound, may_be, moment_of, text_of
from bot.settings import Settings
from bot.tables.messaging import Outcome
from bot.texts.parts import count_parts

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
    """A message that Twilio has; `status` is its word, empty when it says none."""

    sid: str | None
    status: str
    error_code: int | None


@dataclass(frozen=True)
class ListedText:
    """A text that the account lists; `phone` is the person's, `to` where it went, `status` Twilio's word."""

    sid: str
    inbound: bool
    phone: str
    to: str
    service_sid: str | None
    body: str
    created_at: datetime
    status: str
    error_code: int | None


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
        return SendResult(Outcome.ACCEPTED, str(created.sid), created.status, code_of(created.error_code))

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

        :raises LookUpFailed: Twilio did not answer, or not to the end; look again later.
        """
        parts = count_parts(body).parts
        entries = self._listed({"To": to, "PageSize": PAGE}, since)
        return [_found(entry) for entry in entries if may_be(entry, to, body, parts, since)]

    def since(self, moment: datetime, *, to: str | None = None) -> list[ListedText]:
        """Every text of the account since then, in and out, oldest first; or those to one number.

        :raises LookUpFailed: Twilio did not answer, or not to the end.
        """
        moment = moment.replace(microsecond=0)  # Twilio's dates are whole seconds
        listed = [_listed_text(entry, moment) for entry in self._listed({"To": to, "PageSize": PAGE}, moment)]
        return sorted((text for text in listed if text.created_at >= moment), key=lambda text: text.created_at)

    def _listed(self, asked: dict[str, Any], since: datetime) -> list[dict[str, Any]]:
        """What the server lists, the newest first, at least as far back as that moment.

        Read without the library's own classes: those drop the zone of a date, and give up at a field left out.
        """
        entries: list[dict[str, Any]] = []
        page = f"{self._settings.api_url}/2010-04-01/Accounts/{self._settings.account_sid}/Messages.json"
        read: set[str] = set()
        try:
            while page and page not in read:
                read.add(page)
                answer = self._client.request("GET", page, params=asked if len(read) == 1 else None)
                if answer.status_code != 200:
                    raise LookUpFailed
                told = json.loads(answer.text)
                entries += told["messages"]
                page = self._next_page(told)
                made = [moment_of(entry) for entry in told["messages"]]
                if any(moment < since - OUT_OF_ORDER_BY for moment in made if moment):
                    return entries
        except (TwilioException, RequestException, *_UNREADABLE) as error:
            raise LookUpFailed from error
        if page:  # the pages go round in a circle
            raise LookUpFailed
        return entries

    def _next_page(self, told: dict[str, Any]) -> str:
        """Where the list goes on: only ever at our own server, since the request carries our token."""
        path = told.get("next_page_uri") or ""
        if not path or path.startswith(f"{self._settings.api_url}/"):
            return str(path)
        if "://" in path:
            raise LookUpFailed
        return f"{self._settings.api_url}/{path.lstrip('/')}"


def _found(entry: dict[str, Any]) -> Found:
    sid, status = text_of(entry, "sid"), text_of(entry, "status")
    return Found(sid, status or "", code_of(entry.get("error_code")))


def _listed_text(entry: dict[str, Any], otherwise: datetime) -> ListedText:
    inbound = is_inbound(entry)
    return ListedText(
        sid=text_of(entry, "sid") or "",
        inbound=inbound,
        phone=text_of(entry, "from" if inbound else "to") or "",
        to=text_of(entry, "to") or "",
        service_sid=text_of(entry, "messaging_service_sid"),
        body=text_of(entry, "body") or "",
        created_at=moment_of(entry) or otherwise,
        status=(text_of(entry, "status") or "").lower(),
        error_code=code_of(entry.get("error_code")),
    )


class LookUpFailed(Exception):
    """Twilio could not be asked."""


def _refusal(error: TwilioRestException | TwilioServiceException) -> SendResult:
    status, code = code_of(error.status) or 0, code_of(error.code)
    if status == 429:
        return SendResult(Outcome.NOT_SENT, error_code=max(code or 0, 20429))
    if status >= 500 or status in (0, 408):
        return SendResult(Outcome.UNKNOWN)
    return SendResult(Outcome.REFUSED, error_code=code or status)


def _never_connected(error: RequestException) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    if not isinstance(error, RequestsConnectionError) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def signed_by_twilio(settings: Settings, url: str, fields: Mapping[str, Any], signature: str) -> bool:
    """Whether a webhook carries the signature of one of our tokens over its address and every field."""
    try:
        return any(RequestValidator(token).validate(url, fields, signature) for token in settings.auth_tokens)
    except ValueError:  # no address at all
        return False
