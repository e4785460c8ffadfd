"""A story made again from what is kept of its page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from newsbot import fingerprint
from newsbot.archive.files import host_of, this_host
from newsbot.clean import access_hint, clean
from newsbot.fingerprint.text import tokens
from newsbot.furniture import traces
from newsbot.items import (
    Access,
    Apart,
    Block,
    BlockKind,
    Cleaned,
    Fingerprint,
    Lead,
    Page,
    Profile,
    Removed,
    RemovedKind,
    Role,
    Story,
    Verdict,
)
from newsbot.process import read, recognise, selectors, tidy
from newsbot.recipe import recipe
from newsbot.sites import Site
from newsbot.store import Standing

_ANEW = re.compile(r"words: (?!.*markup: )")
"""What the cleaning says of a block that it took out for its words alone: those it can read again."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a story: a story, or why there is none. `of_page`: from the page as fetched. `lost`: the archive
    should have had the page, and had not. `elsewhere`: it lies on another machine, and nothing was made."""

    story: Story | None
    verdict: Verdict | None = None
    of_page: bool = False
    lost: bool = False
    elsewhere: bool = False


def make(standing: Standing, site: Site, profile: Profile, folder: Path, most: int) -> Made:
    """Make a story again, from its page in the archive `folder` where it has one there, of `most` bytes at most; where
    the page was lost, or never kept, from its blocks. Raises NotUnderstood."""
    lost = False
    if standing.archived is not None:
        there = (folder / standing.archived.file).exists()
        if not there and host_of(standing.archived.file) not in ("", this_host()):
            return Made(None, elsewhere=True)
        page = _page(standing, folder, most) if there else None
        if page is not None:
            made = tidy(read(page, selectors(site), profile), site, profile)
            if isinstance(made, Verdict):
                return Made(None, made, of_page=True)
            return Made(recognise(_with_what_was_known(made, standing)), of_page=True)
        lost = True
    story = of_blocks(standing, site, profile)
    return Made(story, None if story else Verdict.EMPTY, lost=lost)


# -- from the page -----------------------------------------------------------------------------------------------------


def _page(standing: Standing, folder: Path, most: int) -> Page | None:
    """The page that the story refers to; None where its record cannot be read."""
    from newsbot.archive.recall import page_at  # FastWARC is an extra

    assert standing.archived is not None
    page = page_at(folder, standing.archived, standing.site, most)
    if page is None:
        return None
    # What the feed said of the story is in no archive; what is known of the story holds it, where it counted.
    lead = Lead(standing.url, standing.title, None if standing.day_only else standing.published)
    return replace(page, url=standing.url, lead=lead, archived=standing.archived)


def _with_what_was_known(story: Story, standing: Standing) -> Story:
    """The story with the date that it has, where its page says none, or says the same without the offset: that may have
    come from a feed."""
    if story.published is None or (story.published == standing.published and story.published_offset is None):
        return replace(
            story,
            published=standing.published,
            published_offset=standing.published_offset,
            day_only=standing.day_only,
        )
    return story


# -- from the blocks ---------------------------------------------------------------------------------------------------


def of_blocks(standing: Standing, site: Site, profile: Profile) -> Story | None:
    """The story, its text cleaned anew; None where nothing would be left of that.

    Of the page's markup nothing is kept. So what was taken out for anything but its words stays out, what was set apart
    stays apart, and what else is said of the story stays as it was.
    """
    blocks = _in_places(standing)
    cleaned = _cleaned(standing, blocks, replace(profile, site_name=site.name))
    text = "\n\n".join(re.sub(r"\n{2,}", "\n", block.text) for block in cleaned.kept)
    access = standing.access
    if access in (Access.UNKNOWN, Access.FREE):
        access = access_hint(cleaned) or access
    if not text and access not in (Access.PAYWALLED, Access.METERED):
        return None
    return Story(
        site=standing.site,
        url=standing.url,
        canonical_url=standing.canonical_url,
        title=standing.title,
        text=text,
        fetched_at=standing.seen,
        addresses=(standing.canonical_url, standing.url),
        standfirst=standing.standfirst,
        authors=standing.authors,
        section=standing.section,
        tags=standing.tags,
        language=standing.language,
        published=standing.published,
        published_offset=standing.published_offset,
        modified=standing.modified,
        modified_offset=standing.modified_offset,
        day_only=standing.day_only,
        image=standing.image,
        access=access,
        word_count=len(tokens(text)),
        removed=cleaned.removed,
        apart=cleaned.apart,
        traces=traces(cleaned, profile.repeated),
        made_by=recipe(site),
        fingerprint=Fingerprint(
            (standing.url_key, *_number(standing, site)), fingerprint.text_key(text), fingerprint.likeness_keys(text)
        ),
    )


def _number(standing: Standing, site: Site) -> list[str]:
    """The key of the number that the site gives the story, where its file says how to find it."""
    number = site.id_in(standing.canonical_url) or site.id_in(standing.url)
    return [fingerprint.id_key(site.key, number)] if number else []


def _in_places(standing: Standing) -> dict[int, str]:
    """The texts of all the page's blocks, by position."""
    taken = {each.position: each.text for each in (*standing.removed, *standing.apart)}
    free = (n for n in count() if n not in taken)
    kept = dict(zip(free, standing.text.split("\n\n") if standing.text else (), strict=False))
    return dict(sorted((taken | kept).items()))


def _cleaned(standing: Standing, blocks: Mapping[int, str], profile: Profile) -> Cleaned:
    apart = {each.position: Role(each.kind) for each in standing.apart}
    before = {each.position: each for each in standing.removed}
    kinds = {n: BlockKind.CAPTION if n in apart else BlockKind.PARAGRAPH for n in blocks}
    places = [n for n, text in blocks.items() if text.strip()]  # of the others the cleaning says nothing
    anew = clean((Block(kinds[n], blocks[n]) for n in places), profile)
    now = {places[each.position]: (each.kind, each.why) for each in anew.removed}
    kept, removed, aside = [], [], []
    for n, text in blocks.items():
        block = Block(kinds[n], text)
        if n in apart:
            aside.append(Apart(n, block, apart[n]))
        elif n in before and not _ANEW.match(before[n].why):
            removed.append(Removed(n, block, RemovedKind(before[n].kind), before[n].why))
        elif n in now:
            removed.append(Removed(n, block, *now[n]))
        else:
            kept.append(block)
    return Cleaned(tuple(kept), tuple(removed), tuple(aside))
