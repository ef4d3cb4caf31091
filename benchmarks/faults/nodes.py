"""A Ray of several nodes on one machine: each has a raylet of its own, and dies with all that it runs."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from benchmarks.processes import parent
from runtime.ray_environment import prepare

OBJECT_STORE_BYTES = 80 * 1024 * 1024


class Nodes:
    """A context manager: the head, and two more. What is killed stays dead."""

    def __init__(self, others: int = 2) -> None:
        self._others = others
        self._cluster: Any = None

    def __enter__(self) -> Nodes:
        prepare()
        from ray.cluster_utils import Cluster

        options = {"num_cpus": 1, "object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
        self._cluster = Cluster(initialize_head=True, head_node_args=options)
        for _ in range(self._others):
            self._cluster.add_node(**options)
        return self

    @property
    def address(self) -> str:
        """Where a driver joins."""
        return str(self._cluster.address)

    def kill_one(self, ours: Mapping[int, str]) -> list[str]:
        """SIGKILL to a node that is not the head, and runs something of ours; what that was. `ours`: names by pid."""
        raylets = {self._raylet(node): node for node in self._cluster.worker_nodes}
        below = {raylet: [pid for pid in ours if parent(pid) == raylet] for raylet in raylets}
        raylet, pids = max(below.items(), key=lambda one: len(one[1]))
        assert pids, "no node but the head runs anything of ours"
        for pid in (raylet, *pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._cluster.remove_node(raylets[raylet], allow_graceful=False)
        return [ours[pid] for pid in pids]

    @staticmethod
    def _raylet(node: Any) -> int:
        (info,) = node.all_processes["raylet"]
        return int(info.process.pid)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cluster.shutdown()
