"""The pages in a real browser, as people use them: with a mouse, keys alone, a telephone, without scripts, in the dark.

Whatever the console complains of fails the test, and so does a request to anywhere else. Pictures are kept in
build/screenshots.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from newsbot.archive.writing import Exchange, Writer
from newsbot.items import Block, BlockKind, Removed, RemovedKind
from newsbot.store import Store
from newsbot.web import Serving
from tests.store.build import HOUR, NOON, prose, story
from tests.web.browsing import NoBrowser, Tab, started, tab
from tests.web.visiting import Visitor, served

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TOKEN = "0123456789abcdef"
FLOOD, CABLE, FERRY = "Nettle flood leaves 437 homes", "Cable ship sails", "Ferry terminal to close"
EVIL = '"\'><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a></textarea></title>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for longer than this module: while it is there, nothing else in this thread can run an event loop.
    try:
        with started() as found:
            yield found
    except NoBrowser as error:
        pytest.skip(str(error))


def visiting(browser: Browser, visitor: Visitor, **options: Any) -> Iterator[Tab]:
    with tab(browser, visitor.url, **options) as opened:
        yield opened
        assert opened.wrong == []


@pytest.fixture
def desk(browser: Browser, press: Visitor) -> Iterator[Tab]:
    """The invented newspapers on a wide screen."""
    yield from visiting(browser, press)


@pytest.fixture
def phone(browser: Browser, press: Visitor) -> Iterator[Tab]:
    """The same on a narrow one, which is touched, at night."""
    yield from visiting(browser, press, color_scheme="dark", **PHONE)


@pytest.fixture
def plain(browser: Browser, press: Visitor) -> Iterator[Tab]:
    """The same without scripts."""
    yield from visiting(browser, press, java_script_enabled=False)


@pytest.fixture
def shelf(browser: Browser, tmp_path: Path) -> Iterator[Tab]:
    """Fifty stories an hour apart, and one that says the worst wherever it can."""
    database = f"sqlite:///{tmp_path / 'newsbot.db'}"
    with Store.open(database) as store:
        for number in range(50):
            store.keep(story(number, prose(number, 80), published=NOON - number * HOUR))
        removed = (Removed(0, Block(BlockKind.PARAGRAPH, EVIL), RemovedKind.DONATION, EVIL),)
        worst: dict[str, Any] = {"title": EVIL, "standfirst": EVIL, "section": EVIL, "authors": (EVIL,)}
        text = f"{EVIL} heron {prose(99, 80)}"
        store.keep(story(99, text, published=NOON - 99 * HOUR, removed=removed, **worst))
    with served(database, tmp_path) as visitor:
        yield from visiting(browser, visitor)


def follow(tab: Tab, title: str) -> None:
    """Open a story from the front page."""
    tab.open("/")
    tab.page.get_by_role("link", name=title).click()


# -- search ------------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_found(desk: Tab) -> None:
    desk.open("/")
    desk.page.keyboard.press("/")
    expect(desk.find("#q")).to_be_focused()
    desk.page.keyboard.type("harbour OR ferry")
    desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(f"{desk.url}/?q=harbour+OR+ferry")
    expect(desk.find(".hit h2")).to_have_count(4)
    assert {text.lower() for text in desk.find("mark").all_text_contents()} == {"harbour", "ferry"}
    desk.keep("search")


def middle(place: Locator) -> tuple[float, float]:
    """Where an element's middle is in the window."""
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("backwards", [False, True])
def test_a_range_of_bars_is_dragged(desk: Tab, backwards: bool) -> None:
    desk.open("/")
    everything = desk.find(".hit").count()
    bars = desk.find(".bars a")
    first, last = bars.count() // 2, bars.count() - 2
    wanted = bars.nth(first).get_attribute("data-since"), bars.nth(last).get_attribute("data-until")
    start, end = middle(bars.nth(first)), middle(bars.nth(last))
    desk.page.mouse.move(*(end if backwards else start))
    desk.page.mouse.down()
    desk.page.mouse.move((start[0] + end[0]) / 2, start[1] + 10)
    desk.page.mouse.move(*(start if backwards else end))
    if not backwards:
        desk.keep("dragging")
    desk.page.mouse.up()
    chosen = desk.find("ul.chosen li")
    expect(chosen).to_have_count(2)
    assert desk.find("#f-since").input_value() == wanted[0]
    assert desk.find("#f-until").input_value() == wanted[1]
    moments = [datetime.fromisoformat(str(each)) for each in wanted]
    seen = [
        datetime.fromisoformat(str(each.get_attribute("datetime"))) for each in desk.find(".hit > .meta time").all()
    ]
    assert 0 < len(seen) < everything
    assert all(moments[0] <= each < moments[1] for each in seen)
    for _ in range(2):
        chosen.first.get_by_role("link").click()
    expect(chosen).to_have_count(0)
    expect(desk.find(".hit")).to_have_count(everything)


def test_a_bar_is_clicked(desk: Tab) -> None:
    desk.open("/")
    desk.find(".bars a").last.click(position={"x": 2, "y": 40})
    expect(desk.find("ul.chosen li")).to_have_count(2)
    expect(desk.find(".hit").first).to_be_visible()


def test_the_following_pages_come_by_themselves(shelf: Tab) -> None:
    shelf.open("/")
    for _ in range(3):
        shelf.page.keyboard.press("End")
        shelf.page.wait_for_load_state("networkidle")
    expect(shelf.find("#hits > .hit")).to_have_count(51)
    expect(shelf.find(".more")).to_have_count(0)
    titles = shelf.find(".hit h2").all_text_contents()
    assert len(set(titles)) == 51
    assert titles[:2] == ["Headline 0", "Headline 1"]


# -- a story -----------------------------------------------------------------------------------------------------------


def test_a_story_is_opened_with_keys_alone(desk: Tab) -> None:
    desk.open("/")
    titles = desk.find(".hit h2").all_text_contents()
    for key in "jjjk":
        desk.page.keyboard.press(key)
    expect(desk.find(".hit.at h2")).to_have_text(titles[1])
    expect(desk.find(".hit.at h2 a")).to_be_focused()
    desk.page.keyboard.press("o")
    expect(desk.find("h1")).to_have_text(titles[1])


def test_the_content_is_one_key_away(desk: Tab) -> None:
    desk.open("/")
    desk.page.keyboard.press("Tab")
    expect(desk.find(".skip")).to_be_in_viewport()
    desk.page.keyboard.press("Enter")
    expect(desk.find("#main")).to_be_focused()


def test_what_was_removed_is_shown_in_its_place(desk: Tab) -> None:
    follow(desk, FLOOD)
    out = desk.find(".out")
    assert out.count() > 5
    expect(out.first).to_be_hidden()
    desk.page.get_by_role("switch", name="Show what was removed").focus()
    desk.page.keyboard.press("Space")
    for number in range(out.count()):
        expect(out.nth(number)).to_be_visible()
    expect(out.filter(has_text="Dear readers").locator(".why")).to_contain_text("donation")
    desk.keep("removed")
    desk.page.get_by_text("Show what was removed").click()
    expect(out.first).to_be_hidden()


def test_versions_are_walked_with_the_slider(desk: Tab) -> None:
    follow(desk, FLOOD)
    slider = desk.page.get_by_role("slider", name="Version")
    slider.focus()
    desk.page.keyboard.press("ArrowLeft")
    expect(desk.find("h1")).to_contain_text("412 homes")
    expect(desk.page).to_have_url(f"{desk.url}/story/{desk.page.url.split('/story/')[1].split('?')[0]}?version=1")
    expect(desk.find(".versions [aria-current=true]")).to_contain_text("Version 1")
    desk.page.keyboard.press("ArrowRight")
    expect(desk.find("ins").first).to_have_text("437")
    expect(desk.find("del").first).to_have_text("412")
    expect(desk.find(".versions [aria-current=true]")).to_contain_text("Version 2")
    expect(slider).to_be_focused()
    desk.keep("versions")


def test_copies_are_unfolded_and_compared(desk: Tab) -> None:
    desk.open("/")
    hit = desk.find(".hit").filter(has_text=CABLE)
    copy = hit.locator("details li")
    expect(copy).to_be_hidden()
    hit.locator("summary").click()
    expect(copy).to_be_visible()
    desk.keep("copies-folded")
    hit.get_by_role("link", name="Compare them").click()
    expect(desk.find("#copies .copies li")).to_have_count(2)
    expect(desk.find("#copies li.this")).to_contain_text("first")
    desk.keep("copies")
    desk.find("#copies").get_by_role("link", name="compare with the first").click()
    expect(desk.find(".note")).to_contain_text("From harbour-courier.example to lantern-post.example")
    expect(desk.find(".diff ins, .diff del").first).to_be_visible()
    desk.keep("compared")


# -- light and dark, wide and narrow -----------------------------------------------------------------------------------


def paper(tab: Tab) -> str:
    """The colour that the page is drawn on."""
    colour: str = tab.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return colour


def test_dark_is_as_the_system_has_it_until_it_is_switched(desk: Tab) -> None:
    desk.open("/")
    light = paper(desk)
    desk.page.emulate_media(color_scheme="dark")
    dark = paper(desk)
    assert light != dark
    desk.open("/sites")
    switch = desk.page.get_by_role("button", name="Dark", pressed=True)
    switch.click()
    assert paper(desk) == light
    desk.page.get_by_role("link", name="Stories").click()
    expect(desk.page.get_by_role("button", name="Dark", pressed=False)).to_be_visible()
    assert paper(desk) == light


def unfolded(tab: Tab) -> Locator:
    """What narrows an answer, which a narrow screen folds away."""
    expect(tab.find(".narrowing form")).to_be_hidden()
    tab.find(".narrow summary").tap()
    expect(tab.find(".narrowing form")).to_be_visible()
    return tab.find(".narrowing")


def test_a_narrow_screen_has_room_for_all(phone: Tab) -> None:
    phone.open("/")
    phone.keep("phone-front")
    narrow = unfolded(phone)
    narrow.get_by_label("Section").fill("Town")
    narrow.get_by_role("button", name="Apply").tap()
    expect(phone.page).to_have_url(f"{phone.url}/?section=Town&sort=newest")
    expect(phone.find(".hit")).to_have_count(2)
    phone.page.get_by_role("link", name=FLOOD).tap()
    phone.page.get_by_text("Show what was removed").tap()
    expect(phone.find(".out").first).to_be_visible()
    assert phone.overflow() == 0
    phone.keep("phone-story")


# -- without scripts ---------------------------------------------------------------------------------------------------


def test_all_of_it_works_without_scripts(plain: Tab) -> None:
    plain.open("/")
    expect(plain.find(".theme")).to_be_hidden()
    expect(plain.find("footer .keys")).to_be_hidden()
    plain.find("#q").fill("ferry terminal")
    plain.find("#q").press("Enter")
    plain.page.get_by_role("link", name=FERRY).click()
    expect(plain.find("h1")).to_contain_text(FERRY)
    plain.open("/")
    plain.find(".bars a").last.click(position={"x": 2, "y": 40})
    expect(plain.find("ul.chosen li")).to_have_count(2)
    follow(plain, FLOOD)
    plain.page.get_by_text("Show what was removed").click()
    expect(plain.find(".out").first).to_be_visible()
    plain.page.get_by_role("link", name="Version 2").click()
    expect(plain.find("ins").first).to_have_text("437")
    plain.keep("plain-versions")


def test_a_narrow_screen_folds_away_what_narrows_without_scripts_too(browser: Browser, press: Visitor) -> None:
    for bare in visiting(browser, press, java_script_enabled=False, **PHONE):
        bare.open("/")
        narrow = unfolded(bare)
        narrow.get_by_label("Section").fill("Town")
        narrow.get_by_role("button", name="Apply").tap()
        expect(bare.find(".hit")).to_have_count(2)
        assert bare.overflow() == 0


def test_a_wide_screen_has_it_beside_the_stories_without_scripts_too(plain: Tab) -> None:
    plain.open("/")
    expect(plain.find(".narrowing form")).to_be_visible()
    expect(plain.find(".narrow")).to_be_hidden()
    # What is sent last stands first.
    assert middle(plain.find(".whole"))[1] < middle(plain.find(".hit").first)[1]


# -- for everybody -----------------------------------------------------------------------------------------------------


def addresses(tab: Tab) -> list[str]:
    """A page of each kind: those of stories too, one with versions and one with copies."""
    tab.open("/?q=Nettle+flood")
    flood = str(tab.find(".hit h2 a").first.get_attribute("href"))
    tab.open("/?q=Cable+ship&copies=1")
    cable = [str(each.get_attribute("href")) for each in tab.find(".hit h2 a").all()]
    return [
        "/", "/?q=harbour+OR+ferry&site=harbour-courier.example", "/?q=nothing-has-this-word", f"{flood}?removed=1",
        f"{flood}?version=2", f"{cable[0]}?against={cable[1]}", "/sites", "/sites/harbour-courier.example", "/runs",
        "/runs/1", "/health", "/login", "/api/v1/",
    ]  # fmt: skip


@pytest.mark.parametrize("where", ["desk", "phone"])
def test_axe_finds_nothing_and_nothing_sticks_out(where: str, request: pytest.FixtureRequest) -> None:
    visited: Tab = request.getfixturevalue(where)
    faults = {}
    for address in addresses(visited):
        visited.open(address)
        name = address.strip("/").split("?")[0].replace("/", "-") or "front"
        visited.keep(f"{where}-{name}")
        if found := [*visited.faults(), *([f"{wider} px too wide"] if (wider := visited.overflow()) else [])]:
            faults[address] = found
    assert faults == {}


@pytest.fixture
def troubled(tmp_path: Path) -> Iterator[Visitor]:
    """A site's file that says nothing, crawls that were broken off, and a story whose page was kept: for a token."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.example.toml").write_text("")
    writer = Writer(tmp_path / "archive", {})
    page = b'<!doctype html><html lang="en"><title>As it was</title><main><h1>Told</h1><script>alert(1)</script></main>'
    typed = ((b"Content-Type", b"text/html; charset=utf-8"),)
    place = writer.write(Exchange("https://a.example/1", NOON, (), 200, typed, page))
    writer.close()
    database = f"sqlite:///{tmp_path / 'newsbot.db'}"
    with Store.open(database) as store:
        store.keep(story(1, archived=place))
        for number in range(5):
            started = datetime.now(UTC) - (5 - number) * HOUR
            store.finish_run(store.start_run(1, started), started + HOUR / 60, "interrupted")
    with served(database, tmp_path, Serving(token=TOKEN)) as visitor:
        yield visitor


def test_axe_finds_nothing_where_a_token_is_wanted_and_in_alarms(browser: Browser, troubled: Visitor) -> None:
    faults = {}
    for options in ({}, PHONE | {"color_scheme": "dark"}):
        with tab(browser, troubled.url, **options) as visited:

            def look(name: str) -> None:
                if found := visited.faults():
                    faults[name] = found

            visited.open("/health")
            expect(visited.find("h1")).to_have_text("This newsbot wants its token")
            visited.page.get_by_label("Token").fill("a guess of mine")
            visited.page.get_by_role("button", name="Enter").click()
            expect(visited.page.get_by_role("alert")).to_be_visible()
            look("a wrong token")
            visited.page.get_by_label("Token").fill(TOKEN)
            visited.page.get_by_role("button", name="Enter").click()
            expect(visited.find(".alarm.critical")).to_contain_text("interrupted")
            expect(visited.find(".alarm.warning")).to_contain_text("a.example")
            look("alarms")
            visited.open("/story/1")
            visited.page.get_by_role("link", name="As it was fetched").click()
            expect(visited.find("h1")).to_have_text("Told")
            expect(visited.find("h1")).to_be_in_viewport()
            # Where no script runs axe does not either: that the page can be read there is all that can be told.
            assert all("sandboxed" in said or "403" in said for said in visited.wrong), visited.wrong
    assert faults == {}


def test_axe_would_find_what_is_wrong(desk: Tab) -> None:
    desk.open("/")
    desk.page.evaluate("document.querySelector('main').innerHTML = '<img src=/static/icon.svg><button></button>'")
    assert {fault.split(" ")[0] for fault in desk.faults()} >= {"image-alt", "button-name"}


def test_what_a_stranger_says_is_not_run(shelf: Tab) -> None:
    shelf.open("/?q=heron")
    shelf.find(".hit h2 a").click()
    expect(shelf.find("h1")).to_have_text(EVIL)
    shelf.page.get_by_role("switch").click()
    expect(shelf.find(".out .what")).to_have_text(EVIL)
    shelf.page.get_by_role("link", name=EVIL).first.click()
    expect(shelf.find("ul.chosen")).to_contain_text(EVIL)
