"""What the command line asks of ``up``, and the settings that follow from it."""

from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from actors.settings import Settings
from gateway import config


@dataclass(frozen=True, kw_only=True)
class UpOptions:
    """The options of ``livesupport up``; None leaves a setting as the configuration has it."""

    config: Path | None = None
    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    store: str | None = None
    hosts: int | None = None
    gateways: int | None = None
    address: str | None = None


def configured(options: UpOptions) -> tuple[Settings, dict[str, str]]:
    """The settings to start with, options applied, and the demo's passwords by e-mail, if it is the demo.

    Raises ConfigError when the configuration has a mistake.
    """
    words: dict[str, str] = {}
    if options.config is None:
        settings, words = config.demo(options.data)
    else:
        settings = config.load(options.config)
    runtime, store = settings.runtime, settings.store
    runtime = replace(runtime, hosts=options.hosts or runtime.hosts, gateways=options.gateways or runtime.gateways)
    return replace(settings, runtime=runtime, store=replace(store, url=options.store or store.url)), words


def shown(url: str) -> str:
    """The store's address for people's eyes: without the password that it may hold."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def absolute(url: str, data: Path) -> str:
    """The store's address, a relative path of SQLite taken from the data directory."""
    path = url.removeprefix("sqlite:///")
    return url if path == url or path.startswith("/") else f"sqlite:///{data / path}"
