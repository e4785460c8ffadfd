"""Results as pictures: bars with their spread, or lines. SVG of a few KB, the same bytes for the same figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from benchmarks.results import Bars, Lines

WIDTH = 720
_STYLE = (
    "text{font:13px sans-serif;fill:#1f2328}.thin{stroke:#8b949e;stroke-width:1;fill:none}"
    ".grid{stroke:#d0d7de;stroke-width:1}.back{fill:#fff}"
    ".c0{fill:#00796b;stroke:#00796b}.c1{fill:#b26a00;stroke:#b26a00}.c2{fill:#3f51b5;stroke:#3f51b5}"
    ".c3{fill:#9c27b0;stroke:#9c27b0}.line{fill:none;stroke-width:2}.bar{stroke:none}.other{opacity:.55}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.back{fill:#0d1117}.grid{stroke:#30363d}"
    ".c0{fill:#4db6ac;stroke:#4db6ac}.c1{fill:#ffb74d;stroke:#ffb74d}.c2{fill:#9fa8da;stroke:#9fa8da}"
    ".c3{fill:#ce93d8;stroke:#ce93d8}.line{fill:none}}"
)


def drawn(picture: Bars | Lines) -> str:
    """The picture as SVG."""
    return bars(picture) if isinstance(picture, Bars) else lines(picture)


def bars(picture: Bars) -> str:
    """A bar a figure, the first of them stronger; a thin line from the least to the most that was measured."""
    left, step = 12 + max(round(7.2 * len(name)) for name, _ in picture.bars), 28
    most = max(figure.high for _, figure in picture.bars) or 1.0
    wide = WIDTH - left - 90
    parts = [_text(12, 20, picture.title, "font-weight:600")]
    for number, (name, figure) in enumerate(picture.bars):
        top, end = 36 + number * step, left + 8 + wide * figure.value / most
        low, high = (left + 8 + wide * value / most for value in (figure.low, figure.high))
        other = " other" if number else ""
        parts.append(_text(left, top + 15, name, "text-anchor:end"))
        parts.append(
            f'<rect class="bar c0{other}" x="{left + 8}" y="{top + 3}" height="16" '
            f'width="{max(end - left - 8, 1):.1f}"/>'
        )
        if low != high:
            parts.append(f'<path class="thin" d="M{low:.1f} {top + 11}H{high:.1f}"/>')
        parts.append(_text(max(end, high) + 6, top + 15, _said(figure.value)))
    return _svg(picture.title, 36 + len(picture.bars) * step + 10, parts)


def lines(picture: Lines) -> str:
    """A line a name, over a grid."""
    left, right, top, bottom, height = 64, WIDTH - 34, 44 + 18 * math.ceil(len(picture.lines) / 3), 330, 374
    points = [point for _, line in picture.lines for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    across, marks_across = _scale(xs, left, right, log=picture.log)
    up, marks_up = _scale(ys, bottom, top, log=picture.log)
    parts = [_text(12, 20, picture.title, "font-weight:600")]
    for value in marks_up:
        parts.append(f'<path class="grid" d="M{left} {up(value):.1f}H{right}"/>')
        parts.append(_text(left - 6, up(value) + 4, _said(value), "text-anchor:end"))
    for value in marks_across:
        parts.append(f'<path class="grid" d="M{across(value):.1f} {top}V{bottom}"/>')
        parts.append(_text(across(value), bottom + 18, _said(value), "text-anchor:middle"))
    parts.append(_text(right, bottom + 36, picture.across, "text-anchor:end"))
    parts.append(_text(12, top - 8, picture.up))
    for number, (name, line) in enumerate(picture.lines):
        way = "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in line)
        parts.append(f'<path class="line c{number % 4}" style="fill:none" d="M{way}"/>')
        x, y = left + number % 3 * 210, 36 + 18 * (number // 3)
        parts.append(f'<rect class="bar c{number % 4}" x="{x}" y="{y - 9}" width="12" height="8"/>')
        parts.append(_text(x + 18, y, name))
    return _svg(picture.title, height, parts)


def _scale(
    values: Sequence[float], begin: float, end: float, *, log: bool
) -> tuple[Callable[[float], float], list[float]]:
    """Where a value lies between two places, and the values that are worth a line."""
    if log:
        low = math.floor(math.log10(min(value for value in values if value > 0)))
        high = max(math.ceil(math.log10(max(values))), low + 1)
        place = lambda value: begin + (end - begin) * (math.log10(max(value, 10**low)) - low) / (high - low)  # noqa: E731
        return place, [10.0**power for power in range(low, high + 1)]
    step = 10.0 ** math.floor(math.log10(max(*values, 1e-9)))
    most = max(values)
    step = next(each for each in (step / 5, step / 2, step, step * 2) if most / each <= 6)
    last = math.ceil(most / step) * step
    return (lambda value: begin + (end - begin) * value / last), [step * n for n in range(round(last / step) + 1)]


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:.3g}"


def _text(x: float, y: float, words: str, style: str = "") -> str:
    styled = f' style="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{styled}>{escape(words)}</text>'


def _svg(title: str, height: float, parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<rect class="back" width="{WIDTH}" height="{height}"/>' + "\n".join(parts) + "</svg>\n"
    )
