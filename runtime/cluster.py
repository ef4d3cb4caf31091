"""The processes of the system as Ray actors: started, named, restarted and found by Ray. Only this file imports Ray.

What a process is asked now and then is a Ray call; the batches of its links go over a wire that Ray told the way to.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import ray
from msgspec.structs import replace
from ray.exceptions import RayActorError, RayError, RaySystemError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from runtime.courier import Unreachable
from runtime.lines import Line
from runtime.processes import EDGES, ProcessSpec, Status, in_stopping_order
from runtime.wire import Address, Handler, Listener, Wire, connect

log = logging.getLogger(__name__)

NAMESPACE = "livesupport"
"""How the namespaces of all systems begin; that of one with a Ray to itself is called so."""
_CONCURRENCY = 10_000
_OBJECT_STORE_BYTES = 80 * 1024 * 1024
_LOOPBACK = "127.0.0.1"
WHERE_SECONDS = 10.0
"""How long a process may take to say where it listens: as long as one takes to start on a busy machine."""
UP_SECONDS = 2.0
"""How long a process may take to show that it is up when all is to end."""
IDLE_SECONDS = 600.0
"""A peer that was not called for so long is let go of, and found again when it is called."""
LEAVING_SECONDS = 10.0
"""How long the processes of a system may outlive whoever has started them, until Ray has ended them."""
_AGAIN_SECONDS = 0.2
_NEEDLESS = ("start_api_server", "start_monitor", "start_log_monitor")
"""Methods of Ray's that start its dashboard, even where none is wanted, its autoscaler, and what reads its logs out."""
HOST = "host/0"
"""Every system has it; it ends with whoever has started the system."""


class Running(Exception):
    """The names of processes of a system that runs already."""


class Site(msgspec.Struct, frozen=True):
    """Where the processes of one system are started. It is pickled with each of them: names and specs only.

    Systems that share a Ray have a `namespace` each. `dedicated` says, by kind, what to start for an actor that has a
    host of its own. With `loopback` no other machine is met. `node`: the one node of Ray that all must be on; without,
    they are spread over all.
    """

    namespace: str = NAMESPACE
    dedicated: dict[str, ProcessSpec] = {}
    loopback: bool = True
    node: str = ""


class RayNetwork:
    """See `runtime.processes.Network`. It is pickled."""

    shared_interpreter = False

    def __init__(self, site: Site) -> None:
        self._site = site
        self._handles: dict[str, Any] = {}
        self._wires: dict[str, Wire] = {}
        self._listening: asyncio.Task[Address] | None = None

    def restarted(self) -> bool:
        """Ray has begun this actor anew."""
        return bool(ray.get_runtime_context().was_current_actor_reconstructed)

    async def listen(self, handler: Handler) -> bytes:
        """Where this process takes batches, for others to connect to."""
        if self._listening is None:
            node: Callable[[], str] = ray.util.get_node_ip_address
            host = _LOOPBACK if self._site.loopback else node()
            self._listening = asyncio.get_running_loop().create_task(Listener(handler).start(host))
        listening = self._listening
        try:
            return msgspec.msgpack.encode(await asyncio.shield(listening))
        except OSError:
            if self._listening is listening:
                self._listening = None  # whoever asks next has it tried again
            raise

    async def call(self, peer: str, batch: bytes) -> bytes:
        """Deliver a batch. Raises `Unreachable`: the same batch may be sent again."""
        wire = self._wires.get(peer)
        if wire is None or wire.broken:
            wire = await self._connect(peer)
            self._let_go(asyncio.get_running_loop().time() - IDLE_SECONDS)
            before, self._wires[peer] = self._wires.get(peer), wire
            if before is not None:
                before.close()  # another call has connected meanwhile
        return await wire.call(batch)

    def _let_go(self, since: float) -> None:
        # Where each conversation is a process, most peers are never called again.
        for peer in [peer for peer, wire in self._wires.items() if wire.idle_since(since)]:
            self._wires.pop(peer).close()
            self._handles.pop(peer, None)

    async def _connect(self, peer: str) -> Wire:
        try:
            async with asyncio.timeout(WHERE_SECONDS):
                where = await self.ask(peer, "where")
        except (TimeoutError, RayTaskError) as why:  # it does not say, or could not listen
            raise Unreachable(type(why).__name__) from None
        return await connect(msgspec.msgpack.decode(where, type=Address))

    async def ask(self, peer: str, method: str, *arguments: Any) -> bytes:
        """What a method of the process returns. Raises `Unreachable`."""
        try:
            handle = self._handles.get(peer) or await self._find(peer)
            answer: bytes = await getattr(handle, method).remote(*arguments)
        except (RayActorError, RaySystemError, ValueError) as why:
            self._handles.pop(peer, None)
            raise Unreachable(type(why).__name__) from None
        return answer

    async def names(self) -> list[str]:
        """Every process that lives, dedicated hosts too."""
        return await asyncio.get_running_loop().run_in_executor(None, process_names, self._site.namespace)

    def leave(self, name: str) -> None:
        """End this process for good, where Ray would begin it again after any other end."""
        ray.kill(ray.get_runtime_context().current_actor)

    async def _find(self, peer: str) -> Any:
        handle = await asyncio.get_running_loop().run_in_executor(None, self._look_up, peer)
        self._handles[peer] = handle
        return handle

    def _look_up(self, peer: str) -> Any:
        spec = self._site.dedicated.get(peer.partition("/")[0])
        if spec is not None:
            return start_actor(peer, spec, self._site, detached=True)
        return ray.get_actor(peer, namespace=self._site.namespace)


class _Actor:
    """A process as Ray knows it, and those who call it: each of them loads this class, and not all that it imports."""

    def __init__(self, spec: ProcessSpec, network: RayNetwork, name: str) -> None:
        self._process = spec.load()(network, name, *spec.arguments)

    async def where(self) -> bytes:
        answer: bytes = await self._process.where()
        return answer

    async def status(self) -> Status:
        answer: Status = await self._process.status()
        return answer

    async def metrics(self) -> bytes:
        answer: bytes = await self._process.metrics()
        return answer

    async def stop(self) -> None:
        await self._process.stop()


def start_actor(name: str, spec: ProcessSpec, site: Site, detached: bool = False) -> Any:
    """Start the process as a named Ray actor, or find it if it lives. Returns at once; it may still be starting."""
    titled = type(spec.title, (_Actor,), {})  # Ray gives the operating system's process its name
    program: Any = ray.remote(titled)
    options: dict[str, Any] = {
        "name": name,
        "namespace": site.namespace,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(site.node, soft=False) if site.node else "SPREAD",
        "get_if_exists": True,
        "num_cpus": 0,
        "max_restarts": -1,
        "max_task_retries": 0,
        "max_concurrency": _CONCURRENCY,
        "enable_task_events": False,
    }
    if detached:
        options["lifetime"] = "detached"
    return program.options(**options).remote(spec, RayNetwork(site), name)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """What begins meanwhile is a Ray that runs actors, and nothing besides.

    That is three processes less, of 45 MB each; `ray.init` has no option for it, and would wait until one of them
    serves. Where a version of Ray has no such class or method, it starts what it likes.
    """
    node = getattr(sys.modules.get("ray._private.node"), "Node", None)
    usual = {name: getattr(node, name) for name in _NEEDLESS if hasattr(node, name)}
    for name in usual:
        setattr(node, name, lambda *_, **__: None)
    try:
        yield
    finally:
        for name, method in usual.items():
            setattr(node, name, method)


class RayCluster:
    """See `runtime.processes.Cluster`; without an address, with a Ray of its own.

    `here`: all processes are to be on this machine. The rest is as in `Site`.
    """

    def __init__(
        self,
        address: str | None = None,
        dedicated: dict[str, ProcessSpec] | None = None,
        namespace: str = NAMESPACE,
        here: bool = False,
    ) -> None:
        try:
            # Its processes import from the folder that Ray is joined in before they look elsewhere. So it is joined
            # where this code is: they run the same, whatever lies in the folder of whoever has started it.
            with contextlib.chdir(Path(__file__).parent.parent), _alone():
                # An embedded start must say "local", or it joins whatever cluster somebody left behind.
                context: Any = ray.init(
                    address=address or "local",
                    namespace=namespace,
                    include_dashboard=False if address is None else None,
                    object_store_memory=_OBJECT_STORE_BYTES if address is None else None,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    configure_logging=False,
                )
        except BaseException:  # also SystemExit: while Ray begins, that is what it makes of a SIGTERM
            ray.shutdown()
            raise
        node = str(ray.get_runtime_context().get_node_id()) if here else ""
        self._site = Site(namespace, dedicated or {}, loopback=address is None, node=node)
        self._handles: dict[str, Any] = {}
        self._folder = str(context.address_info["session_dir"]) if address is None else ""

    @property
    def folder(self) -> str:
        """Where Ray keeps its logs and sockets, if it is our own."""
        return self._folder

    @property
    def address(self) -> str:
        """Where others join this Ray."""
        return str(ray.get_runtime_context().gcs_address)

    @property
    def namespace(self) -> str:
        """That of the processes' names."""
        return self._site.namespace

    def start(self, processes: Mapping[str, ProcessSpec]) -> None:
        """Start these processes by name, all at once."""
        for name, spec in processes.items():
            self._handles[name] = start_actor(name, spec, self._site)

    def status(self, names: Iterable[str], timeout_seconds: float) -> dict[str, Status]:
        """What each process says of itself, in the time given."""
        names = list(names)
        answers = self._call(names, "status", timeout_seconds)
        return {name: _status_of(answers.get(name)) for name in names}

    def _call(self, names: Iterable[str], method: str, timeout_seconds: float) -> dict[str, Any]:
        """What each process that lives has returned in the time given, or the `RayError` that says why it has not."""
        handles = {name: handle for name in names if (handle := self._handle(name)) is not None}
        calls = {name: getattr(handle, method).remote() for name, handle in handles.items()}
        if calls:
            ray.wait(list(calls.values()), num_returns=len(calls), timeout=timeout_seconds)
        return {name: _outcome(call) for name, call in calls.items()}

    def _handle(self, name: str) -> Any:
        if name not in self._handles:
            try:
                self._handles[name] = ray.get_actor(name, namespace=self._site.namespace)
            except ValueError:
                return None
        return self._handles[name]

    def names(self) -> list[str]:
        """Every process that lives, dedicated hosts too."""
        return process_names(self._site.namespace)

    def clear(self) -> None:
        """Make sure that no process of this system lives: dedicated hosts outlive one that was killed, for good.

        The others end by themselves, soon after who has started them. Raises `Running` if they do not.
        """
        until = time.monotonic() + LEAVING_SECONDS
        while names := self.names():
            if time.monotonic() > until:
                raise Running(", ".join(names))
            if HOST not in names:
                for name in names:
                    ray.kill(self._handle(name))
            time.sleep(_AGAIN_SECONDS)
        self._handles.clear()

    def leave(self) -> None:
        """Leave this Ray, and all that runs there, as it is."""
        ray.shutdown()

    def systems(self) -> list[str]:
        """The namespaces of all systems that run on this Ray."""
        named = ray.util.list_named_actors(all_namespaces=True)
        return sorted({one["namespace"] for one in named if one["namespace"].startswith(NAMESPACE)})

    def beside(self, namespace: str) -> "RayCluster":
        """Another system on the same Ray."""
        other = copy(self)
        other._site, other._handles = replace(self._site, namespace=namespace), {}
        return other

    def stop(self, each: Callable[[str], None] = lambda name: None, timeout_seconds: float = 5.0) -> None:
        """End every process, edges first, then this Ray if it is embedded. Edges and others have so much time each.

        What Ray is only just starting, or starting again, holds nothing that would have to end in order: it is killed.
        """
        here = self._call(in_stopping_order(self.names()), "__ray_ready__", UP_SECONDS)
        for _, alike in groupby(here, lambda name: name.startswith(EDGES)):
            ends = {name: here[name] for name in alike}
            up = [name for name, answer in ends.items() if not isinstance(answer, RayError)]
            for name, stopped in (ends | self._call(up, "stop", timeout_seconds)).items():
                if isinstance(stopped, RayError):
                    log.warning(Line("not stopped in order", peer=name, why=type(stopped).__name__))
                ray.kill(self._handles[name])
                each(name)
        ray.shutdown()


def process_names(namespace: str) -> list[str]:
    """The processes of a system that Ray knows of."""
    named = ray.util.list_named_actors(all_namespaces=True)
    return sorted(one["name"] for one in named if one["namespace"] == namespace)


def _outcome(call: Any) -> Any:
    try:
        return ray.get(call, timeout=0.01)
    except RayError as why:
        return why


def _status_of(answer: Any) -> Status:
    if isinstance(answer, RayTaskError):
        return {"failed": str(answer.cause or answer).strip().splitlines()[-1]}
    told: Status = None if isinstance(answer, RayError) else answer
    return told
