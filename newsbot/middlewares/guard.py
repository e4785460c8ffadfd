"""Refuses addresses that a news crawler has no business with: other schemes than http(s), and this machine's own
network, whether a site's file, a feed, a link or a redirect names them."""

from __future__ import annotations

import ipaddress
import socket

from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached

from newsbot.tally import Refused

_EMBEDDING = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible, RFC 4291; long out of use


class AddressGuard:
    """Looks at every request before it is made, those that follow a redirect included."""

    def process_request(self, request: Request) -> None:
        """Raises Refused for an address that is not of the public web."""
        parts = urlparse_cached(request)
        if parts.scheme not in ("http", "https"):
            raise Refused("scheme", f"only http and https are crawled: {request.url}")
        if is_private(parts.hostname or ""):
            raise Refused("private_address", f"not an address of the public web: {request.url}")


def is_private(host: str) -> bool:
    """Whether a host is, as written, an address of this machine or its network. Names are not resolved."""
    host = host.rstrip(".").lower()
    if host in ("", "localhost") or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        try:
            socket.inet_aton(host)  # other spellings that a resolver takes: 127.1, 127.0.0x1, 0x7f000001, 2130706433
        except (OSError, UnicodeError):
            return False
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _EMBEDDING:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return not inner.is_global
        return not address.is_global or address in _COMPATIBLE
    return not address.is_global
