"""A database that is filled in bulk has the rows that keeping the same stories one by one leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.filling import REVISED, before, fill_sqlite
from benchmarks.stories import Press
from newsbot.fingerprint import sign
from newsbot.store import Store

STORIES = 400  # the first copies are behind three hundred
QUESTIONS = (
    *(
        f"SELECT count(*) FROM {table}"
        for table in "site cluster story story_version removed_block address likeness_key".split()
    ),
    "SELECT count(*) FROM story WHERE cluster IS NOT NULL",
    "SELECT sum(size) FROM cluster",
    "SELECT sum(head) FROM cluster",
    "SELECT count(*) FROM story_search WHERE story_search MATCH 'the'",
    "SELECT sum(rowid) FROM story_search WHERE story_search MATCH 'the* fi OR zu'",
    "SELECT count(*) FROM story_search WHERE story_search MATCH 'title : the*'",
    "SELECT count(*) FROM story_search_unspaced",
)


def test_filling_leaves_what_keeping_leaves(tmp_path: Path) -> None:
    kept, filled = tmp_path / "kept.db", tmp_path / "filled.db"
    press = Press(STORIES)
    with Store.open(f"sqlite:///{kept}") as store:
        for desk in press.desks:
            store.touch_site(desk.key, desk.key, f"https://www.{desk.key}/", desk.tag)
        for number in range(STORIES):
            story = press.story(number)
            if number % REVISED == 7:
                text = before(story.text)
                store.keep(replace(story, text=text, fingerprint=sign(story.addresses, text, story.identity)))
            store.keep(story)
    fill_sqlite(filled, STORIES)
    with closing(sqlite3.connect(kept)) as left, closing(sqlite3.connect(filled)) as right:
        for question in QUESTIONS:
            assert left.execute(question).fetchone() == right.execute(question).fetchone(), question
