"""What a crawl must keep of the invented papers' stories, and what not, from the data that the pages come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from newsbot.demo.paper import Kind, Paper, Story, load_papers
from newsbot.demo.press import furniture_page, plain


@dataclass(frozen=True, slots=True)
class ExpectedStory:
    """A story as a crawl should leave it.

    `paragraphs` are the body's blocks in order: paragraphs, subheadings, quotations, list items; neither title,
    standfirst nor caption. `promotional` are the texts that stand on the page around and between them, one a text node;
    each holds a word, and none occurs anywhere in the story, so that `text in story.text` proves one a survivor.
    `copy_of` is the address of the story whose text this is, published earlier.
    """

    site: str
    url: str
    title: str
    standfirst: str
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    caption: str
    paragraphs: tuple[str, ...]
    promotional: tuple[str, ...]
    paywalled: bool
    copy_of: str | None


def expected(edition: int = 1) -> dict[str, ExpectedStory]:
    """Canonical address -> story, for all stories that edition 1 or 2 of the two papers holds."""
    stories = [_expected(paper, story, edition) for paper in load_papers() for story in paper.stories(edition)]
    return {story.url: story for story in stories}


def _expected(paper: Paper, story: Story, edition: int) -> ExpectedStory:
    paragraphs = tuple(plain(piece.text) for piece in story.body if piece.kind is not Kind.BOX)
    own = "\n".join((story.title, story.standfirst, story.caption, story.credit, *story.authors, *paragraphs))
    parser = _Texts()
    parser.feed(furniture_page(paper, story, edition))
    parser.close()
    return ExpectedStory(
        site=paper.key,
        url=paper.url(story.path),
        title=story.title,
        standfirst=story.standfirst,
        authors=story.authors,
        section=story.section.capitalize(),
        tags=story.tags,
        caption=story.caption,
        paragraphs=paragraphs,
        promotional=tuple(text for text in dict.fromkeys(parser.texts) if text not in own),
        paywalled=story.paywalled,
        copy_of=story.copy_of,
    )


class _Texts(HTMLParser):
    """Gathers the texts of a page's body that hold a word."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_body = self._in_body or tag == "body"

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if self._in_body and re.search(r"[^\W\d_]{2}", text):
            self.texts.append(text)
