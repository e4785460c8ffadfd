"""Addresses: how one is written, what it identifies, and which of two a page may be believed about.

    canonicalise       the address to show and to keep: it still opens the same page
    url_key            the identity: one for http and https, www and mobile hosts, AMP forms and print views
    id_key             the identity by the number that a site gives its stories
    trusted_canonical  which address of a story is its own
    waypoints          which addresses on the way to it are its own too

What is stripped is what tells where a reader came from, never what may tell one story from another. So names like `id`,
`p`, `cid` or `sid` stay, whatever some site tracks with them, and ambiguous ones like `ref` or `source` go only with a
value that names a channel ("rss", "twitter_share", "newsletter.example").

Syntax as in RFC 3986, section 6.2; the tolerance for what people really write as in the WHATWG URL Standard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote, unquote_plus, urljoin

import idna

from newsbot.fingerprint.suffixes import under_suffix

# -- what is known of parameters and paths ---------------------------------------------------------------------------

_TRACKING_PREFIX = re.compile(
    r"utm[_-]|at_|ns_|pk_|mtm_|piwik_|matomo_|itm_|int_(?:source|medium|campaign|term|content)"  # web analytics
    r"|hsa_|__hs|_hs|wt[._]|vn_(?:source|medium|campaign|term|thumb)"
    r"|fb_(?:action|source|ref|comment)|_branch_|gaa_|guce_|cx_(?:test|artpos|experience)"  # networks, paywall services
    r"|amp_(?:js|gsa|r|lite)|_x_tr_|__cf_|aspsessionid"  # viewers, translators, shields, sessions
)
_TRACKING = frozenset(
    # click identifiers of advertisers and networks
    "fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ymclid ysclid twclid ttclid "
    "li_fat_id igshid igsh epik rdt_cid rb_clickid wickedid srsltid tblci dicbo oborigurl outbrainclickid irclickid "
    "mibextid sfnsn __tn__ __xts__[0] __twitter_impression zarsrc _openstat ef_id s_kwcid kclickid "
    # mailings
    "mc_cid mc_eid mc_tc mkt_tok hsctatracking _ke _kx vero_id vero_conv oly_enc_id oly_anon_id ml_subscriber "
    "ml_subscriber_hash ck_subscriber_id _bhlid lctg bxid cndid hasha hashb hashc esrc emc regi_id "
    "campaign_id campaignid wpisrc wpmm wpmk wpmp itid "
    # publishers' own campaign and channel codes
    "cmp cmpid cmp_id icmp intcmp dcmp icid intcid int_cid ncid ocid cvid ito xtor xts xtref xtnp smid smtyp smvar "
    "ref_src ref_url referrer referer reflink s_cid sc_cid sref srnd fsrc ftag ftcamp sharetype leadsource "
    "in_source soc_src soc_trk tsrc .tsrc guccounter tpcc sr_share echobox fbrefresh traffic_source spm scm "
    "isappinstalled rss share_token unlocked_article_code pwapi_token trk trkid trkcampaign adobe_mc adobe_mc_sdid "
    "adobe_mc_ref "
    # analytics of the browser, AMP viewers, search results
    "_ga _gl _gac _sp _ptid usqp aoh ampshare ved usg sxsrf "
    # sessions
    "sessionid session_id phpsessid jsessionid cfid cftoken oscsid zenid".split()
)
_ANALYTICS = re.compile(r"(?:amp;)*(?:utm_[a-z_]+|fbclid|gclid|dclid|msclkid|yclid|mc_cid|mc_eid)=", re.IGNORECASE)
# May be anything: tracking only if the value names a channel.
_AMBIGUOUS = frozenset(
    "r ref source src srcref from via partner medium channel campaign origin mod cid mbid share track feature".split()
)
_CHANNELS = frozenset(
    "amp android app apple applenews apps atom banner bing bluesky bookmark box breaking bsky carousel copy "
    "copylink desktop digest direct duckduckgo email external facebook fb feed feedburner feedly feeds "
    "flipboard footer front frontpage ft gmail gnews google googlenews groupmessage hackernews header hn home "
    "homepage hp ig inline instagram internal ios iosapp ipad iphone kakao latest lead line link linkedin mail "
    "mailing main mastodon menu messenger mobile more most msn nav navbar naver newsletter newsshowcase "
    "notification pinterest pocket popular push read recirc recommended reddit referral related rss rss2 "
    "search share shared sharing sidebar signal singlemessage site slack sms social socialflow synd tab "
    "teaser telegram threads ticker tiktok timeline top trending tumblr tw twitter viber vk web webpush "
    "website wechat weibo whatsapp widget wire x xing yahoo yandex youtube zalo".split()
)
_HOST_VALUE = re.compile(
    r"(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?![sx]?html?$|php$|aspx?$|jsp$|xml$|json$|cfm$|pdf$)[a-z]{2,12}/?"
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sessionid|cfid|cftoken)=[^/;]*", re.IGNORECASE)

# Other views of the same story, for url_key alone.
_SWITCHES = frozenset(
    "amp _amp isamp ampmode print printable printer printpage pagewanted singlepage single_page showall".split()
)
_VIEWS_BY_VALUE = frozenset("outputtype output view format type mode alt tpl tmpl template layout display".split())
_VIEWS = frozenset("amp amp-type print printable printer print-friendly printfriendly component".split())
_ON = _VIEWS | frozenset("true yes on all".split())
_PAGE_NAMES = frozenset("page pages pagina pag pg seite p".split())
_WHOLE = "all"  # instead of a page's number: all pages as one
# Hosts named after a device or a protocol show the site's stories under their own paths. A label that may be a place, a
# language, an edition or a product (us, es, edition, text, lite, sp) may have stories of its own under the same paths.
_HOST_PREFIX = re.compile(r"(?:www\d?|m|mobile|mobil|mobi|wap|touch|3g|pda|amp)\.")
_INDEX = re.compile(r"(?:index|default)\.(?:html?|shtml|php\d?|aspx?|jsp|cfm|amp)", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"(?<=[^.])(?:\.amp)+(?=(?:\.html?)?$)", re.IGNORECASE)
_AMP_SEGMENTS = ("amp", ".amp")

# What stands between a reader and a story, as a whole segment of a path or label of a host.
_GATE = re.compile(
    r"(?:auto|user|silent|cookie)?[-_]?(?:log-?in|log-?on|sign-?in|sign-?up|consents?|auth|oauth2?|authori[sz]e|sso|accounts?"
    r"|cookies?|cmp|gdpr|privacy|captcha|challenge|paywall|subscribe|register|registration|verify|sessions?|wall|gate)"
    r"(?:\.\w+)?"
)
# The number of a page of a story, after the first, at the end of a path.
_LATER_PAGE = re.compile(r"[/_,-](?:(?:page|seite|pagina|pag|p)[/_-]?)?([2-9]|[1-9]\d)(?=(?:\.\w+)?$)", re.IGNORECASE)
_EDITION = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)

# -- syntax ------------------------------------------------------------------------------------------------------------

_URL = re.compile(r"(https?):[/\\]{2}([^/\\?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_TRIM = "".join(map(chr, range(0x21)))
_LINE = re.compile(r"[\t\n\r]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PATH_SAFE = "%/:@!$&'()*+,;=-._~"
_QUERY_SAFE = _PATH_SAFE + "?[]"
_CLEAN_PATH = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=\-._~]*")
_CLEAN_QUERY = re.compile(r"[A-Za-z0-9/:@!$&'()*+,;=\-._~?\[\]]*")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HIGH_BYTES = re.compile(r"[A-Za-z]?(?:%[89A-F][0-9A-F])+")
_TURNS_ASCII = frozenset("\u037e\u1fef\u212a")  # by NFC, so that ";" might begin what is no part of the path
_DEFAULT_PORT = {"http": "80", "https": "443"}
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4, as it is written

LONGEST = 8000
"""Characters of an address: RFC 9110, section 4.1, asks servers to take as many; longer ones open nowhere for sure."""
LONGEST_KEY = 2000
"""Characters of a key: PostgreSQL indexes no value beyond 2,700 bytes."""


def canonicalise(url: str) -> str:
    """The address to show and to keep: absolute http(s), without fragment, credentials, tracking and sessions.

    Scheme and host in lower case, the host in ASCII (IDNA 2008 with the mapping of UTS 46), no default port; dot
    segments resolved; percent-encoding only where needed, in capitals; the rest of the query in its order. Applying it
    again changes nothing. A fragment goes even where a script reads it ("#!/story/7"): no server ever sees it, and what
    is fetched is the same page. Raises ValueError, with the address, for what is not http(s), has no usable host or
    port, or would have more than `LONGEST` characters.
    """
    scheme, host, port, path, query = _split(url)
    return f"{scheme}://{host}{port and ':' + port}{path}{query and '?' + query}"


def untracked(url: str) -> str:
    """The address to ask for: `url` without the parameters that only analytics read (utm_*, click identifiers).

    Far less is taken away than in `canonicalise`: what a server might want stays as it was written.
    """
    address, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    kept = "&".join(part for part in query.split("&") if not _ANALYTICS.match(part))
    return address + (kept and "?" + kept) + hash_mark + fragment if kept != query else url


@lru_cache(maxsize=1024)  # each of a story's addresses is asked for when it is met, signed, recognised and kept
def url_key(url: str) -> str:
    """The identity of the address, readable: `host/path?query`, the path's case kept, the query sorted.

    The same for http and https, for hosts with and without www., m., mobile., amp. and the like (where a registered
    domain remains), for AMP forms (also in Google's AMP cache), print views, all pages as one, index pages, trailing
    and repeated slashes, composed and decomposed letters (Unicode NFC and NFD). A key of more than `LONGEST_KEY`
    characters is cut down to the host and a digest of 128 bits.

    `url_key("http://" + key)` is `key`, and no key holds a "#". Raises ValueError as `canonicalise` does.
    """
    host, port, path, query = _unwrapped(url)
    while (prefix := _HOST_PREFIX.match(host)) and _registered(host[prefix.end() :]):
        host = host[prefix.end() :]
    port = f":{port}" if port not in ("", "80", "443") else ""
    path = "/".join(_reduced(_composed(path).split("/")))
    query = _composed(query).replace("%20", "+")
    query = "&".join(sorted(p for p in query.split("&") if p and not _is_view(p)))
    key = f"{host}{port}/{path}{query and '?' + query}"
    if len(key) > LONGEST_KEY:
        return f"{host}{port}/~{blake2b(key.encode(), digest_size=16).hexdigest()}"
    return key


def id_key(site: str, story_id: str) -> str:
    """The identity of the story that a site calls `story_id` in its addresses (see `Site.id_in`): `site/#id=4711`.

    `site` is the site's key. Like no `url_key`, for those hold no "#"."""
    return f"{site}/#id={quote(story_id, safe='')}"


def identity_keys(url: str, site: str, story_id: str) -> tuple[str, ...]:
    """All keys under which the story at an address may be known: of the address, and of the site's own id, which is
    empty where the address holds none. Raises ValueError as `canonicalise` does."""
    return (url_key(url), id_key(site, story_id)) if story_id else (url_key(url),)


def registered_domain(url: str) -> str:
    """The domain that was registered for the address's host ("example.co.uk"), by the public suffix list that comes
    with tldextract, hosting services' own suffixes included ("someone.github.io"). An IP address as it is; "" where
    there is none: a single label, a bare suffix, or no http(s) address at all."""
    try:
        return _registered(_split(url)[1])
    except ValueError:
        return ""


def trusted_canonical(url: str, said: str | None) -> str:
    """The canonical address of the page at `url`, which says it is `said` (rel=canonical or og:url; may be relative).

    `said` is believed where it is http(s) and of the same registered domain, but not where

    - a story claims to be the home page or a section: a template's mistake, by which all stories would be one;
    - a later page of a story claims to be the first: its text is another;
    - both addresses name an edition by two letters, and not the same one ("/es/" and "/en/", "uk." and "us."): of a
      translation, or of a story that another country's edition has under the same path.

    Otherwise `canonicalise(url)`. Raises ValueError for a `url` that is no address.
    """
    own = canonicalise(url)
    if not said or not said.strip() or len(said) > 2048:
        return own
    try:
        claimed = canonicalise(urljoin(own, said.strip(_TRIM)))
    except ValueError:
        return own
    host, claimed_host = _split(own)[1], _split(claimed)[1]
    if host != claimed_host and not (_registered(host) and _registered(host) == _registered(claimed_host)):
        return own
    key, claimed_key = url_key(own), url_key(claimed)
    if key == claimed_key:
        return claimed
    if _depth_as_section(claimed_key) < _depth_as_section(key):
        return own
    if claimed_key in _first_pages(key) or _are_two_editions(key, claimed_key):
        return own
    return claimed


def waypoints(url: str, final_url: str, between: Iterable[str]) -> tuple[str, ...]:
    """Which of the addresses `between`, which redirected from `url` to `final_url`, are the story's own, in order.

    Not those of another registered domain (an advertiser, a shared login), nor a home page, a section or a page for
    login or consent, which lead to every story. What is no address is left out. Raises ValueError for a `url` or
    `final_url` that is none.
    """
    ends = {url_key(url), url_key(final_url)}
    hosts = {_split(url)[1], _split(final_url)[1]}
    domains = {_registered(host) for host in hosts} - {""}
    kept: dict[str, str] = {}
    for passed in between:
        try:
            host, key = _split(passed)[1], url_key(passed)
        except ValueError:
            continue
        if (host in hosts or _registered(host) in domains) and key not in ends and not _leads_to_all(key):
            kept.setdefault(key, passed)
    return tuple(kept.values())


# -- helpers -----------------------------------------------------------------------------------------------------------


def _split(url: str) -> tuple[str, str, str, str, str]:
    """Scheme, host, port (without the default), path, query: all as `canonicalise` has them."""
    if len(url) > LONGEST:
        raise ValueError(f"address of more than {LONGEST} characters: {url[:100]!r}...")
    match = _URL.match(_LINE.sub("", url.strip(_TRIM)))
    if match is None:
        raise ValueError(f"not an absolute http(s) address: {url!r}")
    scheme, authority, path, query = match.groups()
    scheme = scheme.lower()
    host, port = _authority(authority.rpartition("@")[2], url)
    if port == _DEFAULT_PORT[scheme]:
        port = ""
    path = path.replace("\\", "/")
    if not _CLEAN_PATH.fullmatch(path):
        path = _encoded(path, _PATH_SAFE)
    if ";" in path:
        path = _SESSION.sub("", path)
    if "/." in path:
        path = _without_dots(path)
    path, query = path or "/", _stripped(query) if query else ""
    if len(f"{scheme}://{host}:{port}{path}?{query}") > LONGEST:
        raise ValueError(f"address of more than {LONGEST} characters once encoded: {url[:100]!r}...")
    return scheme, host, port, path, query


def _authority(authority: str, url: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        try:
            host = f"[{IPv6Address(host).compressed}]" if bracket else ""
        except AddressValueError:
            host = ""
        colon, port = rest[:1], rest[1:]
        usable = bool(host) and colon in ("", ":")
    else:
        host, _, port = authority.partition(":")
        host = _ascii_host(host)
        usable = bool(host)
    if not usable:
        raise ValueError(f"no usable host in the address: {url!r}")
    if not port:
        return host, ""
    number = port.lstrip("0") or "0"
    if not (port.isascii() and port.isdigit() and len(number) < 6 and int(number) < 65536):
        raise ValueError(f"no usable port in the address: {url!r}")
    return host, number


@lru_cache(maxsize=8192)
def _ascii_host(host: str) -> str:
    """The host in ASCII and lower case; "" if it cannot be one."""
    try:
        if "%" in host:
            host = unquote(host, errors="strict")
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:  # idna's errors among them
        return ""
    host = host.lower().removesuffix(".")
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else ""


def _encoded(part: str, safe: str) -> str:
    """Percent-encode what must be, decode what need not be, in capitals."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return quote(_PERCENT.sub(one, part), safe=safe, errors="replace")


def _composed(part: str) -> str:
    """Percent-encoded UTF-8 with its letters composed (NFC); other bytes as they are."""

    def one(match: re.Match[str]) -> str:
        try:
            text = unquote(match[0], errors="strict")
        except UnicodeDecodeError:
            return match[0]
        if not _TURNS_ASCII.isdisjoint(text):
            return match[0]
        return quote(unicodedata.normalize("NFC", text), safe="")

    return _HIGH_BYTES.sub(one, part) if "%" in part else part


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _stripped(query: str) -> str:
    """The query without what only tracks, normalised."""
    if not _CLEAN_QUERY.fullmatch(query):
        query = _encoded(query, _QUERY_SAFE)
    kept = []
    for part in query.split("&"):
        while part.startswith("amp;"):  # an address that was escaped for HTML once too often
            part = part[4:]
        if part and not _is_tracking(part):
            kept.append(part)
    return "&".join(kept)


def _is_tracking(part: str) -> bool:
    name, _, value = part.partition("=")
    name = unquote_plus(name).casefold()
    if name in _TRACKING or _TRACKING_PREFIX.match(name):
        return True
    if name not in _AMBIGUOUS:
        return False
    value = unquote_plus(value).casefold()
    words = re.split(r"[-_.:|/ ]+", value)
    return (len(words) <= 3 and _CHANNELS.issuperset(words)) or bool(_HOST_VALUE.fullmatch(value))


def _is_view(part: str) -> bool:
    name, _, value = part.partition("=")
    name, value = unquote_plus(name).casefold(), unquote_plus(value).casefold()
    if name in _SWITCHES:
        return len(value) <= 1 or value in _ON  # a longer value may be a number that identifies the story
    if name in _PAGE_NAMES:
        return value == _WHOLE
    return name == "replytocom" or (name in _VIEWS_BY_VALUE and value in _VIEWS)


def _reduced(segments: Sequence[str]) -> list[str]:
    """A path's segments without those that only choose a view. Until nothing changes: "/x/print/amp/"."""
    kept = [segment for segment in segments if segment and segment.casefold() not in _AMP_SEGMENTS]
    while kept:
        last = kept[-1]
        if last.casefold() == "amp" or _INDEX.fullmatch(last) or (last.casefold() == "print" and len(kept) > 1):
            kept.pop()
        elif (shorter := _AMP_SUFFIX.sub("", last)) != last:
            kept[-1] = shorter
        else:
            break
    return kept


def _is_google(host: str) -> bool:
    return host.startswith(("google.", "www.google.", "m.google.")) and _registered(host).startswith("google.")


def _unwrapped(url: str) -> tuple[str, str, str, str]:
    """Host, port, path and query of the address, or of the one that it shows in a viewer of AMP pages."""
    _, host, port, path, query = _split(url)
    while inside := _behind_amp_viewer(host, path, query):
        try:
            _, host, port, path, query = _split(inside)
        except ValueError:
            break
    return host, port, path, query


def _behind_amp_viewer(host: str, path: str, query: str) -> str:
    """The address inside x.cdn.ampproject.org/c/s/host/path or www.google.com/amp/s/host/path; "" if there is none."""
    cached = host.endswith(".cdn.ampproject.org")
    if not cached and not _is_google(host):
        return ""
    steps = [segment for segment in path.split("/") if segment]
    if cached:
        while steps and steps[0].casefold() == "amp":
            steps.pop(0)
        if len(steps) < 2 or steps[0] not in ("c", "v"):
            return ""
    elif len(steps) < 2 or steps[0].casefold() != "amp":
        return ""
    inner = steps[2:] if steps[1] == "s" else steps[1:]
    if not inner or "." not in inner[0]:
        return ""
    return f"http://{unquote(inner[0])}/{'/'.join(inner[1:])}{query and '?' + query}"


def _depth_as_section(key: str) -> int:
    """How many segments the path of a home page (0) or section has; a large number for what may be a story.

    Sections have few segments, each of one to three words without a digit; stories have dates, numbers, long slugs or
    an identifier in the query."""
    path, _, query = key.partition("/")[2].partition("?")
    segments = unquote(path).split("/") if path else []
    plain = all(
        len(s) <= 24 and len(s.split("-")) <= 3 and "." not in s and not any(map(str.isdigit, s)) for s in segments
    )
    return len(segments) if plain and not query and len(segments) <= 3 else 1000


def _first_pages(key: str) -> tuple[str, ...]:
    """The keys that the first page of a story may have, if `key` may be that of a later one."""
    path, _, query = key.partition("?")
    parts = query.split("&")
    kept = [part for part in parts if not _is_later_page(part)]
    bare = f"{path}?{'&'.join(kept)}".rstrip("?")
    first = [bare] if len(kept) < len(parts) else []
    if _LATER_PAGE.search(path):
        first.append(_LATER_PAGE.sub("", path) + (query and "?" + query))
    return tuple(first)


def _is_later_page(part: str) -> bool:
    name, _, value = part.partition("=")
    return name.casefold() in _PAGE_NAMES and value.isdigit() and value not in ("0", "1")


def _are_two_editions(key: str, other: str) -> bool:
    """Whether two addresses of one registered domain begin with the names of two editions, as label or as segment."""
    (host, path), (other_host, other_path) = ((k.partition("/")[0], k.partition("/")[2]) for k in (key, other))
    domain = _registered(host)
    labels = [h.partition(".")[0] if domain and h.endswith("." + domain) else "" for h in (host, other_host)]
    firsts = [p.partition("/")[0] for p in (path, other_path)]
    return any(
        a.casefold() != b.casefold() and bool(_EDITION.fullmatch(a) and _EDITION.fullmatch(b))
        for a, b in (labels, firsts)
    )


def _leads_to_all(key: str) -> bool:
    """Whether it is an address that many stories are reached through: a home page, a section, a login."""
    address, _, query = key.partition("?")
    host, _, path = address.partition("/")
    if any(_GATE.fullmatch(part.casefold()) for part in (host.partition(".")[0], *path.split("/"))):
        return True
    return _depth_as_section(address) < 1000 and not re.search(r"\d{2}", query)


def _registered(host: str) -> str:
    return host.strip("[]") if host.startswith("[") or _is_ipv4(host) else under_suffix(host)


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True
