"""The names of `run_site.counts` in plain words: the one table that everything that tells people of a visit uses."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS = ("dropped", "error", "skipped")
"""The groups of names that say why a page gave no story."""

WORDS = {
    "new": "new stories",
    "changed": "stories that were revised",
    "same": "stories that are as they were",
    "copy": "copies of a story that is kept",
    "fetched": "pages fetched",
    "gone": "stories whose page is no longer there",
    "known": "leads that were known already",
    "repeated": "leads that several sources named",
    "postponed": "leads left for the next visit",
    "failing": "leads that failed before and wait for another try",
    "source.ok": "sources that answered",
    "source.unchanged": "sources that have not changed",
    "source.failed": "sources that could not be read",
    "source.empty": "sources that answered and listed nothing",
    "recleaned": "older stories that lost a block of the site's own",
    "renewed": "fingerprints made anew",
    "archived": "pages kept as fetched",
    "archived.unchanged": "pages that are kept from an earlier time and have not changed",
    "noarchive": "pages that ask not to be kept as fetched",
    "forgotten": "stories older than the site keeps them, deleted",
    "missed.possible": "sources that turned over between two visits: stories may have been missed",
    "dropped.empty": "no text to speak of",
    "dropped.consent": "a cookie or consent wall",
    "dropped.challenge": "a bot check",
    "dropped.soft_404": 'says "not found" with status 200',
    "dropped.index": "a page of links",
    "dropped.video": "a film, a recording or a gallery without a text",
    "dropped.not_html": "no HTML page",
    "dropped.gone": "no longer there (404 or 410)",
    "dropped.forgotten": "a story that was deleted on purpose",
    "dropped.failed": "could not be read",
    "dropped.unknown": "not taken, for a reason of its pipeline's own",
    "error.timeout": "no answer in time",
    "error.unknown_host": "its host's name is not known",
    "error.refused_connection": "the connection was refused",
    "error.connection": "the connection failed",
    "error.cut_off": "the answer was cut off",
    "error.too_large": "larger than page_bytes",
    "error.not_unpacked": "packed in a way that cannot be unpacked",
    "error.redirects": "redirects without end",
    "error.empty_body": "an empty answer",
    "error.not_understood": "no feed, sitemap or page that can be read",
    "error.torn": "a record in which the archive ends",
    "error.damaged": "a stretch of the archive that cannot be read",
    "error.too_hard": "took longer than page_seconds to read, or killed its reader",
    "error.archive": "the archive could not be written; the story is kept without its page",
    "error.store": "the database refused it",
    "error.out_of_time": "the visit took longer than visit_seconds",
    "error.crashed": "the crawl of the site broke off",
    "skipped.robots": "robots.txt forbids it",
    "skipped.robots_unreachable": "the host does not give its robots.txt",
    "skipped.retry_after": "the host has asked to be left alone",
    "skipped.hosts": "on more hosts than a visit asks",
    "skipped.host_silent": "the host did not answer five times in a row",
    "skipped.private_address": "an address of one's own network",
    "skipped.scheme": "neither http nor https",
    "skipped.address": "no address that can be asked for",
    "skipped.sources": "more sources than a visit reads",
    "skipped.not_html": "no HTML page",
    "skipped.revisit": "a record that only says that nothing has changed",
    "skipped.record": "a record of a kind that holds no answer",
    "skipped.undated": "a record that does not say when it was made",
    "skipped.site_file": "its site's file does not let it through",
    "skipped.other_site": "of a site that was not asked for",
    "skipped.crawl_ended": "the crawl had ended",
}
_STATUS = {
    304: "not modified, though nobody had asked whether it was",
    401: "wants a password",
    403: "forbidden",
    404: "not found",
    410: "gone",
    429: "too many requests",
    451: "withheld for legal reasons",
}


def explain(name: str) -> str:
    """What is counted under a name, in plain words."""
    if found := WORDS.get(name):
        return found
    group, _, rest = name.partition(".")
    if group in ("error", "skipped") and rest.startswith("http_") and rest[5:].isdigit():
        status = int(rest[5:])
        words = _STATUS.get(status, "the server failed" if status >= 500 else "")
        return f"HTTP {status}" + (f": {words}" if words else "")
    if group == "error":
        return f"failed in newsbot itself ({rest}); the log has the details"
    return name


def reasons(counts: Mapping[str, int]) -> dict[str, int]:
    """Those of the counts that say why pages gave no story, the most frequent first."""
    chosen = {name: number for name, number in counts.items() if name.partition(".")[0] in GROUPS and number}
    return dict(sorted(chosen.items(), key=lambda item: (-item[1], item[0])))


def told(counts: Mapping[str, int]) -> str:
    """Why pages gave no story, as one line: `error.timeout 3 (no answer in time), ...`; empty where all did."""
    return ", ".join(f"{name} {number} ({explain(name)})" for name, number in reasons(counts).items())
