"""Twilio's error codes, and what each means for us. Data: an unknown code is not retried and goes to staff.
Below 1000 they are HTTP's, for an answer that carried no code of Twilio's.

Source: Twilio's error dictionary; UK rules from its guidelines for SMS in Great Britain.
"""

from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    """What we do about an error."""

    RETRY_SOON = "retry-soon"
    RETRY_LATER = "retry-later"
    NUMBER_FAILED = "number-failed"
    OPTED_OUT = "opted-out"
    STOP_SENDER = "stop-sender"
    STAFF = "staff"


@dataclass(frozen=True)
class TwilioError:
    """A code's meaning in words for staff, and the remedy."""

    meaning: str
    remedy: Remedy


ERRORS: dict[int, TwilioError] = {
    401: TwilioError("Twilio did not accept our account or token", Remedy.STOP_SENDER),
    403: TwilioError("Twilio does not let our account do this", Remedy.STOP_SENDER),
    404: TwilioError("Twilio's address or our account is wrong", Remedy.STOP_SENDER),
    20003: TwilioError("Twilio did not accept our account or token", Remedy.STOP_SENDER),
    20005: TwilioError("our Twilio account is suspended", Remedy.STOP_SENDER),
    20404: TwilioError("Twilio does not know our account", Remedy.STOP_SENDER),
    20429: TwilioError("Twilio asks us to slow down", Remedy.RETRY_SOON),
    21211: TwilioError("this is not a phone number", Remedy.NUMBER_FAILED),
    21212: TwilioError("our sender is not a phone number", Remedy.STOP_SENDER),
    21214: TwilioError("this number cannot be reached", Remedy.NUMBER_FAILED),
    21408: TwilioError("texts to this country are not switched on", Remedy.STOP_SENDER),
    21606: TwilioError("our sender number is not ours at Twilio", Remedy.STOP_SENDER),
    21610: TwilioError("this person has sent STOP to our number", Remedy.OPTED_OUT),
    21611: TwilioError("Twilio's queue for our number is full", Remedy.RETRY_SOON),
    21612: TwilioError("our sender cannot text this number", Remedy.STAFF),
    21614: TwilioError("this is not a mobile number", Remedy.NUMBER_FAILED),
    21635: TwilioError("this is a landline", Remedy.NUMBER_FAILED),
    21659: TwilioError("our sender number is not ours at Twilio", Remedy.STOP_SENDER),
    21703: TwilioError("our messaging service has no number to send from", Remedy.STOP_SENDER),
    30001: TwilioError("Twilio's queue is full", Remedy.RETRY_LATER),
    30002: TwilioError("our Twilio account is suspended", Remedy.STOP_SENDER),
    30003: TwilioError("the phone was off or out of reach", Remedy.RETRY_LATER),
    30004: TwilioError("the phone or network blocks our texts", Remedy.NUMBER_FAILED),
    30005: TwilioError("the number does not exist any more", Remedy.NUMBER_FAILED),
    30006: TwilioError("a landline, or a network that cannot be reached", Remedy.NUMBER_FAILED),
    30007: TwilioError("the network filtered the text", Remedy.STAFF),
    30008: TwilioError("not delivered, the network does not say why", Remedy.RETRY_LATER),
    30034: TwilioError("our sender is not registered", Remedy.STOP_SENDER),
    30042: TwilioError("networks block our sender name", Remedy.STOP_SENDER),
}

_UNKNOWN = TwilioError("not sent, for a reason we do not know", Remedy.STAFF)


def explain(code: int | None) -> TwilioError:
    """What a code means; unknown codes go to staff."""
    return ERRORS.get(code or 0, _UNKNOWN)
