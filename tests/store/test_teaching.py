"""What a site teaches: counted once a story, remembered, forgotten, and taken out of what was kept before."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from newsbot.errors import QueryError
from newsbot.fingerprint import block_key, sign
from newsbot.furniture import traces
from newsbot.items import Block, BlockKind, Cleaned, Removed, RemovedKind, Story
from newsbot.store import Filters, Outcome, Store, StoryFull, teaching, whole
from newsbot.store.engine import config, open_engine, writing
from newsbot.store.migrations import HEAD
from tests.store.build import HOUR, NOON, edited, prose, story

SITE = "a.example"
BOX = "The rooms above the print shop are open to all who want to look on while the paper is made."
KEY = block_key(BOX)
DAY = timedelta(days=1)


def told(number: int, *more: str, text: str | None = None, removed: str = "", **fields: Any) -> Story:
    """Story `number`, with these paragraphs at its end, and behind them a block that was removed as a donation's."""
    paragraphs = [*(prose(number) if text is None else text).split("\n\n"), *more]
    kept = tuple(Block(BlockKind.PARAGRAPH, paragraph) for paragraph in paragraphs)
    out = (Removed(len(kept), Block(BlockKind.PARAGRAPH, removed), RemovedKind.DONATION, "words"),) if removed else ()
    made = story(number, "\n\n".join(paragraphs), **fields)
    return replace(made, removed=out, traces=traces(Cleaned(kept, out)), container="main>div.body")


def full(store: Store, number: int, site: str = SITE) -> StoryFull:
    found = store.read.story(f"https://{site}/{number}")
    assert found is not None
    return found


def blocks(file: Path) -> dict[str, tuple[int, str | None]]:
    """Of each block on record, how many stories had it, and since when it is the site's."""
    with closing(sqlite3.connect(file)) as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute("SELECT key, stories, learned FROM site_block")}


def test_a_block_of_three_stories_is_the_sites_and_other_processes_know(store: Store, file: Path) -> None:
    assert [store.keep(told(n, BOX)).taught for n in (1, 2)] == [False, False]
    assert store.profile(SITE).repeated == frozenset()
    assert store.keep(told(3, BOX)).taught
    with Store.open(f"sqlite:///{file}") as other:
        assert other.profile(SITE).repeated == {KEY}
        assert other.profile(SITE).containers == {"main>div.body"}
    assert store.profile("b.example").repeated == frozenset(), "another site's is none of its business"


def test_a_story_counts_once_however_often_it_is_seen(store: Store, file: Path) -> None:
    store.keep(told(1, BOX))
    assert store.keep(told(1, BOX, fetched_at=NOON + HOUR)).outcome is Outcome.SAME
    revised = told(
        1, "A sentence that was not there before came in with the evening train.", BOX, fetched_at=NOON + 2 * HOUR
    )
    assert store.keep(revised).outcome is Outcome.CHANGED
    again = told(1, "And that sentence left again with the night train, as such do.", BOX, fetched_at=NOON + 3 * HOUR)
    assert store.keep(again).version == 3
    assert blocks(file)[KEY] == (1, None)


def test_a_block_that_comes_with_a_revision_counts(store: Store, file: Path) -> None:
    for n in (1, 2, 3):
        store.keep(told(n))
        assert store.keep(told(n, BOX)).outcome is Outcome.CHANGED
    assert blocks(file)[KEY][0] == 3
    assert store.profile(SITE).repeated == {KEY}


def test_copies_of_each_other_count_once_on_their_site(store: Store, file: Path) -> None:
    assert store.keep(told(1, BOX)).outcome is Outcome.NEW
    for n in (2, 3, 4):
        assert store.keep(told(n, BOX, text=edited(prose(1)), title=f"Another headline {n}")).copy_of is not None
    assert blocks(file)[KEY] == (1, None)


def test_another_sites_copy_counts_for_this_site(store: Store) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX, site="b.example"))
        assert store.keep(told(n, BOX, text=prose(n) + f"\n\n{'x' * n} adds this.")).outcome is Outcome.COPY
    assert store.profile(SITE).repeated == {KEY}


def test_a_page_that_is_mostly_known_teaches_nothing(store: Store, file: Path) -> None:
    """A form filled in anew each day: its sentences are the story."""
    form = [f"On the {place} the water stood as high as on the day before." for place in ("north pier", "lock", "weir")]
    for n in range(1, 6):
        store.keep(told(n, *form[1:], text=form[0], title=f"Levels on day {n}", url=f"https://{SITE}/levels-{n}"))
    assert {stories for stories, _ in blocks(file).values()} == {1}


def test_a_block_removed_elsewhere_is_the_sites_sooner(store: Store) -> None:
    for n in range(1, 90):
        store.keep(told(n))
        if n == 5:
            store.keep(told(100, removed=BOX))
    store.keep(told(101, BOX))
    assert store.keep(told(102, BOX)).taught
    assert store.profile(SITE).repeated == {KEY}


def test_a_refrain_of_few_stories_is_not_the_sites(store: Store) -> None:
    for n in range(1, 81):
        store.keep(told(n, *([BOX] if n % 20 == 1 else [])))
    assert store.profile(SITE).repeated == frozenset()


def test_what_is_learned_late_reaches_back_without_a_version(store: Store) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX, removed="Give to the paper, if you please, for paper is dear."))
    before = full(store, 1)
    assert store.reclean(SITE) == (3, False)
    for n in (1, 2, 3):
        after = full(store, n)
        assert after.text == prose(n)
        assert (after.version, after.versions, after.word_count) == (1, (), len(prose(n).split()))
        assert whole(after) == [
            *((paragraph, None) for paragraph in prose(n).split("\n\n")),
            (BOX, "furniture"),
            ("Give to the paper, if you please, for paper is dear.", "donation"),
        ]
        assert after.removed[0].why.startswith("repeated")
    assert [text for text, _ in whole(full(store, 1))] == [text for text, _ in whole(before)]
    assert store.read.search('"print shop"', Filters()) == []
    assert store.reclean(SITE) == (0, False)
    assert store.keep(told(1)).outcome is Outcome.SAME, "its page, read with what is known now"


def test_a_story_cleaned_again_is_recognised_by_its_new_text(store: Store, file: Path) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX))
    store.reclean(SITE)
    moved = story(1, url=f"https://{SITE}/moved", title="Headline 1", as_announced=True)
    assert store.keep(moved).outcome is Outcome.SAME, "by its words, at another address"
    fresh = sign([f"https://{SITE}/2"], prose(2))
    with closing(sqlite3.connect(file)) as connection:
        keys = {row[0] for row in connection.execute("SELECT key FROM likeness_key WHERE story = 2")}
    assert keys == set(fresh.likeness_keys)


def test_reaching_back_may_be_broken_off(store: Store) -> None:
    for n in range(1, 8):
        store.keep(told(n, BOX))
    assert store.reclean(SITE, at_most=2) == (2, True)
    held = [n for n in range(1, 8) if BOX in full(store, n).text]
    assert len(held) == 5
    assert store.reclean(SITE, at_most=5) == (5, False)
    assert not any(BOX in full(store, n).text for n in range(1, 8))


def test_reaching_back_finds_more_stories_than_it_wrote_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "MOST_HOLDERS", 2)
    for n in range(1, 8):
        store.keep(told(n, BOX))
    assert store.reclean(SITE) == (7, False)
    assert store.reclean(SITE) == (0, False)


def test_reaching_back_finds_copies_and_what_was_kept_before_anything_was_learned(store: Store) -> None:
    store.keep(replace(told(1, BOX), traces=()))  # as before the second schema
    store.keep(told(2, BOX))
    store.keep(told(3, BOX))
    copy = told(4, BOX, text=edited(prose(3)))
    assert store.keep(copy).outcome is Outcome.COPY
    assert store.keep(told(5, BOX)).taught
    assert store.reclean(SITE) == (5, False)
    assert not any(BOX in full(store, n).text for n in range(1, 6))


def test_what_was_alike_by_the_sites_text_alone_is_no_copy_without_it(store: Store) -> None:
    notice = " ".join(prose(90, 40).split())
    short = [told(n, text=f"{notice}\n\n{prose(n, 20)}") for n in (1, 2)]
    assert [store.keep(each).outcome for each in short] == [Outcome.NEW, Outcome.COPY]
    store.keep(told(3, notice))
    store.pin(SITE, block_key(notice), NOON)
    assert {row.cluster for row in store.read.stories(Filters())} == {None}


def test_a_story_that_is_nothing_else_keeps_its_text(store: Store) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX))
    store.keep(told(9, text=BOX))
    assert store.reclean(SITE) == (3, False)
    assert full(store, 9).text == BOX


def test_a_block_that_one_story_had_is_forgotten_in_time(store: Store, file: Path) -> None:
    run = store.start_run(1, NOON)
    for n in (1, 2, 3):
        store.keep(told(n, BOX))
    once = len(blocks(file)) - 1
    assert once >= 3
    store.start_site(run, SITE, NOON)
    store.finish_site(run, SITE, NOON + teaching.EXPIRY, "ok", {}, 0)
    assert len(blocks(file)) == once + 1
    store.finish_site(run, SITE, NOON + teaching.EXPIRY + DAY, "ok", {}, 0)
    assert set(blocks(file)) == {KEY}


def test_of_too_many_blocks_the_oldest_go_first(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "MOST_BLOCKS", 6)
    run = store.start_run(1, NOON)
    store.start_site(run, SITE, NOON)
    for n in range(1, 6):
        store.keep(told(n, BOX, fetched_at=NOON + n * HOUR))
    store.finish_site(run, SITE, NOON + DAY, "ok", {}, 0)
    assert len(blocks(file)) == 6
    assert KEY in blocks(file)
    assert {block_key(paragraph) for paragraph in prose(5).split("\n\n")} <= set(blocks(file))


def test_a_person_pins_a_block(store: Store) -> None:
    for n in range(1, 41):
        store.keep(told(n, *([BOX] if n in (3, 33) else [])))
    assert store.profile(SITE).repeated == frozenset()
    assert store.pin(SITE, KEY[:6], NOON) == (BOX, 2)
    assert store.profile(SITE).repeated == {KEY}
    assert BOX not in full(store, 3).text + full(store, 33).text


def test_a_person_says_that_a_block_is_the_stories(store: Store) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX))
    before = [full(store, n) for n in (1, 2, 3)]
    store.reclean(SITE)
    assert store.unpin(SITE, KEY, NOON) == (BOX, 3)
    assert [full(store, n) for n in (1, 2, 3)] == before, "to the letter"
    for n in range(4, 9):
        assert not store.keep(told(n, BOX)).taught
    assert store.profile(SITE).repeated == frozenset()


def test_a_forgotten_block_is_learned_anew(store: Store) -> None:
    for n in (1, 2, 3):
        store.keep(told(n, BOX))
    store.unpin(SITE, KEY, NOON)
    assert store.unlearn(SITE, KEY) == BOX
    assert [store.keep(told(n, BOX)).taught for n in (4, 5, 6)] == [False, False, True]


def test_a_key_of_no_block_is_told(store: Store) -> None:
    store.keep(told(1, BOX))
    with pytest.raises(QueryError, match=r"no block of a\.example whose key begins with 'feed'.*sites profile"):
        store.pin(SITE, "feed", NOON)
    with pytest.raises(QueryError, match="one story alone"):
        store.unlearn(SITE, KEY)


def test_new_markup_is_soon_as_good_as_old(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "WINDOW", 10)
    for n in range(1, 31):
        store.keep(told(n))
    for n in range(31, 46):
        store.keep(replace(told(n), container="main>section.text"))
    assert store.profile(SITE).containers == {"main>section.text"}


def test_a_database_of_the_first_schema_is_brought_up_whole(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{file}"
    with Store.open(url) as store:
        for n in (1, 2):
            store.keep(story(n, removed=(Removed(3, Block(BlockKind.PARAGRAPH, "Give!"), RemovedKind.DONATION, "w"),)))
        before = [full(store, n) for n in (1, 2)]
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        command.downgrade(config(connection), "0001")
    engine.dispose()
    with closing(sqlite3.connect(file)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        columns = {row[1] for row in connection.execute("PRAGMA table_info(site)")}
    assert not tables & {"site_block", "site_place", "ix_site_block_learned"}
    assert "taught" not in columns

    caplog.set_level(logging.INFO, logger="newsbot")
    with Store.open(url) as store:
        assert [record.getMessage() for record in caplog.records] == [
            f"database {file} brought from schema 0001 to {HEAD}: 2 stories"
        ]
        assert [full(store, n) for n in (1, 2)] == before
        # Search is fed by triggers on `story`, which a rebuilt table would have lost.
        store.keep(told(3, BOX))
        store.keep(told(1, "A heron stood on the weir."))
        assert [hit.id for hit in store.read.search("heron", Filters())] == [1]
        assert [hit.id for hit in store.read.search('"print shop"', Filters())] == [3]
        store.keep(told(4, BOX))
        assert store.keep(told(5, BOX)).taught
    made = Path(file)
    with closing(sqlite3.connect(made)) as connection:
        named = "SELECT sql FROM sqlite_master WHERE name IN ('site_block', 'site_place')"
        sql = [row[0] for row in connection.execute(named)]
    assert len(sql) == 2
    assert all("WITHOUT ROWID" in each for each in sql)
