"""What people see: the words of the page, where its links lead, and that it needs no script."""

from __future__ import annotations

import http.client
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.writing import Exchange, Writer
from newsbot.errors import QueryTooSlow
from newsbot.health import Incident
from newsbot.items import Access, Archived, Block, BlockKind, Removed, RemovedKind
from newsbot.store import Filters, Reader, Store, Survey
from tests.store.build import HOUR, NOON, edited, prose, story
from tests.web.visiting import Answer, Visitor, served

MINUTE = timedelta(minutes=1)


def titles(answer: Answer) -> list[str]:
    return answer.texts("//li[contains(@class, 'hit')]/h2")


def linked(answer: Answer, text: str) -> str:
    """Where the link of this text leads."""
    (found,) = [link for link in answer.page.iter("a") if " ".join(link.text_content().split()) == text]
    return str(found.get("href"))


@pytest.fixture
def papers(store: Store, visitor: Visitor) -> Visitor:
    """Fifty stories of two papers, an hour apart, the newest first; the last one was copied an hour later."""
    for number in range(50):
        filed: dict[str, Any] = {"language": ("en", "de")[number % 2], "access": list(Access)[number % 3]}
        text = prose(number, 80) + (" A heron stood there." if number % 10 == 0 else "")
        store.keep(
            story(number, text, site=("a.example", "b.example")[number % 2], published=NOON - number * HOUR, **filed)
        )
    store.keep(story(60, edited(prose(61, 200)), site="b.example", published=NOON + HOUR, authors=("Ada Reed",)))
    store.keep(story(61, prose(61, 200), site="a.example", published=NOON + MINUTE, section="Sea", tags=("boats",)))
    return visitor


# -- search ------------------------------------------------------------------------------------------------------------


def test_stories_come_newest_first_and_each_once(papers: Visitor) -> None:
    first = papers.get("/")
    assert titles(first)[:2] == ["Headline 61", "Headline 0"]
    assert len(titles(first)) == 20
    assert first.texts("//p[@class='count']") == ["51 stories, each once"]
    assert first.texts("//details[@class='fold']//summary") == ["also in b.example"]
    assert first.texts("//details[@class='fold']//li") == ["2026-03-02 13:00 b.example Headline 60"]
    assert titles(papers.get("/?copies=1"))[:2] == ["Headline 60", "Headline 61"]


def test_pages_follow_each_other_without_scripts(papers: Visitor) -> None:
    page = papers.get("/")
    seen = titles(page)
    while more := page.page.xpath("//a[@rel='next']/@href"):
        page = papers.get(more[0])
        seen += titles(page)
    assert len(seen) == len(set(seen)) == 51
    assert linked(page, "Back to the first page") == "/"


def test_the_script_is_given_the_stories_alone(papers: Visitor) -> None:
    part = papers.get("/", X_Newsbot_Part="stories")
    assert titles(part) == titles(papers.get("/"))
    assert part.page.xpath("//*[@data-bars]") == []


def test_stories_are_there_before_they_are_counted(papers: Visitor, database: str, tmp_path: Path) -> None:
    seen = threading.Event()

    class Slow(Reader):
        def survey(self, filters: Filters, query: str | None = None) -> Survey:
            assert seen.wait(60)
            return super().survey(filters, query)

    with served(database, tmp_path, reader=Slow) as visitor:
        connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=60)
        connection.request("GET", "/?q=heron")
        answer = connection.getresponse()
        sent = b""
        while b"Headline 40" not in sent:
            sent += answer.read1()
        assert b"stories, each once" not in sent
        seen.set()
        assert b"5 stories, each once" in answer.read()
        connection.close()


def test_stories_that_cannot_be_counted_are_shown_all_the_same(papers: Visitor, database: str, tmp_path: Path) -> None:
    class Impatient(Reader):
        def survey(self, filters: Filters, query: str | None = None) -> Survey:
            raise QueryTooSlow("the database did not answer within 5 seconds.")

    with served(database, tmp_path, reader=Impatient) as visitor:
        page = visitor.get("/?q=heron")
    assert (page.status, len(titles(page))) == (200, 5)
    (said,) = page.texts("//section[contains(@class, 'whole')]")
    assert said == "They were not counted: the database did not answer within 5 seconds."
    assert page.page.xpath("//form[@class='filters']"), "what narrows it is there"


def test_a_search_shows_passages_and_what_was_found_in_them(papers: Visitor) -> None:
    found = papers.get("/?q=heron")
    assert titles(found) == [f"Headline {number}" for number in (0, 10, 20, 30, 40)]
    assert found.texts("//p[@class='snippet']/mark") == ["heron"] * 5
    assert found.page.xpath("//input[@id='q']/@value") == ["heron"]
    assert titles(papers.get("/?q=zeppelin")) == []
    assert "Nothing found" in papers.get("/?q=zeppelin").text


def test_facets_and_filters_narrow_and_are_taken_away(papers: Visitor) -> None:
    first = papers.get("/")
    facets = first.texts("//aside//h2/following-sibling::ul[1]/li")
    assert "a.example 26" in facets
    assert "b.example 25" in facets
    assert "de 25" in facets
    assert "free 17" in facets
    assert "Mon 2 Mar 2026 14" in facets
    narrowed = papers.get(first.page.xpath("//aside//a[.='b.example']/@href")[0])
    assert set(narrowed.texts("//li[contains(@class, 'hit')]/p[@class='meta']/a[1]")) == {"b.example"}
    assert narrowed.texts("//ul[@class='chosen']/li") == ["site b.example ×"]
    assert narrowed.page.xpath("//ul[@class='chosen']//a/@href") == ["/"]
    day = papers.get(first.page.xpath("//aside//a[.='Mon 2 Mar 2026']/@href")[0])
    assert day.texts("//p[@class='count']") == ["14 stories, each once"]
    both = papers.get("/?site=a.example&tag=Boats&section=sea&since=2026-03-01&access=unknown&language=")
    assert titles(both) == ["Headline 61"]
    assert len(both.texts("//ul[@class='chosen']/li")) == 5


def test_bars_lead_to_their_spans_and_hold_all_stories(papers: Visitor) -> None:
    first = papers.get("/")
    bars = first.page.xpath("//*[@data-bars]//a")
    numbers = [int(bar.xpath("string(./title)").rpartition(": ")[2]) for bar in bars]
    assert sum(numbers) == 51
    busiest = bars[numbers.index(max(numbers))]
    chosen = papers.get(busiest.get("href"))
    assert chosen.texts("//p[@class='count']")[0].startswith(f"{max(numbers)} ")
    assert busiest.get("data-since") in chosen.texts("//ul[@class='chosen']/li")[0]


def test_an_order_can_be_chosen(papers: Visitor) -> None:
    assert titles(papers.get("/?sort=oldest"))[0] == "Headline 49"
    assert titles(papers.get("/?q=heron&sort=relevance"))
    assert papers.get("/?sort=relevance").status == 400
    assert "relevance" not in papers.get("/").texts("//select[@id='f-sort']/option")


def test_what_cannot_be_asked_is_told(papers: Visitor) -> None:
    for target, status, said in (
        ("/?q=%22open", 400, "a quote without its partner"),
        ("/?since=soon", 400, "no point in time"),
        ("/?after=x", 400, "no cursor"),
        ("/?site=c.example", 400, "nothing was ever crawled"),
        ("/story/999", 404, "There is no story 999"),
        ("/story/99999999999999999999", 404, "There is no story"),
        ("/runs/999", 404, "There is no run 999"),
        ("/sites/c.example", 404, "Nothing was ever crawled"),
        ("/nothing", 404, "Not Found"),
    ):
        answer = papers.get(target)
        assert answer.status == status, target
        assert said in answer.page.text_content(), target


# -- a story -----------------------------------------------------------------------------------------------------------


def test_a_story_is_found_by_its_address(papers: Visitor) -> None:
    answer = papers.get("/story", wanted={"url": "https://a.example/61?utm_source=rss"})
    assert answer.status == 303
    assert papers.get(answer.headers["location"]).texts("//h1") == ["Headline 61"]
    assert papers.get("/story?url=https://a.example/none").status == 404
    assert papers.get("/story?url=nonsense").status == 400


def test_what_was_removed_stands_in_its_place_with_kind_and_reason(store: Store, visitor: Visitor) -> None:
    gone = Block(BlockKind.PARAGRAPH, "Give now!")
    store.keep(story(1, "First.\n\nLast.", removed=(Removed(1, gone, RemovedKind.DONATION, "words: give"),)))
    page = visitor.get("/story/1")
    assert page.texts("//div[@class='text']/*") == ["First.", "donation words: give Give now!", "Last."]
    switch = page.page.xpath("//input[@id='show-removed']")[0]
    assert (switch.get("type"), switch.get("role"), switch.get("checked")) == ("checkbox", "switch", None)
    assert page.page.xpath("//label[@for='show-removed']")
    assert visitor.get("/story/1?removed=1").page.xpath("//input[@id='show-removed']/@checked")


def test_versions_show_which_words_came_and_went(store: Store, visitor: Visitor) -> None:
    for told in ("The bridge has three arches. It is old.", "The bridge has four arches. It is old.", "It is old."):
        store.keep(story(1, f"{told}\n\n{prose(1)}", as_announced=True))
    page = visitor.get("/story/1")
    assert [each.split(" ", 2)[:2] for each in page.texts("//ol[@class='versions']/li")] == [
        ["Version", "1"], ["Version", "2"], ["Version", "3"]
    ]  # fmt: skip
    assert page.page.xpath("//input[@type='range']/@max") == ["3"]
    second = visitor.get(linked(page, "Version 2"))
    changed = (second.texts(f"//div[@class='text diff']//{name}") for name in ("del", "ins"))
    assert list(changed) == [["three"], ["four"]]
    assert second.page.xpath("//input[@type='range']/@value") == ["2"]
    first = visitor.get("/story/1?version=1")
    assert first.texts("//div[@class='text']/p")[0] == "The bridge has three arches. It is old."
    assert visitor.get("/story/1?version=4").status == 404


def test_copies_are_told_in_their_order_and_compared(papers: Visitor) -> None:
    late = papers.get(papers.get("/story", wanted={"url": "https://b.example/60"}).headers["location"])
    said = late.texts("//ol[@class='copies']/li")
    assert said[0].startswith("a.example 2026-03-02 12:01 UTC first Headline 61")
    assert "% shared" in said[0]
    assert said[1].startswith("b.example 2026-03-02 13:00 UTC 59 min later Headline 60 this story")
    compared = papers.get(linked(late, "compare with the first"))
    assert "adds a line" in " ".join(compared.texts("//ins"))
    assert compared.texts("//p[@class='note']")[0].startswith("From a.example to b.example")
    assert papers.get("/story/1?against=999").status == 404


def test_what_is_known_says_from_where(papers: Visitor) -> None:
    page = papers.get(papers.get("/story", wanted={"url": "https://a.example/61"}).headers["location"])
    known = dict(zip(page.texts("//section[@id='facts']//dt"), page.texts("//section[@id='facts']//dd"), strict=True))
    assert known["Published"].startswith("2026-03-02 12:01")
    assert "boats" in known["Tags"]
    assert page.page.xpath("//a[.='Original page']/@href") == ["https://a.example/61"]
    assert page.page.xpath("//link[@type='application/ld+json']/@href")


def test_the_page_as_it_was_fetched_is_shown_in_a_sandbox(store: Store, visitor: Visitor, tmp_path: Path) -> None:
    body = b"<!doctype html><title>As it was</title><script>alert(1)</script><p>Told."
    writer = Writer(tmp_path / "archive", {})
    exchange = Exchange("https://a.example/1", NOON, (), 200, ((b"Content-Type", b"text/html; charset=utf-8"),), body)
    place = writer.write(exchange)
    writer.close()
    store.keep(story(1, archived=place))
    store.keep(story(2))
    store.keep(story(3, archived=Archived("gone.warc.gz", 0)))
    shown = visitor.get(linked(visitor.get("/story/1"), "As it was fetched"))
    assert (shown.status, shown.body) == (200, body)
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "As it was fetched" not in visitor.get("/story/2").text
    assert "was not kept" in visitor.get("/story/2/archived").text
    assert "no longer in the archive" in visitor.get("/story/3/archived").text


# -- sites, runs, health -----------------------------------------------------------------------------------------------


@pytest.fixture
def watched(store: Store, visitor: Visitor) -> Visitor:
    """Thirty-five runs at a site that was well, and then was not."""
    now = datetime.now(UTC)
    store.touch_site("a.example", "The A", "https://a.example/", "en")
    for number in range(35):
        started = now - (35 - number) * HOUR
        store.keep(story(number, prose(number, 60), published=started, fetched_at=started))
        run = store.start_run(1, started)
        store.start_site(run, "a.example", started)
        counts = (
            {"source.ok": 1, "fetched": 3, "new": 2, "dropped.consent": 1} if number < 34 else {"error.http_503": 4}
        )
        outcome = "ok" if number < 34 else "failed"
        store.finish_site(run, "a.example", started + MINUTE, outcome, counts, 5_000)
        store.finish_run(run, started + MINUTE, outcome)
    store.enter_incidents(
        [Incident(None, "sources", "a.example", "critical", now - HOUR, now, now, "three in a row", "look there")]
    )
    return visitor


def test_sites_are_listed_with_how_they_fare(watched: Visitor) -> None:
    (row,) = watched.get("/sites").page.xpath("//tbody/tr")
    said = " ".join(row.text_content().split())
    assert said.startswith("The A alarm a.example 35")
    assert "failed" in said
    assert row.xpath(".//*[local-name()='svg']/@aria-label") == ["35 stories in 30 days"]


def test_a_site_shows_its_rhythm_visits_alarms_and_what_it_taught(watched: Visitor) -> None:
    page = watched.get("/sites/a.example")
    assert page.texts("//h1") == ["The A"]
    assert "three in a row" in page.texts("//section[@id='incidents']")[0]
    assert len(page.page.xpath("//*[@class='week']//*[local-name()='rect']")) == 7 * 24
    assert sum(int(title.rpartition(": ")[2]) for title in page.texts("//*[@data-bars]//a")) == 35
    assert len(page.texts("//ol[contains(@class, 'short')]/li")) == 12
    assert "35 different stories" in page.texts("//section[@id='learned']")[0]


def test_runs_are_listed_page_by_page_and_told_one_by_one(watched: Visitor) -> None:
    first = watched.get("/runs")
    numbers = first.texts("//tbody/tr/th")
    second = watched.get(linked(first, "Earlier runs"))
    assert [int(number) for number in numbers + second.texts("//tbody/tr/th")] == list(range(35, 0, -1))
    assert first.page.xpath("//tbody/tr[2]//*[local-name()='svg']/@aria-label") == ["2 new, 1 dropped"]
    run = watched.get(linked(first, "35"))
    assert "4 error.http_503" in run.texts("//tbody/tr")[0]
    assert "HTTP 503: the server failed" in run.texts("//dl[@class='names']")[0]


def test_health_says_what_is_wrong_and_what_to_do(press: Visitor, watched: Visitor) -> None:
    assert "All is well" in press.get("/health").text
    page = watched.get("/health")  # no site file is there, so that nothing is watched but the machine
    assert page.texts("//h1")[0].startswith("Health")
    assert "Database" in page.texts("//dl[@class='cards']")[0]


# -- for everybody -----------------------------------------------------------------------------------------------------


def test_pages_can_be_used_without_eyes_and_without_a_mouse(press: Visitor) -> None:
    for path in (
        "/",
        "/?q=ferry",
        "/story/1",
        "/sites",
        "/sites/harbour-courier.example",
        "/runs",
        "/runs/1",
        "/health",
        "/login",
    ):
        page = press.get(path).page
        assert page.xpath("//html/@lang") == ["en"], path
        assert len(page.xpath("//h1")) == 1, path
        assert len(page.xpath("//main[@id='main']")) == 1, path
        assert page.xpath("(//body//a)[1]/@href") == ["#main"], path
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        for field in page.xpath("//input[not(@type='hidden')] | //select"):
            labelled = page.xpath("//label[@for=$id]", id=field.get("id", "")) or field.xpath("ancestor::label")
            assert labelled, f"{path}: {field.get('name')} has no label"
        for button in page.xpath("//button"):
            assert button.text_content().strip() or button.get("aria-label"), path
        for plot in page.xpath("//*[local-name()='svg']"):
            assert plot.get("aria-hidden") or plot.get("aria-label"), path
        assert all(head.get("scope") for head in page.xpath("//th")), path


def test_text_says_in_which_language_it_is(store: Store, visitor: Visitor) -> None:
    store.keep(story(1, language="de"))
    assert visitor.get("/").page.xpath("//h2/a/@lang") == ["de"]
    assert visitor.get("/story/1").page.xpath("//article/@lang") == ["de"]


def test_a_database_without_stories_is_shown_too(store: Store, visitor: Visitor) -> None:
    for path in ("/", "/?q=a", "/sites", "/runs", "/health", "/metrics", "/feed.atom", "/feed.rss", "/feed.json"):
        assert visitor.get(path).status == 200
