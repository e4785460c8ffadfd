"""What class names and the targets of links say, and how far they are believed."""

from __future__ import annotations

import pytest

from newsbot.clean import clean
from newsbot.items import Block, BlockKind, RemovedKind

STORY = (
    "The bridge over the Tarn was closed on Monday after an inspector found cracks in two of its pillars.",
    "It will not open again before autumn, the county's engineer told the council in a letter on Wednesday.",
    "Lorries have to take the road over the pass, which adds an hour to the way from the quarries to the railway.",
    "The cracks were found by chance: a fisherman had seen that gravel fell out of the second pillar at high water.",
)
WORDS = (
    "the week in the valley as our readers saw it from their windows with rain over the fields and a little snow on "
    "all hills that stand around the lake"
)


def words(number: int) -> str:
    return " ".join(WORDS.split()[:number]).capitalize()


def verdict(
    text: str,
    tokens: str = "",
    links: tuple[str, ...] = (),
    density: float = 0.0,
    kind: BlockKind = BlockKind.PARAGRAPH,
) -> RemovedKind | None:
    """What a block with these class names and links is removed for, in the middle of a story; None where it stays."""
    story = [Block(BlockKind.PARAGRAPH, each, tags=("p",)) for each in STORY]
    block = Block(kind, text, tokens=tuple(tokens.split()), tags=("p", "div"), links=links, link_density=density)
    cleaned = clean([*story[:2], block, *story[2:]])
    assert [each for each in cleaned.kept if each.text in STORY] == story
    return next((each.kind for each in cleaned.removed), None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("newsletter", RemovedKind.NEWSLETTER),
        ("newsletter-box", RemovedKind.NEWSLETTER),
        ("article__newsletters", RemovedKind.NEWSLETTER),
        ("email-signup", RemovedKind.NEWSLETTER),
        ("read-more", RemovedKind.RELATED),
        ("most_read", RemovedKind.RELATED),
        ("share-bar", RemovedKind.SHARE),
        ("comments", RemovedKind.COMMENTS),
        ("c-cookie-banner", RemovedKind.COOKIE),
        ("embed-privacy", RemovedKind.COOKIE),
        ("ad-slot", RemovedKind.ADVERTISING),
        ("donation-appeal", RemovedKind.DONATION),
        ("body-text", None),
        ("nonewsletter", None),
        ("letter", None),
        ("social-media-embed", None),
        ("comments-open", None),
        ("share-count", None),
    ],
)
def test_names_are_read_by_the_beginnings_of_their_words(name: str, kind: RemovedKind | None) -> None:
    assert verdict("Snow on the hills", name) is kind


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("newsletter", 25),  # hardly ever on a story's own paragraphs
        ("share-bar", 12),  # that may be on anything
        ("related", 12),  # a "teaser" that leads nowhere is the story's own standfirst
    ],
)
def test_a_name_decides_alone_over_so_many_words(name: str, most: int) -> None:
    assert verdict(words(most), name) is not None
    assert verdict(words(most + 1), name) is None


def test_a_teaser_that_leads_somewhere_is_no_standfirst() -> None:
    assert verdict(words(20), "teaser", ("https://a.example/1",), 0.2) is RemovedKind.RELATED
    assert verdict(words(26), "teaser", ("https://a.example/1",), 0.2) is None


def test_a_name_on_nearly_a_third_of_the_page_is_none_of_a_box() -> None:
    def removed(number: int) -> int:
        box = [Block(BlockKind.PARAGRAPH, "a" * 10, tokens=("newsletter",), tags=("p",))] * number
        rest = [Block(BlockKind.PARAGRAPH, "b" * 10, tags=("p",))] * (10 - number)
        return len(clean([*rest, *box]).removed)

    assert removed(1) == 1
    assert removed(2) == 2
    assert removed(4) == 0


def test_a_link_says_where_it_leads_and_counts_by_how_much_of_the_text_it_is() -> None:
    to = "https://a.example/donate?from=story"
    assert verdict("Snow on the hills", "share-bar", (to,), 0.2) is RemovedKind.SHARE, "names weigh more"
    prose = words(20)
    assert verdict(prose, "", (to,), 1.0) is RemovedKind.RELATED, "all of it is a link, wherever it leads"
    assert verdict(prose, "contributions", (to,), 0.6) is RemovedKind.DONATION
    assert verdict(prose, "paywall", (to,), 0.6) is None, "each says something else"
    for target in ("https://a.example/newsletter", "https://mailchi.mp/a"):
        assert verdict("Write to you every day", "", (target,), 0.6) is None, "a link alone is not enough"
    # A name that may be on anything counts half; with a link that is most of the text it is enough.
    subscribe = "https://a.example/subscribe"
    assert verdict(prose, "offer", (subscribe,), 0.6) is RemovedKind.PAYWALL
    assert verdict(prose, "offer", (subscribe,), 0.5) is None
    assert verdict(prose, "offer", ("https://a.example/story", subscribe), 0.6) is RemovedKind.PAYWALL


@pytest.mark.parametrize(
    ("number", "density", "kind", "removed"),
    [
        (6, 0.9, BlockKind.PARAGRAPH, True),
        (5, 0.9, BlockKind.PARAGRAPH, False),
        (6, 0.89, BlockKind.PARAGRAPH, False),
        (6, 0.9, BlockKind.HEADING, False),
        (25, 1.0, BlockKind.PARAGRAPH, True),
    ],
)
def test_a_paragraph_that_is_nothing_but_links_leads_elsewhere(
    number: int, density: float, kind: BlockKind, removed: bool
) -> None:
    found = verdict(words(number), "", ("https://a.example/1",), density, kind)
    assert found is (RemovedKind.RELATED if removed else None)


def test_a_removal_by_markup_names_the_name() -> None:
    story = [Block(BlockKind.PARAGRAPH, each, tags=("p",)) for each in STORY]
    box = Block(BlockKind.PARAGRAPH, "Snow on the hills", tokens=("left", "newsletter-box"), tags=("p",))
    (removed,) = clean([*story, box]).removed
    assert removed.why == "markup: class newsletter-box"
    link = "https://a.example/subscribe/" + "a" * 60
    prose = Block(BlockKind.PARAGRAPH, words(20), tags=("p",), links=(link,), link_density=1.0)
    assert "nothing but links" in clean([*story, prose]).removed[0].why
