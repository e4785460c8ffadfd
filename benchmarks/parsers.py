"""Parsers of HTML side by side on recorded news pages: lxml (libxml2), selectolax (Lexbor), Resiliparse (Lexbor).

    pip install lxml selectolax resiliparse
    python benchmarks/parsers.py [--web DIR] [--rounds N]

DIR holds `index.jsonl`, a line a page with the path of its gzip file under `file`. A parser that is not installed is
left out. Four parts are printed: CPU time, memory, what becomes of broken markup, what becomes of hostile markup. The
last two need no pages. Linux only: memory is read from /proc. Takes about five minutes, most of it for hostile pages
that a parser does not get through.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import importlib.metadata
import json
import multiprocessing
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

WEB = Path(__file__).parents[2] / "shared" / "newsweb"
PATIENCE = 30.0  # seconds for one hostile page
MOST_MEMORY = 4 << 30  # bytes of address space for one hostile page
# What no extractor reads as text. A reader's own cutting is quicker; here only what is left of the page matters.
_SILENT = re.compile(rb"<!--.*?-->|<(script|style|svg)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Parser:
    """A parser as an extractor would use it.

    `walk` reads every element's name, class and id, and every run of text in its place; it returns how many elements
    and how many characters there were. `html` is the tree as markup again.
    """

    parse: Callable[[bytes], Any]
    walk: Callable[[Any], tuple[int, int]]
    html: Callable[[Any], str]


def plain() -> Parser:
    """lxml's etree: one Python class for all elements."""
    from lxml import etree

    def parse(body: bytes) -> Any:
        parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        return etree.fromstring(body, parser)

    def html(root: Any) -> str:
        if root is None:
            return "no tree"
        return "".join(etree.tostring(each, encoding="unicode", method="html") for each in (root, *root.itersiblings()))

    return Parser(parse, _walk_lxml, html)


def dressed() -> Parser:
    """lxml.html: a Python class looked up for each element."""
    from lxml import etree
    from lxml import html as lxml_html

    def parse(body: bytes) -> Any:
        parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
        return etree.fromstring(body, parser)

    return Parser(parse, _walk_lxml, plain().html)


def _walk_lxml(root: Any) -> tuple[int, int]:
    elements = characters = 0
    for element in root.iter():
        _ = element.tag, element.get("class"), element.get("id")
        elements += 1
        if text := element.text:
            characters += len(text)
        if text := element.tail:
            characters += len(text)
    return elements, characters


def selectolax() -> Parser:
    """selectolax's Lexbor backend; without mutation events, which nothing here listens to."""
    from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

    quiet = LexborDocumentOptions.WO_EVENTS.value

    def parse(body: bytes) -> Any:
        return LexborHTMLParser(body, options=quiet)

    def walk(tree: Any) -> tuple[int, int]:
        elements = characters = 0
        for node in tree.root.traverse(include_text=True):
            tag = node.tag
            if tag == "-text":
                characters += len(node.text_content)
            elif tag is not None and tag[0] != "-":  # None: a processing instruction
                _ = node.attrs.get("class"), node.id
                elements += 1
        return elements, characters

    return Parser(parse, walk, lambda tree: str(tree.html))


def resiliparse() -> Parser:
    """Resiliparse's tree; iterating over the document is the quickest of its ways to walk one."""
    from resiliparse.parse.html import ElementNode, HTMLTree, TextNode

    def walk(tree: Any) -> tuple[int, int]:
        elements = characters = 0
        for node in tree.document:
            if isinstance(node, TextNode):
                characters += len(node.node_value or "")
            elif isinstance(node, ElementNode):
                _ = node.tag, node.class_name, node.id
                elements += 1
        return elements, characters

    return Parser(HTMLTree.parse_from_bytes, walk, str)


LOADERS: dict[str, tuple[Callable[[], Parser], str]] = {
    "lxml.etree": (plain, "lxml"),
    "lxml.html": (dressed, "lxml"),
    "selectolax": (selectolax, "selectolax"),
    "resiliparse": (resiliparse, "Resiliparse"),
}

BROKEN: dict[str, bytes] = {
    "cut off": b"<p>one <b>tw",
    "cut off in a tag": b'<p>one</p><p class="tw',
    "text in a table": b"<table><tr><td>cell</td></tr>lost</table>",
    "p in p, div in p": b"<p>a<p>b<div>c</div>d</p>",
    "b and i crossed": b"<p><b>a<i>b</b>c</i></p>",
    "a in a": b"<a href=1>a<a href=2>b</a>",
    "NUL": b"<p id=a\0b>a\0b</p>",
    "noscript in the head": b"<head><noscript><p>a</p></noscript><title>b</title></head>",
    "noscript in the body": b"<body><noscript><p>a</p></noscript>",
    "after </body>": b"<body><p>a</p></body><p>b</p>",
    "after </html>": b"<html><body><p>a</p></body></html><p>b</p>",
    "Latin-1, declared": b"<meta charset=iso-8859-1><p>caf\xe9",
    "Latin-1, undeclared": b"<p>caf\xe9",
    "no bytes": b"",
}

END = b"<p>the end</p>"
HOSTILE: dict[str, Callable[[], bytes]] = {
    "250 div in each other": lambda: b"<div>" * 250 + b"</div>" * 250 + END,
    "10,000 div in each other": lambda: b"<div>" * 10_000 + b"</div>" * 10_000 + END,
    "10 MB of div in each other": lambda: b"<div>" * 2_000_000 + END,
    "20,000 attributes": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(20_000)) + b">" + END,
    "100,000 attributes": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">" + END,
    "20,000 b left open over p": lambda: b"<b><p>" * 20_000 + END,
    "20,000 tables in each other": lambda: b"<table>" * 20_000 + END,
    "20,000 a left open over div": lambda: b"<a href=x><div>" * 20_000 + END,
    "10 MB of an open attribute": lambda: END + b'<p class="' + b"a " * 5_000_000,
}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--web", type=Path, default=WEB, help="the folder of recorded pages (default: %(default)s)")
    options.add_argument("--rounds", type=int, default=5, help="how often each page is parsed (default: %(default)s)")
    given = options.parse_args()
    there = []
    for name, (loader, distribution) in LOADERS.items():
        try:
            loader()
        except ImportError as error:
            print(f"{name}: left out, not installed ({error}); pip install {distribution.lower()}")
        else:
            there.append(name)
            print(f"{name}: {distribution} {importlib.metadata.version(distribution)}")
    print(f"Python {sys.version.split()[0]}")
    if not there:
        sys.exit("no parser is installed: pip install lxml selectolax resiliparse")
    if (given.web / "index.jsonl").is_file():
        print_times(there, pages_of(given.web), given.rounds)
        print_memory(there, given.web)
    else:
        print(f"\nno recorded pages: there is no {given.web / 'index.jsonl'}; name their folder with --web DIR")
    print_broken(there)
    print_hostile(there)


def pages_of(web: Path) -> list[bytes]:
    """The recorded pages, as their servers sent them."""
    lines = (web / "index.jsonl").read_text("utf-8").splitlines()
    return [gzip.decompress((web / json.loads(line)["file"]).read_bytes()) for line in lines]


def print_times(names: list[str], pages: list[bytes], rounds: int) -> None:
    """CPU times: each page goes through every parser before the next page comes, each round in another order."""
    parsers = {name: LOADERS[name][0]() for name in names}
    cut = [_SILENT.sub(b"", page) for page in pages]
    tasks = [(name, source, walked) for source in ("page", "cut") for name in names for walked in (False, True)]
    taken: dict[tuple[str, str, bool], list[float]] = {task: [] for task in tasks}
    seen: dict[str, list[int]] = {name: [0, 0] for name in names}
    for number, bodies in enumerate(zip(pages, cut, strict=True)):
        times: dict[tuple[str, str, bool], list[float]] = {task: [] for task in tasks}
        for turn in range(rounds):
            shift = (number + turn) % len(tasks)
            for task in tasks[shift:] + tasks[:shift]:
                name, source, walked = task
                times[task].append(_cpu(parsers[name], bodies[source == "cut"], walked))
        for task in tasks:
            taken[task].append(statistics.median(times[task]))
        for name in names:
            for at, count in enumerate(parsers[name].walk(parsers[name].parse(bodies[0]))):
                seen[name][at] += count
    size, small = sum(map(len, pages)), sum(map(len, cut))
    print(
        f"\nCPU, {len(pages)} pages ({size / 1e6:.1f} MB; {small / 1e6:.1f} MB once scripts, styles, drawings and "
        f"comments are cut out), median of {rounds} rounds\n"
        "milliseconds of the median page, in brackets all pages as multiples of lxml's bare parse of the whole page"
    )
    base = sum(taken["lxml.etree", "page", False]) if "lxml.etree" in names else None
    columns = [("page", False), ("page", True), ("cut", False), ("cut", True)]
    rows = [["", "parse", "parse + walk", "cut: parse", "cut: parse + walk", "elements", "characters"]]
    for name in names:
        cells = []
        for source, walked in columns:
            each = taken[name, source, walked]
            ratio = f" ({sum(each) / base:.2f})" if base else ""
            cells.append(f"{statistics.median(each) * 1000:.2f}{ratio}")
        rows.append([name, *cells, *map(str, seen[name])])
    print_table(rows)


def _cpu(parser: Parser, body: bytes, walked: bool) -> float:
    """CPU seconds of a parse, with the walk or without, and of freeing the tree."""
    start = time.process_time()
    tree = parser.parse(body)
    if walked:
        parser.walk(tree)
    del tree
    return time.process_time() - start


def print_memory(names: list[str], web: Path) -> None:
    """What a process holds after it has parsed and walked all pages once, and five times; at most; and with all trees
    kept."""
    print("\nMemory of a process in MB, above what it had before its first parse")
    rows = [["", "after all pages", "after five rounds", "at most", "all trees held"]]
    for name in names:
        freed, kept = apart(_memory, name, web, False), apart(_memory, name, web, True)
        rows.append([name, *freed, *kept[-1:]])
    print_table(rows)


def _memory(said: Connection, name: str, web: Path, keep: bool) -> None:
    parser, pages = LOADERS[name][0](), pages_of(web)
    start = _status("VmRSS")
    held = []
    for turn in range(1 if keep else 5):
        for page in pages:
            tree = parser.parse(page)
            parser.walk(tree)
            if keep:
                held.append(tree)
            del tree
        gc.collect()
        if turn in (0, 4):
            said.send(f"{_status('VmRSS') - start:.1f}")
    if not keep:
        said.send(f"{_status('VmHWM') - start:.1f}")


def _status(field: str) -> float:
    """A field of /proc/self/status, in MB."""
    found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
    if found is None:
        sys.exit(f"/proc/self/status has no {field}: memory can be measured on Linux only")
    return int(found[1]) / 1024


def print_broken(names: list[str]) -> None:
    """The trees that come of broken markup, as markup; without what every tree has."""
    print("\nBroken markup, and the trees as markup")
    for case, body in BROKEN.items():
        print(f"  {case}: {body!r}")
        for name in names:
            if name != "lxml.html":  # the same tree
                print(f"    {name:12} {apart(_broken, name, body)[-1]}")


def _broken(said: Connection, name: str, body: bytes) -> None:
    parser = LOADERS[name][0]()
    try:
        html = parser.html(parser.parse(body))
    except (ValueError, TypeError, SyntaxError) as error:
        said.send(f"{type(error).__name__}: {error}")
        return
    said.send(ascii(re.sub(r"<!DOCTYPE[^>]*>|</?html>|<head></head>", "", html)))


def print_hostile(names: list[str]) -> None:
    """Hostile pages, each parsed and walked in a process of its own: CPU seconds, and whether the page's end is there;
    else how the process ended."""
    print(f"\nHostile pages: CPU seconds of parse + walk, most memory, elements; each stopped after {PATIENCE:.0f} s")
    chosen = [name for name in names if name != "lxml.html"]
    rows = [["", *chosen]]
    for case in HOSTILE:
        rows.append([case, *("; ".join(apart(_hostile, name, case)) for name in chosen)])
    print_table(rows)


def _hostile(said: Connection, name: str, case: str) -> None:
    parser, body = LOADERS[name][0](), HOSTILE[case]()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    start = time.process_time()
    try:
        tree = parser.parse(body)
        parsed = time.process_time()
        elements, _ = parser.walk(tree)
        walked = time.process_time()
        whole = "the end" in parser.html(tree)
    except Exception as error:  # whatever a parser raises is the result
        said.send(f"{type(error).__name__} after {time.process_time() - start:.2f} s")
        return
    said.send(f"{parsed - start:.2f} + {walked - parsed:.2f} s, {_status('VmHWM'):.0f} MB, {elements}")
    if not whole:
        said.send("END LOST")


def apart(work: Callable[..., None], *arguments: object) -> list[str]:
    """What `work` says over the connection it is given, run in a fresh process; then how that ended, if not well."""
    processes = multiprocessing.get_context("spawn")
    hears, says = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(says, *arguments))
    process.start()
    says.close()
    said: list[str] = []
    late = time.monotonic() + PATIENCE
    try:
        while hears.poll(max(0.0, late - time.monotonic())):
            said.append(hears.recv())
    except EOFError:
        process.join()
        if process.exitcode:
            said.append(f"KILLED by signal {-process.exitcode}" if process.exitcode < 0 else "FAILED")
    else:
        process.kill()
        process.join()
        said.append(f"NO END in {PATIENCE:.0f} s")
    return said


def print_table(rows: list[list[str]]) -> None:
    """Rows of cells, the first row being the head, in columns."""
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


if __name__ == "__main__":
    main()
