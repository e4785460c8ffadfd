"""Refuses addresses that a news crawler has no business with: other schemes than http(s), and this machine's own
network, whether a site's file, a feed, a link or a redirect names them, or a name server.

    AddressGuard     the address as it is written, before each request, those that follow a redirect included
    PublicResolver   what its name stands for, at the moment of connecting: what a name server says later, or said to
                     another question, counts for nothing
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Iterable, Sequence
from typing import Any, Self
from urllib.parse import urlparse
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from newsbot.tally import Refused

log = logging.getLogger(__name__)

_EMBEDDING = ipaddress.IPv6Network("64:ff9b::/96")  # NAT64, RFC 6052
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible, RFC 4291; long out of use
_PRIVATE: set[str] = set()
"""The names that turned out to stand for an address of this machine's network: Twisted tells only that there is none
to connect to."""


class Allowed:
    """The hosts and networks of one's own that may be crawled all the same, as the setting `allow_private` names them:
    `intranet.example`, `10.1.0.0/16`."""

    def __init__(self, names: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for name in names:
            try:
                self._networks.append(ipaddress.ip_network(name, strict=False))
            except ValueError:
                self._hosts.add(name.lower())

    def __contains__(self, host: str) -> bool:
        host = host.rstrip(".").lower().strip("[]")
        if host in self._hosts:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class AddressGuard:
    """Looks at every request before it is made."""

    def __init__(self, allowed: Allowed, proxies: frozenset[str]) -> None:
        self._allowed = allowed
        self._proxies = proxies

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """With the setting NEWSBOT_ALLOW_PRIVATE, and the proxies of the environment."""
        return cls(Allowed(crawler.settings.getlist("NEWSBOT_ALLOW_PRIVATE")), proxies())

    def process_request(self, request: Request) -> None:
        """Raises Refused for an address that is not of the public web."""
        parts = urlparse_cached(request)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https"):
            raise Refused("scheme", f"only http and https are crawled: {request.url}")
        if (is_private(host) or host in self._proxies) and host not in self._allowed:
            raise Refused("private_address", f"not an address of the public web: {request.url}")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raises Refused where the name could not be resolved because of what it stands for."""
        if (urlparse_cached(request).hostname or "") in _PRIVATE:
            raise Refused("private_address", f"its name stands for an address of this network: {request.url}")


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which gives no address of this machine's network for a name, unless that is allowed.

    A proxy of the environment is reached by its name, whatever that stands for. The name alone is allowed, not the
    address: other names may stand for it too.
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, allowed: Allowed, proxies: frozenset[str]
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allowed = allowed
        self._proxies = proxies

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """With Scrapy's settings for resolving, and the setting NEWSBOT_ALLOW_PRIVATE."""
        settings = crawler.settings
        allowed = Allowed(settings.getlist("NEWSBOT_ALLOW_PRIVATE"))
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), settings.getfloat("DNS_TIMEOUT"), allowed, proxies())

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of a host; a failure for one that is not of the public web."""
        return super().getHostByName(name, timeout).addCallback(self._public, name)

    def _public(self, address: Any, name: str) -> Any:
        allowed = name in self._allowed or str(address) in self._allowed or name.lower() in self._proxies
        if is_private(str(address)) and not allowed:
            _PRIVATE.add(name)
            raise DNSLookupError(f"{name} stands for {address}, an address of this network")
        return address


def proxies() -> frozenset[str]:
    """The hosts of the proxies that the environment names. They are ours to use, and nobody's to have crawled."""
    named = (proxy if "://" in proxy else f"//{proxy}" for scheme, proxy in getproxies().items() if scheme != "no")
    return frozenset(host for proxy in named if (host := urlparse(proxy).hostname))


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
