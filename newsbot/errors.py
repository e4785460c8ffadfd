"""What can go wrong, as one small hierarchy.

    NewsbotError                  everything that newsbot itself raises; its text is for the user
    ├── ConfigError               a setting is missing, unknown or malformed            exit 2
    ├── SiteError                 a site file cannot be used, or a site is not known    exit 2
    ├── QueryError                a question to the database is malformed               exit 2
    ├── CrawlLocked               another crawl is at work on a site                    exit 75
    ├── ArchiveError              the archive of pages cannot be written or read        exit 1
    ├── NotUnderstood             bytes that are no feed, sitemap or page
    └── StoreError                the database cannot serve                             exit 1
        ├── QueryTooSlow          a question took longer than it may
        ├── StoreUnavailable      it cannot be opened, is locked, full or read-only
        ├── StoreForeign          it is a database, but not one of newsbot's
        ├── LeaseLost             it no longer holds this crawl's sites for it
        └── StoreNewer            a later newsbot made it

Every text says what happened, where, and what to do.
"""


class NewsbotError(Exception):
    """The root; `exit_code` is what the command line ends with when the error reaches it."""

    exit_code = 1


class ConfigError(NewsbotError):
    """A setting in the environment or in newsbot.toml is missing, unknown or malformed."""

    exit_code = 2


class SiteError(NewsbotError):
    """A site file cannot be used, or no site has the key that was asked for. `key` is the site's, where it is one's."""

    exit_code = 2
    key: str | None = None


class QueryError(NewsbotError):
    """A search or a filter is malformed."""

    exit_code = 2


class CrawlLocked(NewsbotError):
    """Another crawl of this NEWSBOT_HOME is at work on a site that this one was to crawl."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h: try again later


class NotUnderstood(NewsbotError):
    """Bytes that should have been a feed, a sitemap or a page and are not."""


class ArchiveError(NewsbotError):
    """The archive of pages as fetched cannot be written or read."""


class StoreError(NewsbotError):
    """The database cannot serve."""


class QueryTooSlow(StoreError):
    """A question took longer than it may, and was cancelled."""


class StoreUnavailable(StoreError):
    """The database cannot be opened or written: path, permissions, a lock, or no space."""


class StoreForeign(StoreError):
    """The database belongs to something else; newsbot does not touch it."""


class LeaseLost(StoreError):
    """A crawl was out of touch with the database for so long that another may have its sites."""


class StoreNewer(StoreError):
    """The database was made by a later version of newsbot."""
