"""Searches: the same stories in the same order on both databases, whichever way they are found."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsbot.errors import QueryError
from newsbot.items import Access
from newsbot.store import MARK_OFF, MARK_ON, MOST_COUNTED, Filters, Sort, Store
from tests.store.build import HOUR, NOON, edited, prose, story

ALL = Filters()


def found(store: Store, query: str, filters: Filters = ALL) -> list[int]:
    return [hit.id for hit in store.read.search(query, filters)]


def is_sqlite(store: Store) -> bool:
    return store._engine.dialect.name == "sqlite"


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(store: Store) -> Store:
    """Stories that are filed under this and that, the newest first."""
    filed: list[dict[str, Any]] = [
        {"authors": ("Ada Reed", "Øyvind Dahl"), "section": "Politics", "tags": ("EU", "grain")},
        {"authors": ("Ada Reed-Moss",), "section": "politics", "tags": ("EU budget",), "access": Access.PAYWALLED},
        {"authors": ("ADA REED",), "section": "Økonomi", "tags": ("東京", 'the "deal"'), "language": "en-gb"},
        {"authors": (), "tags": ("c++", "#"), "access": Access.FREE, "language": "zh-hant-tw"},
    ]
    for number, fields in enumerate(filed, 1):
        store.keep(story(number, published=NOON - number * HOUR, **fields))
    return store


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(author="ada reed"), [1, 3]),
        (Filters(author="ØYVIND DAHL"), [1]),
        (Filters(author="Ada"), []),
        (Filters(section="POLITICS"), [1, 2]),
        (Filters(section="økonomi"), [3]),
        (Filters(tag="eu"), [1]),
        (Filters(tag="東京"), [3]),
        (Filters(tag='The "Deal"'), [3]),
        (Filters(tag="deal"), []),
        (Filters(tag="C++"), [4]),
        (Filters(tag="#"), [4]),
        (Filters(tag="'; DROP TABLE story; --"), []),
        (Filters(tag='" OR 1'), []),
        (Filters(access=Access.PAYWALLED), [2]),
        (Filters(access="free"), [4]),
        (Filters(access="metered"), []),
        (Filters(language="en"), [3]),
        (Filters(language="zh-hant"), [4]),
        (Filters(language="zh-ha"), []),
        (Filters(language="%"), []),
        (Filters(author="Ada Reed", tag="eu", section="politics"), [1]),
        (Filters(author="Ada Reed", sort=Sort.OLDEST), [3, 1]),
    ],
)
def test_filters_of_what_stories_are_filed_under(files: Store, filters: Filters, ids: list[int]) -> None:
    assert [row.id for row in files.read.stories(filters)] == ids
    assert found(files, "headline", filters) == ids
    assert files.read.count(filters) == files.read.count(filters, "headline") == len(ids)
    assert files.read.count(filters, "zebra") == 0
    assert [line["title"] for line in files.read.export(filters)] == [f"Headline {number}" for number in ids]


def test_filters_follow_what_is_said_of_a_story_later(files: Store) -> None:
    files.keep(story(4, published=NOON - 4 * HOUR, tags=("late",), access=Access.METERED))
    assert [row.id for row in files.read.stories(Filters(tag="late"))] == [4]
    assert [row.id for row in files.read.stories(Filters(access="metered"))] == [4]
    assert [row.id for row in files.read.stories(Filters(tag="c++"))] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"access": "secret"}, "access: 'secret' is none of free, metered"),
        ({"sort": "best"}, "sort: 'best' is none of newest, oldest, relevance"),
        ({"tag": " "}, "tag: the name is empty"),
        ({"sites": "a.example"}, r"Give a list of keys: \['a.example'\]"),
    ],
)
def test_filters_that_are_none(fields: dict[str, str], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        Filters(**fields)  # type: ignore[arg-type]


def test_a_site_that_is_not_known_is_no_empty_answer(files: Store) -> None:
    filters = Filters(sites=["a.example", "a.exampel"])
    asked = (
        files.read.stories,
        lambda filters: files.read.search("headline", filters),
        files.read.count,
        files.read.export,
    )
    for ask in asked:
        with pytest.raises(QueryError, match=r"'a\.exampel'.*a\.example"):
            ask(filters)


def test_stories_alone_have_no_relevance(files: Store) -> None:
    with pytest.raises(QueryError, match="without a search nothing is more relevant"):
        files.read.stories(Filters(sort=Sort.RELEVANCE))


# -- copies ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def copies(store: Store) -> Store:
    """1, 2 and 3 are copies, hour by hour, on three sites; 3 alone tells of a zebra. 4 stands alone."""
    store.keep(story(1, published=NOON))
    store.keep(story(1, edited(prose(1)), site="b.example", published=NOON + HOUR, language="en"))
    store.keep(story(1, edited(prose(1)) + "\n\nA zebra.", site="c.example", published=NOON + 2 * HOUR, language="en"))
    store.keep(story(4, published=NOON + 3 * HOUR))
    assert {row.cluster_size for row in store.read.stories(ALL)} == {3, 1}
    return store


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), [4, 1]),
        (Filters(sites=["b.example", "c.example"]), [2]),
        (Filters(sites=["c.example"]), [3]),
        (Filters(since=NOON + HOUR), [4, 2]),
        (Filters(language="en"), [2]),
        (Filters(since=NOON + 2 * HOUR, language="en"), [3]),
        (Filters(limit=1), [4]),
    ],
)
def test_of_copies_the_earliest_that_passes_is_shown(copies: Store, filters: Filters, ids: list[int]) -> None:
    filters = replace(filters, copies=False)
    assert [row.id for row in copies.read.stories(filters)] == ids
    assert found(copies, "headline", filters) == ids
    if filters.limit is None:
        assert copies.read.count(filters) == copies.read.count(filters, "headline") == len(ids)


def test_of_copies_the_earliest_that_is_found_is_shown(copies: Store) -> None:
    assert found(copies, "zebra", Filters(copies=False)) == [3]
    assert found(copies, "zebra OR headline", Filters(copies=False)) == [4, 1]
    assert found(copies, "headline -zebra", Filters(copies=False, since=NOON + HOUR)) == [4, 2]


# -- however it is found -----------------------------------------------------------------------------------------------

_QUERIES = (
    "headline",
    "harbour",
    "harbour -bridge",
    "title:headline bridge",
    '"harbour council" OR bridge',
    "橋",
    "東京 OR winter",
)
_FILTERS = (
    Filters(),
    Filters(sites=["a.example"]),
    Filters(sites=["a.example", "b.example"], copies=False),
    Filters(until=NOON - 5 * HOUR),
    Filters(since=NOON - 25 * HOUR, until=NOON - 3 * HOUR),
    Filters(author="Ada Reed"),
    Filters(language="ja"),
    Filters(copies=False),
)


@pytest.fixture
def many(store: Store) -> Store:
    """Sixty stories of three sites, some at the same instant, entered in another order than they are dated."""
    for number in range(60):
        said = prose(number // 2, 90) if number % 10 else f"{prose(number, 90)} 東京で橋が開通した。"
        when = NOON - (number * 7 % 30) * HOUR
        fields = {"authors": ("Ada Reed",)} if number % 4 == 0 else {}
        site = "abc"[number % 3] + ".example"
        language = "ja" if number % 10 == 0 else "en"
        store.keep(story(number, said, site=site, published=when, language=language, **fields))
    return store


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
def test_every_way_finds_the_same(many: Store, monkeypatch: pytest.MonkeyPatch, sort: Sort) -> None:
    """Few matches are looked up, many are met on the way: with the bounds moved, each question is answered in each."""
    questions = [(query, replace(filters, sort=sort)) for query in _QUERIES for filters in _FILTERS]
    everything = {row.id: row for row in many.read.stories(ALL)}

    def answers(limit: int) -> list[list[int]]:
        return [found(many, query, replace(filters, limit=limit)) for query, filters in questions]

    every = [found(many, query, filters) for query, filters in questions]
    assert sum(map(len, every)) > 300
    for ids in every:
        order = [(everything[number].dated, number) for number in ids]
        assert order == sorted(order, reverse=sort is Sort.NEWEST)
    every_bounds: tuple[dict[str, object], ...] = (
        {},
        {"_FEW": 1, "_FEWER": 1},
        {"_STEPS": (3, 5, 7), "_ASKED": (3, 5, 7)},
        {"_WIDE": 0},
        {"_FEW": 1_000, "_FEWER": 1_000},  # and the steps are small
    )
    for bounds in every_bounds:
        for name, value in bounds.items():
            monkeypatch.setattr(f"newsbot.store.finding.{name}", value)
        for limit in (1, 4, 100):
            assert answers(limit) == [ids[:limit] for ids in every]


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST])
@pytest.mark.parametrize("query", [None, "headline", "bridge OR 橋"])
def test_pages_give_each_story_once_and_in_order(many: Store, sort: Sort, query: str | None) -> None:
    filters = Filters(sort=sort, limit=7)

    def page(after: str | None) -> tuple[list[int], str | None]:
        wanted = replace(filters, after=after)
        rows = many.read.stories(wanted) if query is None else many.read.search(query, wanted)
        return [row.id for row in rows], rows.next

    whole = replace(filters, limit=None)
    every = [row.id for row in (many.read.stories(whole) if query is None else many.read.search(query, whole))]
    seen, after = page(None)
    while after:
        ids, after = page(after)
        assert 1 <= len(ids) <= 7
        seen += ids
    assert seen == every


def test_a_page_goes_on_where_it_ended_although_newer_stories_came(many: Store) -> None:
    first = many.read.stories(Filters(limit=5))
    many.keep(story(99, published=NOON + HOUR))
    then = many.read.stories(Filters(limit=5, after=first.next))
    every = [row.id for row in many.read.stories(ALL)]
    assert [row.id for row in [*first, *then]] == every[1:11]


def test_a_cursor_belongs_to_its_question(many: Store) -> None:
    cursor = many.read.search("headline", Filters(limit=5)).next
    assert cursor is not None
    assert len(many.read.search("headline", Filters(limit=9, after=cursor, since=NOON - 99 * HOUR))) == 9
    for query, filters in (
        ("bridge", Filters(after=cursor)),
        ("headline", Filters(after=cursor, sort=Sort.OLDEST)),
        ("headline", Filters(after=cursor, sort=Sort.RELEVANCE)),
        ("headline", Filters(after=cursor, tag="x")),
    ):
        with pytest.raises(QueryError, match="given for another question"):
            many.read.search(query, filters)
    with pytest.raises(QueryError, match="given for another question"):
        many.read.stories(Filters(after=cursor))


_FORGED = st.one_of(
    st.text(max_size=80),
    st.recursive(
        st.one_of(st.none(), st.integers(), st.text(max_size=9), st.just("2026-03-02T12:00:00+00:00"), st.floats()),
        lambda inner: st.lists(inner, max_size=5),
    ).map(lambda value: urlsafe_b64encode(json.dumps(value).encode()).decode()),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=_FORGED)
def test_a_forged_cursor_is_an_error(store: Store, cursor: str) -> None:
    with pytest.raises(QueryError, match="after: "):
        store.read.stories(Filters(after=cursor))


def test_counting_ends_somewhere(many: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_COUNTED == 10_000
    assert many.read.count(ALL) == many.read.count(Filters(limit=3), "headline") == 60
    monkeypatch.setattr("newsbot.store.queries.MOST_COUNTED", 59)
    assert many.read.count(ALL) is None
    assert many.read.count(ALL, "headline") is None
    assert many.read.count(Filters(sites=["b.example"]), "headline") == 20


# -- relevance ---------------------------------------------------------------------------------------------------------


def test_a_title_tells_more_than_a_text_and_a_rare_word_more_than_a_common_one(store: Store) -> None:
    store.keep(story(1, f"{prose(1)} The heron came back.", published=NOON))
    store.keep(story(2, f"{prose(2)}", title="The heron of the harbour", published=NOON - HOUR))
    store.keep(story(3, f"The heron and another heron: three herons, a heron. {prose(3)}", published=NOON - 2 * HOUR))
    store.keep(story(4, f"{prose(4)} One egret.", published=NOON - 3 * HOUR))
    best = Filters(sort=Sort.RELEVANCE)
    assert found(store, "heron", best) == [2, 3, 1]
    assert found(store, "heron", replace(best, limit=2)) == [2, 3]
    assert found(store, "egret OR heron", best)[0] in {2, 4}
    assert found(store, "zebra", best) == []
    assert found(store, "heron", replace(best, sites=["a.example"], until=NOON)) == [2, 3]


def test_pages_by_relevance(many: Store) -> None:
    best = Filters(sort=Sort.RELEVANCE)
    every = found(many, "harbour OR bridge", best)
    assert len(every) > 20
    seen, after = [], None
    while True:
        page = many.read.search("harbour OR bridge", replace(best, limit=6, after=after))
        seen += [hit.id for hit in page]
        if len(seen) == 6:  # what comes meanwhile does not move the pages
            many.keep(story(99, "harbour bridge harbour bridge", title="Harbour bridge", published=NOON + HOUR))
        after = page.next
        if after is None:
            break
    assert seen == every


def test_the_newest_are_ranked_where_there_are_many(many: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsbot.store.queries.MOST_RANKED", 10)
    newest = found(many, "harbour", Filters(limit=10))
    assert sorted(found(many, "harbour", Filters(sort=Sort.RELEVANCE))) == sorted(newest)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tongues(store: Store) -> Store:
    texts = {
        1: "Södertörn's café, Øre; naïve coöperation in ÅRHUS and/or www.host.example/path_name at 12:30, 3.5%.",
        2: "Мой дом и ёлка у реки. МОСКВА ждёт.",
        3: "Η ΜΑΡΙΑ πήγε στην αγορά με τους άλλους.",
        4: "हिन्दी में ख़बर: मौसम की जानकारी",
        5: "한국어 기사가 서울에서 왔다.",
        6: "كَتَبَ الولد الدرس في القدس.",
        7: "don’t say “quoted”—really… 1,000 people",
        8: "中国银行、日本銀行。Tokyo東京bridge。2020年",
        9: "ကမ္ဘာ့ သတင်း and ប្រទេស and ລາວ",
        10: "ｶﾀｶﾅ カタカナ ひらがな ・ ー",
    }
    for number, text in texts.items():
        store.keep(story(number, text, title=f"T{number}", published=NOON - number * HOUR))
    return store


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("Sodertorn", [1]),
        ("SÖDERTÖRN", [1]),
        ("naive cooperation", [1]),
        ("århus", [1]),
        ("so\u0308dertorn", [1]),
        ("host.example", [1]),
        ("path", [1]),
        ("name", [1]),
        ('"and or"', [1]),
        ("12:30", [1]),
        ("30", [1]),
        ("мой", [2]),
        ("мои", []),
        ("москва", [2]),
        ("ёлка", [2]),
        ("елка", []),
        ("μαρια", [3]),
        ("αλλους", []),
        ("άλλουσ", [3]),
        ("हिन्दी", [4]),
        ("हिन्", []),
        ("हिन्*", [4]),
        ("सम", []),
        ("서울에서", [5]),
        ("서울", []),
        ("서울*", [5]),
        ("القدس", [6]),
        ("don't", [7]),
        ("dont", []),
        ("quoted really", [7]),
        ("1,000", [7]),
        ("行", [8]),
        ("银行", [8]),
        ("銀行 tokyo", [8]),
        ("bridge", [8]),
        ("东京", []),
        ("2020", [8]),
        ("သတင်း", [9]),
        ("ប្រទេស", [9]),
        ("ລາວ", [9]),
        ("カタ", [10]),
        ("ひら", [10]),
        ("-カタ ひら OR dom OR дом", [2]),
    ],
)
def test_words_of_many_scripts(tongues: Store, query: str, ids: list[int]) -> None:
    assert found(tongues, query) == ids


def test_other_forms_of_a_word_in_the_storys_language(store: Store) -> None:
    """PostgreSQL finds them too; in quotes, in a field and as a beginning a word is what it is on both."""
    store.keep(story(1, "They walked home.", language="en-gb", published=NOON))
    store.keep(story(2, "A walk is closed.", language="en", published=NOON - HOUR))
    store.keep(story(3, "Das Walking bleibt.", language="de", published=NOON - 2 * HOUR))
    store.keep(story(4, "Walking nowhere.", published=NOON - 3 * HOUR))
    stems = not is_sqlite(store)
    assert found(store, "walk") == ([1, 2] if stems else [2])
    assert found(store, "walking") == ([1, 2, 3, 4] if stems else [3, 4])
    assert found(store, "walks", Filters(language="en")) == ([1, 2] if stems else [])
    assert found(store, "walks", Filters(language="de")) == []
    assert found(store, '"walking"') == found(store, "text:walking") == [3, 4]
    assert found(store, "closed -walking") == [2]
    assert found(store, "walk*") == [1, 2, 3, 4]
    if stems:
        assert f"{MARK_ON}walked{MARK_OFF}" in store.read.search("walks", ALL)[0].snippet


def test_a_text_that_changes_is_found_by_what_it_says_now(store: Store) -> None:
    store.keep(story(1, "東京で橋が開通した。"))
    store.keep(story(1, "大阪で橋が開通した。"))
    assert (found(store, "東京"), found(store, "大阪")) == ([], [1])
    store.keep(story(1, "A bridge in Osaka."))
    assert (found(store, "大阪"), found(store, "橋"), found(store, "osaka")) == ([], [], [1])


def test_a_text_of_many_megabytes_is_kept_and_found(store: Store) -> None:
    told = " ".join(f"w{n}" for n in range(200_000))
    store.keep(story(1, f"zebra {told}"))
    assert found(store, "zebra w77") == [1]


# -- what is shown -----------------------------------------------------------------------------------------------------


def passage(store: Store, query: str, **fields: object) -> str:
    return store.read.search(query, Filters(**fields))[0].snippet.replace(MARK_ON, "[").replace(MARK_OFF, "]")  # type: ignore[arg-type]


def test_a_passage_marks_words_as_they_stand_in_the_text(tongues: Store) -> None:
    assert passage(tongues, "sodertorn").startswith("[Södertörn]'s café")
    assert passage(tongues, "дом москва") == "Мой [дом] и ёлка у реки. [МОСКВА] ждёт."
    assert passage(tongues, "quo*") == "don’t say “[quoted]”—really… 1,000 people"
    assert passage(tongues, "日本 tokyo") == "中国银行、[日本]銀行。[Tokyo]東京bridge。2020年"
    assert passage(tongues, '"say quoted"') == "don’t [say “quoted]”—really… 1,000 people"
    assert passage(tongues, "title:t2") == "[T2]"


def test_a_passage_is_the_one_with_the_most_words(store: Store) -> None:
    store.keep(story(1, f"A heron. {prose(1, 200)} The heron met an egret and a stork. {prose(2, 200)}"))
    assert "[heron] met an [egret] and a [stork]" in passage(store, "heron egret stork")


# -- whatever is typed -------------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        *"\"'*-+^:(){}|&!\\%_=;\t\n\x01\x02\0",
        *("''", "<->", "<2>", ":*", ":A", "\\'", "--", "/*", " ", " ", "OR", "AND", "NOT", "NEAR("),
        *("title:", "text:", "standfirst:", "site:", "rowid", "free", "press", "東", "น้", "é", "e\u0301", "ß", "İ"),
        *("\u200d", "\U0001f600", "en=", "0", "1e5", "½"),
    ]
)
_TYPED = st.one_of(st.lists(_PIECES, max_size=14).map("".join), st.lists(_PIECES, max_size=9).map(" ".join), st.text())


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.one_of(st.lists(_PIECES, max_size=14).map("".join), st.lists(_PIECES, max_size=9).map(" ".join), st.text())
)
def test_any_search_has_an_answer_or_a_clear_error(tongues: Store, query: str) -> None:
    with suppress(QueryError):  # anything else fails the test
        tongues.read.search(query, ALL)
        tongues.read.search(query, Filters(sort=Sort.RELEVANCE, tag="x"))
        tongues.read.count(Filters(sites=["a.example"]), query)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(st.lists(_PIECES, min_size=1, max_size=9).map("".join), st.text(min_size=1)))
def test_any_filter_has_an_answer_or_a_clear_error(tongues: Store, value: str) -> None:
    for name in ("author", "section", "tag", "language"):
        with suppress(QueryError):
            assert tongues.read.stories(Filters(**{name: value})) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["x" * 1_000_000, '"' * 1_000_000, "(" * 1_000_000, "a OR " * 200_000])
def test_a_megabyte_is_refused(store: Store, query: str) -> None:
    with pytest.raises(QueryError, match="more than 1000"):
        store.read.search(query, ALL)


@pytest.mark.parametrize(
    "query", ["(" * 1000, "(" * 499 + "a" + ")" * 499, "((((((a OR b) (c OR d))))))" * 30, "-a " * 300]
)
def test_what_is_nested_deeply_or_long_has_an_answer_or_a_clear_error(store: Store, query: str) -> None:
    with suppress(QueryError):
        store.read.search(query, Filters(until=NOON + timedelta(days=1)))


def test_what_is_found_is_exported_whole_and_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsbot.store.exporting._PAGE", 3)
    for number in range(12):
        told = prose(number) + (" Herons." if number % 3 else "")
        store.keep(story(number, told, published=NOON - number * HOUR))
    for filters in (Filters(), Filters(limit=4), Filters(sort=Sort.OLDEST), Filters(since=NOON - 6 * HOUR)):
        exported = list(store.read.export_found("herons", filters))
        hits = store.read.search("herons", filters)
        assert [each["canonical_url"] for each in exported] == [hit.url for hit in hits]
        assert all("Herons." in each["text"] for each in exported)
    with pytest.raises(QueryError, match="order of relevance"):
        store.read.export_found("herons", Filters(sort=Sort.RELEVANCE))
