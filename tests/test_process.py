"""The whole path from a page to the database, without a crawl."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.errors import NotUnderstood
from newsbot.fingerprint import url_key
from newsbot.items import Access, Lead, Page, Profile, RemovedKind, Story, Verdict
from newsbot.process import process, read, recognise, selectors, tidy
from newsbot.sites import Site, load_sites
from newsbot.store import Kept, Outcome, Store, StoryFull

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://www.harbour-gazette.example/town/ferry-is-back"
TITLE = "The ferry to Grey Island is back"
STORY = (
    "The ferry to Grey Island sails again since Monday, four weeks after its engine failed in a winter storm.",
    "“We carried forty people on the first morning,” the captain said. Two of them had brought their goats along.",
    "Repairs cost the town 310,000 crowns, a third more than the council had been told before Christmas.",
    "Whoever wants to cross with a car has to book a day ahead, because one of the two ramps is still closed.",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'newsbot.db'}") as opened:
        yield opened


def site(**values: Any) -> Site:
    fields = {
        "key": "harbour-gazette.example",
        "name": "Harbour Gazette",
        "home": "https://www.harbour-gazette.example/",
    }
    return Site(**{**fields, **values})


def html(
    *, texts: tuple[str, ...] = STORY, title: str = TITLE, head: str = "", before: str = "", after: str = "", **ld: Any
) -> str:
    """A page of the Harbour Gazette; further keywords are properties of its JSON-LD."""
    said = json.dumps({"@type": "NewsArticle", "headline": title, **ld})
    heading = f"<h1>{title}</h1>" if title else ""
    paragraphs = "".join(f"<p>{text}</p>" for text in texts)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f'<script type="application/ld+json">{said}</script></head>'
        f'<body><article>{heading}{before}<div class="article-body">{paragraphs}</div>{after}</article></body></html>'
    )


def page(
    body: str | bytes,
    *,
    url: str = URL,
    final_url: str | None = None,
    content_type: str = "text/html; charset=utf-8",
    lead: Lead | None = None,
    when: datetime = NOON,
) -> Page:
    body = body.encode() if isinstance(body, str) else body
    headers = {"content-type": content_type} if content_type else {}
    return Page("harbour-gazette.example", url, final_url or url, 200, headers, body, when, lead or Lead(url))


def told(body: str, *, lead: Lead | None = None, profile: Profile | None = None, **of_site: Any) -> Story:
    """The story that a page tells."""
    story = tidy(read(page(body, lead=lead)), site(**of_site), profile)
    assert isinstance(story, Story), story
    return story


def stored(store: Store, kept: Kept | Verdict) -> StoryFull:
    assert isinstance(kept, Kept), kept
    story = store.read.story(kept.story_id)
    assert story is not None
    return story


# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["text/html; charset=windows-1251", 'text/html;Charset="WINDOWS-1251"'])
def test_the_headers_charset_is_heard(content_type: str) -> None:
    text = "Паром к Серому острову снова ходит с понедельника, через четыре недели после поломки двигателя."
    body = html(texts=(text, text[::-1])).replace('<meta charset="utf-8">', "").encode("cp1251")
    assert read(page(body, content_type=content_type)).article.paragraphs == (text, text[::-1])


def test_a_draft_carries_the_page_but_not_its_bytes() -> None:
    fetched = page(html())
    draft = read(fetched)
    assert draft.page.body == b""
    assert (draft.page.url, draft.page.fetched_at, draft.page.lead) == (URL, NOON, Lead(URL))
    assert draft.article.paragraphs == STORY


@pytest.mark.parametrize(
    "content_type", ["image/jpeg", "IMAGE/PNG", "video/mp4", "application/pdf", "application/json; charset=utf-8"]
)
def test_what_the_header_calls_no_page_is_none(content_type: str) -> None:
    assert read(page(html(), content_type=content_type)).article.verdict is Verdict.NOT_HTML


@pytest.mark.parametrize("content_type", ["", "text/html", "text/plain", "application/octet-stream"])
def test_a_pdf_is_no_page_whatever_the_header_calls_it(content_type: str) -> None:
    assert (
        read(page(b"%PDF-1.7\n" + STORY[0].encode() * 9, content_type=content_type)).article.verdict is Verdict.NOT_HTML
    )


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/octet-stream", "application/xhtml+xml"])
def test_a_page_is_one_whatever_the_header_calls_it(content_type: str) -> None:
    assert read(page(html(), content_type=content_type)).article.paragraphs == STORY


def test_a_site_that_says_nothing_of_its_markup_has_no_selectors() -> None:
    assert selectors(site()) is None


# -- tidying -----------------------------------------------------------------------------------------------------------


def test_a_story_says_what_the_page_says() -> None:
    story = told(
        html(
            author=[{"name": "Ida Quill"}, {"name": "Tom Reed"}],
            datePublished="2026-03-02T08:00:00+02:00",
            dateModified="2026-03-02T09:30:00+02:00",
            articleSection="Town",
            keywords=["ferry", "Grey Island"],
            image="/boat.jpg",
            isAccessibleForFree=True,
            description="After four weeks the only boat to the island sails again.",
            head='<link rel="canonical" href="/town/ferry-is-back?edition=1">',
        )
    )
    assert story.title == TITLE
    assert story.text == "\n\n".join(STORY)
    assert story.authors == ("Ida Quill", "Tom Reed")
    assert story.published == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert story.modified == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert (story.published_offset, story.modified_offset, story.day_only) == (120, 120, False)
    assert (story.section, story.tags, story.language) == ("Town", ("ferry", "Grey Island"), "en")
    assert story.standfirst == "After four weeks the only boat to the island sails again."
    assert story.image is not None
    assert story.image.url == "https://www.harbour-gazette.example/boat.jpg"
    assert story.access is Access.FREE
    assert story.canonical_url == "https://www.harbour-gazette.example/town/ferry-is-back?edition=1"
    assert story.addresses[0] == story.canonical_url
    assert URL in story.addresses
    assert story.word_count == 78, "310,000 counts as two"


def test_the_sites_language_is_that_of_a_page_that_says_none() -> None:
    assert told(html().replace(' lang="en"', ""), language="nb").language == "nb"
    assert told(html(), language="nb").language == "en"


def test_the_canonical_address_of_another_site_is_not_believed() -> None:
    story = told(html(head='<link rel="canonical" href="https://elsewhere.example/ferry">'))
    assert story.canonical_url == URL


def test_the_publishers_own_talk_is_removed_with_a_reason() -> None:
    begging = "Please support our journalism: donate to the Harbour Gazette today. Every gift keeps us independent."
    story = told(html(texts=(*STORY[:2], begging, *STORY[2:])))
    assert story.text == "\n\n".join(STORY)
    [removed] = story.removed
    assert (removed.kind, removed.text, removed.position) == (RemovedKind.DONATION, begging, 2)
    assert removed.why


# -- what the feed said ------------------------------------------------------------------------------------------------

FEED = Lead(URL, "Ferry sails again", datetime(2026, 3, 2, 6, tzinfo=UTC))


def test_the_feed_is_heard_where_the_page_is_silent() -> None:
    story = told(html(title=""), lead=FEED)
    assert story.title == "Ferry sails again"
    assert story.published == FEED.published
    assert not story.day_only
    assert story.published_offset is None, "a feed's time is kept in UTC; its offset is not the page's"


def test_the_page_is_heard_before_the_feed() -> None:
    story = told(html(datePublished="2026-03-01T08:00:00+02:00"), lead=FEED)
    assert story.title == TITLE
    assert story.published == datetime(2026, 3, 1, 6, tzinfo=UTC)
    assert story.published_offset == 120


@pytest.mark.parametrize("hours", [-13, 0, 23, 35])
def test_the_feed_tells_the_time_of_the_day_that_the_page_tells(hours: int) -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours)
    story = told(html(datePublished="2026-03-02"), lead=Lead(URL, None, moment))
    assert (story.published, story.day_only) == (moment, False)


@pytest.mark.parametrize("hours", [-24, -15, 36, 47, 24 * 30])
def test_a_feed_that_tells_another_day_is_not_heard(hours: int) -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hours)
    story = told(html(datePublished="2026-03-02"), lead=Lead(URL, None, moment))
    assert (story.published, story.day_only) == (datetime(2026, 3, 2, tzinfo=UTC), True)


def test_where_nobody_tells_a_day_there_is_none() -> None:
    story = told(html())
    assert (story.published, story.published_offset, story.day_only) == (None, None, False)
    assert (story.modified, story.modified_offset) == (None, None)


# -- time zones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "zone", "instant"),
    [
        ("2026-01-15T10:00:00", "Europe/Berlin", "2026-01-15T09:00:00+00:00"),
        ("2026-07-15T10:00:00", "Europe/Berlin", "2026-07-15T08:00:00+00:00"),
        ("2026-03-29T01:59:00", "Europe/Berlin", "2026-03-29T00:59:00+00:00"),
        ("2026-03-29T03:00:00", "Europe/Berlin", "2026-03-29T01:00:00+00:00"),
        (
            "2026-03-29T02:30:00",
            "Europe/Berlin",
            "2026-03-29T01:30:00+00:00",
        ),  # no such hour: read with the winter's offset
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),  # twice: the first
        ("2026-10-25T03:30:00", "Europe/Berlin", "2026-10-25T02:30:00+00:00"),
        ("2026-01-15T10:00:00", "Asia/Kolkata", "2026-01-15T04:30:00+00:00"),
        ("2026-01-15T10:00:00", None, "2026-01-15T10:00:00+00:00"),
        ("2026-01-15T10:00:00-05:00", "Europe/Berlin", "2026-01-15T15:00:00+00:00"),
    ],
)
def test_times_without_an_offset_are_read_in_the_sites_zone(said: str, zone: str | None, instant: str) -> None:
    story = told(html(datePublished=said, dateModified=said), timezone=zone)
    assert story.published is not None
    assert story.published.isoformat() == instant
    assert story.modified == story.published
    assert story.published_offset == (-300 if said.endswith("-05:00") else None)


def test_a_day_stays_that_day_in_every_zone() -> None:
    story = told(html(datePublished="2026-03-02"), timezone="Pacific/Auckland")
    assert (story.published, story.day_only, story.published_offset) == (datetime(2026, 3, 2, tzinfo=UTC), True, None)


# -- access ------------------------------------------------------------------------------------------------------------

WALL = "Subscribe to continue reading. Already a subscriber? Log in."


def test_a_notice_that_ends_the_text_shows_a_paywall() -> None:
    assert told(html(texts=(STORY[0], STORY[1], WALL))).access is Access.PAYWALLED
    assert told(html(texts=(STORY[0], STORY[1], WALL), isAccessibleForFree=True)).access is Access.PAYWALLED
    assert told(html()).access is Access.UNKNOWN


def test_what_the_page_says_of_a_meter_is_kept() -> None:
    head = '<meta property="article:content_tier" content="metered">'
    assert told(html(texts=(STORY[0], WALL), head=head)).access is Access.METERED


def test_a_story_behind_a_paywall_is_kept_without_its_text() -> None:
    story = tidy(read(page(html(texts=(WALL,), isAccessibleForFree=False))), site())
    assert isinstance(story, Story)
    assert (story.title, story.text, story.access) == (TITLE, "", Access.PAYWALLED)


def test_a_page_that_only_talks_to_its_readers_is_empty() -> None:
    begging = "Please support our journalism: donate to the Harbour Gazette today. Every gift keeps us independent."
    assert tidy(read(page(html(texts=(begging,)))), site()) is Verdict.EMPTY


# -- into the database -------------------------------------------------------------------------------------------------


def test_a_page_is_new_then_the_same_then_changed(store: Store) -> None:
    first = process(page(html()), site(), store)
    again = process(page(html(), when=NOON + timedelta(hours=1)), site(), store)
    changed = process(page(html(texts=(*STORY, "Goats pay half.")), when=NOON + timedelta(hours=2)), site(), store)
    assert isinstance(first, Kept)
    assert isinstance(again, Kept)
    assert isinstance(changed, Kept)
    assert [kept.outcome for kept in (first, again, changed)] == [Outcome.NEW, Outcome.SAME, Outcome.CHANGED]
    assert first.story_id == again.story_id == changed.story_id
    story = stored(store, changed)
    assert (story.version, [version.text for version in story.versions]) == (2, ["\n\n".join(STORY)])


BOX = "The rooms above the print shop are open to all who want to look on while the paper is made."
NEWS = (
    "A bakery on the quay closed after ninety years, and its oven was carried out through the window by eight men.",
    "The school by the mill has a new roof, paid for with what the children earned from two summers of plums.",
    "Snow stopped the bus over the pass for a day; its passengers were put up in the chapel and sang until morning.",
    "A heron has moved into the lock, and the keeper opens the gates by hand so as not to wake it before nine.",
    "The choir lost its organist to the city and found another, a retired engineer, in the queue for the ferry.",
)


def numbered(number: int, *texts: str) -> Page:
    return page(html(texts=texts, headline=f"News of day {number}"), url=f"{URL}/{number}")


def test_what_three_stories_repeat_is_not_in_the_fourth(store: Store) -> None:
    kept = [process(numbered(n, NEWS[n], STORY[n % 2], NEWS[n][::-1], BOX), site(), store) for n in range(3)]
    assert all(BOX in stored(store, each).text for each in kept)
    fourth = stored(store, process(numbered(3, NEWS[3], NEWS[3][::-1], BOX), site(), store))
    assert fourth.text == f"{NEWS[3]}\n\n{NEWS[3][::-1]}"
    assert [out.text for out in fourth.removed] == [BOX]


def test_a_notice_that_is_the_whole_story_stays_however_often_it_is_printed(store: Store) -> None:
    notices = [process(page(html(texts=(BOX,)), url=f"{URL}/{n}"), site(), store) for n in range(5)]
    assert [stored(store, each).text for each in notices] == [BOX] * 5
    assert len({stored(store, each).id for each in notices}) == 5
    assert store.profile(site().key).repeated == frozenset()


def test_addresses_of_one_story_lead_to_one_story(store: Store) -> None:
    head = f'<link rel="canonical" href="{URL}">'
    first = process(page(html(head=head), url=f"{URL}?utm_source=feed"), site(), store)
    second = process(page(html(head=head), url="https://hg.example/1", final_url=f"{URL}/amp"), site(), store)
    assert isinstance(second, Kept)
    assert second.outcome is Outcome.SAME
    assert stored(store, first).url == URL
    assert len(store.known([url_key(URL), url_key("https://hg.example/1")])) == 2


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("", Verdict.EMPTY),
        ("<title>Page not found</title><p>The page that you look for has moved, or never was.</p>", Verdict.SOFT_404),
        ("%PDF-1.7", Verdict.NOT_HTML),
        ("<ul>" + "<li><a href=/x>What was decided</a></li>" * 40 + "</ul>", Verdict.INDEX),
    ],
)
def test_a_page_without_a_story_is_dismissed_and_known(store: Store, body: str, verdict: Verdict) -> None:
    moved = f"{URL}/2"
    assert process(page(body, final_url=moved), site(), store) is verdict
    assert list(store.known([url_key(URL), url_key(moved)])) == [url_key(URL)], "not what a redirect led to"
    assert store.read.story(URL) is None


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("<title>Just a moment...</title><p>Checking your browser.</p>", Verdict.CHALLENGE),
        ("<title>Before you continue</title><p>We use cookies to measure who reads what.</p>", Verdict.CONSENT),
    ],
)
def test_a_page_behind_a_wall_is_not_known(store: Store, body: str, verdict: Verdict) -> None:
    assert process(page(body), site(), store) is verdict
    assert store.known([url_key(URL)]) == {}


def test_a_copy_on_another_site_is_recognised(store: Store) -> None:
    first = process(page(html()), site(), store)
    other = site(key="lantern-post.example", name="Lantern Post", home="https://lantern-post.example/")
    again = process(page(html(), url="https://lantern-post.example/wire/1"), other, store)
    assert isinstance(first, Kept)
    assert isinstance(again, Kept)
    assert (again.outcome, again.copy_of) == (Outcome.COPY, first.story_id)


def test_half_an_emoji_and_a_nul_do_not_stop_the_database(store: Store) -> None:
    kept = process(page(html(headline="Ferry \ud83d", description="nul\0", author="Ida\ud83dQuill")), site(), store)
    assert stored(store, kept).text == "\n\n".join(STORY)


def test_recognising_adds_the_fingerprint_and_nothing_else() -> None:
    story = told(html())
    signed = recognise(story)
    assert url_key(URL) in signed.fingerprint.url_keys
    assert signed.fingerprint.text_key
    assert (signed.text, signed.addresses) == (story.text, story.addresses)


# -- a site of the catalogue -------------------------------------------------------------------------------------------

MOSCOW_URL = "https://www.themoscowtimes.com/2026/03/02/night-trains-return-to-the-lake-line-a90001"
MOSCOW_TITLE = "Night Trains Return to the Lake Line"
MOSCOW_STANDFIRST = "After two years of buses, sleeping cars run again between the two shores. Not everyone is glad."
MOSCOW_STORY = (
    "The first sleeping car in two years left the western shore just before midnight on Sunday, eleven minutes late.",
    "Most of its 36 berths were taken by students, a conductor told reporters on the platform.",
    "“I had forgotten how loud it is,” said one passenger, who had brought her own pillow and two jars of plums.",
    "Who pays",
    "The regional railway puts the cost of the service at 90 million rubles a year; a third of it comes from tickets.",
    "“We asked for a night train and were given an alarm clock,” the mayor of a village on the line wrote.",
    "Buses will go on running until June, after which the timetable is to be looked at again.",
)
MOSCOW_BOXES = (
    "Remain independent with us",
    "Dear readers, we are facing challenges that no newspaper should face. Support our work from just $2 a month.",
    "Our weekly newsletter contains a hand-picked selection of news, features and analysis. Subscribe now.",
    "Sign up for the morning letter",
    "Lighthouse keepers ask for warmer coats",
    "Opinions in this column are those of its author and not of the paper that prints it.",
    "Three Bridges to See Before Spring",
    "A ring road around the harbour is to be finished by autumn",
    "Railways",
    "Read more about",
    "Continue",
)


def moscow_page() -> str:
    first, second, third, heading, fourth, quote, last = MOSCOW_STORY
    letters, begging, weekly, sign_up, related, disclaimer, cluster, sidebar, tag, more, load = MOSCOW_BOXES
    said = {
        "@context": "https://schema.org/",
        "@type": "NewsArticle",
        "headline": MOSCOW_TITLE,
        "description": "Sleeping cars are back.",
        "url": MOSCOW_URL,
        "datePublished": "2026-03-02T07:45:00+03:00",
        "dateModified": "2026-03-02T11:05:00+03:00",
        "author": {"@type": "Person", "name": "Ida Quill"},
        "inLanguage": {"@type": "Language", "name": "English", "alternateName": "en"},
        "image": {"@type": "ImageObject", "url": "https://static.themoscowtimes.com/image/night.jpg"},
    }
    return f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">
<title>{MOSCOW_TITLE} - The Moscow Times</title>
<link rel="canonical" href="{MOSCOW_URL}"><meta property="og:site_name" content="The Moscow Times">
<meta property="og:title" content="{MOSCOW_TITLE} - The Moscow Times">
<meta property="article:published_time" content="2026-03-02T07:45:00+03:00">
<meta property="article:section" content="news">
<script type="application/ld+json">{json.dumps(said)}</script></head>
<body class="article-page"><div class="contribute-bar"><p>{begging}</p></div>
<nav class="navigation"><ul><li><a href="/news">News</a></li><li><a href="/opinion">Opinion</a></li></ul></nav>
<div class="container article-container"><article class="article article--news">
<header class="article__header"><h1>{MOSCOW_TITLE}</h1><h2>{MOSCOW_STANDFIRST}</h2></header>
<div class="article__byline byline"><div class="byline__details">
<span class="byline__author">By <a href="/author/ida" class="byline__author__name">Ida Quill</a> and
<a href="/author/tom" class="byline__author__name">Tom Reed</a></span>
<time class="byline__datetime timeago" datetime="2026-03-02T11:05:00+03:00">Updated: March 2, 2026</time></div></div>
<figure class="article__featured-image featured-image"><img src="night.jpg">
<figcaption><span class="article__featured-image__caption">The night train at the western shore.</span>
<span class="article__featured-image__credits">Tom Reed</span></figcaption></figure>
<div class="article__content-container"><div class="article__content" id="article-content">
<div class="article__block article__block--html"><p>{first}</p><p>{second}</p></div>
<div class="contribute-teaser"><h4>{letters}</h4><p>{begging}</p><a href="/contribute">{load}</a></div>
<div class="article__block article__block--html"><p>{third}</p></div>
<aside class="article__related-article"><a href="/2026/02/27/coats-a90000"><h3>{related}</h3><p>{more}</p></a></aside>
<div class="article__block article__block--header"><h3>{heading}</h3></div>
<div class="article__block article__block--html"><p>{fourth}</p></div>
<div class="article__block article__block--newsletter"><div class="newsletterbanner"><p>{sign_up}</p></div></div>
<div class="article__newsletter"><h4>{sign_up}</h4><p>{weekly}</p></div>
<div class="article__block article__block--quote"><blockquote>{quote}</blockquote></div>
<div class="contribute-banner"><h3>{letters}</h3><p>{begging}</p></div>
<div class="newsletterbanner"><p>{weekly}</p></div>
<div class="article__block article__block--html"><p>{last}</p></div>
<p class="article__disclaimer">{disclaimer}</p>
</div><div class="article__tags"><span>{more}</span> <a href="/tag/railways">{tag}</a></div></div></article>
<aside class="sidebar"><p>{sidebar}</p></aside></div>
<section class="cluster"><h2>{more}</h2><h3><a href="/bridges">{cluster}</a></h3><p>{sidebar}</p></section>
<div id="load-next-article"><p>{load}</p></div>
<div class="contribute-modal" style="display: none"><p>{begging}</p></div>
<footer class="footer"><p>© The Moscow Times, all rights reserved.</p></footer></body></html>"""


def moscow() -> Site:
    return load_sites(None).sites["themoscowtimes.com"]


def test_a_page_of_the_moscow_times_gives_its_story_and_nothing_else(store: Store) -> None:
    fetched = Page(
        "themoscowtimes.com",
        MOSCOW_URL,
        MOSCOW_URL,
        200,
        {"content-type": "text/html; charset=UTF-8"},
        moscow_page().encode(),
        NOON,
        Lead(MOSCOW_URL, "Night trains", datetime(2026, 3, 2, 8, 5, tzinfo=UTC)),
    )
    story = stored(store, process(fetched, moscow(), store))
    assert story.url == MOSCOW_URL
    assert story.title == MOSCOW_TITLE
    assert story.standfirst == MOSCOW_STANDFIRST
    assert story.authors == ("Ida Quill", "Tom Reed")
    assert story.published == datetime(2026, 3, 2, 4, 45, tzinfo=UTC)
    assert story.published_offset == 180
    assert story.modified == datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
    assert not story.day_only
    assert (story.language, story.section) == ("en", "news")
    assert story.text.split("\n\n") == [MOSCOW_STANDFIRST, *MOSCOW_STORY]
    assert not any(box in story.text for box in MOSCOW_BOXES)


def test_the_moscow_times_does_not_depend_on_its_selectors() -> None:
    """Its markup may change; what is general must then do most of the work."""
    fetched = Page(
        "themoscowtimes.com", MOSCOW_URL, MOSCOW_URL, 200, {}, moscow_page().encode(), NOON, Lead(MOSCOW_URL)
    )
    story = tidy(read(fetched), moscow())
    assert isinstance(story, Story)
    assert (story.title, story.published) == (MOSCOW_TITLE, datetime(2026, 3, 2, 4, 45, tzinfo=UTC))
    told_here = story.text.split("\n\n")
    assert [text for text in told_here if text in MOSCOW_STORY] == list(MOSCOW_STORY)
    assert not any(box in story.text for box in MOSCOW_BOXES[:4])


def test_a_page_longer_than_any_story_is_refused_before_it_holds_up_others() -> None:
    endless = page(html(texts=("The harbour is closed. " * 30_000,)))
    with pytest.raises(NotUnderstood, match="no story is that long"):
        read(endless)
