"""Makes pages of a site of those of the repository: MkDocs calls these functions (`hooks` in mkdocs.yml).

- README.md is the site's first page, CHANGELOG.md one of its pages.
- Links to files that are no pages, such as sources, are text: the site does not hold them.
- Pictures in Mermaid's words, which forges draw, are drawn as SVG when the site is built. Material for MkDocs would
  have the reader's browser fetch Mermaid from elsewhere, 3 MB of it.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import mmdr
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PAGES = {"index.md": "README.md", "changelog.md": "CHANGELOG.md"}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_DRAWN = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: Any) -> Files:
    """The pages that stand outside docs/, and the drawings."""
    for name, source in PAGES.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))
    for page in list(files.documentation_pages()):
        for number, words in enumerate(_DRAWN.findall(page.content_string)):
            # Of the two engines within, one draws clearer edges, the other tables in a third of the bytes.
            backend = "merman" if words.startswith("flowchart") else "mermaid-rs-renderer"
            drawn = mmdr.render(words, backend=backend).svg()
            files.append(File.generated(config, _picture(page.src_uri, number), content=drawn))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A page's text with its links made the site's, its drawings in place."""
    here = page.file.src_uri
    source = PAGES.get(here, f"docs/{here}")
    numbers = iter(range(len(markdown)))

    def picture(_: re.Match[str]) -> str:
        return f"![{page.title or here}]({_relative(_picture(here, next(numbers)), here)})"

    def link(match: re.Match[str]) -> str:
        image, text, target, anchor = match[1], match[2], match[3], match[4] or ""
        there = _in_site(posixpath.normpath(posixpath.join(posixpath.dirname(source), target)))
        return f"{image}[{text}]({_relative(there, here)}{anchor})" if there else text

    drawn = _DRAWN.sub(picture, markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in _CODE.split(drawn))


def _picture(page: str, number: int) -> str:
    return f"images/drawn/{page.removesuffix('.md').replace('/', '-')}-{number + 1}.svg"


def _in_site(path: str) -> str | None:
    """What a file of the repository is in the site; None for one that is not in it. A page that is not there at all
    keeps its name, so that MkDocs complains."""
    for name, outside in PAGES.items():
        if path == outside:
            return name
    inside = path.removeprefix("docs/")
    if inside == path or inside.endswith(".py"):
        if not (ROOT / path).exists():
            raise ValueError(f"a link leads to {path}, which is not there")
        return None
    return inside


def _relative(path: str, page: str) -> str:
    return posixpath.relpath(path, posixpath.dirname(page) or ".")
