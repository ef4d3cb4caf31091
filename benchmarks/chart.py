"""Horizontal bars as SVG, written by hand: no library draws them, so none has to be installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, VALUE, ROW, TITLE = 760, 250, 110, 26, 40
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}"
    ".bar{fill:#8c959f}.ours{fill:#0969da}.limit{stroke:#cf222e;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.ours{fill:#4493f8}}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """`ours` are drawn in another colour."""

    label: str
    value: float
    ours: bool = False


def bars(title: str, rows: Sequence[Bar], unit: str, limit: float | None = None) -> str:
    """A chart from zero, linear; a limit is a dashed line. Values are written beside their bars."""
    top = max([row.value for row in rows] + [limit or 0.0]) or 1.0
    room = WIDTH - LABEL - VALUE
    height = TITLE + ROW * len(rows) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}"><style>{STYLE}</style>',
        f'<text class="title" x="0" y="20">{escape(title)}</text>',
    ]
    for number, row in enumerate(rows):
        y = TITLE + ROW * number
        length = room * row.value / top
        kind = "ours" if row.ours else "bar"
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(row.label)}</text>'
            f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{max(1.0, length):.1f}" height="{ROW - 8}" rx="2"/>'
            f'<text x="{LABEL + length + 6:.1f}" y="{y + 14}">{_shown(row.value)} {escape(unit)}</text>'
        )
    if limit is not None:
        x = LABEL + room * limit / top
        parts.append(f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{TITLE - 6}" y2="{height - 10}"/>')
    return "".join([*parts, "</svg>"])


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
