"""What a simulated phone network has to know."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SimulatorConfig:
    """Settings of one simulated network.

    `senders` holds the phone numbers and messaging service sids that belong to the account.
    `service_url` is the public address of the service whose webhooks are called, `own_opt_out` says that the
    network answers STOP, START and HELP itself, `answer_delay` is the shortest and longest wait in seconds
    before a handset answers by itself, and `seed` changes which handsets answer how.

    Raises `ValueError` for a host that other machines could reach.
    """

    host: str
    port: int
    store: Path
    account_sid: str
    auth_token: str
    service_url: str
    senders: frozenset[str]
    own_opt_out: bool = True
    answers_on: bool = True
    answer_delay: tuple[float, float] = (2.0, 20.0)
    seed: str = "easy-to-reach"

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise ValueError(
                f"The phone simulator listens only on this machine, and {self.host} is open to others. Use 127.0.0.1."
            )

    @property
    def inbound_url(self) -> str:
        """Where the service takes the texts that handsets send."""
        return self.service_url.rstrip("/") + "/twilio/inbound"


def is_loopback(host: str) -> bool:
    """Whether a host name or address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
