"""What speaks for and against a block's being part of the story: named pieces of evidence, no weights.

A piece is a short text such as `place: inside` or `long text, main column`. Each says something about how the block
reads, where it stands, what it stands in, or what the publisher says elsewhere. How much each counts is in
`weights.toml`; `newsbot extract --explain` prints both.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from newsbot.extract import markup
from newsbot.extract.blocks import Found, Node
from newsbot.extract.text import ends_sentence, fold, is_title, size
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
_TAGS = frozenset(
    """aside figure blockquote form table header article section ul ol details span em dl center figcaption label
    address cite""".split()
)
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
    r"|apps\.apple\.|^mailto:",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")

_SIZES = (15, 30, 60, 120, 250)
_SIZE_OF = {kind: f"{kind}: size" for kind in (BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW)}
_LINKS = (0.01, 0.2, 0.5, 0.8, 0.95)
_SHARES = (0.001, 0.03, 0.1, 0.3)
_PARENTS = (0.01, 0.1, 0.3, 0.6)
_PLACES = (0.0001, 0.03, 0.1, 0.5)
_NEAR = (2, 3, 5, 9, 90)
_FAR = 99
# What decides alone, being never a part of the text.
IS_TITLE = "is the title"
HEADS_NOTHING = "heading behind all main text"  # decides where what follows is not the story's either
IS_SCRAP = "a scrap behind all main text"
IS_DATA = "row of a table inside the text"  # always is
IS_POINTER = "is a pointer: nearly all of it is a link"
_BOX_BLOCKS, _BOX_SHARE, _BOX_LINKS, _BOX_HEADS = (3, 6, 12), (0.02, 0.1, 0.3), (0.05, 0.2, 0.5, 0.8), (0.01, 0.2, 0.4)
_BOX_ENDS, _BOX_LENGTH, _BOX_LIKE = (0.2, 0.5, 0.8), (30, 60, 120), (3, 6)
_LIST_LINKS, _LIST_ITEMS, _LIST_LENGTH = (0.05, 0.3, 0.7), (2, 4, 8, 20), (20, 50, 100)
NEVER = frozenset((IS_TITLE, IS_SCRAP, IS_POINTER))


@dataclass(frozen=True, slots=True)
class Scene:
    """The blocks in question and what they are judged against.

    `blocks` are neighbours in reading order; `inside` is the range of indices (`Found.index`) of the container's
    blocks; `out` says of each index whether the block stands in an element whose names say that it is no story.
    `title`, `description` and `said` (the body as the publisher gives it elsewhere, or empty) are folded; `authors`
    are names as in the byline, `site` is the site's own name, folded.
    """

    blocks: list[Found]
    container: Node
    out: bytearray
    title: str
    description: str
    said: str
    live: bool
    authors: tuple[str, ...]
    site: str


@dataclass(slots=True)
class _Box:
    """The largest element around a block that does not hold the whole body."""

    node: Node
    blocks: list[Found] = field(default_factory=list)
    share: float = 0.0
    evidence: list[str] = field(default_factory=list)


@lru_cache(maxsize=65536)
def _groups(names: str) -> frozenset[str]:
    """What the words of an element's class and id are usual for."""
    return frozenset(group for word in markup.words(names) if (group := _GROUP_OF.get(word)))


@lru_cache(maxsize=65536)
def _make(names: str) -> str:
    """Names without their numbers: what elements of one make share."""
    return _DIGITS.sub("", names)


def _level(label: str, edges: tuple[float, ...], value: float) -> str:
    return f"{label} {bisect(edges, value)}"


def _text(block: Found, length: int, sentence: bool) -> str:
    """How the block reads, in a word or two."""
    kind, density = block.kind, block.link_density
    if kind is BlockKind.HEADING:
        return ("short heading", "heading", "long heading")[bisect((40, 90), length)]
    if kind is BlockKind.LIST_ITEM:
        linked = "linked " if density >= 0.5 else "item with links " if density > 0.05 else ""
        return f"{linked}item, a sentence" if length >= 60 and sentence else f"{linked}item"
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


class _Surroundings:
    """What many blocks of a scene share: makes, boxes, lists, what stands above them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.inner = range(scene.container.start, scene.container.end)
        self.path = set(scene.container.lineage())
        blocks, out = scene.blocks, scene.out
        self.whole = sum(block.mass for block in blocks) or 1.0
        self.make_share: dict[tuple[str, str, str], float] = defaultdict(float)
        self.make_count: Counter[tuple[str, str, str]] = Counter()
        self.parent_make_share: dict[tuple[str, str, str], float] = defaultdict(float)
        self.parent_share: dict[Node, float] = defaultdict(float)
        self.makes: dict[Node, tuple[str, str, str]] = {}
        self.boxes: dict[Node, _Box] = {}
        self.box_of: dict[Node, _Box | None] = {}
        self.lists: dict[Node, list[Found]] = defaultdict(list)
        self.above: dict[Node, tuple[int, frozenset[str]]] = {}
        for block in blocks:
            node = block.node
            make = self.make(node)
            share = block.mass / self.whole
            self.make_share[make] += share
            self.make_count[make] += 1
            if node.parent is not None:
                self.parent_share[node.parent] += share
                self.parent_make_share[self.make(node.parent)] += share
                if block.kind is BlockKind.LIST_ITEM:
                    self.lists[node.parent].append(block)
            box = self.box(node)
            if box is not None and not out[block.index]:
                box.blocks.append(block)
                box.share += share
        self.main_make = max(self.make_share, key=self.make_share.__getitem__)
        self.main_parent = max(self.parent_share, key=self.parent_share.__getitem__, default=None)
        self.column = self.parent_share[self.main_parent] if self.main_parent else 0.0
        depths = Counter(b.node.depth for b in blocks if self.makes[b.node] == self.main_make)
        self.depth = depths.most_common(1)[0][0]
        self._judge_boxes()
        self.main = [
            block.mass > 0 and size(block.text) >= 60 and not out[block.index] and block.index in self.inner
            for block in blocks
        ]
        self.before_main, self.after_main = _distances(self.main)
        self.list_evidence = {node: _list_evidence(items) for node, items in self.lists.items()}

    def make(self, node: Node) -> tuple[str, str, str]:
        """Tag, names without numbers, and the parent's tag."""
        found = self.makes.get(node)
        if found is None:
            found = (node.tag, _make(node.names), node.parent.tag if node.parent else "")
            self.makes[node] = found
        return found

    def box(self, node: Node) -> _Box | None:
        """The box around an element, None where it is the container or above it."""
        if node in self.box_of:
            return self.box_of[node]
        found: _Box | None = None
        if node not in self.path:
            parent = node.parent
            found = self.box(parent) if parent is not None else None
            if found is None:
                found = self.boxes.setdefault(node, _Box(node))
        self.box_of[node] = found
        return found

    def _judge_boxes(self) -> None:
        like = Counter(self.make(node) for node, box in self.boxes.items() if len(box.blocks) > 1)
        for node, box in self.boxes.items():
            count = len(box.blocks)
            if count < 2:
                box.evidence.append("box: of one block")
                continue
            chars = sum(len(block.text) for block in box.blocks)
            links = sum(block.link_chars for block in box.blocks)
            heads = sum(block.kind is BlockKind.HEADING for block in box.blocks)
            ends = sum(ends_sentence(block.text) for block in box.blocks)
            box.evidence += [
                _level("box: blocks", _BOX_BLOCKS, count),
                _level("box: share", _BOX_SHARE, box.share),
                _level("box: links", _BOX_LINKS, links / chars),
                _level("box: headings", _BOX_HEADS, heads / count),
                _level("box: sentences", _BOX_ENDS, ends / count),
                _level("box: length", _BOX_LENGTH, chars / count),
                f"box: {node.tag}",
            ]
            if (others := like[self.make(node)]) > 1:
                box.evidence.append(_level("box: like others", _BOX_LIKE, others))
            if box.share < 0.3:
                box.evidence += [f"box named: {group}" for group in _groups(node.names)]

    def over(self, node: Node | None, steps: int = 6) -> tuple[int, frozenset[str]]:
        """The flags, and the evidence in tags and names, of an element and those around it, up to the container."""
        if node is None or steps == 0 or node in self.path:
            return 0, frozenset()
        found = self.above.get(node)
        if found is None:
            flags, evidence = self.over(node.parent, steps - 1)
            own = {f"above named: {group}" for group in _groups(node.names)} if node.names else set()
            if node.tag in _TAGS:
                own.add(f"in <{node.tag}>")
            found = (flags | node.flags, evidence | own)
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


def _list_evidence(items: list[Found]) -> tuple[str, str, str]:
    count = len(items)
    return (
        _level("list: links", _LIST_LINKS, sum(item.link_density for item in items) / count),
        _level("list: items", _LIST_ITEMS, count),
        _level("list: length", _LIST_LENGTH, sum(len(item.text) for item in items) / count),
    )


def weigh(scene: Scene) -> list[list[str]]:
    """For each block of the scene the evidence for and against it, in no order."""
    if not scene.blocks:
        return []
    around = _Surroundings(scene)
    inner = around.inner
    container = scene.container
    sums = 0.0
    body = sum(block.mass for block in scene.blocks if block.index in inner) or 1.0
    title_seen = False
    out: list[list[str]] = []
    for position, block in enumerate(scene.blocks):
        node, kind, text = block.node, block.kind, block.text
        inside = block.index in inner
        place = "inside" if inside else "before" if block.index < inner.start else "after"
        length = size(text)
        sentence = ends_sentence(text)
        reads = _text(block, length, sentence)
        folded = fold(text) if length <= 1000 else ""
        titled = is_title(folded, scene.title)
        make, box = around.makes[node], around.box_of[node]
        share = around.make_share[make]
        parent_share = around.parent_make_share[around.make(node.parent)] if node.parent is not None else 0.0
        # Where it stands, in a word or two.
        if scene.out[block.index]:
            stands = "in what is no story by its names"
        elif not inside:
            stands = f"{place} the body" + (", below the title" if title_seen else "")
        elif node.parent is around.main_parent and around.column >= 0.25:
            stands = "main column" if make == around.main_make else "beside the main column"
        elif parent_share >= 0.3:
            stands = "like the main column" if make == around.main_make else "like beside the main column"
        elif box is None or box.share >= 0.3:
            stands = "elsewhere in the body"
        else:
            stands = "in a small box" if box.share < 0.1 else "in a box"
        found = [
            f"place: {place}",
            reads,
            stands,
            f"{reads}, {stands}",
            _level(_SIZE_OF.get(kind, "size"), _SIZES, length),
            _level("links", _LINKS, block.link_density),
            _level("make: share", _SHARES, share) if make != around.main_make else "make: main",
            _level("parents: share", _PARENTS, parent_share),
            f"depth {max(-3, min(4, node.depth - around.depth))}",
        ]
        add = found.append
        if around.make_count[make] == 1:
            add("make: only one")
        if box is not None and not scene.out[block.index]:
            found += box.evidence
        flags, names = around.over(node)
        if flags:
            found += [label for flag, label in _FLAGS if flags & flag]
        found += names
        own = _groups(node.names) if node.names else frozenset()
        if node.parent is not None and node.parent is not container and node.parent.names:
            own |= _groups(node.parent.names)
        found += [f"named: {group}" for group in own]
        # How it reads.
        if block.link_density >= 0.8 and kind is BlockKind.PARAGRAPH and length >= 25:
            add(IS_POINTER)
        if block.link_density >= 0.5:
            add(_level("link: size", _SIZES, length))
        if block.strong_density >= 0.9:
            add(_level("bold: size", _SIZES, length))
        first, last = text[0], text[-1]
        if first in '"“„«‘「':
            add("begins with a quotation mark")
        elif first.islower():
            add("begins with a small letter")
        if last == ":":
            add("ends with a colon")
        elif last in "→»›▸►…":
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
        elif scene.title and len(folded) > 20 and (folded in scene.title or scene.title in folded):
            add("has part of the title")
        described = scene.description
        if (
            len(described) > 30
            and len(folded) > 20
            and (folded.startswith(described[:60]) or described.startswith(folded[:60]))
        ):
            add("is the description")
            add(f"is the description, {place}")
        if scene.said:
            start = folded[:80] if folded else fold(text[:200])[:80]
            add("publisher's text: has it" if start and start in scene.said else "publisher's text: lacks it")
        named_author = length < 700 and any(author in text for author in scene.authors)
        if named_author:
            add("names an author")
        if scene.site and length < 700 and scene.site in folded:
            add("names the site")
            if block.links:
                add("names the site and links")
        if block.links and any(map(_SIGN_UP.search, block.links)):
            add("links to where one signs up")
        # What stands around it.
        share_before = sums / body
        share_after = 1 - (sums + block.mass) / body if inside else float(place == "before")
        if inside:
            sums += block.mass
        add(_level("body before", _PLACES, share_before))
        add(_level("body after", _PLACES, share_after))
        before, after = around.before_main[position], around.after_main[position]
        add(_level("main text before", _NEAR, before))
        add(_level("main text after", _NEAR, after))
        if share_before <= _PLACES[0]:
            add(f"first: {kind}, {place}")
        if share_after <= _PLACES[0]:
            add(f"last: {kind}, {place}")
        if inside and after == _FAR:
            if kind is BlockKind.HEADING:
                add(HEADS_NOTHING)
            elif reads == "fragment" and length < 20:
                add(IS_SCRAP)
            add(f"{reads}, behind all main text")
            if named_author:
                add("names an author, behind all main text")
        if inside and before == _FAR:
            add(f"{reads}, before all main text")
        if kind is BlockKind.HEADING:
            following = scene.blocks[position + 1] if position + 1 < len(scene.blocks) else None
            add(f"<{node.tag}>")
            add(f"heading before {'nothing' if following is None else 'main text' if after == 1 else following.kind}")
        elif kind is BlockKind.TABLE_ROW:
            if inside and before < _FAR and after < _FAR and block.link_density < 0.2 and not scene.out[block.index]:
                add(IS_DATA)
        elif kind is BlockKind.LIST_ITEM and node.parent is not None:
            found += around.list_evidence[node.parent]
        if position and scene.blocks[position - 1].kind is BlockKind.HEADING:
            add("behind a heading")
        if scene.live:
            add(f"live blog: {kind}")
        title_seen = title_seen or titled
        out.append(found)
    return out
