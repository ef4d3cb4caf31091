"""Tests of this folder run the real thing: `livesupport up`, real Ray, real sockets, and SIGKILL."""

from rich.console import Console

from benchmarks.faults.row import Row, table

ROWS: list[Row] = []
"""What the faults of this run have cost."""


def pytest_terminal_summary() -> None:
    """The table of the faults, also when all went well."""
    if ROWS:
        Console(width=160).print(table(ROWS))
