"""Where events may be sent: an address of the internet, never one inside the network this service stands in.

A pharmacy enters the address, and whatever a name stands for can change at any time. So the form of it is looked at
when it is entered, and what its name stands for at every delivery; the connection then goes to the very address that
was looked at. Source of the ranges: IANA's registries of special-purpose addresses, and what clouds keep for machines.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from bot.refusals import Refused
from bot.settings import Settings

LONGEST_URL = 500
LAST_PORT = 65535
DEFAULT_PORTS = {"https": 443, "http": 80}
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_NAME = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII
)
_NUMBERS = re.compile(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+)){0,3}", re.ASCII)
"""What a resolver takes for an IPv4 address, in any of its ways to write one."""
_INSIDE_4 = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own machines
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_INTERNET_6 = ip_network("2000::/3")
"""All that is given out of IPv6. Mapped and translated IPv4, unique local, link-local and multicast are elsewhere."""
_INSIDE_6 = tuple(
    ip_network(each)
    for each in (
        "2001::/23",  # protocols, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


@dataclass(frozen=True)
class Target:
    """An address taken apart once, so that nobody reads it another way: `host` is a name or an IP address."""

    scheme: str
    host: str
    port: int
    path: str


def own_machine_will_do(settings: Settings) -> bool:
    """Whether events may go to this machine itself: where no real phone can be reached, in demo and rehearsal."""
    return not settings.live or settings.rehearsal


def read_target(url: str, *, own_machine: bool) -> Target:
    """An address that was entered, if it can be one of the internet.

    :param own_machine: this machine will do as well, and there without https: in demo and rehearsal.
    :raises Refused: `bad-url`, it is none; says what one looks like.
    """
    url = url.strip()
    parts = _parts(url)
    host = parts.hostname.rstrip(".") if parts.hostname else ""
    literal = literal_of(host)
    local = _is_this_machine(host, literal)
    if local and not own_machine:
        raise Refused("bad-url", "That address is this machine itself. Enter one that can be reached on the internet.")
    if parts.scheme != "https" and not local:
        raise Refused("bad-url", "Enter an address that begins with https://.")
    if literal is not None and not local and not is_outside(literal):
        raise Refused(
            "bad-url", "That address is not one of the internet. Enter one that can be reached from anywhere."
        )
    if literal is None and not _is_name(host, local=local):
        raise _no_address()
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return Target(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _parts(url: str) -> SplitResult:
    """:raises Refused: `bad-url`, no web address, or one with a name and password, or a part for browsers alone."""
    if not 0 < len(url) <= LONGEST_URL or not _VISIBLE.fullmatch(url) or "\\" in url or "#" in url:
        raise _no_address()
    try:
        parts = urlsplit(url)
        plain = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise _no_address() from None
    if not plain or "@" in parts.netloc or "%" in parts.netloc or parts.netloc.endswith(":"):
        raise _no_address()
    return parts


def literal_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is written as; None for a name. `2130706433` and `0x7f.1` are 127.0.0.1."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if _NUMBERS.fullmatch(host) else None
    except OSError:
        return None


def _is_this_machine(host: str, literal: IPv4Address | IPv6Address | None) -> bool:
    return literal.is_loopback if literal is not None else host == "localhost" or host.endswith(".localhost")


def _is_name(host: str, *, local: bool) -> bool:
    """A name with a dot: one without stands for something of the own network."""
    labels = host.split(".")
    return bool(_NAME.fullmatch(host)) and (local or (len(labels) > 1 and not labels[-1].isdigit()))


def may_connect(address: str, target: Target, *, own_machine: bool) -> bool:
    """Whether an IP address that the name of a target stands for may be connected to.

    :param own_machine: this machine will do as well, and there without https.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if found.is_loopback:
        return own_machine
    return target.scheme == "https" and is_outside(found)


def is_outside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet, and of nothing that is kept for a network or a machine."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _INSIDE_4)
    inside = any(address in network for network in _INSIDE_6)
    return address.scope_id is None and address in _INTERNET_6 and address.is_global and not inside


def _no_address() -> Refused:
    return Refused("bad-url", "Enter a whole web address in plain letters, such as https://system.example.com/notices.")
