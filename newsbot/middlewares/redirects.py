"""Redirects, followed to their end.

Scrapy drops a redirect to an address that was asked for before, without a word: a loop then looks like a page that
never was, and the second address of a story stays unknown and is asked for on every visit.
"""

from __future__ import annotations

import re

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from newsbot.tally import Refused

_MOVED = (301, 302, 303, 307, 308)
_SCHEME = re.compile(rb"\s*(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Redirects(RedirectMiddleware):
    """Scrapy's middleware, whose redirects are made even where they lead to a known address; a loop ends at
    REDIRECT_MAX_TIMES."""

    # Scrapy deprecates the argument `spider`, which the signature of its own method still has.
    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, or the request that it redirects to. Raises IgnoreRequest for the last of too many, Refused for
        one that leads to no address of the web."""
        place = response.headers.get("Location") or b""
        if response.status in _MOVED and _SCHEME.match(place):
            raise Refused("scheme", f"{request.url}: redirects to {place[:100]!r}; only http and https are crawled")
        try:
            followed: Request | Response = super().process_response(request, response)
        except ValueError as error:
            raise Refused("address", f"{request.url}: redirects to what is no address: {error}") from error
        if isinstance(followed, Request):
            followed.dont_filter = True
        return followed
