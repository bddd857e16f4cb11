"""Which addresses can be told something: those of the internet, in every way one can be written."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pharmacy.hooks import posting
from bot.pharmacy.hooks.addresses import Target, is_outside, literal_of, may_connect, read_target
from bot.pharmacy.hooks.posting import Fault, post
from bot.refusals import Refused

GOOD = {
    "https://system.example.com/notices": ("system.example.com", 443, "/notices"),
    "  https://system.example.com  ": ("system.example.com", 443, "/"),
    "HTTPS://System.Example.COM/Notices": ("system.example.com", 443, "/Notices"),
    "https://system.example.com:8443/a?b=c&d=%20": ("system.example.com", 8443, "/a?b=c&d=%20"),
    "https://system.example.com./": ("system.example.com", 443, "/"),
    "https://xn--mnchen-3ya.example/": ("xn--mnchen-3ya.example", 443, "/"),
    "https://a_b.example.com?x": ("a_b.example.com", 443, "/?x"),
    "https://8.8.8.8/": ("8.8.8.8", 443, "/"),
    "https://[2a00:1450:4009:815::200e]/": ("2a00:1450:4009:815::200e", 443, "/"),
}
BAD = [
    "",
    "system.example.com",
    "//system.example.com/",
    "ftp://system.example.com/",
    "file:///etc/passwd",
    "gopher://system.example.com/",
    "javascript:alert(1)",
    "https:///notices",
    "https://",
    "https://?x",
    "https://system.example.com/" + "a" * 500,
    "https://system.example.com/a b",
    "https://system.example.com/a\tb",
    "https://sys\ntem.example.com/",
    "https://system.example.com/\r\nHost: other",
    "https://system.example.com\\@10.0.0.1/",
    "https://system.example.com/#part",
    "https://user@system.example.com/",
    "https://user:password@system.example.com/",
    "https://system.example.com@127.0.0.1/",
    "https://@system.example.com/",
    "https://system.example.com:0/",
    "https://system.example.com:65536/",
    "https://system.example.com:-1/",
    "https://system.example.com:80:80/",
    "https://system.example.com:port/",
    "https://system.example.com:/",
    "https://münchen.example/",
    "https://①②⑦.⓪.⓪.①/",
    "https://system.example。com/",
    "https://sys%74em.example.com/",
    "https://127.0.0.1%00.example.com/",
    "https://-system.example.com/",
    "https://system..example.com/",
    "https://.example.com/",
    "https://intranet/",
    "https://metadata/",
    "https://system.example.123/",
    "https://[::1/",
    "https://::1/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[2a00:1450:4009:815::200e%25eth0]/",
    "https://[v1.fe80::a]/",
    "http://system.example.com/notices",
    "http://8.8.8.8/",
]
INSIDE = [
    *("127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1"),
    *("0", "0.0.0.0", "10.0.0.1", "0xa.1", "167772161", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.168.257"),
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"),
    *("240.0.0.1", "255.255.255.255"),
    *("[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::8.8.8.8]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::808:808]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2002:808:808::1]"),
    *("[2001::1]", "[2001:db8::1]", "[2001:20::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]"),
    *("[fec0::1]", "[ff02::1]", "[100::1]", "[5f00::1]", "[2620:4f:8000::1]", "[4000::1]"),
]


@pytest.mark.parametrize(("url", "target"), GOOD.items())
def test_an_address_of_the_internet_is_taken_apart_once(url: str, target: tuple[str, int, str]) -> None:
    assert read_target(url, own_machine=False) == Target("https", *target)


@pytest.mark.parametrize("url", [*BAD, *(f"https://{host}/" for host in INSIDE), *(f"http://{h}/" for h in INSIDE)])
def test_any_other_is_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(Refused) as refused:
        read_target(url, own_machine=False)
    assert refused.value.code == "bad-url"
    assert "Enter" in refused.value.message


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "[::1]"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_will_do_in_demo_and_rehearsal_alone(scheme: str, host: str) -> None:
    assert read_target(f"{scheme}://{host}:9000/", own_machine=True).port == 9000
    with pytest.raises(Refused):
        read_target(f"{scheme}://{host}:9000/", own_machine=False)


@pytest.mark.parametrize("host", [*(h for h in INSIDE if "127" not in h and "::1]" not in h), "intranet"])
def test_a_demo_reaches_no_further_inside(host: str) -> None:
    literal = literal_of(host.strip("[]"))
    if literal is None or not literal.is_loopback:
        for scheme in ("http", "https"):
            with pytest.raises(Refused):
                read_target(f"{scheme}://{host}/", own_machine=True)


ADDRESSES = st.one_of(st.ip_addresses(), st.ip_addresses(v=4), st.sampled_from([h.strip("[]") for h in INSIDE]))


@given(ADDRESSES)
def test_no_address_of_a_network_of_ones_own_is_outside(address: object) -> None:
    found = literal_of(str(address))
    assert found is not None
    inside = (
        found.is_private
        or found.is_loopback
        or found.is_link_local
        or found.is_multicast
        or found.is_reserved
        or found.is_unspecified
        or getattr(found, "ipv4_mapped", None) is not None
        or getattr(found, "sixtofour", None) is not None
        or getattr(found, "teredo", None) is not None
        or getattr(found, "is_site_local", False)
    )
    assert not (inside and is_outside(found))


TARGET = Target("https", "system.example.com", 443, "/")


@given(st.lists(ADDRESSES.map(str), min_size=1, max_size=6))
def test_nothing_inside_is_ever_connected_to(addresses: list[str]) -> None:
    """Whatever a name stands for: one address inside among others, and nothing at all is connected to."""
    connected: list[str] = []

    def connect(address: tuple[str, int], **_: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posting.socket, "create_connection", connect)
        outcome = post(TARGET, b"{}", {}, own_machine=False, look_up=lambda _host, _port: addresses)
    assert all(is_outside(ipaddress.ip_address(each)) for each in connected)
    all_outside = all(may_connect(each, TARGET, own_machine=False) for each in addresses)
    assert outcome.fault == (Fault.NOT_REACHED if all_outside else Fault.INSIDE)
    assert bool(connected) == all_outside


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2a00::1%eth0", "127.0.0.1%lo", "", "name", "10.0.0.1"])
def test_what_a_resolver_gives_beside_plain_addresses_is_not_connected_to(address: str) -> None:
    assert not may_connect(address, TARGET, own_machine=True)


def test_without_https_only_this_machine_is_connected_to() -> None:
    plain = Target("http", "localhost", 80, "/")
    assert may_connect("127.0.0.1", plain, own_machine=True)
    assert not may_connect("8.8.8.8", plain, own_machine=True)
    assert not may_connect("127.0.0.1", plain, own_machine=False)
