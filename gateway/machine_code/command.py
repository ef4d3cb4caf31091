"""What ``livesupport compile`` does."""

import importlib.util
import sys
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.machine_code.compiled import MODULES, Compiled, CompileFailed

NEEDS = (
    "It needs a C compiler and Python's headers (on Debian: apt-get install gcc python3-dev), "
    "and pip install 'mypy[mypyc]'."
)


def run(remove: bool) -> int:
    """Compile, or go back to the sources; says on standard output what is so then. 1: it has failed."""
    compiled = Compiled()
    if remove:
        print("The sources are run." if compiled.remove() else "Nothing is compiled: the sources are run.")
        return 0
    if importlib.util.find_spec("mypyc") is None:
        print(f"There is no mypyc here. {NEEDS}", file=sys.stderr)
        return 1
    began = monotonic()
    try:
        _make(compiled)
    except CompileFailed as why:
        print(f"{why}\n\nNothing was changed: it could not be compiled. {NEEDS}", file=sys.stderr)
        return 1
    print(f"{len(MODULES)} modules compiled in {monotonic() - began:.0f} s. They are run from the next start on.")
    print("After a change to them, compile again; `livesupport compile --remove` goes back to the sources.")
    return 0


def _make(compiled: Compiled) -> None:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("checking types, which takes the longest", total=None)

        def built(done: int, of: int) -> None:
            if of:
                progress.update(task, description="compiling", completed=done, total=of)

        compiled.make(built)
