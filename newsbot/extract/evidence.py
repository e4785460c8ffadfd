"""What speaks for and against a block's being part of the story: named pieces of evidence, no weights.

A piece is a short text such as `place: inside` or `long text, main column`. Each says something about how the block
reads, where it stands, what it stands in, or what the publisher says elsewhere. How much each counts is in
`weights.toml`; `newsbot extract --explain` prints both.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

from newsbot.extract import markup
from newsbot.extract.blocks import Found, Node
from newsbot.extract.text import ends_sentence, fold, is_title
from newsbot.items import BlockKind

# Words of class and id names, by what they usually hold.
_GROUPS = {
    "pull quote": "pullquote blockquote zitat quote cite citation",
    "box of facts": "infobox factbox faktabox fact facts infos info box kasten inset callout aside explainer summary",
    "embed": "tweet twitter instagram embed oembed facebook tiktok youtube video player",
    "date line": "date time datetime meta published updated timestamp pubdate dateline readingtime duration",
    "headline": "headline title hed heading titel titre titulo kicker topline overline eyebrow",
    "picture": "image img photo picture media gallery slideshow slide figure thumb thumbnail carousel",
    "notes": "footnote note notes disclaimer correction editors footer end credit credits source copyright agency",
    "person": "author authors autor byline contributor bio writer profile person",
    "list": "list links link items item tags topics keywords",
    "text": "text paragraph body content copy richtext p prose",
    "live post": "live liveblog post entry update",
    "table": "table stats score scoreboard",
    "form": "poll quiz vote survey form button btn comment comments rating",
    "promotion": "promo promotion newsletter subscribe subscription ad ads advert sponsored affiliate product deal",
    "more stories": "more related read next also recommended trending popular teaser",
}
_GROUP_OF = {word: group for group, words in _GROUPS.items() for word in words.split()}
_TAGS = {
    tag: f"in <{tag}>"
    for tag in """aside figure blockquote form table header article section ul ol details span em dl center figcaption
    label address cite""".split()
}
_FLAGS = (
    (markup.AWAY, "names: no story"),
    (markup.FAR_AWAY, "names: surely no story"),
    (markup.STANDFIRST, "names: standfirst"),
    (markup.CAPTION, "names: caption"),
    (markup.BYLINE, "names: byline"),
    (markup.HIDDEN, "hidden"),
    (markup.TEASER, "names: teaser"),
    (markup.BODY, "names: body"),
)
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b")
_PHOTO = re.compile(
    r"\W*(?:photo|foto|image|bild|фото|写真|사진|imagen|immagine|source|quelle|источник|fuente|fonte|credit|getty|picture|"
    r"kép|zdroj|zdjęcie)",
    re.IGNORECASE,
)
_SIGN_UP = re.compile(
    r"newsletter|subscri|signup|sign-up|/abo\b|abonn|suscri|donat|spende|whatsapp\.com/channel|t\.me/|play\.google\."
    r"|apps\.apple\.|mailto:"
)
_DIGITS = re.compile(r"\d+")

_Make = tuple[str, str, str]
_FAR = 99
_END = 0.15  # share of the body's mass that counts as its end
_COMPARED = 160  # characters
IS_DESCRIPTION = "is the description"
# What decides, with any weights: the first four are never a part of the text, a table's row always is, and such a
# heading is none where what follows is none.
IS_TITLE = "is the title"
IS_POINTER = "is a pointer: nearly all of it is a link"
IS_REPEATED = "stands on other stories of the site"
IS_SCRAP = "a scrap behind all main text"
IS_DATA = "row of a table inside the text"
HEADS_NOTHING = "heading behind all main text"
FAR_OUT = "in what is surely no story by its names"
NO_PROSE = "no prose, behind all blocks that are weighed"
NEVER = frozenset((IS_TITLE, IS_SCRAP, IS_POINTER, IS_REPEATED))


@dataclass(frozen=True, slots=True)
class Scene:
    """The blocks in question and what they are judged against.

    `blocks` are neighbours in reading order, some of them before the `container`; `out` says of each index whether the
    block stands in an element whose names say that it is no story. `title`, `description` and `said` (the body as the
    publisher gives it elsewhere, or empty) are folded; `authors` are names as in the byline, `site` is the site's own
    name, folded.
    """

    blocks: list[Found]
    container: Node
    out: bytearray
    title: str
    description: str
    said: str
    authors: tuple[str, ...]
    site: str


@lru_cache(maxsize=16384)
def _groups(names: str, label: str) -> frozenset[str]:
    """What the words of an element's class and id are usual for, as evidence."""
    return frozenset(f"{label}: {group}" for word in markup.words(names) if (group := _GROUP_OF.get(word)))


@lru_cache(maxsize=1024)
def _flag_evidence(flags: int) -> tuple[str, ...]:
    return tuple(label for flag, label in _FLAGS if flags & flag)


@lru_cache(maxsize=65536)
def _make(names: str) -> str:
    """Names without their numbers: what elements of one make share."""
    return _DIGITS.sub("", names)


class _Scale:
    """A measure cut into steps: `at(value)` is a piece of evidence such as `size 3`."""

    def __init__(self, label: str, *edges: float) -> None:
        self.edges = edges
        self.names = tuple(f"{label} {step}" for step in range(len(edges) + 1))

    def at(self, value: float) -> str:
        """The name of the step."""
        return self.names[bisect(self.edges, value)]


def _text(block: Found, density: float) -> str:
    """How the block reads, in a word or two."""
    kind, length = block.kind, block.size
    sentence = kind is BlockKind.PRE or ends_sentence(block.text)  # verse ends where it likes
    if kind is BlockKind.HEADING:
        return ("short heading", "heading", "long heading")[bisect((40, 90), length)]
    if kind is BlockKind.LIST_ITEM:
        linked = "linked item" if density >= 0.5 else "item with links" if density > 0.05 else "item"
        return f"{linked}, a sentence" if length >= 60 and sentence else linked
    if kind is BlockKind.TABLE_ROW:
        return "row"
    bold = " bold" if block.strong_density >= 0.9 else ""
    if density >= 0.6:
        text = "link"
    elif length >= 120:
        text = f"long text{bold}" if sentence else "long fragment"
    elif sentence:
        text = f"text{bold}" if length >= 50 else "short text"
    else:
        text = "fragment"
    return f"quoted {text}" if kind is BlockKind.QUOTE else text


_SIZES = (15, 30, 60, 120, 250)
_SIZE = {
    kind: _Scale("size" if kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.PRE) else f"{kind}: size", *_SIZES)
    for kind in BlockKind
}
_BOLD_SIZE = _Scale("bold: size", *_SIZES)
_LINKS = _Scale("links", 0.01, 0.2, 0.5, 0.8, 0.95)
_MAKE = _Scale("make: share", 0.001, 0.03, 0.1, 0.3)
_MAIN_BEFORE = _Scale("main text before", 2, 3, 5, 9, 90)
_DEPTH = {steps: f"depth {steps}" for steps in range(-3, 5)}


class _Surroundings:
    """What many blocks of a scene share: makes, boxes, what stands above them.

    A make is what elements that a template made have in common: tag, names without numbers, the parent's tag. A box is
    the largest element around a block that does not hold the whole body.
    """

    def __init__(self, scene: Scene) -> None:
        self.inner = range(scene.container.start, scene.container.end)
        self.path = set(scene.container.lineage())
        blocks, out = scene.blocks, scene.out
        whole = sum([block.mass for block in blocks]) or 1.0
        self.make_share: dict[_Make, float] = defaultdict(float)
        self.make_count: Counter[_Make] = Counter()
        self.parent_make_share: dict[_Make, float] = defaultdict(float)
        self.parent_share: dict[Node, float] = defaultdict(float)
        self.box_share: dict[Node, float] = defaultdict(float)
        self.makes: dict[Node, _Make] = {}
        self.box_of: dict[Node, Node | None] = {}
        self.above: dict[Node, tuple[int, frozenset[str]]] = {}
        for block in blocks:
            node = block.node
            make = self.make(node)
            share = block.mass / whole
            self.make_count[make] += 1
            box = self.box(node)
            if share:
                self.make_share[make] += share
                if box is not None:
                    self.box_share[box] += share
                if node.parent is not None:
                    self.parent_share[node.parent] += share
                    self.parent_make_share[self.make(node.parent)] += share
        self.main_make = max(self.make_share, key=self.make_share.__getitem__, default=None)
        self.main_parent = max(self.parent_share, key=self.parent_share.__getitem__, default=None)
        self.column = self.parent_share[self.main_parent] if self.main_parent else 0.0
        depths = Counter(b.node.depth for b in blocks if self.makes[b.node] == self.main_make)
        self.depth = depths.most_common(1)[0][0] if depths else 0
        main = [b.mass > 0 and b.size >= 60 and not out[b.index] and b.index in self.inner for b in blocks]
        self.before_main, self.after_main = _distances(main)

    def make(self, node: Node) -> _Make:
        """Tag, names without numbers, and the parent's tag."""
        found = self.makes.get(node)
        if found is None:
            found = (node.tag, _make(node.names) if node.names else "", node.parent.tag if node.parent else "")
            self.makes[node] = found
        return found

    def box(self, node: Node) -> Node | None:
        """The box around an element, None where it is the container or above it."""
        if node in self.box_of:
            return self.box_of[node]
        found: Node | None = None
        if node not in self.path:
            found = (self.box(node.parent) if node.parent is not None else None) or node
        self.box_of[node] = found
        return found

    def over(self, node: Node | None) -> tuple[int, frozenset[str]]:
        """The flags, and the evidence in tags, of an element and those around it, up to the container."""
        if node is None or node in self.path:
            return 0, frozenset()
        found = self.above.get(node)
        if found is None:
            found = self.over(node.parent)
            if node.flags or node.tag in _TAGS:
                own = {_TAGS[node.tag]} if node.tag in _TAGS else frozenset()
                found = (found[0] | node.flags, found[1] | own)
            self.above[node] = found
        return found


def _distances(main: list[bool]) -> tuple[list[int], list[int]]:
    """For each block how many blocks before, and after it, the next one of the main text stands."""
    before, after = [], []
    far = _FAR
    for is_main in main:
        before.append(min(far, _FAR))
        far = 1 if is_main else far + 1
    far = _FAR
    for is_main in reversed(main):
        after.append(min(far, _FAR))
        far = 1 if is_main else far + 1
    return before, after[::-1]


def weigh(scene: Scene) -> list[list[str]]:
    """For each block of the scene the evidence for and against it, in no order."""
    if not scene.blocks:
        return []
    around = _Surroundings(scene)
    inner, out, container = around.inner, scene.out, scene.container
    title, described = scene.title, scene.description
    title_seen = body_begun = False
    left = whole = sum([block.mass for block in scene.blocks if block.index in inner])
    found_for_all: list[list[str]] = []
    for position, block in enumerate(scene.blocks):
        node, kind, text, length = block.node, block.kind, block.text, block.size
        density = block.link_density
        inside = block.index in inner
        place = "inside" if inside else "before"
        reads = _text(block, density)
        folded = fold(text[:_COMPARED])  # a title or a description is told by its beginning
        titled = length <= _COMPARED and is_title(folded, title)
        make, box, parent = around.makes[node], around.box_of[node], node.parent
        before, after = around.before_main[position], around.after_main[position]
        stands = _stands(around, block, make, box, place, title_seen=title_seen, out=out[block.index] > 0)
        found = [
            reads,
            stands,
            f"{reads}, {stands}",
            _SIZE[kind].at(length),
            _LINKS.at(density),
            "make: main" if make == around.main_make else _MAKE.at(around.make_share.get(make, 0.0)),
            _DEPTH[max(-3, min(4, node.depth - around.depth))],
            _MAIN_BEFORE.at(before),
        ]
        add = found.append
        if around.make_count[make] == 1:
            add("make: only one")
        flags, tags = around.over(node)
        if flags:
            found += _flag_evidence(flags)
        found += tags
        if node.names:
            found += _groups(node.names, "named")
        if parent is not None and parent is not container and parent.names:
            found += _groups(parent.names, "in an element named")
        if box is not None and box.names and around.box_share.get(box, 0.0) < 0.3:
            found += _groups(box.names, "in a box named")
        # How it reads.
        if density >= 0.8 and kind is BlockKind.PARAGRAPH and length >= 25:
            add(IS_POINTER)
        if block.strong_density >= 0.9:
            add(_BOLD_SIZE.at(length))
        if text[0] in '"“„«‘「':
            add("begins with a quotation mark")
        if text[-1] == ":":
            add("ends with a colon")
        elif text[-1] in "→»›▸►…":
            add("ends as a pointer")
        if length < 80 and _CLOCK.search(text):
            add("short, with a year or a time")
        if length < 120 and "?" in text:
            add("short question")
        if "©" in text:
            add("has ©")
        if "http" in text or "@" in text or "www." in text:
            add("has an address")
        if _PHOTO.match(text):
            add("begins as a credit")
        # What the publisher says elsewhere.
        if titled:
            add(IS_TITLE)
        elif title and len(folded) > 20 and length <= _COMPARED and (folded in title or title in folded):
            add("has part of the title")
        if len(described) > 30 and len(folded) > 20 and _begins_alike(folded, described):
            add(IS_DESCRIPTION)
            add(f"{IS_DESCRIPTION}, {place}")
        if scene.said:
            add("publisher's text: has it" if folded and folded[:80] in scene.said else "publisher's text: lacks it")
        if length < 700:
            if scene.authors and any(author in text for author in scene.authors):
                add("names an author")
                if inside and left <= _END * whole:
                    add("names an author, at the end")
            if scene.site and scene.site in folded:
                add("names the site")
                if block.links:
                    add("names the site and links")
        if block.links and _SIGN_UP.search(" ".join(block.links[:3]).lower()):
            add("links to where one signs up")
        # What stands around it.
        if not body_begun:
            add(f"first: {kind}, {place}")
        if inside and block.mass > 0:
            body_begun = True
            left -= block.mass
        if inside and before == _FAR:
            add(f"{reads}, before all main text")
        if kind is BlockKind.HEADING:
            following = scene.blocks[position + 1] if position + 1 < len(scene.blocks) else None
            add(f"heading before {'nothing' if following is None else 'main text' if after == 1 else following.kind}")
            if inside and after == _FAR:
                add(HEADS_NOTHING)
        elif kind is BlockKind.TABLE_ROW:
            if inside and before < _FAR and after < _FAR and density < 0.2 and not out[block.index]:
                add(IS_DATA)
        elif reads == "fragment" and length < 20 and inside and after == _FAR:
            add(IS_SCRAP)
        if position and scene.blocks[position - 1].kind is BlockKind.HEADING:
            add("behind a heading")
        title_seen = title_seen or titled
        found_for_all.append(found)
    return found_for_all


def _stands(
    around: _Surroundings, block: Found, make: _Make, box: Node | None, place: str, *, title_seen: bool, out: bool
) -> str:
    """Where a block stands, in a word or two."""
    if out:
        return "in what is no story by its names"
    if place != "inside":
        return f"{place} the body, below the title" if title_seen else f"{place} the body"
    parent = block.node.parent
    if parent is around.main_parent and around.column >= 0.25:
        return "main column" if make == around.main_make else "beside the main column"
    if parent is not None and around.parent_make_share.get(around.make(parent), 0.0) >= 0.3:
        return "like the main column" if make == around.main_make else "like beside the main column"
    share = around.box_share.get(box, 0.0) if box is not None else 1.0
    return "elsewhere in the body" if share >= 0.3 else "in a small box" if share < 0.1 else "in a box"


def _begins_alike(one: str, other: str) -> bool:
    return one.startswith(other[:60]) or other.startswith(one[:60])
