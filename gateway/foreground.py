"""Runs a program in a session of its own, so that it ends as one: whole, in order, and with nothing left behind.

A Ctrl-C, or a signal to the process group, would otherwise reach Ray's processes too, and kill what a clean stop
needs. Here it reaches the parent alone, which passes it on; and when the program has ended, or the parent dies,
whatever is left of the session is ended.
"""

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable

STOP_SECONDS = 20.0


def run_in_session(program: Callable[[], int]) -> int:
    """The program's exit code. To be called before any thread is started."""
    alive, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(held)
        _exit_with(program, alive)
    os.close(alive)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(child))
    try:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1
    finally:
        _end(child)
        os.close(held)


def _exit_with(program: Callable[[], int], alive: int) -> None:
    code = 1
    try:
        os.setsid()
        threading.Thread(target=_stop_with_parent, args=(alive,), name="parent watch", daemon=True).start()
        code = program()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # nothing above us says it: we are gone when this ends
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)  # Ray's own exit handlers have run, or must not keep us


def _stop_with_parent(alive: int) -> None:
    os.read(alive, 1)  # returns when the parent is gone
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)
    # A stop that hangs is ended by force: whatever was acked is durable.
    signal.signal(signal.SIGALRM, lambda *_: _end(child))
    signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
