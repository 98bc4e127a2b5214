"""Where webhooks may lead: to the public internet, and to networks that the operator has named, and nowhere else.

Whoever may make a webhook has this server send requests for them. So a name is looked up once, every address that it
has must be allowed, and the connection goes to one of those: a second look-up could answer something else.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IPv6 has ever given out
NAT64 = IPv6Network("64:ff9b::/96")  # IPv4 as a network without it sees it
PORTS = {"http": 80, "https": 443}
UNPRIVILEGED = 1024  # below it, mail servers and the like would be spoken to

Address = IPv4Address | IPv6Address


class Place(NamedTuple):
    """Where a URL leads, its name not looked up yet."""

    scheme: str
    host: str  # in ASCII
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """As the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def place(url: str) -> Place:
    """Raises ValidationError for a URL that no webhook may have, whatever its name stands for."""
    try:
        parts = urlsplit(url)
        port = PORTS[parts.scheme] if parts.port is None else parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (KeyError, ValueError):  # a UnicodeError is one
        raise ValidationError(_("This is no http or https address.")) from None
    if not (
        host and url.isprintable()
    ):  # urlsplit leaves out the ends of lines, and what was typed isn't what is asked
        raise ValidationError(_("This is no http or https address."))
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("An address may hold no user name and no password."))
    if port not in PORTS.values() and port < UNPRIVILEGED:
        raise ValidationError(_("The port may be 80, 443, or one from 1024 on."))
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Place(parts.scheme, host, port, iri_to_uri(path))


def addresses(place: Place) -> list[str]:
    """Where to connect to. Raises ValidationError where the name has no address, or one that is not allowed."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):
        raise ValidationError(_("The name %(host)s has no address."), params={"host": place.host}) from None
    numbers = list(dict.fromkeys(str(sockaddr[0]) for *_rest, sockaddr in found))
    if not all(is_allowed(ip_address(number)) for number in numbers):
        raise ValidationError(
            _("%(host)s lies in a private network. The setting WEBHOOKS_ALLOW_NETWORKS can allow it."),
            params={"host": place.host},
        )
    return numbers


def is_allowed(address: Address) -> bool:
    inner = _inner(address)
    return is_public(inner) or any(inner in network for network in settings.WEBHOOKS_ALLOW_NETWORKS)


def is_public(address: Address) -> bool:
    """Whether it is one of the internet's own, which every network routes to the same place."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    tunnels = address.sixtofour or address.teredo  # old ways to an IPv4 address behind them
    return address in GLOBAL_UNICAST and address.is_global and not tunnels


def _inner(address: Address) -> Address:
    """The IPv4 address that is meant, where one is written as IPv6."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(address.packed[-4:])
    return address
