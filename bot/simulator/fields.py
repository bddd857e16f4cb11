"""The form fields of Twilio's two messaging webhooks (twilio.com/docs/messaging/guides/webhook-request)."""

from datetime import UTC, datetime

from bot.simulator.keywords import OptOutType
from bot.simulator.records import DueCallback, Message

API_VERSION = "2010-04-01"


def status_fields(message: Message, due: DueCallback, account_sid: str) -> dict[str, str]:
    """The fields of a status callback."""
    fields = {
        "SmsSid": message.sid,
        "SmsStatus": due.status,
        "MessageStatus": due.status,
        "To": message.handset,
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if message.service_sid:
        fields["MessagingServiceSid"] = message.service_sid
    if due.error_code:
        fields["ErrorCode"] = str(due.error_code)
    if due.status in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = f"{datetime.fromtimestamp(message.updated_at, UTC):%y%m%d%H%M}"
    return fields


def inbound_fields(message: Message, account_sid: str, opt_out: OptOutType | None) -> dict[str, str]:
    """The fields of an inbound text. Twilio leaves places empty for most British numbers."""
    fields = {
        "ToCountry": "GB",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "GB",
        "To": message.sender,
        "ToZip": "",
        "NumSegments": str(message.parts),
        "MessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.handset,
        "ApiVersion": API_VERSION,
    }
    if message.service_sid:
        fields["MessagingServiceSid"] = message.service_sid
    if opt_out:
        fields["OptOutType"] = opt_out
    return fields
