"""Manners towards a host, whoever of the process's crawlers asks it: one request at a time, its delay apart, none at
all before the time for which it has sent us away, and none to one that does not answer.

A host sends us away with 429 or 503 and a Retry-After (RFC 9110, 10.2.3). A short span is waited for; a longer one ends
the visit's business with that host, and the database remembers it for the crawls that begin meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from newsbot.schedule import LONGEST_PAUSE
from newsbot.shared import Shared
from newsbot.tally import NotNow

log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds that a visit waits for a host that has sent it away, in all; above this it goes on without the host."""
UNSAID_PAUSE = 30.0
"""Seconds after a 429 (too many requests) that does not say for how long."""
SILENCES = 5
"""Requests in a row without an answer, after which a host is left alone for the rest of the visit."""

_PORTS = {"http": ":80", "https": ":443"}
_NAP = 0.5  # seconds between two looks at whether the crawl is ending
_TURN = "turn_at"
_SILENCE = (
    DownloadTimeoutError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    CannotResolveHostError,
    ResponseDataLossError,
)


class Hosts:
    """Stands right before the network: sees each request and answer, redirects and retries too."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._silences: Counter[str] = Counter()
        self._waited: dict[str, float] = defaultdict(float)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Hosts:
        """For the crawler's slots and delays."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for the host's turn. Raises NotNow where that would not come on this visit."""
        host = origin(request)
        with Shared.borrowed() as shared:
            wait = await shared.turns.take(host, self._delay(request))
            request.meta[_TURN] = host
            try:
                await self._pause(shared, host)
                await self._nap(wait)
                while wait := await shared.begin_turn(host, self._delay(request)):
                    await self._nap(wait)
                await self._pause(shared, host)  # with the turn comes what the host has asked of others meanwhile
            except BaseException:
                self._end_turn(request)
                raise

    async def process_response(self, request: Request, response: Response) -> Response:
        """Take note of a host that sends us away."""
        self._end_turn(request)
        host = origin(request)
        self._silences[host] = 0
        if response.status in (429, 503) and (pause := pause_of(response, datetime.now(UTC))) is not None:
            log.info("%s: HTTP %d: asks to be left alone for %.0f s", host, response.status, pause.total_seconds())
            with Shared.borrowed() as shared:
                await shared.learn_host(host, paused_until=datetime.now(UTC) + pause)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Take note of a host that does not answer."""
        if self._end_turn(request) and isinstance(exception, _SILENCE):
            self._silences[origin(request)] += 1

    async def _pause(self, shared: Shared, host: str) -> None:
        """Wait until the host may be asked again. Raises NotNow where that is not on this visit."""
        if self._silences[host] >= SILENCES:
            raise NotNow("skipped.host_silent", f"{host} has not answered {SILENCES} times in a row")
        while until := (await shared.host(host)).paused_until:
            left = (until - datetime.now(UTC)).total_seconds()
            if left <= 0 or left > LONGEST_PAUSE.total_seconds():  # a clock was wrong when that was entered
                return
            self._waited[host] += left
            if self._waited[host] > LONGEST_WAIT:
                raise NotNow("skipped.retry_after", f"{host} asks to be left alone until {until:%Y-%m-%d %H:%M:%S} UTC")
            await self._nap(left)

    async def _nap(self, seconds: float) -> None:
        """Sleep, unless the crawl is ending: who was not asked by then is not."""
        while seconds > 0:
            await asyncio.sleep(min(seconds, _NAP))
            seconds -= _NAP
            if not self._crawler.crawling:
                raise NotNow("skipped.crawl_ended", "the crawl is ending")

    def _delay(self, request: Request) -> float:
        assert self._crawler.engine is not None, "a crawler that asks has an engine"
        downloader = self._crawler.engine.downloader
        settings = downloader.per_slot_settings.get(downloader.get_slot_key(request), {})
        return float(settings.get("delay", downloader._delay))

    def _end_turn(self, request: Request) -> bool:
        """Whether the request had a turn."""
        host: str | None = request.meta.pop(_TURN, None)
        if host is None:
            return False
        with Shared.borrowed() as shared:
            shared.end_turn(host)
        return True


def origin(request: Request) -> str:
    """Scheme, host and port of a request: `https://paper.example`; without a name to log in by and the scheme's own
    port, so that a host is one however a link spells it."""
    parts = urlparse_cached(request)
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_PORTS.get(parts.scheme, ""))
    return f"{parts.scheme}://{host}"


def pause_of(response: Response, now: datetime) -> timedelta | None:
    """For how long an answer of 429 or 503 sends us away; None for one that does not."""
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    pause: timedelta | None = None
    if said.isdecimal():
        pause = timedelta(seconds=int(said[:9]))
    elif said:
        try:
            until = parsedate_to_datetime(said)
            pause = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now  # "-0000" says no zone
        except (ValueError, OverflowError):
            log.info("%s: a Retry-After that is neither a number nor a date: %r", response.url, said[:100])
    if pause is None and response.status == 429:
        pause = timedelta(seconds=UNSAID_PAUSE)
    return None if pause is None or pause <= timedelta() else min(pause, LONGEST_PAUSE)
