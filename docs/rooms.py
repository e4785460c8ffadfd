"""Draws which room imports which into docs/architecture.md, from the sources: `python docs/rooms.py`.

Left out is what says nothing: `items` and `errors`, which nearly all import, and an import of a room that another
imported room imports too (the transitive reduction of the graph, which has no circles).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = re.compile(r"(?<=<!-- drawn by docs/rooms\.py -->\n).*?(?=<!-- until here -->)", re.DOTALL)
EVERYWHERE = {"items", "errors"}


def imports() -> dict[str, set[str]]:
    """Each room, and the rooms that its modules import, wherever in them they do."""
    found: dict[str, set[str]] = {}
    for path in sorted([*ROOT.glob("newsbot/**/*.py"), *ROOT.glob("pipelines/**/*.py")]):
        here = _room(path.relative_to(ROOT).with_suffix("").parts)
        if here is None or here == "__main__":
            continue
        named = found.setdefault(here, set())
        for module in _modules(ast.parse(path.read_text("utf-8"))):
            there = _room(tuple(module.split(".")))
            if there not in (None, here):
                named.add(str(there))
    rooms = found.keys() - EVERYWHERE
    return {room: found[room] & rooms for room in sorted(rooms)}


def _modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _room(parts: tuple[str, ...]) -> str | None:
    """The room of a module, by the parts of its name; None for the package itself, and for what is not ours."""
    if parts[0] == "pipelines":
        return "pipelines"
    inside = parts[0] == "newsbot" and len(parts) > 1 and parts[1] not in ("__init__", "__version__")
    return parts[1] if inside else None


def reduced(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The graph without the edges that its other edges imply."""
    below: dict[str, set[str]] = {}

    def reach(room: str) -> set[str]:
        if room not in below:
            below[room] = graph[room].union(*map(reach, graph[room]))
        return below[room]

    return {room: {to for to in tos if not any(to in reach(other) for other in tos)} for room, tos in graph.items()}


def diagram() -> str:
    """The rooms and their imports in Mermaid's words; the upper ones import the lower ones."""
    graph = reduced(imports())
    lines = [f"    {room} --> {to}" for room, tos in graph.items() for to in sorted(tos)]
    alone = [f"    {room}" for room in graph if not graph[room] and not any(room in tos for tos in graph.values())]
    return "\n".join(["```mermaid", "flowchart TD", *lines, *alone, "```", ""])


def main() -> None:
    """Put the picture into the page."""
    page = PAGE.read_text("utf-8")
    if not PICTURE.search(page):
        raise SystemExit(f"{PAGE}: the two comments are missing between which the picture stands.")
    PAGE.write_text(PICTURE.sub(lambda _: f"\n{diagram()}\n", page), "utf-8")


if __name__ == "__main__":
    main()
