"""Whether a page holds the story that was announced at its address."""

from __future__ import annotations

from newsbot.fingerprint.text import tokens

_SHORT = 3  # letters; words of so few are in every text


def tells(announced: str, title: str, text: str) -> bool:
    """Whether a page's title and text have a word of the title under which a feed or a link announced it.

    A page without any is another than the one announced: a notice of maintenance, a front page, a wall. Words of up to
    three ASCII letters do not count; true where that leaves none, for then nothing speaks against the page.
    """
    words = {word for word in tokens(announced) if len(word) > _SHORT or not word.isascii()}
    # The title says it of most pages, and is looked at in no time.
    return not words or any(not words.isdisjoint(tokens(said)) for said in (title, text))
