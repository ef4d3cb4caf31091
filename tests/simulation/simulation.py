"""The whole system in one plain loop: hosts, links, gateways, workers and the store, with everything that can go wrong.

    simulation = Simulation([MyMachine()], Placement(3), seed=7, faults=ROUGH)
    watch = simulation.watch("visitor/v", actor)
    handle = simulation.command("visitor/v", actor, "ref-1", MyCommand())
    simulation.at(500, lambda: ...)        # more of the workload, when its time has come
    simulation.run(10_000)                 # ten seconds pass, with faults
    simulation.settle()                    # the faults end; runs until all is answered and quiet
    simulation.check()                     # raises `Violation`, naming the seed

`simulation.loop.dice` is the only randomness a workload may use. `crash` and `hang` do what the faults do, on purpose.
Requests to workers are answered by `pools={"assistant": Pool([Question], lambda simulation, actor, request: [...])}`.
What happened is asked of `simulation.checker`: `events`, `state` and `tells` of an actor, `measures`; its `fail(what)`
names the seed. Frames and lobby rows that reached gateways are in `pushed` and `announced` (for the `topics` followed).

It runs the very `Host`, `Links` and `Ingress` that production runs; the shells around them are this package's.
The same seed takes the same steps, in every process and on every machine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from runtime.host import Host
from runtime.identity import ActorId
from runtime.journal.memory import MemoryJournal
from runtime.limits import HostLimits
from runtime.machine import Command, Machine
from runtime.messages import Announced, Pushed
from runtime.placement import Placement
from tests.simulation.checker import Checker
from tests.simulation.faults import CALM, Faults
from tests.simulation.gateways import Gateway, Handle, Watch
from tests.simulation.hosts import HostProcess
from tests.simulation.loop import Action, Loop
from tests.simulation.network import Network
from tests.simulation.process import Process
from tests.simulation.store import Store
from tests.simulation.workers import Pool, Worker

START_MS = 1_700_000_000_000
REDEPLOY_MS = 7_000
"""Nothing that was under way to the store when everything was killed is still under way by then."""

SMALL = HostLimits(
    mailbox_commands=20,
    held_actors=30,
    idle_ms=4_000,
    turn_commands=10,
    run_commands=5,
    row_delay_ms=200,
    lease_ms=2_000,
    snapshot_events=4,
    wakes_a_poll=3,
    retry_ms=300,
)
"""Bounds that a short run meets."""


class Simulation:
    """See the module. `journal` and `host_class` are there to be replaced by ones with a bug in them."""

    def __init__(
        self,
        machines: Iterable[Machine],
        placement: Placement,
        seed: int,
        faults: Faults = CALM,
        residents: Sequence[ActorId] = (),
        *,
        gateways: int = 2,
        limits: HostLimits = SMALL,
        pools: Mapping[str, Pool] | None = None,
        topics: Sequence[str] = (),
        host_class: type[Host] = Host,
        journal: MemoryJournal | None = None,
    ) -> None:
        self.machines = list(machines)
        self.placement = placement
        self.seed = seed
        self.faults = faults
        self.residents = residents
        self.limits = limits
        self.pools = pools or {}
        self.topics = topics
        self.host_class = host_class
        self.loop = Loop(seed, START_MS)
        self.network = Network(self)
        self.store = Store(self, journal if journal is not None else MemoryJournal())
        self.checker = Checker(self)
        self.store.written = self.checker.written
        self.handles: list[Handle] = []
        self.watches: list[Watch] = []
        self.pushed: list[Pushed] = []
        self.announced: list[Announced] = []
        self.gateway_names = [f"gateway/{number}" for number in range(gateways)]
        self._lives: dict[str, int] = {}
        self._returning: set[str] = set()
        self.left: list[str] = []
        self.cuts = 0
        self._processes: dict[str, Process] = {}
        self._hung: list[Process] = []
        self._planned_anew = 0
        self._begin()

    # The workload

    @property
    def now_ms(self) -> int:
        """The time, as clients see it."""
        return self.loop.now_ms

    def command(
        self,
        sender: str,
        to: ActorId,
        ref: str,
        command: Command,
        then: Callable[[Handle], None] = lambda handle: None,
        gateway: str = "",
    ) -> Handle:
        """A client sends a command, again and again until it has an answer other than `overloaded`; `then` hears it.

        A sender uses the same gateway every time, unless one is named.
        """
        handle = Handle(gateway or self._gateway_of(sender), to, sender, ref, command)
        handle.order = len(self.handles)
        handle.then = then
        self.handles.append(handle)
        self._with_gateway(handle.gateway, lambda one: one.send(handle))
        return handle

    def watch(self, sender: str, actor: ActorId, session: str = "", told: bool = True, gateway: str = "") -> Watch:
        """A client's session is attached to the actor, and attached again whenever that is needed."""
        name = session or f"session-{len(self.watches)}"
        watch = Watch(gateway or self._gateway_of(sender), actor, sender, name, told)
        self.watches.append(watch)
        self._with_gateway(watch.gateway, lambda one: one.attach(watch))
        return watch

    def unwatch(self, watch: Watch) -> None:
        """The session ends."""
        watch.open = False
        self._with_gateway(watch.gateway, lambda one: one.detach(watch))

    def at(self, delay_ms: int, action: Action) -> None:
        """Do something after a delay."""
        self.loop.later(delay_ms, action)

    def crash(self, name: str) -> None:
        """Kill a process now; it is started again after a while."""
        process = self._processes.get(name)
        if process is not None:
            self.exit(process)

    def redeploy(self, machines: Iterable[Machine], placement: Placement, residents: Sequence[ActorId]) -> None:
        """Everything is killed at once, and begun anew with other settings on what the store holds by then."""
        for process in [*self._processes.values(), *self._hung]:
            process.crash()
            self.network.broken(process)
        self._processes.clear()
        self._returning.clear()

        def anew() -> None:
            self.machines, self.placement, self.residents = list(machines), placement, residents
            self.checker.redeployed()
            self._begin()

        self._down = True
        self._planned_anew += 1
        planned = self._planned_anew
        self.loop.later(REDEPLOY_MS, lambda: anew() if planned == self._planned_anew else None)

    def _begin(self) -> None:
        self._down = False
        workers = [f"{pool}/{n}" for pool in self.pools for n in range(self.placement.pools[pool])]
        for name in (*self.placement.packed_hosts(), *self.gateway_names, *workers):
            self._start(name)

    def hang(self, name: str, for_ms: int, replaced: bool) -> None:
        """A process stands still; another may take its place meanwhile."""
        process = self._processes.get(name)
        if process is not None:
            process.hung = True
            self._hung.append(process)
            self.loop.later(for_ms, process.resume)
            if replaced:
                self.loop.later(min(for_ms // 2, 3_000), lambda: self._replace(process))

    # Running

    def run(self, ms: int, done: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, or until it is done. Whether it is."""
        return self.loop.run(self.loop.now_ms + ms, done)

    def heal(self) -> None:
        """Nothing goes wrong any more; what hangs or is away comes back."""
        self.faults = CALM
        self.store.back()
        for process in self._hung:
            process.resume()

    def settle(self, quiet_ms: int = 12_000, most_ms: int = 300_000) -> None:
        """The faults end; runs until every command is answered, and then as long as the slowest retry takes."""
        self.heal()
        self.run(most_ms, lambda: all(handle.reply is not None for handle in self.handles))
        self.run(quiet_ms)
        self.run(2_000, self._quiet)

    def _quiet(self) -> bool:
        # Not in the middle of something that has only just begun, such as a deadline.
        idle = all(link.idle for process in self._processes.values() for _, link in process.links)
        return idle and not any(
            activation.turns or activation.mailbox
            for process in self.host_processes()
            for activation in process.host.activations.values()
        )

    def check(self, slack_ms: int = 5_000) -> None:
        """What must hold in every run. Raises `Violation`."""
        self.checker.at_end(slack_ms)

    # Processes

    def find(self, name: str) -> Process | None:
        """Who has that name now. A dedicated host is started when it is first called."""
        process = self._processes.get(name)
        if process is None and name not in self._returning and self.placement.is_dedicated(name):
            self._start(name)
        if isinstance(process, HostProcess) and not process.started:
            return None
        return process

    def host_processes(self) -> list[HostProcess]:
        """The hosts that live."""
        return [one for one in self._processes.values() if isinstance(one, HostProcess)]

    def watches_at(self, gateway: str) -> list[Watch]:
        """The open sessions of a gateway."""
        return [watch for watch in self.watches if watch.gateway == gateway and watch.open]

    def dies(self, process: Process) -> bool:
        """Asked before each step of a process: whether it does not come to that."""
        if self.loop.chance(getattr(self.faults, process.crash_chance)):
            self.exit(process)
            return True
        if isinstance(process, HostProcess) and self.loop.chance(self.faults.host_hang):
            self.hang(process.name, self.loop.between(100, 20_000), replaced=self.loop.chance(0.5))
        return False

    def exit(self, process: Process) -> None:
        """The process is gone; it is started again under its name, if no other has taken its place."""
        if self._gone(process):
            self._returning.add(process.name)
            self.loop.later(self.loop.between(*process.restart_ms), lambda: self._start(process.name))

    def leave(self, process: Process) -> None:
        """The process ends for good: whoever calls its name next starts it."""
        if self._gone(process):
            self.left.append(process.name)

    def _gone(self, process: Process) -> bool:
        # False: another has taken its place.
        process.crash()
        self.network.broken(process)
        return self._processes.get(process.name) is process and self._processes.pop(process.name) is process

    def _replace(self, process: Process) -> None:
        if self._processes.get(process.name) is process and process.hung:
            del self._processes[process.name]
            self.network.broken(process)
            self._start(process.name)

    def _start(self, name: str) -> None:
        self._returning.discard(name)
        if name in self._processes or not self._planned(name):
            return
        life = self._lives[name] = self._lives.get(name, 0) + 1
        if name in self.gateway_names:
            self._processes[name] = gateway = Gateway(self, name, life)
            self._reconnect(gateway)
        elif name.partition("/")[0] in self.pools:
            self._processes[name] = Worker(self, name, life)
        else:
            self._processes[name] = HostProcess(self, name, life)

    def _planned(self, name: str) -> bool:
        # By the present settings: who was to be started again when others came is not.
        if self._down:
            return False
        if name in self.gateway_names or self.placement.is_dedicated(name):
            return True
        pool, _, number = name.partition("/")
        return int(number) < self.placement.pools[pool] if pool in self.pools else name in self.placement.packed_hosts()

    def _reconnect(self, gateway: Gateway) -> None:
        # Clients come back one by one, send what was never answered, and go on watching from where they were.
        for handle in self.handles:
            if handle.gateway == gateway.name and handle.reply is None:
                handle.tries = max(1, handle.tries)
                gateway.later(self.loop.between(0, 500), lambda handle=handle: gateway.send(handle))  # type: ignore[misc]
        for watch in self.watches_at(gateway.name):
            watch.holding = True
            gateway.later(self.loop.between(0, 500), lambda watch=watch: gateway.attach(watch))  # type: ignore[misc]

    def _gateway_of(self, sender: str) -> str:
        return self.gateway_names[sum(sender.encode()) % len(self.gateway_names)]

    def _with_gateway(self, name: str, action: Callable[[Gateway], None]) -> None:
        # A gateway that is down sends what waits when it is back: see `_reconnect`.
        process = self._processes.get(name)
        if isinstance(process, Gateway):
            action(process)
