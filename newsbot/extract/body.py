"""Which of a page's blocks are the story.

Two steps. First the container: every block of prose has a mass (characters outside links), an element's mass is that of
its blocks; going down from the root, the search follows the child that holds nearly all of the mass, and where the mass
divides, the body begins. Elements whose names say that they are no story are left out before, unless they hold much of
the page's prose: class names lie.

Then each block in and around the container is judged: the weights of the evidence for and against it (see
`evidence.py` and `weights.toml`) are summed, and what comes out above zero is the story's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, groupby, islice

from newsbot.extract import markup
from newsbot.extract.blocks import Found, Node, Walk
from newsbot.extract.evidence import (
    FAR_OUT,
    HEADS_NOTHING,
    IS_DATA,
    IS_DESCRIPTION,
    IS_REPEATED,
    IS_TITLE,
    NEVER,
    NO_PROSE,
    Scene,
    weigh,
)
from newsbot.extract.text import ends_sentence, fold, is_title
from newsbot.fingerprint import LONGEST_BLOCK, block_key
from newsbot.items import Block, BlockKind, Profile

_PROSE = 30  # characters from which a block counts as prose; half of that in scripts that write a word in a character
_FOLLOW = 0.72  # share of the mass that a child must hold to be followed
_FOLLOW_NAMED = 0.5  # the same where the child's names, and only its, call it the body
_SPARED = 0.3  # share of the page's mass above which a name is not believed
_SPARED_FAR = 0.85  # the same for names that hardly lie, such as "comments"
_SAID = 0.5  # share of the mass that the publisher's own text must explain to be believed whole
_SHORTEST = 25  # characters that a standfirst has at least
_BEFORE = 25  # blocks before the container that are judged with it: the standfirst, a body cut in two
_MOST = 1500  # blocks that are judged; in what is behind them all prose is the story's
_OUT, _FAR_OUT = 1, 2  # of a block: what the names around it say, see `Page.out`
_LINKED = 0.5  # share of a text that stands in links, from which on it only points somewhere
_MOST_TITLES = 10  # headings of a page that are looked at because they are its title
_MOST_DROPPED = 40  # blocks of a page that are told of although they are no story
_HELD = 0.4  # share of the mass found without it that a place must hold that held earlier stories
_HEADING = 0.3  # how much the block behind a heading counts for the heading
_SURE = 3.0  # a score that counts no more for a heading


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of its story elsewhere than in its body. Texts are folded (see `text.fold`).

    `said` is the body as the publisher gives it for machines, or empty; `authors` are names as in the byline; `site` is
    the site's own name.
    """

    title: str = ""
    description: str = ""
    said: str = ""
    authors: tuple[str, ...] = ()
    site: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A block, the evidence for and against it, the sum of its weights, and the decision."""

    block: Found
    evidence: list[str]
    score: float
    kept: bool

    @property
    def is_title(self) -> bool:
        """Whether it is the story's title, told again where the text begins."""
        return IS_TITLE in self.evidence

    def why(self) -> str:
        """In a few words what spoke against it."""
        deciding = NEVER.intersection(self.evidence) or sorted(self.evidence, key=lambda name: weights().get(name, 0.0))
        return f"judged: {', '.join(list(deciding)[:2])}"


@dataclass(frozen=True, slots=True)
class Body:
    """The container that holds the story; all blocks that were judged, in reading order; the standfirst, where the page
    shows one."""

    container: Node
    judged: list[Judged]
    standfirst: Found | None

    @property
    def path(self) -> str:
        """The container's place in the site's markup, see `place`."""
        return place(self.container)

    def blocks(self) -> list[Block]:
        """The story's blocks in order, and between them what stands in the container and is none of the story, as far
        as it says something: that is what a cleaning looks at for walls and appeals."""
        told: list[Block] = []
        left = _MOST_DROPPED
        for item in self.judged:
            found = item.block
            if item.kept:
                told.append(found.block(self.container))
            elif found.index >= self.container.start and found.link_density < _LINKED and left and not item.is_title:
                left -= 1
                told.append(found.block(self.container, item.why()))
        return told


@cache
def weights() -> dict[str, float]:
    """How much each piece of evidence counts; see `weights.toml` for where the numbers come from."""
    read = tomllib.loads(resources.files(__package__).joinpath("weights.toml").read_text("utf-8"))
    return {name: float(weight) for name, weight in read["weights"].items()}


def _mass(block: Found) -> float:
    """How much prose a block is."""
    length = block.size
    if length < _PROSE or block.kind in (BlockKind.CAPTION, BlockKind.HEADING):
        return 0.0
    mass = length * (1 - block.link_density) ** 2
    if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
        return mass * 0.5
    return mass if ends_sentence(block.text) else mass * 0.6


class Page:
    """The blocks of a page with the mass before each, so that an element's mass is one subtraction."""

    def __init__(self, walk: Walk) -> None:
        self.blocks = walk.blocks
        self.nodes = walk.nodes
        for block in self.blocks:
            block.mass = _mass(block)
        self.sums = self._sums()
        self.out = self._away()
        self.sums = self._sums()

    def _sums(self) -> list[float]:
        return list(accumulate((block.mass for block in self.blocks), initial=0.0))

    def mass(self, node: Node) -> float:
        """How much prose an element holds."""
        return self.sums[node.end] - self.sums[node.start]

    def _away(self) -> bytearray:
        """For each block whether it stands in an element that is no part of a story by its names (1), or by names that
        hardly lie (2); but for elements that hold too much of the page's prose. Such blocks lose their mass."""
        whole = self.sums[-1] or 1.0
        out = bytearray(len(self.blocks))
        for node in self.nodes:
            if (
                node.flags & markup.AWAY
                and node.parent is not None
                and node.end > node.start
                and out[node.start] < _FAR_OUT
            ):
                spared = _SPARED_FAR if node.flags & markup.FAR_AWAY else _SPARED
                if self.mass(node) <= spared * whole:
                    how = _FAR_OUT if node.flags & markup.FAR_AWAY else _OUT
                    out[node.start : node.end] = bytes([how]) * (node.end - node.start)
        for block in self.blocks:
            if out[block.index]:
                block.mass = 0.0
        return out

    def believing(self, said: str, container: Node) -> list[float] | None:
        """The sums of mass where only the blocks count that the publisher's own text has; None where these are too few
        against what the container holds to be believed."""
        sums = list(
            accumulate(
                (b.mass if b.mass and fold(b.text[:200])[:80] in said else 0.0 for b in self.blocks), initial=0.0
            )
        )
        return sums if sums[-1] > _SAID * self.mass(container) else None


def _divide(page: Page) -> Node:
    """The element where the mass divides. A container that its names call the body, or an <article>, is the start."""
    whole = page.sums[-1]
    start = page.nodes[0]
    heavy = [n for n in page.nodes if page.mass(n) > 2 * _PROSE]
    named = [n for n in heavy if n.flags & markup.BODY and page.mass(n) >= 0.3 * whole]
    articles = [n for n in heavy if n.tag in ("article", "main") and page.mass(n) >= 0.6 * whole]
    if named:
        start = max(named, key=page.mass)
    elif articles:
        start = max(articles, key=lambda n: (page.mass(n), n.tag == "article"))
    heaviest: dict[Node, Node] = {}
    for node in page.nodes:
        if (parent := node.parent) is not None and (mass := page.mass(node)):
            known = heaviest.get(parent)
            if known is None or mass > page.mass(known):
                heaviest[parent] = node
    while True:
        best = heaviest.get(start)
        if best is None or best.tag in ("p", "pre"):
            return start
        alone = best.flags & markup.BODY and not any(
            node.flags & markup.BODY and not (node.start < best.end and best.start < node.end) for node in heavy
        )
        if page.mass(best) < (_FOLLOW_NAMED if alone else _FOLLOW) * page.mass(start):
            return start
        start = best


def _widened(page: Page, container: Node) -> Node:
    """The container, or the ancestor that holds it together with others of its make: a body cut into pieces."""

    def make(node: Node) -> tuple[str, str]:
        return (node.tag, re.sub(r"[\d\W_]+", " ", node.names))

    heavy = [node for node in page.nodes if page.mass(node) > 2 * _PROSE]
    if container.flags & markup.BODY:  # then its pieces have such names too
        named = [node for node in heavy if node.flags & markup.BODY]
        around = {above for node in named for above in node.lineage()}
        heavy = [node for node in heavy if node in around]
    child, parent = container, container.parent
    for _ in range(4):
        if parent is None or parent.parent is None:
            break
        alike = any(n.parent is parent and n is not child and make(n) == make(child) for n in heavy)
        if alike and child.tag not in ("article", "li", "section"):
            container = parent
        child, parent = parent, parent.parent
    return container


def _titled(page: Page, container: Node, title: str) -> Node:
    """The container; but where the page holds several articles, such as the next stories or a list of teasers, and the
    title stands in one that holds much, that one."""
    articles = [n for n in page.nodes if n.tag == "article"]
    if len(articles) > 1:
        articles = [n for n in articles if page.mass(n) > _PROSE]
    if len(articles) < 2 or not title:
        return container
    headings = (b for b in page.blocks if b.kind is BlockKind.HEADING and not page.out[b.index])
    for block in islice((b for b in headings if is_title(fold(b.text), title)), _MOST_TITLES):
        around = [n for n in articles if n.start <= block.index < n.end]
        beside = [n for n in articles if not n.start <= block.index < n.end]
        inside = [n for n in beside if container.start <= n.start and n.end <= container.end]
        if around and beside:
            own = around[-1]
            holds_own = container.start <= own.start and own.end <= container.end
            if holds_own and container is not own and page.mass(own) > 0.35 * page.mass(container):
                return own
            if len(inside) > 2 and sum(map(page.mass, inside)) > 0.7 * page.mass(container):
                return own
    return container


def place(node: Node) -> str:
    """An element's place in a site's markup, the same on all pages of one template: its tag and first names, and those
    of the two elements around it; names that hold numbers or label a story (`category-sports`) are left out."""
    around = list(islice(node.lineage(), 3))
    return " > ".join(f"{n.tag}.{'.'.join(markup.lasting(n.names)[:2])}" for n in reversed(around))


def choose(page: Page, about: About, known: Profile) -> Node:
    """The element that holds the story."""
    found = _found(page, about)
    if known.containers:
        held = [n for n in page.nodes if page.mass(n) > 2 * _PROSE and place(n) in known.containers]
        # Several such places are pieces of one body, as on long pages; the search has found what holds them.
        if len(held) == 1 and page.mass(held[0]) > _HELD * page.mass(found):
            return held[0]
    return found


def _found(page: Page, about: About) -> Node:
    container = _divide(page)
    if about.said and (believed := page.believing(about.said, container)):
        all_of_it, page.sums = page.sums, believed
        container = _divide(page)
        page.sums = all_of_it
    titled = _titled(page, container, about.title)
    return titled if titled is not container else _widened(page, container)


def scene(page: Page, container: Node, about: About) -> Scene:
    """The blocks to be judged, and what they are judged against."""
    before = [
        block
        for block in page.blocks[max(0, container.start - _BEFORE) : container.start]
        if block.link_density < _LINKED and (block.size >= _SHORTEST or block.kind is BlockKind.HEADING)
    ]
    near = before + page.blocks[container.start : container.end]
    blocks = [block for block in near if page.out[block.index] != _FAR_OUT][:_MOST]
    return Scene(
        blocks,
        container,
        page.out,
        about.title,
        about.description,
        about.said,
        about.authors,
        about.site,
    )


def decide(blocks: Sequence[tuple[BlockKind, list[str]]], weights: Mapping[str, float]) -> list[float]:
    """The score of each block, in reading order, from its kind and its evidence; above zero it is the story's."""
    base = weights.get("always", 0.0)
    scores = [base + sum([weights.get(name, 0.0) for name in names]) for _, names in blocks]
    for kind, run in groupby(range(len(blocks)), key=lambda position: blocks[position][0]):
        if kind is BlockKind.LIST_ITEM:  # the items of a list go together, mostly
            items = list(run)
            mean = sum(scores[item] for item in items) / len(items)
            for item in items:
                scores[item] = (scores[item] + mean) / 2
    following = -_SURE
    for position in range(len(scores) - 1, -1, -1):
        kind = blocks[position][0]
        if kind is BlockKind.HEADING:
            scores[position] += _HEADING * max(-_SURE, min(_SURE, following))
            if following <= 0 and HEADS_NOTHING in blocks[position][1]:
                scores[position] = min(scores[position], 0.0)
        elif kind is not BlockKind.CAPTION:
            following = scores[position]
    return scores


def keeps(evidence: Sequence[str], score: float) -> bool:
    """The decision on a block that is no caption."""
    return IS_DATA in evidence or (score > 0 and NEVER.isdisjoint(evidence))


def _judge(page: Page, container: Node, about: About, known: Profile) -> list[Judged]:
    seen = scene(page, container, about)
    evidence = weigh(seen)
    scores = decide([(b.kind, names) for b, names in zip(seen.blocks, evidence, strict=True)], weights())
    judged = []
    for block, names, score in zip(seen.blocks, evidence, scores, strict=True):
        if block.kind is BlockKind.CAPTION:  # stands beside the text: all of the container's pictures
            kept = container.start <= block.index < container.end and not page.out[block.index]
        else:
            kept = keeps(names, score)
        if kept and known.repeated and block.size < LONGEST_BLOCK and block_key(block.text) in known.repeated:
            names.append(IS_REPEATED)
            kept = False
        judged.append(Judged(block, names, score, kept))
    if len(judged) == _MOST:
        judged += _unjudged(page, page.blocks[judged[-1].block.index + 1 : container.end])
    named = [
        Judged(b, [FAR_OUT], 0.0, False)
        for b in page.blocks[container.start : container.end]
        if page.out[b.index] == _FAR_OUT
    ]
    return sorted(judged + named, key=lambda item: item.block.index) if named else judged


def _unjudged(page: Page, blocks: list[Found]) -> list[Judged]:
    """The blocks behind those that are judged: prose is the story's, and with it its headings and pictures."""
    rest = [block for block in blocks if page.out[block.index] != _FAR_OUT]
    found = []
    for position, block in enumerate(rest):
        kept = block.mass > 0
        if block.kind is BlockKind.HEADING:
            kept = position + 1 < len(rest) and rest[position + 1].mass > 0
        elif block.kind is BlockKind.CAPTION:
            kept = not page.out[block.index]
        found.append(Judged(block, [] if kept else [NO_PROSE], 0.0, kept))
    return found


def _standfirst(judged: list[Judged], container: Node, about: About) -> Found | None:
    """The standfirst among the blocks up to the body's first long one: named so behind the headline, or the page's own
    description."""
    title_seen = False
    found: Found | None = None
    for item in judged:
        block = item.block
        if IS_TITLE in item.evidence:
            title_seen, found = True, None
            continue
        if not 25 <= block.size <= 900 or block.link_density > 0.4 or block.kind is BlockKind.CAPTION:
            continue
        parent = block.node.parent
        named = block.node.flags & markup.STANDFIRST or (
            parent is not None and parent.end - parent.start <= 4 and parent.flags & markup.STANDFIRST
        )
        if IS_DESCRIPTION in item.evidence or (named and title_seen):
            found = block
        elif block.index >= container.start and item.kept and block.size >= 120:
            break
    return found


def find(walk: Walk, about: About, known: Profile) -> Body | None:
    """The story of the page, None where the page holds no prose; `known` is what the site's other pages taught."""
    page = Page(walk)
    if not page.sums[-1]:
        return None
    container = choose(page, about, known)
    judged = _judge(page, container, about, known)
    if not any(item.kept and item.block.kind is not BlockKind.CAPTION for item in judged):
        # Nothing convinces: then it is the container's prose, but for what never is.
        inside = range(container.start, container.end)
        judged = [
            Judged(
                item.block,
                item.evidence,
                item.score,
                item.block.mass > 0 and item.block.index in inside and NEVER.isdisjoint(item.evidence),
            )
            for item in judged
        ]
    return Body(container, judged, _standfirst(judged, container, about))


def within(walk: Walk) -> list[Found]:
    """The blocks of a container that is known to hold the story, but for elements that are none by their names."""
    page = Page(walk)
    return [block for block in page.blocks if not page.out[block.index]]
