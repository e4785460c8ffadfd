"""What is wrong with a site, by what its trial gave. One bad source or page among good ones is no trouble."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from newsbot.items import Access, Story
from newsbot.trial.trying import MOST_PAGES, Trial

FEW_WORDS = 40
"""Words of a story's text; where half of a site's stories have fewer, most likely only their beginnings are found."""
COLLAPSED = 5
"""Stories that are this many times shorter than the site's used to be are not found in whole any more."""


def troubles(trial: Trial) -> tuple[str, ...]:
    """A line for each trouble, none where all is well."""
    if trial.fault:
        return (trial.fault,)
    answered = [source for source in trial.sources if not source.fault]
    if not answered:
        return (f"no source answers: {trial.sources[0].fault if trial.sources else 'there is none'}",)
    if not any(source.leads for source in answered):
        return ("no source announces a story",)
    stories = trial.stories
    if not stories:
        return (f"no story found on {_pages(len(trial.pages))}: {trial.pages[0].fault}",)
    found = [_missing(stories, "title", lambda story: bool(story.title.strip()))]
    found.append(_missing(stories, "text", lambda story: bool(story.text) or story.access in _PAID))
    found.append(_missing(stories, "date", lambda story: story.published is not None))
    if not found[1]:
        found.append(_collapsed(stories, trial.usual_words))
    if len(trial.pages) == MOST_PAGES and 2 * len(stories) < MOST_PAGES:
        fault = next(page.fault for page in trial.pages if page.story is None)
        found.append(f"only {len(stories)} of {_pages(len(trial.pages))} hold a story: {fault}")
    return tuple(line for line in found if line)


_PAID = (Access.PAYWALLED, Access.METERED)


def _missing(stories: Sequence[Story], what: str, there: Callable[[Story], bool]) -> str:
    missing = sum(not there(story) for story in stories)
    return f"{what} missing in {missing} of {len(stories)} stories" if 2 * missing > len(stories) else ""


def _collapsed(stories: Sequence[Story], usual: int | None) -> str:
    """The texts that are served in whole, compared with what they should be."""
    words = sorted(story.word_count for story in stories if story.access not in _PAID)
    if not words:
        return ""
    median = words[len(words) // 2]
    if usual is not None and median * COLLAPSED < usual:
        return f"texts have collapsed: {median} words where this site's have {usual}"
    return f"texts are short: {median} words" if median < FEW_WORDS else ""


def _pages(number: int) -> str:
    return f"{number} page{'s' * (number != 1)}"
