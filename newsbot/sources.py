"""What is remembered of a site's feeds, sitemaps and sections, and when one need only be asked whether it has changed.

A source is asked with the validators of its last answer (RFC 9110, 13.1) as long as nothing that it listed is left to
do; where a page could not be fetched, or waits for the next visit, the source is asked in whole, and lists it again. In
whole it is also asked from time to time: some servers repeat an ETag although the feed has changed, and an address that
held no story may hold one by now.

Nothing here is lost with a crawl that is killed: what a visit has learned of its sources is entered at its end, and
until then the next visit asks as this one did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from newsbot.items import Handled, Lead

AUDITS = (timedelta(hours=1), timedelta(days=1))
"""How soon, at the earliest and at the latest, a source is asked in whole although it says that it has not changed;
between the two, when the time since it was first asked has doubled."""
GIVEN_UP = timedelta(days=1)
"""How long a page has to have failed before a list that is read once, and has it, is done with nevertheless."""
LONGEST_VALIDATOR = 1000  # characters; a longer one is not sent back


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of a site as it was last seen.

    `etag` and `last_modified` are to the letter what its last whole answer said, `digest` is that of its bytes, `rules`
    that of what the site's file let through of it. `parent` is the sitemap or page that named it, None for one that the
    file declares. `asked`: when it answered last; `changed`: when it was last other than before; `whole_due`: until
    when it may be asked conditionally, None for not at all; `failures`: how many visits in a row it has failed;
    `distrusted`: its validators were seen to stay while it changed. `listed`: how many stories it listed when it was
    read last, None where that is not known, or something of it is left to do; `reaches_back`: about when the oldest of
    these came (see `reach`), None where nothing says.
    """

    url: str
    kind: str
    parent: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    rules: str = ""
    first_seen: datetime | None = None
    asked: datetime | None = None
    changed: datetime | None = None
    whole_due: datetime | None = None
    failures: int = 0
    distrusted: bool = False
    listed: int | None = None
    reaches_back: datetime | None = None


def digest(*parts: bytes | str) -> str:
    """Told apart by it are the bytes of an answer, or the rules of a site."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass"))
        made.update(b"\0")
    return made.hexdigest()[:32]


def settled(lead: Lead, handled: Handled | None, now: datetime) -> bool:
    """Whether nothing is to be done about a lead: its address was handled, and has not changed since by what its source
    says. What was changed in the future was not: such a feed would have all of its stories fetched on every visit. What
    was changed in the second in which it was fetched may have been so after that: sources tell whole seconds. What
    failed or held no story in the future did so by a clock that was wrong, and nobody knows when."""
    if handled is None or (handled.again is not None and (handled.again <= now or handled.fetched > now)):
        return False
    return lead.modified is None or not handled.fetched.replace(microsecond=0) <= lead.modified <= now


def reach(dates: Iterable[datetime], listed: int, now: datetime) -> datetime | None:
    """How far back a source reaches that lists so many stories, of these `dates`; None where too few of them have one.

    Reckoned by the newest three quarters: what stands at the end of a list may have stood there for years."""
    ages = sorted(now - date for date in dates if date <= now)
    if len(ages) < max(listed / 2, 2):
        return None
    newest = ages[: -(-len(ages) * 3 // 4)]
    if newest[-1] - ages[0] < _AT_ONCE:  # dated as the list was made, not as the stories came
        return None
    return now - min(newest[-1] * listed / len(newest), _LONGEST_REACH)


_LONGEST_REACH = timedelta(days=366)
_AT_ONCE = timedelta(minutes=1)


@dataclass(slots=True)
class _Asked:
    """A source on this visit: the state that it had, and what came of asking."""

    before: SourceState
    now: SourceState | None = None  # None: it has not answered
    whole: bool = False  # it was read, and did not only say that it is as before
    failed: bool = False
    left: bool = False  # something that it lists waits for another visit
    failing: bool = False  # something that it lists could not be fetched, and not for long
    news: bool = False  # it listed something to be fetched
    open: dict[str, Lead] = field(default_factory=dict)  # address key -> what is being fetched
    again: datetime | None = None  # when the first of its addresses without a story is looked at again
    listed: int = 0  # stories that it lists
    unheard: int = 0  # those of them that nothing was known of
    dates: list[datetime] = field(default_factory=list)


class Sources:
    """The sources of one site on one visit.

    `known` is what earlier visits left, by address; `rules` the digest of what the site's file lets through; `now` when
    the visit began, an aware datetime.
    """

    def __init__(self, known: Mapping[str, SourceState], rules: str, now: datetime) -> None:
        self._known = known
        self._rules = rules
        self._now = now
        self._asked: dict[str, _Asked] = {}

    def conditions(self, url: str, kind: str, parent: str | None = None) -> dict[str, str]:
        """The headers with which to ask a source: its validators, or none to ask for it in whole."""
        before = self._known.get(url) or SourceState(url, kind, first_seen=self._now)
        self._asked[url] = _Asked(replace(before, kind=kind, parent=parent))
        if before.distrusted or not self._may_be_unchanged(before):
            return {}
        said = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified}
        return {name: value for name, value in said.items() if value}

    def __contains__(self, url: str) -> bool:
        return url in self._asked

    def unchanged(self, url: str, status: int, body: bytes, etag: str | None, last_modified: str | None) -> bool:
        """Take note of an answer; whether it says, or its bytes show, that there is nothing to read."""
        asked = self._asked[url]
        before = asked.before
        if status == 304:
            asked.now = replace(before, asked=self._now, failures=0)
            return True
        content = digest(_timeless(body))
        same = content == before.digest
        asked.now = replace(
            before,
            etag=_short(etag),
            last_modified=_short(last_modified),
            digest=content,
            rules=self._rules,
            asked=self._now,
            changed=before.changed if same else self._now,
            failures=0,
        )
        if same and self._may_be_unchanged(before):
            return True
        asked.whole = True
        return False

    def children(self, url: str) -> list[SourceState]:
        """What an unchanged sitemap or page named when it was read last."""
        return [state for state in self._known.values() if state.parent == url]

    def failed(self, url: str) -> None:
        """A source could not be fetched or read."""
        self._asked[url].failed = True

    def lists(self, url: str, lead: Lead, *, unheard: bool) -> None:
        """A source lists a story, of which nothing was known where it is `unheard` of."""
        asked = self._asked[url]
        asked.listed += 1
        asked.unheard += unheard
        if date := lead.published or lead.modified:
            asked.dates.append(date)

    def listed(self, url: str, key: str, lead: Lead, *, news: bool) -> None:
        """A source lists what is being fetched on this visit: because of it, `news`, or because of another."""
        asked = self._asked[url]
        asked.open[key] = lead
        asked.news = asked.news or news

    def postponed(self, url: str) -> None:
        """Something that a source lists waits for the next visit."""
        self._asked[url].left = True

    def looked_at(self, url: str, handled: Handled) -> None:
        """A source lists an address that was handled before, and may have to be looked at again."""
        asked = self._asked[url]
        asked.failing |= _failing(handled)
        if handled.again is not None:
            asked.again = min(asked.again or handled.again, handled.again)

    def empty(self) -> list[str]:
        """The sources that answered, where none of them lists any story."""
        states = [(url, asked) for url, asked in self._asked.items() if asked.now is not None and not asked.failed]
        if any(asked.listed if asked.whole else asked.before.listed != 0 for _, asked in states):
            return []
        return [url for url, _ in states]

    def turned_over(self, refused: Iterable[str] = ()) -> list[str]:
        """The sources of which nothing is left of what they listed before: stories may have come and gone between two
        visits. `refused` as in `states`: what will never be asked for is never known."""
        refused = set(refused)
        return [
            url
            for url, asked in self._asked.items()
            if asked.before.listed
            and asked.before.rules == self._rules
            and asked.unheard == asked.listed > 0
            and refused.isdisjoint(asked.open)
        ]

    def gone(self) -> set[str]:
        """The sources that others named once, which were read now and name them no more; and what these had named."""
        lost = {url for url, asked in self._asked.items() if asked.whole and not asked.failed}
        found: set[str] = set()
        while lost:
            lost = {s.url for s in self._known.values() if s.parent in lost and s.url not in self._asked} - found
            found |= lost
        return found

    def open(self) -> set[str]:
        """The keys of all addresses that were to be fetched on this visit."""
        return {key for asked in self._asked.values() for key in asked.open}

    def states(self, handled: Mapping[str, Handled], refused: Iterable[str] = ()) -> list[SourceState]:
        """What is to be remembered of the sources that were asked, once the visit is over. `handled` says what became
        of the addresses in `open`; `refused` are those that will not be asked for."""
        refused = set(refused)
        return [self._state(asked, handled, refused) for asked in self._asked.values()]

    def through(self, handled: Mapping[str, Handled], refused: Iterable[str] = ()) -> set[str]:
        """Those that were read, and of which nothing is left to do, nor to be tried again soon; as for `states`."""
        states = self.states(handled, refused)
        return {state.url for state in states if state.whole_due is not None and not self._asked[state.url].failing}

    def _state(self, asked: _Asked, handled: Mapping[str, Handled], refused: set[str]) -> SourceState:
        before, now = asked.before, asked.now
        if asked.failed or now is None:
            return replace(before, failures=before.failures + asked.failed, whole_due=None)
        if not asked.whole:
            return now
        for key, lead in asked.open.items():
            told = handled.get(key)
            if key in refused:
                continue
            if told is None or not settled(lead, replace(told, again=None), self._now):
                asked.left = True
                continue
            asked.failing |= _failing(told)
            if told.again is not None:
                asked.again = min(asked.again or told.again, told.again)
        if before.etag:
            repeated = now.etag == before.etag
        else:
            repeated = before.last_modified is not None and now.last_modified == before.last_modified
        due = self._now + min(max(AUDITS[0], self._now - (now.first_seen or self._now)), AUDITS[1])
        return replace(
            now,
            whole_due=None if asked.left else min(due, asked.again or due),
            listed=None if asked.left else asked.listed,
            reaches_back=self._reaches_back(asked),
            distrusted=now.distrusted or (repeated and asked.news and now.digest != before.digest),
        )

    def _reaches_back(self, asked: _Asked) -> datetime | None:
        """By the dates of what the source lists; without, by how much of it has come since it was last other."""
        before = asked.before
        if dated := reach(asked.dates, asked.listed, self._now):
            return dated
        if not asked.unheard or not before.listed or before.changed is None or before.changed >= self._now:
            return before.reaches_back
        return self._now - min((self._now - before.changed) * asked.listed / asked.unheard, _LONGEST_REACH)

    def _may_be_unchanged(self, state: SourceState) -> bool:
        # What is further away than it can be was reckoned by a clock that was wrong.
        due = state.whole_due
        return state.rules == self._rules and due is not None and self._now < due <= self._now + AUDITS[1]


def _timeless(body: bytes) -> bytes:
    """The bytes without the time at which gzip packed them (RFC 1952, 2.3.1): servers pack sitemaps as they are asked
    for."""
    return body[:4] + body[8:] if body.startswith(b"\x1f\x8b") else body


def _failing(told: Handled) -> bool:
    """Whether a page could not be fetched, but may be the next time: how soon that is says for how long."""
    return told.failed and told.again is not None and told.again - told.fetched < GIVEN_UP


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR else None
