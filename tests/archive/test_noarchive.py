"""Pages that ask not to be kept."""

from __future__ import annotations

import pytest

from newsbot.archive.noarchive import forbids

PAGE = b"<html><head>%s</head><body><p>They named none of the robots.</p></body></html>"


@pytest.mark.parametrize(
    ("tags", "forbidden"),
    [
        (["noarchive"], True),
        (["nofollow, NoArchive"], True),
        (["none"], True),
        (["all", "noarchive"], True),
        (["newsbot: noarchive"], True),
        (["otherbot: noarchive"], False),
        (["otherbot: nofollow, noarchive"], False),
        (["otherbot: nofollow, newsbot: noarchive"], True),
        (["unavailable_after: 25 Jun 2026 15:00:00 PST, noarchive"], True),
        (["max-image-preview: none"], False),
        (["max-image-preview:large, noindex, nosnippet"], False),
        ([""], False),
        ([], False),
    ],
)
def test_the_header(tags: list[str], forbidden: bool) -> None:
    assert forbids(tags, PAGE) is forbidden


@pytest.mark.parametrize(
    ("meta", "forbidden"),
    [
        ('<meta name="robots" content="noarchive">', True),
        ("<META NAME='Robots' CONTENT='index,NOARCHIVE'/>", True),
        ("<meta content=none name=robots>", True),
        ('<meta\n  name="newsbot"\n  content="nofollow noarchive">', True),
        ('<meta name="otherbot" content="noarchive">', False),
        ('<meta name="robots" content="index, follow, max-image-preview:large">', False),
        ('<meta name="description" content="none of the robots">', False),
        ('<meta property="og:title" content="noarchive"><meta name="robots" content="all">', False),
        ("", False),
    ],
)
def test_the_page(meta: str, forbidden: bool) -> None:
    html = PAGE % meta.encode()
    assert forbids([], html) is forbidden
    assert forbids([], html.decode().encode("utf-16"), "text/html; charset=utf-16") is forbidden
