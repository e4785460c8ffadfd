"""Gives Scrapy one spider name a site: `scrapy list`, `scrapy crawl themoscowtimes.com`."""

from __future__ import annotations

import builtins
import logging
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from newsbot import config
from newsbot.sites import Site, load_sites
from newsbot.spiders.site import spider_for

log = logging.getLogger(__name__)


class SiteLoader:
    """Spiders for all sites of the user and the catalogue that are enabled. Satisfies Scrapy's loader protocol."""

    def __init__(self, sites: dict[str, Site]) -> None:
        self._sites = sites

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """The sites that the environment and newsbot.toml give; files with faults are logged and left out."""
        own = config.load()
        found = load_sites(own.sites_folder, own.catalogue)
        for fault in found.faults:
            log.error("%s", fault)
        return cls(found.sites)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a site. Raises KeyError for a key that no site has."""
        if spider_name not in self._sites:
            raise KeyError(f"no site has the key {spider_name!r}; `newsbot sites` lists them")
        return spider_for(self._sites[spider_name])

    def list(self) -> list[str]:
        """The keys of the enabled sites."""
        return [key for key, site in self._sites.items() if site.enabled]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """The sites whose home has the request's host."""
        host = request.url.split("/")[2] if "//" in request.url else ""
        return [key for key, site in self._sites.items() if site.home.split("/")[2] == host]
