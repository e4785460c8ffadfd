"""Servers that are set up otherwise than most: what is kept comes back as it was, or the database is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsbot.errors import StoreUnavailable
from newsbot.store import Filters, Store
from tests.databases import PostgreSQL
from tests.store.build import HOUR, NOON, story

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "<+0330>-3:30"])
def test_the_servers_time_zone_is_its_own_affair(postgresql: PostgreSQL, zone: str) -> None:
    with postgresql.database() as url:
        postgresql.run(f"ALTER DATABASE \"{url.split('/')[-1].split('?')[0]}\" SET timezone = '{zone}'")
        with Store.open(url) as store:
            nepal = timezone(timedelta(hours=5, minutes=45))
            store.keep(story(1, published=NOON.astimezone(nepal), published_offset=345))
            store.keep(story(2, published=FIRST))
            store.keep(story(3, published=LAST))
            store.keep(story(4, published=datetime(1850, 6, 1, tzinfo=UTC)))
            rows = store.read.stories(Filters())
            assert [(row.id, row.published) for row in rows] == [
                (3, LAST),
                (1, NOON),
                (4, datetime(1850, 6, 1, tzinfo=UTC)),
                (2, FIRST),
            ]
            assert {row.published.utcoffset() for row in rows if row.published} == {timedelta(0)}
            assert [row.id for row in store.read.stories(Filters(since=NOON, until=NOON + HOUR))] == [1]
            exported = {line["title"]: line["published"] for line in store.read.export(Filters())}
            assert exported["Headline 1"] == "2026-03-02T17:45:00+05:45"


def test_texts_in_all_scripts_whatever_the_client_is_set_to(
    postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    text = "東京で新しい橋が開通した。 Ещё один мост. Köln \U0001f309"
    with postgresql.database() as url:
        for each in (url, f"{url}{'&' if '?' in url else '?'}client_encoding=LATIN1"):
            with Store.open(each) as store:
                store.keep(story(1, text))
                kept = store.read.story(1)
                assert kept is not None
                assert kept.text == text
                assert [hit.id for hit in store.read.search("ЕЩЁ", Filters())] == [1]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_all_texts_is_refused(postgresql: PostgreSQL, encoding: str) -> None:
    like = f"template0 ENCODING '{encoding}' LOCALE 'C' LOCALE_PROVIDER libc"
    with postgresql.database(like=like) as url:
        cure = "CREATE DATABASE newsbot TEMPLATE template0 ENCODING 'UTF8'"
        said = f"cannot open the database .*: its encoding is {encoding}, .*{cure}"
        with pytest.raises(StoreUnavailable, match=said):
            Store.open(url)
