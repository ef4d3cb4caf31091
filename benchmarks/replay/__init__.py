"""The replay: real dialogues played against a running server, and every conversation compared afterwards."""

from benchmarks.replay.command import main
from benchmarks.replay.run import replay

__all__ = ["main", "replay"]
