"""One page out of the archive, by the place that a story knows."""

from __future__ import annotations

from pathlib import Path

from newsbot.archive.reading import Capture, captures, page
from newsbot.errors import NotUnderstood
from newsbot.items import Archived, Page


def page_at(folder: Path, place: Archived, site: str, most: int) -> Page | None:
    """The page whose record begins there, unpacked, of `most` bytes at most; None where the file is not in the folder,
    or no page can be read at that byte."""
    try:
        with (folder / place.file).open("rb") as file:
            file.seek(place.offset)
            found = next((read.found for read in captures(file, most)), None)
    except (OSError, NotUnderstood):  # whoever asks has something to say of a page that is not there
        return None
    made = page(found, site, most) if isinstance(found, Capture) else None
    return made if isinstance(made, Page) else None
