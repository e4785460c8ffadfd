"""What an answer may be before it is a page: its head has a length, and it is packed once or twice.

Scrapy bounds the body as it arrives and as it is unpacked (DOWNLOAD_MAXSIZE), and the time for all of it
(DOWNLOAD_TIMEOUT). In that time a server can send headers without end, which are kept, and name any number of packings
that lie inside one another, each of which is unpacked on the event loop.
"""

from __future__ import annotations

import zlib
from traceback import clear_frames

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, IgnoreRequest
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web._newclient import Request as TxRequest
from twisted.web.client import ResponseFailed
from twisted.web.iweb import IResponse

LONGEST_HEAD = 256 * 1024
"""Bytes of status lines and headers, as much as Chrome takes."""
MOST_PACKINGS = 2
"""Content-Encodings of one answer; more than one is a mistake already, but one that happens."""


class Answers(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, with these bounds."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory

    async def download_request(self, request: Request) -> Response:
        """The answer. Raises DownloadCancelledError for one beyond the bounds, and what Scrapy's raises."""
        try:
            response = await super().download_request(request)
        except DownloadFailedError as error:
            cause = error.__cause__
            if isinstance(cause, ResponseFailed) and any(reason.check(_HeadTooLong) for reason in cause.reasons):
                raise DownloadCancelledError(f"{request.url}: headers without end") from error
            raise
        packings = b",".join(response.headers.getlist("Content-Encoding")).count(b",") + 1
        if packings > MOST_PACKINGS:
            raise DownloadCancelledError(f"{request.url}: packed {packings} times over")
        return response


class Unpacking(HttpCompressionMiddleware):
    """Scrapy's, which forgets what it has unpacked of a bomb: the error's traceback would hold it until garbage is
    collected, and a feed may lead to 500 bombs. Most answers are packed with gzip, and unpacked at one go."""

    # Scrapy deprecates the argument `spider`, which the signature of its own method still has.
    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The response, unpacked. Raises IgnoreRequest for one that is too large."""
        try:
            unpacked: Request | Response = super().process_response(request, response)
        except IgnoreRequest as error:
            if error.__cause__ is not None:
                clear_frames(error.__cause__.__traceback__)
            raise
        return unpacked

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """The bytes unpacked; Scrapy's way, in many small pieces, for what is too large, cut off or broken."""
        if encoding in (b"gzip", b"x-gzip") and (whole := _gunzipped(body, max_size)) is not None:
            return whole
        return HttpCompressionMiddleware._decode(body, encoding, max_size)


def _gunzipped(body: bytes, most: int) -> bytes | None:
    """What a gzip file of one member holds, if it is sound and holds at most so many bytes; None where it is not."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16)
    try:
        whole = unpacker.decompress(body, most)
    except zlib.error:
        return None
    return whole if unpacker.eof and not unpacker.unused_data else None


class _HeadTooLong(Exception):
    """Ends the connection."""


class _Parser(_LenientHTTPClientParser):
    """Counts what comes before the body, answers of the kind "100 Continue" included."""

    _read = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        self._read += len(line) + 1
        if self._read > LONGEST_HEAD:
            raise _HeadTooLong
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """A line of more than 16 KiB, at which Twisted would only hang up."""
        raise _HeadTooLong


class _Protocol(_LenientHTTP11ClientProtocol):
    def request(self, request: TxRequest) -> Deferred[IResponse]:
        asked = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = _Parser  # as Scrapy does it: the name of the class is fixed in Twisted
        return asked


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: N802 - Twisted's name
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
