"""Refuses addresses that a news crawler has no business with: other schemes than http(s), and this machine's own
network, whether a site's file, a feed, a link or a redirect names them."""

from __future__ import annotations

import ipaddress

from scrapy import Request
from scrapy.utils.httpobj import urlparse_cached

from newsbot.tally import Refused


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
    if host in ("", "localhost") or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # Other spellings of an IPv4 address that the system's resolver takes: 127.1, 0x7f000001, 2130706433.
        return host.replace(".", "").removeprefix("0x").isdigit() or host.startswith("0x")
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global
