"""Four invented newspapers in five days of March 2026: what the examples of the documentation are asked of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from newsbot.fingerprint import sign
from newsbot.items import Access, Block, BlockKind, Image, Removed, RemovedKind, Role, Story, Verdict
from newsbot.items import Apart as SetApart
from newsbot.store import Store

SITES = {
    "harbour-courier.example": ("The Harbour Courier", "en"),
    "lantern-post.example": ("The Lantern Post", "en"),
    "valley-mail.example": ("The Valley Mail", "en"),
    "hafenblatt.example": ("Hafenblatt", "de"),
}

FERRY = (
    "The ferry to Ask Island will not sail before Thursday. Its shaft cracked on Monday morning, half a mile off the "
    "mole, and a tug brought the ship home with 212 passengers on board.",
    "A new shaft has been found in a yard three hundred miles away and is coming by road. The harbour master said that "
    "two fishing boats would carry medicine and mail until the repair is done.",
    "The island's school closed at noon, because four of its six teachers live in town. The shop put a limit of two "
    "loaves on each customer, and had bread left in the evening.",
)
FERRY_CORRECTED = (FERRY[0].replace("212", "121"), *FERRY[1:])
FERRY_ELSEWHERE = (FERRY[0], *FERRY[1:], "Our paper will bring the timetable as soon as the company prints one.")
BRIDGE = (
    "The council has put off the repair of the Mill Bridge by a year. Nine members voted for the delay and six against "
    "it, after a debate that went on until a quarter past eleven.",
    "The engineer's report gives the bridge four more winters if no lorry above seven tons crosses it. A sign to that "
    "effect stands there now, and two cameras watch it.",
)
MARKET = (
    "The covered market opens again on Saturday with forty stalls, eleven more than before the fire. The roof is "
    "glass, and the old iron columns were kept where the heat had not bent them.",
    "Rents are frozen for two years. The fish sellers, who had camped on the quay since the summer, drew lots for the "
    "corner by the north gate, where the draught keeps the ice.",
)
OWLS = (
    "Three pairs of eagle owls nest in the quarry above Lower Town, where blasting was to begin in April. The company "
    "has agreed to wait until the young have flown, which may be July.",
    "Volunteers count the birds from a hide made of pallets. They ask walkers to keep their dogs on a lead along the "
    "upper path, and to leave torches at home.",
)
HAFEN = (
    "Die Fähre zur Insel Ask fährt frühestens am Donnerstag wieder. Am Montagmorgen brach die Welle, ein Schlepper "
    "brachte das Schiff in den Hafen zurück. Verletzt wurde niemand.",
    "Bis dahin bringen zwei Kutter Arznei und Post hinüber. Wer eine Fahrkarte hat, bekommt sein Geld am Schalter "
    "zurück oder darf sie bis zum Ende des Monats benutzen.",
)
LIBRARY = (
    "The library in Weir Street lends tools from this week on: drills, ladders, a machine that steams wallpaper off. "
    "Each may be kept for five days, and the first forty were gone by noon.",
    "A carpenter who has retired shows on Tuesdays how they are held. The idea came from a reader who had bought a saw "
    "for one cut and has stored it under the bed since.",
)

DONATION = "Our reporting is free because readers pay for it. Give what you can, once or every month."
LETTER = "Get the morning letter from the Courier: the day's news at seven, in your inbox."
WALL = "This story goes on for subscribers. Take a trial month for one crown."


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 (UTC)."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def story(site: str, path: str, title: str, paragraphs: tuple[str, ...], seen: datetime, **fields: Any) -> Story:
    """A story of one of the newspapers as a visit at `seen` finds it."""
    url = f"https://www.{site}/{path}"
    text = "\n\n".join(paragraphs)
    values: dict[str, Any] = {"language": SITES[site][1], "published_offset": 60, "access": Access.FREE}
    return Story(
        site=site,
        url=url,
        canonical_url=url,
        title=title,
        text=text,
        fetched_at=seen,
        addresses=(url,),
        word_count=len(text.split()),
        fingerprint=sign([url], text),
        **values | fields,
    )


def block(text: str) -> Block:
    """A paragraph of a page."""
    return Block(BlockKind.PARAGRAPH, text)


def fill(store: Store) -> None:
    """Print the papers, and visit them."""
    for key, (name, language) in SITES.items():
        store.touch_site(key, name, f"https://www.{key}/", language)
    courier, lantern, valley, hafen = SITES
    ferry: dict[str, Any] = {
        "published": at(2, 9, 30),
        "authors": ("Ines Dahl", "Tom Okafor"),
        "section": "Harbour",
        "tags": ("ferry", "Ask Island"),
        "standfirst": "The shaft broke half a mile off the mole.",
        "image": Image("https://www.harbour-courier.example/ferry.jpg", "The ferry under tow", "I. Dahl"),
    }
    asked = Removed(3, block(DONATION), RemovedKind.DONATION, "asks for money")
    letter = Removed(1, block(LETTER), RemovedKind.NEWSLETTER, "offers a newsletter")
    caption = SetApart(0, block("The ferry under tow"), Role.CAPTION)
    first = [
        story(
            courier,
            "harbour/ferry-out-until-thursday",
            "Ferry out until Thursday",
            FERRY,
            at(2, 10),
            removed=(letter, asked),
            apart=(caption,),
            **ferry,
        ),
        story(
            courier,
            "council/mill-bridge-waits",
            "Mill Bridge waits another year",
            BRIDGE,
            at(2, 10),
            published=at(1, 23, 40),
            authors=("Ines Dahl",),
            section="Council",
            tags=("Mill Bridge",),
            removed=(Removed(2, block(DONATION), RemovedKind.DONATION, "asks for money"),),
        ),
        story(
            hafen,
            "2026/03/02/faehre-ask",
            "Fähre nach Ask fällt bis Donnerstag aus",
            HAFEN,
            at(2, 12),
            published=at(2, 11, 15),
            authors=("Jana Kühn",),
            section="Hafen",
        ),
    ]
    second = [
        story(
            lantern,
            "region/ferry",
            "No ferry to Ask Island before Thursday",
            FERRY_ELSEWHERE,
            at(2, 13),
            published=at(2, 12, 5),
            section="Region",
        ),
        story(
            valley,
            "news/8812",
            "Ask Island ferry cancelled",
            FERRY,
            at(3, 6),
            published=at(2, 17, 50),
            authors=("Tom Okafor",),
            access=Access.PAYWALLED,
            removed=(Removed(3, block(WALL), RemovedKind.PAYWALL, "asks to subscribe"),),
        ),
        story(
            lantern,
            "town/market",
            "Covered market opens on Saturday",
            MARKET,
            at(4, 6),
            published=at(4, 5),
            authors=("Petra Lund",),
            section="Town",
            tags=("market",),
        ),
        story(
            valley,
            "news/8830",
            "Owls stop the blasting",
            OWLS,
            at(4, 9),
            published=at(4, 0),
            day_only=True,
            published_offset=None,
            access=Access.PAYWALLED,
        ),
        story(courier, "town/tool-library", "Borrow a ladder", LIBRARY, at(5, 8), section="Town"),
    ]
    visits = (at(2, 10), (courier, lantern, valley, hafen), first), (at(5, 8), (courier, lantern, valley), second)
    for number, (when, sites, stories) in enumerate(visits, 1):
        run = store.start_run(4000 + number, when)
        for site in sites:
            store.start_site(run, site, when)
        for each in stories:
            store.keep(each)
        if number == 2:
            corrected = story(
                courier,
                "harbour/ferry-out-until-thursday",
                "Ferry out until Thursday",
                FERRY_CORRECTED,
                at(2, 15, 30),
                modified=at(2, 14, 10),
                modified_offset=60,
                removed=(letter, asked),
                apart=(caption,),
                **ferry,
            )
            store.keep(corrected)
            store.dismiss(lantern, [f"https://www.{lantern}/town/market"], Verdict.GONE, at(5, 8))
            store.dismiss(courier, [f"https://www.{courier}/town/"], Verdict.INDEX, at(5, 8))
        for site in sites:
            found = sum(each.site == site for each in stories)
            quiet = number == 2 and site == valley
            counts = {"new": found, "same": number} | ({"error.http_503": 2} if quiet else {})
            store.finish_site(
                run, site, when.replace(minute=2), "failed" if quiet else "ok", counts, 40_000 * (found + 1)
            )
        store.finish_run(run, when.replace(minute=3), "partial" if number == 2 else "ok")
