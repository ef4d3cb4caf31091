"""What a program that runs in a session of its own leaves behind: its exit code, and its last words."""

import subprocess
import sys

import pytest

RUN = "import sys; from gateway.foreground import run_in_session; sys.exit(run_in_session(lambda: {}))"


def ended(program: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", RUN.format(program)], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize(("program", "code"), [("0", 0), ("3", 3), ("sys.exit(4)", 4)])
def test_its_exit_code_is_the_programs(program: str, code: int) -> None:
    assert ended(program) == (code, "")


def test_what_nobody_has_foreseen_is_not_swallowed() -> None:
    code, said = ended("1 / 0")
    assert code == 1
    assert "ZeroDivisionError" in said
