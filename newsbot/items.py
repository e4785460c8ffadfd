"""What travels through the house: small frozen values, without behaviour beyond their own invariants.

    Lead -> Page -> Draft(page, Article) -> Story

A `Lead` says that an address may hold a story, a `Page` is what was fetched there, an `Article` is what the page says,
a `Draft` carries both to the cleaning, and a `Story` is what the database keeps. itemadapter understands all of them.

All instants are aware datetimes. Where a page gives only a day, the value is a plain `date`; where it gives a time
without a zone, a naive `datetime`: nothing is made up before the site's own zone is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of text is on its page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    CAPTION = "caption"
    TABLE_ROW = "table_row"
    PRE = "pre"


class Access(StrEnum):
    """How much of the story its publisher serves freely."""

    FREE = "free"
    METERED = "metered"
    PAYWALLED = "paywalled"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a page turned out to be. Everything but `STORY` is dropped and counted under its name."""

    STORY = "story"
    EMPTY = "empty"  # no text to speak of
    CONSENT = "consent"  # a cookie or consent wall
    CHALLENGE = "challenge"  # "Just a moment": a bot check
    SOFT_404 = "soft_404"  # "not found", said with status 200
    INDEX = "index"  # a page of links: a front page, a section, a topic, an author, what a search found
    VIDEO = "video"  # a film, a recording or a gallery with hardly a text beside it
    NOT_HTML = "not_html"  # a picture, a PDF, JSON
    GONE = "gone"  # the server says 404 or 410
    FAILED = "failed"  # it could not be fetched or read
    FORGOTTEN = "forgotten"  # a story that was deleted on purpose: it is not to come back


class RemovedKind(StrEnum):
    """Why a block is not part of the story."""

    DONATION = "donation"
    PAYWALL = "paywall"
    NEWSLETTER = "newsletter"
    REGISTRATION = "registration"
    RELATED = "related"
    SHARE = "share"
    COMMENTS = "comments"
    COOKIE = "cookie"
    APP = "app"
    ADVERTISING = "advertising"
    COPYRIGHT = "copyright"
    BYLINE = "byline"
    FURNITURE = "furniture"  # what the site prints on every page: menus, dates, buttons


class Role(StrEnum):
    """What a block set apart is: not running text, but part of what the page says."""

    TITLE = "title"
    CAPTION = "caption"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address that may hold a story, and what the feed, sitemap or link said about it."""

    url: str
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """What is known of an address: when it was last `fetched`, and when it is due `again`, None for never: because it
    held no story then or, where it `failed`, could not be fetched."""

    fetched: datetime
    again: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Archived:
    """Where a page lies as fetched: a file of the archive, by its name, and the byte at which its record begins."""

    file: str
    offset: int


GONE = (404, 410)
"""The answers that say of a page that there is none, or no longer."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched: `url` as asked for, `final_url` after redirects, `redirects` the addresses that redirected, in
    order; headers with lower-case names. `archived` is None where it was not kept as fetched."""

    site: str
    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    lead: Lead
    redirects: tuple[str, ...] = ()
    archived: Archived | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text with what the page's markup says about it.

    `tokens` are the lower-case class and id tokens (split at white space only) of the block's element and of its
    ancestors inside the body container, nearest first; `tags` the names of these elements in the same order;
    `link_density` the share of the text's characters that stand in links; `links` the targets of those links.
    Plain text has none of them. `dropped` says why the extraction holds the block for no part of the story, and is
    empty where it does not.
    """

    kind: BlockKind
    text: str
    tokens: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    link_density: float = 0.0
    links: tuple[str, ...] = ()
    dropped: str = ""

    def __reduce__(self) -> tuple[type[Block], tuple[object, ...]]:
        """How it travels between processes. The way of dataclasses asks for the fields of each anew."""
        told = (self.text, self.tokens, self.tags, self.link_density, self.links, self.dropped)
        return Block, (self.kind, *told)


@dataclass(frozen=True, slots=True)
class Image:
    """The story's main picture."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a site before one of its pages is read: its own name; the keys (see `fingerprint.block_key`) of
    blocks that stand on several of its stories; the places in its markup (see `Article.container`) that held bodies."""

    site_name: str = ""
    repeated: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Live:
    """What a page that is written on as things happen says of its entries: how many, the first and the last time."""

    entries: int
    oldest: date | None = None
    newest: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says. `language` is a BCP 47 tag in lower case, `published` and `modified` as the module says.

    `why` names the evidence for a verdict other than `STORY`; `live` is None where the page is no live blog;
    `blocks` are those of the body in order, with what stands between them and is none of it (see `Block.dropped`);
    `container` names the place in the site's markup that held the body, empty where none did.
    """

    url: str
    verdict: Verdict = Verdict.STORY
    why: str = ""
    canonical_url: str | None = None
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    modified: date | None = None
    language: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    access: Access = Access.UNKNOWN
    live: Live | None = None
    blocks: tuple[Block, ...] = ()
    container: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The texts of the story's blocks, in order; captions stand beside the text, not in it."""
        return tuple(block.text for block in self.blocks if block.kind is not BlockKind.CAPTION and not block.dropped)

    @property
    def text(self) -> str:
        """The blocks' texts, separated by blank lines."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that is not part of the story: where it stood among all blocks, its kind, and what decided."""

    position: int
    block: Block
    kind: RemovedKind
    why: str

    @property
    def text(self) -> str:
        """The block's text."""
        return self.block.text


@dataclass(frozen=True, slots=True)
class Apart:
    """A block that is no running text and yet no rubbish: the title, a picture's caption, its credit."""

    position: int
    block: Block
    role: Role

    @property
    def text(self) -> str:
        """The block's text."""
        return self.block.text


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The blocks of a page, sorted: `kept` is the story, in order. Together the three hold every block once."""

    kept: tuple[Block, ...] = ()
    removed: tuple[Removed, ...] = ()
    apart: tuple[Apart, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A block of a story's page that may be the site's text and not the story's, and how it stood there.

    `key` is that of `fingerprint.block_key`. `kept`: the story's text holds it. `kind`: what it was removed for, on
    other evidence than that the site repeats it. `loose`: the text reads on without it. `heads`: the
    key of the block that it introduces, empty where it introduces none. `veto`: it says something of this story alone.
    """

    key: str
    text: str
    kept: bool = True
    kind: RemovedKind | None = None
    loose: bool = False
    heads: str = ""
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A story on its way: the page as fetched and what it says."""

    page: Page
    article: Article


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a story is recognised by; each value is made by the algorithm whose version `newsbot.fingerprint` names.

    `url_keys`: the identities of all its addresses, the canonical one first. `text_key`: of its words, the same for
    texts that differ only in case, punctuation and white space; empty where there are too few words to tell.
    `likeness_keys`: signed 32-bit keys, of which near-duplicates share some.
    """

    url_keys: tuple[str, ...]
    text_key: str = ""
    likeness_keys: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What is kept of a page. `url` is where it was fetched, `addresses` are all that lead to it, the canonical first;
    `identity` is the key that its site's own numbering gives it (see `fingerprint.id_key`), empty where there is none.
    `published` and `modified` are UTC; the offsets are minutes east of UTC as the page said
    them, None where it gave none; `day_only` is true where it gave no time of day, and `published` is that midnight.
    `container` (see `Article`) and `traces` are what the page may teach about its site; `next_look` is when it is to be
    fetched again, None for never. `as_announced`: the page tells what its lead announced, and no notice stands in for
    it; false where nothing says. `etag` and `last_modified` are to the letter what the answer said. `archived` is
    where its page lies, None where that was not kept; `made_by` names what made the text of it (see `newsbot.recipe`).
    """

    site: str
    url: str
    canonical_url: str
    title: str
    text: str
    fetched_at: datetime
    addresses: tuple[str, ...] = ()
    identity: str = ""
    as_announced: bool = False
    standfirst: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    published: datetime | None = None
    published_offset: int | None = None
    modified: datetime | None = None
    modified_offset: int | None = None
    day_only: bool = False
    image: Image | None = None
    access: Access = Access.UNKNOWN
    word_count: int = 0
    removed: tuple[Removed, ...] = ()
    apart: tuple[Apart, ...] = ()
    container: str = ""
    traces: tuple[Trace, ...] = ()
    next_look: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    archived: Archived | None = None
    made_by: str | None = None
    fingerprint: Fingerprint = field(default_factory=lambda: Fingerprint(()))
