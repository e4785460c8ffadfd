"""Answers packed with gzip come out as Scrapy unpacks them, whatever is wrong with them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.middlewares.answers import Unpacking

BODY = b"The ferry to the island sails again since Monday. " * 1000
WHOLE = gzip.compress(BODY)


def unpacked(by: type[HttpCompressionMiddleware], packed: bytes, most: int) -> bytes | type[Exception]:
    try:
        return by._decode(packed, b"gzip", most)
    except Exception as error:
        return type(error)


PACKED = {
    "sound": WHOLE,
    "nothing in it": gzip.compress(b""),
    "two members": WHOLE + gzip.compress(b"And on Tuesdays."),
    "more behind it": WHOLE + b"\0\0\0\0",
    "cut off": WHOLE[: len(WHOLE) // 2],
    "cut off before its sum": WHOLE[:-8],
    "with a wrong sum": WHOLE[:-8] + b"\1\2\3\4" + WHOLE[-4:],
    "no gzip": b"<html>",
    "no bytes": b"",
}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
def test_what_comes_out_is_what_scrapy_makes_of_it(packed: bytes) -> None:
    for most in (0, 10, len(BODY), 10_000_000):
        assert unpacked(Unpacking, packed, most) == unpacked(HttpCompressionMiddleware, packed, most), most


@given(st.integers(0, len(WHOLE)), st.binary(max_size=4), st.integers(0, 2 * len(BODY)))
def test_so_it_is_of_any_damage(at: int, damage: bytes, most: int) -> None:
    packed = WHOLE[:at] + damage + WHOLE[at + len(damage) :]
    assert unpacked(Unpacking, packed, most) == unpacked(HttpCompressionMiddleware, packed, most)


def test_one_byte_more_than_allowed_is_too_much() -> None:
    assert unpacked(Unpacking, WHOLE, len(BODY)) == BODY
    assert unpacked(Unpacking, WHOLE, len(BODY) - 1) is _DecompressionMaxSizeExceeded
