"""Keeps the pages of stories as they were fetched, where that is wanted and the page does not ask otherwise."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from newsbot.archive.noarchive import forbids
from newsbot.config import Settings
from newsbot.errors import ArchiveError
from newsbot.items import Archived, Page
from newsbot.shared import Shared
from newsbot.sites import Site
from newsbot.spiders.site import NOT_MODIFIED, site_of
from newsbot.tally import count

if TYPE_CHECKING:
    from newsbot.archive.writing import Exchange

log = logging.getLogger(__name__)

_RECEIVED = "received"  # where a request's meta holds its answer as it came


def keeps_pages(site: Site, settings: Settings) -> bool:
    """Whether pages of this site are kept as fetched."""
    return settings.archive if site.archive is None else site.archive


class Receiving:
    """Downloader middleware: holds on to the answers to requests for stories as they came, packed, until the spider has
    looked at them. It stands between what follows redirects and what unpacks."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._wanted: bool | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the crawler's site."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The same response."""
        if self._wanted is None:
            with Shared.borrowed() as shared:
                self._wanted = keeps_pages(site_of(self._crawler), shared.settings)
        if self._wanted and "lead" in request.meta:
            from newsbot.archive.writing import Exchange  # FastWARC is an extra

            request.meta[_RECEIVED] = Exchange(
                url=response.url,
                when=datetime.now(UTC),
                asked=_lines(request.headers),
                status=response.status,
                headers=_lines(response.headers),
                body=response.body,
                protocol=response.protocol or "HTTP/1.1",
                address=None if request.meta.get("proxy") else str(response.ip_address or "") or None,
            )
        return response


class Archiving:
    """Spider middleware: writes what was received to the archive, and tells the page where."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the crawler's stats."""
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The output; its pages with where they are kept."""
        received: Exchange | None = response.meta.pop(_RECEIVED, None)
        async for each in result:
            if isinstance(each, Page) and received is not None:
                each = replace(each, archived=await self._kept(received, response))
            yield each
        if received is not None and response.status == NOT_MODIFIED:
            await self._kept(received, response)

    async def _kept(self, received: Exchange, response: Response) -> Archived | None:
        """Where the page is; None where it asks not to be kept, has not changed, or cannot be kept."""
        tags = [tag.decode("latin-1") for tag in response.headers.getlist("X-Robots-Tag")]
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if forbids(tags, response.body, kind):
            count(self._crawler.stats, "noarchive")
            return None
        before: Archived | None = response.meta.get("archived")
        try:
            with Shared.borrowed() as shared:
                place = await shared.archive(received, before)
        except ArchiveError as error:
            count(self._crawler.stats, "error.archive")
            log.error("error.archive: %s: %s", received.url, error)  # noqa: TRY400 - it says where and why
            return None
        if place is not None:
            count(self._crawler.stats, "archived.unchanged" if place == before else "archived")
        return place


def _lines(headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name in headers for value in headers.getlist(name))
