"""`livesupport up`: starts everything in the foreground, says where to go, and leaves nothing behind.

The order of starting is the order of need: a free port and a sound configuration first, for they fail fast; then Ray;
then hosts, workers and gateways at once. Standard output has what whoever started it must know: the passwords of the
demo's agents, and then the one line that says that it serves. All else is standard error.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.status import Status

from actors.settings import Settings
from gateway import marker, ray_folder
from gateway.environment import environment
from gateway.foreground import run_in_session
from gateway.joining import NoRay, look_for, why_not
from gateway.listening import listen
from gateway.marker import Marker
from gateway.options import UpOptions, absolute, configured, shown
from gateway.plan import Plan
from gateway.tokens import ray_token, secret
from runtime.journal import StoreFailed
from runtime.journal.holding import Held, Unfit, held
from runtime.local import LocalCluster
from runtime.logs import log_file
from runtime.processes import Cluster, ProcessSpec
from runtime.processes import Status as Answer
from runtime.ray_environment import prepare

HOST, ASSISTANT, BRIDGE, GATEWAY = (
    f"gateway.processes.{kind}:{kind.title()}Process" for kind in ("host", "assistant", "bridge", "gateway")
)
NO_RAY = "none"
"""As an address: everything in this process. To try things, and to see what Ray costs."""
READY_SECONDS = 60.0
READY_SECONDS_EACH = 2.0
"""What starts has a minute, and this for each process besides: Ray starts one to three a second on two cores."""
PING_SECONDS = 2.0
AGAIN_SECONDS = 0.2
"""Between two pings, while some process does not answer."""


class CannotStart(Exception):
    """Why, in one line."""


def run(options: UpOptions) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code. Raises `ConfigError`."""
    settings, words = configured(options)
    return run_in_session(lambda: _serve(options, settings, words))


def _serve(options: UpOptions, settings: Settings, words: dict[str, str]) -> int:
    console = Console(stderr=True, highlight=False)
    stop = threading.Event()
    _heed_signals(stop)
    try:
        data = options.data.absolute()
        settings = replace(settings, store=replace(settings.store, url=absolute(settings.store.url, data)))
        with (
            _reserve(options.host, options.port) as reserved,
            _alone(data),
            _holding(settings.store.url, console),
            _system(settings, data, options, reserved.getsockname()[1], console, stop) as url,
        ):
            if stop.is_set():
                return 0
            _ready(url, words)
            _welcome(console, url, words, log_file(data))
            _watch(stop)
            console.print("Stopping: sending clients away, letting commits end.")
    except CannotStart as why:
        _complain(console, str(why))
        return 1
    except OSError as why:  # what is not listening is writing
        at = f" ({why.filename})" if why.filename else ""
        said = f"{why.strerror or why}{at}. Make room, or choose another with --data."
        _complain(console, f"cannot work in the data directory {options.data.absolute()}: {said}")
        return 1
    return 0


def _complain(console: Console, message: str) -> None:
    console.print(f"livesupport: {message}", style="red", markup=False, soft_wrap=True)


def _heed_signals(stop: threading.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def _reserve(host: str, port: int) -> socket.socket:
    """The port, or a free one for 0, kept from others until the gateways have it. Raises `CannotStart`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:  # without sharing: it must be nobody's
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            port = probe.getsockname()[1]
        return listen(host, port)
    except OSError as why:
        other = "--host" if isinstance(why, socket.gaierror) or why.errno == errno.EADDRNOTAVAIL else "--port"
        raise CannotStart(f"cannot listen on {host}:{port}: {why.strerror}. Choose another with {other}.") from None


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """The data directory, made if need be, is nobody else's meanwhile: two systems would take each other's actors away.

    Raises `CannotStart`.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "up.lock").open("w")
    except OSError as why:
        message = f"cannot write into the data directory {data}: {why.strerror}. Choose another with --data."
        raise CannotStart(message) from None
    with lock:  # the system gives it back, however we end
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"something runs with the data directory {data} already. Stop it, or choose another with --data."
            raise CannotStart(message) from None
        yield


@contextlib.contextmanager
def _holding(store: str, console: Console) -> Iterator[None]:
    """Nobody else runs on the store meanwhile, whatever its data directory. Raises `CannotStart`."""
    with contextlib.ExitStack() as holding:
        try:
            with console.status(f"Asking the store at {shown(store)} ..."):
                holding.enter_context(held(store))
        except Held as holder:
            message = f"the store {shown(store)} is in use by {holder}. Stop that, or choose another with --store."
            raise CannotStart(message) from None
        except Unfit as why:
            raise CannotStart(f"the store {shown(store)} {why}") from None
        except (StoreFailed, OSError) as why:
            message = f"the store {shown(store)} does not answer: {why}. Start it, or choose another with --store."
            raise CannotStart(message) from None
        yield


@contextlib.contextmanager
def _system(
    settings: Settings, data: Path, options: UpOptions, port: int, console: Console, stop: threading.Event
) -> Iterator[str]:
    """Everything started and serving; everything stopped at the end, whatever happened."""
    # Ray takes a while to import, and reads its environment when it is: not before all that fails fast is known.
    with console.status("Starting Ray ...") as status:
        try:
            signing = secret(data)
        except ValueError as why:
            raise CannotStart(str(why)) from None
        token = ray_token(signing) if options.address is None else ""
        prepare(token)
        plan = Plan(settings, str(data), signing, options.host, port, dict(environment(settings)))
        plan.write_logs("up")
        packed = msgspec.msgpack.encode(plan)
        dedicated = {kind: ProcessSpec(HOST, (packed,)) for kind in plan.placement().dedicated}
        try:
            cluster = _cluster(options.address, dedicated, settings.store.url)
        except NoRay as why:
            raise CannotStart(str(why)) from None
        except Exception as why:  # of whatever class: Ray that has not begun in its time raises the barest there is
            raise CannotStart(why_not(options.address, why)) from None
        except SystemExit:  # what Ray makes of a signal while it begins
            stop.set()
            yield ""
            return
        _heed_signals(stop)  # Ray has put a handler of its own in place
        try:
            if cluster.folder:
                ray_folder.succeed(data, Path(cluster.folder))
            if not stop.is_set():  # nobody has wanted it to end while Ray began
                _start(cluster, plan, packed, token, status, console, stop)
            status.stop()
            yield plan.url
        finally:
            stop.set()
            marker.remove(data)
            cluster.stop()


def _start(
    cluster: Cluster, plan: Plan, packed: bytes, token: str, status: Status, console: Console, stop: threading.Event
) -> None:
    """Start every process of the plan, and keep it alive. Returns when all serve, or are to stop."""
    programs = {
        **dict.fromkeys(plan.placement().packed_hosts(), HOST),
        **dict.fromkeys(plan.workers(), ASSISTANT),
        **dict.fromkeys(plan.bridges(), BRIDGE),
        **dict.fromkeys(plan.gateways(), GATEWAY),
    }
    status.update(f"Starting {len(programs)} processes ...")
    cluster.start({n: ProcessSpec(program, (packed,)) for n, program in programs.items()})
    try:
        problems = _await_ready(cluster, list(programs), status, stop)
    except CannotStart as why:
        raise CannotStart(f"{why}. The log has more: {log_file(Path(plan.data))}") from None
    for name, problem in problems.items():
        _complain(console, f"{name}: {problem}")
    here = Marker(os.getpid(), plan.url, cluster.address, list(programs), cluster.namespace, token)
    marker.leave(here, Path(plan.data))
    _keep_alive(cluster, list(programs), stop)


def _cluster(address: str | None, dedicated: dict[str, ProcessSpec], store: str) -> Cluster:
    """Raises `CannotStart`, `NoRay`, and what Ray raises."""
    if address == NO_RAY:
        return LocalCluster(dedicated)
    from runtime.cluster import NAMESPACE, RayCluster, Running

    if address is None:
        return RayCluster(None, dedicated)
    look_for(address)
    # A Ray may have several systems: each is known by its store, which is one system's at a time. And SQLite's file is
    # on this machine, so that nobody on another would find the same in it.
    namespace = f"{NAMESPACE}-{hashlib.sha256(store.encode()).hexdigest()[:12]}"
    cluster = RayCluster(address, dedicated, namespace, here=store.startswith("sqlite:"))
    try:
        cluster.clear()
    except Running as names:
        cluster.leave()
        message = f"something runs with this store on the Ray at {address} already: {names}. Stop it, or choose another"
        raise CannotStart(f"{message} with --store.") from None
    return cluster


def _await_ready(
    cluster: Cluster,
    names: list[str],
    status: Status,
    stop: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, str]:
    """Returns when all have begun, with what some of them say is wrong. Raises `CannotStart`."""
    patience_seconds = READY_SECONDS + READY_SECONDS_EACH * len(names)
    until = clock() + patience_seconds
    waiting = names
    problems: dict[str, str] = {}
    while waiting and not stop.is_set():
        answers = cluster.status(waiting, timeout_seconds=1.0)
        for name, answer in answers.items():
            if answer is not None and "failed" in answer:
                raise CannotStart(f"{name} cannot begin: {answer['failed']}")
            if answer is not None and "problem" in answer:
                problems[name] = answer["problem"]
        waiting = [name for name, answer in answers.items() if answer is None]
        status.update(f"Waiting for {', '.join(waiting)} ...")
        if waiting and clock() > until:
            raise CannotStart(f"{', '.join(waiting)} did not come up in {patience_seconds:.0f} s")
    return problems


def _keep_alive(cluster: Cluster, names: list[str], stop: threading.Event) -> None:
    """Call every process now and then: one that Ray has restarted begins when it is called, and rings its alarms."""
    threading.Thread(target=_ping, args=(cluster, names, stop), name="keep alive", daemon=True).start()


def _ping(cluster: Cluster, names: list[str], stop: threading.Event) -> None:
    answers: Mapping[str, Answer] = {}
    while not stop.wait(AGAIN_SECONDS if None in answers.values() else PING_SECONDS):
        with contextlib.suppress(Exception):
            answers = cluster.status({*names, *cluster.names()}, timeout_seconds=PING_SECONDS)


def _watch(stop: threading.Event) -> None:
    while not stop.wait(3600):
        pass


def _ready(url: str, words: Mapping[str, str]) -> None:
    """The line comes last: who has read it has read the rest."""
    for email, password in words.items():
        print(f"{email:<24} {password}")
    print(f"ready {url}", flush=True)


def _welcome(console: Console, url: str, words: Mapping[str, str], log: Path) -> None:
    console.print(f"\n  Chat as a visitor   [bold]{url}/[/]\n  Answer as an agent  [bold]{url}/dashboard[/]\n")
    if words:
        console.print("  Log in with an address and a password from above. They are new at each start.\n")
    console.print(f"  Log: {log}", style="dim", markup=False)
    console.print("  Ctrl-C stops everything.", style="dim")
