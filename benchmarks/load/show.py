"""Results as tables for people."""

from __future__ import annotations

from typing import Any

from rich.table import Table


def relay_table(result: dict[str, Any]) -> Table:
    """One relay's figures."""
    table = Table("", "", title="Relay", show_header=False)
    for name, value in result.items():
        shown = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown)
    return table
