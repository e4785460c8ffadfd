"""A page that hangs its reader or kills it costs that page alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.errors import ConfigError, NewsbotError
from newsbot.extract import Selectors
from newsbot.items import Draft, Lead, Page, Profile, Verdict
from newsbot.process import read
from newsbot.workers import _IMPORTED, PageTooHard, Workers
from tests.running import run

PLENTY = 60.0  # seconds in which any page of these tests is read
STORY = (
    "<html><head><title>The ferry is back</title></head><body><article><h1>The ferry is back</h1>"
    "<p>The ferry to the island sails again since Monday, four weeks after its engine failed in a storm.</p>"
    "<p>“We carried forty people on the first morning,” the captain said, and two of them had brought their goats.</p>"
    "</article></body></html>"
)


def page(name: str, *, seen: Path | None = None, awaited: Path | None = None) -> Page:
    """A page; its reader makes the file `seen` when it begins, and then waits for the file `awaited`."""
    url = f"https://news.example/{name}"
    headers = {"seen": str(seen or ""), "awaited": str(awaited or "")}
    return Page("news.example", url, url, 200, headers, STORY.encode(), datetime(2026, 3, 2, tzinfo=UTC), Lead(url))


def reader(page: Page, select: Selectors | None, profile: Profile | None) -> Draft:
    """Reads as newsbot does, but for pages whose address asks for worse."""
    name = page.url.rsplit("/", 1)[-1]
    again = False
    if seen := page.headers["seen"]:
        again = Path(seen).exists()
        Path(seen).touch()
    if awaited := page.headers["awaited"]:
        while not Path(awaited).exists():
            pass
    if name == "fails":
        raise ValueError("a fault of the reader's own")
    if name == "hangs":
        threading.Event().wait()
    if name == "kills" or (name == "kills-once" and not again):
        os.kill(os.getpid(), signal.SIGKILL)
    return read(page, select, profile)


@asynccontextmanager
async def workers(count: int = 2, seconds: float = PLENTY) -> AsyncIterator[Workers]:
    made = Workers(count, seconds)
    try:
        yield made
    finally:
        made.close()
        for process in multiprocessing.active_children():  # those of pools that were broken before may still be ending
            process.join(PLENTY)
            assert not process.is_alive()


async def read_in(workers: Workers, page: Page, select: Selectors | None = None) -> Draft:
    return await workers.run(reader, page, select, None, name=page.url)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(PLENTY):
        while not seen():  # noqa: ASYNC110 - it is another process that makes it true
            await asyncio.sleep(0)


def title(draft: Draft | BaseException) -> str | None:
    assert isinstance(draft, Draft), draft
    return draft.article.title


def test_a_folder_whose_name_is_too_long_for_sockets_is_told_before_the_first_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page would fail for it, as if its host had."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))
    with pytest.raises(ConfigError, match=r"^TMPDIR: "):
        Workers(1, PLENTY)


def test_a_page_is_read_in_another_process_as_it_is_in_this_one() -> None:
    async def go() -> Draft:
        async with workers() as made:
            return await read_in(made, page("story"), Selectors(title="p"))

    draft = asyncio.run(go())
    assert draft == read(page("story"), Selectors(title="p"))
    assert draft.article.verdict is Verdict.STORY
    assert draft.page.body == b"", "the page's bytes need not travel back"
    assert (draft.article.title or "").startswith("The ferry to the island")


def test_more_pages_than_processes_all_come_back() -> None:
    async def go() -> list[Draft]:
        async with workers() as made:
            return await asyncio.gather(*(read_in(made, page(str(number))) for number in range(20)))

    assert [draft.page.url.rsplit("/")[-1] for draft in asyncio.run(go())] == [str(number) for number in range(20)]


def test_what_the_reader_raises_arrives_and_the_next_page_is_read() -> None:
    async def go() -> Draft:
        async with workers(1) as made:
            with pytest.raises(ValueError, match="a fault of the reader's own"):
                await read_in(made, page("fails"))
            return await read_in(made, page("story"))

    assert title(asyncio.run(go())) == "The ferry is back"


def test_a_page_that_hangs_costs_itself_alone(tmp_path: Path) -> None:
    async def go() -> list[Draft | BaseException]:
        async with workers() as made:
            await asyncio.gather(*(read_in(made, page(name)) for name in ("first", "second")))  # both have imported it
            made._seconds = 2.0
            hanging = asyncio.create_task(read_in(made, page("hangs", seen=tmp_path / "seen")))
            await until((tmp_path / "seen").exists)
            others = [asyncio.create_task(read_in(made, page(f"{number}"))) for number in range(3)]
            await asyncio.wait(others)
            assert not hanging.done(), "the others are read while it hangs"
            return await asyncio.gather(hanging, *others, read_in(made, page("after")), return_exceptions=True)

    hanging, *others = asyncio.run(go())
    assert isinstance(hanging, PageTooHard)
    assert str(hanging) == "https://news.example/hangs: not read within 2 s"
    assert [title(each) for each in others] == ["The ferry is back"] * 4


def test_a_page_that_kills_its_reader_costs_itself_alone(tmp_path: Path) -> None:
    async def go() -> list[Draft | BaseException]:
        killing, beside = tmp_path / "killing", tmp_path / "beside"
        async with workers() as made:
            return await asyncio.gather(
                # The first kills its reader while the second is being read, and the second is not done before.
                read_in(made, page("kills", seen=killing, awaited=beside)),
                read_in(made, page("waits", seen=beside, awaited=killing)),
                *(read_in(made, page(f"{number}")) for number in range(3)),
                return_exceptions=True,
            )

    killing, *others = asyncio.run(go())
    assert isinstance(killing, PageTooHard)
    assert str(killing) == "https://news.example/kills: the process that read it died"
    assert [title(each) for each in others] == ["The ferry is back"] * 4


def test_reading_goes_on_after_many_deaths() -> None:
    async def go() -> list[Draft | BaseException]:
        async with workers() as made:
            names = ["kills", "one", "kills", "two", "kills"]
            return await asyncio.gather(*(read_in(made, page(name)) for name in names), return_exceptions=True)

    ended = asyncio.run(go())
    assert [isinstance(each, PageTooHard) for each in ended] == [True, False, True, False, True]


def test_a_process_that_dies_between_two_pages_costs_none() -> None:
    async def go() -> Draft:
        async with workers(1) as made:
            await read_in(made, page("one"))
            [process] = multiprocessing.active_children()
            process.kill()
            return await read_in(made, page("two"))

    assert title(asyncio.run(go())) == "The ferry is back"


def test_a_page_that_kills_its_reader_once_is_read_by_another(tmp_path: Path) -> None:
    async def go() -> Draft:
        async with workers(1) as made:
            return await read_in(made, page("kills-once", seen=tmp_path / "seen"))

    assert title(asyncio.run(go())) == "The ferry is back"


def test_closing_does_not_wait_for_a_page_that_nobody_waits_for(tmp_path: Path) -> None:
    async def go() -> None:
        async with workers() as made:
            hanging = asyncio.create_task(read_in(made, page("hangs", seen=tmp_path / "hanging")))
            await until((tmp_path / "hanging").exists)
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging

    asyncio.run(go())


def test_closing_what_never_read_is_nothing_and_so_is_closing_twice() -> None:
    made = Workers(0, PLENTY)
    made.close()
    made.close()


def test_a_page_too_hard_is_one_of_newsbots_own_errors() -> None:
    assert issubclass(PageTooHard, NewsbotError)


def test_a_reader_loads_neither_database_nor_scrapy() -> None:
    """Each crawl starts some, every five minutes perhaps: half a second of CPU, and thirty MB each."""
    loaded = run([sys.executable, "-c", f"import sys, {', '.join(_IMPORTED)}; print(*sys.modules)"], dict(os.environ))
    assert loaded.code == 0, loaded.err
    assert not {"sqlalchemy", "scrapy", "twisted"} & set(loaded.out.split())
