"""A story's whole fingerprint."""

from __future__ import annotations

import pytest

from newsbot.fingerprint import VERSION, likeness_keys, sign, text_key
from newsbot.items import Fingerprint
from tests.fingerprint.texts import text


def test_all_addresses_once_the_canonical_first() -> None:
    urls = [
        "https://www.example.com/b/storm",
        "http://m.example.com/b/storm/?utm_source=x",
        "https://example.com/a/storm",
    ]
    assert sign(urls, text(50)) == Fingerprint(
        ("example.com/b/storm", "example.com/a/storm"), text_key(text(50)), likeness_keys(text(50))
    )


def test_a_short_story_has_its_address_only() -> None:
    assert sign(["https://example.com/a"], "Watch the video above.") == Fingerprint(("example.com/a",))


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="ftp://example"):
        sign(["https://example.com/a", "ftp://example.com/a"], "")


def test_there_is_a_version() -> None:
    assert VERSION >= 1


@pytest.mark.parametrize(
    "story", [text(200), text(200).replace("a", "ä"), text(200).replace("a", "Ã¤"), "港口" * 40, ""]
)
def test_a_fingerprint_holds_what_its_parts_give(story: str) -> None:
    made = sign(["https://example.com/a"], story)
    assert (made.text_key, made.likeness_keys) == (text_key(story), likeness_keys(story))
