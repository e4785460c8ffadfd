"""robots.txt, as RFC 9309 has it: asked for once a host, kept for some hours, obeyed by every request, concurrent ones
too.

Scrapy's own middleware lets requests through while the rules are on their way (2.14 to 2.19: the second request waits
on a Deferred that gives None), and takes a host whose rules cannot be had for one that has none.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from newsbot.middlewares.hosts import origin
from newsbot.shared import Shared
from newsbot.tally import NotNow, Refused, name_of

log = logging.getLogger(__name__)

LARGEST = 512 * 1024
"""Bytes of rules that are read; RFC 9309, 2.5, asks for 500 KiB at least."""
LONGEST_DELAY = 300.0
"""Seconds: a Crawl-delay above this is taken for this. At one page in five minutes a visit is as good as over."""

MOST_HOSTS = 50
"""Hosts that one visit asks, the site's own and those that its sources lead to: each costs its rules, in memory and
time. What stands on more of them waits for the next visit."""
KEPT = timedelta(hours=6)
"""How long a host's rules hold before they are asked for again; RFC 9309, 2.4, allows a day."""

_FIRST = 1000  # before every source and story of the host
_RULES = "robots"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host lets us do: `parsed` is None where it has no rules; `unreachable`, where they cannot be had, is what
    that is counted under; `text` is the file."""

    parsed: Protego | None = None
    unreachable: str = ""
    text: str = ""

    def allow(self, url: str, agent: str) -> bool:
        """Whether an address may be asked for."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, agent))

    def delay(self, agent: str) -> float:
        """The seconds between two requests that it asks for, 0 if it asks for none."""
        if self.parsed is None:
            return 0.0
        said = float(self.parsed.crawl_delay(agent) or 0.0)
        if rate := self.parsed.request_rate(agent):
            said = max(said, rate.seconds / max(rate.requests, 1))
        return min(max(said, 0.0), LONGEST_DELAY)


class Robots:
    """Asks for a host's rules with its first request; all others wait for the answer.

    Where the server says that there are none (a 4xx), all is allowed; where it fails, or does not answer, nothing is:
    not now.
    """

    def __init__(self, crawler: Crawler, agent: str) -> None:
        self._crawler = crawler
        self._agent = agent
        self._rules: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Robots:
        """For the crawler's user agent."""
        return cls(crawler, str(crawler.settings["USER_AGENT"]))

    async def process_request(self, request: Request) -> None:
        """Raises Refused for what the host does not let us ask for."""
        if _RULES in request.meta:
            return
        host = origin(request)
        if host not in self._rules:
            if len(self._rules) == MOST_HOSTS:
                raise NotNow("skipped.hosts", f"{host} is one more than the {MOST_HOSTS} hosts that a visit asks")
            self._rules[host] = asyncio.ensure_future(self._rules_of(host))
        rules = await asyncio.shield(self._rules[host])
        if rules.unreachable:
            raise NotNow(rules.unreachable, f"{host}/robots.txt cannot be had: not now")
        if not rules.allow(request.url, self._agent):
            raise Refused("robots", f"forbidden by {host}/robots.txt")

    async def _rules_of(self, host: str) -> Rules:
        """The rules of a host: those of an earlier visit, if they are young enough."""
        with Shared.borrowed() as shared:
            known = await shared.host(host)
            seen, now = known.robots_seen, datetime.now(UTC)
            if known.robots is not None and seen and seen <= now < seen + KEPT:  # else a clock was wrong, or it is old
                rules = Rules(Protego.parse(known.robots) if known.robots else None)
            else:
                rules = await self._ask(host)
                if not rules.unreachable:
                    await shared.learn_host(host, robots=rules.text, robots_seen=datetime.now(UTC))
        if (delay := rules.delay(self._agent)) > 0:
            self._slow_down(host, delay)
        return rules

    async def _ask(self, host: str) -> Rules:
        request = Request(
            f"{host}/robots.txt",
            priority=_FIRST,
            dont_filter=True,
            callback=NO_CALLBACK,
            meta={_RULES: True, "handle_httpstatus_all": False},
        )
        engine = self._crawler.engine
        assert engine is not None, "a crawler that asks has an engine"
        try:
            response = await engine.download_async(request)
        except IgnoreRequest as error:  # refused by the address guard, redirected for ever, too large
            return Rules(unreachable=name_of(error))
        except Exception as error:
            log.info("%s/robots.txt: %s: %s", host, name_of(error), error)
            return Rules(unreachable=name_of(error))
        return understood(response)

    def _slow_down(self, host: str, delay: float) -> None:
        """Ask this host no more often than it wants to be asked."""
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        host = downloader.get_slot_key(Request(host))
        # The slot is there, and may be thrown away while it is idle: the next one is made from the settings.
        if slot := downloader.slots.get(host):
            slot.delay = max(slot.delay, delay)
        settings = downloader.per_slot_settings.setdefault(host, {})
        settings["delay"] = max(delay, settings.get("delay", downloader._delay))


def understood(response: Response) -> Rules:
    """What the answer to a request for robots.txt says (RFC 9309, 2.3.1)."""
    if response.status == 429 or response.status >= 500:
        return Rules(unreachable="skipped.robots_unreachable")
    if response.status >= 400:
        return Rules()
    text = response.body[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
    return Rules(Protego.parse(text), text=text)
