"""The command ``livesupport``.

It reads options and says what is wrong with them. The work is elsewhere, and imported by the command that needs it, so
that ``--help`` answers at once. A user's mistake is a sentence on standard error and exit code 1, never a traceback.
"""

import errno
import importlib
import importlib.util
import os
import pkgutil
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.config import Mistake

app = typer.Typer(
    name="livesupport",
    help="Live support for AI chat bots: each conversation and each agent an actor, placed by Ray.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ConfigFile = Annotated[Path, typer.Argument(metavar="FILE", help="The TOML file.")]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="TOML file; without: the demo.")]
DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the store and the secret are kept.")]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port to listen on; 0: any free one.")]
StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="sqlite:///PATH or redis://HOST:PORT/DB.")
]
HostsOption = Annotated[int | None, typer.Option("--hosts", min=1, max=1_024, help="Ray actors that hold the actors.")]
GatewaysOption = Annotated[int | None, typer.Option("--gateways", min=1, max=1_024, help="Ray actors that serve.")]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="RAY_ADDRESS",
        help="A running Ray; without: one of its own; none: no Ray.",
    ),
]
RunningOption = Annotated[
    str | None, typer.Option("--address", metavar="RAY_ADDRESS", help="Its Ray; without: as the data directory says.")
]
BenchName = Annotated[
    str, typer.Argument(metavar="NAME", help="A module of benchmarks/, and its own options; without: which there are.")
]


_MAIN = re.compile(r"^def main\(|^from .* import .*\bmain\b", re.MULTILINE)


@app.callback()
def before(context: typer.Context) -> None:
    """Refuses to run what was compiled from other sources: it would do something, and nobody knew what."""
    from gateway.machine_code.compiled import STALE, Compiled

    if context.invoked_subcommand != "compile" and Compiled().state == "stale":
        _fail(STALE)


@app.command()
def up(
    config: ConfigOption = None,
    data: DataOption = Path("data"),
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    store: StoreOption = None,
    hosts: HostsOption = None,
    gateways: GatewaysOption = None,
    address: AddressOption = None,
) -> None:
    """Start everything in the foreground; SIGTERM ends it. Gives up after 60 s, and 2 s more for each process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # nothing has been started yet that would have to be stopped
    from gateway.config import ConfigError
    from gateway.options import UpOptions

    _need_store(store)
    options = UpOptions(
        config=config, data=data, host=host, port=port, store=store, hosts=hosts, gateways=gateways, address=address
    )
    try:
        code = importlib.import_module("gateway.up").run(options)
    except ConfigError as error:
        _fail(str(error))
    raise typer.Exit(code or 0)


@app.command()
def check(file: ConfigFile) -> None:
    """Print every mistake of a configuration; exit 1 if any."""
    from gateway.config import load, mistakes

    found = mistakes(file)
    for mistake in found:
        typer.echo(_report(file, mistake))
    errors = sum(not mistake.warning for mistake in found)
    if errors:
        raise typer.Exit(1)
    settings = load(file)
    counts = (
        _counted(len(settings.bots), "bot"),
        _counted(len(settings.agents), "agent"),
        _counted(len(settings.quick_replies), "quick reply", "quick replies"),
        _counted(len(found), "warning"),
    )
    typer.echo(f"ok: {', '.join(counts)}")


@app.command("hash-password")
def hash_password() -> None:
    """Read a password and print its argon2id hash."""
    from gateway import passwords

    if sys.stdin is not None and sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt="Again", err=True)
    else:
        password = _piped_line()
    try:
        typer.echo(passwords.hash(password))
    except ValueError as error:
        _fail(str(error))


@app.command()
def status(address: RunningOption = None, data: DataOption = Path("data")) -> None:
    """Show what runs; exit 1 if something is down."""
    raise typer.Exit(importlib.import_module("gateway.status").run(address, data) or 0)


@app.command()
def export(
    conversation: Annotated[str, typer.Option("--conversation", metavar="ID", help="One conversation.")] = "",
    closed_before: Annotated[
        str, typer.Option("--closed-before", metavar="DATE", help="All that were closed before it, UTC.")
    ] = "",
    config: ConfigOption = None,
    data: DataOption = Path("data"),
    store: StoreOption = None,
) -> None:
    """Print conversations as JSON, one event a line. The system may run meanwhile."""
    from gateway.config import ConfigError

    if bool(conversation) == bool(closed_before):
        _fail("say either --conversation ID or --closed-before DATE")
    _need_store(store)
    if sys.stdout is None:
        _fail("there is no standard output to export to")
    try:
        importlib.import_module("gateway.export").run(
            config, data, store, conversation, closed_before, sys.stdout.buffer
        )
    except (ConfigError, ValueError, LookupError) as error:
        _fail(str(error))


@app.command("compile")
def compile_modules(
    remove: Annotated[bool, typer.Option("--remove", help="Go back to the sources.")] = False,
) -> None:
    """Compile what every message passes through: a minute or two, and it costs a tenth less CPU, or more."""
    raise typer.Exit(importlib.import_module("gateway.machine_code.command").run(remove))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)
def bench(context: typer.Context, name: BenchName = "") -> None:
    """Run a benchmark; --json ends with one line of JSON."""
    known = _benchmarks()
    if not name:
        _fail(f"say which: {', '.join(known) or 'there is none'}")
    if name.replace("-", "_") not in known:
        _fail(f'there is no benchmark "{name}"; there are: {", ".join(known) or "none"}')
    code = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").main(context.args)
    raise typer.Exit(code or 0)


def main() -> None:
    """The entry point. An output that takes no more is said in a sentence, like anything else."""
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except OSError as why:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python would try once more when it ends, and complain itself
        gone = why.errno == errno.EPIPE  # whoever has read enough need not be told
        sys.exit(1 if gone else f"livesupport: {why.filename or 'standard output'}: {why.strerror or why}")


def _need_store(store: str | None) -> None:
    from actors.faults import store_faults

    for fault in store_faults(store) if store else ():
        _fail(f"--store: {fault.message}")


def _piped_line() -> str:
    """The first line of standard input. What no browser could send again is refused."""
    if sys.stdin is None:
        _fail("there is no standard input to read a password from")
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode()
    except UnicodeError:
        _fail("a password is UTF-8 text, and this is not")
    return line


def _benchmarks() -> list[str]:
    """The modules of benchmarks/ that can be run, by name: those that have a `main`. None of them is imported."""
    package: Any = importlib.import_module("benchmarks")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    specs = {name: importlib.util.find_spec(f"benchmarks.{name}") for name in names if not name.startswith("_")}
    return [
        name for name, spec in specs.items() if spec and spec.origin and _MAIN.search(Path(spec.origin).read_text())
    ]


def _report(file: Path, mistake: "Mistake") -> str:
    return f"{file}:{mistake.line}: {mistake.place}: {'warning: ' if mistake.warning else ''}{mistake.message}"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    main()
