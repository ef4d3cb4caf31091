"""Horizontal bars as SVG, written by hand: no library draws them, so none has to be installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LABEL, VALUE, ROW, TITLE, FOOT = 860, 350, 130, 26, 62, 10
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.note{fill:#59636e}"
    ".bar{fill:#8c959f}.ours{fill:#0969da}.edges{stroke:#1f2328;fill:none}.limit{stroke:#cf222e;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.bar{fill:#6e7681}.ours{fill:#4493f8}"
    ".edges{stroke:#e6edf3}}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """`ours` are drawn in another colour. `edges`: the least and the most of the rounds, drawn as a line."""

    label: str
    value: float
    ours: bool = False
    edges: tuple[float, float] | None = None


def bars(title: str, rows: Sequence[Bar], unit: str, limit: float | None = None) -> str:
    """A chart from zero, linear; a limit is a dashed line. Values are written beside their bars."""
    top = max([row.value for row in rows] + [edge for row in rows for edge in row.edges or ()] + [limit or 0.0]) or 1.0
    room = (WIDTH - LABEL - VALUE) / top
    height = TITLE + ROW * len(rows) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}"><style>{STYLE}</style>',
        f'<text class="title" x="0" y="20">{escape(title)}</text>',
        f'<text class="note" x="0" y="40">{escape(_note(rows, unit, limit))}</text>',
    ]
    for number, row in enumerate(rows):
        parts += _drawn(row, TITLE + ROW * number, room, unit)
    if limit is not None:
        x = LABEL + room * limit
        parts.append(f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{TITLE - 6}" y2="{height - FOOT}"/>')
    return "".join([*parts, "</svg>"])


def _note(rows: Sequence[Bar], unit: str, limit: float | None) -> str:
    """What is drawn and how, in words."""
    told = ["blue: ours, grey: peers" if any(row.ours != rows[0].ours for row in rows) else ""]
    told.append("thin line: least to most of the rounds" if any(row.edges for row in rows) else "")
    told.append(f"dashed: the target, {_shown(limit)} {unit}" if limit is not None else "")
    return "; ".join(one for one in told if one)


def _drawn(row: Bar, y: int, room: float, unit: str) -> list[str]:
    end, middle = LABEL + room * row.value, y + (ROW - 8) / 2
    parts = [
        f'<text x="{LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(row.label)}</text>',
        f'<rect class="{"ours" if row.ours else "bar"}" x="{LABEL}" y="{y}" width="{max(1.0, end - LABEL):.1f}" '
        f'height="{ROW - 8}" rx="2"/>',
    ]
    if row.edges is not None:
        least, most = (LABEL + room * edge for edge in row.edges)
        end, cap = max(end, most), f"{middle - 4}v8"
        parts.append(f'<path class="edges" d="M{least:.1f} {middle}H{most:.1f}M{least:.1f} {cap}M{most:.1f} {cap}"/>')
    parts.append(f'<text x="{end + 6:.1f}" y="{y + 14}">{_shown(row.value)} {escape(unit)}</text>')
    return parts


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
