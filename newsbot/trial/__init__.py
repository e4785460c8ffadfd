"""Trials: a few pages of a site fetched outside a run, as a crawl fetches them, and shown instead of stored.

asking.py    through Scrapy and all of newsbot's middlewares: robots.txt, guard, manners
trying.py    a site's sources asked, three stories read
judging.py   what is wrong with a site, by what its trial gave
finding.py   a site made from an address: name, language, feeds, sitemaps, sections
recorded.py  a page kept with the story that it must give, and read again without the network

It knows nothing of runs and of the terminal.
"""

from newsbot.trial.finding import Found, find_site
from newsbot.trial.judging import troubles
from newsbot.trial.recorded import Difference, Recorded, record, recorded, replay
from newsbot.trial.trying import PageTried, SourceTried, Trial, fetch_story, try_sites

__all__ = [
    "Difference",
    "Found",
    "PageTried",
    "Recorded",
    "SourceTried",
    "Trial",
    "fetch_story",
    "find_site",
    "record",
    "recorded",
    "replay",
    "troubles",
    "try_sites",
]
