"""Sites: what a site is, and where the files are that describe the ones to be crawled.

No network, no Scrapy, no database.
"""

from newsbot.sites.importing import Listed, key_for, read_list
from newsbot.sites.loader import CATALOGUE, Catalogue, find, load_site, load_sites, read_site, site_files
from newsbot.sites.model import NEVER_ONLINE, Select, Site, Source, SourceKind
from newsbot.sites.opml import to_opml
from newsbot.sites.owners import Owners
from newsbot.sites.switches import switch
from newsbot.sites.writing import replace_file, save, to_toml

__all__ = [
    "CATALOGUE",
    "NEVER_ONLINE",
    "Catalogue",
    "Listed",
    "Owners",
    "Select",
    "Site",
    "Source",
    "SourceKind",
    "find",
    "key_for",
    "load_site",
    "load_sites",
    "read_list",
    "read_site",
    "replace_file",
    "save",
    "site_files",
    "switch",
    "to_opml",
    "to_toml",
]
