"""Which site an address belongs to, where no crawl has said so: by its host."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from pydantic import ValidationError

from newsbot.fingerprint import registered_domain
from newsbot.sites.model import Site

_HOSTS = 65_536  # whose site is remembered: a month of the whole web's news has a few ten thousand


class Owners:
    """The sites by their hosts.

    An address belongs to the site whose home has its host, or the nearest host above it; else to the one site that has
    its registered domain; else to a site that is made for that domain, with nothing but its name.
    """

    def __init__(self, sites: Iterable[Site]) -> None:
        self._hosts: dict[str, Site] = {}
        self._domains: dict[str, Site | None] = {}
        for site in sites:
            self._hosts.setdefault(_host(site.home), site)
            domain = registered_domain(site.home)
            self._domains[domain] = None if domain in self._domains else site
        self._owner = lru_cache(_HOSTS)(self._find)

    def of(self, url: str) -> Site | None:
        """The site of an http(s) address; None for one whose host no site can be named after."""
        return self._owner(_host(url))

    def knows(self, site: Site) -> bool:
        """Whether the site is one of those given, and not made for a domain."""
        return self._hosts.get(_host(site.home)) is site

    def _find(self, host: str) -> Site | None:
        labels = host.split(".")
        for n in range(len(labels) - 1):
            if found := self._hosts.get(".".join(labels[n:])):
                return found
        domain = registered_domain(f"http://{host}/")
        if found := self._domains.get(domain):
            return found
        try:
            return Site.model_validate({"key": domain, "name": domain, "home": f"https://{domain}/"})
        except ValidationError:
            return None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
