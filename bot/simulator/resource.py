"""A message as Twilio's REST API shows it."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from bot.simulator.errors import DELIVERY_ERRORS
from bot.simulator.fields import API_VERSION
from bot.simulator.records import Message


def messages_uri(account_sid: str) -> str:
    """The path of the account's messages, without its ending."""
    return f"/{API_VERSION}/Accounts/{account_sid}/Messages"


def as_resource(message: Message, account_sid: str) -> dict[str, Any]:
    """The JSON of a Message resource. Dates are RFC 2822 in UTC, numbers of parts and media are text."""
    uri = f"{messages_uri(account_sid)}/{message.sid}"
    sender = message.sender if message.sender_known else None
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _rfc2822(message.created_at),
        "date_sent": _rfc2822(message.sent_at),
        "date_updated": _rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": DELIVERY_ERRORS.get(message.error_code or 0),
        "from": message.handset if message.inbound else sender,
        "messaging_service_sid": message.service_sid,
        "num_media": "0",
        "num_segments": str(message.parts) if message.sender_known else "0",
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.sender if message.inbound else message.handset,
        "uri": f"{uri}.json",
    }


def _rfc2822(moment: float | None) -> str | None:
    return None if moment is None else format_datetime(datetime.fromtimestamp(int(moment), UTC))
