"""Whether a page is a story; if not, what it is, and what says so."""

from __future__ import annotations

import pytest

from newsbot.extract import extract
from newsbot.items import Article, Verdict
from tests.extract.pages import STORY, TITLE, URL, article, json_ld, node, page, paragraphs, read

TEXT = "\n\n".join(STORY)
MENU = "<nav><a href='/'>Home</a> <a href='/town'>Town</a> <a href='/sea'>Sea</a></nav>"
PLACES = (
    "the north quay",
    "the old mill",
    "the fish market",
    "the lighthouse",
    "the school",
    "the chapel",
    "the ferry",
)


def told(verdict: Verdict, found: Article) -> None:
    """The verdict, and that a reason is given for every one but a story."""
    assert found.verdict is verdict, (found.verdict, found.why)
    assert bool(found.why) is (verdict is not Verdict.STORY)


def teasers(count: int = 14, tag: str = "article") -> str:
    """A list of other stories: a headline that is a link, and a sentence or two below it."""
    return "".join(
        f"<{tag}><h3><a href='/town/{n}'>What the council decided about {PLACES[n % 7]} on day {n}</a></h3>"
        f"<p>The vote on {PLACES[n % 7]} was close, and number {n} on a list that grows with each meeting.</p></{tag}>"
        for n in range(count)
    )


def test_a_story_is_a_story() -> None:
    told(Verdict.STORY, read(page(f"<h1>{TITLE}</h1>{paragraphs()}")))


# -- bot checks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Just a moment...", "Checking your browser before you go on."),
        ("Harbour Gazette", "Please verify you are a human. " * 9),
        ("Access denied", ""),
        ("Access Denied", "You don't have permission to access this page on this server. Reference #18.3c1f2d17.1700"),
        ("Robot or human?", "Activate and hold the button to confirm that you're human. Thank you!"),
        ("Pardon Our Interruption", "As you were browsing, something about you made us think you were a bot."),
        (
            "harbour-gazette.example",
            "Press & Hold to confirm you are a human (and not a bot). Reference ID 7f1c2e40-9d",
        ),
        ("Attention Required! | Cloudflare", "Sorry, you have been blocked. You are unable to access this site."),
        ("Nur einen Moment…", "Bestätigen Sie, dass Sie ein Mensch sind."),
        ("Un instant…", "Vérification de votre navigateur en cours."),
        ("Un momento…", "Confirma que eres humano."),
        ("Um momento…", "Confirme que você é humano."),
        ("Even geduld...", "Bevestig dat u een mens bent."),
        ("Chwileczkę…", "Potwierdź, że jesteś człowiekiem."),
        ("Bir dakika lütfen...", "İnsan olduğunuzu doğrulayın."),
        ("Один момент…", "Подтвердите, что вы человек."),
        ("Вы не робот?", "Подтвердите, что запросы отправляли вы, а не робот."),
        ("しばらくお待ちください...", "あなたが人間であることを確認します。"),
        ("请稍候…", "请完成以下验证"),
        ("잠시만 기다리십시오…", "사람인지 확인하는 중입니다."),
    ],
)
def test_a_bot_check(title: str, text: str) -> None:
    told(Verdict.CHALLENGE, read(page(f"<div><p>{text}</p></div>", title=title)))


@pytest.mark.parametrize(
    "markup",
    [
        "<div id='px-captcha'></div><p>Before we go on, hold the button below for a while.</p>",
        "<script>window._cf_chl_opt = {cvId: '3'};</script><p>One step more.</p>",
        "<script>var dd={'rt':'c','cid':'x','hsh':'y'}</script><p>Slide right to go on.</p>",
        "<iframe src='/_Incapsula_Resource?SWUDNSAI=31&amp;xinfo=1'>Request unsuccessful. Incident ID: 12</iframe>",
        "<div id='sec-if-cpt-container'><p>A moment.</p></div>",
    ],
)
def test_a_bot_check_that_only_its_markup_gives_away(markup: str) -> None:
    told(Verdict.CHALLENGE, read(page(markup, title="harbour-gazette.example")))


def test_marks_of_a_guard_on_a_story_mean_nothing() -> None:
    guard = "<script>window._cf_chl_opt = {}; var dd={'rt':'c'}</script><div id='px-captcha'></div>"
    told(Verdict.STORY, read(article(guard, json_ld(node()))))


# -- consent walls -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Before you continue", "We and our 800 partners keep cookies. " * 9),
        ("Harbour Gazette", "We value your privacy. We and our partners store information on a device. Accept all."),
        ("Zeitung", "Mit Werbung weiterlesen: Wir und unsere 214 Partner speichern Informationen auf einem Gerät."),
        ("Journal", "Nous et nos 140 partenaires lisons des informations sur un appareil. Continuer sans accepter."),
        ("Diario", "Valoramos tu privacidad. Nosotros y nuestros 90 socios usamos cookies. Aceptar todo."),
        ("Jornal", "Valorizamos a sua privacidade. Nós e os nossos 90 parceiros usamos cookies. Aceitar tudo."),
        ("Giornale", "La tua privacy è importante. Noi e i nostri 90 partner usiamo i cookie. Accetta tutti."),
        ("Krant", "Jouw privacy is belangrijk. Wij en onze partners plaatsen cookies. Alle cookies accepteren."),
        ("Gazeta", "Dbamy o Twoją prywatność. My i nasi zaufani partnerzy używamy plików cookie. Przejdź do serwisu"),
        ("Gazete", "Gizliliğinize önem veriyoruz. Biz ve ortaklarımız çerez kullanıyoruz. Tümünü kabul et"),
        ("Газета", "Мы ценим вашу конфиденциальность. Мы и наши 90 партнёров храним файлы. Принять все"),
        ("新聞", "プライバシーを尊重します。当社とそのパートナーは情報を保存します。すべて同意"),
        ("Cookie-Einstellungen | Zeitung", "Bitte wählen Sie, was gespeichert werden darf. Alle akzeptieren"),
    ],
)
def test_a_consent_wall(title: str, text: str) -> None:
    told(Verdict.CONSENT, read(page(f"<div><p>{text}</p><button>OK</button></div>", title=title)))


def test_a_consent_wall_whose_text_stands_in_an_element_of_that_name() -> None:
    wall = (
        "<div class='consent'><h2>We value your privacy</h2><p>We and our 412 partners keep information on a device."
        "</p><button>Accept all</button><button>Reject all</button></div>"
    )
    told(Verdict.CONSENT, read(page(wall, title="Harbour Gazette")))


def test_a_consent_wall_that_a_redirect_led_to() -> None:
    wall = page("<h1>Your data</h1><p>Choose what we may measure. Accept all.</p>", title="Harbour Gazette")
    told(Verdict.CONSENT, read(wall, "https://consent.harbour-gazette.example/v2/collect?session=3"))


def test_a_banner_on_a_short_item_is_no_wall() -> None:
    banner = (
        "<div class='cookie-banner'><p>We and our 412 partners keep cookies on your device.</p><b>Accept all</b></div>"
    )
    brief = f"<article><h1>{TITLE}</h1><p>{STORY[0]}</p></article>"
    told(Verdict.STORY, read(page(brief + banner, json_ld(node()))))
    told(Verdict.STORY, read(page(brief + banner, "<meta property='og:type' content='article'>")))


# -- missing pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 | Harbour Gazette", "What you look for has sailed. " * 9),
        ("Page not found", ""),
        ("Oops! Page not found - Harbour Gazette", "The page you are looking for may have been moved or deleted."),
        ("Error 404", "Try the search above, or go home. " * 4),
        ("410 Gone", "The requested resource is no longer there."),
        ("This story is no longer available", "It may be found in the library."),
        ("Seite nicht gefunden", "Vielleicht hilft die Suche. " * 9),
        ("Die Seite wurde leider nicht gefunden | Zeitung", "Die gesuchte Seite gibt es nicht mehr."),
        ("Page introuvable - Journal", "La page que vous recherchez n'existe plus."),
        ("Página no encontrada", "La página que buscas no está aquí. " * 4),
        ("Página não encontrada", "A página que você procura mudou. " * 4),
        ("Pagina non trovata", "La pagina che cerchi non c'è. " * 5),
        ("Pagina niet gevonden", "De pagina die je zoekt bestaat niet meer."),
        ("Nie znaleziono strony", "Strona, której szukasz, nie istnieje."),
        ("Sidan kunde inte hittas", "Sidan du söker finns inte kvar."),
        ("Siden ble ikke funnet", "Siden du leter etter finnes ikke."),
        ("Siden blev ikke fundet", "Siden du leder efter findes ikke."),
        ("Sivua ei löydy", "Hakemaasi sivua ei ole."),
        ("Stránka nenalezena", ""),
        ("Az oldal nem található", ""),
        ("Sayfa bulunamadı", ""),
        ("Страница не найдена", ""),
        ("Сторінку не знайдено", ""),
        ("ページが見つかりません", "お探しのページは移動または削除されました。"),
        ("页面不存在", ""),
        ("페이지를 찾을 수 없습니다", ""),
    ],
)
def test_a_missing_page_that_was_served_as_if_it_were_there(title: str, text: str) -> None:
    told(Verdict.SOFT_404, read(page(f"{MENU}<h1>{title}</h1><p>{text}</p>", title=title)))


def test_a_missing_page_with_a_list_of_recent_stories() -> None:
    gone = f"{MENU}<main class='error-404'><h1>Page not found</h1><p>Try one of these:</p>{teasers()}</main>"
    told(Verdict.SOFT_404, read(page(gone, title="Harbour Gazette")))


def test_a_missing_page_that_only_its_heading_gives_away() -> None:
    gone = "<h1>404</h1><p>The page you requested could not be found on this server.</p>"
    told(Verdict.SOFT_404, read(page(gone, title="Harbour Gazette")))


@pytest.mark.parametrize(
    "said",
    [
        "This article has been removed.",
        "Dieser Artikel ist nicht mehr verfügbar.",
        "Cet article n’est plus disponible.",
        "Este artículo ya no está disponible.",
        "Статья удалена по требованию владельца.",
        "この記事は掲載を終了しました。",
    ],
)
def test_a_story_that_was_taken_away_is_none_even_with_its_metadata(said: str) -> None:
    told(Verdict.SOFT_404, read(page(f"<article><h1>{TITLE}</h1><p>{said}</p></article>", json_ld(node()))))


# -- news about all of this --------------------------------------------------------------------------------------------

NEWS = [
    ("en", "Are you a robot? A reporter tries to prove that she is not", "She was asked to verify that she is human."),
    ("en", "Access denied: the island's closed archive", "Nobody has permission to access the letters, said the town."),
    ("en", "404", "A café named after the error opened on Pier Four, and every table has the number 404."),
    (
        "en",
        "Page not found: how a library loses its books",
        "The page you are looking for may have been moved, it says.",
    ),
    ("en", "Before you continue: what cookie banners cost the town", "“We value your privacy”, say 412 partners."),
    (
        "de",
        "Gericht: Wer alle Cookies akzeptieren soll, muss auch alle ablehnen können",
        "Die Zustimmung war ungültig.",
    ),
    ("de", "Seite nicht gefunden: Stadt löscht tausend Dokumente", "Die gesuchte Seite gibt es nicht mehr, hieß es."),
    (
        "fr",
        "Cookies : la mairie condamnée pour son bandeau",
        "« Tout accepter » était plus grand que « tout refuser ».",
    ),
    ("es", "El fin del captcha: ya nadie tiene que demostrar que no es un robot", "Confirma que eres humano, decía."),
    ("ja", "クッキー同意画面に新しい規則", "「すべて同意」のボタンだけを置くことはできなくなる。"),
    ("ru", "Почему сайты показывают «страница не найдена»", "Страница, которую вы ищете, удалена, пишет система."),
]


@pytest.mark.parametrize(("lang", "title", "text"), NEWS)
def test_news_about_these_things_is_news(lang: str, title: str, text: str) -> None:
    body = f"<article><h1>{title}</h1>{paragraphs(text, *STORY)}</article>"
    told(Verdict.STORY, read(page(body, title=f"{title} | Harbour Gazette", lang=lang)))
    told(Verdict.STORY, read(page(body, json_ld(node(headline=title)), title=title, lang=lang)))


@pytest.mark.parametrize(("lang", "title", "text"), NEWS)
def test_so_it_is_in_a_few_lines_that_declare_themselves(lang: str, title: str, text: str) -> None:
    body = f"<article><h1>{title}</h1><p>{text} {STORY[0]}</p></article>"
    told(Verdict.STORY, read(page(body, json_ld(node(headline=title)), title=title, lang=lang)))


def test_a_long_story_may_have_the_title_of_a_wall_without_declaring_itself() -> None:
    told(
        Verdict.STORY,
        read(page(f"<h1>Access denied</h1>{paragraphs(*STORY, *STORY, *STORY, *STORY)}", title="Access denied")),
    )


# -- lists -------------------------------------------------------------------------------------------------------------


def test_a_page_of_links() -> None:
    links = "".join(f'<li><a href="/{n}">What the council of parish {n} decided</a></li>' for n in range(40))
    told(Verdict.INDEX, read(page(f"<h1>Parishes</h1><ul>{links}</ul>", title="Parishes")))


def test_a_front_page_of_a_few_links() -> None:
    links = "".join(f"<h2><a href='/{n}'>What the council of parish {n} decided</a></h2>" for n in range(7))
    told(Verdict.INDEX, read(page(links, title="Harbour Gazette"), "https://www.harbour-gazette.example/"))


@pytest.mark.parametrize("tag", ["article", "div", "li"])
@pytest.mark.parametrize(
    ("url", "head"),
    [
        ("https://www.harbour-gazette.example/", ""),
        ("https://www.harbour-gazette.example/tag/council", ""),
        ("https://www.harbour-gazette.example/author/ida-quill", "<meta property='og:type' content='profile'>"),
        ("https://www.harbour-gazette.example/search?q=ferry", ""),
        ("https://www.harbour-gazette.example/town", "<meta property='og:type' content='website'>"),
        ("https://www.harbour-gazette.example/town", json_ld({"@type": "CollectionPage", "name": "Town"})),
        (
            "https://www.harbour-gazette.example/town",
            json_ld({"@type": "CollectionPage"}) + "<meta property='og:type' content='article'>",
        ),
    ],
)
def test_a_list_of_stories(tag: str, url: str, head: str) -> None:
    told(Verdict.INDEX, read(page(f"{MENU}<h1>Town</h1>{teasers(tag=tag)}", head, title="Town"), url))


def test_a_list_that_declares_the_stories_on_it() -> None:
    items = [{"@type": "ListItem", "item": node(headline=f"Story {n}", url=f"/town/{n}")} for n in range(9)]
    head = json_ld({"@type": "ItemList", "itemListElement": items})
    told(Verdict.INDEX, read(page(f"<h1>Town</h1>{teasers()}", head, title="Town"), "https://harbour-gazette.example/"))


def test_a_story_with_a_long_list_of_others_below_it_is_a_story() -> None:
    body = f"<article><h1>{TITLE}</h1>{paragraphs(*STORY, *STORY)}</article><section>{teasers(30)}</section>"
    told(Verdict.STORY, read(page(body)))
    told(Verdict.STORY, read(page(body, "<meta property='og:type' content='website'>")))
    told(Verdict.STORY, read(page(body, json_ld([node(), {"@type": "CollectionPage"}]))))


# -- films and galleries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "head", "body"),
    [
        (URL, json_ld({"@type": "VideoObject", "name": TITLE}), f"<p>{STORY[0]}</p>"),
        (URL, json_ld({"@type": "PodcastEpisode", "name": TITLE}), f"<p>{STORY[0]} {STORY[1]}</p>"),
        (URL, json_ld({"@type": "ImageGallery", "name": TITLE}), ""),
        ("https://www.harbour-gazette.example/video/ferry", "", f"<video src='/f.mp4'></video><p>{STORY[0]}</p>"),
        (
            "https://www.harbour-gazette.example/ferry",
            "<meta property='og:type' content='video.other'>",
            "<iframe src='https://www.youtube.com/embed/x'></iframe>",
        ),
    ],
)
def test_a_film_with_hardly_a_text(url: str, head: str, body: str) -> None:
    told(Verdict.VIDEO, read(page(f"<h1>{TITLE}</h1>{body}", head), url))


def test_a_story_with_a_film_is_a_story() -> None:
    film = "<video src='/f.mp4'></video>"
    told(Verdict.STORY, read(article(film, json_ld([node(), {"@type": "VideoObject", "name": TITLE}]))))
    told(Verdict.STORY, read(article(film, json_ld({"@type": "VideoObject", "name": TITLE}))))


# -- short and empty ---------------------------------------------------------------------------------------------------


def test_what_declares_itself_may_be_short_but_not_empty() -> None:
    brief = f"<article><h1>{TITLE}</h1><p>The ferry to the island sails again, with goats.</p></article>"
    told(Verdict.STORY, read(page(brief, json_ld(node()))))
    told(Verdict.STORY, read(page(brief, "<meta property='og:type' content='article'>")))
    told(Verdict.EMPTY, read(page(brief)))
    told(Verdict.EMPTY, read(page(f"<h1>{TITLE}</h1>", json_ld(node()))))


@pytest.mark.parametrize("html", [b"", "", "\n\n", "<html></html>", page(""), "<frameset><frame src=a></frameset>"])
def test_pages_without_text(html: bytes | str) -> None:
    told(Verdict.EMPTY, read(html))


@pytest.mark.parametrize(
    "html",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\xff\xd8\xff\xe0" + b"JFIF and more " * 40,
        b"GIF87a",
        b"PK\x03\x04",
        b'{"title": "The ferry is back", "html": "' + paragraphs().encode() + b'"}',
        f'[{{"body": "{TEXT}"}}]',
    ],
)
def test_what_is_not_html(html: bytes | str) -> None:
    found = read(html)
    told(Verdict.NOT_HTML, found)
    assert found.blocks == ()
    assert found.url == URL


def test_a_page_is_judged_in_whatever_form_it_comes() -> None:
    html = article(head=json_ld(node()))
    assert extract(html, URL) == extract(html.encode(), URL) == extract(html.encode("utf-16"), URL)
    told(Verdict.STORY, extract(html, URL))
