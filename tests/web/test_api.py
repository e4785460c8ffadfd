"""The API gives what the command line gives, and what its own description says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from lxml import etree
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from newsbot.store import EXPORT_FIELDS, Store
from newsbot.web.schemas import MOST
from tests.running import Ended
from tests.store.build import HOUR, NOON, edited, prose, story
from tests.web.visiting import Visitor

# Whether a search or a point in time is well-formed no schema says: that valid data is accepted is not checked.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_as_they_are_described(press: Visitor, mode: GenerationMode) -> None:
    """For each operation some dozens of requests that its description allows, and some that it does not."""
    described = schemathesis.openapi.from_url(f"{press.url}/api/v1/openapi.json")
    asked: set[str] = set()
    for found in described.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr] # and fails where it is none
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters):
            continue

        @settings(
            max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
        )
        @given(operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            answer = case.call()
            if answer.status_code != 414:  # fifty names may be more than an address holds
                case.validate_response(answer, checks=CHECKS)

        holds()
        asked.add(operation.path)
    assert len(asked) > 8


def test_the_description_is_that_of_openapi_and_names_every_question(press: Visitor) -> None:
    described = press.get("/api/v1/openapi.json").json
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) == {
        "/stories", "/search", "/survey", "/export", "/stories/{number}", "/story", "/stats", "/stats/removed",
        "/sites", "/sites/{key}/profile", "/schedule", "/runs", "/runs/{number}", "/health",
    }  # fmt: skip
    page = press.get("/api/v1/")
    assert all(f"GET /api/v1{path}" in page.text for path in described["paths"])
    names = {each["name"] for each in described["paths"]["/stories"]["get"]["parameters"]}
    assert names == {"site", "since", "until", "language", "author", "section", "tag", "access", "copies", "sort",
                     "limit", "after"}  # fmt: skip


# -- the same answers as on the command line ---------------------------------------------------------------------------

Newsbot = Callable[..., Ended]


def lines(ended: Ended) -> list[Any]:
    return [json.loads(line) for line in ended.out.splitlines()]


def test_stories_and_hits_are_those_of_the_command_line(press: Visitor, run_newsbot: Newsbot) -> None:
    assert press.get("/api/v1/stories").json["stories"] == lines(run_newsbot("stories", "--json"))
    assert press.get("/api/v1/stories?copies=1&sort=oldest&limit=3").json["stories"] == lines(
        run_newsbot("stories", "--json", "--copies", "--sort", "oldest", "--limit", "3")
    )
    hits = press.get("/api/v1/search", wanted={"q": "harbour -ferry"}).json["stories"]
    assert hits == lines(run_newsbot("search", "harbour -ferry", "--json"))
    assert hits


def test_one_story_is_that_of_the_command_line(press: Visitor, run_newsbot: Newsbot) -> None:
    for row in press.get("/api/v1/stories?copies=1").json["stories"]:
        said = press.get(f"/api/v1/stories/{row['id']}").json
        assert said == json.loads(run_newsbot("show", str(row["id"]), "--json").out)
        assert press.get("/api/v1/story", wanted={"url": row["url"]}).json == said


def test_the_rest_is_that_of_the_command_line(press: Visitor, run_newsbot: Newsbot) -> None:
    assert press.get("/api/v1/stats?since=2d").json == lines(run_newsbot("stats", "--since", "2d", "--json"))
    assert press.get("/api/v1/stats/removed?since=").json == lines(run_newsbot("stats", "--removed", "--json"))
    profile = press.get("/api/v1/sites/harbour-courier.example/profile").json
    assert profile == json.loads(run_newsbot("sites", "profile", "harbour-courier.example", "--json").out)
    runs = lines(run_newsbot("runs", "--json"))
    for run in runs:
        for visit in run["sites"]:
            del visit["reasons"]
    assert press.get("/api/v1/runs").json == {"runs": runs, "next": None}
    assert press.get(f"/api/v1/runs/{runs[0]['id']}").json == runs[0]
    health = press.get("/api/v1/health").json
    assert health["sites"] == 2
    assert health["alarms"] == json.loads(run_newsbot("health", "--json").out)["alarms"]


def test_exports_are_those_of_the_command_line(press: Visitor, run_newsbot: Newsbot) -> None:
    assert press.get("/api/v1/export").text == run_newsbot("export").out
    assert press.get("/api/v1/export?format=csv").text.replace("\r\n", "\n") == run_newsbot(
        "export", "--format", "csv"
    ).out.replace("\r\n", "\n")
    found = [json.loads(line) for line in press.get("/api/v1/export?q=ferry&copies=0").text.splitlines()]
    hits = press.get("/api/v1/search?q=ferry").json["stories"]
    assert [each["canonical_url"] for each in found] == [hit["url"] for hit in hits]
    empty = press.get("/api/v1/export?q=zeppelin&format=csv").text
    assert list(csv.reader(io.StringIO(empty))) == [list(EXPORT_FIELDS)]
    assert press.get("/api/v1/export?q=zeppelin").text == ""


def test_a_long_export_comes_in_pieces_and_whole(store: Store, visitor: Visitor) -> None:
    for number in range(120):
        store.keep(story(number, prose(number, 40)))
    rows = list(csv.DictReader(io.StringIO(visitor.get("/api/v1/export?format=csv").text, newline="")))
    assert len(rows) == len({row["url"] for row in rows}) == 120
    assert "transfer-encoding" in visitor.get("/api/v1/export").headers


# -- pages and faults --------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_by_their_cursors(store: Store, visitor: Visitor) -> None:
    for number in range(7):
        store.keep(story(number, published=NOON - number * HOUR))
    for path in ("stories?", "search?q=headline&", "search?q=headline&sort=relevance&"):
        seen: list[str] = []
        after: Any = ""
        for _ in range(4):
            page = visitor.get(f"/api/v1/{path}limit=2&after={after}").json
            seen += [each["title"] for each in page["stories"]]
            after = page["next"]
        assert after is None
        assert len(seen) == len(set(seen)) == 7
    runs = [store.start_run(1, NOON + hour * HOUR) for hour in range(3)]
    first = visitor.get("/api/v1/runs?limit=2").json
    second = visitor.get(f"/api/v1/runs?limit=2&before={first['next']}").json
    assert [run["id"] for run in first["runs"] + second["runs"]] == runs[::-1]
    assert second["next"] is None


def test_a_survey_says_how_many(store: Store, visitor: Visitor) -> None:
    text = prose(1, 200)
    store.keep(story(1, text, published=NOON))
    store.keep(story(2, edited(text), site="b.example", published=NOON + HOUR))
    said = visitor.get("/api/v1/survey?copies=1").json
    assert (said["stories"], said["exact"], said["sites"]) == (2, True, {"a.example": 1, "b.example": 1})
    assert said["hours"][0] == {"hour": "2026-03-02T12:00:00+00:00", "stories": 1}
    assert visitor.get("/api/v1/survey").json["stories"] == 1
    assert visitor.get("/api/v1/survey?q=correspondent").json["sites"] == {"b.example": 1}


@pytest.mark.parametrize(
    ("target", "status", "said"),
    [
        ("stories?since=soon", 400, "no point in time"),
        ("stories?site=nowhere.example", 400, "nothing was ever crawled"),
        ("stories?sort=relevance", 400, "without a search"),
        ("stories?after=x", 400, "no cursor"),
        ("export?sort=relevance", 400, "order of relevance"),
        ("search?q=%22open", 400, "partner"),
        ("search", 422, "q: "),
        (f"stories?limit={MOST + 1}", 422, "limit: "),
        ("stories?sinse=2d", 422, "sinse: "),
        ("stories/0", 422, "number: "),
        ("stories/99999", 404, "no story 99999"),
        ("story?url=nonsense", 400, "no address"),
        ("story?url=https://a.example/none", 404, "no story"),
        ("runs/99999", 404, "no run 99999"),
        ("sites/nowhere.example/profile", 404, "nothing was ever crawled"),
        ("nothing", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(press: Visitor, target: str, status: int, said: str) -> None:
    answer = press.get(f"/api/v1/{target}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json["status"]) == (status, status)
    assert said in answer.json["detail"]


# -- for machines ------------------------------------------------------------------------------------------------------


def test_metrics_are_those_of_a_run(press: Visitor) -> None:
    answer = press.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    assert 'newsbot_site_up{site="harbour-courier.example"} 1' in answer.text


def test_feeds_hold_whole_clean_texts(press: Visitor) -> None:
    rows = press.get("/api/v1/search?q=ferry").json["stories"]
    full = press.get(f"/api/v1/stories/{rows[0]['id']}").json
    items = press.get("/feed.json?q=ferry").json["items"]
    assert [item["url"] for item in items] == [row["url"] for row in rows]
    paragraphs = etree.HTML(items[0]["content_html"]).xpath("//p")
    assert "\n\n".join(each.text for each in paragraphs) == full["text"]
    for out in full["removed"]:
        assert out["text"] not in items[0]["content_html"]
    for kind, item in (("atom", "{http://www.w3.org/2005/Atom}entry"), ("rss", "item")):
        answer = press.get(f"/feed.{kind}?q=ferry")
        assert len(list(answer.xml.iter(item))) == len(rows)
        assert b"?q=ferry" in answer.body
    assert press.get("/feed.opml").status == 404


def test_feeds_are_what_feed_readers_read(press: Visitor) -> None:
    import feedparser

    for kind in ("atom", "rss"):
        read = feedparser.parse(press.get(f"/feed.{kind}").body)
        assert not read.bozo
        assert read.feed.title == "newsbot"
        entry = read.entries[0]
        assert entry.link == entry.id
        assert entry.published_parsed
        assert len(entry.content[0].value) > 200


def test_a_text_that_xml_cannot_hold_is_fed_without_it(store: Store, visitor: Visitor) -> None:
    store.keep(story(1, f"a\ufffeb {prose(1)}", title="c\uffffd"))
    assert visitor.get("/feed.atom").xml.xpath("string(//*[local-name()='entry']/*[local-name()='title'])") == "cd"
