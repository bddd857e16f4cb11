"""Twilio's refusals: codes and texts as its REST API gives them (twilio.com/docs/api/errors)."""

from dataclasses import dataclass

DELIVERY_ERRORS = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


@dataclass
class TwilioError(Exception):
    """A refusal with Twilio's code, its text and the HTTP status it comes with."""

    code: int
    message: str
    status: int = 400

    def as_json(self) -> dict[str, str | int]:
        """Twilio's error body."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_authenticated() -> TwilioError:
    """Wrong account sid or token."""
    return TwilioError(20003, "Authenticate", 401)


def not_found(path: str) -> TwilioError:
    """No such resource."""
    return TwilioError(20404, f"The requested resource {path} was not found", 404)


def too_many_requests() -> TwilioError:
    """The account's concurrency is used up: nothing was processed."""
    return TwilioError(20429, "Too Many Requests", 429)


def server_error(status: int) -> TwilioError:
    """Twilio itself is in trouble."""
    return TwilioError(20500 if status == 500 else 20503, "An internal server error has occurred", status)


def opted_out() -> TwilioError:
    """The recipient sent STOP to this sender."""
    return TwilioError(21610, "Attempt to send to unsubscribed recipient")
