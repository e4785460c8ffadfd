"""newsbot: crawl news sites on a schedule, keep their stories clean, and ask a database what was published."""

__version__ = "0.1.0"
