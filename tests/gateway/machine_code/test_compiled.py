"""Compiled from the sources, it is run instead of them; changed since, nobody runs it without being told."""

import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from gateway.machine_code.compiled import MODULES, PACKAGES, ROOT, STALE, Compiled, CompileFailed

SUFFIX = EXTENSION_SUFFIXES[0]
LINGER = "runtime/linger.py"
BUILD = ("gateway/machine_code/__init__.py", "gateway/machine_code/build.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Of our own sources one small module, and what builds it."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
    (tmp_path / "gateway/machine_code").mkdir()
    for file in (LINGER, "runtime/__init__.py", "gateway/__init__.py", *BUILD):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    return tmp_path


def unheard(done: int, of: int) -> None:
    """Nobody looks on."""


def put(root: Path, *files: str) -> None:
    for file in files:
        (root / file).write_bytes(b"")


def library_of(compiled: Compiled) -> str:
    return f"{compiled._library()}{SUFFIX}"


def linger_in(root: Path) -> list[str]:
    """Where Python finds it, and what it makes of half a busy round."""
    code = "from runtime import linger; print(linger.__file__); print(linger.linger(0.5, 1, 2))"
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_what_is_compiled_is_run_until_it_is_taken_away(tree: Path) -> None:
    compiled = Compiled(tree, (LINGER,))
    heard: list[tuple[int, int]] = []
    assert compiled.state == "sources"
    compiled.make(lambda done, of: heard.append((done, of)))
    assert compiled.state == "compiled"
    assert linger_in(tree) == [str(tree / f"runtime/linger{SUFFIX}"), "0.25"]
    assert heard[0] == (0, 0)
    assert heard == sorted(heard)
    assert compiled.remove() == 2
    assert compiled.state == "sources"
    assert linger_in(tree) == [str(tree / LINGER), "0.25"]
    assert compiled.remove() == 0


def test_what_does_not_compile_is_said_and_changes_nothing(tree: Path) -> None:
    compiled = Compiled(tree, (LINGER,))
    before = f"runtime/linger{SUFFIX}"
    put(tree, before)
    (tree / LINGER).write_text("def\n")
    with pytest.raises(CompileFailed, match=r"runtime/linger\.py:1: error: "):
        compiled.make(unheard)
    assert (tree / before).exists()


@pytest.mark.parametrize("changed", ["runtime/two.py", "runtime/types_of_theirs.py"])
def test_what_was_made_of_other_sources_is_stale(tmp_path: Path, changed: str) -> None:
    (tmp_path / "runtime").mkdir()
    compiled = Compiled(tmp_path, ("runtime/one.py", "runtime/two.py"))
    put(tmp_path, "runtime/one.py", "runtime/two.py", "runtime/types_of_theirs.py")
    put(tmp_path, f"runtime/one{SUFFIX}", f"runtime/two{SUFFIX}", library_of(compiled))
    assert compiled.state == "compiled"
    (tmp_path / changed).write_text("changed = True\n")
    assert compiled.state == "stale"
    (tmp_path / changed).write_text("")
    assert compiled.state == "compiled"


@pytest.mark.parametrize("gone", [f"runtime/one{SUFFIX}", ""])
def test_what_is_there_in_part_is_stale(tmp_path: Path, gone: str) -> None:
    (tmp_path / "runtime").mkdir()
    compiled = Compiled(tmp_path, ("runtime/one.py", "runtime/two.py"))
    put(tmp_path, "runtime/one.py", "runtime/two.py")
    put(tmp_path, f"runtime/one{SUFFIX}", f"runtime/two{SUFFIX}", library_of(compiled))
    (tmp_path / (gone or library_of(compiled))).unlink()
    assert compiled.state == "stale"


def test_a_module_that_is_compiled_no_more_is_stale(tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    put(tmp_path, "runtime/one.py", "runtime/two.py", f"runtime/one{SUFFIX}", f"runtime/two{SUFFIX}")
    compiled = Compiled(tmp_path, ("runtime/one.py",))
    put(tmp_path, library_of(compiled))
    assert compiled.state == "stale"


def test_another_pythons_is_nothing_to_this_one(tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir()
    put(tmp_path, "runtime/one.py", "runtime/one.cpython-27-x86_64-linux-gnu.so")
    assert Compiled(tmp_path, ("runtime/one.py",)).state == "sources"


def test_every_module_is_there_and_makes_no_struct() -> None:
    for module in MODULES:
        assert "Struct" not in (ROOT / module).read_text(), module


def test_commands_refuse_to_run_what_is_stale(tree: Path) -> None:
    for file in ("gateway/cli.py", "gateway/machine_code/command.py", "gateway/machine_code/compiled.py", *MODULES):
        (tree / file).parent.mkdir(exist_ok=True)
        (tree / file).write_bytes((ROOT / file).read_bytes())
    put(tree, f"runtime/linger{SUFFIX}")

    def said(*arguments: str) -> tuple[int, str]:
        line = [sys.executable, "-m", "gateway.cli", *arguments]
        run = subprocess.run(line, cwd=tree, capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr

    assert said("status") == (1, f"{STALE}\n")
    assert said("compile", "--remove") == (0, "The sources are run.\n")
    assert said("compile", "--remove") == (0, "Nothing is compiled: the sources are run.\n")
