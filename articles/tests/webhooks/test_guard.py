"""No webhook leads into the operator's network, however its address is written."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis.strategies import ip_addresses, sampled_from

from articles.webhooks import guard
from articles.webhooks.send import send

PRIVATE = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
inside = sampled_from(PRIVATE).flatmap(lambda network: ip_addresses(network=network))
wraps = sampled_from([("::ffff:0:0", 0), ("64:ff9b::", 0), ("::", 0), ("2002::", 80), ("64:ff9b:1::", 0)])


def addresses(url):
    return guard.addresses(guard.place(url))


@given(inside)
def test_no_address_of_a_private_network_is_allowed(address):
    assert not guard.is_allowed(address)


@given(inside, wraps)
def test_nor_is_one_that_is_written_as_ipv6(address, wrap):
    prefix, shift = wrap
    assert not guard.is_allowed(IPv6Address(int(IPv6Address(prefix)) | int(address) << shift))


@given(ip_addresses(v=6))
def test_of_ipv6_only_what_is_global_unicast_is_allowed(address):
    if guard.is_allowed(address):
        inner = guard._inner(address)
        assert inner.is_global
        assert isinstance(inner, IPv4Address) or inner in ip_network("2000::/3")


@pytest.mark.parametrize(
    "number",
    ["::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "2001:0:0:0::1", "fd00:ec2::254"],
)
def test_no_internal_address_of_ipv6_is_allowed(number):
    assert not guard.is_allowed(ip_address(number))


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e"])
def test_the_public_internet_is_allowed(number):
    assert guard.is_allowed(ip_address(number))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://１２７.０.０.１/",
    ],
)
def test_no_spelling_of_an_internal_address_gets_past(url):
    with pytest.raises(ValidationError):
        addresses(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org/",
        "http:///x",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://[::1/",
        "http://user@example.org/",
        "http://:secret@example.org/",
        "http://@example.org/",
        "http://example.org:22/",
        "http://example.org:25/",
        "http://example.org:0/",
        "http://example.org/\r\nHost: localhost",
        "http://exam\tple.org/",
        "http://" + "a" * 70 + ".org/",
    ],
)
def test_what_is_no_address_for_a_webhook_is_refused_before_it_is_looked_up(url):
    with pytest.raises(ValidationError):
        guard.place(url)


def test_a_place_is_what_a_request_needs():
    assert guard.place("https://bücher.example:8443/ä b?q=ü#top") == (
        "https",
        "xn--bcher-kva.example",
        8443,
        "/%C3%A4%20b?q=%C3%BC",
    )
    assert guard.place("http://[2606:2800:21f::1]:8080").netloc == "[2606:2800:21f::1]:8080"
    assert guard.place("HTTPS://Example.org:443/").netloc == "example.org"


def test_one_internal_address_of_several_is_enough_to_refuse_a_name(resolving):
    resolving("93.184.215.14", "10.0.0.1")
    with pytest.raises(ValidationError, match="private network"):
        addresses("https://example.org/")


def test_the_operator_can_allow_a_network(resolving, settings):
    settings.WEBHOOKS_ALLOW_NETWORKS = [ip_network("10.1.0.0/16")]
    resolving("10.1.2.3")
    assert addresses("https://example.org/") == ["10.1.2.3"]
    assert guard.is_allowed(ip_address("::ffff:10.1.2.3"))
    resolving("10.2.0.1")
    with pytest.raises(ValidationError):
        addresses("https://example.org/")


def test_the_connection_goes_where_was_looked_and_no_name_is_looked_up_again(resolving, monkeypatch):
    resolving("93.184.215.14", "93.184.215.15")
    asked = []

    def connect(address, timeout):
        asked.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    answer = send("http://example.org:8080/", "whsec_AAAA", "1", b"{}")
    assert asked == [("93.184.215.14", 8080), ("93.184.215.15", 8080)]
    assert (answer.status, answer.error) == (None, "Connection refused")
