"""Fuzzing of `newsbot.extract.extract`: bytes that no one would think of, led by which code they reach.

    pip install atheris -e .
    python tests/extract/fuzz.py CRASHES [--web DIR] [--corpus DIR] [libFuzzer's options]

for instance ten minutes:

    python tests/extract/fuzz.py crashes -max_total_time=600

Each input is a page at a fixed address. What is asserted: the extraction returns an Article and never raises; no text
in it holds control characters or surrogates; no block is empty; the same bytes give the same Article again. An input
for which that does not hold is saved in the folder CRASHES and ends the run, its traceback is printed; give the file's
path as a further argument to run it once more. An input that takes longer than `-timeout` (30 s here) is a crash too.

The seeds are the small ones of the recorded pages in DIR, shortened, and some pages of this file's own. What the
fuzzer finds on its way is kept in the `--corpus` folder, where one is given, for the next run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import tempfile
from dataclasses import fields, is_dataclass
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: pip install atheris")

from newsbot.fingerprint import urls as _urls  # noqa: F401  what is imported here already is not instrumented:
from newsbot.items import Article  # atheris counts the branches of whole packages

with atheris.instrument_imports(include=["newsbot"]):
    from newsbot.extract import extract  # and charset, with which it begins

WEB = Path(__file__).parents[3] / "shared" / "newsweb"
URL = "https://news.example/2024/05/17/a-story.html"
LONGEST = 8_000  # bytes; longer inputs are slower and reach nothing new
SEEDS = 40
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")

# A mutation inserts one of these whole, where single bytes would hardly ever come upon it.
TOKENS = r"""
<html> </html> <head> </head> <body> </body> <title> </title> <article> </article> <main> </main> <section> <div>
</div> <p> </p> <h1> </h1> <h2> </h2> <ul> <ol> <li> </li> <dl> <dt> <dd> <table> <tr> <td> <th> </td> </tr> </table>
<caption> <figure> <figcaption> </figure> <blockquote> </blockquote> <pre> </pre> <br> <br/> <hr> <b> <i> <em> <strong>
<span> </span> <a> </a> <time> </time> <nav> </nav> <aside> </aside> <header> <footer> <form> <button> <select> <option>
<textarea> <iframe> <svg> </svg> <math> <template> <noscript> </noscript> <script> </script> <style> </style> <!-- -->
<!DOCTYPE <![CDATA[ ]]> <?xml ?> <base> <link> <meta> <img> <details> <summary> <frameset> <plaintext> <rss>
href= class= id= style= hidden type= name= property= content= itemprop= itemtype= itemscope datetime= rel= lang= src=
charset= aria-hidden="true" role= data-
"application/ld+json" "canonical" "author" "description" "og:title" "og:type" "og:image" "og:site_name"
"og:description" "article" "article:published_time" "article:modified_time" "article:author" "article:section"
"article:tag" "news_keywords" "datePublished" "dateModified" "headline" "articleBody" "keywords" "NewsArticle" "@type"
"@graph" "@id" "name" "isAccessibleForFree" "publisher" "image" "url" "mainEntityOfPage" "display:none" "article-body"
"byline" "paywall"
&nbsp; &amp; &lt; &#0; &#x80; &#xD800; &#x10FFFF; &#55555555; &shy; &quot;
{ } [ ] , : " ' = > < / \u0000 \u009b \ud800 true false null 1e999 -1 99999999999999999999
2024-05-17T08:30:00+02:00 2024-05-17 2024-02-30 0000-00-00 9999-12-31T23:59:60Z 1715934600 1715934600000
http:// https://[::1 //x javascript: mailto: data: ? # %00 %zz @
""".split()
BYTES = (
    *(b"\0", b"\x0b", b"\x1b", b"\x7f", b"\x85", b"\xa0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(c.encode() for c in "\u200b\u00ad\u2028\ufeff\ufffe\u0085\u009b\u202e\U0010ffff\u3000"),
)

_PROSE = " ".join(f"Sentence {n} says that the river rose in the night, and that nobody was hurt." for n in range(5))
OWN = (
    f"<!DOCTYPE html><html lang=en><head><title>The river - Example</title><meta property=og:title content='The river'>"
    f"<meta name=author content='A. Reporter'><meta property=article:published_time content=2024-05-17T08:30:00Z>"
    f"</head><body><nav><a href=/>Home</a></nav><article><h1>The river</h1><p class=byline>By A. Reporter</p>"
    f"<p>{_PROSE}</p><p>{_PROSE}<br><br>{_PROSE}</p><ul><li>{_PROSE}</li></ul></article></body></html>",
    f'<script type="application/ld+json">{{"@graph": [{{"@type": "NewsArticle", "headline": "The river", "articleBody":'
    f' "{_PROSE}", "datePublished": "2024-05-17", "author": [{{"name": "A. Reporter"}}], "image": ["a.jpg"],'
    f' "isAccessibleForFree": "False"}}]}}</script><div>{_PROSE}<p>{_PROSE}</div>',
    f"<table><tr><td>{_PROSE}<tr><td>a<td>b</table><figure><img src=a.jpg><figcaption>The river</figcaption></figure>",
    f"\ufeff<?xml version='1.0' encoding='utf-16'?><p>{_PROSE}",
)


def check(page: bytes) -> None:
    """Hold what the extraction makes of a page to what it promises. Raises AssertionError."""
    article = extract(page, URL)
    assert type(article) is Article, f"{type(article).__name__} in place of an Article"
    for where, text in texts(article, "article"):
        found = _NEVER.search(text)
        assert found is None, f"{where} holds {found[0]!r}"
    for number, block in enumerate(article.blocks):
        assert block.text.strip(), f"block {number} is empty: {block!r}"
    assert extract(page, URL) == article, "a second call gives something else"


def texts(value: object, where: str) -> list[tuple[str, str]]:
    """Every string within a value, with the name of its place."""
    if isinstance(value, str):
        return [(where, value)]
    if isinstance(value, tuple):
        return [found for number, each in enumerate(value) for found in texts(each, f"{where}[{number}]")]
    if is_dataclass(value):
        return [found for each in fields(value) for found in texts(getattr(value, each.name), f"{where}.{each.name}")]
    return []


def seeds(web: Path) -> list[bytes]:
    """The smallest recorded pages that differ in site, and pages of our own; every one short enough to be mutated."""
    own = [page.encode() for page in OWN]
    index = web / "index.jsonl"
    if not index.is_file():
        sys.stderr.write(f"no recorded pages: there is no {index}; only the seeds of this file are used\n")
        return own
    files = [web / json.loads(line)["file"] for line in index.read_text("utf-8").splitlines()]
    files.sort(key=lambda file: file.stat().st_size)
    silent = re.compile(rb"<(style|svg)\b.*?</\1>|<script(?![^>]*ld\+json).*?</script>|<!--.*?-->", re.DOTALL)
    recorded = (silent.sub(b"", gzip.decompress(file.read_bytes())) for file in files[:SEEDS])
    return own + [re.sub(rb"\s+", b" ", page)[:LONGEST] for page in recorded]


def main() -> None:
    """Fuzz until libFuzzer's options, a crash or the user says to end."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    options.add_argument("crashes", type=Path, metavar="CRASHES", help="the folder in which crashes are saved")
    options.add_argument("--web", type=Path, default=WEB, help="the folder of recorded pages (default: %(default)s)")
    options.add_argument("--corpus", type=Path, help="a folder for what is found to reach new code")
    given, others = options.parse_known_args()
    given.crashes.mkdir(parents=True, exist_ok=True)
    files = [name for name in others if not name.startswith("-")]
    for name in files:
        if not Path(name).is_file():
            sys.exit(f"{name}: no such file; an input to run once more is given by its path")
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder, "tokens.dict")
        everything = [token.encode() for token in TOKENS] + list(BYTES)
        words.write_text("".join(f'"{_escaped(token)}"\n' for token in everything), "ascii")
        places = []
        if not files:
            kept = given.corpus or Path(folder, "corpus")
            kept.mkdir(parents=True, exist_ok=True)
            planted = Path(folder, "seeds")
            planted.mkdir()
            for number, page in enumerate(seeds(given.web)):
                (planted / f"{number:03}").write_bytes(page)
            places = [str(kept), str(planted)]
        ours = [f"-dict={words}", f"-artifact_prefix={given.crashes}/", f"-max_len={LONGEST}", "-timeout=30"]
        atheris.Setup([sys.argv[0], *ours, *others, *places], check)
        atheris.Fuzz()


def _escaped(token: bytes) -> str:
    """The token as libFuzzer's dictionaries write it: hexadecimal where it is no letter or digit."""
    return "".join(chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"\\x{byte:02X}" for byte in token)


if __name__ == "__main__":
    main()
