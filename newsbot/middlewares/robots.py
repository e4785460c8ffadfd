"""robots.txt, obeyed for concurrent requests too.

Scrapy's middleware lets requests through while the host's robots.txt is on its way (2.14 to 2.19: the second request
waits on a Deferred that gives None). Here one request at a time asks for the rules of a host; the others wait for its
answer.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached


class Robots(RobotsTxtMiddleware):
    """Scrapy's middleware, with a lock a host around the question for its rules."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, None where it has none."""
        async with self._locks[urlparse_cached(request).netloc]:
            return await super().robot_parser(request)
