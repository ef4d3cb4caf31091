"""Which modules are compiled, whether they are, and how that is done and undone."""

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("actors", "gateway", "metrics", "runtime")
MODULES = (
    "actors/conversation/apply.py",
    "actors/conversation/effects.py",
    "actors/conversation/ending.py",
    "actors/conversation/machine.py",
    "actors/conversation/measures.py",
    "actors/conversation/rules.py",
    "actors/conversation/talk.py",
    "gateway/api/answers.py",
    "gateway/api/deadlines.py",
    "gateway/api/front.py",
    "gateway/api/paths.py",
    "gateway/api/requests.py",
    "gateway/api/visitors.py",
    "gateway/cork.py",
    "gateway/dispatch.py",
    "gateway/edge.py",
    "gateway/hub.py",
    "gateway/ratelimit.py",
    "gateway/sessions.py",
    "gateway/socket.py",
    "gateway/submission.py",
    "gateway/watchers.py",
    "gateway/websocket.py",
    "metrics/ledger.py",
    "runtime/activation.py",
    "runtime/alarms.py",
    "runtime/attachments.py",
    "runtime/clock.py",
    "runtime/courier.py",
    "runtime/decider.py",
    "runtime/departures.py",
    "runtime/host.py",
    "runtime/identity.py",
    "runtime/ingress.py",
    "runtime/linger.py",
    "runtime/link.py",
    "runtime/requester.py",
    "runtime/turn.py",
)
"""None of them makes structs: those are msgspec's, which are machine code already."""

STALE = (
    "What is compiled was made from other sources than these: run `livesupport compile` again, "
    "or `livesupport compile --remove` to run the sources."
)

LOOK_SECONDS = 0.5
"""Between two looks at how far it is."""

_SUFFIX = EXTENSION_SUFFIXES[0]
_LIBRARY = "runtime/livesupport_"
"""Begins its name. In a package: an installation that is edited finds nothing that lies beside those."""


class CompileFailed(Exception):
    """What the compiler said."""


State = Literal["sources", "compiled", "stale"]


class Compiled:
    """What is compiled of the modules below `root`, for the Python that runs this."""

    def __init__(self, root: Path = ROOT, modules: tuple[str, ...] = MODULES) -> None:
        self._root = root
        self._modules = modules

    @property
    def state(self) -> State:
        """What is run: the sources, or what was compiled from them; stale: from others, or not all of it is there."""
        found = self._found()
        if not found:
            return "sources"
        wanted = (*(module.replace(".py", _SUFFIX) for module in self._modules), f"{self._library()}{_SUFFIX}")
        return "compiled" if found == {self._root / file for file in wanted} else "stale"

    def make(self, built: Callable[[int, int], None]) -> None:
        """Compile all, and then replace what was there; `built` is told how many files of how many are compiled.

        Raises `CompileFailed`, and then nothing has changed; and `OSError` if it cannot be written.
        """
        with tempfile.TemporaryDirectory() as scratch:
            sources, made = Path(scratch) / "sources", Path(scratch) / "made"
            # Alone: beside whatever else is installed, one module's name would hide another's from mypy.
            for package in PACKAGES:
                shutil.copytree(self._root / package, sources / package, ignore=shutil.ignore_patterns(f"*{_SUFFIX}"))
            _run([scratch, self._library(), *self._modules], sources, Path(scratch), built)
            self.remove()
            for file in sorted(made.rglob(f"*{_SUFFIX}"), key=_is_not_library):
                shutil.copyfile(file, self._root / file.relative_to(made))

    def remove(self) -> int:
        """Go back to the sources; how many files were taken away. What runs goes on with what it has."""
        found = self._found()
        for file in sorted(found, key=_is_not_library, reverse=True):
            file.unlink()
        return len(found)

    def _found(self) -> set[Path]:
        return {file for package in PACKAGES for file in (self._root / package).rglob(f"*{_SUFFIX}")}

    def _library(self) -> str:
        # Of all sources, since what is compiled relies on the types of what is not.
        digest = hashlib.sha256("\n".join(self._modules).encode())
        for file in sorted(file for package in PACKAGES for file in (self._root / package).rglob("*.py")):
            digest.update(f"\n{file.relative_to(self._root)}\n".encode() + file.read_bytes())
        return f"{_LIBRARY}{digest.hexdigest()[:16]}__mypyc"


def _is_not_library(file: Path) -> bool:
    """The library, which all others need, comes first, and goes last."""
    return not file.name.startswith(Path(_LIBRARY).name)


def _run(arguments: list[str], sources: Path, scratch: Path, built: Callable[[int, int], None]) -> None:
    """In a process of its own: compilers speak to standard output, and change what they are imported into."""
    command = [sys.executable, "-m", "gateway.machine_code.build", *arguments]
    with (scratch / "said").open("w+") as said:
        process = subprocess.Popen(command, cwd=sources, stdout=said, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                built(len(list(scratch.rglob("*.o"))), len(list(scratch.rglob("*.c"))))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()
        said.seek(0)
        lines = [line.rstrip() for line in said if line.strip()]
    if process.returncode:
        raise CompileFailed("\n".join(lines[-20:]))
