"""Sites: what a site is, and where the files are that describe the ones to be crawled."""

from newsbot.sites.loader import CATALOGUE, Catalogue, find, load_site, load_sites
from newsbot.sites.model import NEVER_ONLINE, Select, Site, Source, SourceKind

__all__ = [
    "CATALOGUE",
    "NEVER_ONLINE",
    "Catalogue",
    "Select",
    "Site",
    "Source",
    "SourceKind",
    "find",
    "load_site",
    "load_sites",
]
